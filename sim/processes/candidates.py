"""What may happen today: layered, keyed candidates, so that the work goes with events, not with people.

A process has a static weight per resident (or dyad, or block) and a hazard that changes: weight x
multiplier. Layer k proposes candidates at a constant rate for multipliers between `unit * BOUNDS[k]`
and `unit * BOUNDS[k + 1]`, with keys of its own; a candidate carries its height (the multiplier at or
above which it happens) and is accepted when the multiplier in force exceeds that height. So raising a
hazard adds events and removes none, and opens layers without moving the candidates below.

This is thinning of a Poisson process (Lewis & Shedler 1979) with marks drawn by the alias method
(Walker 1977; Vose 1991). The accepted events are exactly Poisson with the hazard in force.
"""

import numpy as np

from sim.compiled import touch
from sim.kernel import kernel
from sim.numerics import exp_, poisson
from sim.random import LANES, words_block

BOUNDS = 2.0 ** np.arange(-1, 25, dtype=np.float64)
BOUNDS[0] = 0.0  # bounds 0, 1, 2, 4, ... 2**23 in units of `unit`
CELL = 16.0  # expected candidates per keyed cell
GUIDE = 64  # steps of u at which a search for the count of a full cell starts

TOO_HIGH, TOO_MANY = 1, 2  # codes of clock.trouble


def _full_cell() -> tuple[np.ndarray, np.ndarray]:
    """Chances of at most n candidates in a full cell, summed as `poisson` sums them, and where to look."""
    p = getattr(exp_, "py_func", exp_)(-CELL)
    at_most = [p]
    while len(at_most) < 1000:
        p *= CELL / len(at_most)
        at_most.append(at_most[-1] + p)
    chances = np.array(at_most)
    return chances, np.searchsorted(chances, np.arange(GUIDE) / GUIDE)


_AT_MOST, _LOOK_FROM = _full_cell()


@kernel
def in_full_cell(u):
    """poisson(CELL, u), looked up."""
    n = _LOOK_FROM[int(u * GUIDE)]
    while n < 999 and u > _AT_MOST[n]:
        n += 1
    return n


@kernel
def propose(flow, clock, process, ceiling):
    """Fill `flow.buffer` with today's candidates of `process` below `ceiling`; how many there are.

    `ceiling` is an upper bound of the multiplier over all residents, in the unit of the hazard.
    """
    table = flow.tables[process]
    seed, day = clock[0].seed, clock[0].day
    weighted = table.first >= 0
    first, size = max(table.first, 0), np.uint64(table.size)
    n, marked = 0, 0
    if table.size == 0 or ceiling <= 0.0:
        return 0
    layers = BOUNDS.size - 1
    if ceiling > table.unit * BOUNDS[layers]:
        clock[0].trouble = TOO_HIGH
        clock[0].trouble_at = process
        return 0
    drawn, room = np.empty(4 * LANES, dtype=np.uint64), flow.buffer.size
    for layer in range(layers):
        low = table.unit * BOUNDS[layer]
        if low >= ceiling:
            break
        width = table.unit * BOUNDS[layer + 1] - low
        expected = table.mass * width
        cells = int(expected / CELL)
        for cell in range(cells + 1):
            if weighted:
                marked = mark(flow, marked, n - WAITING)
            where = np.uint64(cell * 64 + layer)
            words_block(seed, where, 0, day, table.purpose, drawn)
            u = (drawn[0] + drawn[LANES] / 4294967296.0 + 0.5 / 4294967296.0) / 4294967296.0
            count = in_full_cell(u) if cell < cells else poisson(expected - cells * CELL, u)
            for i in range(1, count + 1):  # counter 0 was for their number
                lane = i % LANES
                if lane == 0:
                    words_block(seed, where, i, day, table.purpose, drawn)
                a = drawn[lane]
                height = low + width * ((a + 0.5) / 4294967296.0)
                if n >= room:
                    if height >= ceiling:
                        continue
                    clock[0].trouble = TOO_MANY
                    clock[0].trouble_at = process
                    return 0  # the last candidates in the buffer still hold slots, not people
                b = drawn[LANES + lane]
                row = first + int((b * size) >> np.uint64(32))
                if weighted:
                    touch(flow.slots, row)
                cand = flow.buffer[n]
                cand.key = (drawn[3 * LANES + lane] << np.uint64(32)) | a | np.uint64(1)
                cand.height = height
                cand.who = row
                cand.mark = int(drawn[2 * LANES + lane] >> np.uint64(1))
                # written first, then kept or not: in the last layer half are above the ceiling, and
                # a processor that guesses which loses more than it takes to write them all
                n += height < ceiling
    if weighted:
        mark(flow, marked, n)
    return n


WAITING = 32  # candidates whose slots are on their way: of many more, the first would be gone


@kernel
def mark(flow, first, last):
    """Who the candidates from `first` up to `last` are, by the slots asked for a while ago.

    Returns where the next go on: `last`, or `first` where nothing lies between.
    """
    for k in range(first, last):
        cand = flow.buffer[k]
        slot = flow.slots[cand.who]
        cand.who = slot.own if (cand.mark + 0.5) / 2147483648.0 < slot.keep else slot.other
    return max(first, last)


# neither changes a result: in how many candidates at a time a process looks, and how far ahead
STRETCH = 128  # candidates: what they need stays in the nearest cache meanwhile
AHEAD = 16  # candidates: long enough for memory to answer, short enough to stay in cache


@kernel
def move_up(flow, c, place):
    """Candidate c takes this place among those of its stretch who are left; the next place."""
    cand, to = flow.buffer[c], flow.buffer[place]
    to.key, to.height, to.who = cand.key, cand.height, cand.who
    return place + 1


@kernel
def look_ahead(people, flow, c, n):
    """Ask for the record of a candidate that comes up soon; most of a day's cost is waiting for them."""
    look_ahead_below(people, flow, c, n, 0.0)


@kernel
def look_ahead_at_both(people, flow, c, n):
    """Ask for both records of a candidate that comes up soon, where most candidates need the second."""
    look_ahead_below(people, flow, c, n, np.inf)


@kernel
def look_ahead_below(people, flow, c, n, height):
    """Ask for the record of a candidate that comes up soon, and for the second if it is below `height`."""
    # at first of all up to there
    for k in range(c + AHEAD if c > 0 else 1, min(c + AHEAD + 1, n)):
        cand = flow.buffer[k]
        touch(people.residents, cand.who)
        if cand.height < height:
            touch(people.lives, cand.who)
