"""What a measure is: a few numbers from each seed, and how seeds are pooled into one estimate.

A worker keeps only these numbers of a run, so twenty seeds of a large city cost no memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.facts.view import Missing, View, Views

Floats = NDArray[np.float64]
Collect = Callable[[Views], ArrayLike]
Pool = Callable[[Floats], float]

RESAMPLES = 500


@dataclass(frozen=True)
class Measure:
    """`collect` gives one row of numbers per seed; `pool` turns the rows (seeds, k) into the
    estimate."""

    name: str
    designs: tuple[str, ...]
    collect: Collect
    pool: Pool

    def rows(self, views: Views) -> Floats:
        """This seed's numbers; raises Missing where a run or a column isn't there."""
        lacking = [design for design in self.designs if design not in views]
        if lacking:
            raise Missing(f"needs the run {', '.join(lacking)}")
        return np.atleast_1d(np.asarray(self.collect(views), dtype=np.float64))


MEASURES: dict[str, Measure] = {}


def measure(pool: Pool, *designs: str, name: str = "") -> Callable[[Collect], Collect]:
    """Register the decorated function (of `Views`) under its own name, with how seeds are
    pooled."""

    def register(collect: Collect) -> Collect:
        label = name or getattr(collect, "__name__", "")
        if label in MEASURES:
            raise ValueError(f"measure {label} is defined twice")
        MEASURES[label] = Measure(label, designs or ("plain",), collect, pool)
        return collect

    return register


def plain(views: Views) -> View:
    """The ordinary run of the seed."""
    return views["plain"]


# --- ways of pooling: each takes (seeds, k) and gives one number -------------------------------


def mean(rows: Floats) -> float:
    """Mean of the first column over seeds that have it."""
    values = rows[:, 0]
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def ratio(rows: Floats) -> float:
    """Sum of the first column over sum of the second."""
    top, bottom = rows[:, 0].sum(), rows[:, 1].sum()
    return float(top / bottom) if bottom > 0 else float("nan")


def rates_ratio(rows: Floats) -> float:
    """(sum a / sum b) / (sum c / sum d)."""
    a, b, c, d = rows.sum(axis=0)[:4]
    return float((a * d) / (b * c)) if b > 0 and c > 0 else float("nan")


def interval(pool: Pool, rows: Floats, pooled: bool, seed: int = 0) -> tuple[float, float]:
    """90 % interval: of the pooled estimate by resampling seeds, or the middle 90 % of single
    seeds."""
    if len(rows) < 2:
        return float("nan"), float("nan")
    if pooled:
        rng = np.random.default_rng(seed)
        picks = rng.integers(0, len(rows), size=(RESAMPLES, len(rows)))
        values = np.array([pool(rows[pick]) for pick in picks])
    else:
        values = np.array([pool(row[None, :]) for row in rows])
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)
