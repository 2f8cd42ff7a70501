"""What it costs and what that buys: programme money, and the social cost of injury and death, as
ranges.

Social costs come from the ledger (L35 McCollister, French & Fang 2010; L36 Ludwig & Cook 2001),
carried to 2024 dollars by consumer prices and discounted at 3 % a year. They rest on juries'
awards and on what people say they would pay; they are given as a range, and no cost is put on
trust, fear or liberty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.comparison import Comparison
from experiments.statistics import paired, per_unit
from viz.report.words import dollars, signed_dollars

PRICE_YEAR = 2024
DISCOUNT = 0.03
_CPI = {1998: 163.0, 2008: 215.303, 2024: 313.689}
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

    @property
    def factor(self) -> float:
        return _CPI[PRICE_YEAR] / _CPI[self.year]


UNIT_COSTS = (
    # L35's range for murder, as the ledger has it: 9 to 13 million dollars of 2024
    UnitCost("homicides", "a homicide", 6.2e6, 8.98e6, 8.98e6, 2008, "L35"),
    UnitCost("nonfatal_shot", "a person shot who survives", 0.4e6, 1.2e6, 1.5e6, 1998, "L36"),
    UnitCost("robberies", "a robbery", 42e3, 42e3, 42e3, 2008, "L35"),
    UnitCost("serious_assaults", "a serious assault", 107e3, 107e3, 107e3, 2008, "L35"),
    UnitCost("sexual", "a sexual assault", 241e3, 241e3, 241e3, 2008, "L35"),
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


def spent(comparison: Comparison) -> list[Spent]:
    """The money of every arm against the baseline."""
    return [_spent(comparison, arm) for arm in comparison.plan.others]


def unit_cost_rows() -> list[tuple[str, str, str]]:
    """(what, its cost in 2024 dollars, evidence id) for the report."""
    out = []
    for u in UNIT_COSTS:
        low, mid, high = (dollars(x * u.factor) for x in (u.low, u.central, u.high))
        within = f"; central {mid}" if mid not in (low, high) else ""
        out.append((u.label, low if low == high else f"{low} to {high}{within}", u.evidence))
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
        social=_social(comparison, arm),
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


def _social(comparison: Comparison, arm: str) -> tuple[tuple[str, str, str], ...]:
    """The difference in social cost at low, central and high unit costs, discounted week by
    week."""
    weekly = comparison.tables("weekly")
    if weekly.empty:
        return ()
    weekly = weekly.copy()
    if {"persons_shot", "gun_deaths"} <= set(weekly.columns):
        weekly["nonfatal_shot"] = weekly["persons_shot"] - weekly["gun_deaths"]
    used = [u for u in UNIT_COSTS if u.event in weekly.columns]
    if not used:
        return ()
    today = (1.0 + DISCOUNT) ** (-weekly["week"].to_numpy() / 52.0)
    out = []
    for name in ("low", "central", "high"):
        cost = sum(weekly[u.event].to_numpy() * getattr(u, name) * u.factor for u in used) * today
        by_run = weekly.assign(cost=cost).groupby(["arm", "seed"])["cost"].sum()
        result = paired(by_run[comparison.baseline].to_numpy(), by_run[arm].to_numpy())
        text = (
            f"{signed_dollars(result.low)} to {signed_dollars(result.high)}"
            if math.isfinite(result.low)
            else "no interval"
        )
        out.append((name, signed_dollars(result.difference), text))
    return tuple(out)


def summary(comparison: Comparison) -> str:
    """One line on what the social costs cover."""
    covered = [u.label for u in UNIT_COSTS]
    return (
        f"Counted: {', '.join(covered)}; {PRICE_YEAR} dollars, {100 * DISCOUNT:.0f} % discount "
        "a year from the run's start. Not counted: police, courts and jail, lost trust, fear, "
        "liberty."
    )
