"""Fights over an opening in a drug market: where, between whom, and with what.

The place is an established market, by its weight. Up to `LOOKS` people who live there are looked
at, until one is a man or youth of 15 to 35 at liberty who is ready (the readiness that disputes
have too, age, trauma and programmes included); the other party is somebody a would quarrel with
anyway. Whether a gun is drawn depends on carrying, as in any dispute.

Sources and limits: see markets.
"""

import numpy as np

from sim.kernel import kernel
from sim.measures import PART_MARKET, RULE_OPENING
from sim.processes.attack import attack
from sim.processes.offences import market_block
from sim.processes.parties import other_party
from sim.processes.record import age_years
from sim.processes.routine import at_large, carry_chance, present, resident_of, violence_factor
from sim.random import child_key, draws, stream

LOOKS = 12
_LOOK = stream("contests.look")
_FIGHT = stream("contests.fight")


@kernel
def contest_due(w, entry):
    """An opening is fought over, if somebody ready is found near a market."""
    people, place, clock, p = w.people, w.place, w.clock, w.p[0]
    day, seed, key = clock[0].day, clock[0].seed, entry.key
    if place.market_blocks.size == 0:
        return
    u1, u2, _, _ = draws(seed, key, day, _FIGHT)
    block = market_block(place, u1)
    a = contender(w, block, key)
    if a < 0:
        return
    b = other_party(w, a, key)
    if b < 0 or b == a or not present(people.residents[b]):
        return
    r = people.residents[a]
    prone = r.propensity / (r.propensity + 20.0)
    use = p.gun_use + (1.0 - p.gun_use) * prone
    armed = u2 < use * carry_chance(people, place, a, day, p)
    ready = violence_factor(people, a, day, p)
    nothing = np.uint64(0)
    attack(w, a, b, block, key, nothing, RULE_OPENING, PART_MARKET, ready, 0.0, armed)


@kernel
def contender(w, block, key):
    """Somebody near the market who is ready to fight for the place; -1: nobody is."""
    people, clock = w.people, w.clock
    day, seed = clock[0].day, clock[0].seed
    for look in range(LOOKS):
        u1, u2, _, _ = draws(seed, child_key(seed, key, look, _LOOK), day, _LOOK)
        a = resident_of(people, w.place, block, u1)
        if a < 0:
            return -1
        r = people.residents[a]
        age = age_years(r, day)
        if r.sex == 1 and 15.0 <= age <= 35.0 and at_large(r):
            if u2 < violence_factor(people, a, day, w.p[0]):
                return a
    return -1
