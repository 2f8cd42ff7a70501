"""Street seats: places in crews, held by one person after another, and the co-offending they share.

A seat is a place in the co-offending network: ties to other seats, a propensity, and for some a slot
of a gang's roster. Everybody holds one seat (most have no ties). When a holder dies, leaves, ages out
or sits in jail, a local youth takes over: the two swap seats and with them the propensity, so the
distribution of the trait and the web of crews stay while the people change. What makes somebody
violent is thus partly the place they come to hold; how large that part is, nobody has measured.
Heirs live near where the seat is at home and mostly share its group, or crews would spread evenly over
the city within a generation. Seats of a gang pass on through its recruits (see `life.gang_week`).

Street arrests: those who hold a tied seat are arrested now and then for what crews do in the street
(sales, disorder, weapons), more where police go looking; often a partner is taken along. Who was
arrested together is inside the recorded co-offending network [H09, L19]: the record renews itself, and
is a product of policing. Turnover of those who drive violence: [L23]; the rates are assumptions.

Leaves out: ties that form or end between seats; crews that merge or split.
"""

import numpy as np

from sim.agents.residents import AWAY, DEAD, GUN, INJURED, JAILED
from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import GUNS_ACQUIRED, K_SALE
from sim.processes.candidates import AHEAD
from sim.processes.justice import arrest
from sim.processes.record import age_years, count
from sim.processes.routine import age_factor, present, resident_of, step_aside
from sim.processes.ties import tie, tie_count
from sim.random import LANES, child_key, draws, stream, words_of

ROUND = 28  # each seat is looked at once in so many days
DRIVER = 20.0  # propensity above which a seat is a driver's
YEAR_ROUNDS = 365.0 / ROUND
_ROLE = stream("life.role")
_LOOK = stream("street.look")
_STREET = stream("street.arrest")


@kernel
def street_round(w):
    """A 28th of all street seats a day: do they pass on, and is the holder arrested?"""
    people, flow, seed, day = w.people, w.flow, w.clock[0].seed, w.clock[0].day
    who, names = np.empty(LANES, dtype=np.int64), np.empty(LANES, dtype=np.uint64)
    role, street = np.empty(2 * LANES, dtype=np.uint64), np.empty(2 * LANES, dtype=np.uint64)
    for start in range(day % ROUND, flow.roles.size, LANES * ROUND):
        # the draws of some seats side by side, for the price of one seat's
        n = min(LANES, (flow.roles.size - start + ROUND - 1) // ROUND)
        for lane in range(LANES):
            names[lane] = np.uint64(start + lane * ROUND)
        words_of(seed, names, day, _ROLE, role)
        for lane in range(n):
            who[lane] = flow.holder[flow.roles[start + lane * ROUND]]
            names[lane] = people.lives[who[lane]].key
        words_of(seed, names, day, _STREET, street)
        for lane in range(LANES):
            names[lane] = (street[lane] << np.uint64(32)) | street[LANES + lane] | np.uint64(1)
        words_of(seed, names, day, _STREET, street)
        for lane in range(n):
            k = start + lane * ROUND
            ask_ahead(people, flow, k)
            if flow.role_gang[k] < 0:
                pass_on(w, k, (role[lane] + 0.5) / 4294967296.0)
            i = flow.holder[flow.roles[k]]
            key, u = names[lane], (street[lane] + 0.5) / 4294967296.0
            if i != who[lane]:  # somebody has taken the seat since
                key = child_key(seed, people.lives[i].key, day, _STREET)
                u, _, _, _ = draws(seed, key, day, _STREET)
            street_arrest(w, i, key, u)


@kernel
def ask_ahead(people, flow, k):
    """Ask the memory for who holds a seat that comes up soon, then for what is read of them."""
    if k + 3 * AHEAD * ROUND < flow.roles.size:
        touch(flow.roles, k + 3 * AHEAD * ROUND)
    if k + 2 * AHEAD * ROUND < flow.roles.size:
        touch(flow.holder, flow.roles[k + 2 * AHEAD * ROUND])
    if k + AHEAD * ROUND < flow.roles.size:
        i = flow.holder[flow.roles[k + AHEAD * ROUND]]
        touch(people.residents, i)
        touch(people.lives, i)
        touch(flow.seat, i)
        touch(people.partner_start, flow.roles[k + AHEAD * ROUND])


@kernel
def pass_on(w, k, u):
    """Seat k of the list finds an heir, if its holder no longer fills it and the draw `u` says so."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    seat = flow.roles[k]
    r = people.residents[flow.holder[seat]]
    driver = r.propensity > DRIVER
    age = age_years(r, clock[0].day)
    rate = p.succession_any if driver else p.street_leave
    if r.status == DEAD or r.status == AWAY or age < 12.0:
        rate = p.succession_death
    elif r.status == JAILED:
        rate = max(rate, p.succession_jail)
    elif age > p.retire_age:
        rate = p.succession_age if driver else p.street_leave * p.street_leave_old
    if u >= rate / YEAR_ROUNDS:
        return
    j = heir(w, seat, k, driver)
    if j >= 0:
        take_seat(w, seat, j, np.uint64(k))


@kernel
def heir(w, seat, k, driver):
    """A youth of 14 to 24 for this seat; -1 when sixteen looks around find none.

    A driver's heir is a co-offender half of the time. Others come from the blocks around the seat's
    home, of its group or now and then another.
    """
    people, place, flow, clock, p = w.people, w.place, w.flow, w.clock, w.p[0]
    holder = flow.holder[seat]
    n = tie_count(people, flow, holder)
    group = people.residents[seat].group
    for look in range(16):
        who = np.uint64(k) | np.uint64((look + 1) << 40)
        u, v, x, y = draws(clock[0].seed, who, clock[0].day, _ROLE)
        if driver and n > 0 and u < 0.5:
            j = tie(people, flow, holder, int(v * n))
        else:
            a, b, c, _ = draws(clock[0].seed, who, clock[0].day, _LOOK)
            j = resident_of(
                people, place, step_aside(flow, place, people.residents[seat].home, a, b), c
            )
        if j < 0 or j == holder:
            continue
        s = people.residents[j]
        age = age_years(s, clock[0].day)
        if s.status > INJURED or age < 14.0 or age > 24.0:
            continue
        if s.sex != 1 and y >= 0.15:
            continue
        if s.group != group and x >= p.partner_other_group:
            continue
        # nobody gives up a driver's or a gang's place for this one
        if s.propensity > DRIVER or (s.gang >= 0 and not driver):
            continue
        return j
    return -1


@kernel
def take_seat(w, seat, j, name):
    """Resident j takes this seat, and who had it takes j's: ties and propensity go with the seat."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    i, other = flow.holder[seat], flow.seat[j]
    if i == j:
        return
    flow.holder[seat], flow.seat[j] = j, seat
    flow.holder[other], flow.seat[i] = i, other
    r, s = people.residents[i], people.residents[j]
    had = s.propensity
    s.propensity = r.propensity
    r.propensity = had
    skew = s.propensity / (s.propensity + DRIVER)
    _, u, _, _ = draws(clock[0].seed, name, clock[0].day, _STREET)
    if s.flags & GUN == 0 and u < p.gun_propensity * skew:
        s.flags |= GUN
        count(w.log, s.area, GUNS_ACQUIRED)


@kernel
def street_arrest(w, i, key, u):
    """An arrest for what crews do in the street, by age and by how much police look there.

    `key` names what may happen to resident i today, and `u` is its draw.
    """
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    r = people.residents[i]
    if not present(r) or tie_count(people, flow, i) == 0:
        return
    beat = w.police.beats[w.place.blocks[r.home].beat]
    rate = (
        p.street_arrests * age_factor(age_years(r, clock[0].day)) * min(beat.initiated_ratio, 8.0)
    )
    if r.side >= 0:
        rate *= people.side[r.side].offending
    if u < rate / YEAR_ROUNDS:
        arrest(w, i, K_SALE, False, key)
