"""Sexual assault after the report: the interview, the kit, the laboratory, and what a match leads
to.

A victim who has reported stays with the case with chance `victim_stays`, more likely after an
interview that does not hurt again; who withdraws leaves a case with little evidence and no
arrest. A founded report yields a kit (`kit_share`), sent to the laboratory (`kits_submitted`) or
shelved for good unless somebody sends shelved kits in (`shelf_rate`). The laboratory takes the
oldest first, no more than `lab_kits` per 100,000 residents and year, none sooner than `lab_days`
after it was taken: what waits is what comes in times how long it waits. A profile (`kit_profile`)
is matched when its owner is in the database, for which an arrest for anything is needed
(`profiled_share`, always the same answer for one person), then or later; two kits of one offender
are linked. Few matches are followed up (`hit_followed`); in an open case evidence is then
`hit_evidence` times as strong, in a cold one the victim is asked once more (`victim_returns`),
and if the offender is here, arrested.

Sources: S17 (kits, matches, suspects and how few convictions), S16 (interviews; a ceiling), P32
(the database). Leaves out: fear of being in the database, kits of victims who did not report,
innocence.
"""

import numpy as np

from sim.kernel import kernel
from sim.measures import (
    DNA_HITS,
    E_HIT,
    E_HIT_ARREST,
    E_KIT,
    HIT_ARRESTS,
    K_SEXUAL,
    KIT_LINKS,
    KITS_TAKEN,
    KITS_TESTED,
    PART_INVESTIGATION,
    RULE_KIT,
    SEXUAL_PROSECUTED,
)  # fmt: skip
from sim.processes.beliefs import feel
from sim.processes.justice import arrest
from sim.processes.record import count, suppressed, write_event
from sim.processes.routine import present
from sim.random import child_key, draws, stream

WAITING, SHELVED, PROFILED, MATCHED, DONE = 1, 2, 3, 4, 0  # states of a kit
KEEP_DAYS = 7300  # a profile that matches nobody is compared for so long
OPEN_DAYS = 365  # as in investigation: cases go cold then
TOO_MANY_KITS = 14
_INTERVIEW = stream("kits.interview")
_KIT = stream("kits.kit")
_TEST = stream("kits.test")
_FILE = stream("kits.database")
_HIT = stream("kits.hit")


@kernel
def interview(w, row, b, key):
    """The victim of the case in `row` stays with it or not; either way their beliefs move."""
    clock, p = w.clock, w.p[0]
    c = w.flow.cases[row]
    u, _, _, _ = draws(clock[0].seed, key, clock[0].day, _INTERVIEW)
    stays = u < p.victim_stays
    c.stays = 1 if stays else 0
    c.evidence = c.evidence * (p.stays_ease if stays else p.withdrawn_ease)
    push = p.interview_push if stays else -p.interview_push
    feel(w.people, b, clock[0].day, p, push, push)


@kernel
def take_kit(w, row, a, b, block, key):
    """A kit, perhaps, from the victim b of the case in `row`; to the laboratory or to the shelf."""
    people, clock, p, civic = w.people, w.clock, w.p[0], w.civic
    day, seed = clock[0].day, clock[0].seed
    own = child_key(seed, key, 0, _KIT)
    u, v, _, _ = draws(seed, own, day, _KIT)
    if u >= p.kit_share or suppressed(w.log, own):
        return
    s = civic.stock[0]
    if s.kits >= civic.kits.size:
        clock[0].trouble = TOO_MANY_KITS
        return
    k = civic.kits[s.kits]
    s.kits += 1
    k.key, k.case_key, k.case_row = own, key, row
    k.offender, k.victim, k.block, k.taken = a, b, block, day
    k.person, k.victim_person = people.lives[a].key, people.lives[b].key
    k.state = WAITING if v < p.kits_submitted else SHELVED
    count(w.log, w.place.blocks[block].area, KITS_TAKEN)
    e = write_event(w, own, np.uint64(0), E_KIT, -1, b, block)
    e.rule, e.part = RULE_KIT, PART_INVESTIGATION


@kernel
def lab_week(w):
    """The laboratory's week: shelved kits sent in, the oldest tested, new names matched."""
    civic, clock, p = w.civic, w.clock, w.p[0]
    s, day = civic.stock[0], clock[0].day
    thousands = w.people.residents.size / 1e5
    s.submitted_left += p.shelf_rate * thousands * 7.0 / 365.0
    s.lab_left = min(s.lab_left + p.lab_kits * thousands * 7.0 / 365.0, 1.0 + s.kits)
    waiting, shelved = 0, 0
    for row in range(s.kits):
        k = civic.kits[row]
        if k.state == SHELVED and s.submitted_left >= 1.0:
            s.submitted_left -= 1.0
            k.state = WAITING
        if k.state == WAITING and s.lab_left >= 1.0 and day - k.taken >= p.lab_days:
            s.lab_left -= 1.0
            examine(w, row)
        elif k.state == PROFILED:
            compare(w, row)
        waiting += 1 if k.state == WAITING else 0
        shelved += 1 if k.state == SHELVED else 0
    # capacity that nothing came up for is not saved
    s.lab_left = min(s.lab_left, 1.0)
    s.submitted_left = min(s.submitted_left, 1.0)
    s.kits_waiting, s.kits_shelved = waiting, shelved
    tidy(civic, day)


@kernel
def examine(w, row):
    """One kit tested: no profile, or one that is linked to other kits and matched if it can be."""
    clock, p = w.clock, w.p[0]
    k = w.civic.kits[row]
    count(w.log, w.place.blocks[k.block].area, KITS_TESTED)
    w.civic.stock[0].kits_tested += 1
    u, _, _, _ = draws(clock[0].seed, k.key, 0, _TEST)
    if u >= p.kit_profile:
        k.state = DONE
        return
    k.state = PROFILED
    for other in range(w.civic.stock[0].kits):
        o = w.civic.kits[other]
        if other != row and o.state >= PROFILED and o.person == k.person:
            count(w.log, w.place.blocks[k.block].area, KIT_LINKS)
            break
    compare(w, row)


@kernel
def compare(w, row):
    """Is the profile's owner in the database by now? Only arrests put people there."""
    people, clock, p = w.people, w.clock, w.p[0]
    k = w.civic.kits[row]
    life = people.lives[k.offender]
    if life.key != k.person or life.arrests == 0:
        return
    u, _, _, _ = draws(clock[0].seed, k.person, 0, _FILE)
    if u < p.profiled_share:
        k.state = MATCHED
        match(w, row)


@kernel
def match(w, row):
    """A match: logged, sometimes followed up, by evidence (open case) or an arrest (cold)."""
    people, flow, log, clock, p = w.people, w.flow, w.log, w.clock, w.p[0]
    day, seed = clock[0].day, clock[0].seed
    k = w.civic.kits[row]
    name = child_key(seed, k.key, 1, _HIT)
    if suppressed(log, name):
        return
    area = w.place.blocks[k.block].area
    count(log, area, DNA_HITS)
    victim = k.victim if people.lives[k.victim].key == k.victim_person else -1
    e = write_event(w, name, k.key, E_HIT, k.offender, victim, k.block)
    e.rule, e.part = RULE_KIT, PART_INVESTIGATION
    u1, u2, _, _ = draws(seed, name, day, _HIT)
    if u1 >= p.hit_followed:
        return
    c = flow.cases[k.case_row]
    mine = c.opened >= 0 and c.key == k.case_key
    if mine and c.closed >= 0:
        return
    takes_part = (mine and c.stays == 1) or u2 < p.victim_returns
    if mine and day - c.opened <= OPEN_DAYS:
        c.evidence = c.evidence * p.hit_evidence
        c.stays = 1 if takes_part else 0
        return
    if not takes_part or victim < 0 or not present(people.residents[victim]):
        return
    own = child_key(seed, name, 2, _HIT)
    if not suppressed(log, own) and arrest(w, k.offender, K_SEXUAL, False, own):
        count(log, area, HIT_ARRESTS)
        count(log, area, SEXUAL_PROSECUTED)
        e = write_event(w, own, name, E_HIT_ARREST, k.offender, victim, k.block)
        e.rule, e.part = RULE_KIT, PART_INVESTIGATION


@kernel
def tidy(civic, day):
    """Drop the kits that nothing can come of any more; the others keep their order."""
    s = civic.stock[0]
    kept = 0
    for row in range(s.kits):
        k = civic.kits[row]
        if k.state == DONE or (k.state >= PROFILED and day - k.taken > KEEP_DAYS):
            continue
        if kept != row:
            to = civic.kits[kept]
            to.key, to.case_key, to.case_row = k.key, k.case_key, k.case_row
            to.person, to.victim_person = k.person, k.victim_person
            to.offender, to.victim, to.block = k.offender, k.victim, k.block
            to.taken, to.state = k.taken, k.state
        kept += 1
    s.kits = kept
