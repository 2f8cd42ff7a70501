"""Fear of deportation and who is picked as a victim.

Residents who live with the threat call less often (`enforcement_reporting`, in reporting). Who
robs or steals may know it: when the person in mind is not exposed, then with chance
`enforcement_targeting` times the threat somebody of the same block is looked at instead, and
taken if they are exposed. With a share e of exposed neighbours the exposed are then e + (1 - e) e
t of victims instead of e.

Sources: M03 is on reporting; that offenders pick those who won't call is said more often than
measured, so the chance is an assumption. Leaves out: deportation itself, work and schools.
"""

from sim.agents.residents import EXPOSED
from sim.kernel import kernel
from sim.measures import K_PROPERTY, K_ROBBERY
from sim.processes.routine import present, resident_of
from sim.random import draws, stream

_PICK = stream("immigration.pick")


@kernel
def easier_victim(w, b, kind, key):
    """The victim whom an offender who had b in mind takes."""
    if kind != K_PROPERTY and kind != K_ROBBERY:
        return b
    people, clock, p = w.people, w.clock, w.p[0]
    threat = 0.0
    for g in range(people.kinds.size):
        threat = max(threat, people.kinds[g].enforcement)
    if threat <= 0.0 or p.enforcement_targeting <= 0.0 or people.residents[b].flags & EXPOSED != 0:
        return b
    u, v, _, _ = draws(clock[0].seed, key, clock[0].day, _PICK)
    c = resident_of(people, w.place, people.residents[b].home, v)
    if c < 0 or people.residents[c].flags & EXPOSED == 0 or not present(people.residents[c]):
        return b
    return (
        c
        if u < p.enforcement_targeting * people.kinds[people.residents[c].group].enforcement
        else b
    )
