"""How concentrated and how stable the map of incidents is (Weisburd 2015 [H08]; Braga et al. 2010
[H07]).

With fewer incidents than cells even a random map looks concentrated, so the Gini is rescaled by
what maximal equality could reach with so few events (Bernasco & Steenbeek 2017): G' = 1 -
max(cells/events, 1)(1 - G). The universe of cells is those whose centre lies within 1 km of any
incident: parks and lakes drop out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]


def cell_counts(
    x_m: ArrayLike,
    y_m: ArrayLike,
    cell_m: float,
    shift: tuple[float, float],
    reach_m: float = 1000.0,
) -> Floats:
    """Incidents in each cell whose centre is within `reach_m` of an incident, or that holds one."""
    x = np.asarray(x_m, dtype=np.float64) - shift[0]
    y = np.asarray(y_m, dtype=np.float64) - shift[1]
    west, south = x.min() - reach_m - cell_m, y.min() - reach_m - cell_m
    col = np.floor((x - west) / cell_m).astype(np.int64)
    row = np.floor((y - south) / cell_m).astype(np.int64)
    wide = int((x.max() - west + reach_m) // cell_m) + 2
    high = int((y.max() - south + reach_m) // cell_m) + 2
    counts = np.bincount(row * wide + col, minlength=wide * high).astype(np.float64)
    cx = west + (np.arange(wide) + 0.5) * cell_m
    cy = south + (np.arange(high) + 0.5) * cell_m
    centres = np.column_stack([np.tile(cx, high), np.repeat(cy, wide)])
    far, _ = cKDTree(np.column_stack([x, y])).query(centres, distance_upper_bound=reach_m)
    return np.asarray(counts[np.isfinite(far) | (counts > 0)])


def gini(counts: ArrayLike) -> float:
    """Gini coefficient of counts over cells: 0 when equal, towards 1 when one cell has all."""
    y = np.sort(np.asarray(counts, dtype=np.float64))
    n, total = len(y), y.sum()
    if total <= 0:
        return float("nan")
    return float(2.0 * np.sum(np.arange(1, n + 1) * y) / (n * total) - (n + 1) / n)


def sparse_gini(counts: ArrayLike) -> float:
    """Gini against the most equal map that so few events allow; it can be below 0 for a very even
    one."""
    y = np.asarray(counts, dtype=np.float64)
    if y.sum() <= 0:
        return float("nan")
    return float(1.0 - max(len(y) / y.sum(), 1.0) * (1.0 - gini(y)))


def lorenz(counts: ArrayLike) -> Floats:
    """Cumulative share of incidents in the busiest 0, 1, 2, ... cells; shape (cells + 1,)."""
    y = np.sort(np.asarray(counts, dtype=np.float64))[::-1]
    return np.concatenate([[0.0], np.cumsum(y) / y.sum()])


def top_share(counts: ArrayLike, share_of_cells: float = 0.05) -> float:
    """Share of incidents in the busiest `share_of_cells` of cells (the last cell counted in
    part)."""
    curve = lorenz(counts)
    return float(np.interp(share_of_cells * (len(curve) - 1), np.arange(len(curve)), curve))


def concentration(
    x_m: ArrayLike,
    y_m: ArrayLike,
    rng: np.random.Generator,
    cell_m: float = 300.0,
    offsets: int = 10,
) -> tuple[float, float, float]:
    """(share in the top 5 % of cells, Gini, sparse-adjusted Gini), means over random grid
    offsets."""
    rows = []
    for shift in rng.uniform(0.0, cell_m, size=(offsets, 2)):
        counts = cell_counts(x_m, y_m, cell_m, (shift[0], shift[1]))
        rows.append((top_share(counts), gini(counts), sparse_gini(counts)))
    top, plain, adjusted = np.mean(rows, axis=0)
    return float(top), float(plain), float(adjusted)


def random_map(x_m: ArrayLike, y_m: ArrayLike, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """As many points, thrown at random over the cells of 300 m within 1 km of the given ones."""
    x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    tree = cKDTree(np.column_stack([x, y]))
    kept: list[Floats] = []
    while sum(map(len, kept)) < len(x):
        low = np.array([x.min(), y.min()]) - 1000.0
        high = np.array([x.max(), y.max()]) + 1000.0
        trial = rng.uniform(low, high, size=(4 * len(x), 2))
        near, _ = tree.query(trial, distance_upper_bound=1000.0)
        kept.append(trial[np.isfinite(near)])
    points = np.concatenate(kept)[: len(x)]
    return points[:, 0], points[:, 1]


def halves(
    x_m: ArrayLike,
    y_m: ArrayLike,
    rng: np.random.Generator,
    cell_m: float = 1000.0,
    splits: int = 10,
) -> float:
    """Pearson correlation between the maps of two random halves, over cells with any incident."""
    x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    found = []
    for _ in range(splits):
        shift = rng.uniform(0.0, cell_m, size=2)
        col = np.floor((x - x.min() + shift[0]) / cell_m).astype(np.int64)
        row = np.floor((y - y.min() + shift[1]) / cell_m).astype(np.int64)
        cell = np.unique(row * (col.max() + 1) + col, return_inverse=True)[1]
        first = np.zeros(len(x), dtype=bool)
        first[rng.permutation(len(x))[: len(x) // 2]] = True
        a = np.bincount(cell[first], minlength=cell.max() + 1)
        b = np.bincount(cell[~first], minlength=cell.max() + 1)
        if len(a) > 2 and a.std() > 0 and b.std() > 0:
            found.append(np.corrcoef(a, b)[0, 1])
    return float(np.mean(found)) if found else float("nan")
