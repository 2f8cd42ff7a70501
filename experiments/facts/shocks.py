"""Facts that need an incident: the same seed with and without it, so that only the incident
differs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.estimators import clearance
from experiments.facts.beliefs import confidence, large_groups
from experiments.facts.designs import QUARTER_WEEKS, SHOCK_DAY, WINDOW_DAYS
from experiments.facts.measure import Floats, measure, ratio
from experiments.facts.view import View, Views

YEAR = 365


def _calls(views: Views, design: str) -> list[float]:
    """(calls, gunfire) in the quarter after, with the incident and then without."""
    first = SHOCK_DAY // 7 + 1
    weeks = slice(first, first + QUARTER_WEEKS)
    out = []
    for name in (design, "plain"):
        view = views[name]
        out.append(view.weekly_sum("recorded", "gunfire_reported", weeks))
        out.append(view.weekly_sum("weekly", "gunfire_incidents", weeks))
    return out


def _relative(rows: Floats) -> float:
    calls, fired, calls_without, fired_without = rows.sum(axis=0)
    if fired <= 0 or calls_without <= 0:
        return float("nan")
    return float((calls / fired) / (calls_without / fired_without) - 1.0)


@measure(_relative, "plain", "shock")
def calls_national(views: Views) -> list[float]:
    return _calls(views, "shock")


@measure(_relative, "plain", "local")
def calls_local(views: Views) -> list[float]:
    return _calls(views, "local")


def _fall(views: Views, first_week: int, weeks: int) -> Floats:
    """Fall of confidence by group against the run without the incident; NaN for small groups."""
    since = SHOCK_DAY // 7 + 1 + first_week
    with_it, without = (confidence(views[name])[since : since + weeks] for name in _PAIR)
    fall = np.nanmean(without[: len(with_it)], axis=0) - np.nanmean(with_it, axis=0)
    level = np.nanmean(without, axis=0)
    return np.where(large_groups(views["plain"]), [fall, level], np.nan)


_PAIR = ("shock", "plain")


def _least(rows: Floats, row: int) -> float:
    """The number in `row` of the group with the lowest level (the last row of numbers)."""
    table = rows.mean(axis=0).reshape(-1, rows.shape[1] // _ROWS)
    return float(table[row, np.nanargmin(table[-1])])


_ROWS = 3


def _falls(views: Views) -> Floats:
    """By group: fall within two months, fall after a year, level without the incident."""
    early, late = _fall(views, 0, 9), _fall(views, 50, 5)
    return np.concatenate([early[0], late[0], early[1]])


measure(lambda rows: _least(rows, 0), *_PAIR, name="confidence_drop")(_falls)


@measure(lambda rows: 1.0 - _least(rows, 1) / _least(rows, 0), *_PAIR)
def confidence_recovered(views: Views) -> Floats:
    return _falls(views)


def _in_window(view: View, first_day: int) -> pd.DataFrame:
    rows = view.shootings
    return rows[(rows.day >= first_day) & (rows.day < first_day + WINDOW_DAYS)]


def _after_and_before(view: View) -> list[float]:
    counts = [len(_in_window(view, day)) for day in (SHOCK_DAY, SHOCK_DAY - YEAR)]
    return [float(n) for n in counts]


@measure(ratio, "shock")
def shock_rise(views: Views) -> list[float]:
    return _after_and_before(views["shock"])


@measure(ratio, "plain")
def calm_rise(views: Views) -> list[float]:
    return _after_and_before(views["plain"])


def _clearance_change(rows: Floats) -> float:
    after, at_risk, before, at_risk_before = np.split(rows.sum(axis=0), 4)
    changed = clearance.share_cleared(after, at_risk)
    return changed - clearance.share_cleared(before, at_risk_before)


@measure(_clearance_change, "shock")
def shock_clearance(views: Views) -> Floats:
    view = views["shock"]
    view.table("events", "cleared_day")
    curves = []
    for day in (SHOCK_DAY, SHOCK_DAY - YEAR):
        rows = _in_window(view, day)
        opened, closed = rows.day.to_numpy(), rows.cleared_day.to_numpy()
        curves += list(clearance.cleared_within(opened, closed, view.days - 1, YEAR))
    return np.concatenate(curves)
