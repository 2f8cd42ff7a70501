"""Shootings and serious assaults: one intensity for "a attacks b", a sum of named parts.

    lambda(a -> b) = background + market            (disputes; place, propensity, who carries)
                   + rivalry + inertia              (gang dyads: standing hatred, and heat of past attacks [H06])
                   + retaliation                    (grievances after a shooting [H12])
                   + contagion                      (exposure to shot ties [H04])

Each part proposes its own candidates, so the part that made an event is known, and where several
earlier events feed a part (heat), the parent is drawn in proportion to what each left. A dispute in
which the attacker carries a gun is a shooting; without one it is an assault: what policing or carrying
moves from one to the other stays visible.

Grievances: a shooting leaves candidates in layers of fixed bounds (`GRIEF`), each with a height and a
delay. When due, one happens if the expected number of reprisals in force exceeds its height: norm of
the gang, restraint by legitimacy, mentoring, mediation and, by `arrest_effect` [M13], an arrest. The
target is the shooter if known on the street, else anyone of the shooter's gang. While a quarrel is
hot, both sides keep to its corner, and reprisals happen there: part of why homicides repeat near by
within days [H01].

Leaves out: firearms by type, domestic shootings as a separate path, and shootings of or by police
(see contacts).
"""

import numpy as np

from sim.agents.residents import DEAD, INJURED, WATCHED
from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import (
    E_AVERTED,
    E_DEATH,
    E_GUNFIRE,
    E_NONGUN_DEATH,
    E_SHOOTING,
    GANG_INCIDENTS,
    GUN_DEATHS,
    GUNFIRE_INCIDENTS,
    HOMICIDES,
    K_GUNFIRE,
    K_SERIOUS,
    K_SHOOTING,
    LINKED_INCIDENTS,
    MEDIATED,
    MULTI_VICTIM_INCIDENTS,
    NONGUN_DEATHS,
    P_HOMICIDES,
    P_PERSONS_SHOT,
    P_SHOT_AT,
    P_VICTIMISED,
    P_VICTIMISED_VIOLENT,
    PART_BACKGROUND,
    PART_CONTAGION,
    PART_INERTIA,
    PART_INJURY,
    PART_MARKET,
    PART_RETALIATION,
    PART_RIVALRY,
    PERSONS_SHOT,
    RETALIATORY_INCIDENTS,
    RULE_DISPUTE,
    RULE_EXPOSURE,
    RULE_GANG,
    RULE_GRIEVANCE,
    RULE_WOUND,
    SERIOUS_ASSAULTS,
    SHOOTING_INCIDENTS,
)  # fmt: skip
from sim.numerics import clip, exponential, halved, poisson
from sim.processes.arms import alarm_ties, hurt, kin_of_the_dead
from sim.processes.beliefs import local_level, salience_now
from sim.processes.candidates import propose
from sim.processes.investigation import open_case
from sim.processes.life import vacate
from sim.processes.organisations import unsettled
from sim.processes.record import (
    Q_GRIEVANCE,
    age_years,
    count,
    count_person,
    jitter,
    schedule,
    suppressed,
    write_event,
)  # fmt: skip
from sim.processes.reporting import report_offence
from sim.processes.routine import (
    age_factor,
    carry_chance,
    meeting_block,
    present,
    resident_of,
    restraint,
    season_factor,
    violence_factor,
    weekday_factor,
)  # fmt: skip
from sim.processes.scenes import support
from sim.processes.ties import tie, tie_count
from sim.random import child_key, draws, stream

DISPUTE, GANG_ATTACK = 3, 4  # rows of flow.tables
Q_EXPOSURE, Q_RECOVER = 3, 1  # kinds of calendar entry, with record.Q_GRIEVANCE
GRIEF = np.array(
    [0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0]
)
TOO_MUCH_GRIEF, TOO_MUCH_EXPOSURE = 21, 22
EXPOSURE_LAYERS = 5  # heights 0, 2, 4, ... 32 attempts per person shot
HEADROOM = 4.0  # how far levers may raise reprisals above what parameters alone allow
MOST_RESTRAINT = 2.0  # `restraint` never exceeds this
SHIELD_FLOOR = 0.6  # patrol never more than doubles or falls below this share of its deterrent

_WHO = stream("violence.who")
_PLACE = stream("violence.place")
_SHOT = stream("violence.shot")
_WOUND = stream("violence.wound")
_GRIEF = stream("violence.grievance")
_DUE = stream("violence.grievance.due")
_TIES = stream("violence.exposure")
_ROSTER = stream("violence.roster")
_MORE = stream("violence.victims")
_PARTY = stream("violence.party")


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
    for c in range(propose(flow, clock, DISPUTE, ceiling)):
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
def attack(w, a, b, block, key, cause, rule, part, level, height, armed):
    """a attacks b at `block`: a shooting if armed (hit or not), else a serious assault."""
    people, log, clock, p = w.people, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    if suppressed(log, key):
        return
    area = w.place.blocks[block].area
    rb = people.residents[b]
    if not armed:
        count(log, area, SERIOUS_ASSAULTS)
        assault(w, a, b, block, key, cause, rule, part, level, height)
        return
    u1, u2, u3, u4 = draws(seed, key, day, _SHOT)
    warm_dyad(w, a, b, key, u1 < p.hit_share)
    count_person(log, rb, day, P_SHOT_AT)
    if u1 >= p.hit_share:
        count(log, area, GUNFIRE_INCIDENTS)
        e = write_event(w, key, cause, E_GUNFIRE, a, b, block)
        fill(e, rule, part, level, height)
        known = report_offence(w, K_GUNFIRE, a, b, block, key)
        e.known = 1 if known else 0
        life = people.lives[b]
        life.last_shot = day
        hurt(w, b, key, p.fear_victim * 0.5, p.trauma_exposed, p.arms_victim * 0.5)
        return
    count(log, area, SHOOTING_INCIDENTS)
    if part == PART_RETALIATION:
        count(log, area, RETALIATORY_INCIDENTS)
    if cause != np.uint64(0):
        count(log, area, LINKED_INCIDENTS)
    if people.residents[a].gang >= 0 or rb.gang >= 0:
        count(log, area, GANG_INCIDENTS)
    people.lives[a].shootings += 1
    people.residents[a].flags |= WATCHED
    place_level = local_level(w.place.areas[area], day, p)
    wound(w, a, b, block, key, key, cause, rule, part, level, height, place_level)
    if u2 < p.multi_victim:
        count(log, area, MULTI_VICTIM_INCIDENTS)
        more = 1 + (1 if u3 < p.third_victim else 0) + (1 if u3 < p.third_victim**2 else 0)
        for k in range(more):
            again = child_key(seed, key, k, _MORE)
            v1, v2, _, _ = draws(seed, again, day, _WHO)
            c = bystander(people, w.flow, w.place, b, block, v1, v2)
            if c >= 0 and c != a and c != b and present(people.residents[c]):
                if people.residents[c].status != INJURED:
                    wound(w, a, c, block, again, key, cause, rule, part, level, height, place_level)


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
def same_spot(w, e, incident):
    """All victims of an incident are at one spot of the block."""
    clock, at = w.clock, w.place.blocks[e.block]
    u, v = jitter(clock[0].seed, incident, e.day)
    e.x_m, e.y_m = (at.x + u) * clock[0].block_m, (at.y + v) * clock[0].block_m


@kernel
def fill(e, rule, part, level, height):
    """Why a violent event happened: its rule and part, the level then, and the draw held against it.

    The level is a hazard a day, a probability, or for what an earlier event left behind the number to
    be expected of it in all, which may be above 1.
    """
    e.rule = rule
    e.part = part
    e.probability = level
    e.draw = height


@kernel
def wound(w, a, b, block, key, incident, cause, rule, part, level, height, place_level):
    """One person is shot: wounded or killed, with all that follows."""
    people, place, police, log = w.people, w.place, w.police, w.log
    flow, clock, p = w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    area_row = place.blocks[block].area
    area = place.areas[area_row]
    rb, lb = people.residents[b], people.lives[b]
    u1, u2, u3, u4 = draws(seed, key, day, _WOUND)
    fatal = u1 < clip(p.lethality * (1.0 + p.lethality_carrying * (place_level - 0.3)), 0.0, 1.0)
    e = write_event(w, key, cause, E_SHOOTING, a, b, block)
    e.incident = incident
    same_spot(w, e, incident)
    fill(e, rule, part, level, height)
    e.severity = 1.0 if fatal else 0.5
    e.flags = 1 if fatal else 0
    count(log, area_row, PERSONS_SHOT)
    count_person(log, rb, day, P_PERSONS_SHOT)
    count_person(log, rb, day, P_VICTIMISED)
    count_person(log, rb, day, P_VICTIMISED_VIOLENT)
    area.shootings = area.shootings * halved(day - area.day, p.area_memory_half_life)
    area.day = day
    area.shootings += 1000.0 / max(100, area.population)
    police.beats[place.blocks[block].beat].danger += p.beat_danger_step
    lb.last_shot = day
    lb.victimised += 1
    rb.flags |= WATCHED
    case = open_case(w, K_SHOOTING, a, b, block, key, fatal)
    schedule_grievances(w, a, b, key, case)
    schedule_exposure(w, a, b, key)
    if fatal:
        die_by_violence(w, a, b, block, key, incident, True, key, rule, part, level, height)
    else:
        rb.status = INJURED
        rb.until = day + 7 + int(60.0 * u2)
        schedule(
            flow,
            clock,
            rb.until,
            Q_RECOVER,
            child_key(seed, key, 0, _WOUND),
            key,
            b,
            -1,
            block,
            0.0,
        )
        hurt(w, b, key, p.fear_victim, p.trauma_shot, p.arms_victim)
    alarm_ties(w, b, key)
    support(w, b, block, key, case)


@kernel
def die_by_violence(w, a, b, block, key, incident, gun, cause, rule, part, level, height):
    """A homicide: the death as an event of its own, bereavement, and the empty place."""
    people, log, clock = w.people, w.log, w.clock
    day, seed = clock[0].day, clock[0].seed
    area = w.place.blocks[block].area
    rb = people.residents[b]
    name = child_key(seed, key, 9, _WOUND)
    # a wound by gunshot is an event of its own; an assault without a gun is one only if it kills
    e = write_event(w, name, key if gun else cause, E_DEATH if gun else E_NONGUN_DEATH, a, b, block)
    e.incident = incident
    same_spot(w, e, incident)
    if gun:
        fill(e, RULE_WOUND, PART_INJURY, 1.0, 0.0)
    else:
        fill(e, rule, part, level, height)
    e.severity = 1.0
    count(log, area, HOMICIDES)
    count(log, area, GUN_DEATHS if gun else NONGUN_DEATHS)
    count_person(log, rb, day, P_HOMICIDES)
    kin_of_the_dead(w, b, key)
    vacate(w, b, DEAD, key)
    return name


@kernel
def assault(w, a, b, block, key, cause, rule, part, level, height):
    """A serious assault without a gun; about one in a hundred kills."""
    people, log, clock, p = w.people, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    rb = people.residents[b]
    people.lives[b].victimised += 1
    count_person(log, rb, day, P_VICTIMISED)
    count_person(log, rb, day, P_VICTIMISED_VIOLENT)
    u1, _, _, _ = draws(seed, key, day, _WOUND)
    if u1 < p.assault_lethality:
        name = die_by_violence(w, a, b, block, key, key, False, cause, rule, part, level, height)
        open_case(w, K_SERIOUS, a, b, block, name, True)
        return
    report_offence(w, K_SERIOUS, a, b, block, key)
    hurt(w, b, key, p.fear_victim * 0.5, p.trauma_violence, 0.2 * p.arms_victim)


@kernel
def heat_now(d, day, p):
    """Heat of a dyad this morning: what attacks before today left."""
    if d.day >= day:
        return d.heat
    return (d.heat + d.fresh) * halved(day - d.day, p.heat_half_life)


@kernel
def heat_parent(d, clock):
    """The earlier attack that this morning's heat is put down to: all heat decays alike, so a draw in
    proportion to what each left stays one when the new replaces the kept with chance new / total."""
    if d.fresh <= 0.0 or d.day >= clock[0].day:
        return d.parent
    u, _, _, _ = draws(clock[0].seed, d.fresh_parent, d.day, _ROSTER)
    return d.fresh_parent if u * (d.heat + d.fresh) < d.fresh else d.parent


@kernel
def cool_dyad(d, clock, p):
    """Write a dyad's heat as of this morning."""
    day = clock[0].day
    if d.day >= day:
        return
    d.parent = heat_parent(d, clock)
    d.heat = heat_now(d, day, p)
    d.fresh = 0.0
    d.day = day


@kernel
def warm_dyad(w, a, b, key, hit):
    """An attack between gangs leaves heat in the dyad and, less, in its reverse: 1 on average, more
    where it hit. It is felt from the next day on, so that no day's attacks exceed what its morning's
    heat allows."""
    people, groups, clock, p = w.people, w.groups, w.clock, w.p[0]
    ga, gb = people.residents[a].gang, people.residents[b].gang
    if ga < 0 or gb < 0 or ga == gb:
        return
    for way in range(2):
        row = groups.dyad_of[ga * clock[0].gangs + gb if way == 0 else gb * clock[0].gangs + ga]
        if row < 0:
            continue
        d = groups.dyads[row]
        cool_dyad(d, clock, p)
        miss = max(0.0, 1.0 - p.hit_share * p.heat_hit) / (1.0 - p.hit_share)
        added = p.heat_hit if hit else miss
        added *= 1.0 if way == 0 else p.reciprocity
        d.fresh += added
        u, _, _, _ = draws(clock[0].seed, key, way, _ROSTER)
        if u * d.fresh < added:
            d.fresh_parent = key
    groups.gangs[ga].attacks += 1
    groups.gangs[gb].losses += 1


@kernel
def schedule_grievances(w, a, b, key, case):
    """Candidates of reprisal for shooting `key`, each with height and delay, as far up as any lever goes."""
    clock, p = w.clock, w.p[0]
    gang = w.people.residents[b].gang
    top = HEADROOM * most_reprisals(p) * side_norm(w, gang)
    for layer in range(GRIEF.size - 1):
        if GRIEF[layer] >= top:
            break
        width = GRIEF[layer + 1] - GRIEF[layer]
        cells = max(1, int(width / 16.0))  # one uniform gives a count of at most about 30 exactly
        for cell in range(cells):
            name = child_key(clock[0].seed, key, layer + 64 * cell, _GRIEF)
            low = GRIEF[layer] + cell * width / cells
            grievance_cell(w, a, b, key, case, name, low, width / cells)


@kernel
def grievance_cell(w, a, b, key, case, name, low, width):
    """The candidates with heights between `low` and `low + width`."""
    flow, clock, p = w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    u, _, _, _ = draws(seed, name, day, _GRIEF)
    for k in range(poisson(width, u)):
        own = child_key(seed, name, k + 1, _GRIEF)
        u1, u2, u3, _ = draws(seed, own, day, _GRIEF)
        mean = p.grievance_days if u2 >= p.grievance_tail else p.grievance_tail_days
        delay = 1 + int(mean * exponential(u3))
        schedule(flow, clock, day + delay, Q_GRIEVANCE, own, key, b, a, case, low + width * u1)


@kernel
def most_reprisals(p):
    """No level of reprisal exceeds this times the norm of the side, levers apart."""
    return p.weight_retaliation * p.retaliation * (1.0 + p.trauma_offending) * MOST_RESTRAINT


@kernel
def side_norm(w, gang):
    """Readiness of a side to settle a grievance: the gang's norm and cohesion, or 1 for close ties."""
    if gang < 0:
        return 1.0
    g = w.groups.gangs[gang]
    return max(1.0, g.norm * (0.5 + g.cohesion))


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


@kernel
def schedule_exposure(w, a, b, key):
    """Exposure to a shot tie: candidates over the victim's and the shooter's ties, slow [H05].

    Layers of heights, as for grievances, so that no weight of contagion is cut off in silence.
    """
    clock, p = w.clock, w.p[0]
    low, high = 0.0, 2.0
    for layer in range(EXPOSURE_LAYERS):
        if low >= HEADROOM * most_exposure(p):
            return
        exposure_layer(w, a, b, key, child_key(clock[0].seed, key, layer, _TIES), low, high)
        low, high = high, 2.0 * high


@kernel
def most_exposure(p):
    """No level of exposure exceeds this, levers apart."""
    return p.weight_contagion * p.contagion * (1.0 + p.trauma_offending)


@kernel
def exposure_layer(w, a, b, key, name, low, high):
    """The candidates with heights between `low` and `high`."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    u, _, _, _ = draws(seed, name, day, _TIES)
    for k in range(poisson(high - low, u)):
        own = child_key(seed, name, k + 1, _TIES)
        u1, u2, u3, u4 = draws(seed, own, day, _TIES)
        source = b if u1 < 0.7 else a
        n = tie_count(people, flow, source)
        if n > 0:
            j = tie(people, flow, source, int(u2 * n))
        else:
            first = people.friend_start[source]
            n = people.friend_start[source + 1] - first
            if n == 0:
                continue
            j = people.friends[first + int(u2 * n)]
        delay = 1 + int(p.exposure_days * exponential(u3))
        held = people.lives[j].generation
        height = low + (high - low) * u4
        schedule(flow, clock, day + delay, Q_EXPOSURE, own, key, j, source, held, height)


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
