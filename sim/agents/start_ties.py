"""Ties between residents: proposals that fall off with distance and prefer one's like.

A proposal picks a block by a distance kernel (or, sometimes, anybody in the city), looks at a few
people there, and chooses one in proportion to likeness in group and age and to a pull of their own.
Friendship and co-offending use the same rule with different settings. Spatial, homophilous,
heavy-tailed where the pull is. What is left out: closure of triads beyond what place and gang give.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.agents.start import Start
from sim.kernel import kernel
from sim.random import words

TRIES = 6  # people looked at per proposal
HOPS = 8  # blocks tried before a proposal lapses

Ints = NDArray[np.int32]


class Crowd(NamedTuple):
    """People who may be tied, sorted by block."""

    home: Ints  # (n,) block
    group: NDArray[np.uint8]
    age: NDArray[np.float32]  # years
    pull: NDArray[np.float32]  # weight of being chosen
    house: Ints  # household: nobody proposes to their own
    proposals: NDArray[np.int16]
    first: NDArray[np.int64]  # (B + 1,) people of block b: first[b] .. first[b + 1]


class Kernel(NamedTuple):
    """Where proposals go, by distance, and whom they prefer."""

    grid: Ints  # (height, width) block or -1
    x: Ints
    y: Ints
    dx: NDArray[np.int16]
    dy: NDArray[np.int16]
    cumulative: NDArray[np.float64]
    far: float  # share of proposals to anybody in the city
    other_group: float  # weight of somebody of another group, own group = 1
    age_scale: float  # years of difference at which the weight halves


def offsets(
    mean_m: float, block_m: float
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.float64]]:
    """Block offsets within reach and their cumulative weights, 1 / (1 + (d / d0)**2)**2.

    In the plane the mean distance of that density is d0 * pi / 2.
    """
    scale = mean_m / block_m / 1.5707963267948966
    reach = max(2, min(40, int(6.0 * scale) + 1))
    side = np.arange(-reach, reach + 1)
    dx, dy = np.meshgrid(side, side)
    d2 = (dx * dx + dy * dy).ravel()
    keep = d2 <= reach * reach
    weight = 1.0 + d2[keep] / (scale * scale)
    cumulative = np.cumsum(1.0 / (weight * weight))
    return (
        dx.ravel()[keep].astype(np.int16),
        dy.ravel()[keep].astype(np.int16),
        cumulative / cumulative[-1],
    )


def propose(start: Start, name: str, crowd: Crowd, kernel: Kernel) -> tuple[Ints, Ints]:
    """Proposed ties as two arrays of rows of the crowd; proposals that failed are left out."""
    source = np.repeat(np.arange(crowd.home.size, dtype=np.int32), crowd.proposals)
    target = np.full(source.size, -1, dtype=np.int32)
    if source.size:
        _propose(start.key, start.purpose(name), source, target, crowd, kernel)
    found = target >= 0
    if found.all():
        return source, target
    return source[found], target[found]


@kernel
def _propose(key, purpose, source, target, crowd, kernel):
    unit = 1.0 / 4294967296.0
    n = crowd.home.size
    height, width = kernel.grid.shape
    populated = 0
    for b in range(crowd.first.size - 1):
        if crowd.first[b + 1] > crowd.first[b]:
            populated += 1
    sparse = 0.5 * n / max(populated, 1)
    weight = np.zeros(TRIES)
    who = np.zeros(TRIES, dtype=np.int64)
    ordinal = 0
    for e in range(source.size):
        i = source[e]
        ordinal = ordinal + 1 if e > 0 and source[e - 1] == i else 0
        for hop in range(HOPS):
            wa, wb, wc, wd = words(key, i, ordinal * HOPS + hop, purpose)
            u = (wa + 0.5) * unit
            begin, count = 0, n
            if u < kernel.far:
                # anybody: a window of people around a random row
                begin = int((wb + 0.5) * unit * n)
                count = min(64, n - begin)
            else:
                u = (u - kernel.far) / (1.0 - kernel.far)
                k = np.searchsorted(kernel.cumulative, u)
                if k >= kernel.dx.size:
                    k = kernel.dx.size - 1
                b = crowd.home[i]
                cx = kernel.x[b] + kernel.dx[k]
                cy = kernel.y[b] + kernel.dy[k]
                if cx < 0 or cy < 0 or cx >= width or cy >= height:
                    continue
                b = kernel.grid[cy, cx]
                if b < 0:
                    continue
                begin = crowd.first[b]
                count = crowd.first[b + 1] - begin
                # fuller blocks likelier: else the few on a sparse one are all's friends
                if count < (wc >> np.uint64(16)) / 65536.0 * (count + sparse):
                    continue
            if count <= 0:
                continue
            at = int((wb & np.uint64(0xFFFF)) * np.uint64(count) >> np.uint64(16))
            stride = 1 + int(
                (wc & np.uint64(0xFFFF)) * np.uint64(max(count - 1, 1)) >> np.uint64(16)
            )
            summed = 0.0
            alike = False
            for t in range(TRIES):
                j = begin + (at + t * stride) % count
                same = crowd.group[j] == crowd.group[i]
                alike = alike or same
                w = crowd.pull[j] * (1.0 if same else kernel.other_group)
                gap = (crowd.age[j] - crowd.age[i]) / kernel.age_scale
                w /= 1.0 + gap * gap
                if j == i or crowd.house[j] == crowd.house[i]:
                    w = 0.0
                weight[t] = w
                who[t] = j
                summed += w
            # where nobody is of one's own group, one mostly looks elsewhere
            if not alike and (wd & np.uint64(0xFFFF)) / 65536.0 >= kernel.other_group:
                continue
            if summed <= 0.0:
                continue
            u = (wd + 0.5) * unit * summed
            for t in range(TRIES):
                u -= weight[t]
                if u < 0.0:
                    target[e] = who[t]
                    break
            if target[e] >= 0:
                break


@kernel
def graph(n, one, two):
    """Undirected ties as compressed rows: (n + 1,) starts; sorted rows, no doubles, no self."""
    start = np.zeros(n + 1, dtype=np.int64)
    for e in range(one.size):
        if one[e] != two[e]:
            start[one[e] + 1] += 1
            start[two[e] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    rows = np.zeros(start[n], dtype=np.int32)
    fill = start[:n].copy()
    for e in range(one.size):
        a, b = one[e], two[e]
        if a != b:
            rows[fill[a]] = b
            fill[a] += 1
            rows[fill[b]] = a
            fill[b] += 1
    write = 0
    for i in range(n):
        low, high = start[i], start[i + 1]
        for j in range(low + 1, high):
            value = rows[j]
            k = j - 1
            while k >= low and rows[k] > value:
                rows[k + 1] = rows[k]
                k -= 1
            rows[k + 1] = value
        start[i] = write
        last = -1
        for j in range(low, high):
            if rows[j] != last:
                last = rows[j]
                rows[write] = last
                write += 1
    start[n] = write
    return start, rows[:write].copy()
