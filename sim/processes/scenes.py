"""After a call: support at the scene of a shooting, visits afterwards, and referrals to care.

Support teams on shift (`scene_teams` per 100,000 residents, none by default) go to a shooting
known to police, each to at most `scene_calls` a day; the wounded, household and companions who
let them help lose a share `scene_relief` of their trauma at once, and reprisals for that shooting
are rarer by `scene_mediation`. A victim who called is visited again within a week with chance
`follow_up`, which takes as long as a call; a caller in need is referred to treatment with chance
`referral_share`. Of visits and referrals the record knows a share `measured_share`, by default
none.

Sources: P23 (teams instead of police, calls without guns), P25 (visits after family violence:
nothing). For shootings and for measuring there is no estimate: relief and mediation are 0 by
default. Leaves out: who pays, and officers who write down what did not happen.
"""

from sim.agents.residents import INJURED
from sim.kernel import kernel
from sim.measures import (
    E_SCENE,
    FOLLOW_UPS,
    FOLLOW_UPS_RECORDED,
    K_DISORDER,
    K_GUNFIRE,
    K_SALE,
    K_SERVICE,
    PART_PROGRAMME,
    REFERRALS,
    REFERRALS_RECORDED,
    RULE_SCENE,
    SCENES_ATTENDED,
)  # fmt: skip
from sim.processes.beliefs import feel, recovery_of, settle
from sim.processes.care import ask_for_care
from sim.processes.contacts import FROM_CALL, encounter, pick_officer
from sim.processes.record import count, schedule, suppressed, write_event
from sim.processes.routine import present
from sim.processes.ties import tie, tie_count
from sim.random import child_key, draws, stream

Q_FOLLOW = 10
_TEAM = stream("scenes.team")
_HELP = stream("scenes.help")
_VISIT = stream("scenes.visit")
_NOTE = stream("scenes.note")


@kernel
def support(w, b, block, key, case):
    """A support team at the shooting `key` of resident b, if one is free."""
    people, log, clock, p = w.people, w.log, w.clock, w.p[0]
    if p.scene_teams <= 0.0:
        return
    name = child_key(clock[0].seed, key, 0, _TEAM)
    if not team_free(w) or suppressed(log, name):
        return
    w.civic.stock[0].scenes += 1
    count(log, w.place.blocks[block].area, SCENES_ATTENDED)
    e = write_event(w, name, key, E_SCENE, -1, b, block)
    e.rule, e.part = RULE_SCENE, PART_PROGRAMME
    if case >= 0:
        w.flow.cases[case].scene = 1
    if p.scene_relief <= 0.0:
        return
    life = people.lives[b]
    for k in range(life.kin_size):
        relieve(w, people.members[life.kin_first + k], name, k)
    for k in range(tie_count(people, w.flow, b)):
        relieve(w, tie(people, w.flow, b, k), name, 1000 + k)


@kernel
def team_free(w):
    """Is a team free today? A fraction of a team is on shift on that share of days."""
    s, clock, p = w.civic.stock[0], w.clock, w.p[0]
    if s.scene_day != clock[0].day:
        s.scene_day, s.scenes = clock[0].day, 0
    teams = p.scene_teams * w.people.residents.size / 1e5
    u, _, _, _ = draws(clock[0].seed, 1, clock[0].day, _TEAM)
    on_shift = int(teams) + (1 if u < teams - int(teams) else 0)
    return s.scenes < int(on_shift * p.scene_calls)


@kernel
def relieve(w, j, name, number):
    """Somebody at the scene is helped, or not."""
    r, p, day = w.people.residents[j], w.p[0], w.clock[0].day
    u, _, _, _ = draws(w.clock[0].seed, name, number, _HELP)
    if r.status <= INJURED and u < p.scene_uptake:
        settle(r, day, p, recovery_of(w.people, r))
        r.trauma = r.trauma * (1.0 - p.scene_relief)


@kernel
def after_call(w, kind, caller, block, key, u):
    """What an officer who came does besides: a referral, or a visit some days later."""
    clock, p = w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    life, area = w.people.lives[caller], w.place.blocks[block].area
    if kind == K_SERVICE:
        if u < p.referral_share * max(life.substance, life.mental):
            count(w.log, area, REFERRALS)
            if written_down(w, key):
                count(w.log, area, REFERRALS_RECORDED)
            ask_for_care(w, caller)
        return
    if kind == K_DISORDER or kind == K_SALE or kind == K_GUNFIRE or u >= p.follow_up:
        return
    own = child_key(seed, key, 0, _VISIT)
    v, _, _, _ = draws(seed, own, day, _VISIT)
    due = day + 1 + int(7.0 * v)
    schedule(w.flow, clock, due, Q_FOLLOW, own, life.key, caller, kind, block, 0.0)


@kernel
def follow_up_due(w, entry):
    """The visit: a calm contact, and the sense of not having been forgotten."""
    people, clock, p = w.people, w.clock, w.p[0]
    i, block = entry.who, entry.place
    if people.lives[i].key != entry.parent or not present(people.residents[i]):
        return
    beat = w.place.blocks[block].beat
    officer = pick_officer(w, beat, entry.key)
    if officer < 0:
        return
    area = w.place.blocks[block].area
    w.police.beats[beat].calls_now += 1
    count(w.log, area, FOLLOW_UPS)
    if written_down(w, entry.key):
        count(w.log, area, FOLLOW_UPS_RECORDED)
    encounter(w, officer, i, entry.key, block, FROM_CALL, p.call_tension)
    feel(people, i, clock[0].day, p, 0.0, p.follow_up_push)


@kernel
def written_down(w, key):
    """Does the record know of what an officer did here?"""
    u, _, _, _ = draws(w.clock[0].seed, key, w.clock[0].day, _NOTE)
    return u < w.p[0].measured_share
