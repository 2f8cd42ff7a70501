"""Sums of normal kernels over a file of incidents, all of them or those of a moving window of days.

Few incidents are added one by one. From `MANY` up, ground is cut into cells a third of a kernel's
standard deviation wide and each cell keeps the moments of its incidents about its centre, up to the
third: a kernel's Taylor series at the centre then reads a whole cell at once (the fast Gauss
transform of Greengard & Strain 1991, with cells that fill and empty as the window moves). An
incident reads at most 625 cells, however many incidents they hold, so that work grows with the
incidents alone.

What the series leaves out is at most d^4 / 8 of a kernel's peak for an incident d standard
deviations from its cell's centre: 0.04 % in a corner, 0.005 % on average. Kernels are cut at 4
standard deviations (0.03 % of their mass), one by one in a circle and by cells in a square.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MANY = 4000
"""Incidents from which cells' moments stand for them."""
CELLS_PER_SD = 3
CUT = 4
"""Where a kernel ends, standard deviations."""
CELLS_MOST = 50_000_000
"""Larger ground (a far outlier under a narrow kernel) isn't cut into cells: 200 MB."""


@njit(cache=True)
def direct_sums(x, y, side, scales):  # type: ignore[no-untyped-def]
    """Sum of each kernel, cut at 4 standard deviations, over the other points; `side` is the cells'
    width, at least the widest kernel's reach, so that nine cells hold all that counts."""
    out = np.zeros((x.size, scales.size))
    west, south = x.min(), y.min()
    wide = int((x.max() - west) / side) + 1
    high = int((y.max() - south) / side) + 1
    cell = np.empty(x.size, np.int64)
    start = np.zeros(wide * high + 1, np.int64)
    for i in range(x.size):
        cell[i] = int((y[i] - south) / side) * wide + int((x[i] - west) / side)
        start[cell[i] + 1] += 1
    start = np.cumsum(start)
    order = np.argsort(cell)
    for i in range(x.size):
        row, col = cell[i] // wide, cell[i] % wide
        for r in range(max(row - 1, 0), min(row + 2, high)):
            first = start[r * wide + max(col - 1, 0)]
            for k in range(first, start[r * wide + min(col + 1, wide - 1) + 1]):
                j = order[k]
                if j == i:
                    continue
                square = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
                for s in range(scales.size):
                    two = 2.0 * scales[s] * scales[s]
                    if square < 16.0 * two / 2.0:
                        out[i, s] += np.exp(-square / two) / (np.pi * two)
    return out


@njit(cache=True)
def direct_recent_sums(x, y, day, gap, scales):  # type: ignore[no-untyped-def]
    """The same over incidents at most `gap` days away; days are sorted."""
    out = np.zeros((x.size, scales.size))
    start = 0
    for i in range(x.size):
        while day[i] - day[start] > gap:
            start += 1
        j = start
        while j < x.size and day[j] - day[i] <= gap:
            if j != i:
                square = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
                for s in range(scales.size):
                    two = 2.0 * scales[s] * scales[s]
                    if square < 16.0 * two / 2.0:
                        out[i, s] += np.exp(-square / two) / (np.pi * two)
            j += 1
    return out


@njit(cache=True)
def _change(held, dx, dy, sign):  # type: ignore[no-untyped-def]
    """Puts one incident into a cell's moments, or takes it out; it lies (dx, dy) from the centre.

    Order: powers of dx from 0 to 3, then those times dy, dy^2 and dy^3, of degree 3 at most.
    """
    held[0] += sign
    if held[0] == 0.0:
        held[:] = 0.0  # what rounding left behind goes with the last incident
        return
    x2, y2 = dx * dx / 2.0, dy * dy / 2.0
    held[1] += sign * dx
    held[2] += sign * x2
    held[3] += sign * x2 * dx / 3.0
    held[4] += sign * dy
    held[5] += sign * dy * dx
    held[6] += sign * dy * x2
    held[7] += sign * y2
    held[8] += sign * y2 * dx
    held[9] += sign * y2 * dy / 3.0


@njit(cache=True)
def _hermite(u, out):  # type: ignore[no-untyped-def]
    """A kernel's value and derivatives at u standard deviations: exp(-u^2 / 2) He_k(u), k = 0..3."""
    bell = np.exp(-0.5 * u * u)
    out[0] = bell
    out[1] = u * bell
    out[2] = (u * u - 1.0) * bell
    out[3] = (u * u - 3.0) * u * bell


@njit(cache=True)
def _read(held, g, h):  # type: ignore[no-untyped-def]
    """The sum of a cell's kernels at a point, from its moments and the series along x and y."""
    return (
        (held[0] * g[0] + held[1] * g[1] + held[2] * g[2] + held[3] * g[3]) * h[0]
        + (held[4] * g[0] + held[5] * g[1] + held[6] * g[2]) * h[1]
        + (held[7] * g[0] + held[8] * g[1]) * h[2]
        + held[9] * g[0] * h[3]
    )


@njit(cache=True)
def _moment_sums(x, y, day, gap, scale, per_sd, cut):  # type: ignore[no-untyped-def]
    """(sums, cells read); days are sorted. Lengths are in standard deviations inside."""
    reach = per_sd * cut
    col = np.empty(x.size, np.int64)
    row = np.empty(x.size, np.int64)
    dx, dy = np.empty(x.size), np.empty(x.size)
    west, south = x.min(), y.min()
    for i in range(x.size):
        across, up = (x[i] - west) / scale * per_sd, (y[i] - south) / scale * per_sd
        col[i], row[i] = int(across), int(up)
        dx[i], dy[i] = (across - col[i] - 0.5) / per_sd, (up - row[i] - 0.5) / per_sd
        col[i] += reach
        row[i] += reach
    place = np.full((row.max() + reach + 1, col.max() + reach + 1), -1, np.int32)
    cells = 0
    for i in range(x.size):
        if place[row[i], col[i]] < 0:
            place[row[i], col[i]] = cells
            cells += 1
    held = np.zeros((cells, 10))
    own = np.empty(10)
    g, h = np.empty((2 * reach + 1, 4)), np.empty(4)
    out = np.zeros(x.size)
    added, gone, visited = 0, 0, 0
    for i in range(x.size):
        while added < x.size and day[added] - day[i] <= gap:
            _change(held[place[row[added], col[added]]], dx[added], dy[added], 1.0)
            added += 1
        while day[i] - day[gone] > gap:
            _change(held[place[row[gone], col[gone]]], dx[gone], dy[gone], -1.0)
            gone += 1
        for c in range(2 * reach + 1):
            _hermite(dx[i] - (c - reach) / per_sd, g[c])
        total = 0.0
        for r in range(2 * reach + 1):
            _hermite(dy[i] - (r - reach) / per_sd, h)
            for c in range(2 * reach + 1):
                k = place[row[i] - reach + r, col[i] - reach + c]
                if k >= 0 and held[k, 0] > 0.0:
                    visited += 1
                    total += _read(held[k], g[c], h)
        own[:] = 0.0  # an incident's own kernel, as the series has it, is taken off
        _change(own, dx[i], dy[i], 1.0)
        _hermite(dy[i], h)
        out[i] = (total - _read(own, g[reach], h)) / (2.0 * np.pi * scale * scale)
    return out, visited


def moment_sums(
    x: Floats, y: Floats, day: Ints, gap_days: int, scale_m: float
) -> tuple[Floats, int]:
    """Sums per m2 of one kernel over the other incidents at most `gap_days` away, shape
    (incidents,), and the cells read for them. Days are sorted."""
    sums, visited = _moment_sums(x, y, day, gap_days, scale_m, CELLS_PER_SD, CUT)
    return sums, int(visited)


def _fits(x: Floats, y: Floats, scale_m: float) -> bool:
    """Whether the ground may be cut into cells for this kernel."""
    step = scale_m / CELLS_PER_SD
    return bool((np.ptp(x) / step + 25.0) * (np.ptp(y) / step + 25.0) <= CELLS_MOST)


def all_sums(x: Floats, y: Floats, scales: Floats) -> Floats:
    """Kernel sums over all other incidents, shape (incidents, scales), per m2: the same for every
    order of the dates."""
    if len(x) < MANY or not _fits(x, y, scales.min()):
        return np.asarray(direct_sums(x, y, 4.0 * scales.max(), scales))
    always = np.zeros(len(x), dtype=np.int64)
    return np.column_stack([moment_sums(x, y, always, 0, float(s))[0] for s in scales])


def recent_sums(x: Floats, y: Floats, day: Ints, gap_days: int, scales: Floats) -> Floats:
    """The same over incidents at most `gap_days` days away; days are sorted."""
    if len(x) < MANY or not _fits(x, y, scales.min()):
        return np.asarray(direct_recent_sums(x, y, day, gap_days, scales))
    return np.column_stack([moment_sums(x, y, day, gap_days, float(s))[0] for s in scales])
