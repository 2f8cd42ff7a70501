"""What it costs and what that buys: programme money, hours, jail, and the social cost of injury and
death, as ranges.

Social costs come from the ledger (L35 McCollister, French & Fang 2010; L36 Ludwig & Cook 2001),
carried to 2024 dollars by consumer prices and discounted at 3 % a year (0 and 7 % are shown beside
it). They rest on juries' awards and on what people say they would pay; they are given as a range
(half to one and a half times where the source has one figure: our assumption), and no cost is put
on trust, fear or liberty. A day in jail is priced at the national average of
local spending (Pew Charitable Trusts 2021: about 34,000 dollars of 2017 per person and year), from
half to twice that, which is our assumption: much of a jail's cost does not fall with one person
less. Officers' hours are counted, not priced: what a course takes is in its programme cost already.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.comparison import Comparison
from experiments.statistics import Difference, paired, per_unit
from viz.report.words import dollars, number, signed_dollars

PRICE_YEAR = 2024
DISCOUNT = 0.03
RATES = (0.0, DISCOUNT, 0.07)
"""Discount rates a year: none, the one used, and a high one."""
_CPI = {1998: 163.0, 2008: 215.303, 2017: 245.12, 2024: 313.689}
"""Consumer prices, all urban consumers, yearly averages (Bureau of Labor Statistics)."""
AVERTED = ("persons_shot", "homicides", "shooting_incidents", "force", "jail_days")
_ONE = {
    "persons_shot": "person shot averted",
    "homicides": "homicide averted",
    "shooting_incidents": "shooting incident averted",
    "force": "use of force averted",
    "jail_days": "jail day averted",
}


@dataclass(frozen=True)
class UnitCost:
    """Social cost of one event: low, central, high, in dollars of `year`."""

    event: str
    label: str
    low: float
    central: float
    high: float
    year: int
    evidence: str
    assumed: str = ""
    """What of it is our assumption, in words."""

    @property
    def factor(self) -> float:
        return _CPI[PRICE_YEAR] / _CPI[self.year]


_HALF = "the source gives one figure; half to one and a half times that is assumed"
UNIT_COSTS = (
    # L35's range for murder, as the ledger has it: 9 to 13 million dollars of 2024
    UnitCost("homicides", "a homicide", 6.2e6, 8.98e6, 8.98e6, 2008, "L35"),
    UnitCost("nonfatal_shot", "a person shot who survives", 0.4e6, 1.2e6, 1.5e6, 1998, "L36"),
    UnitCost("robberies", "a robbery", 21e3, 42e3, 63e3, 2008, "L35", _HALF),
    UnitCost("serious_assaults", "a serious assault", 53.5e3, 107e3, 160.5e3, 2008, "L35", _HALF),
    UnitCost("sexual", "a sexual assault", 120.5e3, 241e3, 361.5e3, 2008, "L35", _HALF),
)
JAIL_DAY = UnitCost(
    "jail_days", "a day in jail", 47.0, 93.0, 186.0, 2017, "",
    "the source gives the average; half to twice that is assumed",
)  # fmt: skip
JAIL_SOURCE = (
    "Pew Charitable Trusts 2021, local spending on jails: about 34,000 dollars of 2017 a person "
    "and year"
)
"""Not in the ledger, which holds what the model rests on; a price of what comes out of it."""
LEVELS = ("low", "central", "high")
HOURS = (
    ("officer_hours", "Hours of patrol officers on duty"),
    ("detective_hours", "Hours of detectives"),
    ("jail_days", "Days spent in jail"),
)


@dataclass(frozen=True)
class Spent:
    """One arm's money, in words."""

    arm: str
    programme: str
    programme_interval: str
    per_resident: str
    ratios: tuple[tuple[str, str], ...]
    """("person shot averted", "$41,000 (…)" or "not estimable")."""
    social: tuple[tuple[str, str, str], ...]
    """("low", difference in social cost, interval)."""
    jail: tuple[tuple[str, str, str], ...]
    """The same for days in jail."""
    whole: tuple[tuple[str, str, str, str], ...]
    """The same for programme, jail and social cost together, and the chance that it saves."""
    rates: tuple[tuple[str, str, str], ...]
    """(discount rate, whole at central unit costs, interval)."""
    hours: tuple[tuple[str, str, str, str], ...]
    """(what, baseline, difference, interval): officers' and detectives' hours, jail days."""
    taken: str
    """Officers' hours that programmes took, in words; empty: none."""


def spent(comparison: Comparison) -> list[Spent]:
    """The money of every arm against the baseline."""
    return [_spent(comparison, arm) for arm in comparison.plan.others]


def unit_cost_rows() -> list[tuple[str, str, str, str]]:
    """(what, its cost in 2024 dollars, evidence id or "", what is said of it) for the report."""
    out = []
    for u in (*UNIT_COSTS, JAIL_DAY):
        low, mid, high = (dollars(x * u.factor) for x in (u.low, u.central, u.high))
        within = f"; central {mid}" if mid not in (low, high) else ""
        said = "; ".join(filter(None, ("" if u.evidence else JAIL_SOURCE, u.assumed)))
        out.append((u.label, f"{low} to {high}{within}", u.evidence, said))
    return out


def _spent(comparison: Comparison, arm: str) -> Spent:
    base = comparison.baseline
    a, b = comparison.values("programme_cost", base), comparison.values("programme_cost", arm)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        a = b = np.zeros(len(comparison.seeds()))
    money = paired(a, b)
    people = comparison.person_years() / float(comparison.runs["days"].iloc[0]) * 365.0
    ratios = tuple(
        (_ONE[name], _ratio(b - a, _less(comparison, name, arm)))
        for name in AVERTED
        if _has(comparison, name)
    )
    same = money.method == "identical" or not money.spread > 0
    return Spent(
        arm=arm,
        programme=dollars(money.difference),
        programme_interval=""
        if same or not math.isfinite(money.low)
        else f"{dollars(money.low)} to {dollars(money.high)}",
        per_resident=dollars(money.difference / people),
        ratios=ratios if money.difference > 0 else (),
        **_totals(comparison, arm),
        hours=tuple(_hours(comparison, arm)),
        taken=_taken(comparison, arm),
    )


def _ratio(cost: NDArray[np.float64], averted: NDArray[np.float64]) -> str:
    if not (np.isfinite(cost).all() and np.isfinite(averted).all()):
        return "not estimable"
    ratio, low, high = per_unit(cost, averted)
    if math.isnan(ratio):
        return "not estimable: the interval of what was averted covers zero"
    return f"{dollars(ratio)} ({dollars(low)} to {dollars(high)})"


def _less(comparison: Comparison, name: str, arm: str) -> NDArray[np.float64]:
    out: NDArray[np.float64] = comparison.values(name, comparison.baseline)
    out = out - comparison.values(name, arm)
    return out


def _has(comparison: Comparison, name: str) -> bool:
    return bool(np.isfinite(comparison.values(name, comparison.baseline)).all())


def _totals(comparison: Comparison, arm: str) -> dict[str, Any]:
    """Differences in social cost, jail and all together: discounted week by week, over pairs."""
    weekly = _weekly(comparison)
    used = [u for u in UNIT_COSTS if u.event in weekly.columns]
    out: dict[str, Any] = {"social": (), "jail": (), "whole": (), "rates": ()}
    if not used:
        return out

    def money(level: str, rate: float = DISCOUNT) -> dict[str, NDArray[np.float64]]:
        today = (1.0 + rate) ** (-weekly["week"].to_numpy() / 52.0)
        social = sum(weekly[u.event].to_numpy() * getattr(u, level) * u.factor for u in used)
        parts = {"social": social * today}
        if JAIL_DAY.event in weekly:
            price = getattr(JAIL_DAY, level) * JAIL_DAY.factor
            parts["jail"] = weekly[JAIL_DAY.event].to_numpy() * price * today
        programme = weekly["programme_cost"].to_numpy() * today if "programme_cost" in weekly else 0
        parts["whole"] = sum(parts.values()) + programme
        return parts

    for level in LEVELS:
        for kind, cost in money(level).items():
            result = _pairs(comparison, weekly, cost, arm)
            row = (level, signed_dollars(result.difference), _between(result))
            if kind == "whole":
                row = (*row, _chance(result))  # type: ignore[assignment]
            out[kind] = (*out[kind], row)
    for rate in RATES:
        result = _pairs(comparison, weekly, money("central", rate)["whole"], arm)
        row = (f"{100 * rate:.0f} % a year", signed_dollars(result.difference), _between(result))
        out["rates"] = (*out["rates"], row)
    return out


def _weekly(comparison: Comparison) -> pd.DataFrame:
    weekly = comparison.tables("weekly")
    if {"persons_shot", "gun_deaths"} <= set(weekly.columns):
        weekly = weekly.assign(nonfatal_shot=weekly["persons_shot"] - weekly["gun_deaths"])
    recorded = comparison.tables("recorded")
    if "jail_days" not in weekly and not weekly.empty and "jail_days" in recorded:
        weekly = weekly.merge(recorded[["arm", "seed", "week", "jail_days"]], how="left")
    return weekly


def _pairs(
    comparison: Comparison, weekly: pd.DataFrame, cost: NDArray[np.float64], arm: str
) -> Difference:
    by_run = weekly.assign(cost=cost).groupby(["arm", "seed"])["cost"].sum()
    return paired(by_run[comparison.baseline].to_numpy(), by_run[arm].to_numpy())


def _between(result: Difference) -> str:
    if not math.isfinite(result.low):
        return "no interval"
    return f"{signed_dollars(result.low)} to {signed_dollars(result.high)}"


def _chance(result: Difference) -> str:
    p = result.chance_lower
    if not math.isfinite(p) or result.method == "identical":
        return "–"
    return "over 99 %" if p > 0.99 else "under 1 %" if p < 0.01 else f"{100 * p:.0f} %"


def _hours(comparison: Comparison, arm: str) -> Iterator[tuple[str, str, str, str]]:
    for name, words in HOURS:
        a = comparison.values(name, comparison.baseline)
        b = comparison.values(name, arm)
        if not (np.isfinite(a).all() and np.isfinite(b).all()) or not a.size:
            continue
        r = paired(a, b)
        width = r.high - r.low
        if r.method == "identical":
            yield words, number(r.baseline_mean), "0", "identical"
        elif not math.isfinite(r.low):
            yield words, number(r.baseline_mean), number(r.difference, sign=True), "no interval"
        else:
            low, high = (number(x, width, sign=True) for x in (r.low, r.high))
            yield (
                words,
                number(r.baseline_mean),
                number(r.difference, width, sign=True),
                f"{low} to {high}",
            )


def _taken(comparison: Comparison, arm: str) -> str:
    table = comparison.tables("policies")
    if table.empty or "hours" not in table.columns:
        return ""
    mine = table[table["arm"] == arm]
    hours = float(mine["hours"].sum()) / max(len(comparison.seeds()), 1)
    return f"{number(hours)} officer-hours taken by programmes" if hours > 0.0 else ""


def summary(comparison: Comparison) -> str:
    """One line on what the social costs cover."""
    covered = [u.label for u in UNIT_COSTS]
    return (
        f"Counted: {', '.join(covered)}, {JAIL_DAY.label}; {PRICE_YEAR} dollars, "
        f"{100 * DISCOUNT:.0f} % discount a year from the run's start, week by week. Low and high: "
        "all prices at their low or high end together. Not counted: the police "
        "budget (hours are shown, not priced), courts, prison after the run's end, lost trust, "
        "fear, liberty."
    )
