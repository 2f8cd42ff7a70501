"""Tobacco in the street: what of it is bought there, who sells it, and whom police confront.

Of what people smoke a share is bought in the street, loose or untaxed; it moves toward
`street_share`, half of the way in `street_half_life`. One seller supplies `street_customers`
smokers: where there are too few, adults out of work in poor blocks begin to sell, where too many
the latest stop. Sellers are confronted by police (`seller_contacts`), more often where
self-initiated hours are many and in groups that are stopped more; most confrontations end in
words, some in a citation, an arrest or force, and force may become known.

Sources: P30 (a ban moved sales across a border and raised seizures), S31 (menthol is what most
Black smokers smoke). Nobody counted sellers or confrontations: rates are assumptions. Leaves out:
prices, brands, health, and disputes between sellers.
"""

from sim.agents.residents import FREE, INJURED
from sim.kernel import kernel
from sim.measures import (
    CITATIONS,
    K_SALE,
    P_STOPS,
    SELLERS_STOPPED,
    STOPS,
    VICE_ARRESTS,
)  # fmt: skip
from sim.numerics import halved
from sim.processes.contacts import FROM_STOP, encounter, pick_officer
from sim.processes.justice import arrest
from sim.processes.record import age_years, count, count_person, schedule
from sim.processes.routine import present, resident_of
from sim.random import child_key, draws, stream

Q_SELLER = 11
LOOKS = (
    30  # how many times a week somebody who might sell is looked for, per seller that is missing
)
_RECRUIT = stream("street.recruit")
_WEEK = stream("street.week")
_MEET = stream("street.meet")


@kernel
def street_week(w):
    """The street market's week: share, sellers, and whom police are going to confront."""
    civic, p = w.civic, w.p[0]
    s = civic.stock[0]
    s.street_share += (1.0 - halved(7, p.street_half_life)) * (p.street_share - s.street_share)
    wanted = min(int(s.street_share * s.smokers / p.street_customers + 0.5), civic.sellers.size)
    kept = 0
    for k in range(s.sellers):
        row = civic.sellers[k]
        if kept < wanted and sells_on(w, row):
            to = civic.sellers[kept]
            to.person, to.resident, to.since = row.person, row.resident, row.since
            kept += 1
    s.sellers = kept
    for k in range(LOOKS * (wanted - kept)):
        if s.sellers >= wanted:
            break
        begin_to_sell(w, k)
    for k in range(s.sellers):
        plan_contact(w, civic.sellers[k])


@kernel
def sells_on(w, row):
    """Is this seller still here, free and willing?"""
    life, r = w.people.lives[row.resident], w.people.residents[row.resident]
    if life.key != row.person or r.status > INJURED:
        return False
    u, _, _, _ = draws(w.clock[0].seed, row.person, w.clock[0].day, _WEEK)
    return u >= w.p[0].seller_leave / 52.0


@kernel
def begin_to_sell(w, look):
    """Somebody out of work in a poor block, if one is found there, begins to sell."""
    people, place, civic, clock = w.people, w.place, w.civic, w.clock
    u1, u2, u3, _ = draws(clock[0].seed, look, clock[0].day, _RECRUIT)
    block = int(u1 * place.blocks.size)
    if u2 >= place.blocks[block].disadvantage:
        return
    i = resident_of(people, place, block, u3)
    if i < 0:
        return
    r, life = people.residents[i], people.lives[i]
    age = age_years(r, clock[0].day)
    if r.status != FREE or life.work != 0 or age < 18.0 or age > 60.0:
        return
    s = civic.stock[0]
    for k in range(s.sellers):
        if civic.sellers[k].resident == i:
            return
    row = civic.sellers[s.sellers]
    row.person, row.resident, row.since = life.key, i, clock[0].day
    s.sellers += 1


@kernel
def plan_contact(w, row):
    """Will police confront this seller this week, and on which day?"""
    clock, p = w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r = w.people.residents[row.resident]
    kind = w.people.kinds[r.group]
    rate = p.seller_contacts / 52.0 * kind.stop_ratio
    rate *= w.police.beats[w.place.blocks[r.home].beat].initiated_ratio
    own = child_key(seed, row.person, day, _MEET)
    u, v, _, _ = draws(seed, own, day, _MEET)
    if u < rate:
        due = day + int(7.0 * v)
        schedule(w.flow, clock, due, Q_SELLER, own, row.person, row.resident, -1, r.home, 0.0)


@kernel
def seller_due(w, entry):
    """A confrontation over a few cigarettes."""
    people, place, log, clock, p = w.people, w.place, w.log, w.clock, w.p[0]
    i, key, block = entry.who, entry.key, entry.place
    r = people.residents[i]
    if people.lives[i].key != entry.parent or not present(r):
        return
    officer = pick_officer(w, place.blocks[block].beat, key)
    if officer < 0:
        return
    area = place.blocks[block].area
    count(log, area, STOPS)
    count(log, area, SELLERS_STOPPED)
    count_person(log, r, clock[0].day, P_STOPS)
    if people.lives[i].stops < 65000:
        people.lives[i].stops += 1
    place.areas[area].contacts += p.contact_memory * 1000.0 / max(100, place.areas[area].population)
    encounter(w, officer, i, key, block, FROM_STOP, p.seller_tension)
    u, _, _, _ = draws(clock[0].seed, key, clock[0].day, _WEEK)
    if not present(r):
        return
    if u < p.seller_arrest:
        count(log, area, VICE_ARRESTS)
        arrest(w, i, K_SALE, False, key)
    elif u < p.seller_arrest + p.citation_share:
        count(log, area, CITATIONS)
