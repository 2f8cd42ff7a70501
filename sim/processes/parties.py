"""Who attacks, and whom: people picked for a quarrel, from a gang's roster, beside a victim, for revenge.

A dispute is with someone of the same circle, a friend or a stranger near by; a gang's attackers and
targets come from its roster by fixed weights; who else is hit is a companion or lives on the block; a
victim without a gang is avenged by someone close.

Leaves out: alliances between gangs, and attacks on kin or friends in place of a person.
"""

import numpy as np

from sim.compiled import touch
from sim.kernel import kernel
from sim.numerics import exponential
from sim.processes.record import age_years
from sim.processes.routine import age_factor, present, resident_of
from sim.processes.ties import tie, tie_count
from sim.random import draws, stream

_ROSTER = stream("violence.roster")
_PARTY = stream("violence.party")


@kernel
def other_party(w, a, key):
    """Whom a has a dispute with: someone of the same co-offending circle, a friend, or a stranger nearby.

    Up to three people come to mind; one is taken with the chance that such a person is out where
    disputes happen, which falls with age beyond youth and is lower for women. -1: nobody.
    """
    people, place, clock, p = w.people, w.place, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r = people.residents[a]
    for attempt in range(3):
        u, v, x, y = draws(seed, key, attempt, _PARTY)
        b = -1
        n = tie_count(people, w.flow, a)
        if u < p.dispute_partner and n > 0:
            b = circle(people, w.flow, a, int(v * n), y, p)
        elif u < 0.5 + 0.5 * p.dispute_partner:
            first, n = people.friend_start[a], people.friend_start[a + 1] - people.friend_start[a]
            if n > 0:
                b = people.friends[first + int(v * n)]
        else:
            b = resident_of(
                people, place, r.activity if u > 0.75 + 0.25 * p.dispute_partner else r.home, v
            )
        if b < 0 or b == a:
            continue
        s = people.residents[b]
        out = (1.0 if s.sex == 1 else 0.3) * (0.15 + 0.85 * age_factor(age_years(s, day)))
        if x < out:
            return b
    return -1


@kernel
def circle(people, flow, a, k, u, p):
    """The k-th co-offender of a, or one of that person's own: crews are larger than one's ties."""
    b = tie(people, flow, a, k)
    if u >= p.dispute_further:
        return b
    n = tie_count(people, flow, b)
    return tie(people, flow, b, int(u / p.dispute_further * n)) if n > 0 else b


@kernel
def roster_pick(w, gang, key, target):
    """A member of `gang`, chosen by least keyed exponential with static weights; -1 if it has none.

    Attackers are weighted by propensity, targets nearly alike (the square root, held at
    `target_cap`). Static weights mean that who is
    in jail, dead or mentored does not push the choice onto another member: the attack then does not
    happen, which is how a programme for the few can lower a gang's violence at all.
    """
    people, groups, clock = w.people, w.groups, w.clock
    g = groups.gangs[gang]
    for k in range(g.slots):
        touch(people.residents, max(groups.roster[g.first + k], 0))
    best, row = 1e300, -1
    for k in range(g.slots):
        i = groups.roster[g.first + k]
        if i < 0:
            continue
        weight = people.residents[i].propensity + 0.1
        if target:
            weight = np.sqrt(min(weight, w.p[0].target_cap))
        u, _, _, _ = draws(clock[0].seed, key, k, _ROSTER)
        if 1.0 - u >= best * weight:  # -log(u) is larger still
            continue
        at = exponential(u) / weight
        if at < best:
            best, row = at, i
    return row


@kernel
def bystander(people, flow, place, b, block, u, v):
    """Who else is hit: a companion of the victim, or somebody who lives on the block."""
    n = tie_count(people, flow, b)
    if u < 0.5 and n > 0:
        return tie(people, flow, b, int(v * n))
    if u < 0.8:
        first, n = people.friend_start[b], people.friend_start[b + 1] - people.friend_start[b]
        if n > 0:
            return people.friends[first + int(v * n)]
    return resident_of(people, place, block, v)


@kernel
def close_avenger(people, flow, victim, u, here):
    """Someone close to the victim: the victim (if still `here`), kin, a co-offender or a friend."""
    n = tie_count(people, flow, victim)
    if u < 0.35 and here and present(people.residents[victim]):
        return victim
    u = (u - 0.35) / 0.65 if u >= 0.35 else u / 0.35
    if n > 0 and u < 0.6:
        return tie(people, flow, victim, int(u / 0.6 * n))
    life = people.lives[victim]
    v = (u - 0.6) / 0.4 if u >= 0.6 else u / 0.6
    return people.members[life.kin_first + int(v * life.kin_size)]
