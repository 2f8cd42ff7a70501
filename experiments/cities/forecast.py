"""The year held out: the model's forecast against the city's own figures and against naive ones.

Two forecasts that cost nothing: last year's value (persistence), and the mean of the fitted years.
A model that can't beat them on a figure has nothing to add there, and is said to lose. The model's
interval is that of a new run: the spread between seeds, as far as they can tell it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import t as student

from experiments.cities.figures import Figure
from experiments.cities.simulated import BY_DENSITY, pooled
from experiments.cities.targets import Targets

SHARES = ("share", "r")


@dataclass(frozen=True)
class Held:
    """One figure of the held-out year. Errors are absolute for shares, else |log ratio|."""

    figure: str
    part: str
    unit: str
    actual: float
    actual_low: float
    actual_high: float
    model: float
    low: float
    high: float
    """The model's 90 % interval for one year; NaN with fewer than 3 seeds."""
    persistence: float
    mean_of_years: float
    error: float
    error_persistence: float
    error_mean: float
    covered: bool | None
    """Whether the model's interval and the figure's own overlap."""
    note: str = ""

    @property
    def loses_to(self) -> list[str]:
        """The naive forecasts that came nearer."""
        rivals = {"persistence": self.error_persistence, "mean of years": self.error_mean}
        return [name for name, miss in rivals.items() if miss < self.error]

    def as_json(self) -> dict[str, Any]:
        """The keys of `peel validate --json`, and those of the forecast."""
        return {
            "fact": self.figure,
            "part": self.part,
            "value": self.model,
            "low": self.low,
            "high": self.high,
            "accept": [self.actual_low, self.actual_high],
            "pass": self.covered,
            "unit": self.unit,
            **{k: v for k, v in asdict(self).items() if k not in ("figure", "part", "low", "high")},
            "loses_to": self.loses_to,
        }


def held_out(targets: Targets, runs: Sequence[list[Figure]]) -> list[Held]:
    """Every figure of the held-out year; `runs` are the simulated year, one list per seed."""
    means = pooled(runs)
    out = []
    for one in targets.figures[targets.test]:
        mean, spread, seeds = means.get(one.key, (math.nan, math.nan, 0))
        out.append(_held(one, mean, spread, seeds, targets))
    return out


def _held(one: Figure, mean: float, spread: float, seeds: int, targets: Targets) -> Held:
    low = high = math.nan
    if seeds >= 3 and math.isfinite(spread):
        half = float(student.ppf(0.95, seeds - 1)) * spread * math.sqrt(1.0 + 1.0 / seeds)
        low, high = mean - half, mean + half
        if one.unit != "r":  # counts, rates, shares and ratios are never below 0
            low = max(low, 0.0)
    years = [str(year) for year in targets.years[:-1]]
    past = [targets.figure(year, *one.key) for year in years]
    values = [f.value for f in past if f is not None]
    last = values[-1] if past and past[-1] is not None else math.nan
    average = sum(values) / len(values) if values else math.nan
    covered: bool | None = None
    if math.isfinite(one.value) and math.isfinite(low):
        bottom = one.low if math.isfinite(one.low) else one.value
        top = one.high if math.isfinite(one.high) else one.value
        covered = bool(low <= top and high >= bottom)
    note = one.note if not math.isfinite(one.value) else ""
    if not note and not math.isfinite(mean):
        thin = targets.one_in != 1.0 and one.figure in BY_DENSITY
        note = "not told by a smaller copy" if thin else "the simulated year has none"
    errors = [_error(v, one) for v in (mean, last, average)]
    return Held(
        one.figure, one.part, one.unit, one.value, one.low, one.high, mean, low, high, last,
        average, errors[0], errors[1], errors[2], covered, note,
    )  # fmt: skip


def _error(value: float, one: Figure) -> float:
    if not (math.isfinite(value) and math.isfinite(one.value)):
        return math.nan
    if one.unit in SHARES:
        return abs(value - one.value)
    return abs(math.log(value / one.value)) if value > 0 and one.value > 0 else math.nan


def verdict(rows: Sequence[Held]) -> str:
    """In words: how many figures the interval covers, and where a naive forecast comes nearer."""
    judged = [row for row in rows if row.covered is not None]
    rivals = [row for row in rows if math.isfinite(row.error)]
    lost = [row for row in rivals if row.loses_to]
    text = (
        f"{sum(bool(r.covered) for r in judged)} of {len(judged)} figures of the held-out year lie"
        f" in the model's 90 % interval; a naive forecast comes nearer on {len(lost)} of"
        f" {len(rivals)}"
    )
    names = [f"{row.figure} {row.part}".strip() for row in lost]
    return f"{text}: {', '.join(names)}" if names else text
