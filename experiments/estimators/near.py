"""Pairs of events close in space and in time, found among neighbours in both.

Events are sorted into square cells as wide as the distance asked for and kept by day within each
cell. Days only move forward, so each cell remembers where its window begins, and an event looks at
nine short windows. The work grows with the events and their neighbours: twice the events on twice
the ground, or over twice the years, are twice the work. Three times as dense, there are three times
the neighbours, and as many more pairs to be returned.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs ordered by the later event, then by the earlier one; each array has shape (pairs,)."""

    late: Ints
    early: Ints
    """Places in the arrays given; on one day the earlier is the one that stands first."""
    lag: Ints
    """Days from the earlier to the later event."""
    square: Floats
    """Squared distance, m2."""
    visited: int
    """Candidates looked at: the work done."""


@njit(cache=True)
def _visit(x, y, day, cell, first, members, beside, square_m2, low, high, late, early):  # type: ignore[no-untyped-def]
    """(pairs, candidates looked at); the pairs are written where `late` has room for them."""
    head = first[:-1].copy()
    keep = late.size > 0
    total, visited = 0, 0
    for i in range(x.size):
        begin = total
        for side in range(beside.shape[1]):
            c = beside[cell[i], side]
            if c < 0:
                continue
            while head[c] < first[c + 1] and day[members[head[c]]] < day[i] - high:
                head[c] += 1
            for k in range(head[c], first[c + 1]):
                j = members[k]
                if j >= i or day[j] > day[i] - low:
                    break
                visited += 1
                if (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 <= square_m2:
                    if keep:
                        late[total] = i
                        early[total] = j
                    total += 1
        if keep:
            early[begin:total].sort()
    return total, visited


def _cells(x: Floats, y: Floats, side_m: float) -> tuple[Ints, Ints]:
    """(cell of each point, (cells, 9) each cell's occupied neighbours and itself, -1 for none).

    Only occupied cells are numbered, so that one point far away costs nothing.
    """
    side = side_m * (1.0 + 1e-9)  # rounding mustn't put points exactly `side_m` apart two cells off
    col = np.floor((x - x.min()) / side).astype(np.int64)
    row = np.floor((y - y.min()) / side).astype(np.int64)
    wide = int(col.max()) + 3
    names, cell = np.unique(row * wide + col, return_inverse=True)
    steps = np.array([wide * down + right for down in (-1, 0, 1) for right in (-1, 0, 1)])
    wanted = names[:, None] + steps
    place = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    return cell.astype(np.int64), np.where(names[place] == wanted, place, -1).astype(np.int64)


def close_pairs(
    x_m: ArrayLike, y_m: ArrayLike, day: ArrayLike, within_m: float, lags: tuple[int, int]
) -> Pairs:
    """Pairs of events within `within_m` metres and `lags` days of each other (all ends included).

    Arrays have shape (events,) in any order; days are whole. `lags` starts at 0 or later.
    """
    t = np.asarray(day).astype(np.int64)
    order = np.argsort(t, kind="stable")
    x = np.asarray(x_m, dtype=np.float64)[order]
    y = np.asarray(y_m, dtype=np.float64)[order]
    t = t[order]
    none = np.zeros(0, dtype=np.int64)
    if len(t) < 2:
        return Pairs(none, none, none, np.zeros(0), 0)
    cell, beside = _cells(x, y, within_m)
    members = np.argsort(cell, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(beside)))])
    ground = (x, y, t, cell, first.astype(np.int64), members, beside, within_m * within_m, *lags)
    count, visited = _visit(*ground, none, none)
    late, early = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    if count:
        _visit(*ground, late, early)
    square = (x[late] - x[early]) ** 2 + (y[late] - y[early]) ** 2
    return Pairs(order[late], order[early], t[late] - t[early], square, int(visited))
