"""The record: counting what happens, logging what matters, and scheduling what comes later.

True and recorded counts share a row per area but are separate columns (see `sim.measures`), and
leave the run as separate tables.
"""

import numpy as np

from sim.kernel import kernel
from sim.random import words

TOO_MANY_EVENTS, TOO_MANY_ENTRIES, TOO_MANY_CASES = 11, 12, 13
BANDS = np.array([0, 14, 18, 25, 35, 50], dtype=np.int64)
YEAR = 365.0


@kernel
def age_years(r, day):
    """Age today; below 0 never happens."""
    return (day - r.born) / YEAR


@kernel
def band_of(age):
    """Index of the age band (see residents.AGE_BANDS)."""
    band = 0
    for k in range(1, BANDS.size):
        if age >= BANDS[k]:
            band = k
    return band


@kernel
def count(log, area, measure):
    log.area_counts[area, measure] += 1


@kernel
def count_person(log, r, day, measure):
    cell = (r.group * 2 + r.sex) * BANDS.size + band_of(age_years(r, day))
    log.people_counts[cell, measure] += 1


@kernel
def suppressed(log, key):
    """Has a replay asked that the event of this name does not happen?"""
    for k in range(log.suppressed.size):
        if log.suppressed[k] == key:
            return True
    return False


@kernel
def write_event(log, clock, key, cause, kind, actor, target, block):
    """A row in the log; returns it so that the caller can fill in the rest.

    When the log is full the last row is overwritten and `clock.trouble` stops the run: the engine
    makes room for many times a usual week before it starts one.
    """
    n = clock[0].events
    if n >= log.events.size:
        clock[0].trouble = TOO_MANY_EVENTS
        n = log.events.size - 1
    else:
        clock[0].events = n + 1
    e = log.events[n]
    e.key = key
    e.cause = cause
    e.kind = kind
    e.actor = actor
    e.target = target
    e.block = block
    e.day = clock[0].day
    e.probability = 1.0
    e.draw = 0.0
    e.severity = 0.0
    e.incident = key
    e.rule = 0
    e.part = 0
    e.known = 1
    e.actor_gang = -1
    e.target_gang = -1
    e.flags = 0
    e.x_m = 0.0
    e.y_m = 0.0
    return e


@kernel
def schedule(flow, clock, day, kind, key, parent, who, other, place, value):
    """Put an entry on the calendar; one beyond the horizon of the run never comes due."""
    if day >= flow.heads.size:
        return
    row = clock[0].free_entry
    if row >= 0:
        clock[0].free_entry = flow.queue[row].next
    else:
        row = clock[0].entries
        if row >= flow.queue.size:
            clock[0].trouble = TOO_MANY_ENTRIES
            return
        clock[0].entries = row + 1
    e = flow.queue[row]
    e.key = key
    e.parent = parent
    e.value = value
    e.kind = kind
    e.who = who
    e.other = other
    e.place = place
    e.day = day
    e.next = flow.heads[day]
    flow.heads[day] = row


@kernel
def take_due(flow, clock):
    """Today's entries into `flow.due`, in the order of their keys; how many.

    The order of a day must not depend on who scheduled first, so it is that of the keys.
    """
    day = clock[0].day
    n = 0
    row = flow.heads[day]
    while row >= 0:
        if n >= flow.due.size:
            clock[0].trouble = TOO_MANY_ENTRIES
            break
        flow.due[n] = row
        n += 1
        row = flow.queue[row].next
    flow.heads[day] = -1
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            row = flow.due[i]
            key = flow.queue[row].key
            j = i
            while j >= gap and flow.queue[flow.due[j - gap]].key > key:
                flow.due[j] = flow.due[j - gap]
                j -= gap
            flow.due[j] = row
        gap //= 3
    return n


@kernel
def give_back(flow, clock, row):
    flow.queue[row].next = clock[0].free_entry
    flow.queue[row].kind = -1
    clock[0].free_entry = row


@kernel
def jitter(seed, key, day):
    """Where in its block an event is: two uniforms in (0, 1)."""
    a, b, _, _ = words(seed, key, day, 0x10C)
    return (a + 0.5) / 4294967296.0, (b + 0.5) / 4294967296.0
