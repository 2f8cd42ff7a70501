"""Areas made of the events' own points, where a city has no polygons; and events counted by area.

Squares of one size cover every place within a kilometre of an event of the fitted years. People are
spread evenly over that ground, and disadvantage is the same everywhere: both are assumptions, and
the record alone says where violence is. `kept` counts how many events of a held-out year fall
outside the squares.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.city.geojson import Feature
from sim.errors import UserError

Floats = NDArray[np.float64]
FINE_M = 300.0
REACH_M = 1000.0
LEAST_SIDE_M, MOST_SIDE_M = 600.0, 4_000.0
MOST_AREAS = 120
DEGREE_M = 111_194.93


def areas_of(lat: Floats, lon: Floats, residents: float) -> tuple[list[Feature], list[str]]:
    """Squares as features with a name and a population, from points in degrees.

    Raises UserError where fewer than 20 points have a place.
    """
    known = np.isfinite(lat) & np.isfinite(lon)
    if known.sum() < 20:
        raise UserError(
            f"only {int(known.sum())} events have a place: too few to make areas from; give"
            " polygons with --areas"
        )
    lat, lon = lat[known], lon[known]
    mid_lat, mid_lon = float(lat.mean()), float(lon.mean())
    east = DEGREE_M * math.cos(math.radians(mid_lat))
    points = np.column_stack([(lon - mid_lon) * east, (lat - mid_lat) * DEGREE_M])
    near = _ground(points)
    side = _side(near)
    origin = near.min(axis=0) - FINE_M / 2.0
    cell = np.floor((near - origin) / side).astype(np.int64)
    squares, counts = np.unique(cell, axis=0, return_counts=True)
    people = np.floor(residents * np.cumsum(counts) / counts.sum() + 0.5)
    people = np.diff(people, prepend=0.0)
    features = []
    for k, ((column, row), number) in enumerate(
        zip(squares.tolist(), people.tolist(), strict=True)
    ):
        x0, y0 = origin[0] + column * side, origin[1] + row * side
        ring = [(x0, y0), (x0 + side, y0), (x0 + side, y0 + side), (x0, y0 + side), (x0, y0)]
        degrees = np.array([(mid_lon + x / east, mid_lat + y / DEGREE_M) for x, y in ring])
        name = f"square {column + 1}-{row + 1}"
        properties: dict[str, Any] = {"name": name, "population": int(number)}
        features.append(Feature(k + 1, properties, [[degrees]]))
    notes = [
        f"no polygons: {len(features)} squares of {side / 1000:.1f} km were made around the points,"
        " every place within 1 km of an event; residents are spread evenly over them by assumption"
    ]
    return features, notes


def _ground(points: Floats) -> Floats:
    """Centres of the fine cells within reach of a point."""
    low = np.floor((points.min(axis=0) - REACH_M) / FINE_M).astype(np.int64)
    high = np.ceil((points.max(axis=0) + REACH_M) / FINE_M).astype(np.int64)
    if np.prod(high - low + 1) > 4_000_000:
        raise UserError(
            "the events span more than a city (over 600 km each way); drop those far away"
        )
    gx, gy = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    centres = (np.column_stack([gx.ravel(), gy.ravel()]) + 0.5) * FINE_M
    far, _ = cKDTree(points).query(centres, distance_upper_bound=REACH_M)
    return np.asarray(centres[np.isfinite(far)])


def _side(near: Floats) -> float:
    """Side of the squares in whole fine cells: as fine as `MOST_AREAS` allow."""
    side = LEAST_SIDE_M
    while side < MOST_SIDE_M * 10:
        cells = np.floor((near - near.min(axis=0)) / side).astype(np.int64)
        if len(np.unique(cells, axis=0)) <= MOST_AREAS:
            break
        side += FINE_M
    return side


def counted(features: list[Feature], lat: Floats, lon: Floats) -> tuple[Floats, int]:
    """((A,) events in each area, how many lie in none or have no place)."""
    import shapely

    shapes = [
        shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in f.polygons])
        for f in features
    ]
    known = np.isfinite(lat) & np.isfinite(lon)
    tree = shapely.STRtree(shapes)
    points = shapely.points(lon[known], lat[known])
    point, area = tree.query(points, predicate="intersects")
    first = np.unique(point, return_index=True)[1]  # a point on a border belongs to one area
    counts = np.bincount(area[first], minlength=len(features)).astype(np.float64)
    return counts, int(len(lat) - len(first))
