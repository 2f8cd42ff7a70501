"""Seizures: cash or a car taken at a search or a vice arrest, without a charge that would need it.

Each search or vice arrest ends in one with chance `seizure_share`; the person is left feeling
robbed (`seizure_push` off fairness), and what was taken, exponential around `seizure_dollars`, is
added to what the department has seized. Officers' hours that follow the money are policies' own
levers.

Sources: P28 (money shared by forfeiture solves no more crime in an advocate's study; an older
paper sees more arrests). There is no estimate of what a seizure does to trust: an assumption.
Leaves out: claims and courts, and what a family without its car loses.
"""

from sim.kernel import kernel
from sim.measures import SEIZED_DOLLARS, SEIZURES
from sim.numerics import exponential
from sim.processes.beliefs import feel
from sim.processes.record import count
from sim.random import draws, stream

_SEIZE = stream("seizure.seize")


@kernel
def seize(w, i, area, key):
    """Is something seized of resident i?"""
    clock, p = w.clock, w.p[0]
    u, v, _, _ = draws(clock[0].seed, key, clock[0].day, _SEIZE)
    if u >= p.seizure_share:
        return
    dollars = int(p.seizure_dollars * exponential(v)) + 1
    count(w.log, area, SEIZURES)
    w.log.area_counts[area, SEIZED_DOLLARS] += dollars
    w.civic.stock[0].seized += dollars
    feel(w.people, i, clock[0].day, p, -p.seizure_push, 0.0)
