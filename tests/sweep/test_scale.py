"""What a sweep costs beyond its runs: processor time, the client's memory, opening large results.

Sizes are those of the promise; smaller ones for a quick look: PEEL_TEST_SCALE=0.1.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCALE = float(os.environ.get("PEEL_TEST_SCALE", "1"))
WORK = """
import json, resource, sys, time
from experiments.sweep import design, drive
from tests.sweep.fake import Fake, Wide

if __name__ == "__main__":
    folder, runs, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    asked = design.built({"base": "village", "run": {"years": 0.1, "burn_in_years": 0.1},
                          "replicates": runs})
    began = time.monotonic()
    out = drive.sweep(asked, folder, workers=2, runner=Wide(seconds=seconds, busy=seconds > 0))
    spent = resource.getrusage(resource.RUSAGE_SELF)
    # ru_maxrss would count the tests' own process, from which this one was forked
    peak_kb = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({
        "fresh": out.fresh, "wall": time.monotonic() - began,
        "client_cpu": spent.ru_utime + spent.ru_stime,
        "worker_cpu": children.ru_utime + children.ru_stime,
        "client_mb": peak_kb / 1e3,
    }))
"""


def measured(tmp_path, runs, seconds):
    """A sweep of stand-ins with tables as wide as the engine's, in a process of its own."""
    (tmp_path / "work.py").write_text(WORK)
    here = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    words = [str(tmp_path / f"out-{runs}"), str(runs), str(seconds)]
    done = subprocess.run(
        [sys.executable, str(tmp_path / "work.py"), *words],
        env={**os.environ, "PYTHONPATH": here},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    print(runs, "runs of", seconds, "s:", told)
    assert told["fresh"] == runs
    return told


@pytest.mark.long
def test_many_short_runs_cost_little_more_than_themselves(tmp_path):
    runs, seconds = round(10_000 * SCALE), 0.02
    told = measured(tmp_path, runs, seconds)
    # processor time, as other work on this machine would make the clock on the wall unfair
    ratio = (told["client_cpu"] + told["worker_cpu"]) / (runs * seconds)
    print("processor time over pure compute:", ratio)
    assert ratio <= 1.3


@pytest.mark.long
def test_the_clients_memory_does_not_grow_with_the_number_of_runs(tmp_path):
    few = measured(tmp_path, round(1_000 * SCALE), 0.0)
    many = measured(tmp_path, round(100_000 * SCALE), 0.0)
    assert many["client_mb"] < 500 and many["client_mb"] < few["client_mb"] + 100


READ = """
import json, sys, time
import experiments

if __name__ == "__main__":
    sweep = experiments.load(sys.argv[1])
    began = time.process_time(), time.perf_counter()
    runs = sweep.runs
    seconds = time.process_time() - began[0]  # all threads: no less than an idle machine takes
    peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1e3
    print(json.dumps({"rows": len(runs), "columns": runs.shape[1], "seconds": seconds,
                      "wall": time.perf_counter() - began[1], "peak_mb": peak}))
"""


@pytest.mark.long
def test_a_million_runs_of_sixty_columns_open_in_seconds(tmp_path):
    import pyarrow as pa

    from experiments.sweep import design, store

    runs, columns, each = round(1_000_000 * SCALE), 60, 1000
    asked = design.built({"base": "village", "replicates": runs})
    folder = tmp_path / "out"
    store.begin(asked, folder, resume=False)
    luck = np.random.default_rng(1)
    outs = {f"out.x{k}": luck.random(each) for k in range(columns)}
    text = pa.array([""] * each)
    for chunk in range(runs // each):
        numbers = np.arange(chunk * each, (chunk + 1) * each)
        head = {
            "run": numbers, "id": pa.array([f"{n:032x}" for n in numbers.tolist()]),
            "point": np.zeros(each, dtype=np.int64), "seed": numbers + 1,
            "status": pa.array(["ok"] * each), "error": text, "event_log_hash": text,
        }  # fmt: skip
        name = store.part_name(f"made-{chunk:06d}", 0, each, 0)
        store.write(pa.table({**head, **outs}), folder / "runs" / store.subfolder(chunk) / name)
    (tmp_path / "read.py").write_text(READ)
    here = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, str(tmp_path / "read.py"), str(folder)],
        env={**os.environ, "PYTHONPATH": here}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    print(told)
    assert told["rows"] == runs // each * each
    assert told["seconds"] < 10 and told["peak_mb"] < 2000
