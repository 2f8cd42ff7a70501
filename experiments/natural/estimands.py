"""What each evaluation counted, on a simulated run: numbers per arm that add up over seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.facts.view import View

Floats = NDArray[np.float64]
FOLLOW_DAYS = 365
COHORT_WEEKS = 52
AGAIN_WEEKS = 104


class Cohort:
    """People arrested for the first time in the first year, and whether again within two years.

    The event log has no minor arrests, so residents' own counters are read each week (never
    written); nobody is named, the arrays stay here.
    """

    def __init__(self) -> None:
        self.state: Any = None
        self.week = 0

    def begin(self, state: Any) -> None:
        """To be called with the state on the first day (`setup` of `sim.run.run`)."""
        lives = state.world.people.lives
        self.arrests = lives["arrests"].copy()
        self.key = lives["key"].copy()
        self.since = np.full(lives.size, -1, dtype=np.int32)
        self.again = np.zeros(lives.size, dtype=bool)
        state.recorders.append(self._look)

    def _look(self, state: Any) -> None:
        lives = state.world.people.lives
        now, key = lives["arrests"], lives["key"]
        same = key == self.key
        more = same & (now > self.arrests)
        inside = (self.since >= 0) & (self.week - self.since <= AGAIN_WEEKS)
        self.again |= more & inside
        self.again |= (
            more & (self.since < 0) & (self.arrests == 0) & (now > 1) & (self.week < COHORT_WEEKS)
        )  # twice in one week
        first = more & (self.arrests == 0) & (self.since < 0) & (self.week < COHORT_WEEKS)
        self.since[first] = self.week
        self.arrests, self.key = now.copy(), key.copy()
        self.week += 1

    @property
    def counts(self) -> tuple[float, float]:
        """(arrested again, in the cohort)."""
        members = self.since >= 0
        return float((self.again & members).sum()), float(members.sum())


def reprisals(view: View, cohort: Cohort) -> Floats:
    """Reprisals within a year of each shooting of a gang member; and those shootings.

    Shootings of the first quarter, while staff are hired, and of the last year don't count.
    """
    events = view.result.events
    days = view.days
    shot = events[(events.kind == "shooting") & (events.target_gang >= 0)]
    shot = shot[(shot.day >= 91) & (shot.day < days - FOLLOW_DAYS)]
    attempts = events[(events.rule == "grievance") & events.kind.isin(["shooting", "gunfire"])]
    attempts = attempts.drop_duplicates("incident")
    begun = pd.Series(shot.day.to_numpy(), index=shot.id.to_numpy())
    parent = attempts.cause.map(begun)
    lag = attempts.day - parent
    answered = (lag >= 0) & (lag <= FOLLOW_DAYS)
    return np.array([float(answered.sum()), float(shot.incident.nunique())])


def _last_weeks(view: View, table: str, column: str, from_week: int) -> float:
    rows = view.table(table, "week", column)
    return float(rows[rows.week >= from_week][column].sum())


def firearm_violence(view: View, cohort: Cohort) -> Floats:
    """People shot in the city, and its person-years."""
    weekly = view.table("weekly", "persons_shot", "population")
    return np.array([float(weekly.persons_shot.sum()), float(weekly.population.sum()) / 52.18])


def other_violence(view: View, cohort: Cohort) -> Floats:
    """Serious assaults without a gun, and person-years."""
    weekly = view.table("weekly", "serious_assaults", "population")
    return np.array([float(weekly.serious_assaults.sum()), float(weekly.population.sum()) / 52.18])


def homicides_cleared(view: View, cohort: Cohort) -> Floats:
    """Homicides after the first half year, cleared within a year; and those homicides."""
    rows = view.homicides
    rows = rows[(rows.day >= 182) & (rows.day < view.days - FOLLOW_DAYS)]
    wait = rows.cleared_day - rows.day
    done = (rows.cleared_day >= 0) & (wait <= FOLLOW_DAYS)
    return np.array([float(done.sum()), float(len(rows))])


def crimes_cleared(view: View, cohort: Cohort) -> Floats:
    """Arrests for reported crimes (not those out of stops); reports; sum of response minutes by
    week; weeks."""
    weekly = view.table("weekly", "arrests", "guns_found", "vice_arrests", "response_minutes")
    record = view.table("recorded", "violent_reported", "property_reported")
    arrests = weekly.arrests.sum() - weekly.guns_found.sum() - weekly.vice_arrests.sum()
    reports = record.violent_reported.sum() + record.property_reported.sum()
    return np.array(
        [float(arrests), float(reports), float(weekly.response_minutes.sum()), float(len(weekly))]
    )


def force(view: View, cohort: Cohort) -> Floats:
    """Uses of force in the second half year and later, and contacts (stops and calls)."""
    contacts = sum(_last_weeks(view, "weekly", name, 26) for name in ("stops", "calls"))
    return np.array([_last_weeks(view, "weekly", "force", 26), contacts])


def officers_hurt(view: View, cohort: Cohort) -> Floats:
    """Officers hurt in the second half year and later, and contacts."""
    contacts = sum(_last_weeks(view, "weekly", name, 26) for name in ("stops", "calls"))
    return np.array([_last_weeks(view, "weekly", "officer_injuries", 26), contacts])


def arrested_again(view: View, cohort: Cohort) -> Floats:
    """Arrested again, in the cohort; arrests not diverted, and arrests, of the first year."""
    weekly = view.table("weekly", "arrests", "diverted", "week")
    first = weekly[weekly.week < COHORT_WEEKS]
    arrests = float(first.arrests.sum())
    return np.array([*cohort.counts, arrests - float(first.diverted.sum()), arrests])


# --- effects: from the sums of both arms to one number ------------------------------------------


def relative(base: Floats, treated: Floats) -> float:
    """Change of the rate, as a share of the untreated one."""
    if base[0] <= 0 or base[1] <= 0 or treated[1] <= 0:
        return float("nan")
    return float((treated[0] / treated[1]) / (base[0] / base[1]) - 1.0)


def relative_count(base: Floats, treated: Floats) -> float:
    """Change of the count, as a share."""
    return float(treated[0] / base[0] - 1.0) if base[0] > 0 else float("nan")


def points(base: Floats, treated: Floats) -> float:
    """Difference of the shares."""
    if base[1] <= 0 or treated[1] <= 0:
        return float("nan")
    return float(treated[0] / treated[1] - base[0] / base[1])


def points_per_tenth_slower(base: Floats, treated: Floats) -> float:
    """Difference of the shares cleared per +10 % of measured response time."""
    slower = (treated[2] / treated[3]) / (base[2] / base[3]) - 1.0
    return points(base, treated) / (slower / 0.10) if slower > 0.005 else float("nan")


def late_share(base: Floats, treated: Floats) -> float:
    """Wald: change of being arrested again per prosecution forgone, over the untreated rate."""
    forgone = base[2] / base[3] - treated[2] / treated[3]
    if forgone <= 0.01 or base[0] <= 0:
        return float("nan")
    return float(points(base[:2], treated[:2]) / forgone / (base[0] / base[1]))
