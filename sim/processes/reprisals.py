"""Reprisals and exposure come due: does somebody settle the grievance, and on whom?

A grievance (see aftermath) happens if the expected number of reprisals in force exceeds its height: norm
of the gang, restraint by legitimacy, mentoring, mediation and, by `arrest_effect` [M13], an arrest. The
target is the shooter if known on the street, else anyone of the shooter's gang. While a quarrel is hot,
both sides keep to its corner, and reprisals happen there: part of why homicides repeat near by within
days [H01]. An exposed tie [H04] comes to shoot or to be shot at.

Leaves out: reprisals on kin or friends of a shooter without a gang.
"""

from sim.kernel import kernel
from sim.measures import (
    E_AVERTED,
    MEDIATED,
    PART_CONTAGION,
    PART_RETALIATION,
    RULE_EXPOSURE,
    RULE_GRIEVANCE,
)
from sim.numerics import halved
from sim.processes.aftermath import (
    EXPOSURE_LAYERS,
    GRIEF,
    HEADROOM,
    most_exposure,
    most_reprisals,
    side_norm,
)
from sim.processes.attack import attack, fill
from sim.processes.parties import close_avenger, other_party, roster_pick
from sim.processes.record import count, suppressed, write_event
from sim.processes.routine import carry_chance, meeting_block, present, restraint, violence_factor
from sim.random import child_key, draws, stream

TOO_MUCH_GRIEF, TOO_MUCH_EXPOSURE = 21, 22

_WHO = stream("violence.who")
_PLACE = stream("violence.place")
_DUE = stream("violence.grievance.due")
_MORE = stream("violence.victims")


@kernel
def grievance_due(w, entry):
    """A grievance comes due: does somebody of the victim's side settle it, and on whom?

    Sides are those of the day of the shooting, as the case has them: the dead are in no gang any more,
    and their rows pass to others. A grievance that outlives its case lapses.
    """
    people, place, groups = w.people, w.place, w.groups
    flow, clock, p = w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    key, parent, victim, shooter = entry.key, entry.parent, entry.who, entry.other
    height, case_row = entry.value, entry.place
    case = flow.cases[max(case_row, 0)]
    if case_row < 0 or case.key != parent:
        return
    gang = case.victim_gang
    u1, u2, u3, u4 = draws(seed, key, day, _DUE)
    most = most_reprisals(p)
    if gang >= 0 and u1 < p.gang_settles:
        norm = groups.gangs[gang].norm * (0.5 + groups.gangs[gang].cohesion)
        norm *= groups.gangs[gang].pressure
        if height >= most * norm:
            return
        a = roster_pick(w, gang, key, False)
    else:
        a = close_avenger(people, flow, victim, u2, people.lives[victim].key == case.victim_person)
        norm = p.retaliation_nongang if gang < 0 else 1.0
    if a < 0:
        return
    level = p.weight_retaliation * p.retaliation * norm * violence_factor(people, a, day, p)
    level *= restraint(people, place, a, day, p, clock[0].groups)
    if people.residents[a].side >= 0:
        level *= people.side[people.residents[a].side].retaliation
    if case.closed >= 0:
        level *= 1.0 - p.arrest_effect
    if case.scene == 1:
        level *= 1.0 - p.scene_mediation
    if level > min(GRIEF[GRIEF.size - 1], HEADROOM * most * side_norm(w, gang)):
        clock[0].trouble = TOO_MUCH_GRIEF
        return
    if height >= level:
        return
    b = shooter
    known = u3 < p.street_knowledge and people.lives[shooter].key == case.offender_person
    if not known or not present(people.residents[shooter]):
        target_gang = case.offender_gang
        if target_gang < 0 or target_gang == gang:
            return
        b = roster_pick(w, target_gang, child_key(seed, key, 1, _WHO), True)
    if b < 0 or b == a or not present(people.residents[b]):
        return
    if mediated(w, a, b, key, parent):
        return
    v1, v2, v3, armed = draws(seed, key, day, _PLACE)
    if u4 < p.reprisal_at_scene * halved(day - case.opened, p.grievance_days):
        block = case.block
    else:
        block = meeting_block(flow, people, place, a, b, v1, v2, v3, p)
    has_gun = armed < max(
        p.gang_gun if gang >= 0 else p.avenger_gun, carry_chance(people, place, a, day, p)
    )
    attack(w, a, b, block, key, parent, RULE_GRIEVANCE, PART_RETALIATION, level, height, has_gun)


@kernel
def mediated(w, a, b, key, parent):
    """Does mediation reach this dispute? Through the enrolled on either side (a bounded sum)."""
    people, log, clock = w.people, w.log, w.clock
    chance = 0.0
    ra, rb = people.residents[a], people.residents[b]
    if ra.side >= 0:
        chance += people.side[ra.side].mediation
    if rb.side >= 0:
        chance += 0.5 * people.side[rb.side].mediation
    if chance <= 0.0:
        return False
    u, v, _, _ = draws(clock[0].seed, key, clock[0].day, _MORE)
    name = child_key(clock[0].seed, key, 3, _MORE)
    if u >= chance or suppressed(log, name):
        return False
    count(log, ra.area, MEDIATED)
    e = write_event(w, name, parent, E_AVERTED, a, b, ra.home)
    fill(e, RULE_GRIEVANCE, PART_RETALIATION, chance, u)
    return True


@kernel
def exposure_due(w, entry):
    """Does an exposed tie come to shoot, or to be shot at?"""
    people, place, flow, clock, p = w.people, w.place, w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    who, key = entry.who, entry.key
    if people.lives[who].generation != entry.place:  # somebody else lives in this row now
        return
    _, _, u3, _ = draws(seed, key, day, _DUE)
    other = other_party(w, who, key)
    if other < 0 or other == who:
        return
    a, b = (who, other) if u3 < 0.5 else (other, who)
    if not present(people.residents[b]):
        return
    level = p.weight_contagion * p.contagion * violence_factor(people, a, day, p)
    if level > min(2.0**EXPOSURE_LAYERS, HEADROOM * most_exposure(p)):
        clock[0].trouble = TOO_MUCH_EXPOSURE
        return
    if entry.value >= level:
        return
    v1, v2, v3, armed = draws(seed, key, day, _PLACE)
    block = meeting_block(flow, people, place, a, b, v1, v2, v3, p)
    has_gun = armed < max(p.avenger_gun, carry_chance(people, place, a, day, p))
    attack(
        w,
        a,
        b,
        block,
        key,
        entry.parent,
        RULE_EXPOSURE,
        PART_CONTAGION,
        level,
        entry.value,
        has_gun,
    )
