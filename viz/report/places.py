"""Where it changes: differences by area, with areas left grey whose interval covers zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.comparison import Comparison
from experiments.geography import Map
from experiments.outcomes import Outcome, describe
from experiments.statistics import paired_columns
from viz.figures import Picture
from viz.maps import area_map
from viz.report.words import number

MAPPED = ("persons_shot", "violent_reported", "stops", "force", "legitimacy")
AT_ONCE = 3
"""Once so many maps are on the page, further outcomes are folded away."""
_FINE = 500.0
"""Outlines are simplified to this share of the city's width: finer than a phone or page shows."""


@dataclass(frozen=True)
class AreaTable:
    """One outcome of one arm by area; counts per 100,000 residents a year. Arrays are (areas,)."""

    outcome: Outcome
    arm: str
    baseline: NDArray[np.float64]
    difference: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def clear(self) -> NDArray[np.bool_]:
        return (self.low > 0.0) | (self.high < 0.0)


def tables(comparison: Comparison, names: list[str]) -> list[AreaTable]:
    """Every mapped outcome and arm that the area tables hold."""
    areas = comparison.tables("areas")
    if areas.empty:
        return []
    out = []
    for name in names:
        if name not in areas.columns:
            continue
        for arm in comparison.plan.others:
            out.append(_table(comparison, areas, describe(name), arm))
    return out


def every(comparison: Comparison) -> list[AreaTable]:
    """Every outcome that the area tables hold, for the table that is saved."""
    areas = comparison.tables("areas")
    skipped = {"area", "year", "seed", "arm", "population", "week"}
    names = [c for c in areas.columns if c not in skipped and areas[c].dtype.kind in "iuf"]
    return tables(comparison, [n for n in names if describe(n).family != "Other"])


def frame(found: list[AreaTable], place: Map | None) -> pd.DataFrame:
    """The same as one long table."""
    parts = []
    for t in found:
        names = _names(place, t.baseline.size)
        parts.append(
            pd.DataFrame(
                {
                    "outcome": t.outcome.name,
                    "unit": _unit(t.outcome),
                    "arm": t.arm,
                    "area": names,
                    "baseline": t.baseline,
                    "difference": t.difference,
                    "low": t.low,
                    "high": t.high,
                    "clear": t.clear,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def pictures(comparison: Comparison, found: list[AreaTable]) -> list[Picture]:
    """One map per outcome of the baseline's level, then one per arm of the difference."""
    place = comparison.map
    shapes = outlines(place) if place else None
    if not shapes:
        return []
    out: list[Picture] = []
    drawn: set[str] = set()
    folded = False
    for t in found:
        if t.baseline.size != len(shapes):
            continue
        # a change needs the baseline's level beside it; one level is shown in any case
        if t.outcome.name not in drawn and (t.clear.any() or not drawn):
            folded = len(out) >= AT_ONCE
            out.append(replace(_level(t, shapes, place, comparison.baseline), folded=folded))
            drawn.add(t.outcome.name)
        if t.clear.any():
            which = comparison.plan.others.index(t.arm) + 1
            out.append(replace(_difference(t, shapes, which, comparison.baseline), folded=folded))
    return out


def nowhere(found: list[AreaTable]) -> list[str]:
    """Outcomes and arms without a single clear area, which get no map."""
    return [f"{t.outcome.title} ({t.arm})" for t in found if not t.clear.any()]


def luck(t: AreaTable) -> str:
    """How many areas would look clear by luck alone."""
    return str(max(1, round(0.05 * t.baseline.size)))


def outlines(place: Map) -> list[list[NDArray[np.float64]]]:
    """Rings of each area in metres, simplified; from the blocks where there are no polygons."""
    import shapely

    shapes: list[Any]
    if place.polygons is not None:
        # rings inside rings are holes
        shapes = [
            shapely.build_area(shapely.MultiLineString([ring for ring in area if len(ring) > 3]))
            for area in place.polygons
        ]
    elif place.raster is not None:
        shapes = _from_raster(place)
    else:
        return []
    bounds = np.array([s.bounds for s in shapes if not s.is_empty])
    tolerance = float(np.ptp(bounds[:, [0, 2]])) / _FINE
    simple = [shapely.simplify(s, tolerance, preserve_topology=True) for s in shapes]
    return [_rings(s) for s in simple]


def _from_raster(place: Map) -> list[Any]:
    import shapely

    assert place.raster is not None
    y, x = np.nonzero(place.raster >= 0)
    area = place.raster[y, x]
    m = place.block_m
    boxes = shapely.box(x * m, y * m, (x + 1) * m, (y + 1) * m)
    return [shapely.union_all(boxes[area == a]) for a in range(len(place.area_names))]


def _rings(shape: Any) -> list[NDArray[np.float64]]:
    """Outlines anticlockwise and holes clockwise, as filling a path asks for."""
    import shapely
    from shapely.geometry.polygon import orient

    parts = [orient(p) for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    rings = [
        np.asarray(r.coords) for p in parts if not p.is_empty for r in (p.exterior, *p.interiors)
    ]
    return rings or [np.zeros((4, 2))]


def _table(comparison: Comparison, areas: pd.DataFrame, outcome: Outcome, arm: str) -> AreaTable:
    people = _cube(areas, comparison.baseline, "population", "mean").mean(axis=0)
    how = "sum" if outcome.count else "mean"
    a = _cube(areas, comparison.baseline, outcome.name, how)
    b = _cube(areas, arm, outcome.name, how)
    mean, low, high = paired_columns(a, b, count=outcome.count)
    scale: Any = 1.0
    if outcome.count:
        span = float(comparison.runs["days"].iloc[0]) / 365.0
        scale = np.where(people > 0, 1e5 / np.maximum(people, 1.0) / span, np.nan)
    return AreaTable(outcome, arm, a.mean(axis=0) * scale, mean * scale, low * scale, high * scale)


def _cube(areas: pd.DataFrame, arm: str, name: str, how: str) -> NDArray[np.float64]:
    table = areas[areas["arm"] == arm].groupby(["seed", "area"])[name].agg(how).unstack("area")
    return table.sort_index(axis=1).to_numpy(dtype=np.float64)


def _level(t: AreaTable, shapes: Any, place: Map | None, baseline: str) -> Picture:
    figure = area_map(
        shapes,
        t.baseline,
        np.isfinite(t.baseline),
        label=_unit(t.outcome),
        diverging=False,
    )
    top = _names(place, t.baseline.size)[int(np.nanargmax(t.baseline))]
    title = f"{_title(t.outcome)} in the baseline"
    alt = (
        f"Map of {t.outcome.title} by area in {baseline}, {_unit(t.outcome)}: from "
        f"{number(float(np.nanmin(t.baseline)))} to {number(float(np.nanmax(t.baseline)))}, "
        f"highest in {top}."
    )
    return Picture(f"map-base-{t.outcome.name}", figure, title, alt)


def _difference(t: AreaTable, shapes: Any, which: int, baseline: str) -> Picture:
    figure = area_map(
        shapes,
        t.difference,
        t.clear,
        label=f"difference, {_unit(t.outcome)}",
        diverging=True,
        better=t.outcome.better,
    )
    clear = int(t.clear.sum())
    fewer = int((t.clear & (t.difference < 0)).sum())
    total = t.baseline.size
    words = (
        f"{clear} of {total} areas differ clearly ({fewer} lower, {clear - fewer} higher); about "
        f"{luck(t)} would by luck alone"
    )
    alt = (
        f"Map of the difference in {t.outcome.title} by area, {t.arm} against {baseline}: {words}."
    )
    title = f"{_title(t.outcome)}: {t.arm} against {baseline}"
    return Picture(f"map-{which}-{t.outcome.name}", figure, title, alt, note=f"{words}.")


def _names(place: Map | None, size: int) -> list[str]:
    if place and len(place.area_names) == size:
        return list(place.area_names)
    return [f"area {i}" for i in range(size)]


def _title(outcome: Outcome) -> str:
    return outcome.title[0].upper() + outcome.title[1:]


def _unit(outcome: Outcome) -> str:
    return f"{outcome.unit} per 100,000 a year" if outcome.count else outcome.unit
