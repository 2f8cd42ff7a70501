"""A stand-in for the engine whose figures follow from parameters by known rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

PEOPLE = 100_000


class Clockwork:
    """Runs whose level, lethality, clearance and season are simple functions of parameters."""

    def warm(self) -> None: ...

    def burn_in(self, scenario: Any, seed: int) -> Any:
        return None

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any:
        p = scenario.values()
        rng = np.random.default_rng(seed)
        first = np.datetime64(scenario.start, "D")
        dates = first + np.arange(scenario.days)
        wave = 1.0 + p["season_amplitude"] * np.cos(
            2 * np.pi * ((dates - dates.astype("datetime64[Y]")).astype(int) - 200) / 365.25
        )
        # enough events that a summer's share is known to a few hundredths
        day = np.repeat(np.arange(scenario.days), rng.poisson(wave * p["dispute_rate"] / 400.0))
        n = len(day)
        fatal = rng.random(n) < p["lethality"]
        late = np.where(fatal, 1.0, p["priority_nonfatal"] ** 0.5)
        cleared = rng.random(n) < 1.0 - np.exp(-0.5 * p["clearance_factor"] * late)
        place = rng.choice(60, size=n, p=(w := 1.0 / np.arange(1, 61)) / w.sum())
        where = np.random.default_rng(3).uniform(0.0, 9000.0, (60, 2))[place]
        events = pd.DataFrame(
            {
                "kind": "shooting",
                "day": day,
                "x_m": where[:, 0] + rng.normal(0, 60, n),
                "y_m": where[:, 1] + rng.normal(0, 60, n),
                "fatal": fatal,
                "cleared_day": np.where(cleared, day + 1, -1),
                "target_group": "resident",
            }
        )
        return SimpleNamespace(
            events=events, residents=PEOPLE, geography=SimpleNamespace(group_names=["resident"])
        )
