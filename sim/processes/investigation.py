"""Investigation: every case has a hazard of being cleared, and is cleared when it has summed to a keyed
unit exponential. No draw a day: more effort clears the same cases sooner, and some that stayed open.

    first two days   early_clearance / 2 x evidence x (1 - s + 2 s witnesses)      same for fatal and not [L04]
    later            late_clearance x effort(class) x evidence x (1 - s + 2 s witnesses) / (1 + days / cold_days)

s is `witness_share`. Effort is detective-hours per open case against the reference, with diminishing
returns 2x / (1 + x); the department's priority for fatal cases makes the gap that opens after 48 hours [L03, L04].
"""

from sim.kernel import kernel
from sim.measures import (
    ARRESTS_SHOOTING,
    CLEARED_FATAL,
    CLEARED_FATAL_48H,
    CLEARED_NONFATAL,
    CLEARED_NONFATAL_48H,
    CLEARED_OTHER,
    E_ARREST,
    HOMICIDES_RECORDED,
    K_SEXUAL,
    K_SHOOTING,
    NONFATAL_RECORDED,
    P_CLEARED_FATAL,
    P_CLEARED_NONFATAL,
    PART_INVESTIGATION,
    RULE_CASE,
    SEXUAL_PROSECUTED,
)  # fmt: skip
from sim.numerics import clip, exponential
from sim.processes.beliefs import fear_of, feel, legitimacy_now, salience_now, see
from sim.processes.justice import arrest
from sim.processes.record import TOO_MANY_CASES, count, count_person, suppressed, write_event
from sim.processes.routine import present, resident_of
from sim.random import child_key, draws, stream

_CASE = stream("investigation.case")
_WITNESS = stream("investigation.witness")
KEEP_DAYS = 730  # a shooting's row is kept this long, since grievances look it up
ACTIVE_DAYS = 365  # other cases go cold for good
NEVER = 1e300  # a cumulative hazard that no case reaches


@kernel
def cooperation(w, i, day):
    """Chance that resident i tells what they know: legitimacy for, fear of reprisal against [M06]."""
    people, place, p = w.people, w.place, w.p[0]
    r = people.residents[i]
    f = place.field[r.area * w.clock[0].groups + r.group]
    area = place.areas[r.area]
    trust = 1.0 + p.witness_trust * (legitimacy_now(r, f, day, p) - p.trust_centre)
    calm = 1.0 - p.witness_fear * fear_of(place, r, day, p)
    calm *= 1.0 - p.witness_salience * salience_now(f, day, p)
    return clip(p.witness_base * trust * calm * (1.0 - p.cynicism_weight * area.cynicism), 0.0, 1.0)


@kernel
def open_case(w, kind, a, b, block, key, fatal):
    """A case known to police; its row in flow.cases, or -1 when there is no room (then the run stops)."""
    people, place, flow, log, clock = w.people, w.place, w.flow, w.log, w.clock
    day, seed = clock[0].day, clock[0].seed
    row = clock[0].free_case
    if row >= 0:
        clock[0].free_case = -2 - flow.cases[row].opened
    else:
        row = clock[0].cases
        if row >= flow.cases.size:
            clock[0].trouble = TOO_MANY_CASES
            return -1
        clock[0].cases = row + 1
    c = flow.cases[row]
    u1, u2, u3, u4 = draws(seed, key, day, _CASE)
    c.key, c.kind, c.fatal, c.victim, c.offender, c.block = (
        key,
        kind,
        1 if fatal else 0,
        b,
        a,
        block,
    )
    c.opened, c.closed, c.delayed, c.hazard = day, -1, 0, 0.0
    c.scene, c.stays = 0, 1
    c.victim_gang, c.victim_person = people.residents[b].gang, people.lives[b].key
    c.offender_gang, c.offender_person = -1, 0
    if a >= 0:
        c.offender_gang, c.offender_person = people.residents[a].gang, people.lives[a].key
    c.threshold = exponential(u1)
    c.evidence = 0.5 + u2
    told = 0.0 if fatal else (1.0 if u3 < cooperation(w, b, day) else 0.0)
    v1, v2, v3, v4 = draws(seed, key, day, _WITNESS)
    for u, v in ((v1, v2), (v3, v4)):
        j = resident_of(people, place, block, u)
        if j < 0:
            j = resident_of(people, place, people.residents[b].home, u)
        if j >= 0 and present(people.residents[j]) and v < cooperation(w, j, day):
            told += 1.0 if fatal else 0.7
    c.witnesses = clip(0.5 * told, 0.0, 1.0)
    if fatal:
        count(log, place.blocks[block].area, HOMICIDES_RECORDED)
    elif kind == K_SHOOTING:
        count(log, place.blocks[block].area, NONFATAL_RECORDED)
    return row


@kernel
def investigate(w):
    """A day's work on all open cases."""
    flow, clock, p = w.flow, w.clock, w.p[0]
    day = clock[0].day
    d = w.police.department[0]
    for row in range(clock[0].cases):
        c = flow.cases[row]
        if c.opened < 0:
            continue
        age = day - c.opened
        if c.closed >= 0 or age > ACTIVE_DAYS:
            if age > KEEP_DAYS or (c.kind != K_SHOOTING and not c.fatal):
                retire(flow, clock, row)
                continue
            if c.closed >= 0:
                continue
        rest = 1.0 - p.witness_share
        ease = c.evidence * (rest + 2.0 * p.witness_share * c.witnesses) * p.clearance_factor
        if age < 2:
            c.hazard += 0.5 * p.early_clearance * ease
        else:
            effort = d.effort_other
            if c.fatal:
                effort = d.effort_fatal
            elif c.kind == K_SHOOTING:
                effort = d.effort_nonfatal
            c.hazard += p.late_clearance * effort * ease / (1.0 + age / p.cold_days)
        if c.hazard > c.threshold:
            clear(w, c, age)
        elif c.delayed == 0 and age >= p.unsolved_days:
            unsolved(w, c)


@kernel
def retire(flow, clock, row):
    flow.cases[row].opened = -2 - clock[0].free_case
    flow.cases[row].key = 0
    clock[0].free_case = row


@kernel
def clear(w, c, age):
    """Cleared by arrest (or exceptionally, when the offender is dead or gone)."""
    people, place, log, clock, p = w.people, w.place, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    area = place.blocks[c.block].area
    name = child_key(seed, c.key, 1, _CASE)
    if suppressed(log, name):  # a replay in which the case is never solved
        c.threshold = NEVER
        return
    c.closed = day
    # nobody is arrested where the offender has died or left and somebody else holds the row
    same = c.offender >= 0 and people.lives[c.offender].key == c.offender_person
    # where the victim of a sexual assault has withdrawn the case is cleared without an arrest
    arrested = same and c.stays == 1 and arrest(w, c.offender, c.kind, c.fatal == 1, c.key)
    if c.kind == K_SHOOTING or c.fatal:
        count(log, area, CLEARED_FATAL if c.fatal else CLEARED_NONFATAL)
        count_person(
            log, people.residents[c.victim], day, P_CLEARED_FATAL if c.fatal else P_CLEARED_NONFATAL
        )
        if age < 2:
            count(log, area, CLEARED_FATAL_48H if c.fatal else CLEARED_NONFATAL_48H)
        e = write_event(w, name, c.key, E_ARREST, c.offender, c.victim, c.block)
        e.rule, e.part = RULE_CASE, PART_INVESTIGATION
        e.actor_person, e.actor_gang = c.offender_person, c.offender_gang
        e.severity = 1.0 if c.fatal else 0.5
        e.flags = 1 if arrested else 0
        e.probability, e.draw = c.hazard, c.threshold
        if arrested and c.kind == K_SHOOTING:
            count(log, area, ARRESTS_SHOOTING)
        spread = p.neighbourhood_cleared / max(0.1, place.areas[area].population / 1000.0)
        see(people, place, clock, p, area, 0.0, spread)
    else:
        count(log, area, CLEARED_OTHER)
        if c.kind == K_SEXUAL and arrested:
            count(log, area, SEXUAL_PROSECUTED)
    learn_risk(place.areas[area], p, True)
    tell_victim_side(w, c, p.cleared_push)


@kernel
def unsolved(w, c):
    """The case counts as unsolved: the victim's side and the neighbourhood draw their conclusion."""
    place, clock, p = w.place, w.clock, w.p[0]
    area = place.blocks[c.block].area
    c.delayed = 1
    learn_risk(place.areas[area], p, False)
    tell_victim_side(w, c, -p.unsolved_push)
    if c.kind == K_SHOOTING:
        spread = p.neighbourhood_unsolved / max(0.1, place.areas[area].population / 1000.0)
        see(w.people, place, clock, p, area, 0.0, -spread)


@kernel
def learn_risk(area, p, cleared):
    """Felt risk of arrest and felt share unsolved follow what becomes of cases, slowly."""
    seen = 1.0 if cleared else 0.0
    area.risk += p.risk_learning * (seen / p.reference_clearance - area.risk)
    area.unsolved += p.risk_learning * ((1.0 - seen) - area.unsolved)


@kernel
def tell_victim_side(w, c, push):
    """The victim, or the household of the dead, takes it as a sign of whether police protect them."""
    people, clock, p = w.people, w.clock, w.p[0]
    if not c.fatal:
        if present(people.residents[c.victim]) and people.lives[c.victim].key == c.victim_person:
            feel(people, c.victim, clock[0].day, p, 0.0, push)
        return
    life = people.lives[c.victim]
    for k in range(life.kin_size):
        j = people.members[life.kin_first + k]
        if j != c.victim and present(people.residents[j]):
            feel(people, j, clock[0].day, p, 0.0, push)
