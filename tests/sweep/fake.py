"""A stand-in for the engine: a city's life in a few numbers, at once or after so many seconds.

What it leaves depends only on scenario and seed. `notes` is a folder in which it counts burn-ins
and runs; `hangs`, `fails`, `dies` are seeds at which a run never ends, raises, or kills its process
(`dies_once`: only the first time).
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

DESIGN = """
name = "fake"
base = "village"
method = "grid"
replicates = {replicates}
keep = {keep}
[run]
years = 0.2
burn_in_years = 0.1
[[factor]]
vary = "weight_rivalry"
values = [0.5, 1.0]
[[factor]]
vary = "policy.gang_fellowship"
"""


def design_text(replicates: int = 10, keep: str = "[]") -> str:
    return DESIGN.format(replicates=replicates, keep=keep)


@dataclass(frozen=True)
class Fake:
    seconds: float = 0.0
    burn_seconds: float = 0.0
    notes: str = ""
    fails: tuple[int, ...] = ()
    hangs: tuple[int, ...] = ()
    dies: tuple[int, ...] = ()
    dies_once: tuple[int, ...] = ()
    busy: bool = False
    """Compute rather than sleep."""

    def warm(self) -> None:
        pass

    def burn_in(self, scenario: Any, seed: int, keep: bool) -> Any:
        self._note(f"burn-in {scenario.burn_in_hash(seed)}")
        time.sleep(self.burn_seconds)
        return SimpleNamespace(seed=seed, past=scenario.burn_in_hash(seed))

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any:
        assert burnt.past == scenario.burn_in_hash(seed)
        name = scenario.hash(seed)
        again = self._note(f"run {name}")
        if seed in self.fails:
            raise ArithmeticError("a hazard beyond the last layer")
        if seed in self.dies or (seed in self.dies_once and not again):
            os.kill(os.getpid(), signal.SIGKILL)
        while seed in self.hangs:
            time.sleep(0.05)
        self._pass()
        return result(name)

    def _pass(self) -> None:
        if not self.busy:
            time.sleep(self.seconds)
            return
        end = time.process_time() + self.seconds
        while time.process_time() < end:
            sum(range(2000))

    def _note(self, what: str) -> bool:
        """Count it; was it there before?"""
        if not self.notes:
            return False
        path = Path(self.notes) / what
        before = path.exists()
        with open(path, "a") as file:
            file.write("x")
        return before


def result(name: str) -> Any:
    rng = np.random.default_rng(int(name[:12], 16))
    weeks = 4
    weekly = pd.DataFrame(
        {
            "week": np.arange(weeks),
            "day": np.arange(weeks) * 7,
            "homicides": rng.poisson(2.0, weeks),
            "persons_shot": rng.poisson(5.0, weeks),
            "legitimacy": rng.random(weeks),
        }
    )
    return SimpleNamespace(
        weekly=weekly,
        recorded=None,
        summary={},
        events=pd.DataFrame({"id": rng.integers(1 << 40, size=3), "day": [0, 1, 2]}),
        event_log_hash=hashlib.blake2b(name.encode(), digest_size=8).hexdigest(),
    )


class Wide(Fake):
    """Tables as wide as the engine's, since summing them up is what a short run pays for."""

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any:
        self._pass()
        made = result(scenario.hash(seed))
        return SimpleNamespace(**{**vars(made), "weekly": WIDE})


WIDE = pd.DataFrame(
    {f"count_{k}": np.arange(52) * k for k in range(55)}
    | {f"level_{k}": np.arange(52) / (k + 1) for k in range(25)}
)
