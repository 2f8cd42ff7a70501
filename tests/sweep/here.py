"""Running a sweep on this machine, in this process or as the command in one of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from experiments.sweep import drive, store
from experiments.sweep.compacting import compact
from tests.sweep.fake import design_text

SCRIPT = """
import sys
from experiments import cli, sweep_cli
from tests.sweep.fake import Fake

if __name__ == "__main__":
    sweep_cli.RUNNER = eval(sys.argv[1])
    sys.exit(cli.main(sys.argv[2:]))
"""
ROOT = Path(__file__).resolve().parents[2]


def run(asked, folder, runner, **options):
    """In this process, unless told how many workers."""
    where = "local" if "workers" in options else "here"
    drive.sweep(asked, folder, on=where, runner=runner, **options)
    return folder


def results(folder):
    compact(folder)
    return (folder / store.RESULTS).read_bytes()


def until(done, seconds=60.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def begun(tmp_path, runner, replicates=10, out="out", *words):
    """`peel sweep` in a process group of its own."""
    (tmp_path / "design.toml").write_text(design_text(replicates))
    (tmp_path / "script.py").write_text(SCRIPT)
    here = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    command = ["sweep", str(tmp_path / "design.toml"), "--out", str(tmp_path / out), *words]
    return subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py"), runner, *command, "--workers", "2"],
        env={**os.environ, "PYTHONPATH": here},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
