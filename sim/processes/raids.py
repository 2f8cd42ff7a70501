"""Raids on homes by tactical teams, and the sense of being occupied that they leave.

A raid hits the home of somebody whom police would also stop (place, group and sex, by the weights
of police-initiated contacts), as often as `raid_rate` says for the hours that are there.
Everybody at home aged 12 or older has a contact of high tension, higher the more militarised
teams are: force is likelier and respect rarer. A gun may be found, somebody may be arrested over
drugs; and the neighbourhood sees it: fairness falls a little for everyone in the area, more where
teams look like soldiers.

Sources: P27 (tactical teams go where Black residents live; killings up, opinion down by a few
points, crime and officers' safety unchanged in corrected data). Rates and pushes are assumptions.
Leaves out: warrants and judges, wrong addresses told apart, equipment by type.
"""

import numpy as np

from sim.agents.residents import GUN
from sim.kernel import kernel
from sim.measures import (
    E_RAID,
    GUNS_FOUND,
    K_SALE,
    K_STOP,
    PART_CONTACT,
    RAIDS,
    RULE_RAID,
    VICE_ARRESTS,
)  # fmt: skip
from sim.processes.beliefs import see
from sim.processes.candidates import propose
from sim.processes.contacts import FROM_STOP, encounter, pick_officer
from sim.processes.justice import arrest
from sim.processes.markets import opening
from sim.processes.record import age_years, count, suppressed, write_event
from sim.processes.routine import present
from sim.random import child_key, draws, stream

RAID = 7  # row of flow.tables
_RAID = stream("raids.raid")


@kernel
def raids(w):
    """Raids of the day."""
    people, police, flow, p = w.people, w.police, w.flow, w.p[0]
    rate = p.raid_rate / 365.0e5
    peak = 1.0
    for g in range(people.kinds.size):
        peak = max(peak, people.kinds[g].stop_ratio / people.kinds[g].stop_base)
    n = propose(flow, w.clock, RAID, rate * police.department[0].peak_initiated * peak)
    for c in range(n):
        i, key, height = flow.buffer[c].who, flow.buffer[c].key, flow.buffer[c].height
        r = people.residents[i]
        kind = people.kinds[r.group]
        level = rate * police.beats[w.place.blocks[r.home].beat].initiated_ratio
        if height < level * kind.stop_ratio / kind.stop_base and present(r):
            raid(w, i, key)


@kernel
def raid(w, i, key):
    """One raid on the home of resident i."""
    people, place, log, clock, p = w.people, w.place, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    r, life = people.residents[i], people.lives[i]
    block = r.home
    area = place.blocks[block].area
    officer = pick_officer(w, place.blocks[block].beat, key)
    if officer < 0 or suppressed(log, key):
        return
    count(log, area, RAIDS)
    e = write_event(w, key, np.uint64(0), E_RAID, -1, i, block)
    e.rule, e.part = RULE_RAID, PART_CONTACT
    place.areas[area].contacts += p.contact_memory * 1000.0 / max(100, place.areas[area].population)
    tension = p.raid_tension * (1.0 + p.military_force * p.militarisation)
    for k in range(life.kin_size):
        j = people.members[life.kin_first + k]
        if present(people.residents[j]) and age_years(people.residents[j], day) >= 12.0:
            own = child_key(seed, key, k + 1, _RAID)
            encounter(w, officer, j, own, block, FROM_STOP, tension)
    felt = p.raid_felt * (1.0 + p.military_felt * p.militarisation)
    see(people, place, clock, p, area, -felt / max(0.1, place.areas[area].population / 1000.0), 0.0)
    if not present(r):
        return
    u1, u2, _, _ = draws(seed, key, day, _RAID)
    if r.flags & GUN != 0 and u1 < p.raid_gun:
        count(log, area, GUNS_FOUND)
        r.flags &= ~GUN & 255
        arrest(w, i, K_STOP, False, key)
    elif u2 < p.raid_arrest:
        count(log, area, VICE_ARRESTS)
        arrest(w, i, K_SALE, False, key)
        opening(w, i, key)
