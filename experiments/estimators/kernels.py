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
BLOCK = 16
"""Columns of cells passed over at once when all are empty."""
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
def _hermite(u, bell, out):  # type: ignore[no-untyped-def]
    """A kernel's value and derivatives at u standard deviations: exp(-u^2 / 2) He_k(u), k = 0..3;
    `bell` is that exponential."""
    out[0] = bell
    out[1] = u * bell
    out[2] = (u * u - 1.0) * bell
    out[3] = (u * u - 3.0) * u * bell


@njit(cache=True)
def _series(d, per_sd, steps, out):  # type: ignore[no-untyped-def]
    """`_hermite` at the centres of a row of cells, d from the middle one: shape (cells, 4).

    exp(-(d - m)^2 / 2) = exp(-d^2 / 2) exp(d m) exp(-m^2 / 2) for each whole step m, whose last
    factor (`steps`) is the same for every incident.
    """
    reach = steps.size - 1
    bell, turn = np.exp(-0.5 * d * d), np.exp(d / per_sd)
    up, down = bell, bell
    _hermite(d, bell, out[reach])
    for m in range(1, reach + 1):
        up, down = up * turn, down / turn
        _hermite(d - m / per_sd, up * steps[m], out[reach + m])
        _hermite(d + m / per_sd, down * steps[m], out[reach - m])


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
def _cut_ground(x, y, scale, per_sd, reach):  # type: ignore[no-untyped-def]
    """(row, column, slot) of each point's cell and the point's place (dx, dy) about its centre, in
    standard deviations. Cells ever used are numbered by slots; `reach` empty cells lie around."""
    row, col = np.empty(x.size, np.int64), np.empty(x.size, np.int64)
    dx, dy = np.empty(x.size), np.empty(x.size)
    west, south = x.min(), y.min()
    for i in range(x.size):
        across, up = (x[i] - west) / scale * per_sd, (y[i] - south) / scale * per_sd
        col[i], row[i] = int(across), int(up)
        dx[i], dy[i] = (across - col[i] - 0.5) / per_sd, (up - row[i] - 0.5) / per_sd
        col[i] += reach
        row[i] += reach
    number = np.full((row.max() + 1, col.max() + 1), -1, np.int32)
    slot = np.empty(x.size, np.int32)
    cells = 0
    for i in range(x.size):
        if number[row[i], col[i]] < 0:
            number[row[i], col[i]] = cells
            cells += 1
        slot[i] = number[row[i], col[i]]
    return row, col, slot, dx, dy


@njit(cache=True)
def _read_around(row, col, reach, place, busy, held, g, h):  # type: ignore[no-untyped-def]
    """(sum of all cells within reach of one, cells read)."""
    total, visited = 0.0, 0
    west, end = col - reach, col + reach + 1
    for r in range(2 * reach + 1):
        at = row - reach + r
        for block in range(west // BLOCK, (end - 1) // BLOCK + 1):
            if busy[at, block] == 0:
                continue
            for c in range(max(west, block * BLOCK), min(end, (block + 1) * BLOCK)):
                k = place[at, c]
                if k >= 0:
                    visited += 1
                    total += _read(held[k], g[c - west], h[r])
    return total, visited


@njit(cache=True)
def _moment_sums(x, y, day, gap, scale, per_sd, cut):  # type: ignore[no-untyped-def]
    """(sums, cells read); days are sorted. Lengths are in standard deviations inside."""
    reach = per_sd * cut
    row, col, slot, dx, dy = _cut_ground(x, y, scale, per_sd, reach)
    # `place` holds a cell's slot only while the cell holds incidents, and `busy` counts such cells
    # by row and block of columns, so that empty ground is passed over.
    blocks = (col.max() + reach) // BLOCK + 1
    place = np.full((row.max() + reach + 1, blocks * BLOCK), -1, np.int32)
    busy = np.zeros((row.max() + reach + 1, blocks), np.int32)
    held = np.zeros((slot.max() + 1, 10))
    own = np.empty(10)
    g, h = np.empty((2 * reach + 1, 4)), np.empty((2 * reach + 1, 4))
    steps = np.exp(-0.5 * (np.arange(reach + 1) / per_sd) ** 2)
    out = np.zeros(x.size)
    added, gone, visited = 0, 0, 0
    for i in range(x.size):
        while added < x.size and day[added] - day[i] <= gap:
            if place[row[added], col[added]] < 0:
                place[row[added], col[added]] = slot[added]
                busy[row[added], col[added] // BLOCK] += 1
            _change(held[slot[added]], dx[added], dy[added], 1.0)
            added += 1
        while day[i] - day[gone] > gap:
            _change(held[slot[gone]], dx[gone], dy[gone], -1.0)
            if held[slot[gone], 0] == 0.0:
                place[row[gone], col[gone]] = -1
                busy[row[gone], col[gone] // BLOCK] -= 1
            gone += 1
        _series(dx[i], per_sd, steps, g)
        _series(dy[i], per_sd, steps, h)
        total, read = _read_around(row[i], col[i], reach, place, busy, held, g, h)
        visited += read
        own[:] = 0.0  # an incident's own kernel, as the series has it, is taken off
        _change(own, dx[i], dy[i], 1.0)
        out[i] = (total - _read(own, g[reach], h[reach])) / (2.0 * np.pi * scale * scale)
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
