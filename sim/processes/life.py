"""Life goes on: deaths, moves, births and arrivals, work and schooling, gangs' recruits and leavers.

The city's housing holds its population: a death or a move leaves a place empty, and after a while a
birth or an arrival fills it, in the same household. Newcomers take the place's rank of propensity, so
that the distribution of the trait stays what the build drew; everything else about them is new.

Leaves out: births beyond the places there are, marriages, and moves within the city.
"""

import numpy as np

from sim.agents.officers import ON_DUTY, VACANT
from sim.agents.residents import AWAY, DEAD, EXPOSED, FREE, GUN, INJURED, JAILED, LISTED
from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import ARRIVALS, BIRTHS, DEPARTURES, GUNS_ACQUIRED, NATURAL_DEATHS
from sim.numerics import clip, exp_, exponential
from sim.processes.beliefs import trauma_now
from sim.processes.candidates import AHEAD, look_ahead_below, propose
from sim.processes.care import ask_for_care
from sim.processes.habits import newcomer_smokes, stops_smoking
from sim.processes.record import N_CAME, N_LEFT, N_NEED, age_years, count, note, schedule
from sim.processes.routine import resident_of, step_aside
from sim.processes.schooling import grow_up
from sim.processes.seats import take_seat
from sim.processes.ties import tie, tie_count
from sim.random import child_key, draws, stream

LIFE_EVENT = 6  # row of flow.tables
Q_VACANCY = 4
NEVER = -100000

_LIFE = stream("life.event")
_VACANT = stream("life.vacancy")
_NEW = stream("life.newcomer")
_GANG = stream("life.gang")
_OFFICER = stream("life.officer")
_RECRUIT = stream("life.recruit")


@kernel
def death_rate(age, p):
    """Natural deaths per person-year: Gompertz, held at `death_ceiling`."""
    return min(p.death_base * exp_(p.death_slope * age), p.death_ceiling)


@kernel
def life_events(w):
    """Natural deaths, moves out, work won and lost, needs that change, guns bought or given up."""
    people, flow, log, clock, p = w.people, w.flow, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    ceiling = (p.death_ceiling + p.move_rate + p.job_rate + p.need_rate + p.gun_turnover) / 365.0
    n = propose(flow, clock, LIFE_EVENT, ceiling)
    read = (
        p.move_rate + p.job_rate + p.need_rate
    ) / 365.0  # above it nearly all fall, or are for guns
    for c in range(n):
        look_ahead_below(people, flow, c, n, read)
        cand = flow.buffer[c]
        i = cand.who
        r = people.residents[i]
        if r.status > INJURED:
            continue
        age = age_years(r, day)
        dies = death_rate(age, p) / 365.0
        moves = p.move_rate / 365.0
        job = p.job_rate / 365.0
        need = p.need_rate / 365.0
        if cand.height < dies:
            count(log, r.area, NATURAL_DEATHS)
            vacate(w, i, DEAD, cand.key)
        elif cand.height < dies + moves:
            if r.gang < 0:
                count(log, r.area, DEPARTURES)
                vacate(w, i, AWAY, cand.key)
        elif cand.height < dies + moves + job:
            change_work(w, i, age, cand.key)
        elif cand.height < dies + moves + job + need:
            change_needs(w, i, age, cand.key)
        elif cand.height < dies + moves + job + need + p.gun_turnover / 365.0 and age >= 16.0:
            u, _, _, _ = draws(seed, cand.key, day, _LIFE)
            if r.flags & GUN != 0:
                if u > p.gun_keep:
                    r.flags &= ~GUN & 255
            elif u < owning_chance(w.place, r, age, p):
                r.flags |= GUN
                count(log, r.area, GUNS_ACQUIRED)


@kernel
def owning_chance(place, r, age, p):
    """Chance of owning a gun at a review: of all adults, of the prone, of young men in poor blocks."""
    chance = p.gun_share + p.gun_propensity * r.propensity / (r.propensity + 20.0)
    if r.sex == 1 and age < 30.0:
        chance += p.gun_young * place.blocks[r.home].disadvantage
    return clip(chance, 0.0, 0.95)


@kernel
def change_work(w, i, age, key):
    """In work or school, or not: likelier with schooling, less so with trauma or a record."""
    people, clock, p = w.people, w.clock, w.p[0]
    life, r = people.lives[i], people.residents[i]
    u, _, _, _ = draws(clock[0].seed, key, clock[0].day, _LIFE)
    chance = (
        0.5
        + 0.4 * life.schooling
        - 0.3 * trauma_now(r, clock[0].day, p)
        - (0.15 if life.jail_days > 30 else 0.0)
    )
    life.work = 1 if u < clip(chance, 0.05, 0.97) else 0
    if 5.0 <= age < 19.0:
        grow_up(w, i, age)
        note(w.log, clock, i, N_NEED)


@kernel
def change_needs(w, i, age, key):
    """Substance, mental-health and housing needs drift toward a level that trauma raises."""
    people, clock, p = w.people, w.clock, w.p[0]
    life, r = people.lives[i], people.residents[i]
    if age < 12.0:
        return
    day = clock[0].day
    u, v, x, y = draws(clock[0].seed, key, day, _LIFE)
    poor = w.place.blocks[r.home].disadvantage
    level = clip(0.10 + 0.15 * poor + p.trauma_needs * trauma_now(r, day, p), 0.0, 1.0)
    taken_up = level * (p.drug_initiation if age < 25.0 else 1.0)
    life.substance += 0.5 * ((1.0 if u < taken_up else 0.0) - life.substance)
    life.mental += 0.5 * ((1.0 if v < 0.7 * level else 0.0) - life.mental)
    life.housing += 0.5 * (
        (1.0 if x < 0.25 * level + 0.1 * (1 - life.work) else 0.0) - life.housing
    )
    note(w.log, clock, i, N_NEED)
    if y < p.seek_care and max(life.substance, life.mental) >= 0.5:
        ask_for_care(w, i)


@kernel
def vacate(w, i, status, key):
    """A resident dies or leaves: out of gang and roster, and the place is filled after a while."""
    people, groups, flow, clock, p = w.people, w.groups, w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r, life = people.residents[i], people.lives[i]
    if r.gang >= 0:
        leave_gang(people, groups, i)
    stops_smoking(w, life)
    r.status = status
    r.until = 0
    note(w.log, clock, i, N_LEFT)
    name = child_key(seed, key, life.generation, _VACANT)
    u, _, _, _ = draws(seed, name, day, _VACANT)
    delay = 1 + int(p.vacancy_days * exponential(u))
    schedule(flow, clock, day + delay, Q_VACANCY, name, key, i, status, -1, 0.0)


@kernel
def leave_gang(people, groups, i):
    r, life = people.residents[i], people.lives[i]
    g = groups.gangs[r.gang]
    if life.roster_slot >= 0:
        groups.roster[g.first + life.roster_slot] = -1
    life.roster_slot = -1
    life.rank = 0
    r.gang = -1
    r.flags &= ~LISTED & 255


@kernel
def vacancy_due(w, entry):
    """The empty place is filled: a birth where the household has a mother, or an arrival."""
    people, log, clock, p = w.people, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    i = entry.who
    r, life = people.residents[i], people.lives[i]
    u1, u2, u3, u4 = draws(seed, entry.key, day, _NEW)
    mother = False
    for k in range(life.kin_size):
        m = people.residents[people.members[life.kin_first + k]]
        if m.sex == 0 and m.status == FREE and 16.0 <= age_years(m, day) < 45.0:
            mother = True
    birth = mother and u1 < p.birth_share
    r.born = day if birth else day - int(365.0 * (18.0 + 30.0 * u2 * u2 + 3.0 * u3))
    r.sex = 1 if u4 < 0.5 else 0
    count(log, r.area, BIRTHS if birth else ARRIVALS)
    r.fairness, r.effectiveness = r.base_fairness, r.base_effectiveness
    r.fear, r.trauma, r.arms = 0.0, 0.0, 0.0
    r.day = day
    r.status = FREE
    note(log, clock, i, N_CAME)
    r.until = 0
    r.side = -1
    r.flags &= EXPOSED
    v1, v2, v3, v4 = draws(seed, entry.key, day, _LIFE)
    if not birth and v1 < p.gun_share:
        r.flags |= GUN
    life.key = child_key(seed, life.key, life.generation + 1, _NEW)
    life.generation = (life.generation + 1) & 255
    life.last_shot, life.last_bereaved, life.jail_days = NEVER, NEVER, 0
    life.substance, life.mental, life.housing = 0.0, 0.0, 0.0
    life.schooling = 0.0 if birth else 0.6 + 0.4 * v2
    life.work = 0 if birth or v3 > 0.85 else 1
    life.stops, life.searches, life.force, life.victimised = 0, 0, 0, 0
    life.arrests, life.reports, life.shootings, life.rank = 0, 0, 0, 0
    life.early = 0
    if not birth:
        newcomer_smokes(w, life, v4)
    life.roster_slot = -1


@kernel
def gang_week(w):
    """Gangs lose members and recruit; a recruit takes the street seat that goes with the place.

    Who is in jail drops out at the pace at which street seats pass on from there.
    """
    people, groups, clock, p = w.people, w.groups, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    for gi in range(groups.gangs.size):
        g = groups.gangs[gi]
        members, active, anyone = 0, 0, -1
        for k in range(g.slots):
            # the next gang's members follow in the roster
            ahead = groups.roster[min(g.first + k + AHEAD, groups.roster.size - 1)]
            touch(people.residents, ahead)
            touch(people.lives, ahead)
            i = groups.roster[g.first + k]
            if i < 0:
                continue
            r, life = people.residents[i], people.lives[i]
            u, _, _, _ = draws(seed, life.key, day, _GANG)
            leave = p.gang_leave / 52.0 * leaving(people, i, day)
            if r.status == JAILED:
                leave = p.succession_jail / 52.0
            if u < leave:
                leave_gang(people, groups, i)
                continue
            members += 1
            anyone = i
            active += 1 if r.status == FREE else 0
        g.members, g.active = members, active
        for k in range(g.slots):
            if groups.roster[g.first + k] >= 0:
                continue
            u1, u2, _, _ = draws(seed, g.key + np.uint64(k), day, _GANG)
            rate = p.gang_recruit
            if w.flow.roster_seat[g.first + k] < 0:
                rate *= p.gang_growth
            if u1 >= rate / 52.0:
                continue
            m = groups.roster[g.first + int(u2 * g.slots)]
            if m < 0:
                m = anyone
            recruit(w, gi, k, m)


@kernel
def leaving(people, i, day):
    """How much likelier than average a member leaves: older, in work, with an outside option."""
    r, life = people.residents[i], people.lives[i]
    age = age_years(r, day)
    level = 0.5 + (1.0 if age > 25.0 else 0.0) + 0.5 * life.work
    if r.side >= 0:
        level += 2.0 * people.side[r.side].outside_option
    return level


@kernel
def recruit(w, gang, slot, member):
    """Up to eight youths come to mind; the first who is keen joins.

    They are co-offenders or friends of a member, or live around the gang's home.
    """
    people, groups, flow, clock = w.people, w.groups, w.flow, w.clock
    g = groups.gangs[gang]
    for look in range(8):
        name = child_key(clock[0].seed, g.key + np.uint64(slot), look, _RECRUIT)
        u, v, x, y = draws(clock[0].seed, name, clock[0].day, _RECRUIT)
        j = -1
        if member >= 0 and u < 0.4:
            n = tie_count(people, flow, member)
            if n > 0:
                j = tie(people, flow, member, int(v * n))
        elif member >= 0 and u < 0.6:
            first = people.friend_start[member]
            n = people.friend_start[member + 1] - first
            if n > 0:
                j = people.friends[first + int(v * n)]
        else:
            block = step_aside(flow, w.place, g.home, v, x)
            j = resident_of(people, w.place, block, (u - 0.6) / 0.4 if u >= 0.6 else u / 0.6)
        if j < 0 or y >= keen_to_join(w, gang, j):
            continue
        people.residents[j].gang = gang
        life = people.lives[j]
        life.rank = 1
        life.roster_slot = slot
        groups.roster[g.first + slot] = j
        seat = flow.roster_seat[g.first + slot]
        if seat >= 0:
            take_seat(w, seat, j, name)
        return


@kernel
def keen_to_join(w, gang, j):
    """Chance that j joins when asked: 13 to 26, in no gang, near, alike, and nothing better to do."""
    people, g = w.people, w.groups.gangs[gang]
    r, life = people.residents[j], people.lives[j]
    age = age_years(r, w.clock[0].day)
    if r.gang >= 0 or r.status > INJURED or age < 13.0 or age > 26.0:
        return 0.0
    keen = (0.9 if r.sex == 1 else 0.08) * (1.0 - 0.5 * life.schooling * life.work)
    if r.group != g.main:
        keen *= 0.08
    home, there = w.place.blocks[r.home], w.place.blocks[g.home]
    d2 = (home.x - there.x) ** 2 + (home.y - there.y) ** 2
    keen *= 1.0 / (1.0 + d2 / (4.0 + 0.3 * g.slots)) ** 2
    if r.side >= 0:
        keen *= 1.0 - clip(people.side[r.side].outside_option, 0.0, 1.0)
    return keen


@kernel
def officer_week(w):
    """Officers leave and are hired: the place is vacant for months, then somebody new has it.

    A recruit's conduct style and proneness to force are those of keyed draws from the force.
    """
    officers, clock, p = w.police.officers, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    n = officers.size
    for k in range(n):
        o = officers[k]
        if o.status != ON_DUTY:
            if o.until <= day:
                if o.status == VACANT:
                    hire(officers, k, day, seed)
                o.status = ON_DUTY
            continue
        u1, u2, _, _ = draws(seed, o.key, day, _OFFICER)
        if u1 < p.officer_exit / 52.0:
            o.status = VACANT
            o.until = day + int(p.hire_days * (0.5 + u2))
        o.stops_week = 0


@kernel
def hire(officers, k, day, seed):
    """A new officer in place k."""
    o = officers[k]
    u1, u2, u3, u4 = draws(seed, o.key, day + 1, _OFFICER)
    model = officers[int(u1 * officers.size)]
    o.style = model.style
    o.force_proneness = officers[int(u2 * officers.size)].force_proneness
    o.key = child_key(seed, o.key, o.generation + 1, _OFFICER)
    o.generation = (o.generation + 1) & 255
    o.hired = day
    o.day = day
    o.danger, o.stress, o.skill = 0.1, 0.0, 0.0
    o.style_shift, o.force_factor, o.watched, o.hours_taken = 0.0, 1.0, 0.0, 0.0
    o.stress_recovery = 1.0
    o.complaints, o.force_count = 0, 0
