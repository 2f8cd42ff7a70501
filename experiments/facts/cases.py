"""Facts of deaths and cases: level, lethality, clearance, its gaps, and the price of workload."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import logit

from experiments.estimators import clearance
from experiments.facts.measure import Floats, measure, plain, ratio
from experiments.facts.view import Missing, View, Views

YEAR = 365
SMALLEST_GROUP = 0.05
"""Groups with a smaller share of residents are left out of gaps: their rates are noise."""


@measure(ratio)
def lethality(views: Views) -> list[float]:
    rows = plain(views).shootings
    return [float(rows.fatal.astype(bool).sum()), float(len(rows))]


def _trend(rows: Floats) -> float:
    """Weighted slope of the yearly log odds (half a person added to each cell)."""
    died, shot = np.split(rows.sum(axis=0), 2)
    odds = logit((died + 0.5) / (shot + 1.0))
    weight = np.sqrt(died + 0.5)
    return float(np.polyfit(np.arange(len(odds)), odds, 1, w=weight)[0])


@measure(_trend)
def lethality_trend(views: Views) -> Floats:
    view = plain(views)
    years = view.days // YEAR
    if years < 3:
        raise Missing(f"{years} whole years are too few for a trend")
    year = view.shootings.day.to_numpy() // YEAR
    inside = year < years
    died = view.shootings.fatal.to_numpy().astype(bool) & inside
    shot = np.bincount(year[inside], minlength=years)
    return np.concatenate([np.bincount(year[died], minlength=years), shot]).astype(np.float64)


@measure(ratio)
def homicide_rate(views: Views) -> list[float]:
    view = plain(views)
    weekly = view.table("weekly", "homicides", "population")
    person_years = float(weekly.population.sum()) * 7.0 / 365.25
    return [1e5 * float(weekly.homicides.sum()), person_years]


def residents_by_group(view: View) -> Floats:
    """Mean number of residents of each group over the run."""
    rows = view.table("groups", "week", "group", "population")
    weeks = rows.week.nunique()
    out = np.zeros(len(view.group_names))
    np.add.at(out, view.groups_of(rows.group), rows.population.to_numpy(dtype=float) / weeks)
    return out


def _gap(rows: Floats) -> float:
    """Most over least affected among groups of some size; half an event where a group has none."""
    count, people = np.split(rows.sum(axis=0), 2)
    rate = np.maximum(count, 0.5) / np.maximum(people, 1.0)
    rate = rate[people / people.sum() >= SMALLEST_GROUP]
    return float(rate.max() / rate.min()) if len(rate) > 1 else float("nan")


@measure(_gap)
def shooting_gap(views: Views) -> Floats:
    view = plain(views)
    people = residents_by_group(view)
    view.table("events", "target_group")
    group = view.groups_of(view.shootings.target_group)
    alive = ~view.shootings.fatal.to_numpy().astype(bool) & (group >= 0)
    return np.concatenate([np.bincount(group[alive], minlength=len(people)), people])


def _curve(view: View, rows: pd.DataFrame, horizon: int) -> Floats:
    """Cleared and at risk by day since the case: two rows of horizon + 1 numbers, one after
    another."""
    if "cleared_day" not in rows.columns:
        raise Missing("table events has no column cleared_day")
    opened, closed = rows.day.to_numpy(), rows.cleared_day.to_numpy()
    return np.concatenate(clearance.cleared_within(opened, closed, view.days - 1, horizon))


def _share(curve: Floats, by_day: int | None = None) -> float:
    cleared, at_risk = np.split(curve, 2)
    return clearance.share_cleared(cleared, at_risk, by_day)


def _fatal_and_not(views: Views) -> Floats:
    view = plain(views)
    fatal = view.shootings.fatal.astype(bool)
    both = [view.shootings[fatal], view.shootings[~fatal]]
    return np.concatenate([_curve(view, rows, YEAR) for rows in both])


def _fatal_over_not(rows: Floats) -> float:
    fatal, other = (_share(half) for half in np.split(rows.sum(axis=0), 2))
    return fatal / other if other > 0 else float("nan")


def _difference_48h(rows: Floats) -> float:
    fatal, other = (_share(half, 2) for half in np.split(rows.sum(axis=0), 2))
    return fatal - other


measure(_fatal_over_not, name="clearance_ratio")(_fatal_and_not)
measure(_difference_48h, name="clearance_48h")(_fatal_and_not)


@measure(lambda rows: _share(rows.sum(axis=0)))
def homicide_clearance(views: Views) -> Floats:
    view = plain(views)
    return _curve(view, view.homicides, 2 * YEAR)


def _group_gap(rows: Floats) -> float:
    """Clearance of the least minus the most killed group (by deaths per resident)."""
    total = rows.sum(axis=0)
    people, curves = total[: int(total[-1] / len(rows))], total[:-1]
    groups = len(people)
    shares = np.array([_share(curve) for curve in np.split(curves[groups:], groups)])
    deaths = np.array([curve[len(curve) // 2] for curve in np.split(curves[groups:], groups)])
    large = (people / people.sum() >= SMALLEST_GROUP) & np.isfinite(shares)
    if large.sum() < 2:
        return float("nan")
    rate = np.where(large, deaths / np.maximum(people, 1.0), np.nan)
    return float(shares[np.nanargmin(rate)] - shares[np.nanargmax(rate)])


@measure(_group_gap)
def clearance_group_gap(views: Views) -> Floats:
    view = plain(views)
    people = residents_by_group(view)
    view.table("events", "target_group")
    group = view.groups_of(view.homicides.target_group)
    curves = [_curve(view, view.homicides[group == g], 2 * YEAR) for g in range(len(people))]
    return np.concatenate([people, *curves, [float(len(people))]])


def _city_years(rows: Floats) -> float:
    """Each seed is a city; its row holds cleared shares, then homicides, year by year."""
    shares, counts = np.split(rows, 2, axis=1)
    city = np.repeat(np.arange(len(rows)), shares.shape[1])
    year = np.tile(np.arange(shares.shape[1]), len(rows))
    known = np.isfinite(shares.ravel()) & (counts.ravel() > 0)
    if known.sum() < 4 or len(rows) < 2:
        return float("nan")
    return clearance.workload_slope(
        shares.ravel()[known], counts.ravel()[known], city[known], year[known]
    )


@measure(_city_years)
def workload(views: Views) -> Floats:
    """Clearance within a year by year of the homicide; the last year has no year to come."""
    view = plain(views)
    rows = view.homicides
    view.table("events", "cleared_day")
    years = view.days // YEAR - 1
    if years < 2:
        raise Missing(f"{years} whole years with a year of follow-up are too few")
    year = rows.day.to_numpy() // YEAR
    wait = rows.cleared_day.to_numpy() - rows.day.to_numpy()
    cleared = (rows.cleared_day.to_numpy() >= 0) & (wait <= YEAR)
    inside = year < years
    counts = np.bincount(year[inside], minlength=years).astype(np.float64)
    solved = np.bincount(year[inside & cleared], minlength=years)
    shares = np.divide(solved, counts, out=np.full(years, np.nan), where=counts > 0)
    return np.concatenate([shares, counts])
