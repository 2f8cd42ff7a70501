"""Reporting and response: who calls, how fast somebody comes, and what the contact is like.

Odds of a call are those of the offence (seriousness and injury dominate [L07, L08]), times e to the
sum of trust (`trust_reporting_slope` per SD of legitimacy [L11, L12]), fear of reprisal, fear of
immigration enforcement for the exposed [M03], cynicism of the place, and a drop while a publicised
incident is salient [S01, S02, S04]. A hit is nearly always known through the hospital.
"""

import numpy as np

from sim.agents.residents import EXPOSED
from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import (
    CALLS,
    GUNFIRE_REPORTED,
    K_DISORDER,
    K_DOMESTIC,
    K_GUNFIRE,
    K_MAJOR_PROPERTY,
    K_PROPERTY,
    K_ROBBERY,
    K_SALE,
    K_SERIOUS,
    K_SERVICE,
    K_SEXUAL,
    K_SIMPLE,
    P_VIOLENT_REPORTED,
    PROPERTY_REPORTED,
    PROPERTY_SERIOUS_REPORTED,
    RESPONSE_MINUTES,
    ROBBERY_REPORTED,
    SEXUAL_PROSECUTED,
    SEXUAL_REPORTED,
    VIOLENT_FOUNDED,
    VIOLENT_REPORTED,
)  # fmt: skip
from sim.numerics import clip, exp_, exponential
from sim.processes.beliefs import fear_of, feel, legitimacy_now, salience_now
from sim.processes.contacts import FROM_CALL, encounter, pick_officer
from sim.processes.investigation import open_case
from sim.processes.justice import arrest
from sim.processes.kits import interview, take_kit
from sim.processes.record import count, count_person
from sim.processes.routine import place_in_block, present, resident_of
from sim.processes.scenes import after_call
from sim.random import draws, stream

_CALL = stream("reporting.call")
_RESPONSE = stream("reporting.response")
LEGITIMACY_SD = 0.2  # the SD that the slope refers to


@kernel
def base_share(kind, p):
    """Share reported at mean trust, no fear and no salience."""
    if kind == K_ROBBERY:
        return p.report_robbery
    if kind == K_SERIOUS:
        return p.report_serious
    if kind == K_SIMPLE:
        return p.report_simple
    if kind == K_DOMESTIC:
        return p.report_domestic
    if kind == K_SEXUAL:
        return p.report_sexual
    if kind == K_GUNFIRE:
        return p.report_gunfire
    if kind == K_PROPERTY:
        return p.report_property
    if kind == K_MAJOR_PROPERTY:
        return p.report_major_property
    if kind == K_SALE:
        return p.report_sale
    return p.report_disorder


@kernel
def call_chance(w, i, kind):
    """Probability that resident i calls about an offence of this kind today."""
    people, place, clock, p = w.people, w.place, w.clock, w.p[0]
    day = clock[0].day
    r = people.residents[i]
    f = place.field[r.area * clock[0].groups + r.group]
    shift = (
        p.trust_reporting_slope * (legitimacy_now(r, f, day, p) - p.trust_centre) / LEGITIMACY_SD
    )
    shift -= p.fear_reporting * fear_of(place, r, day, p)
    shift -= p.cynicism_weight * place.areas[r.area].cynicism
    shift -= p.incident_reporting_drop * salience_now(f, day, p)
    if r.flags & EXPOSED != 0:
        shift -= p.enforcement_reporting * people.kinds[r.group].enforcement
    share = base_share(kind, p)
    odds = share / (1.0 - share) * exp_(shift)
    return odds / (1.0 + odds)


@kernel
def report_offence(w, kind, a, b, block, key):
    """The victim (or, for disorder and sales, somebody there) calls or not; True when police know."""
    people, place, log, clock, p = w.people, w.place, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    caller = b
    u1, u2, u3, u4 = draws(seed, key, day, _CALL)
    if caller < 0 or not present(people.residents[caller]):
        caller = resident_of(people, place, block, u2)
        if caller < 0:
            return False
    if u1 >= call_chance(w, caller, kind):
        return False
    area = place.blocks[block].area
    violent = (
        kind == K_ROBBERY
        or kind == K_SERIOUS
        or kind == K_SIMPLE
        or kind == K_DOMESTIC
        or kind == K_SEXUAL
    )
    if violent:
        count(log, area, VIOLENT_REPORTED)
        if kind == K_ROBBERY:
            count(log, area, ROBBERY_REPORTED)
        if kind == K_SEXUAL:
            count(log, area, SEXUAL_REPORTED)
        if u3 < p.founded_share:
            count(log, area, VIOLENT_FOUNDED)
        count_person(log, people.residents[caller], day, P_VIOLENT_REPORTED)
    elif kind == K_PROPERTY or kind == K_MAJOR_PROPERTY:
        count(log, area, PROPERTY_REPORTED)
        if kind == K_MAJOR_PROPERTY:
            count(log, area, PROPERTY_SERIOUS_REPORTED)
        kind = K_PROPERTY
    elif kind == K_GUNFIRE:
        count(log, area, GUNFIRE_REPORTED)
    if people.lives[caller].reports < 65000:
        people.lives[caller].reports += 1
    caught = respond(w, kind, caller, a, block, key)
    if caught and kind == K_SEXUAL:
        count(log, area, SEXUAL_PROSECUTED)
    if violent and not caught and kind != K_SIMPLE and u3 < p.founded_share:
        row = open_case(w, kind, a, b, block, key, False)
        if kind == K_SEXUAL and row >= 0 and a >= 0:
            interview(w, row, b, key)
            take_kit(w, row, a, b, block, key)
    return True


@kernel
def onlooker(w, block, key):
    """Where in `members` the one stands who would call about disorder or a sale here; -1: nobody."""
    _, u, _, _ = draws(w.clock[0].seed, key, w.clock[0].day, _CALL)
    return place_in_block(w.place, block, u)


@kernel
def respond(w, kind, caller, a, block, key):
    """An officer comes, early or late; the contact is judged; True when the offender is caught there."""
    people, place, police, log = w.people, w.place, w.police, w.log
    clock, p = w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    area = place.blocks[block].area
    beat = police.beats[place.blocks[block].beat]
    beat.calls_now += 1
    touch(people.friend_start, caller)  # for the encounter
    u1, u2, u3, u4 = draws(seed, key, day, _RESPONSE)
    delay = beat.delay_minutes * (0.5 + 0.5 * exponential(u1))
    count(log, area, CALLS)
    log.area_counts[area, RESPONSE_MINUTES] += int(delay + 0.5)
    officer = pick_officer(w, place.blocks[block].beat, key)
    if officer < 0:
        feel(people, caller, day, p, 0.0, -p.service_push)
        return False
    encounter(w, officer, caller, key, block, FROM_CALL, p.call_tension)
    prompt = clip(1.0 - 0.5 * delay / p.response_minutes, -1.0, 0.5)
    feel(people, caller, day, p, 0.0, p.service_push * prompt)
    after_call(w, kind, caller, block, key, u4)
    if a < 0 or kind == K_SERVICE or kind == K_DISORDER or kind == K_SALE:
        return False
    near = p.scene_arrest * 2.0 / (1.0 + delay / p.response_minutes)
    if kind == K_PROPERTY:
        near *= p.property_solved
    if u3 < near:
        encounter(w, officer, a, key + np.uint64(2), block, FROM_CALL, 1.0)
        return arrest(w, a, kind, False, key)
    return False
