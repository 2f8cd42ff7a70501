"""The skeleton of a city before anybody lives in it: blocks, areas, people per block, disadvantage.

Both kinds of city, synthetic and imported, end as a `Layout`; from there on they are built alike.
Everything here is exact arithmetic on keyed draws, and sums run in one order, so that a layout is
the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.agents.start import Start
from sim.numerics import exp_array, normal

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Layout:
    """Blocks are rows, sorted by area; B blocks, A areas, G groups."""

    width: int
    height: int
    block_m: float
    x: Ints  # (B,) column, 0 = west
    y: Ints  # (B,) row, 0 = south
    area: Ints  # (B,)
    people: Ints  # (B,) residents
    shares: Floats  # (B, G) share of each group among them; rows sum to 1
    disadvantage: Floats  # (B,) 0..1
    area_names: list[str]
    area_disadvantage: Floats  # (A,) 0..1
    violence: Floats | None = None
    """(A,) observed events a year, where the import gives them."""
    polygons: list[list[Floats]] | None = None
    notes: list[str] = field(default_factory=list)
    targets: dict[str, list[float]] = field(default_factory=dict)

    @property
    def areas(self) -> int:
        return len(self.area_names)

    def grid(self) -> Ints:
        """(height, width) block at each cell, or -1."""
        out = np.full((self.height, self.width), -1, dtype=np.int32)
        out[self.y, self.x] = np.arange(self.x.size, dtype=np.int32)
        return out


def total(values: NDArray[np.generic]) -> float:
    """Sum in one fixed order (a pairwise sum may differ between processors)."""
    return float(np.cumsum(values, dtype=np.float64)[-1]) if values.size else 0.0


def mean_by(index: NDArray[np.integer], n: int, values: Floats, weights: Floats) -> Floats:
    """Weighted mean of `values` in each of n classes; the plain mean where all weigh nothing."""
    weight = np.bincount(index, weights=weights, minlength=n)
    plain = np.bincount(index, weights=values, minlength=n) / np.maximum(
        np.bincount(index, minlength=n), 1
    )
    summed = np.bincount(index, weights=values * weights, minlength=n)
    return np.where(weight > 0, summed / np.where(weight > 0, weight, 1.0), plain)


def standardised(values: Floats, weights: Floats) -> Floats:
    """Shifted and scaled to weighted mean 0 and standard deviation 1 (0 where all are equal)."""
    scale = total(weights)
    if scale <= 0:
        return np.zeros_like(values)
    centred = values - total(values * weights) / scale
    spread = total(centred * centred * weights) / scale
    return centred / np.sqrt(spread) if spread > 1e-18 else np.zeros_like(values)


def logistic_array(values: Floats) -> Floats:
    """1 / (1 + e**-x), elementwise."""
    out: Floats = 1.0 / (1.0 + exp_array(-np.ascontiguousarray(values, dtype=np.float64)))
    return out


def spread(weights: Floats, number: int) -> Ints:
    """`number` indivisible things shared out by weights: cumulative rounding, exact sum."""
    cumulative = np.cumsum(weights, dtype=np.float64)
    if weights.size == 0 or cumulative[-1] <= 0:
        return np.zeros(weights.size, dtype=np.int32)
    marks = np.floor(cumulative * (number / cumulative[-1]) + 0.5).astype(np.int64)
    marks[-1] = number
    return np.diff(marks, prepend=0).astype(np.int32)


def smooth_field(start: Start, name: str, ordinal: int, x: Ints, y: Ints, scale: float) -> Floats:
    """Smooth random values at (x, y): keyed normals on a lattice of `scale` blocks."""
    columns = int(x.max() / scale) + 2
    rows = int(y.max() / scale) + 2
    lattice = normal(start.uniforms(name, rows * columns, ordinal)[:, 0]).reshape(rows, columns)
    fx, fy = x / scale, y / scale
    ix, iy = fx.astype(np.int64), fy.astype(np.int64)
    tx, ty = fx - ix, fy - iy
    tx, ty = tx * tx * (3.0 - 2.0 * tx), ty * ty * (3.0 - 2.0 * ty)
    low = lattice[iy, ix] * (1.0 - tx) + lattice[iy, ix + 1] * tx
    high = lattice[iy + 1, ix] * (1.0 - tx) + lattice[iy + 1, ix + 1] * tx
    out: Floats = low * (1.0 - ty) + high * ty
    return out
