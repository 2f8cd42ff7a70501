"""A small made-up run with every table that metrics read, and one in which nothing happened.

The numbers follow simple patterns, so that a metric's answer can be worked out by hand.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

WEEKS, AREAS, GROUPS = 60, 4, ("a", "b")
SHOOTINGS = 120
"""One person shot every third day; every fifth dies, every fourth is answered by the next."""

COUNTS = [
    "homicides",
    "gun_deaths",
    "nongun_deaths",
    "persons_shot",
    "shooting_incidents",
    "gunfire_incidents",
    "retaliatory_incidents",
    "linked_incidents",
    "serious_assaults",
    "robberies",
    "simple_assaults",
    "domestic",
    "sexual",
    "property",
    "disorder",
    "sales",
    "calls",
    "stops",
    "searches",
    "guns_found",
    "citations",
    "vice_arrests",
    "raids",
    "force",
    "disrespect",
    "arrests",
    "arrests_shooting",
    "jailings",
    "jail_days",
    "officer_injuries",
    "publicised",
    "guns_acquired",
    "births",
    "arrivals",
    "departures",
    "natural_deaths",
]
MEANS = [
    "legitimacy",
    "fairness",
    "effectiveness",
    "cynicism",
    "fear",
    "trauma",
    "carrying_share",
    "gang_members",
    "officer_stress",
    "officer_danger",
    "response_minutes",
    "open_cases",
    "in_jail",
    "grievances",
    "programme_cost",
]
RECORDED = [
    "violent_victimisations_surveyed",
    "violent_reported",
    "property_reported",
    "gunfire_reported",
    "homicides_recorded",
    "nonfatal_recorded",
    "cleared_fatal",
    "cleared_nonfatal",
    "complaints",
    "recorded_stops",
    "recorded_arrests",
    "listed_members",
    "recorded_network",
]


def sample() -> SimpleNamespace:
    """A run of 60 weeks in which week w has w % 5 of everything that is counted."""
    week = np.arange(WEEKS)
    weekly = pd.DataFrame({"week": week, "day": 7 * week, "population": 10_000})
    for k, name in enumerate(COUNTS):
        weekly[name] = (week + k) % 5
    for k, name in enumerate(MEANS):
        weekly[name] = 0.3 + 0.01 * ((week + k) % 7)
    recorded = pd.DataFrame({"week": week})
    for k, name in enumerate(RECORDED):
        recorded[name] = (week + k) % 4
    return SimpleNamespace(
        weekly=weekly,
        recorded=recorded,
        areas=_by("area", list(range(AREAS)), 2500),
        groups=_by("group", list(GROUPS), 5000).assign(sex=1, age_band="18-24"),
        events=_events(),
    )


def empty() -> SimpleNamespace:
    """The same tables with nobody hurt, stopped or counted, and no event."""
    run = sample()
    for table in (run.weekly, run.recorded, run.areas, run.groups):
        for name in table.columns:
            if name not in ("week", "day", "area", "group", "sex", "age_band", "population"):
                table[name] = table[name] * 0
    run.events = run.events.iloc[:0]
    return run


def _by(unit: str, labels: list[int] | list[str], people: int) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([range(WEEKS), labels], names=["week", unit])
    out = index.to_frame(index=False)
    out["population"] = people
    place = np.tile(np.arange(len(labels)), WEEKS)
    counted = "homicides persons_shot victimised stops force arrests jail_days violent_reported"
    counted += " shooting_incidents retaliatory_incidents violent cleared_fatal cleared_nonfatal"
    for k, name in enumerate(counted.split()):
        out[name] = (place + 1) * ((out.week.to_numpy() + k) % 3)
    for name in ("legitimacy", "fear", "trauma"):
        out[name] = 0.6 - 0.1 * place
    return out


def _events() -> pd.DataFrame:
    number = np.arange(SHOOTINGS)
    answered = (number % 4 == 0) & (number > 0)
    out = pd.DataFrame(
        {
            "id": (number + 1).astype(np.uint64),
            "day": 3 * number,
            "kind": "shooting",
            "area": number % AREAS,
            "x_m": 150.0 * (number % 11),
            "y_m": 150.0 * (number % 7),
            "actor": 200 + number % 17,
            "target": number % 50,
            "actor_gang": number % 3 - 1,
            "target_gang": number % 5 - 1,
            "target_group": np.array(GROUPS)[number % 2],
            "cause": np.where(answered, number, 0).astype(np.uint64),
            "incident": (number // 2 + 1).astype(np.uint64),
            "part": np.where(answered, "retaliation", "background"),
            "fatal": number % 5 == 0,
            "home_m": np.where(number % 2 == 0, 100.0, 1500.0),
            "cleared_day": np.where(number % 3 == 0, 3 * number + 10, -1),
        }
    )
    return out
