"""The attack and its wounds: shots that miss or hit, the wounded and the dead, and what is told of it.

An armed attack is gunfire or a shooting with one to four victims; without a gun it is a serious assault,
which seldom kills. Each person shot has an event, a case, grievances and exposure that follow, fear in
those near, and support if there is any. Who lives is a matter of `lethality`, higher where many carry.

Leaves out: firearms by type, and shootings of or by police (see contacts).
"""

import numpy as np

from sim.agents.residents import DEAD, INJURED, WATCHED
from sim.kernel import kernel
from sim.measures import (
    E_DEATH,
    E_GUNFIRE,
    E_NONGUN_DEATH,
    E_SHOOTING,
    GANG_INCIDENTS,
    GUN_DEATHS,
    GUNFIRE_INCIDENTS,
    HOMICIDES,
    K_GUNFIRE,
    K_SERIOUS,
    K_SHOOTING,
    LINKED_INCIDENTS,
    MULTI_VICTIM_INCIDENTS,
    NONGUN_DEATHS,
    P_HOMICIDES,
    P_PERSONS_SHOT,
    P_SHOT_AT,
    P_VICTIMISED,
    P_VICTIMISED_VIOLENT,
    PART_INJURY,
    PART_RETALIATION,
    PERSONS_SHOT,
    RETALIATORY_INCIDENTS,
    RULE_WOUND,
    SERIOUS_ASSAULTS,
    SHOOTING_INCIDENTS,
)  # fmt: skip
from sim.numerics import clip, halved
from sim.processes.aftermath import schedule_exposure, schedule_grievances
from sim.processes.arms import alarm_ties, hurt, kin_of_the_dead
from sim.processes.beliefs import local_level
from sim.processes.feuds import warm_dyad
from sim.processes.investigation import open_case
from sim.processes.life import vacate
from sim.processes.parties import bystander
from sim.processes.record import count, count_person, jitter, schedule, suppressed, write_event
from sim.processes.reporting import report_offence
from sim.processes.routine import present
from sim.processes.scenes import support
from sim.random import child_key, draws, stream

Q_RECOVER = 1  # kind of calendar entry

_WHO = stream("violence.who")
_SHOT = stream("violence.shot")
_WOUND = stream("violence.wound")
_MORE = stream("violence.victims")


@kernel
def attack(w, a, b, block, key, cause, rule, part, level, height, armed):
    """a attacks b at `block`: a shooting if armed (hit or not), else a serious assault."""
    people, log, clock, p = w.people, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    if suppressed(log, key):
        return
    area = w.place.blocks[block].area
    rb = people.residents[b]
    if not armed:
        count(log, area, SERIOUS_ASSAULTS)
        assault(w, a, b, block, key, cause, rule, part, level, height)
        return
    u1, u2, u3, u4 = draws(seed, key, day, _SHOT)
    warm_dyad(w, a, b, key, u1 < p.hit_share)
    count_person(log, rb, day, P_SHOT_AT)
    if u1 >= p.hit_share:
        count(log, area, GUNFIRE_INCIDENTS)
        e = write_event(w, key, cause, E_GUNFIRE, a, b, block)
        fill(e, rule, part, level, height)
        known = report_offence(w, K_GUNFIRE, a, b, block, key)
        e.known = 1 if known else 0
        life = people.lives[b]
        life.last_shot = day
        hurt(w, b, key, p.fear_victim * 0.5, p.trauma_exposed, p.arms_victim * 0.5)
        return
    count(log, area, SHOOTING_INCIDENTS)
    if part == PART_RETALIATION:
        count(log, area, RETALIATORY_INCIDENTS)
    if cause != np.uint64(0):
        count(log, area, LINKED_INCIDENTS)
    if people.residents[a].gang >= 0 or rb.gang >= 0:
        count(log, area, GANG_INCIDENTS)
    people.lives[a].shootings += 1
    people.residents[a].flags |= WATCHED
    place_level = local_level(w.place.areas[area], day, p)
    wound(w, a, b, block, key, key, cause, rule, part, level, height, place_level)
    if u2 < p.multi_victim:
        count(log, area, MULTI_VICTIM_INCIDENTS)
        more = 1 + (1 if u3 < p.third_victim else 0) + (1 if u3 < p.third_victim**2 else 0)
        for k in range(more):
            again = child_key(seed, key, k, _MORE)
            v1, v2, _, _ = draws(seed, again, day, _WHO)
            c = bystander(people, w.flow, w.place, b, block, v1, v2)
            if c >= 0 and c != a and c != b and present(people.residents[c]):
                if people.residents[c].status != INJURED:
                    wound(w, a, c, block, again, key, cause, rule, part, level, height, place_level)


@kernel
def wound(w, a, b, block, key, incident, cause, rule, part, level, height, place_level):
    """One person is shot: wounded or killed, with all that follows."""
    people, place, police, log = w.people, w.place, w.police, w.log
    flow, clock, p = w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    area_row = place.blocks[block].area
    area = place.areas[area_row]
    rb, lb = people.residents[b], people.lives[b]
    u1, u2, u3, u4 = draws(seed, key, day, _WOUND)
    fatal = u1 < clip(p.lethality * (1.0 + p.lethality_carrying * (place_level - 0.3)), 0.0, 1.0)
    e = write_event(w, key, cause, E_SHOOTING, a, b, block)
    e.incident = incident
    same_spot(w, e, incident)
    fill(e, rule, part, level, height)
    e.severity = 1.0 if fatal else 0.5
    e.flags = 1 if fatal else 0
    count(log, area_row, PERSONS_SHOT)
    count_person(log, rb, day, P_PERSONS_SHOT)
    count_person(log, rb, day, P_VICTIMISED)
    count_person(log, rb, day, P_VICTIMISED_VIOLENT)
    area.shootings = area.shootings * halved(day - area.day, p.area_memory_half_life)
    area.day = day
    area.shootings += 1000.0 / max(100, area.population)
    police.beats[place.blocks[block].beat].danger += p.beat_danger_step
    lb.last_shot = day
    lb.victimised += 1
    rb.flags |= WATCHED
    case = open_case(w, K_SHOOTING, a, b, block, key, fatal)
    schedule_grievances(w, a, b, key, case)
    schedule_exposure(w, a, b, key)
    if fatal:
        die_by_violence(w, a, b, block, key, incident, True, key, rule, part, level, height)
    else:
        rb.status = INJURED
        rb.until = day + 7 + int(60.0 * u2)
        schedule(
            flow,
            clock,
            rb.until,
            Q_RECOVER,
            child_key(seed, key, 0, _WOUND),
            key,
            b,
            -1,
            block,
            0.0,
        )
        hurt(w, b, key, p.fear_victim, p.trauma_shot, p.arms_victim)
    alarm_ties(w, b, key)
    support(w, b, block, key, case)


@kernel
def die_by_violence(w, a, b, block, key, incident, gun, cause, rule, part, level, height):
    """A homicide: the death as an event of its own, bereavement, and the empty place."""
    people, log, clock = w.people, w.log, w.clock
    day, seed = clock[0].day, clock[0].seed
    area = w.place.blocks[block].area
    rb = people.residents[b]
    name = child_key(seed, key, 9, _WOUND)
    # a wound by gunshot is an event of its own; an assault without a gun is one only if it kills
    e = write_event(w, name, key if gun else cause, E_DEATH if gun else E_NONGUN_DEATH, a, b, block)
    e.incident = incident
    same_spot(w, e, incident)
    if gun:
        fill(e, RULE_WOUND, PART_INJURY, 1.0, 0.0)
    else:
        fill(e, rule, part, level, height)
    e.severity = 1.0
    count(log, area, HOMICIDES)
    count(log, area, GUN_DEATHS if gun else NONGUN_DEATHS)
    count_person(log, rb, day, P_HOMICIDES)
    kin_of_the_dead(w, b, key)
    vacate(w, b, DEAD, key)
    return name


@kernel
def assault(w, a, b, block, key, cause, rule, part, level, height):
    """A serious assault without a gun; about one in a hundred kills."""
    people, log, clock, p = w.people, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    rb = people.residents[b]
    people.lives[b].victimised += 1
    count_person(log, rb, day, P_VICTIMISED)
    count_person(log, rb, day, P_VICTIMISED_VIOLENT)
    u1, _, _, _ = draws(seed, key, day, _WOUND)
    if u1 < p.assault_lethality:
        name = die_by_violence(w, a, b, block, key, key, False, cause, rule, part, level, height)
        open_case(w, K_SERIOUS, a, b, block, name, True)
        return
    report_offence(w, K_SERIOUS, a, b, block, key)
    hurt(w, b, key, p.fear_victim * 0.5, p.trauma_violence, 0.2 * p.arms_victim)


@kernel
def same_spot(w, e, incident):
    """All victims of an incident are at one spot of the block."""
    clock, at = w.clock, w.place.blocks[e.block]
    u, v = jitter(clock[0].seed, incident, e.day)
    e.x_m, e.y_m = (at.x + u) * clock[0].block_m, (at.y + v) * clock[0].block_m


@kernel
def fill(e, rule, part, level, height):
    """Why a violent event happened: its rule and part, the level then, and the draw held against it.

    The level is a hazard a day, a probability, or for what an earlier event left behind the number to
    be expected of it in all, which may be above 1.
    """
    e.rule = rule
    e.part = part
    e.probability = level
    e.draw = height
