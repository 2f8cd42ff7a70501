"""Everyday offences and calls for service: what police and residents meet most days.

One stream of candidates over residents by static everyday weight; the kind is a keyed draw by base
shares, and person and place decide whether it happens: age, trauma, substance need, work, the felt
risk of arrest and patrol. Leaves out: fraud and offences by businesses.
"""

from sim.agents.residents import EARLY
from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import (
    DISORDER,
    DOMESTIC,
    K_DISORDER,
    K_DOMESTIC,
    K_MAJOR_PROPERTY,
    K_PROPERTY,
    K_ROBBERY,
    K_SALE,
    K_SERVICE,
    K_SEXUAL,
    K_SIMPLE,
    P_VICTIMISED,
    P_VICTIMISED_VIOLENT,
    PROPERTY,
    PROPERTY_SERIOUS,
    ROBBERIES,
    SALES,
    SERVICE_CALLS,
    SEXUAL,
    SEXUAL_REPEAT,
    SIMPLE_ASSAULTS,
)  # fmt: skip
from sim.processes.arms import hurt
from sim.processes.beliefs import feel, trauma_now
from sim.processes.candidates import STRETCH, look_ahead, look_ahead_at_both, move_up, propose
from sim.processes.immigration import easier_victim
from sim.processes.record import age_years, count, count_person
from sim.processes.reporting import onlooker, report_offence, respond
from sim.processes.routine import (
    AGE_BITS,
    MOST_IN_YEAR,
    OLDEST,
    age_factor,
    at_large,
    meeting_block,
    place_in_block,
    present,
    season_factor,
    step_aside,
)  # fmt: skip
from sim.processes.schooling import self_control
from sim.processes.serial import begins, goes_on, still_at_it
from sim.random import draws, stream

EVERYDAY, SERVICE = 2, 5  # rows of flow.tables
_KIND = stream("offences.kind")
_WHERE = stream("offences.where")
_SERVICE = stream("offences.service")


@kernel
def everyday(w):
    """Property, disorder, sales, assaults, robberies, domestic and sexual violence of the day."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    total = (
        p.property_rate + p.disorder_rate + p.sales_rate + p.simple_rate + p.robbery_rate
        + p.domestic_rate + p.sexual_rate
    )  # fmt: skip
    wave = season_factor(clock, 0.5 * p.season_amplitude)
    common = total / 365.0e5 * wave
    most = max(1.0, clock[0].most_offending)
    ceiling = common * (1.0 + p.trauma_offending + p.substance_offending) * most
    n = propose(flow, clock, EVERYDAY, ceiling)
    for first in range(0, n, STRETCH):
        last = of_an_age(w, first, min(first + STRETCH, n), n, common, most)
        ask_ahead(w, first, last, common, total)
        for c in range(first, last):
            cand = flow.buffer[c]
            a, key = cand.who, cand.key
            if cand.height >= offending_now(people, a, common, day, p):
                continue
            u1, u2, u3, u4 = draws(seed, key, day, _KIND)
            kind = kind_of(u1 * total, p)
            if kind == K_SEXUAL and not begins(w, key):
                continue
            v1, v2, v3, v4 = draws(seed, key, day, _WHERE)
            offend(w, kind, a, key, u2, u3, u4, v1, v2, v3)


@kernel
def offending_now(people, a, common, day, p):
    """Hazard per day, and unit of static weight, that resident a offends; 0 for who can't."""
    r, life = people.residents[a], people.lives[a]
    if not at_large(r):
        return 0.0
    young = common * age_factor(age_years(r, day))
    trauma = p.trauma_offending * trauma_now(r, day, p)
    need = life.substance
    if r.side >= 0:
        need *= people.side[r.side].need
    level = young * (1.0 + trauma + p.substance_offending * need)
    if r.side >= 0:
        level *= people.side[r.side].offending
    if r.flags & EARLY != 0:
        level *= self_control(life, p)
    level *= 1.0 - p.work_offending * life.work
    return level


@kernel
def of_an_age(w, first, last, n, common, most):
    """Move those candidates of a stretch whose age allows an offence to its front; where they end.

    Most candidates fall here, by what no offence of the day can change; whoever is let through for
    being near a birthday falls at the exact test. For them memory is asked for the second record,
    which it has brought by the time the first of them is looked at.
    """
    people, flow, day, p = w.people, w.flow, w.clock[0].day, w.p[0]
    at_peak = common * (1.0 + p.trauma_offending + p.substance_offending) * most
    kept = first
    for c in range(first, last):
        look_ahead(people, flow, c, n)
        cand = flow.buffer[c]
        days = day - people.residents[cand.who].born
        if cand.height >= at_peak * MOST_IN_YEAR[min((days & AGE_BITS) // 365, OLDEST)]:
            continue
        touch(people.lives, cand.who)
        kept = move_up(flow, c, kept)
    return kept


@kernel
def ask_ahead(w, first, last, common, total):
    """Ask memory for whom the offences of a stretch will meet: victims, or who calls about disorder.

    That is three records one after the other (the place in a list, who stands there, and that person's
    life), for which an offence would have to wait each time. The offences that happen are nearly
    always those that would happen by the state before any of them; where not, it waits, as it does
    for a victim among friends. Nothing but marks of candidates is written.
    """
    people, place, flow, clock, p = w.people, w.place, w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    for c in range(first, last):
        cand = flow.buffer[c]
        cand.mark = -1
        if cand.height >= offending_now(people, cand.who, common, day, p):
            continue
        u1, u2, u3, _ = draws(seed, cand.key, day, _KIND)
        kind = kind_of(u1 * total, p)
        if kind == K_DISORDER or kind == K_SALE:
            v1, v2, v3, _ = draws(seed, cand.key, day, _WHERE)
            block = in_street(w, kind, cand.who, u2, u3, v1, v2, v3)
            cand.mark = onlooker(w, block, cand.key)
        else:
            cand.mark = listed_victim(people, place, cand.who, kind, u2, u3)
        touch(people.members, cand.mark)
    for c in range(first, last):
        cand = flow.buffer[c]
        if cand.mark >= 0:
            b = people.members[cand.mark]
            touch(people.residents, b)
            touch(people.lives, b)


@kernel
def kind_of(at, p):
    """The kind at this point of the cumulated base rates."""
    at -= p.property_rate
    if at < 0.0:
        return K_PROPERTY
    at -= p.disorder_rate
    if at < 0.0:
        return K_DISORDER
    at -= p.sales_rate
    if at < 0.0:
        return K_SALE
    at -= p.simple_rate
    if at < 0.0:
        return K_SIMPLE
    at -= p.robbery_rate
    if at < 0.0:
        return K_ROBBERY
    at -= p.domestic_rate
    if at < 0.0:
        return K_DOMESTIC
    return K_SEXUAL


@kernel
def offend(w, kind, a, key, u2, u3, u4, v1, v2, v3):
    """Resident a commits an offence of this kind: against whom, where, and who learns of it."""
    people, place, flow, log, clock, p = w.people, w.place, w.flow, w.log, w.clock, w.p[0]
    day = clock[0].day
    if kind == K_DISORDER or kind == K_SALE:
        block = in_street(w, kind, a, u2, u3, v1, v2, v3)
        count(log, place.blocks[block].area, DISORDER if kind == K_DISORDER else SALES)
        report_offence(w, kind, a, -1, block, key)
        return
    b = victim_of(people, place, a, kind, u2, u3)
    if b < 0 or b == a or not present(people.residents[b]):
        return
    touch(people.lives, b)
    b = easier_victim(w, b, kind, key)
    rb = people.residents[b]
    block = rb.home
    if kind != K_DOMESTIC:
        block = meeting_block(flow, people, place, a, b, u4, v1, v2, p)
    beat = w.police.beats[place.blocks[block].beat]
    if (
        kind != K_DOMESTIC
        and v3 * (1.0 + p.patrol_deterrence * max(0.0, beat.patrol_ratio - 1.0)) >= 1.0
    ):
        return
    area = place.blocks[block].area
    people.lives[b].victimised += 1
    count_person(log, rb, day, P_VICTIMISED)
    if kind == K_PROPERTY:
        count(log, area, PROPERTY)
        major = v3 < p.major_property_share
        if major:
            count(log, area, PROPERTY_SERIOUS)
        report_offence(w, K_MAJOR_PROPERTY if major else kind, a, b, block, key)
        feel(people, b, day, p, 0.0, -0.3 * p.service_push)
        return
    count_person(log, rb, day, P_VICTIMISED_VIOLENT)
    measure = SIMPLE_ASSAULTS
    if kind == K_ROBBERY:
        measure = ROBBERIES
    elif kind == K_DOMESTIC:
        measure = DOMESTIC
    elif kind == K_SEXUAL:
        measure = SEXUAL
        goes_on(w, a, key)
    count(log, area, measure)
    report_offence(w, kind, a, b, block, key)
    weight = 0.4 if kind == K_SIMPLE else 1.0
    hurt(
        w,
        b,
        key,
        0.3 * weight * p.fear_victim,
        weight * p.trauma_violence,
        0.1 * weight * p.arms_victim,
    )


@kernel
def in_street(w, kind, a, u2, u3, v1, v2, v3):
    """The block of disorder or a sale: near home or where the day is spent, or a market."""
    place, r = w.place, w.people.residents[a]
    if kind == K_SALE and place.market_blocks.size > 0 and u3 < w.p[0].sale_at_market:
        return market_block(place, v3)
    return step_aside(w.flow, place, r.home if u2 < 0.5 else r.activity, v1, v2)


@kernel
def repeat_due(w, entry):
    """The next assault of a series, if its offender is here and at large."""
    a, key, day = entry.who, entry.key, w.clock[0].day
    if not still_at_it(w, entry):
        return
    count(w.log, w.people.residents[a].area, SEXUAL_REPEAT)
    _, u2, u3, u4 = draws(w.clock[0].seed, key, day, _KIND)
    v1, v2, v3, _ = draws(w.clock[0].seed, key, day, _WHERE)
    offend(w, K_SEXUAL, a, key, u2, u3, u4, v1, v2, v3)


@kernel
def victim_of(people, place, a, kind, u, v):
    """Household for domestic; friends, household or nearby for the rest; places for property."""
    if (kind == K_SIMPLE and u < 0.5) or (kind == K_SEXUAL and 0.4 <= u < 0.75):
        first, n = people.friend_start[a], people.friend_start[a + 1] - people.friend_start[a]
        if n > 0:
            return people.friends[first + int(v * n)]
    at = listed_victim(people, place, a, kind, u, v)
    return people.members[at] if at >= 0 else -1


@kernel
def listed_victim(people, place, a, kind, u, v):
    """Where in `members` the victim stands who is no friend: in the household or nearby; -1: nobody."""
    r = people.residents[a]
    if kind == K_DOMESTIC or (kind == K_SEXUAL and u < 0.4):
        life = people.lives[a]
        return life.kin_first + int(v * life.kin_size) if life.kin_size >= 2 else -1
    return place_in_block(place, r.activity if u > 0.7 else r.home, v)


@kernel
def market_block(place, u):
    """A block with a market, by weight (the whole city's markets attract sellers)."""
    low, high = 0, place.market_cumulative.size - 1
    while low < high:
        mid = (low + high) // 2
        if place.market_cumulative[mid] < u:
            low = mid + 1
        else:
            high = mid
    return place.market_blocks[low]


@kernel
def service_calls(w):
    """Calls that are no crime: medical, mental health, noise, accidents; each is a contact."""
    people, place, flow, log, clock, p = w.people, w.place, w.flow, w.log, w.clock, w.p[0]
    day = clock[0].day
    rate = p.service_rate / 365.0
    ceiling = rate * (1.0 + p.needs_service)
    n = propose(flow, clock, SERVICE, ceiling)
    for first in range(0, n, STRETCH):
        last = min(first + STRETCH, n)
        for c in range(first, last):
            look_ahead_at_both(people, flow, c, n)
            cand = flow.buffer[c]
            if cand.height < calling_now(people, cand.who, rate, day, p):
                touch(place.blocks, people.residents[cand.who].home)
                touch(people.friend_start, cand.who)
        for c in range(first, last):
            cand = flow.buffer[c]
            i = cand.who
            if cand.height >= calling_now(people, i, rate, day, p):
                continue
            r = people.residents[i]
            count(log, r.area, SERVICE_CALLS)
            respond(w, K_SERVICE, i, -1, r.home, cand.key)


@kernel
def calling_now(people, i, rate, day, p):
    """Hazard per day that resident i calls for service, `rate` without needs."""
    r, life = people.residents[i], people.lives[i]
    if not present(r) or age_years(r, day) < 12.0:
        return 0.0
    need = max(life.substance, max(life.mental, life.housing))
    if r.side >= 0:
        need *= people.side[r.side].need
    return rate * (1.0 + p.needs_service * need)
