"""Facts of who shoots whom: the recorded network, cascades, gangs, drivers, people who join
cases."""

from __future__ import annotations

import numpy as np

from experiments.estimators import cascades, persons, relational
from experiments.facts.measure import Floats, Pool, mean, measure, plain, ratio
from experiments.facts.view import Missing, View, Views

FOUR_YEARS = 1461
DRIVERS = 0.0006
"""Share of residents whose shootings are counted."""


@measure(ratio)
def shot_inside(views: Views) -> list[float]:
    view = plain(views)
    target = view.people(view.shootings, "target")
    share = persons.shot_inside(target, np.unique(np.concatenate(view.ties)))
    return [share * len(target) if len(target) else 0.0, float(len(target))]


@measure(ratio)
def network_size(views: Views) -> list[float]:
    view = plain(views)
    residents = view.table("weekly", "population").population.mean()
    return [float(len(np.unique(np.concatenate(view.ties)))), float(residents)]


def _contagion(views: Views) -> list[float]:
    """(attributed, shootings in the network, cascades, sum of lags)."""
    view = views["long"]
    found = view.once("contagion", lambda: _fit_contagion(view))
    return [float(found.attributed), float(found.shootings), float(found.cascades), found.lag_sum]


def _fit_contagion(view: View) -> cascades.Contagion:
    rows = view.shootings
    target, day = view.people(rows, "target"), rows.day.to_numpy()
    found = cascades.contagion(*view.ties, target, day, view.days - 1)
    if found.shootings < 50:
        raise Missing(f"only {found.shootings} shootings inside the recorded network")
    return found


def _of(top: int, bottom: int) -> Pool:
    """Sum of one column over sum of another."""
    return lambda rows: ratio(rows[:, [top, bottom]])


measure(_of(0, 1), "long", name="cascade_share")(_contagion)
measure(_of(1, 2), "long", name="cascade_size")(_contagion)
measure(_of(3, 0), "long", name="cascade_lag")(_contagion)


@measure(ratio, "long")
def true_parents(views: Views) -> list[float]:
    """What no study sees: shooting incidents that an earlier one truly caused, and all of them."""
    view = views["long"]
    view.table("events", "incident", "cause")
    rows = view.shootings.drop_duplicates("incident")
    return [float((rows.cause != 0).sum()), float(len(rows))]


def _overlap(view: View) -> persons.Overlap:
    return view.once("overlap", lambda: _join_cases(view))


def _join_cases(view: View) -> persons.Overlap:
    """Police name a suspect where they arrest one; the victim is always named."""
    view.table("events", "incident", "cleared_day")
    rows = view.shootings[view.shootings.day < FOUR_YEARS]
    suspects = rows[(rows.cleared_day >= 0) & (rows.actor >= 0)]
    case = np.concatenate([rows.incident, suspects.incident])
    who = np.concatenate([view.people(rows, "target"), view.people(suspects, "actor")])
    role = np.repeat([False, True], [len(rows), len(suspects)])
    day, x, y = (np.concatenate([rows[c], suspects[c]]) for c in ("day", "x_m", "y_m"))
    return persons.overlap(case, who, role, day, x, y)


@measure(ratio)
def near_pairs_sharing(views: Views) -> list[float]:
    found = _overlap(plain(views))
    return [float(found.near_pairs_sharing), float(found.near_pairs)]


@measure(ratio)
def linked_cases(views: Views) -> list[float]:
    found = _overlap(plain(views))
    return [float(found.linked_cases), float(found.cases)]


@measure(ratio)
def suspects_victims(views: Views) -> list[float]:
    found = _overlap(plain(views))
    return [float(found.suspects_also_victims), float(found.suspects)]


def _median_day(rows: Floats) -> float:
    """Median of lags counted by day (column = lag)."""
    count = rows.sum(axis=0)
    if count.sum() == 0:
        return float("nan")
    return float(np.searchsorted(np.cumsum(count), 0.5 * count.sum()))


@measure(_median_day)
def named_lag(views: Views) -> Floats:
    lags = np.minimum(_overlap(plain(views)).lags, FOUR_YEARS)
    return np.bincount(lags, minlength=FOUR_YEARS + 1).astype(np.float64)


def _weights(view: View) -> relational.Weights:
    return view.once("weights", lambda: _fit_weights(view))


def _fit_weights(view: View) -> relational.Weights:
    dyads = view.table("dyads", "attacker", "target", "standing")
    view.table("events", "actor_gang", "target_gang")
    rows = view.shootings
    rows = rows[(rows.actor_gang >= 0) & (rows.target_gang >= 0)]
    if "incident" in rows.columns:
        rows = rows.drop_duplicates("incident")
    if len(rows) < 30:
        raise Missing(f"only {len(rows)} attacks between gangs")
    known = [dyads.attacker, dyads.target, rows.actor_gang, rows.target_gang]
    gangs = 1 + max(int(column.max()) for column in known if len(column))
    rivals = np.zeros((gangs, gangs))
    rivals[dyads.attacker, dyads.target] = (dyads.standing > 0).astype(float)
    return relational.weights(rows.actor_gang, rows.target_gang, rows.day, rivals)


@measure(mean)
def rivalry_margin(views: Views) -> float:
    found = _weights(plain(views))
    return found.rivalry - found.reciprocity


@measure(mean)
def inertia_margin(views: Views) -> float:
    found = _weights(plain(views))
    return found.inertia - found.reciprocity


@measure(mean)
def reciprocity(views: Views) -> float:
    return _weights(plain(views)).reciprocity


@measure(ratio)
def gang_share(views: Views) -> list[float]:
    view = plain(views)
    view.table("events", "actor_gang", "target_gang")
    rows = view.shootings
    either = (rows.actor_gang >= 0) | (rows.target_gang >= 0)
    return [float(either.sum()), float(len(rows))]


@measure(ratio)
def retaliatory_share(views: Views) -> list[float]:
    view = plain(views)
    view.table("events", "part")
    return [float((view.homicides.part == "retaliation").sum()), float(len(view.homicides))]


def _drivers(views: Views) -> list[float]:
    """(shootings by the few, all shootings, shootings by as many residents picked at random)."""
    view = plain(views)
    drivers = view.table("drivers", "year", "person", "rank")
    residents = float(view.table("weekly", "population").population.mean())
    few = round(DRIVERS * residents)
    rows = view.shootings
    if "incident" in rows.columns:
        rows = rows.drop_duplicates("incident")
    rows = rows[rows.actor >= 0]
    who, year = view.people(rows, "actor"), rows.day.to_numpy() // 365
    by_few = 0
    for k in np.unique(drivers.year):
        chosen = drivers[(drivers.year == k) & (drivers["rank"] < few)].person
        by_few += int(np.isin(who[year == k], chosen).sum())
    counted = int(np.isin(year, drivers.year.unique()).sum())
    return [float(by_few), float(counted), counted * few / residents]


measure(_of(0, 1), name="driver_share")(_drivers)
measure(_of(0, 2), name="driver_excess")(_drivers)


@measure(ratio)
def near_home(views: Views) -> list[float]:
    view = plain(views)
    view.table("events", "home_m")
    rows = view.shootings[view.shootings.home_m >= 0]
    return [float((rows.home_m <= 250.0).sum()), float(len(rows))]
