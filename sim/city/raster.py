"""Polygons in degrees to metres and to blocks: which area each 150 m block belongs to.

Equirectangular projection about the city's middle (below 0.1 % off over 50 km). A block belongs to
the area that holds its centre; an area too small to hold one gets the block of its inner point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.city.geojson import REPAIR, Feature, label
from sim.errors import UserError

EARTH_M = 6_371_008.8
WIDEST = 4_000  # blocks


@dataclass(frozen=True)
class Raster:
    """Blocks sorted by area, and the polygons in metres from the grid's south-west corner."""

    width: int
    height: int
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    area: NDArray[np.int32]
    polygons: list[list[NDArray[np.float64]]]
    notes: list[str]


def rasterise(path: Path, features: list[Feature], block_m: float) -> Raster:
    """Blocks of `block_m` metres; raises UserError for shapes that cannot be an area."""
    import shapely

    metres = _to_metres(features)
    shapes = [_shape(path, f, rings, shapely) for f, rings in zip(features, metres, strict=True)]
    bounds = np.array([s.bounds for s in shapes])
    west, south = bounds[:, 0].min(), bounds[:, 1].min()
    width = math.ceil((bounds[:, 2].max() - west) / block_m)
    height = math.ceil((bounds[:, 3].max() - south) / block_m)
    width, height = max(width, 1), max(height, 1)
    if width > WIDEST or height > WIDEST:
        raise UserError(
            f"{path}: the areas span {width:,} by {height:,} blocks of {block_m:g} m; expected at "
            f"most {WIDEST:,} each way; is a far-off feature in it? Remove it, or choose larger "
            "blocks (--block)"
        )
    cells = np.full((height, width), -1, dtype=np.int32)
    overlap = 0
    # the smallest first, so that an enclave keeps its blocks if shapes overlap
    for a in sorted(range(len(shapes)), key=lambda i: (shapes[i].area, i)):
        shape = shapes[a]
        x0, y0 = int((shape.bounds[0] - west) / block_m), int((shape.bounds[1] - south) / block_m)
        x1 = min(width, int((shape.bounds[2] - west) / block_m) + 1)
        y1 = min(height, int((shape.bounds[3] - south) / block_m) + 1)
        gx, gy = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
        inside = shapely.contains_xy(
            shape, west + (gx + 0.5) * block_m, south + (gy + 0.5) * block_m
        )
        window = cells[y0:y1, x0:x1]
        overlap += int((inside & (window >= 0)).sum())
        window[inside & (window < 0)] = a
    small = _seat_the_small(shapes, cells, west, south, block_m)
    notes = []
    if small:
        notes.append(f"{small} areas smaller than a block were given the block at their middle")
    if overlap > 0.01 * (cells >= 0).sum():
        notes.append(f"areas overlap on {overlap} blocks; the smaller area was given them")
    y, x = np.nonzero(cells >= 0)
    area = cells[y, x]
    order = np.lexsort((x, y, area))
    origin = np.array([west, south])
    return Raster(
        width,
        height,
        x[order].astype(np.int32),
        y[order].astype(np.int32),
        area[order],
        [[np.round(ring - origin, 1) for part in rings for ring in part] for rings in metres],
        notes,
    )


def _seat_the_small(
    shapes: list, cells: NDArray[np.int32], west: float, south: float, block_m: float
) -> int:
    """Give each area without a block the nearest one that is free or can be spared."""
    counts = np.bincount(cells[cells >= 0], minlength=len(shapes))
    without = np.flatnonzero(counts == 0)
    rows, columns = np.indices(cells.shape)
    for a in without.tolist():
        point = shapes[a].representative_point()
        cx, cy = (point.x - west) / block_m - 0.5, (point.y - south) / block_m - 0.5
        far = (columns - cx) ** 2 + (rows - cy) ** 2
        # never the last block of another area
        far = np.where((cells >= 0) & (counts[cells] <= 1), np.inf, far)
        if not np.isfinite(far).any():
            raise UserError(
                f"more areas than blocks of {block_m:g} m; choose smaller blocks with --block"
            )
        row, column = divmod(int(np.argmin(far)), cells.shape[1])
        if cells[row, column] >= 0:
            counts[cells[row, column]] -= 1
        cells[row, column] = a
        counts[a] = 1
    return int(without.size)


def _to_metres(features: list[Feature]) -> list[list[list[NDArray[np.float64]]]]:
    every = np.concatenate([ring for f in features for part in f.polygons for ring in part])
    low, high = every.min(axis=0), every.max(axis=0)
    lon, lat = (low + high) / 2.0
    scale = EARTH_M * math.pi / 180.0
    factor = np.array([scale * math.cos(lat * math.pi / 180.0), scale])
    middle = np.array([lon, lat])
    return [[[(ring - middle) * factor for ring in part] for part in f.polygons] for f in features]


def _shape(path: Path, feature: Feature, parts: list, shapely):  # type: ignore[no-untyped-def]
    """A valid shapely shape of the feature, or a UserError that names it and the fault."""
    where = f"{path}: feature {feature.number}{label(feature.properties)}"
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    shape = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape).split("[")[0].strip()
        raise UserError(f"{where}: not a valid polygon ({reason}); {REPAIR}")
    if shape.is_empty or not shape.area > 0.0:
        raise UserError(f"{where}: has no surface; expected a polygon; {REPAIR}")
    return shape
