"""Who gains, who pays, and how unevenly: the summary above the tables by group and area.

Unevenness is the Hoover index (Hoover 1936, Rev Econ Stat 18(4):162-171): the share of events that
would have to fall on others for all to bear the same rate. Few events look uneven by luck alone, and
fewer more so, which `experiments.disparity` corrects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.comparison import Comparison
from experiments.disparity import unevenness
from experiments.outcomes import describe
from experiments.statistics import Difference
from viz.report.groups import BENEFITS, BURDENS, Breakdown
from viz.report.words import joined, number, percent

BY_AREA = ("persons_shot", "homicides", "stops", "force", "arrests")
MOST_NAMED = 4
WORTH_TELLING = 0.005


@dataclass(frozen=True)
class Uneven:
    """How unevenly one outcome falls, the arm against the baseline."""

    title: str
    arm: str
    by: str
    baseline: str
    mean: str
    difference: str
    interval: str
    clear: bool
    told: bool
    """Clear, and by half a point or more: worth a sentence."""


def table(comparison: Comparison, found: Sequence[Breakdown]) -> list[Uneven]:
    """By group, by age and sex, and by area."""
    out = [
        _row(b.outcome.title, b.arm, b.by, b.uneven)
        for b in found
        if b.uneven is not None and b.outcome.name in (*BENEFITS[:2], *BURDENS)
    ]
    areas = comparison.tables("areas")
    for name in BY_AREA:
        if areas.empty or name not in areas.columns:
            continue
        for arm in comparison.plan.others:
            result = _by_area(comparison, areas, name, arm)
            if result is not None:
                out.append(_row(describe(name).title, arm, "area", result))
    return out


def who(comparison: Comparison, found: Sequence[Breakdown]) -> list[str]:
    """One sentence each on who clearly gains and who clearly pays, per arm."""
    out = []
    for arm in comparison.plan.others:
        mine = [b for b in found if b.arm == arm and b.by == "group"]
        gains = _named(mine, BENEFITS, -1)
        losses = _named(mine, BENEFITS, 1)
        more, less = _named(mine, BURDENS, 1), _named(mine, BURDENS, -1)
        parts = []
        if gains:
            parts.append(f"clearly fewer harmed: {joined(gains)}")
        if losses:
            parts.append(f"clearly more harmed: {joined(losses)}")
        if more:
            parts.append(f"clearly more policing: {joined(more)}")
        if less:
            parts.append(f"clearly less policing: {joined(less)}")
        told = "; ".join(parts) or "no group differs clearly in harm suffered or in policing"
        by_luck = 0.05 * sum(_moved(b) for b in mine if b.outcome.name in (*BENEFITS, *BURDENS))
        count = f"about {by_luck:.0f}" if by_luck >= 1.0 else "less than one"
        luck = (
            f" Of the differences looked at here, {count} would look clear by luck alone."
            if parts
            else ""
        )
        out.append(f"{arm[0].upper()}{arm[1:]}: {told}.{luck}")
    return out


def frame(rows: Sequence[Uneven]) -> pd.DataFrame:
    """The same as a table of words."""
    return pd.DataFrame([vars(r) for r in rows])


# --- inside -----------------------------------------------------------------------------------


def _moved(b: Breakdown) -> int:
    """Classes in which the arm differs from the baseline at all, so that luck could make it look clear."""
    return sum(not p.low == p.high == 0.0 for p in b.parts)


def _named(mine: Sequence[Breakdown], names: Sequence[str], sign: int) -> list[str]:
    """Outcomes with the groups whose difference is clear on that side."""
    out = []
    for b in mine:
        groups = [p.label for p in b.parts if p.clear and np.sign(p.difference) == sign]
        if b.outcome.name in names and groups:
            every = len(groups) == len(b.parts) and len(groups) > 1
            whom = "all groups" if every else joined(groups[:MOST_NAMED])
            out.append(f"{b.outcome.title} ({whom})")
    return out


def _by_area(comparison: Comparison, areas: pd.DataFrame, name: str, arm: str) -> Difference | None:
    def cube(which: str, column: str, how: str) -> np.ndarray:
        part = areas[areas["arm"] == which].groupby(["seed", "area"])[column].agg(how)
        return part.unstack("area").sort_index(axis=1).to_numpy(dtype=np.float64)

    people = cube(comparison.baseline, "population", "mean").mean(axis=0)
    a, b = (cube(which, name, "sum") for which in (comparison.baseline, arm))
    return unevenness(a, b, people)


def _row(title: str, arm: str, by: str, d: Difference) -> Uneven:
    width = 100 * (d.high - d.low)
    return Uneven(
        title[0].upper() + title[1:],
        arm,
        by,
        percent(d.baseline_mean, sign=False),
        percent(d.mean, sign=False),
        f"{number(100 * d.difference, width, sign=True)} pts",
        f"{number(100 * d.low, width, sign=True)} to {number(100 * d.high, width, sign=True)}",
        d.clear,
        d.clear and abs(d.difference) >= WORTH_TELLING,
    )
