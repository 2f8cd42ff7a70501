"""Beliefs: fairness and effectiveness move by own contact, by what ties tell, by what the neighbourhood
sees and by what the media carry, and return slowly to where the person stood.

A resident's value today is

    base + (written - base) * 2**(-days / half-life)  +  field(area, group, today)

clipped to 0..1, where the field is what all residents of an area and group share (publicised
incidents, cleared and unsolved shootings). Reading never writes back. A contact moves a belief toward
0 or 1 by a share of the distance, bad ones `bad_good_ratio` times as far as good ones [M01]. Two
friends who talk move toward each other by the same amount, so that talk alone keeps the sum and ends
at the average of each connected component (DeGroot 1974).

Leaves out: party politics, and opinion of other institutions.
"""

from sim.compiled import touch
from sim.kernel import kernel
from sim.measures import CONVERSATIONS
from sim.numerics import clip, halved
from sim.processes.candidates import AHEAD, look_ahead, propose
from sim.processes.record import age_years, count
from sim.random import draws, stream

TALK = 0  # row of flow.tables
_TELL = stream("beliefs.tell")
_TALK = stream("beliefs.talk")


@kernel
def settle(r, day, p, recovery=1.0):
    """Write today's value of everything that decays. Only an event that changes the person calls it."""
    elapsed = day - r.day
    if elapsed > 0:
        left = halved(elapsed, p.belief_half_life)
        r.fairness = r.base_fairness + (r.fairness - r.base_fairness) * left
        r.effectiveness = r.base_effectiveness + (r.effectiveness - r.base_effectiveness) * left
        r.fear = r.fear * halved(elapsed, p.fear_half_life)
        r.trauma = r.trauma * halved(elapsed, p.trauma_half_life * recovery)
        r.arms = r.arms * halved(elapsed, p.arms_half_life)
        r.day = day


@kernel
def recovery_of(people, r):
    """Multiplier of the half-life of trauma: below 1 for those whom a programme helps."""
    if r.side >= 0:
        return people.side[r.side].trauma_recovery
    return 1.0


@kernel
def settle_rows(w, rows):
    """`settle` some residents before a lever changes how fast trauma heals: what is past keeps its pace."""
    for k in range(rows.size):
        r = w.people.residents[rows[k]]
        settle(r, w.clock[0].day, w.p[0], recovery_of(w.people, r))


@kernel
def fairness_now(r, f, day, p):
    left = halved(day - r.day, p.belief_half_life)
    own = r.base_fairness + (r.fairness - r.base_fairness) * left
    return clip(own + f.fairness * halved(day - f.day, p.field_half_life), 0.0, 1.0)


@kernel
def effectiveness_now(r, f, day, p):
    left = halved(day - r.day, p.belief_half_life)
    own = r.base_effectiveness + (r.effectiveness - r.base_effectiveness) * left
    return clip(own + f.effectiveness * halved(day - f.day, p.field_half_life), 0.0, 1.0)


@kernel
def field_of(place, r, groups):
    return place.field[r.area * groups + r.group]


@kernel
def legitimacy_now(r, f, day, p):
    """Weighted sum of fairness and effectiveness today, 0..1."""
    w = p.fairness_weight
    left = halved(day - r.day, p.belief_half_life)
    shared = halved(day - f.day, p.field_half_life)
    fair = r.base_fairness + (r.fairness - r.base_fairness) * left + f.fairness * shared
    able = (
        r.base_effectiveness
        + (r.effectiveness - r.base_effectiveness) * left
        + f.effectiveness * shared
    )
    return w * clip(fair, 0.0, 1.0) + (1.0 - w) * clip(able, 0.0, 1.0)


@kernel
def trauma_now(r, day, p):
    return r.trauma * halved(day - r.day, p.trauma_half_life)


@kernel
def local_level(area, day, p):
    """What people here know of recent shootings, 0 (none) to 1 (0.5 per 1,000 residents or more)."""
    recent = area.shootings * halved(day - area.day, p.area_memory_half_life)
    return clip(recent / 0.5, 0.0, 1.0)


@kernel
def fear_of(place, r, day, p):
    """Fear of reprisal today: one's own, and what one hears of the place."""
    own = r.fear * halved(day - r.day, p.fear_half_life)
    return clip(own + p.fear_local * local_level(place.areas[r.area], day, p), 0.0, 1.0)


@kernel
def arms_now(r, day, p):
    return r.arms * halved(day - r.day, p.arms_half_life)


@kernel
def moved(x, push):
    """x moved by `push`: toward 1 if positive, toward 0 if negative, by that share of the distance."""
    if push >= 0.0:
        return x + clip(push, 0.0, 1.0) * (1.0 - x)
    return x + clip(push, -1.0, 0.0) * x


@kernel
def feel(people, i, day, p, fairness, effectiveness):
    """Push a resident's two beliefs (signed shares of the distance)."""
    r = people.residents[i]
    settle(r, day, p, recovery_of(people, r))
    r.fairness = moved(r.fairness, fairness)
    r.effectiveness = moved(r.effectiveness, effectiveness)


@kernel
def tell(people, clock, p, i, key, fairness, effectiveness):
    """What happened to i reaches some friends, with a share `vicarious_share` of the push."""
    seed, day = clock[0].seed, clock[0].day
    first, last = people.friend_start[i], people.friend_start[i + 1]
    n = last - first
    if n == 0:
        return
    u, _, _, _ = draws(seed, key, day, _TELL)
    told = min(n, int(p.friends_told))
    start = int(u * n)
    for k in range(told):
        touch(people.residents, people.friends[first + (start + k) % n])
    for k in range(told):
        j = people.friends[first + (start + k) % n]
        feel(people, j, day, p, p.vicarious_share * fairness, p.vicarious_share * effectiveness)


@kernel
def shift_field(f, day, p, fairness, effectiveness, salience):
    """Add to what an area and group share; each decays with its own half-life."""
    elapsed = day - f.day
    if elapsed > 0:
        left = halved(elapsed, p.field_half_life)
        f.fairness = f.fairness * left
        f.effectiveness = f.effectiveness * left
        f.salience = f.salience * halved(elapsed, p.salience_half_life)
        f.day = day
    f.fairness = clip(f.fairness + fairness, -1.0, 1.0)
    f.effectiveness = clip(f.effectiveness + effectiveness, -1.0, 1.0)
    f.salience = clip(f.salience + salience * (1.0 - f.salience), 0.0, 1.0)


@kernel
def salience_now(f, day, p):
    return f.salience * halved(day - f.day, p.salience_half_life)


@kernel
def publicise(people, place, clock, p, salience, group):
    """A publicised incident reaches every area, each group by its media reach [S14].

    Where it is about one `group` (-1: none), that group is reached in full and the others half.
    """
    day = clock[0].day
    groups = people.kinds.size
    for k in range(place.field.size):
        reach = people.kinds[k % groups].media_reach
        if group >= 0:
            reach = 1.0 if k % groups == group else 0.5 * reach
        shift_field(
            place.field[k],
            day,
            p,
            -p.incident_fairness * salience * reach,
            -p.incident_effectiveness * salience * reach,
            salience * reach,
        )


@kernel
def see(people, place, clock, p, area, fairness, effectiveness):
    """The neighbourhood sees something (a case cleared, a slow response): all its groups shift."""
    groups = people.kinds.size
    for g in range(groups):
        shift_field(place.field[area * groups + g], clock[0].day, p, fairness, effectiveness, 0.0)


@kernel
def talk(people, flow, log, clock, p):
    """Friends talk about the police and move toward each other (order of the day: beliefs).

    Who talks to whom is a matter of ties and draws alone, so it is found some candidates ahead, and
    the memory asked for it: first for the place in the list of friends, then for who stands there.
    """
    day, seed = clock[0].day, clock[0].seed
    n = propose(flow, clock, TALK, p.conversations / 365.0)
    for c in range(n + 2 * AHEAD):
        if c < n:
            look_ahead(people, flow, c, n)
            if c + AHEAD < n:
                touch(people.friend_start, flow.buffer[c + AHEAD].who)
            cand = flow.buffer[c]
            cand.mark = friend_of(people, seed, day, cand)
        if AHEAD <= c < n + AHEAD:
            cand = flow.buffer[c - AHEAD]
            if cand.mark >= 0:
                cand.mark = people.friends[cand.mark]
                touch(people.residents, cand.mark)
        if c >= 2 * AHEAD:
            cand = flow.buffer[c - 2 * AHEAD]
            if cand.mark >= 0:
                converse(people, log, day, p, cand.who, cand.mark)


@kernel
def friend_of(people, seed, day, cand):
    """Where in the lists of friends the one stands to whom this candidate would talk; -1: nobody."""
    first, last = people.friend_start[cand.who], people.friend_start[cand.who + 1]
    if last == first:
        return -1
    u, _, _, _ = draws(seed, cand.key, day, _TALK)
    place = first + int(u * (last - first))
    touch(people.friends, place)
    return place


@kernel
def converse(people, log, day, p, i, j):
    """i and j move toward each other by the same amount, if both are here and old enough."""
    a, b = people.residents[i], people.residents[j]
    if a.status > 1 or b.status > 1 or age_years(a, day) < 12.0 or age_years(b, day) < 12.0:
        return
    settle(a, day, p, recovery_of(people, a))
    settle(b, day, p, recovery_of(people, b))
    w = 0.5 * p.talk_weight
    step = w * (b.fairness - a.fairness)
    a.fairness, b.fairness = a.fairness + step, b.fairness - step
    step = w * (b.effectiveness - a.effectiveness)
    a.effectiveness, b.effectiveness = a.effectiveness + step, b.effectiveness - step
    count(log, a.area, CONVERSATIONS)
