"""For whom: differences by group, and by age and sex; who gains, who pays, how unevenly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.comparison import Comparison
from experiments.disparity import unevenness
from experiments.outcomes import Outcome, describe
from experiments.statistics import Difference, paired_columns
from viz.figures import Picture, Whisker, whiskers
from viz.report.words import number

BENEFITS = ("homicides", "persons_shot", "victimised_violent", "victimised", "shot_at")
BURDENS = ("stops", "force", "arrests", "jail_days", "contacts")
SERVICE = ("violent_reported", "cleared_fatal", "cleared_nonfatal")
LEVELS = ("legitimacy", "fairness", "effectiveness", "fear", "trauma")
"""Means over residents; all others are counts."""
DRAWN = ("persons_shot", "stops", "force", "jail_days")
"""Those with figures; the others are in the tables."""
_NAMES = {
    "victimised": ("people victimised", "lower"),
    "victimised_violent": ("people victimised by violence", "lower"),
    "shot_at": ("people shot at", "lower"),
    "contacts": ("contacts with police", ""),
}


@dataclass(frozen=True)
class Part:
    """One class of residents: its share of people and of events, and its difference with interval.

    Rates are per 100,000 of that class and year; for levels they are the level itself, and shares
    and `city_events` are NaN.
    """

    label: str
    people: float
    people_share: float
    baseline_rate: float
    event_share: float
    difference: float
    low: float
    high: float
    city_events: float
    """The difference in events over the whole run, city-wide."""

    @property
    def clear(self) -> bool:
        return bool(self.low > 0 or self.high < 0)


DIVISIONS = (("group", ["group"]), ("age and sex", ["sex", "age_band"]))


@dataclass(frozen=True)
class Breakdown:
    """One outcome of one arm by one division of the residents."""

    outcome: Outcome
    arm: str
    by: str
    """"group" or "age and sex"."""
    parts: tuple[Part, ...]
    uneven: Difference | None
    """The Hoover index of the arm against the baseline's: how unevenly the events fall."""


def breakdowns(comparison: Comparison) -> list[Breakdown]:
    """Every outcome that the group tables hold, by arm and division: harms, burdens, levels."""
    table = _labelled(comparison)
    if table.empty:
        return []
    found = []
    sums = [_Sums.of(table, comparison.baseline, by, keys) for by, keys in DIVISIONS]
    for name in (*BENEFITS, *BURDENS, *SERVICE, *LEVELS):
        if name not in table.columns:
            continue
        for one in sums:
            for arm in comparison.plan.others:
                found.append(_breakdown(comparison, one, _outcome(name), arm))
    return found


def by_outcome(found: Sequence[Breakdown]) -> list[tuple[Outcome, list[Breakdown]]]:
    """The divisions by group, the arms of one outcome together."""
    names = dict.fromkeys(b.outcome.name for b in found)
    return [
        (mine[0].outcome, mine)
        for name in names
        if (mine := [b for b in found if b.outcome.name == name and b.by == "group"])
    ]


def frame(found: Sequence[Breakdown]) -> pd.DataFrame:
    """The same as one long table."""
    rows = [
        {
            "outcome": b.outcome.name,
            "arm": b.arm,
            "by": b.by,
            "class": p.label,
            "people": p.people,
            "share_of_people": p.people_share,
            "share_of_events": p.event_share,
            "baseline_per_100k_year": p.baseline_rate,
            "difference_per_100k_year": p.difference,
            "low": p.low,
            "high": p.high,
            "difference_events": p.city_events,
        }
        for b in found
        for p in b.parts
    ]
    return pd.DataFrame(rows)


def pictures(comparison: Comparison, found: Sequence[Breakdown]) -> list[Picture]:
    """One figure per outcome and division, all arms in it."""
    out: list[Picture] = []
    others = list(comparison.plan.others)
    for name in dict.fromkeys(b.outcome.name for b in found):
        for by in ("group", "age and sex"):
            mine = [b for b in found if b.outcome.name == name and b.by == by]
            if mine and name in DRAWN:
                out.append(_picture(mine, others, comparison.baseline))
    return out


def _picture(mine: Sequence[Breakdown], others: list[str], baseline: str) -> Picture:
    outcome, by = mine[0].outcome, mine[0].by
    rows = []
    for k, part in enumerate(mine[0].parts):
        group = [
            Whisker(p.difference, p.low, p.high, others.index(b.arm), p.clear)
            for b in mine
            for p in [b.parts[k]]
        ]
        rows.append((part.label, group))
    unit = f"{outcome.unit} per 100,000 of them a year, v {baseline}"
    figure = whiskers(rows, unit, others)
    clear = [
        f"{b.arm}, {p.label} ({number(p.difference, sign=True)})"
        for b in mine
        for p in b.parts
        if p.clear
    ]
    title = f"{outcome.title[0].upper()}{outcome.title[1:]} by {by}"
    alt = (
        f"Dots with 95 % intervals: difference in {outcome.title} by {by}, {unit}. Clear "
        f"differences: {'; '.join(clear) or 'none'}."
    )
    name = f"who-{outcome.name}-{by.split()[0]}"
    return Picture(name, figure, title, alt, folded=by != "group")


def _outcome(name: str) -> Outcome:
    found = describe(name)
    if name in _NAMES:
        title, better = _NAMES[name]
        return Outcome(name, title, "people", better, "count", "Violence")  # type: ignore[arg-type]
    return found


@dataclass(frozen=True)
class _Sums:
    """One division of the residents, added up once for all outcomes and arms."""

    by: str
    keys: list[str]
    table: pd.DataFrame
    """Row (arm, seed, class), column a measure or `weighted.LEVEL`: sums."""
    people: NDArray[np.float64]
    """(classes,) residents in the baseline, mean over seeds."""

    @classmethod
    def of(cls, table: pd.DataFrame, baseline: str, by: str, keys: list[str]) -> _Sums:
        levels = [name for name in LEVELS if name in table.columns]
        weighted = {f"weighted.{name}": table[name] * table["population"] for name in levels}
        wide = table.assign(**weighted)
        rows = wide.groupby(["arm", "seed", *keys], observed=False).sum(numeric_only=True)
        return cls(by, keys, rows, _people(table, baseline, keys))

    def cube(self, arm: str, name: str) -> pd.DataFrame:
        """(seeds, classes) of one measure in one arm."""
        mine = pd.DataFrame(self.table.loc[arm])[name]
        return pd.DataFrame(mine.unstack(self.keys if len(self.keys) > 1 else self.keys[0]))


def _breakdown(comparison: Comparison, sums: _Sums, outcome: Outcome, arm: str) -> Breakdown:
    if not outcome.count:
        return _levels(comparison, sums, outcome, arm)
    events = {a: sums.cube(a, outcome.name) for a in (comparison.baseline, arm)}
    a, b = (events[x].to_numpy(dtype=np.float64) for x in (comparison.baseline, arm))
    people = sums.people
    mean, low, high = paired_columns(a, b, count=True)
    span = float(comparison.runs["days"].iloc[0]) / 365.0
    scale = 1e5 / np.maximum(people, 1.0) / span
    total = max(float(a.mean(axis=0).sum()), 1e-12)
    parts = tuple(
        Part(
            label=", ".join(map(str, key)) if isinstance(key, tuple) else str(key),
            people=float(people[k]),
            people_share=float(people[k] / people.sum()),
            baseline_rate=float(a[:, k].mean() * scale[k]),
            event_share=float(a[:, k].mean() / total),
            difference=float(mean[k] * scale[k]),
            low=float(low[k] * scale[k]),
            high=float(high[k] * scale[k]),
            city_events=float(mean[k]),
        )
        for k, key in enumerate(events[arm].columns)
    )
    return Breakdown(outcome, arm, sums.by, parts, unevenness(a, b, people))


def _levels(comparison: Comparison, sums: _Sums, outcome: Outcome, arm: str) -> Breakdown:
    """A level's mean over the residents of each class."""
    both = []
    for which in (comparison.baseline, arm):
        above = sums.cube(which, f"weighted.{outcome.name}")
        below = sums.cube(which, "population")
        both.append((above / below.where(below > 0)).fillna(0.0))
    people = sums.people
    a, b = (x.to_numpy(dtype=np.float64) for x in both)
    mean, low, high = paired_columns(a, b)
    nan = float("nan")
    parts = tuple(
        Part(
            ", ".join(map(str, key)) if isinstance(key, tuple) else str(key),
            float(people[k]),
            float(people[k] / people.sum()),
            float(a[:, k].mean()),
            nan,
            float(mean[k]),
            float(low[k]),
            float(high[k]),
            nan,
        )
        for k, key in enumerate(both[1].columns)
        if people[k] > 0
    )
    return Breakdown(outcome, arm, sums.by, parts, None)


def _labelled(comparison: Comparison) -> pd.DataFrame:
    """The group tables with words in place of numbers."""
    table = comparison.tables("groups")
    if table.empty:
        return table
    from sim.agents.residents import AGE_BANDS

    names = list(comparison.map.group_names) if comparison.map else []
    table = table.copy()
    table["group"] = _words(table["group"], names)
    table["sex"] = _words(table["sex"], ["female", "male"])
    table["age_band"] = _words(table["age_band"], list(AGE_BANDS))
    return table


def _words(column: Any, names: list[str]) -> Any:
    """A column as ordered categories: numbers by the names they stand for, words as they come."""
    if column.dtype.kind in "iu" and names:
        return column.map(dict(enumerate(names))).astype(pd.CategoricalDtype(names))
    words = column.astype(str)
    found = list(dict.fromkeys(words))
    return words.astype(pd.CategoricalDtype(names if set(found) <= set(names) else found))


def _people(table: pd.DataFrame, arm: str, keys: list[str]) -> NDArray[np.float64]:
    mine = table[table["arm"] == arm]
    cells = mine.groupby(["seed", "group", "sex", "age_band"], observed=False)["population"].mean()
    summed = cells.groupby(["seed", *keys], observed=False).sum()
    wide = pd.DataFrame(summed.unstack(keys if len(keys) > 1 else keys[0]))
    return wide.mean(axis=0).to_numpy(dtype=np.float64)
