"""Consequences: arrest, diversion or charge, detention and sentence, release; work is lost in jail.

Custody is one draw for whether and one for how long, by kind of offence: pre-trial detention and
sentence together. An arrest may take a co-offender along; both are then inside the recorded network,
which is thus a product of policing. Leaves out: plea, bail money and parole.
"""

from sim.agents.residents import FREE, JAILED, RECORDED
from sim.kernel import kernel
from sim.measures import (
    ARRESTS,
    DIVERTED,
    JAILINGS,
    K_DISORDER,
    K_DOMESTIC,
    K_PROPERTY,
    K_ROBBERY,
    K_SALE,
    K_SERIOUS,
    K_SEXUAL,
    K_SHOOTING,
    K_SIMPLE,
    K_STOP,
    P_ARRESTS,
)  # fmt: skip
from sim.numerics import exponential
from sim.processes.record import N_ARRESTED, count, count_person, note, schedule
from sim.processes.ties import tie, tie_count
from sim.random import child_key, draws, stream

Q_RELEASE = 0
_COURT = stream("justice.court")
_TOGETHER = stream("justice.together")


@kernel
def custody_terms(kind, fatal, p):
    """(chance of custody, mean days) for an arrest of this kind."""
    if kind == K_SHOOTING:
        return p.custody_shooting, p.days_homicide if fatal else p.days_shooting
    if kind == K_ROBBERY:
        return p.custody_violent, p.days_robbery
    if kind == K_SERIOUS:
        return p.custody_violent, p.days_violent
    if kind == K_SEXUAL:
        return p.custody_violent, p.days_sexual
    if kind == K_SIMPLE or kind == K_DOMESTIC:
        return 0.5 * p.custody_violent, 0.1 * p.days_violent
    if kind == K_PROPERTY or kind == K_SALE:
        return p.custody_minor, p.days_minor
    return 0.5 * p.custody_minor, 0.1 * p.days_minor


@kernel
def arrest(w, i, kind, fatal, key):
    """Arrest resident i for an offence of `kind`; False when they are beyond arrest (dead, gone, jailed)."""
    people, log, clock, p = w.people, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r, life = people.residents[i], people.lives[i]
    if r.status >= JAILED:
        return False
    count(log, r.area, ARRESTS)
    count_person(log, r, day, P_ARRESTS)
    first_time = life.arrests == 0
    life.arrests += 1
    note(log, clock, i, N_ARRESTED)
    arrested_together(w, i, key)
    own = child_key(seed, key, life.arrests, _COURT)
    u1, u2, u3, _ = draws(seed, own, day, _COURT)
    minor = kind == K_PROPERTY or kind == K_SALE or kind == K_DISORDER or kind == K_STOP
    divert = p.diversion + (p.diversion_first if first_time else 0.0)
    if r.side >= 0:
        divert += people.side[r.side].diversion
    if minor and u3 < divert:
        count(log, r.area, DIVERTED)
        return True
    chance, mean = custody_terms(kind, fatal, p)
    if u1 < chance:
        jail(w, i, 1 + int(mean * exponential(u2)), own)
    return True


@kernel
def jail(w, i, days, key):
    """Into jail for so many days; work is lost."""
    people, log, flow, clock = w.people, w.log, w.flow, w.clock
    r, life = people.residents[i], people.lives[i]
    r.status = JAILED
    r.until = clock[0].day + days
    life.jail_days += days
    life.work = 0
    count(log, r.area, JAILINGS)
    schedule(flow, clock, r.until, Q_RELEASE, key, key, i, -1, -1, 0.0)


@kernel
def release_due(w, entry):
    r = w.people.residents[entry.who]
    if r.status == JAILED and r.until <= w.clock[0].day:
        r.status = FREE


@kernel
def arrested_together(w, i, key):
    """Now and then a partner is taken along: both enter the recorded co-offending network."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    n = tie_count(people, flow, i)
    u, v, _, _ = draws(clock[0].seed, key, clock[0].day, _TOGETHER)
    if n == 0 or u >= p.arrested_together:
        return
    j = tie(people, flow, i, int(v * n))
    if people.residents[j].status < JAILED:
        people.residents[i].flags |= RECORDED
        people.residents[j].flags |= RECORDED
        people.lives[j].arrests += 1
        note(w.log, clock, j, N_ARRESTED)
