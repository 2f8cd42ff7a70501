"""What a shooting leaves: reprisals and exposure that may come of it, each with its height and day.

Grievances and exposure are candidates in layers of fixed bounds (`GRIEF`; doubling for exposure), as
far up as any lever may raise the number to be expected. A candidate's height and delay are drawn here,
once; when its day comes it happens if that day's level exceeds its height (see reprisals), so a policy
moves no draw. Sources: reprisals soon after [H12], exposure of ties slowly [H05].
"""

import numpy as np

from sim.kernel import kernel
from sim.numerics import exponential, poisson
from sim.processes.record import Q_GRIEVANCE, schedule
from sim.processes.ties import tie, tie_count
from sim.random import child_key, draws, stream

GRIEF = np.array(
    [0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0]
)
EXPOSURE_LAYERS = 5  # heights 0, 2, 4, ... 32 attempts per person shot
HEADROOM = 4.0  # how far levers may raise reprisals above what parameters alone allow
MOST_RESTRAINT = 2.0  # `restraint` never exceeds this
Q_EXPOSURE = 3  # kind of calendar entry, with record.Q_GRIEVANCE

_GRIEF = stream("violence.grievance")
_TIES = stream("violence.exposure")


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
def most_exposure(p):
    """No level of exposure exceeds this, levers apart."""
    return p.weight_contagion * p.contagion * (1.0 + p.trauma_offending)
