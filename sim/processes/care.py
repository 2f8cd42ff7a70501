"""Treatment of substance and mental-health need: places, and the queue for them.

Somebody found in need at a review asks for treatment with chance `seek_care`; officers refer some
who call for service (see scenes). There are `care_places` per 100,000 residents; who asked first
comes first, and who waits may give up (`care_give_up` a week). Treatment lasts `care_days` and
takes a share `care_effect` of both needs away; jail, death and leaving the city end it. Where
more ask than there is room for, places are full, `care_places` / `care_days` finish a day, and
the queue is as long as giving up makes it: waiting = (coming in - finishing) / hazard of giving
up.

Sources: none in the ledger for treatment by place; the defaults are assumptions. Leaves out:
kinds of treatment, relapse other than by later reviews of need, and what treatment costs.
"""

from sim.agents.residents import IN_CARE, INJURED
from sim.kernel import kernel
from sim.measures import CARE_FINISHED
from sim.processes.record import N_NEED, count, note
from sim.random import draws, stream

_WAIT = stream("care.wait")


@kernel
def ask_for_care(w, i):
    """Resident i joins the queue, unless in it or treated already; a full list turns them away."""
    civic, clock = w.civic, w.clock
    s, r = civic.stock[0], w.people.residents[i]
    if r.flags & IN_CARE != 0 or s.care >= civic.care.size:
        return
    row = civic.care[s.care]
    s.care += 1
    row.person, row.resident = w.people.lives[i].key, i
    row.joined, row.begun = clock[0].day, -1
    r.flags |= IN_CARE


@kernel
def care_week(w):
    """Some finish, some give up, and the free places go to those who have waited longest."""
    people, civic, clock, p = w.people, w.civic, w.clock, w.p[0]
    s, day = civic.stock[0], clock[0].day
    busy, kept = 0, 0
    for k in range(s.care):
        row = civic.care[k]
        if stays_on(w, row, day):
            busy += 1 if row.begun >= 0 else 0
            if kept != k:
                to = civic.care[kept]
                to.person, to.resident = row.person, row.resident
                to.joined, to.begun = row.joined, row.begun
            kept += 1
    s.care = kept
    places = int(p.care_places * people.residents.size / 1e5)
    for k in range(s.care):
        if busy >= places:
            break
        row = civic.care[k]
        if row.begun < 0:
            row.begun = day
            busy += 1
    s.in_care, s.care_waiting = busy, s.care - busy


@kernel
def stays_on(w, row, day):
    """Does somebody of the list wait or stay in treatment for another week?"""
    people, p = w.people, w.p[0]
    i = row.resident
    r, life = people.residents[i], people.lives[i]
    if life.key != row.person:  # somebody else has the row by now
        return False
    if r.status > INJURED:
        r.flags &= ~IN_CARE & 255
        return False
    if row.begun < 0:
        u, _, _, _ = draws(w.clock[0].seed, row.person, day, _WAIT)
        if u >= p.care_give_up:
            return True
    elif day - row.begun < p.care_days:
        return True
    else:
        life.substance *= 1.0 - p.care_effect
        life.mental *= 1.0 - p.care_effect
        count(w.log, r.area, CARE_FINISHED)
        note(w.log, w.clock, i, N_NEED)
    r.flags &= ~IN_CARE & 255
    return False
