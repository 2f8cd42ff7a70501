"""Dask, Slurm and job arrays: the same bytes as on this machine, whatever is killed on the way."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import experiments
from experiments.sweep import cluster_table, design, drive, shards, store
from experiments.sweep.compacting import compact
from sim.errors import UserError
from tests.sweep.fake import Fake, design_text
from tests.sweep.slurm_box import SlurmBox, lacking

ROOT = Path(__file__).resolve().parents[2]
VILLAGE = """
name = "village on Slurm"
base = "village"
method = "latin"
points = 25
replicates = 4

[run]
years = 0.25
burn_in_years = 0.25

[[factor]]
vary = "weight_rivalry"

[[factor]]
vary = "policy.gang_fellowship"
cross = true

[cluster]
jobs = 3
memory = "1500MB"
time = "00:30:00"
"""


def results(folder):
    compact(folder)
    return (folder / store.RESULTS).read_bytes()


def until(done, seconds=120.0):
    end = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


def test_any_dask_cluster(tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs the cluster extra")
    (tmp_path / "design.toml").write_text(design_text(replicates=5))
    asked = design.read(tmp_path / "design.toml")
    drive.sweep(asked, tmp_path / "here", on="here", runner=Fake())
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as there:
        outcome = drive.sweep(
            asked, tmp_path / "dask", on=there.scheduler_address, runner=Fake(fails=(99,))
        )
    assert outcome.complete and outcome.fresh == 20
    assert results(tmp_path / "dask") == results(tmp_path / "here")


def test_where_nobody_listens(tmp_path):
    pytest.importorskip("distributed", reason="needs the cluster extra")
    (tmp_path / "design.toml").write_text(design_text(replicates=1))
    asked = design.read(tmp_path / "design.toml")
    with pytest.raises(UserError, match="no Dask scheduler"):
        drive.sweep(asked, tmp_path / "out", on="carrier-pigeon://loft:1", runner=Fake())


def test_times_are_read_as_slurm_reads_them():
    forms = {"90": 90, "1:30": 1.5, "02:00:00": 120, "1-12": 2160, "1-01:30": 1530, "0-0:0:30": 0.5}
    for text, minutes in forms.items():
        assert cluster_table.minutes(text, "x") == minutes


def test_the_array_script_asks_for_what_the_table_says(tmp_path, peel):
    (tmp_path / "design.toml").write_text(
        design_text() + '[cluster]\npartition = "short"\naccount = "violence"\ntime = "02:00:00"\n'
        'modules = ["python/3.11"]\ndirectives = ["--qos=low"]\n'
    )
    said = peel("sweep", tmp_path / "design.toml", "--out", tmp_path / "out", "--shards", 20)
    assert said.code == 0
    text = (tmp_path / "out" / shards.SCRIPT).read_text()
    for line in ("--array=0-19", "--partition=short", "--account=violence", "--time=02:00:00",
                 "--qos=low", "--signal=B:USR1@120", "--requeue"):  # fmt: skip
        assert f"#SBATCH {line}\n" in text
    assert "\nmodule load python/3.11\n" in text and "NUMBA_NUM_THREADS=1" in text
    assert re.search(r"#SBATCH --mem=\d+M\n", text)
    assert subprocess.run(["bash", "-n", str(tmp_path / "out" / shards.SCRIPT)]).returncode == 0


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    if why := lacking():
        pytest.skip(why)
    with SlurmBox(tmp_path_factory.mktemp("slurm")) as box:
        yield box


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """200 runs of the village on this machine: the folder's design file, and the results."""
    folder = tmp_path_factory.mktemp("village")
    (folder / "village.toml").write_text(VILLAGE)
    drive.sweep(design.read(folder / "village.toml"), folder / "local", workers=2)
    return folder / "village.toml", results(folder / "local")


def peel_on(box, *words):
    here = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", "sweep", *map(str, words)],
        env={**box.env, "PYTHONPATH": here},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def rows(folder):
    return sum(part.rows for part in store.parts(folder))


def dask_worker_of(job, box):
    """The process that runs chunks in a job: the child of its Dask nanny."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            env = (entry / "environ").read_bytes().split(b"\0")
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if f"SLURM_JOB_ID={job}".encode() in env and b"spawn_main" in words:
            return int(entry.name)
    return None


@pytest.mark.long
def test_slurm_with_a_job_cancelled_and_a_worker_killed(tmp_path, slurm, undisturbed):
    pytest.importorskip("dask_jobqueue", reason="needs the cluster extra")
    path, reference = undisturbed
    out = tmp_path / "out"
    process = peel_on(slurm, path, "--out", out, "--on", "slurm")
    try:
        until(lambda: len(slurm.jobs()) >= 2 or process.poll() is not None)
        until(lambda: rows(out) >= 1 or process.poll() is not None)
        victim = until(lambda: dask_worker_of(slurm.jobs()[0], slurm))
        os.kill(victim, signal.SIGKILL)
        slurm.run("scancel", slurm.jobs()[-1])
        assert rows(out) < 200
        told = process.communicate(timeout=400)[0]
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert process.returncode == 0, told
    sweep = experiments.load(out)
    assert sweep.complete and len(sweep.runs) == 200 and sweep.failures.empty
    assert results(out) == reference


@pytest.mark.long
def test_a_job_array_with_tasks_cancelled_is_submitted_again(tmp_path, slurm):
    path, out = tmp_path / "array.toml", tmp_path / "out"
    # longer runs than above, so that a task lasts long enough to be cancelled
    path.write_text(
        VILLAGE.replace("years = 0.25", "years = 4.0").replace("replicates = 4", "replicates = 1")
    )
    drive.sweep(design.read(path), tmp_path / "here", on="here")
    reference = results(tmp_path / "here")
    made = peel_on(slurm, path, "--out", out, "--shards", 4)
    told = made.communicate(timeout=120)[0]
    assert made.returncode == 0, told
    script = str(out / shards.SCRIPT)
    slurm.run("sbatch", script)
    running = lambda: slurm.run("squeue", "-h", "-r", "-t", "R", "-o", "%i").split()  # noqa: E731
    cancelled, warned = until(lambda: len(running()) >= 2 and running()[:2])
    until(lambda: rows(out) >= 1)
    slurm.run("scancel", cancelled)
    slurm.run("scancel", "--batch", "--signal=USR1", warned)  # as the time limit would
    # that one keeps what it has and waits for its turn again; the cancelled one is gone
    until(lambda: warned in slurm.run("squeue", "-h", "-r", "-t", "PD", "-o", "%i").split())
    assert cancelled not in slurm.run("squeue", "-h", "-r", "-t", "PD", "-o", "%i").split()
    slurm.run("scontrol", "update", f"JobId={warned}", "StartTime=now")
    until(lambda: not slurm.run("squeue", "-h").strip(), seconds=400)
    kept = len(experiments.load(out).runs)
    assert 25 <= kept < 50, told
    slurm.run("sbatch", script)
    until(lambda: not slurm.run("squeue", "-h").strip(), seconds=400)
    logs = "\n".join(log.read_text() for log in (out / "logs").glob("*.log"))
    assert experiments.load(out).complete, logs
    assert results(out) == reference
