"""Shootings and serious assaults: one intensity for "a attacks b", a sum of named parts.

    lambda(a -> b) = background + market            (disputes; place, propensity, who carries)
                   + rivalry + inertia              (gang dyads: standing hatred, and heat of past attacks [H06])
                   + retaliation                    (grievances after a shooting [H12])
                   + contagion                      (exposure to shot ties [H04])

Each part proposes its own candidates, so the part that made an event is known, and where several
earlier events feed a part (heat), the parent is drawn in proportion to what each left. A dispute in
which the attacker carries a gun is a shooting; without one it is an assault: what policing or carrying
moves from one to the other stays visible.

Here are the parts of the day, disputes and gangs' attacks. What earlier shootings left comes due in
reprisals; parties has who attacks whom, attack what then happens.

Leaves out: domestic shootings as a separate path.
"""

import numpy as np

from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import (
    PART_BACKGROUND,
    PART_INERTIA,
    PART_MARKET,
    PART_RIVALRY,
    RULE_DISPUTE,
    RULE_GANG,
)
from sim.numerics import clip
from sim.processes.attack import attack
from sim.processes.beliefs import salience_now
from sim.processes.candidates import AHEAD, propose
from sim.processes.feuds import heat_now, heat_parent
from sim.processes.organisations import unsettled
from sim.processes.parties import other_party, roster_pick
from sim.processes.routine import (
    carry_chance,
    meeting_block,
    present,
    season_factor,
    violence_factor,
    weekday_factor,
)
from sim.random import child_key, draws, stream

DISPUTE, GANG_ATTACK = 3, 4  # rows of flow.tables
SHIELD_FLOOR = 0.6  # patrol never more than doubles or falls below this share of its deterrent

_WHO = stream("violence.who")
_PLACE = stream("violence.place")


@kernel
def disputes(w):
    """Background and market part: disputes between residents, armed or not."""
    people, place, flow, p, clock = w.people, w.place, w.flow, w.p[0], w.clock
    day, seed = clock[0].day, clock[0].seed
    common = (
        p.weight_background * p.dispute_rate / 365.0e5 * weekday_factor(clock)
        * season_factor(clock, p.season_amplitude)
    )  # fmt: skip
    common *= crisis(w) * unsettled(w)
    ceiling = common * (1.0 + p.trauma_offending) / (1.0 - 0.5 * p.arrest_deterrence)
    ceiling *= (1.0 + p.estrangement) * max(1.0, clock[0].most_violence)
    n = propose(flow, clock, DISPUTE, ceiling)
    for c in range(n):
        if c + 2 * AHEAD < n:
            touch(flow.holder, flow.buffer[c + 2 * AHEAD].who)
        if c + AHEAD < n:
            touch(people.residents, flow.holder[flow.buffer[c + AHEAD].who])
        cand = flow.buffer[c]
        a, key, height = flow.holder[cand.who], cand.key, cand.height
        r = people.residents[a]
        area = place.areas[r.area]
        level = common * violence_factor(people, a, day, p)
        f = place.field[r.area * clock[0].groups + r.group]
        level *= 1.0 + p.estrangement * salience_now(f, day, p)
        level *= 1.0 / (1.0 + p.arrest_deterrence * clip(area.risk - 1.0, -0.5, 4.0))
        if height >= level:
            continue
        _, _, u3, u4 = draws(seed, key, day, _WHO)
        b = other_party(w, a, key)
        if b < 0 or b == a or not present(people.residents[b]):
            continue
        v1, v2, v3, v4 = draws(seed, key, day, _PLACE)
        block = meeting_block(flow, people, place, a, b, v1, v2, v3, p)
        part = PART_BACKGROUND
        if place.blocks[block].market > 0.0 and v4 < p.market_disputes:
            part = PART_MARKET
        if u4 >= place.blocks[block].lever * SHIELD_FLOOR / patrol_shield(w, block):
            continue
        # most who carry do so for protection; the prone also use it in a quarrel
        prone = r.propensity / (r.propensity + 20.0)
        use = p.gun_use + (1.0 - p.gun_use) * prone
        armed = u3 < use * carry_chance(people, place, a, day, p)
        attack(w, a, b, block, key, np.uint64(0), RULE_DISPUTE, part, level, height, armed)


@kernel
def gang_attacks(w):
    """Rivalry and inertia: gang a attacks gang b by standing hatred and by the heat of earlier attacks."""
    groups, flow, p, clock = w.groups, w.flow, w.p[0], w.clock
    day, seed = clock[0].day, clock[0].seed
    common = season_factor(clock, p.season_amplitude) * weekday_factor(clock) / 365.0
    standing_rate = p.weight_rivalry * p.rivalry_rate * common * crisis(w)
    heat_rate = p.weight_inertia * p.inertia_rate * common * crisis(w)
    if standing_rate <= 0.0 and heat_rate <= 0.0:
        return
    readiest = (1.0 + p.trauma_offending) * max(1.0, clock[0].most_violence)
    peak = 0.0
    for k in range(groups.dyads.size):
        d = groups.dyads[k]
        pressure = groups.gangs[d.attacker].pressure
        if (standing_rate * d.standing + heat_rate * (d.heat + d.fresh)) * pressure <= peak:
            continue
        peak = max(peak, (standing_rate * d.standing + heat_rate * heat_now(d, day, p)) * pressure)
    for c in range(propose(flow, clock, GANG_ATTACK, peak * readiest)):
        cand = flow.buffer[c]
        key, height = cand.key, cand.height
        d = groups.dyads[cand.who]
        pressure = groups.gangs[d.attacker].pressure
        # the hottest dyad sets the ceiling, so nearly all candidates fall here, before anyone is looked up
        most = standing_rate * d.standing + heat_rate * (d.heat + d.fresh)
        if height >= most * pressure * readiest:
            continue
        heat = heat_rate * heat_now(d, day, p)
        if height >= (standing_rate * d.standing + heat) * pressure * readiest:
            continue
        a = roster_pick(w, d.attacker, key, False)
        if a < 0:
            continue
        ready = violence_factor(w.people, a, day, p) * pressure
        level = (standing_rate * d.standing + heat) * ready
        if height >= level:
            continue
        b = roster_pick(w, d.target, child_key(seed, key, 1, _WHO), True)
        if b < 0 or not present(w.people.residents[b]):
            continue
        u1, u2, u3, u4 = draws(seed, key, day, _PLACE)
        inertia = u4 * level < heat * ready
        cause = heat_parent(d, clock) if inertia else np.uint64(0)
        part = PART_INERTIA if inertia else PART_RIVALRY
        block = meeting_block(flow, w.people, w.place, a, b, u1, u2, u3, p)
        _, armed, _, _ = draws(seed, key, day, _WHO)
        attack(w, a, b, block, key, cause, RULE_GANG, part, level, height, armed < p.gang_gun)


@kernel
def crisis(w):
    """How much more violence there is while police withdraw (1: none).

    Baltimore in 2015: homicides rose and clearance fell at once when officers pulled back [M07]; that
    the gap in guardianship is the channel is an assumption.
    """
    return 1.0 + w.p[0].withdrawal_violence * (1.0 - w.police.department[0].withdrawal)


@kernel
def patrol_shield(w, block):
    """How much patrol presence deters here, relative to the reference (1 at the reference)."""
    beat = w.police.beats[w.place.blocks[block].beat]
    return clip(1.0 + w.p[0].patrol_deterrence * (beat.patrol_ratio - 1.0), SHIELD_FLOOR, 2.0)
