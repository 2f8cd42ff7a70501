"""Who is most urgent as staff see it: one pass, with a draw only for those who can still win."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.kernel import kernel
from sim.policies.lists import Rows
from sim.random import fill_uniforms

Scores = NDArray[np.float64]


SAMPLE, CHUNK = 256, 512


@kernel
def first_of(
    rows: Rows, score: Scores, taken: Rows, keys: NDArray[np.uint64], number: int,
    noise: float, seed: np.uint64, day: int, purpose: int, best: Scores, out: Rows, seen: Scores,
) -> tuple[int, int]:  # fmt: skip
    """Those of `rows` not `taken` who may be the `number` best once keyed noise is added.

    `taken` is in order (quick where `rows` are too), `keys` has a name per row of the table, `best`
    room for `number` scores and two more; `out` and `seen` get places in `rows` and scores with
    noise (up to `noise`), and hold as many as there are rows. Returns how many are free, and how
    many are in `out`: no fewer than the best, ties included, in no order.
    """
    free = rows.size - how_many_in(rows, taken)
    if number == 0 or free == 0:
        return free, 0
    first = high_enough(score, number, best)
    filled, found = 0, 0
    who, names, luck = np.empty(CHUNK, np.int64), np.empty(CHUNK, np.uint64), np.zeros(CHUNK)
    for turn in range(2):  # the highest scores first, so that few of the others need a draw
        for start in range(0, rows.size, CHUNK):
            n = 0
            for k in range(start, min(start + CHUNK, rows.size)):
                if (score[k] < first) == (turn == 1) and (
                    filled < number or score[k] + noise >= best[0]
                ):
                    who[n] = k
                    n += 1
            if noise > 0.0 and n > 0:
                for j in range(n):  # by itself: what is far away in memory is fetched side by side
                    names[j] = keys[rows[who[j]]]
                fill_uniforms(names[:n], seed, day, purpose, luck[:n])
            for j in range(n):
                value = score[who[j]] + noise * luck[j]
                if (filled == number and value < best[0]) or holds(taken, rows[who[j]]):
                    continue
                if filled < number:
                    filled += 1
                    climb(best, filled, value)
                else:
                    sink(best, number, value)
                out[found], seen[found] = who[j], value
                found += 1
    kept = 0
    for k in range(found):
        if filled < number or seen[k] >= best[0]:
            out[kept], seen[kept] = out[k], seen[k]
            kept += 1
    return free, kept


@kernel
def high_enough(score: Scores, number: int, best: Scores) -> float:
    """About the score that a few times `number` reach, from a sample; any score would be right."""
    if score.size < 4 * SAMPLE or score.size <= 4 * number:
        return -np.inf
    step, filled = score.size // SAMPLE, 0
    most = min(4 * number * SAMPLE // score.size + 1, best.size)
    for k in range(0, score.size, step):
        if filled < most:
            filled += 1
            climb(best, filled, score[k])
        elif score[k] > best[0]:
            sink(best, most, score[k])
    return float(best[0])


@kernel
def how_many_in(rows: Rows, taken: Rows) -> int:
    """How many of `rows` are among `taken`, which are in order."""
    found, rising = 0, True
    for k in range(1, rows.size):
        rising &= rows[k] >= rows[k - 1]
    if not rising:
        for k in range(rows.size):
            found += 1 if holds(taken, rows[k]) else 0
        return found
    at = 0
    for row in taken:
        step = 1
        while at + step < rows.size and rows[at + step] < row:
            at += step
            step *= 2
        while step > 1:
            step //= 2
            if at + step < rows.size and rows[at + step] < row:
                at += step
        while at < rows.size and rows[at] <= row:
            found += 1 if rows[at] == row else 0
            at += 1
        if at == rows.size:
            break
    return found


@kernel
def holds(ordered: Rows, row: int) -> bool:
    """Is `row` one of `ordered`?"""
    low, high = 0, ordered.size
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low < ordered.size and ordered[low] == row


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
        rows, score, taken, keys, number, noise, *stream, np.empty(number + 2), out, seen
    )
    if not found:
        return free, rows[:0]
    rows = rows[out[:found]]
    return free, np.asarray(rows[np.lexsort((keys[rows], -seen[:found]))][:number])
