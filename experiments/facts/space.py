"""Facts of place and time: concentration, near repeats, branching, season, multiple victims."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.estimators import clearance, hawkes, incidents, knox, maps, weekly
from experiments.facts.measure import Floats, mean, measure, plain, rates_ratio, ratio
from experiments.facts.view import Missing, View, Views

SOURCE_COUNT = 2228
"""Incidents in the smallest of the shooting files that the map's figures come from (Baltimore)."""
PERMUTATIONS = 99


def _map_points(views: Views) -> tuple[Floats, Floats, np.random.Generator]:
    """Incidents of the longest run, thinned to the source's count."""
    view = views["long"]
    rng = view.rng("map")
    found = view.incidents
    if len(found.day) < 100:
        raise Missing(f"only {len(found.day)} incidents: too few for a map")
    kept = rng.permutation(len(found.day))[:SOURCE_COUNT]
    return found.x_m[kept], found.y_m[kept], rng


@measure(mean, "long")
def top_cells(views: Views) -> float:
    x, y, rng = _map_points(views)
    return maps.concentration(x, y, rng)[0]


@measure(mean, "long")
def sparse_gini(views: Views) -> float:
    x, y, rng = _map_points(views)
    return maps.concentration(x, y, rng)[2]


@measure(mean, "long")
def map_halves(views: Views) -> float:
    x, y, rng = _map_points(views)
    return maps.halves(x, y, rng)


def _knox(view: View, within_m: float, lags: tuple[int, int]) -> list[float]:
    found = view.homicide_incidents
    half = knox.half_years(found.day)
    result = knox.knox(
        found.x_m, found.y_m, found.day, within_m, lags, view.rng("knox"), half, PERMUTATIONS
    )
    return [float(result.observed), result.expected]


@measure(ratio)
def knox_near(views: Views) -> list[float]:
    return _knox(plain(views), 125.0, (0, 14))


@measure(ratio)
def knox_far(views: Views) -> list[float]:
    return _knox(plain(views), 400.0, (15, 28))


def _footprint(found: incidents.Incidents) -> float:
    return float(maps.cell_counts(found.x_m, found.y_m, 300.0, (0.0, 0.0)).size) * 300.0**2


def _branching(view: View) -> hawkes.Net:
    return view.once("branching", lambda: _fit_branching(view))


def _fit_branching(view: View) -> hawkes.Net:
    found = view.incidents
    if len(found.day) < 100:
        raise Missing(f"only {len(found.day)} incidents: too few for a branching ratio")
    area, span = _footprint(found), float(view.days)
    rng = view.rng("hawkes")
    return hawkes.net(found.x_m, found.y_m, found.day, area, span, rng, permutations=5)


@measure(ratio)
def hawkes_raw(views: Views) -> list[float]:
    view = plain(views)
    count = float(len(view.incidents.day))
    return [_branching(view).fit.theta * count, count]


@measure(ratio)
def hawkes_net(views: Views) -> list[float]:
    view = plain(views)
    count = float(len(view.incidents.day))
    return [_branching(view).net * count, count]


@measure(rates_ratio)
def hawkes_gang(views: Views) -> list[float]:
    """Separate fits with one fixed background kernel, as in the study of gang and other crime
    [H03]."""
    view = plain(views)
    view.table("events", "actor_gang", "target_gang")
    rows = view.shootings
    either = (rows.actor_gang >= 0) | (rows.target_gang >= 0)
    found = view.incidents
    gang = np.zeros(len(found.day), dtype=bool)
    np.logical_or.at(gang, found.member, either.to_numpy())
    fewest = int(min(gang.sum(), (~gang).sum()))
    if fewest < 50:
        raise Missing(f"only {fewest} incidents of one kind: too few to compare gang with other")
    area, out = _footprint(found), []
    for mask in (gang, ~gang):
        count = int(mask.sum())
        fit = hawkes.fit(
            found.x_m[mask],
            found.y_m[mask],
            found.day[mask],
            area,
            float(view.days),
            gap_days=0,
            scales_m=(1000.0,),
        )
        out += [fit.theta * count, float(count)]
    return out


def _window(view: View) -> tuple[str, str]:
    first = pd.Timestamp(view.scenario.start)
    return str(first.date()), str((first + pd.Timedelta(days=view.days - 1)).date())


def _season(view: View, day: Any) -> list[float]:
    """(summer events, summer days, winter events, winter days)."""
    first = pd.Timestamp(view.scenario.start)
    calendar = pd.date_range(*_window(view)).month
    month = pd.DatetimeIndex(first + pd.to_timedelta(np.asarray(day), unit="D")).month
    out = []
    for season in ((6, 7, 8), (12, 1, 2)):
        out += [float(np.isin(month, season).sum()), float(np.isin(calendar, season).sum())]
    return out


@measure(mean)
def weekly_dispersion(views: Views) -> float:
    view = plain(views)
    counts = weekly.weekly_counts(view.incidents.day, 0, view.days - 1)
    if len(counts) < 60:
        raise Missing(f"{len(counts)} weeks are too few to take year and season out")
    return weekly.rhythm(counts, pd.Timestamp(view.scenario.start)).dispersion


@measure(rates_ratio)
def summer_shootings(views: Views) -> list[float]:
    view = plain(views)
    return _season(view, view.incidents.day)


@measure(rates_ratio)
def summer_homicides(views: Views) -> list[float]:
    view = plain(views)
    return _season(view, view.homicide_incidents.day)


@measure(ratio)
def multi_victim_share(views: Views) -> list[float]:
    victims = plain(views).incidents.victims
    return [float((victims > 1).sum()), float(len(victims))]


@measure(ratio)
def victims_per_incident(views: Views) -> list[float]:
    victims = plain(views).incidents.victims
    return [float(victims.sum()), float(len(victims))]


def _after_over_before(rows: Floats) -> float:
    after_open, before_open, after_shut, before_shut = rows.sum(axis=0)
    bottom = before_open * after_shut
    return float(after_open * before_shut / bottom) if bottom > 0 else float("nan")


@measure(_after_over_before)
def local_aftermath(views: Views) -> list[float]:
    """Homicides as in the 25 cities' file, with incidents of every kind of case around them."""
    view = plain(views)
    view.table("events", "cleared_day")
    found, rows = view.homicide_incidents, view.homicides
    shut = np.zeros(len(found.day), dtype=bool)
    cleared = (rows.cleared_day >= 0).to_numpy()
    np.logical_or.at(shut, found.member, cleared)
    result = clearance.aftermath(found.x_m, found.y_m, found.day, shut, 0, view.days - 1)
    weights = (result.open_cases, result.open_cases, result.cleared_cases, result.cleared_cases)
    means = (result.after_open, result.before_open, result.after_cleared, result.before_cleared)
    return [count * value for count, value in zip(weights, means, strict=True)]
