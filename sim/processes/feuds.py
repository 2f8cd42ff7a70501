"""The heat of feuds: what attacks between two gangs leave in the dyad, and how it fades [H06].

An attack leaves heat in its dyad and, less, in its reverse (reciprocity): more where it hit. It is felt
from the next morning and halves on time. Which earlier attack this morning's heat is put down to is
drawn in proportion to what each left, as it comes in.

Leaves out: alliances, and heat that a third gang takes over.
"""

from sim.kernel import kernel
from sim.numerics import halved
from sim.random import draws, stream

_ROSTER = stream("violence.roster")


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
