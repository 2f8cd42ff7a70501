"""Ctrl-C and kill -9 on a running comparison: what finished stays; workers end too."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_city import FakeRunner, scenario

from experiments.comparing import compare
from experiments.comparison import Comparison
from sim.scenario import PolicyEntry, Scenario

SCRIPT = """
import sys
from fake_city import FakeRunner
from experiments import cli, comparing

if __name__ == "__main__":
    if sys.argv[1] != "engine":
        comparing.Engine = lambda: FakeRunner(seconds=0.6, notes=sys.argv[1])
    sys.exit(cli.main(sys.argv[2:]))
"""


def begun(tmp_path, arms, runner):
    """`peel compare` of two arms and 10 seeds on two workers, once two pairs may have finished."""
    files = []
    for arm in arms:
        path = tmp_path / f"{arm.name}.toml"
        path.write_text(arm.to_toml())
        files.append(str(path))
    (tmp_path / "script.py").write_text(SCRIPT)
    out = tmp_path / "out"
    here = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    words = ["compare", *files, "--workers", "2", "--replicates", "10", "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py"), runner, *words],
        env={**os.environ, "PYTHONPATH": here},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    runs = out / "runs"
    until(lambda: len(list(runs.glob("*.zip"))) >= 4 or process.poll() is not None, seconds=300)
    return process, out


@pytest.fixture
def running(tmp_path):
    (tmp_path / "notes").mkdir()
    arms = [scenario(name, years=0.5) for name in ("baseline", "fellowship")]
    process, out = begun(tmp_path, arms, str(tmp_path / "notes"))
    yield process, out
    end(process)


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stderr.close()


def until(done, seconds=60.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def group_is_empty(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_ctrl_c_keeps_what_finished(running):
    process, out = running
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: parent and workers alike
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 130, told
    assert "Traceback" not in told and "--resume" in told
    until(lambda: group_is_empty(process.pid))
    check_and_complete(out, FakeRunner())


@pytest.mark.long
def test_ctrl_c_on_the_engine_itself(tmp_path):
    small = Scenario(city="synthetic:10000", years=2.0, burn_in_years=0.25, name="as it is")
    fellowship = dataclasses.replace(
        small, name="fellowship", policies=(PolicyEntry("gang_fellowship"),)
    )
    process, out = begun(tmp_path, [small, fellowship], "engine")
    try:
        os.killpg(process.pid, signal.SIGINT)
        told = process.communicate(timeout=60)[1]
        assert process.returncode == 130, told
        until(lambda: group_is_empty(process.pid))
    finally:
        end(process)
    check_and_complete(out, None)


@pytest.mark.long
def test_a_killed_parent_takes_its_workers_along(running):
    process, out = running
    process.kill()
    process.wait()
    until(lambda: group_is_empty(process.pid))
    check_and_complete(out, FakeRunner())


def check_and_complete(out, runner):
    """Nothing half-written is taken for a run, and --resume completes the rest, to the same end."""
    partial = Comparison.load(out)
    kept = len(list((out / "runs").glob("*.zip")))
    assert 1 <= len(partial.seeds()) < 10 and kept < 20
    arms = [arm.scenario for arm in partial.plan.arms]
    whole = compare(arms, replicates=10, workers=1, out=out, resume=True, runner=runner)
    fresh = compare(arms, replicates=10, workers=1, runner=runner)
    assert whole.complete and whole.to_dict()["outcomes"] == fresh.to_dict()["outcomes"]
    assert not list((out / "runs").glob(".*"))
