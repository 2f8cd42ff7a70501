"""Drug markets after an arrest: who is taken away leaves an opening, and others may fight over it.

A vice arrest leaves an opening with chance `opening_contest`, contested after `opening_days` on
average (the fight itself is in contests). By default there is none: that enforcement makes markets
more violent, or calmer, has been seen both ways, and a scenario chooses.

Sources: S33 (who is arrested over drugs, though all groups use them alike); nothing in the ledger
on violence after arrests, so the chance is an assumption that is 0 by default. Leaves out: prices,
quantities, debts, and openings after a death.
"""

from sim.kernel import kernel
from sim.numerics import exponential
from sim.processes.record import schedule
from sim.random import child_key, draws, stream

Q_OPENING = 12
_OPENING = stream("markets.opening")


@kernel
def opening(w, i, key):
    """Resident i was arrested over drugs: perhaps somebody comes to fight over the place."""
    clock, p = w.clock, w.p[0]
    if p.opening_contest <= 0.0:
        return
    day, seed = clock[0].day, clock[0].seed
    own = child_key(seed, key, 0, _OPENING)
    u, v, _, _ = draws(seed, own, day, _OPENING)
    if u < p.opening_contest:
        due = day + 1 + int(p.opening_days * exponential(v))
        schedule(w.flow, clock, due, Q_OPENING, own, 0, i, -1, -1, 0.0)
