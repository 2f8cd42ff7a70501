"""When each phase bites: what each policy reached and when, and the difference between the dates.

A roll-out in phases is a scenario with several entries of a policy, or several policies, on
different dates; a ceiling on hours or money shows as a share below 1 of what was planned.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.comparison import Comparison
from experiments.outcomes import describe
from experiments.statistics import paired
from viz.report.words import dollars, number, percent

MOST_WINDOWS = 6
ENOUGH_WEEKS = 4
"""Dates closer together than this are taken as one."""


@dataclass(frozen=True)
class Delivered:
    """One policy of one arm, in words; means over seeds."""

    arm: str
    policy: str
    dates: str
    first: str
    """Week of the run in which it first reached anybody."""
    nine_tenths: str
    """Week in which it first had nine tenths of its largest reach."""
    peak: str
    waiting: str
    hours: str
    cost: str
    funded: str
    """Share of the planned hours and money that it got while in force; weeks short of it."""


@dataclass(frozen=True)
class Window:
    """One stretch between dates of an arm: differences of the headlines in it."""

    arm: str
    span: str
    what: str
    cells: tuple[tuple[str, str, bool], ...]
    """(difference a year, interval, clear) per headline."""


def delivered(comparison: Comparison) -> list[Delivered]:
    """Every policy that the runs' delivery tables hold."""
    table = comparison.tables("policies")
    if table.empty or "policy" not in table.columns:
        return []
    return delivered_in(table, [(arm.name, arm.scenario) for arm in comparison.plan.arms])


def delivered_in(table: pd.DataFrame, arms: Sequence[tuple[str, Any]]) -> list[Delivered]:
    """The same of a table with arm and seed, for (arm, scenario) pairs."""
    dates = _dates(arms)
    out = []
    for arm, _ in arms:
        mine = table[table["arm"] == arm]
        for policy in sorted(set(mine["policy"].astype(str))):
            rows = mine[mine["policy"] == policy]
            out.append(_delivered(arm, policy, rows, dates.get((arm, policy), "")))
    return out


def windows(comparison: Comparison, names: Sequence[str]) -> tuple[list[str], list[Window]]:
    """Titles of the headlines with weekly counts or levels, and the stretches of each arm."""
    weekly = comparison.tables("weekly")
    if weekly.empty:
        return [], []
    outcomes = [
        o for o in map(describe, names)
        if o.name in weekly.columns and o.kind in ("count", "mean", "time")
    ]  # fmt: skip
    out: list[Window] = []
    for arm in comparison.plan.others:
        cuts = _cuts(comparison, arm)
        if len(cuts) < 3:
            continue  # one stretch: the headlines say it already
        for (begin, what), (end, _) in itertools.pairwise(cuts):
            cells = tuple(_cell(comparison, weekly, arm, o, begin, end) for o in outcomes)
            out.append(Window(arm, f"weeks {begin + 1} to {end}", what, cells))
    return [f"{o.title[0].upper()}{o.title[1:]}" for o in outcomes], out


def ceilings(comparison: Comparison) -> list[str]:
    """Ceilings on hours and money that a scenario sets away from the default."""
    from sim.parameters import all_parameters

    words = {
        "programme_budget": "money for programmes: at most {:,.2f} dollars per resident and year",
        "programme_hours": "officers' time for programmes: at most {:.0%} of hours on duty",
    }
    known = all_parameters()
    return [
        f"{arm.name}: {text.format(value)}"
        for arm in comparison.plan.arms
        for name, text in words.items()
        for value in [arm.scenario.parameters.get(name)]
        if value is not None and value != known[name].default
    ]


# --- inside -----------------------------------------------------------------------------------


def _dates(arms: Sequence[tuple[str, Any]]) -> dict[tuple[str, str], str]:
    from sim.policies.delivery import identified

    out = {}
    for arm, s in arms:
        for entry, ident in identified(s):
            until = "" if entry.end is None else f" to {s.date_of(entry.end):%-d %b %Y}"
            out[arm, ident] = f"{s.date_of(entry.start):%-d %b %Y}{until}"
    return out


def _delivered(arm: str, policy: str, rows: pd.DataFrame, dates: str) -> Delivered:
    weeks = rows.groupby("week", observed=True).mean(numeric_only=True).sort_index()
    reach = weeks["reach"].to_numpy(dtype=np.float64) if "reach" in weeks else np.zeros(len(weeks))
    at = np.asarray(weeks.index, dtype=np.int64)
    begun, full = np.flatnonzero(reach > 0.0), np.flatnonzero(reach >= 0.9 * reach.max())
    seeds = max(int(rows["seed"].nunique()), 1)

    def total(name: str) -> float:
        return float(rows[name].sum()) / seeds if name in rows else 0.0

    unit = str(rows["unit"].iloc[0]) if "unit" in rows and len(rows) else ""
    return Delivered(
        arm=arm,
        policy=policy.replace("_", " "),
        dates=dates,
        first=str(at[begun[0]] + 1) if begun.size else "never",
        nine_tenths=str(at[full[0]] + 1) if begun.size else "–",
        peak=f"{number(float(reach.max()))} {unit}".strip() if reach.size else "–",
        waiting=number(float(weeks["waiting"].mean())) if "waiting" in weeks else "–",
        hours=number(total("hours")),
        cost=dollars(total("cost")),
        funded=_funded(weeks),
    )


def _funded(weeks: pd.DataFrame) -> str:
    if "funded" not in weeks:
        return "–"
    share = weeks["funded"].to_numpy(dtype=np.float64)
    short = int((share < 0.999).sum())
    if not short:
        return "all of it"
    return f"{percent(float(share[share < 0.999].mean()), sign=False)} in {short} weeks"


def _cuts(comparison: Comparison, arm: str) -> list[tuple[int, str]]:
    """(week, what begins or ends there), from 0 to the run's end."""
    scenarios = {a.name: a.scenario for a in comparison.plan.arms}
    last = int(comparison.tables("weekly")["week"].max()) + 1
    marks: dict[int, list[str]] = {0: []}
    for entry in scenarios[arm].policies:
        title = entry.name.replace("_", " ")
        for day, word in ((entry.start, "starts"), (entry.end, "ends")):
            if day is not None and 0 <= day < 7 * last:
                marks.setdefault(day // 7, []).append(f"{title} {word}")
    merged: list[tuple[int, str]] = []
    for week, words in sorted(marks.items()):
        if merged and week - merged[-1][0] < ENOUGH_WEEKS:
            before = [merged[-1][1]] if merged[-1][1] else []
            merged[-1] = (merged[-1][0], "; ".join([*before, *words]))
        else:
            merged.append((week, "; ".join(words)))
    merged = merged[:MOST_WINDOWS]
    if not merged[0][1]:
        merged[0] = (0, "before the first")
    return (
        [*merged, (last, "")]
        if last - merged[-1][0] >= ENOUGH_WEEKS
        else [*merged[:-1], (last, "")]
    )


def _cell(
    comparison: Comparison, weekly: pd.DataFrame, arm: str, outcome: Any, begin: int, end: int
) -> tuple[str, str, bool]:
    part = weekly[(weekly["week"] >= begin) & (weekly["week"] < end)]
    by = part.groupby(["arm", "seed"], observed=True)[outcome.name]
    values = by.sum() * (52.0 / (end - begin)) if outcome.count else by.mean()
    r = paired(values[comparison.baseline].to_numpy(), values[arm].to_numpy(), count=False)
    if not math.isfinite(r.low):
        return number(r.difference, sign=True), "no interval", False
    width = r.high - r.low
    low, high = (number(x, width, sign=True) for x in (r.low, r.high))
    return number(r.difference, width, sign=True), f"{low} to {high}", r.clear
