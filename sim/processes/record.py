"""The record: counting what happens, logging what matters, and scheduling what comes later.

True and recorded counts share a row per area but are separate columns (see `sim.measures`), and
leave the run as separate tables.
"""

import numpy as np

from sim.kernel import kernel
from sim.measures import (
    E_ENROLMENT,
    E_FORCE,
    E_POLICE_KILLING,
    PART_PROGRAMME,
    RULE_ENROL,
    RULE_LAPSE,
)
from sim.random import child_key, words

N_LEFT, N_CAME, N_ARRESTED, N_NEED = range(4)  # what the diary notes of a resident
TOO_MANY_EVENTS, TOO_MANY_ENTRIES, TOO_MANY_CASES = 11, 12, 13
Q_GRIEVANCE = 2  # kind of calendar entry that is counted while it waits
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
def note(log, clock, row, what):
    """In the diary: resident `row` came, left, was arrested or changed in need or schooling this week.

    Lists of who is eligible for what are kept from it. One that is full only counts on, and whoever
    keeps lists then makes them anew.
    """
    n = clock[0].noted
    if n < log.diary.size:
        log.diary[n].row, log.diary[n].what = row, what
    clock[0].noted = n + 1


@kernel
def jitter(seed, key, day):
    """Where in its block an event is: two uniforms in (0, 1)."""
    a, b, _, _ = words(seed, key, day, 0x10C)
    return (a + 0.5) / 4294967296.0, (b + 0.5) / 4294967296.0


@kernel
def write_event(w, key, cause, kind, actor, target, block):
    """A row in the log; returns it so that the caller can fill in the rest.

    The actor of force is an officer, of all else a resident. When the log is full the last row is
    overwritten and `clock.trouble` stops the run: the engine makes room for many times a usual week
    before it starts one.
    """
    people, log, clock = w.people, w.log, w.clock
    n = clock[0].events
    if n >= log.events.size:
        clock[0].trouble = TOO_MANY_EVENTS
        n = log.events.size - 1
    else:
        clock[0].events = n + 1
    e = log.events[n]
    e.key, e.cause, e.incident = key, cause, key
    e.kind, e.actor, e.target, e.block = kind, actor, target, block
    e.day = clock[0].day
    e.probability, e.draw, e.severity = 1.0, 0.0, 0.0
    e.rule, e.part, e.known, e.flags = 0, 0, 1, 0
    at = w.place.blocks[max(block, 0)]
    u, v = jitter(clock[0].seed, key, clock[0].day)
    e.x_m, e.y_m = (at.x + u) * clock[0].block_m, (at.y + v) * clock[0].block_m
    e.actor_gang, e.actor_group, e.actor_person = -1, -1, 0
    if actor >= 0:
        if kind == E_FORCE or kind == E_POLICE_KILLING:
            e.actor_group = w.police.officers[actor].group
            e.actor_person = w.police.officers[actor].key
        else:
            e.actor_group = people.residents[actor].group
            e.actor_gang = people.residents[actor].gang
            e.actor_person = people.lives[actor].key
    e.target_gang, e.target_group, e.target_sex, e.target_age, e.target_person, e.home = (
        -1,
        -1,
        -1,
        -1,
        0,
        -1,
    )
    if target >= 0:
        r = people.residents[target]
        e.target_gang, e.target_group, e.target_sex, e.home = r.gang, r.group, r.sex, r.home
        e.target_age = int(age_years(r, clock[0].day))
        e.target_person = people.lives[target].key
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
    if kind == Q_GRIEVANCE:
        clock[0].grievances += 1


@kernel
def schedule_from_outside(w, day, kind, key, parent, who, other, place, value):
    """`schedule`, for Python to call between weeks."""
    schedule(w.flow, w.clock, day, kind, key, parent, who, other, place, value)


@kernel
def log_programmes(w, kinds, rows, purposes):
    """Enrolments and leavings (`kinds`) of `rows`, for policies to log between weeks."""
    for k in range(rows.size):
        row = rows[k]
        key = child_key(w.clock[0].seed, w.people.lives[row].key, w.clock[0].day, purposes[k])
        e = write_event(w, key, np.uint64(0), kinds[k], -1, row, w.people.residents[row].home)
        e.rule = RULE_ENROL if kinds[k] == E_ENROLMENT else RULE_LAPSE
        e.part = PART_PROGRAMME


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
    if flow.queue[row].kind == Q_GRIEVANCE:
        clock[0].grievances -= 1
    flow.queue[row].next = clock[0].free_entry
    flow.queue[row].kind = -1
    clock[0].free_entry = row
