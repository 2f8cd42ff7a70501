"""Who is most urgent as staff see it: one pass, with a draw only for those who can still win."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.kernel import kernel
from sim.policies.lists import Rows
from sim.random import words

Scores = NDArray[np.float64]


@kernel
def first_of(
    rows: Rows, score: Scores, taken: Rows, keys: NDArray[np.uint64], number: int,
    noise: float, seed: np.uint64, day: int, purpose: int, best: Scores, out: Rows, seen: Scores,
) -> tuple[int, int]:  # fmt: skip
    """Those of `rows` not `taken` who may be the `number` best once keyed noise is added.

    `taken` is in order (quick where `rows` are too), `keys` has a name per row of the table, `best`
    room for `number` scores; `out` and `seen` get places in `rows` and scores with noise (up to
    `noise`), and hold as many as there are rows. Returns how many are free, and how many are in
    `out`: no fewer than the best, ties included, in no order.
    """
    free, filled, found, at = 0, 0, 0, 0
    for k in range(rows.size):
        row = rows[k]
        if k > 0 and row < rows[k - 1]:
            at = 0
        while at < taken.size and taken[at] < row:
            at += 1
        if at < taken.size and taken[at] == row:
            continue
        free += 1
        if number == 0 or (filled == number and score[k] + noise < best[0]):
            continue
        value = score[k]
        if noise > 0.0:
            a, _, _, _ = words(seed, keys[row], day, purpose)
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
    out, seen = np.empty(rows.size, dtype=np.int64), np.empty(rows.size)
    rows, taken = (np.ascontiguousarray(some, dtype=np.int64) for some in (rows, taken))
    score = np.ascontiguousarray(score, dtype=np.float64)
    free, found = first_of(
        rows, score, taken, keys, number, noise, *stream, np.empty(number), out, seen
    )
    if not found:
        return free, rows[:0]
    rows = rows[out[:found]]
    return free, np.asarray(rows[np.lexsort((keys[rows], -seen[:found]))][:number])
