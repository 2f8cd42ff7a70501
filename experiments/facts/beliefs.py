"""Facts of trust, reporting, contacts and carrying."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.estimators import people
from experiments.facts.cases import SMALLEST_GROUP, residents_by_group
from experiments.facts.measure import Floats, mean, measure, plain, rates_ratio, ratio
from experiments.facts.view import Missing, View, Views

COMPLAINTS_EACH = 4.85
"""Complaints per accused officer in the source (Chicago 2000-2015)."""


def _share(view: View, of: tuple[str, str], reported: tuple[str, str]) -> list[float]:
    return [view.weekly_sum(*reported), view.weekly_sum(*of)]


@measure(ratio)
def reported_violent(views: Views) -> list[float]:
    surveyed = ("recorded", "violent_victimisations_surveyed")
    return _share(plain(views), surveyed, ("recorded", "violent_reported"))


def _reported_of_kind(view: View, kind: str) -> list[float]:
    """From the weekly record if it tells, else from the sample of victimisations."""
    record = getattr(view.result, "recorded", None)
    column = f"{kind}_reported"
    surveyed = f"{kind}_victimisations_surveyed"
    if isinstance(record, pd.DataFrame) and {column, surveyed} <= set(record.columns):
        return [float(record[column].sum()), float(record[surveyed].sum())]
    sample = view.table("victimisations", "kind", "reported")
    rows = sample[sample.kind == kind]
    return [float(rows.reported.sum()), float(len(rows))]


@measure(ratio)
def reported_robbery(views: Views) -> list[float]:
    return _reported_of_kind(plain(views), "robbery")


@measure(ratio)
def reported_property(views: Views) -> list[float]:
    """Of vehicle theft and its like where the run tells them apart, else of all property crime."""
    view = plain(views)
    if "property_serious_reported" in view.table("recorded").columns:
        serious = ("weekly", "property_serious")
        return _share(view, serious, ("recorded", "property_serious_reported"))
    return _reported_of_kind(view, "property")


@measure(ratio)
def reported_gunfire(views: Views) -> list[float]:
    fired = ("weekly", "gunfire_incidents")
    return _share(plain(views), fired, ("recorded", "gunfire_reported"))


@measure(mean)
def trust_slope(views: Views) -> float:
    rows = plain(views).table("victimisations", "serious", "legitimacy", "reported")
    rows = rows[rows.serious.astype(bool)]
    return people.trust_slope(rows.reported, rows.legitimacy, np.ones(len(rows)))[0]


@measure(mean)
def severity_margin(views: Views) -> float:
    rows = plain(views).table("victimisations", "serious", "legitimacy", "reported")
    slope, severity = people.trust_slope(rows.reported, rows.legitimacy, rows.serious)
    return severity - slope


def confidence(view: View) -> Floats:
    """Share confident in police by week and group, shape (weeks, groups).

    Confident are adults with legitimacy of 0.65 or more, an answer of 7 to 10 of 10: the reading
    that joins Chicago's mean scores (55 to 67 of 100) with Gallup's shares (0.30 to 0.58) [S14].
    """
    rows = view.table("groups", "week", "group", "confident", "adults")
    group = view.groups_of(rows.group)
    week = rows.week.to_numpy()
    shape = (int(week.max()) + 1, len(view.group_names))
    sure, asked = np.zeros(shape), np.zeros(shape)
    np.add.at(sure, (week, group), rows.confident.to_numpy(dtype=float))
    np.add.at(asked, (week, group), rows.adults.to_numpy(dtype=float))
    return np.asarray(np.divide(sure, asked, out=np.full(shape, np.nan), where=asked > 0))


def large_groups(view: View) -> Floats:
    """True where a group is large enough to speak of its mean."""
    residents = residents_by_group(view)
    return np.asarray(residents / residents.sum() >= SMALLEST_GROUP)


def _level(views: Views) -> Floats:
    """Mean confidence of each large group over the run's last year; NaN for the others."""
    view = plain(views)
    level = np.nanmean(confidence(view)[-52:], axis=0)
    return np.where(large_groups(view), level, np.nan)


measure(lambda rows: float(np.nanmin(rows.mean(axis=0))), name="confidence_least")(_level)
measure(lambda rows: float(np.nanmax(rows.mean(axis=0))), name="confidence_most")(_level)


def _stops_by_area(view: View) -> pd.DataFrame:
    rows = view.table("areas", "area", "stops", "population")
    return rows.groupby("area", observed=True).agg(n=("stops", "sum"), people=("population", "sum"))


@measure(mean)
def stop_gradient(views: Views) -> float:
    rows = _stops_by_area(plain(views))
    return people.tenths_ratio(rows.n, rows.people)


@measure(rates_ratio, "stops", "stops_x4")
def stop_yield(views: Views) -> list[float]:
    """Guns and stops at the usual volume, then at four times it."""
    out = []
    for design in ("stops", "stops_x4"):
        view = views[design]
        out += [view.weekly_sum("weekly", "guns_found"), view.weekly_sum("weekly", "stops")]
    return out


def _force_gap(rows: Floats) -> float:
    force, contacts, people_in = np.split(rows.sum(axis=0), 3)
    rate = np.divide(force, contacts, out=np.full(len(force), np.nan), where=contacts > 0)
    rate = rate[(people_in / people_in.sum() >= SMALLEST_GROUP) & np.isfinite(rate)]
    return float(rate.max() / rate.min()) if len(rate) > 1 and rate.min() > 0 else float("nan")


@measure(_force_gap)
def force_disparity(views: Views) -> Floats:
    """Force over contacts of any kind where the run counts them by group; else force in stops over
    stops, so that both ends are about the same contacts."""
    view = plain(views)
    rows = view.table("groups", "group", "force", "stops")
    out = np.zeros((2, len(view.group_names)))
    group = view.groups_of(rows.group)
    if "contacts" in rows.columns:
        np.add.at(out[0], group, rows.force.to_numpy(dtype=float))
        np.add.at(out[1], group, rows.contacts.to_numpy(dtype=float))
    else:
        events = view.table("events", "kind", "day", "rule", "target_group")
        used = events[(events.kind == "force") & (events.rule == "stop") & (events.day >= 0)]
        target = view.groups_of(used.target_group)
        np.add.at(out[0], target[target >= 0], 1.0)
        np.add.at(out[1], group, rows.stops.to_numpy(dtype=float))
    return np.concatenate([*out, residents_by_group(view)])


def hot_areas(view: View, share: float) -> Floats:
    """Areas that hold the `share` of residents with the highest shooting rates."""
    rows = view.table("areas", "area", "persons_shot", "population")
    total = rows.groupby("area", observed=True)[["persons_shot", "population"]].sum()
    total = total[total.population > 0]
    order = total.assign(rate=total.persons_shot / total.population).sort_values("rate")[::-1]
    before = order.population.cumsum() - order.population
    return np.asarray(order.index[before < share * order.population.sum()])


def _young_men(view: View, oldest: int, share: float) -> pd.DataFrame:
    rows = view.table("survey", "age", "sex", "area")
    return rows[
        (rows.sex == 1) & rows.age.between(18, oldest) & rows.area.isin(hot_areas(view, share))
    ]


def _odds(rows: Floats) -> float:
    yes_given, no_given, yes_not, no_not = rows.sum(axis=0) + 0.5
    return float(yes_given * no_not / (no_given * yes_not))


@measure(_odds)
def carrying_odds(views: Views) -> tuple[float, float, float, float]:
    view = plain(views)
    view.table("survey", "carrying", "shot_at_year")
    rows = _young_men(view, 34, 0.2)
    weight = rows["weight"] if "weight" in rows.columns else None
    return people.odds_cells(rows.carrying, rows.shot_at_year, weight)


@measure(ratio)
def ever_carried(views: Views) -> list[float]:
    view = plain(views)
    view.table("survey", "ever_carried")
    rows = _young_men(view, 26, 0.1)
    weight = rows["weight"].to_numpy() if "weight" in rows.columns else np.ones(len(rows))
    return [float(np.sum(weight * rows.ever_carried.to_numpy(dtype=float))), float(weight.sum())]


def _area_gradient(rows: Floats) -> float:
    """Areas keep their names from seed to seed, so seeds add up area by area."""
    trust, deaths, residents = np.split(np.nansum(rows, axis=0), 3)
    lived_in = residents / len(rows) > 500.0
    rate = deaths[lived_in] / residents[lived_in]
    return people.spearman(trust[lived_in] / residents[lived_in], rate)


@measure(_area_gradient)
def trust_gradient(views: Views) -> Floats:
    rows = plain(views).table("areas", "week", "area", "legitimacy", "homicides", "population")
    last = rows[rows.week == rows.week.max()].set_index("area").sort_index()
    deaths = rows.groupby("area", observed=True).homicides.sum().sort_index()
    residents = last.population.to_numpy(dtype=float)
    trust = np.where(residents > 0, last.legitimacy.to_numpy(dtype=float) * residents, 0.0)
    return np.concatenate([trust, deaths.to_numpy(dtype=float), residents])


def _order(rows: Floats) -> float:
    """Least step of legitimacy from the most shot group to the next; positive when the order
    holds."""
    trust, shot, residents = np.split(rows.sum(axis=0), 3)
    large = residents / residents.sum() >= SMALLEST_GROUP
    if large.sum() < 2:
        return float("nan")
    order = np.argsort(-shot[large] / residents[large])
    steps = np.diff((trust[large] / residents[large])[order])
    return float(steps.min())


@measure(_order)
def trust_order(views: Views) -> Floats:
    view = plain(views)
    rows = view.table("groups", "group", "legitimacy", "persons_shot", "population")
    group = view.groups_of(rows.group)
    residents = rows.population.to_numpy(dtype=float)
    out = np.zeros((3, len(view.group_names)))
    trust = np.where(residents > 0, rows.legitimacy.to_numpy(dtype=float) * residents, 0.0)
    np.add.at(out[0], group, trust)
    np.add.at(out[1], group, rows.persons_shot.to_numpy(dtype=float))
    np.add.at(out[2], group, residents)
    return out.ravel()


@measure(mean)
def officer_skew(views: Views) -> float:
    view = plain(views)
    counts = view.table("officers", "complaints").complaints.to_numpy()
    if counts.sum() < 100:
        raise Missing(f"only {counts.sum()} complaints: too few to see a skew")
    return people.top_share(people.thin(counts, COMPLAINTS_EACH, view.rng("complaints")))
