"""Who is most urgent as staff see it: one pass, with a draw only for those who can still win."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.kernel import kernel
from sim.policies.lists import Rows
from sim.random import words

Scores = NDArray[np.float64]


BINS = 64


@kernel
def first_of(
    rows: Rows, score: Scores, taken: Rows, keys: NDArray[np.uint64], number: int,
    noise: float, seed: np.uint64, day: int, purpose: int, best: Scores, places: Rows, out: Rows,
    seen: Scores,
) -> tuple[int, int]:  # fmt: skip
    """Those of `rows` not `taken` who may be the `number` best once keyed noise is added.

    `taken` is in order (quick where `rows` are too), `keys` has a name per row of the table, `best`
    room for `number` scores, `places` for as many numbers as there are rows; `out` and `seen`, as
    long, get places in `rows` and scores with noise (up to `noise`). Returns how many are free, and
    how many are in `out`: no fewer than the best, ties included, in no order.
    """
    free, at = 0, 0
    for k in range(rows.size):
        row = rows[k]
        if k > 0 and row < rows[k - 1]:
            at = 0
        while at < taken.size and taken[at] < row:
            at += 1
        if at == taken.size or taken[at] != row:
            places[free] = k
            free += 1
    if number == 0:
        return free, 0
    first = high_enough(score, places, free, number)
    filled, found = 0, 0
    for turn in range(2):  # the highest scores first, so that few of the others need a draw
        for j in range(free):
            k = places[j]
            value = score[k]
            if (value < first) != (turn == 1) or (filled == number and value + noise < best[0]):
                continue
            if noise > 0.0:
                a, _, _, _ = words(seed, keys[rows[k]], day, purpose)
                value = score[k] + noise * ((a + 0.5) / 4294967296.0)
            if filled < number:
                filled += 1
                climb(best, filled, value)
            elif value >= best[0]:
                sink(best, number, value)
            else:
                continue
            out[found], seen[found] = k, value
            found += 1
    kept = 0
    for k in range(found):
        if filled < number or seen[k] >= best[0]:
            out[kept], seen[kept] = out[k], seen[k]
            kept += 1
    return free, kept


@kernel
def high_enough(score: Scores, places: Rows, free: int, number: int) -> float:
    """A score that at least `number` of those at the `free` places have, and not many more."""
    low, high = np.inf, -np.inf
    for j in range(free):
        low, high = min(low, score[places[j]]), max(high, score[places[j]])
    if free <= 4 * number or not high > low:
        return -np.inf
    bins, width = np.zeros(BINS, dtype=np.int64), (high - low) / BINS
    for j in range(free):
        bins[min(int((score[places[j]] - low) / width), BINS - 1)] += 1
    reached, at = 0, BINS
    while reached < number and at > 0:
        at -= 1
        reached += bins[at]
    return low + at * width


@kernel
def climb(heap: Scores, size: int, value: float) -> None:
    """Put `value` on a heap (least first) that has `size` places with it."""
    at = size - 1
    while at > 0 and heap[(at - 1) // 2] > value:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = value


@kernel
def sink(heap: Scores, size: int, value: float) -> None:
    """Put `value` in place of the least on a full heap of `size`."""
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value


def choose(
    rows: Rows, score: Scores, taken: Rows, keys: NDArray[np.uint64], number: int,
    noise: float, stream: tuple[np.uint64, int, int],
) -> tuple[int, Rows]:  # fmt: skip
    """How many of `rows` are free, and the first `number` of them (see `first_of`).

    `stream`: seed, day and purpose of the draws. Equal scores go by name.
    """
    number = min(max(number, 0), rows.size)
    places, out, seen = (np.empty(rows.size, dtype=kind) for kind in (np.int64, np.int64, np.float64))
    rows, taken = (np.ascontiguousarray(some, dtype=np.int64) for some in (rows, taken))
    score = np.ascontiguousarray(score, dtype=np.float64)
    free, found = first_of(
        rows, score, taken, keys, number, noise, *stream, np.empty(number), places, out, seen
    )
    if not found:
        return free, rows[:0]
    rows = rows[out[:found]]
    return free, np.asarray(rows[np.lexsort((keys[rows], -seen[:found]))][:number])
