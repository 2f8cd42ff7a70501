"""The same sources interpreted, in another process: what compiling adds, and looking ahead, is speed alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sim.run import run
from tests.contracts.lively import lively, weeks

ROOT = Path(__file__).resolve().parents[2]


def test_python_and_compiled_code_agree() -> None:
    """The same sources interpreted (NUMBA_DISABLE_JIT=1) in another process."""
    told = _in_another_process({"NUMBA_DISABLE_JIT": "1"})
    mine = outcome_of_the_tiny_city()
    assert mine["shooting"] > 0, "no shooting to compare: choose another seed"
    assert told == mine


def test_how_far_ahead_processes_look_does_not_matter() -> None:
    """Two candidates at a time instead of all of a small city's day, and one ahead instead of sixteen."""
    few = {"STRETCH": 2, "AHEAD": 1, "WAITING": 1}
    told = _in_another_process({"NUMBA_DISABLE_JIT": "1"}, few)
    assert told == outcome_of_the_tiny_city()


def set_everywhere(values: dict[str, int]) -> int:
    """Constants of this name in every module of the engine (interpreted only); how many there were."""
    found = 0
    for name, module in sorted(sys.modules.items()):
        for constant in values if name.startswith("sim.") else ():
            if hasattr(module, constant):
                setattr(module, constant, values[constant])
                found += 1
    return found


def outcome_of_the_tiny_city() -> dict[str, object]:
    """Half a year of 400 residents: the hash, and what it counted."""
    result = run(lively(city="synthetic:400", years=weeks(26), burn_in_years=weeks(13)), 4)
    events = result.events
    means = result.recorder.by_people[-1]
    return {
        "hash": result.event_log_hash,
        "shooting": int((events["kind"] == "shooting").sum()),
        "totals": result.totals,
        "means": means.tolist(),
    }


def _in_another_process(
    environment: dict[str, str], constants: dict[str, int] | None = None
) -> dict[str, object]:
    text = (
        "import json; from tests.contracts import test_interpreted as t;"
        f"assert t.set_everywhere({constants or {}!r}) >= {3 * len(constants or {})};"
        "print(json.dumps(t.outcome_of_the_tiny_city()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=ROOT,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
