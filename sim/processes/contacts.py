"""Police-initiated contacts and what any contact with an officer is like.

Whom: place x visible group x age x sex, with a disparity ratio per group [S10, L15, L16]; suspicion
finds carriers better than chance, but less so the more stops there are [S30]. How: respectful or not,
force or not, from the officer's style, danger, stress and training, and from how the person meets
them. A use of force may be publicised; officers are hurt at times; very rarely somebody is killed.
"""

import numpy as np

from sim.agents.officers import ON_DUTY
from sim.agents.residents import DEAD, GUN
from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import (
    CITATIONS,
    COMPLAINTS,
    DISRESPECT,
    E_FORCE,
    E_INCIDENT,
    E_POLICE_KILLING,
    FORCE,
    GUNS_FOUND,
    K_STOP,
    OFFICER_INJURIES,
    P_CONTACTS,
    P_FORCE,
    P_STOPS,
    PART_CONTACT,
    POLICE_KILLINGS,
    PUBLICISED,
    RULE_PUBLICITY,
    RULE_RESPONSE,
    RULE_STOP,
    SEARCHES,
    STOPS,
    VICE_ARRESTS,
)  # fmt: skip
from sim.numerics import clip, exp_
from sim.processes.arms import danger_now, endanger, kin_of_the_dead, stress_now
from sim.processes.beliefs import feel, legitimacy_now, publicise, tell
from sim.processes.candidates import STRETCH, look_ahead, move_up, propose
from sim.processes.justice import arrest
from sim.processes.life import vacate
from sim.processes.markets import opening
from sim.processes.record import age_years, count, count_person, suppressed, write_event
from sim.processes.routine import age_factor, carry_chance, present
from sim.processes.seizure import seize
from sim.random import child_key, draws, stream

STOP = 1  # row of flow.tables
FROM_STOP, FROM_CALL = 0, 1
_OFFICER = stream("contacts.officer")
_MANNER = stream("contacts.manner")
_KIND = stream("contacts.kind")
_FIND = stream("contacts.find")
_AFTER = stream("contacts.after")


@kernel
def pick_officer(w, beat, key):
    """An officer of the beat who is on duty, or -1 when the first four draws find an empty place."""
    b = w.police.beats[beat]
    if b.slots == 0:
        return -1
    u1, u2, u3, u4 = draws(w.clock[0].seed, key, w.clock[0].day, _OFFICER)
    for u in (u1, u2, u3, u4):
        k = b.first + int(u * b.slots)
        if w.police.officers[k].status == ON_DUTY:
            return k
    return -1


@kernel
def stops(w):
    """Self-initiated contacts of the day: stop, pat-down, search, citation, vice arrest, seizure."""
    people, place, police, flow = w.people, w.place, w.police, w.flow
    clock, p = w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    volume = clip(p.stop_rate / p.stop_rate_reference, 0.05, 50.0)
    keen = p.suspicion / volume
    base = p.stop_rate / 365.0
    peak_ratio = 1.0
    for g in range(people.kinds.size):
        peak_ratio = max(peak_ratio, people.kinds[g].stop_ratio / people.kinds[g].stop_base)
    ceiling = base * police.department[0].peak_initiated * peak_ratio * (1.0 + keen)
    n = propose(flow, clock, STOP, ceiling)
    for first in range(0, n, STRETCH):
        last = worth_a_look(w, first, min(first + STRETCH, n), n, base, keen)
        for c in range(first, last):
            cand = flow.buffer[c]
            i, key = cand.who, cand.key
            r = people.residents[i]
            if not present(r):
                continue
            level = stop_level(people, r, day, base)
            u1, u2, u3, u4 = draws(seed, key, day, _KIND)
            block = r.home if u1 < 0.5 else r.activity
            level *= police.beats[place.blocks[block].beat].initiated_ratio
            owner = r.flags & GUN != 0
            carries = owner and u2 < carry_chance(people, place, i, day, p)
            if cand.height < level * (1.0 + (keen if carries else 0.0)):
                stop_somebody(w, i, key, block, carries, u3, u4)


@kernel
def stop_level(people, r, day, base):
    """Hazard of a stop per day, and unit of static weight, in a block of usual police presence."""
    age = age_years(r, day)
    if age < 12.0:
        return 0.0
    kind = people.kinds[r.group]
    return base * (0.2 + 0.8 * age_factor(age)) * kind.stop_ratio / kind.stop_base


@kernel
def worth_a_look(w, first, last, n, base, keen):
    """Move those candidates of a stretch who may be stopped in some block to its front; where they end.

    What is tested here (age, group, owning a gun) no stop of the day changes, but for guns taken away:
    nobody falls whom a stop just before could have let through. Memory is asked for what is read of
    those who are left, present or not.
    """
    people, place, flow, day = w.people, w.place, w.flow, w.clock[0].day
    peak = w.police.department[0].peak_initiated
    kept = first
    for c in range(first, last):
        look_ahead(people, flow, c, n)
        cand = flow.buffer[c]
        r = people.residents[cand.who]
        most = stop_level(people, r, day, base) * peak
        if cand.height >= most * (1.0 + (keen if r.flags & GUN != 0 else 0.0)):
            continue
        touch(people.lives, cand.who)
        touch(people.friend_start, cand.who)
        touch(place.blocks, r.home)
        touch(place.blocks, r.activity)
        kept = move_up(flow, c, kept)
    return kept


@kernel
def stop_somebody(w, i, key, block, carries, u3, u4):
    """One stop: who stops, how far it goes, what is found."""
    people, place, police, log, clock, p = w.people, w.place, w.police, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r, life = people.residents[i], people.lives[i]
    area = place.blocks[block].area
    officer = pick_officer(w, place.blocks[block].beat, key)
    if officer < 0:
        return
    count(log, area, STOPS)
    count_person(log, r, day, P_STOPS)
    if life.stops < 65000:
        life.stops += 1
    place.areas[area].contacts += p.contact_memory * 1000.0 / max(100, place.areas[area].population)
    vice = police.beats[place.blocks[block].beat].hours_vice > 0.0
    intrusive = u3 < p.patdown_share
    if intrusive:
        count(log, area, SEARCHES)
        life.searches += 1
    encounter(w, officer, i, key, block, FROM_STOP, 1.0 if intrusive else 0.4)
    if not present(r):
        return
    found, _, _, _ = draws(seed, key, day, _FIND)
    if carries and intrusive and found < p.gun_found:
        count(log, area, GUNS_FOUND)
        r.flags &= ~GUN & 255
        beat = police.beats[place.blocks[block].beat]
        beat.danger += 0.3 * p.beat_danger_step
        endanger(police.officers[officer], day, p, p.danger_gun)
        arrest(w, i, K_STOP, False, key)
    elif u4 < p.citation_share:
        count(log, area, CITATIONS)
    elif u4 < p.citation_share + p.vice_share_of_stops and vice:
        count(log, area, VICE_ARRESTS)
        arrest(w, i, K_STOP, False, key)
        opening(w, i, key)
        if not intrusive:
            seize(w, i, area, key)
    if intrusive:
        seize(w, i, area, key)


@kernel
def encounter(w, officer, i, key, block, source, tension):
    """A contact between officer and resident; beliefs move by how it went.

    Odds of respect are those of the officer's style, times e to the sum of training, danger, stress
    and the person's own legitimacy; odds of force start from `force_base` per contact of tension 1.
    """
    people, place, police, log, clock, p = w.people, w.place, w.police, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r, o = people.residents[i], police.officers[officer]
    groups = clock[0].groups
    touch(people.friends, people.friend_start[i])  # for `tell`, who may need them below
    count_person(log, r, day, P_CONTACTS)
    legit = legitimacy_now(r, place.field[r.area * groups + r.group], day, p)
    danger, stress = danger_now(o, day, p), stress_now(o, day, p)
    ratio = people.kinds[r.group].force_ratio
    shift = (
        o.style_shift + p.style_contact - p.danger_style * (danger - 0.2) - p.stress_style * stress
        + p.mutual_style * (legit - p.trust_centre) - p.tension_style * tension - p.disparity_style * (ratio - 1.0)
    )  # fmt: skip
    style = clip(o.style, 0.02, 0.995)
    odds = style / (1.0 - style) * exp_(shift)
    u1, u2, u3, u4 = draws(seed, key, day, _MANNER)
    good = u1 * (1.0 + odds) < odds
    force = p.force_base * o.force_proneness * o.force_factor * ratio * tension
    force *= (1.0 + p.danger_force * danger + p.stress_force * stress) * (
        1.0 + p.defiance * (p.trust_centre - legit)
    )
    if u2 < force and age_years(r, day) >= 12.0:
        use_force(w, officer, i, key, block, source, clip(force, 0.0, 1.0), u2, u3)
        return
    if good:
        feel(people, i, day, p, p.good_contact, 0.3 * p.good_contact)
        if u3 < p.talk_good:
            tell(people, clock, p, i, key, p.good_contact, 0.0)
        return
    count(log, r.area, DISRESPECT)
    push = -p.good_contact * p.bad_good_ratio * (0.5 + 0.5 * min(tension, 1.5))
    feel(people, i, day, p, push, 0.3 * push)
    tell(people, clock, p, i, key, push, 0.0)
    if u4 < p.complaint_disrespect:
        complain(w, officer, r.area)


@kernel
def complain(w, officer, area):
    count(w.log, area, COMPLAINTS)
    w.police.officers[officer].complaints += 1


@kernel
def use_force(w, officer, i, key, block, source, chance, draw, u):
    """Force: the event, its mark on beliefs, a complaint, publicity, an injury, rarely a death."""
    people, place, police, log, clock, p = w.people, w.place, w.police, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r, o, life = people.residents[i], police.officers[officer], people.lives[i]
    area = place.blocks[block].area
    v1, v2, v3, v4 = draws(seed, key, day, _AFTER)
    name = child_key(seed, key, 0, _AFTER)
    if suppressed(log, name):
        return
    e = write_event(w, name, np.uint64(0), E_FORCE, officer, i, block)
    e.rule = RULE_STOP if source == FROM_STOP else RULE_RESPONSE
    e.part = PART_CONTACT
    e.probability, e.draw = chance, draw
    e.severity = v1 * v1 * v1
    count(log, area, FORCE)
    count_person(log, r, day, P_FORCE)
    life.force += 1
    o.force_count += 1
    feel(people, i, day, p, -p.force_push, -0.3 * p.force_push)
    tell(people, clock, p, i, key, -p.force_push, 0.0)
    if u < p.complaint_force:
        complain(w, officer, r.area)
    if v2 < p.officer_injury:
        count(log, area, OFFICER_INJURIES)
        endanger(o, day, p, p.danger_injury)
    killed = v3 < p.force_death
    if killed:
        count(log, area, POLICE_KILLINGS)
        write_event(w, child_key(seed, key, 1, _AFTER), name, E_POLICE_KILLING, officer, i, block)
        kin_of_the_dead(w, i, key)
        vacate(w, i, DEAD, key)
    if killed or v4 < p.publicised_share + o.watched * p.publicised_share:
        count(log, area, PUBLICISED)
        salience = p.local_incident_salience * (1.0 if killed else 0.5)
        publicity(w, child_key(seed, key, 2, _AFTER), name, i, block, salience)


@kernel
def publicity(w, key, cause, i, block, salience, group=-1):
    """A publicised incident: the event, its reach through the media, and scrutiny of the department."""
    people, place, log, clock, p = w.people, w.place, w.log, w.clock, w.p[0]
    if suppressed(log, key):
        return
    e = write_event(w, key, cause, E_INCIDENT, -1, i, block)
    e.rule = RULE_PUBLICITY
    e.severity = salience
    if salience > 0.0:
        publicise(people, place, clock, p, salience, group)
        d = w.police.department[0]
        d.scrutiny = clip(d.scrutiny + salience * (1.0 - d.scrutiny), 0.0, 1.0)
