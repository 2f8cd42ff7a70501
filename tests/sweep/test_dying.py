"""What a sweep lives through: runs that fail, hang or kill, dead workers, full disks, signals."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

import experiments
from experiments.sweep import chunk, design, drive, store
from sim.errors import RunFailed
from tests.sweep.fake import Fake, design_text
from tests.sweep.here import begun, end, results, run, until


def test_failures_are_rows_and_the_sweep_goes_on(tmp_path, asked, peel):
    folder = run(asked, tmp_path / "out", Fake(fails=(3, 5)))
    sweep = experiments.load(folder)
    assert sweep.complete and len(sweep.failures) == 8 and len(sweep.finished) == 32
    assert "a hazard beyond the last layer" in sweep.failures["error"].iloc[0]
    assert sweep.failures["reproduce"].iloc[0].startswith("peel sweep one ")
    assert (sweep.failures["seed"].isin([3, 5])).all()
    assert drive.sweep(asked, folder, resume=True, on="here", runner=Fake()).fresh == 0
    again = drive.sweep(asked, folder, resume=True, retry_failed=True, on="here", runner=Fake())
    assert again.fresh == 8 and again.failed == 0
    after = experiments.load(folder)
    assert after.failures.empty and len(after.runs) == 40


def test_a_run_that_hangs_is_given_up_and_the_others_are_not(tmp_path, asked, monkeypatch):
    monkeypatch.setattr(drive, "timeout_seconds", lambda *_: 1.0)
    folder = run(asked, tmp_path / "out", Fake(hangs=(4,)), workers=2)
    sweep = experiments.load(folder)
    assert sweep.complete and set(sweep.failures["seed"]) == {4} and len(sweep.failures) == 4
    assert "TimeoutError: not finished after" in sweep.failures["error"].iloc[0]


def test_workers_that_die_are_replaced(tmp_path, asked, reference):
    notes = tmp_path / "notes"
    notes.mkdir()
    folder = run(asked, tmp_path / "once", Fake(notes=str(notes), dies_once=(2,)), workers=2)
    assert results(folder) == reference


@pytest.mark.long
def test_a_run_that_kills_its_workers_is_given_up(tmp_path, asked):
    folder = run(asked, tmp_path / "always", Fake(dies=(6,)), workers=2)
    sweep = experiments.load(folder)
    assert sweep.complete and set(sweep.failures["seed"]) == {6}
    assert f"died {chunk.TRIES} times" in sweep.failures["error"].iloc[0]


def test_a_full_disk_ends_it_and_what_is_there_stays(tmp_path, asked, reference):
    folder = tmp_path / "out"
    store.begin(asked, folder, resume=False)
    (folder / "runs").write_text("no folder can be made here")  # as root, modes forbid nothing
    with pytest.raises(RunFailed, match="can't keep results"):
        run(asked, folder, Fake(), resume=True)
    (folder / "runs").unlink()
    assert results(run(asked, folder, Fake(), resume=True)) == reference


def test_ctrl_c_keeps_what_is_done(tmp_path, asked, reference):
    process = begun(tmp_path, "Fake(seconds=0.25)")
    try:
        until(lambda: list((tmp_path / "out").glob("runs/*/*.parquet")))
        time.sleep(0.6)  # something finished and not yet flushed
        os.killpg(process.pid, signal.SIGINT)
        told = process.communicate(timeout=30)[1]
    finally:
        end(process)
    assert process.returncode == 130, told
    assert "Traceback" not in told and "--resume" in told
    kept = experiments.load(tmp_path / "out")
    assert 0 < len(kept.runs) < 40
    run(asked, tmp_path / "out", Fake(), resume=True)
    assert results(tmp_path / "out") == reference


def test_sigterm_keeps_what_is_finished_to_the_last_run(tmp_path, asked, reference):
    (tmp_path / "notes").mkdir()
    process = begun(tmp_path, f"Fake(seconds=0.25, notes={str(tmp_path / 'notes')!r})")
    try:
        until(lambda: len(list((tmp_path / "notes").glob("run*"))) >= 6)
        process.send_signal(signal.SIGTERM)  # as a batch system does, to the client alone
        told = process.communicate(timeout=30)[1]
    finally:
        end(process)
    assert process.returncode == 143, told
    begun_runs = len(list((tmp_path / "notes").glob("run*")))
    assert len(experiments.load(tmp_path / "out").runs) >= begun_runs - 2  # two were under way
    run(asked, tmp_path / "out", Fake(), resume=True)
    assert results(tmp_path / "out") == reference


KILLS = int(os.environ.get("PEEL_TEST_KILLS", "50"))


def workers_of(process):
    """Worker processes of a client, spawned by multiprocessing."""
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        named = [(int(c), Path(f"/proc/{c}/cmdline").read_bytes()) for c in children]
    except OSError:
        return []
    return [pid for pid, words in named if b"spawn_main" in words]


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find workers")
def test_fifty_random_kills_lose_and_double_nothing(tmp_path):
    (tmp_path / "notes").mkdir()
    runner = f"Fake(seconds=0.1, notes={str(tmp_path / 'notes')!r})"
    luck = np.random.default_rng(5)
    kills = clients = 0
    process = begun(tmp_path, runner, 150)
    out = tmp_path / "out"

    def progress():
        return sum(p.stat().st_size for p in (tmp_path / "notes").glob("run*"))

    try:
        while kills < KILLS:
            if process.poll() is not None:
                assert process.returncode != 0, "it finished before it was killed often enough"
                end(process)
                process = begun(tmp_path, runner, 150, "out", *resumed(out))
            before, wanted = progress(), int(luck.integers(1, 6))
            until(
                lambda b=before, w=wanted, p=process: progress() >= b + w or p.poll() is not None,
                seconds=300,
            )
            time.sleep(float(luck.uniform(0.0, 0.2)))
            workers = workers_of(process)
            victim = process.pid
            if workers and luck.random() < 0.6:
                victim = int(luck.choice(workers))
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills += 1
            if victim == process.pid:
                clients += 1
                process.communicate()
    finally:
        end(process)
    assert KILLS / 5 <= clients <= KILLS * 4 / 5
    (tmp_path / "design.toml").write_text(design_text(150))
    asked = design.read(tmp_path / "design.toml")
    last = drive.sweep(asked, out, workers=2, resume=True, runner=Fake())
    assert last.complete and last.failed == 0
    assert results(out) == results(run(asked, tmp_path / "reference", Fake()))


def resumed(out):
    return ["--resume"] if (out / store.MANIFEST).exists() else []
