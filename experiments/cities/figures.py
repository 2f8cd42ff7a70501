"""What a list of victims says of a city: one set of functions for the file and for the simulation.

Totals (level, lethality, clearance) are taken for any window, shapes (season, concentration, near
repeats, several victims, groups, people) for long ones. Intervals are 90 %: exact Poisson for
rates, Wilson for shares, log-normal for ratios of counts, the middle of random thinnings for maps;
a figure without one says so by having none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from experiments.cities.records import Events
from experiments.estimators import clearance, knox, maps, persons, weekly
from experiments.estimators.incidents import Incidents, collapse

Floats = NDArray[np.float64]
NO_DATA = math.nan
LEVEL = 0.90
COUNTS = (250, 500, 1000, 2000)
"""Incidents at which maps are compared: concentration depends on how many there are."""
THINNINGS = 6
PERMUTATIONS = 99
Z = float(norm.ppf(0.5 + LEVEL / 2.0))


@dataclass(frozen=True)
class Figure:
    """One number of a city in one window; value NaN: no data, and `note` says why."""

    figure: str
    part: str
    value: float
    low: float
    high: float
    n: float
    """Events behind it."""
    unit: str
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.figure, self.part

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Window:
    """First and last day (both included, since 1 January 1970)."""

    first: int
    last: int

    @property
    def days(self) -> int:
        return self.last - self.first + 1

    @property
    def name(self) -> str:
        a, b = (str(np.datetime64(day, "D")) for day in (self.first, self.last))
        if a.endswith("01-01") and b.endswith("12-31"):
            return a[:4] if a[:4] == b[:4] else f"{a[:4]}-{b[:4]}"
        return f"{a} to {b}"

    def mask(self, day: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray((day >= self.first) & (day <= self.last))


def share(name: str, part: str, hits: float, of: float, note: str = "") -> Figure:
    """A share with Wilson's interval."""
    if of <= 0:
        return Figure(name, part, NO_DATA, NO_DATA, NO_DATA, 0, "share", note or "no cases")
    p, z2 = hits / of, Z * Z / of
    middle = (p + z2 / 2.0) / (1.0 + z2)
    half = Z * math.sqrt(p * (1.0 - p) / of + z2 / (4.0 * of)) / (1.0 + z2)
    return Figure(
        name, part, p, max(middle - half, 0.0), min(middle + half, 1.0), of, "share", note
    )


def rate(name: str, part: str, count: float, exposure: float, unit: str) -> Figure:
    """A count over an exposure, with the exact Poisson interval."""
    low = chi2.ppf((1.0 - LEVEL) / 2.0, 2.0 * count) / 2.0 if count > 0 else 0.0
    high = chi2.ppf(0.5 + LEVEL / 2.0, 2.0 * (count + 1.0)) / 2.0
    return Figure(name, part, count / exposure, low / exposure, high / exposure, count, unit)


def rates_ratio(name: str, part: str, a: float, da: float, b: float, db: float) -> Figure:
    """(a per da) over (b per db), counts a and b."""
    if min(a, b, da, db) <= 0:
        return missing(name, part, "ratio", "no events on one side")
    value = (a / da) / (b / db)
    half = Z * math.sqrt(1.0 / a + 1.0 / b)
    return Figure(
        name, part, value, value * math.exp(-half), value * math.exp(half), a + b, "ratio"
    )


def missing(name: str, part: str, unit: str, why: str) -> Figure:
    return Figure(name, part, NO_DATA, NO_DATA, NO_DATA, 0, unit, why)


def totals(events: Events, window: Window, residents: float | None) -> list[Figure]:
    """Level, lethality and clearance."""
    inside = window.mask(events.day)
    years = window.days / 365.25
    out = []
    shot = events.kind == "shootings"
    names = [("persons shot", inside)] if shot else []
    dead = inside & events.fatal if events.fatal is not None else None
    if dead is not None:
        names.append(("shot dead" if shot else "homicides", dead))
    for part, mask in names:
        count = float(mask.sum())
        out.append(rate("per year", part, count, years, "a year"))
        if residents:
            exposure = residents * years / 1e5
            out.append(rate("level", part, count, exposure, "per 100,000 and year"))
        else:
            out.append(missing("level", part, "per 100,000 and year", "residents unknown"))
    if not shot:
        out.append(missing("lethality", "", "share", "the source holds homicides only"))
    elif dead is None:
        out.append(missing("lethality", "", "share", "nothing tells who died"))
    else:
        out.append(share("lethality", "", float(dead.sum()), float(inside.sum())))
    return out + list(_clearance(events, inside))


def _clearance(events: Events, inside: NDArray[np.bool_]) -> Iterator[Figure]:
    fatal = "fatal shootings" if events.kind == "shootings" else "homicides"
    if events.cleared is None:
        yield missing("clearance", fatal, "share", "nothing tells which cases were cleared")
        if events.kind == "shootings":
            yield missing("clearance", "non-fatal shootings", "share", "nothing tells it")
        return
    known = inside & np.isfinite(events.cleared)
    died = np.ones(len(inside), dtype=bool) if events.fatal is None else events.fatal
    parts = [(fatal, known & died)]
    if events.kind == "shootings" and events.fatal is not None:
        parts.append(("non-fatal shootings", known & ~died))
    counts = []
    for part, mask in parts:
        counts.append((float(events.cleared[mask].sum()), float(mask.sum())))
        yield share("clearance", part, *counts[-1])
    if len(counts) == 2:
        (a, n), (b, m) = counts
        yield rates_ratio("clearance", "fatal over non-fatal", a, n, b, m)


def shapes(events: Events, window: Window, seed: int = 1) -> list[Figure]:
    """Season, rhythm, map, near repeats, several victims, groups, people."""
    inside = window.mask(events.day)
    placed = inside & np.isfinite(events.x_m)
    rng = np.random.default_rng([seed, window.first, window.last])
    found = collapse(events.x_m[placed], events.y_m[placed], events.day[placed])
    dated = found.day if placed.sum() > 0.5 * inside.sum() else events.day[inside]
    out = [*_season(dated, window), *_groups(events, inside)]
    if placed.sum() < 20:
        why = "fewer than 20 events with a place"
        for name, unit in (
            ("concentration", "share"),
            ("stable map", "r"),
            ("near repeat", "ratio"),
        ):
            out.append(missing(name, "", unit, why))
        return [*out, *_people(events, window)]
    several = found.victims > 1
    out.append(share("several victims", "", float(several.sum()), float(len(several))))
    out += _rhythm(found, window)
    out += _map(found, rng)
    out += _near(found, rng)
    out += _aftermath(events, placed, found, window)
    return [*out, *_people(events, window)]


def _season(day: NDArray[np.int64], window: Window) -> list[Figure]:
    """Incidents a day from June to August over those from December to February."""
    if window.days < 360:
        return [missing("season", "summer over winter", "ratio", "less than a year")]
    calendar = pd.DatetimeIndex(
        np.arange(window.first, window.last + 1).astype("datetime64[D]")
    ).month
    month = pd.DatetimeIndex(day.astype("datetime64[D]")).month
    pair: list[float] = []
    for season in ((6, 7, 8), (12, 1, 2)):
        pair += [float(np.isin(month, season).sum()), float(np.isin(calendar, season).sum())]
    return [rates_ratio("season", "summer over winter", *pair)]


def _rhythm(found: Incidents, window: Window) -> list[Figure]:
    counts = weekly.weekly_counts(found.day, window.first, window.last)
    if len(counts) < 60 or counts.sum() < 100:
        return [missing("weekly dispersion", "", "ratio", "too few weeks or incidents")]
    first = pd.Timestamp(np.datetime64(window.first, "D"))
    value = weekly.rhythm(counts, first).dispersion
    half = Z * math.sqrt(2.0 / len(counts))
    n = float(counts.sum())
    return [Figure("weekly dispersion", "", value, value - half, value + half, n, "ratio")]


def _map(found: Incidents, rng: np.random.Generator) -> list[Figure]:
    """Share in the busiest twentieth of 300 m cells, at several counts; the map's two halves."""
    n = len(found.day)
    out = []
    for count in COUNTS:
        part = f"at {count} incidents"
        if n < count:
            out.append(missing("concentration", part, "share", f"{n} incidents"))
            continue
        values = []
        for _ in range(THINNINGS):
            kept = rng.permutation(n)[:count]
            values.append(maps.concentration(found.x_m[kept], found.y_m[kept], rng, offsets=5)[0])
        low, high = np.quantile(values, [0.05, 0.95])
        out.append(Figure("concentration", part, float(np.mean(values)), float(low), float(high),
                          count, "share", "interval of thinnings only"))  # fmt: skip
    if n < 100:
        return [*out, missing("stable map", "halves", "r", f"{n} incidents")]
    kept = rng.permutation(n)[: COUNTS[-1]]
    value = maps.halves(found.x_m[kept], found.y_m[kept], rng)
    note = f"at {len(kept)} incidents; no interval"
    return [*out, Figure("stable map", "halves", value, NO_DATA, NO_DATA, len(kept), "r", note)]


def _near(found: Incidents, rng: np.random.Generator) -> list[Figure]:
    half = knox.half_years(found.day)
    out = []
    for within, lags in ((125.0, (0, 14)), (400.0, (15, 28))):
        part = f"{within:g} m, {lags[0]}-{lags[1]} days"
        got = knox.knox(found.x_m, found.y_m, found.day, within, lags, rng, half, PERMUTATIONS)
        if got.expected < 3:
            out.append(missing("near repeat", part, "ratio", "fewer than 3 pairs expected"))
            continue
        low, high = np.quantile(got.permuted, [0.95, 0.05])
        out.append(Figure("near repeat", part, got.ratio, got.observed / max(low, 1.0),
                          got.observed / max(high, 1.0), got.observed, "ratio"))  # fmt: skip
    return out


def _aftermath(
    events: Events, placed: NDArray[np.bool_], found: Incidents, window: Window
) -> list[Figure]:
    name, part = "local aftermath", "uncleared over cleared"
    if events.cleared is None or window.days < 3 * 365:
        why = "less than three years" if events.cleared is not None else "no clearance"
        return [missing(name, part, "ratio", why)]
    shut = np.zeros(len(found.day), dtype=bool)
    np.logical_or.at(shut, found.member, events.cleared[placed] == 1.0)
    got = clearance.aftermath(found.x_m, found.y_m, found.day, shut, window.first, window.last)
    n = got.open_cases + got.cleared_cases
    return [Figure(name, part, got.ratio, NO_DATA, NO_DATA, n, "ratio", "no interval")]


def _groups(events: Events, inside: NDArray[np.bool_]) -> list[Figure]:
    """Share of victims, and clearance, of groups with at least 5 % of victims."""
    if events.group is None:
        return [missing("victims", "by group", "share", "nothing tells the victims' groups")]
    known = inside & (events.group >= 0)
    out = []
    for k, name in enumerate(events.group_names):
        mask = known & (events.group == k)
        if mask.sum() < 0.05 * known.sum():
            continue
        out.append(share("victims", f"group {name}", float(mask.sum()), float(known.sum())))
        if events.cleared is not None:
            mask &= np.isfinite(events.cleared)
            hits = float(events.cleared[mask].sum())
            out.append(share("clearance", f"group {name}", hits, float(mask.sum())))
    return out


def _people(events: Events, window: Window) -> list[Figure]:
    """Overlap of people between cases, as counts and shares only."""
    named = events.named
    if named is None:
        why = "no ids of people and cases"
        return [missing("people", "cases linked by a person", "share", why)]
    inside = window.mask(named.day)
    if inside.sum() < 50:
        return [missing("people", "cases linked by a person", "share", "too few names")]
    got = persons.overlap(
        named.case[inside], named.person[inside], named.suspect[inside], named.day[inside],
        named.x_m[inside], named.y_m[inside],
    )  # fmt: skip
    out = [
        share("people", "cases linked by a person", got.linked_cases, got.cases),
        share("people", "near pairs sharing a person", got.near_pairs_sharing, got.near_pairs),
    ]
    if got.suspects:
        out.append(
            share("people", "suspects who are victims", got.suspects_also_victims, got.suspects)
        )
    if len(got.lags) >= 20:
        value = float(np.median(got.lags))
        out.append(Figure("people", "median lag of links", value, NO_DATA, NO_DATA,
                          len(got.lags), "days", "no interval"))  # fmt: skip
    return out
