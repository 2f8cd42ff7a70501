"""Fear, trauma and arms after violence, for the one it happened to and for those close.

Carrying rises after one's own or a tie's victimisation [L27] and falls slowly; trauma rises with
victimisation, bereavement and exposure [S26, S27] and raises offending; fear of reprisal keeps people
from calling. Officers' sense of danger follows guns met and shootings on the beat.
"""

from sim.agents.residents import GUN, WATCHED
from sim.kernel import kernel
from sim.measures import (
    E_GUN,
    GUNS_ACQUIRED,
    PART_FEAR,
    RULE_GUN,
    RULE_GUN_TIE,
)  # fmt: skip
from sim.numerics import clip, halved
from sim.processes.beliefs import moved, recovery_of, settle
from sim.processes.record import age_years, count, schedule, suppressed, write_event
from sim.processes.ties import tie, tie_count
from sim.random import child_key, draws, stream

Q_GUN = 6
_HURT = stream("arms.hurt")
_TIES = stream("arms.ties")


@kernel
def hurt(w, i, key, fear, trauma, arms):
    """Victimisation: fear, trauma and readiness to carry rise by shares of the distance to 1."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r = people.residents[i]
    settle(r, day, p, recovery_of(people, r))
    r.fear = moved(r.fear, fear)
    r.trauma = moved(r.trauma, trauma)
    r.arms = moved(r.arms, arms)
    if r.flags & GUN == 0 and arms > 0.0 and age_years(r, day) >= 14.0:
        own = child_key(seed, key, 0, _HURT)
        u, v, _, _ = draws(seed, own, day, _HURT)
        if u < p.acquire_victim * arms / p.arms_victim:
            held = people.lives[i].generation
            schedule(flow, clock, day + 1 + int(30.0 * v), Q_GUN, own, key, i, 0, held, 0.0)


@kernel
def alarm_ties(w, b, key):
    """Friends and co-offenders of somebody shot: fear, trauma and arms; a few get a gun."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    for net in range(2):
        first = people.friend_start[b]
        n = people.friend_start[b + 1] - first if net == 0 else tie_count(people, flow, b)
        for k in range(n):
            j = people.friends[first + k] if net == 0 else tie(people, flow, b, k)
            r = people.residents[j]
            if r.status > 2:
                continue
            settle(r, day, p, recovery_of(people, r))
            r.fear = moved(r.fear, p.fear_tie)
            r.trauma = moved(r.trauma, p.trauma_exposed)
            r.arms = moved(r.arms, p.arms_tie * clip(0.2 + r.propensity / 10.0, 0.0, 1.0))
            if net == 1:
                r.flags |= WATCHED
            if r.flags & GUN == 0 and age_years(r, day) >= 14.0:
                own = child_key(seed, key, 2 * k + net + 1, _TIES)
                u, v, _, _ = draws(seed, own, day, _TIES)
                if u < p.acquire_tie:
                    held = people.lives[j].generation
                    schedule(flow, clock, day + 1 + int(60.0 * v), Q_GUN, own, key, j, 1, held, 0.0)


@kernel
def kin_of_the_dead(w, b, key):
    """Household members of somebody killed are bereaved."""
    people, clock, p = w.people, w.clock, w.p[0]
    life = people.lives[b]
    for k in range(life.kin_size):
        j = people.members[life.kin_first + k]
        if j == b or people.residents[j].status > 2:
            continue
        r = people.residents[j]
        settle(r, clock[0].day, p, recovery_of(people, r))
        r.trauma = moved(r.trauma, p.trauma_bereaved)
        r.fear = moved(r.fear, p.fear_tie)
        people.lives[j].last_bereaved = clock[0].day


@kernel
def gun_due(w, entry):
    """A gun is bought: somebody who was shot at, or whose tie was, now owns one."""
    people = w.people
    r = people.residents[entry.who]
    if people.lives[entry.who].generation != entry.place:  # somebody else lives in this row now
        return
    if r.status > 1 or r.flags & GUN != 0 or suppressed(w.log, entry.key):
        return
    r.flags |= GUN
    count(w.log, r.area, GUNS_ACQUIRED)
    e = write_event(w, entry.key, entry.parent, E_GUN, entry.who, -1, r.home)
    e.rule = RULE_GUN if entry.other == 0 else RULE_GUN_TIE
    e.part = PART_FEAR
    e.known = 0


@kernel
def danger_now(o, day, p):
    return o.danger * halved(day - o.day, p.danger_half_life)


@kernel
def endanger(o, day, p, push):
    """An officer meets a gun or a fight: sense of danger and stress rise."""
    left = halved(day - o.day, p.danger_half_life)
    rest = halved(day - o.day, p.stress_half_life * o.stress_recovery)
    o.danger = moved(o.danger * left, push)
    o.stress = moved(o.stress * rest, p.stress_step * push)
    o.day = day


@kernel
def stress_now(o, day, p):
    return o.stress * halved(day - o.day, p.stress_half_life * o.stress_recovery)


@kernel
def alarm_officers(w, rows, push):
    """Danger and stress of some officers as of today, risen by `push` as after a gun met.

    With `push` 0 it only writes today's values, before a lever changes how fast stress fades.
    """
    for k in range(rows.size):
        endanger(w.police.officers[rows[k]], w.clock[0].day, w.p[0], push)
