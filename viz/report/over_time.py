"""How outcomes run over time: each arm with its band, and the paired difference from the
baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.comparison import Comparison
from experiments.outcomes import SHARES, Outcome, describe
from experiments.statistics import band
from viz.figures import Line, Picture, trajectory

PERIODS = (4, 13, 26)
"""Weeks that counts are summed over: the first that holds `ENOUGH` events a run on average."""
ENOUGH = 5.0
SHARE_WEEKS = 13
"""Shares need a quarter of a year at least, or ratios of three events jump about."""


@dataclass(frozen=True)
class Cube:
    """One weekly column of one arm as (seeds, periods), and the last day of each period."""

    values: NDArray[np.float64]
    day: NDArray[np.float64]
    weeks: int = 1
    """Length of a period."""


def pictures(comparison: Comparison, names: list[str]) -> list[Picture]:
    """One figure per outcome that has a weekly series."""
    drawn = (_picture(comparison, describe(name)) for name in names)
    return [picture for picture in drawn if picture is not None]


def starts(comparison: Comparison) -> list[tuple[float, str]]:
    """When policies and publicised incidents begin or end in the run: (day, words), merged by
    day."""
    marks: dict[int, list[str]] = {}
    for arm in comparison.plan.arms:
        for entry in arm.scenario.policies:
            title = entry.name.replace("_", " ")
            if entry.start > 0:
                marks.setdefault(entry.start, []).append(f"{title} starts")
            if entry.end is not None and 0 < entry.end < arm.scenario.days:
                marks.setdefault(entry.end, []).append(f"{title} ends")
        for one in arm.scenario.incidents:
            if one.day > 0:
                marks.setdefault(one.day, []).append("publicised incident")
    return [(float(day), "\n".join(dict.fromkeys(words))) for day, words in sorted(marks.items())]


def _picture(comparison: Comparison, outcome: Outcome) -> Picture | None:
    found = {arm: _cube(comparison, arm, outcome) for arm in comparison.arms}
    raw = {arm: cube for arm, cube in found.items() if cube is not None}
    if len(raw) < len(found):
        return None
    first = raw[comparison.baseline]
    weeks = _period(first, outcome)
    order = [comparison.baseline, *comparison.plan.others]
    if first.day.size // weeks < 2:
        return None
    lines = [
        _level(comparison, arm, raw[arm], outcome, weeks, k - 1) for k, arm in enumerate(order)
    ]
    differences = [
        _difference(arm, raw[arm], first, outcome, k)
        for k, arm in enumerate(comparison.plan.others)
    ]
    figure = trajectory(
        lines,
        differences,
        unit=_unit(outcome, weeks),
        difference_unit=_difference_unit(outcome),
        starts=starts(comparison),
        from_zero=outcome.count,
    )
    ends = "; ".join(
        f"{line.label} {line.mean[-1]:+.3g} (95 % interval {line.low[-1]:+.3g} to "
        f"{line.high[-1]:+.3g})"
        for line in differences
    )
    alt = (
        f"Line chart of {outcome.title} over time for {', '.join(order)}, with 95 % intervals, and "
        f"below it the difference from {comparison.baseline}. At the end of the run: {ends}."
    )
    title = outcome.title[0].upper() + outcome.title[1:]
    return Picture(f"time-{outcome.name}", figure, f"{title} over time", alt)


def _level(
    comparison: Comparison, arm: str, cube: Cube, outcome: Outcome, weeks: int, which: int
) -> Line:
    """An arm's level; a sum belongs to the middle of its period."""
    summed = _summed(cube, weeks)
    scale = _per_100k(comparison, weeks) if outcome.count else 1.0
    mean, low, high = band(summed.values * scale)
    middle = summed.day - (3.5 * weeks if outcome.count else 0.0)
    return Line(arm, middle / 365.0, mean, _floored(low, outcome), high, arm=which)


def _difference(arm: str, cube: Cube, base: Cube, outcome: Outcome, which: int) -> Line:
    """The paired difference; of counts, added up since the start, week by week."""
    gap = cube.values - base.values
    day = base.day
    if outcome.count or outcome.kind == "money":
        # the start itself, where nothing differs yet
        gap = np.concatenate([np.zeros((gap.shape[0], 1)), gap.cumsum(axis=1)], axis=1)
        day = np.concatenate([[0.0], day])
    return Line(arm, day / 365.0, *band(gap), arm=which)


def _period(cube: Cube, outcome: Outcome) -> int:
    """Weeks to sum over: counts and money only; levels stay as they are."""
    if outcome.kind == "money":
        return PERIODS[0]
    if not outcome.count:
        return 1
    weekly = float(cube.values.mean())
    longest = max([w for w in PERIODS if 4 * w <= cube.day.size], default=1)
    return next((w for w in PERIODS if w * weekly >= ENOUGH and w <= longest), longest)


def _floored(low: NDArray[np.float64], outcome: Outcome) -> NDArray[np.float64]:
    """A t interval of few events may reach below zero; the number of events can't."""
    return np.maximum(low, 0.0) if outcome.kind in ("count", "share") else low


def _cube(comparison: Comparison, arm: str, outcome: Outcome) -> Cube | None:
    weekly = _both(comparison, arm)
    if outcome.name not in SHARES:
        return _pivot(weekly, outcome.name)
    part, whole = (_pivot(weekly, name) for name in SHARES[outcome.name])
    if part is None or whole is None:
        return None
    above, below = (_summed(cube, SHARE_WEEKS) for cube in (part, whole))
    if (below.values.sum(axis=0) == 0).any():
        return None
    pooled = above.values.sum(axis=0) / below.values.sum(axis=0)
    empty = below.values == 0
    share = np.where(empty, pooled, above.values / np.where(empty, 1.0, below.values))
    return Cube(share, above.day)


def _both(comparison: Comparison, arm: str) -> pd.DataFrame:
    weekly = comparison.tables("weekly")
    recorded = comparison.tables("recorded")
    weekly = weekly[weekly["arm"] == arm]
    if recorded.empty:
        return weekly
    fresh = [c for c in recorded.columns if c not in weekly.columns or c in ("seed", "week")]
    return weekly.merge(
        recorded.loc[recorded["arm"] == arm, fresh], on=["seed", "week"], how="left"
    )


def _pivot(weekly: pd.DataFrame, name: str) -> Cube | None:
    if name not in weekly.columns:
        return None
    table = weekly.pivot(index="seed", columns="week", values=name)
    values = table.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        return None
    return Cube(values, 7.0 * (np.asarray(table.columns, dtype=np.float64) + 1.0))


def _summed(cube: Cube, weeks: int) -> Cube:
    """Sums of whole periods; the weeks left over at the end are dropped from the picture."""
    weeks = min(weeks, cube.day.size)
    if weeks == 1:
        return cube
    whole = cube.day.size // weeks
    values = cube.values[:, : whole * weeks].reshape(-1, whole, weeks).sum(axis=2)
    return Cube(values, cube.day[weeks - 1 : whole * weeks : weeks], weeks)


def _per_100k(comparison: Comparison, weeks: int) -> float:
    days = float(comparison.runs["days"].iloc[0])
    people = comparison.person_years() / days * 365.0
    return 1e5 / people * 365.0 / (7.0 * weeks)


def _unit(outcome: Outcome, weeks: int) -> str:
    if outcome.count:
        return f"{outcome.unit} per 100,000 residents a year ({weeks}-week sums)"
    if outcome.kind == "share":
        return f"{outcome.title}" + (" (by quarter)" if outcome.name in SHARES else "")
    if outcome.kind == "money":
        return "dollars in 4 weeks"
    return f"{outcome.title}, {outcome.unit}" if outcome.unit else outcome.title


def _difference_unit(outcome: Outcome) -> str:
    if outcome.count or outcome.kind == "money":
        return f"difference from baseline so far, {outcome.unit}"
    return "difference from baseline"
