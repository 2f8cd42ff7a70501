"""Candidate tables and scratch space of a run: what `sim.processes.candidates` draws marks from."""

import numpy as np

from sim.kernel import kernel
from sim.numerics import exp_, log_
from sim.random import stream
from sim.world import CANDIDATE, CASE, ENTRY, SLOT, TABLE, Flow, Groups, People, Place, records

TALK, STOP, EVERYDAY, DISPUTE, GANG_ATTACK, SERVICE, LIFE_EVENT, RAID, HABIT = range(9)
NAMES = (
    "talk", "stop", "everyday", "dispute", "gang attack", "service call", "life event", "raid",
    "habit",
)  # fmt: skip
ROLE = 20.0  # a propensity above this is a driver's, whose place somebody takes over
# hazard of the first layer, per unit of static weight and year: a fraction of a usual ceiling. It
# fixes where the layers lie, so it must never depend on a parameter.
UNITS_PER_YEAR = (0.1, 0.1, 0.1, 0.002, 0.1, 0.05, 0.05, 0.0001, 0.02)


def layout(people: People, place: Place, groups: Groups, days: int) -> Flow:
    """Tables, calendar and scratch for a run of at most `days` days."""
    n = people.residents.size
    weights = static_weights(people, place, groups)
    tables = records(TABLE, len(NAMES))
    parts, first = [], 0
    for k, name in enumerate(NAMES):
        w = weights[k]
        tables[k].unit = UNITS_PER_YEAR[k] / 365.0
        tables[k].purpose = stream("candidates." + name)
        if w is None:
            tables[k].first, tables[k].size, tables[k].mass = -1, n, float(n)
            continue
        tables[k].first, tables[k].size = first, w.size
        tables[k].mass = float(w.sum())
        if k == RAID:  # whom police stop is whom they raid: one table serves both
            tables[k].first = tables[STOP].first
            continue
        if w.size:
            parts.append(alias(w))
            first += w.size
    slots = np.concatenate(parts).view(np.recarray)
    height = int(place.blocks.y.max()) + 1
    width = int(place.blocks.x.max()) + 1
    grid = np.full((height, width), -1, dtype=np.int32)
    grid[place.blocks.y, place.blocks.x] = np.arange(place.blocks.size, dtype=np.int32)
    cases = records(CASE, n // 50 + 2000)
    cases["opened"] = -1
    tied = np.diff(people.partner_start) > 0
    roles = np.flatnonzero(tied | (people.residents.propensity > ROLE)).astype(np.int32)
    return Flow(
        holder=np.arange(n, dtype=np.int32), seat=np.arange(n, dtype=np.int32), roles=roles,
        role_gang=people.residents.gang[roles].astype(np.int16), roster_seat=groups.roster.copy(),
        tables=tables, slots=slots, buffer=records(CANDIDATE, n // 25 + 4096),
        queue=records(ENTRY, n // 10 + 2048), heads=np.full(days + 2, -1, dtype=np.int32),
        due=np.zeros(n // 50 + 4096, dtype=np.int32), cases=cases, grid=grid,
    )  # fmt: skip


def static_weights(people: People, place: Place, groups: Groups) -> list[np.ndarray | None]:
    """Static weight per row for each table; None where everybody weighs 1. Means are 1."""
    r = people.residents
    area_weight = place.areas.violence_weight[r.area].astype(np.float64)
    male = r.sex == 1
    ratio = people.kinds["stop_base"][r["group"]].astype(np.float64)
    stop = np.where(male, 1.4, 0.6) * power(area_weight, 0.7) * ratio
    everyday = (
        np.where(male, 1.2, 0.8)
        * (0.4 + np.sqrt(np.minimum(r.propensity, 50.0)))
        * np.sqrt(area_weight)
    )
    dispute = r.propensity * area_weight
    dyads = (
        groups.gangs.slots[groups.dyads.attacker].astype(np.float64)
        if groups.dyads.size
        else np.zeros(0)
    )
    stop, everyday, dispute, dyads = (
        w / w.mean() if w.size else w for w in (stop, everyday, dispute, dyads)
    )
    return [None, stop, everyday, dispute, dyads, None, None, stop, None]


def power(x: np.ndarray, exponent: float) -> np.ndarray:
    """x**exponent by our own logarithm and exponential, for positive x."""
    return _power(np.asarray(x, dtype=np.float64), exponent)


@kernel
def _power(x, exponent):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = exp_(exponent * log_(max(x[i], 1e-12)))
    return out


def alias(weights: np.ndarray) -> np.ndarray:
    """Vose's alias table of positive weights: one slot per row, `own` with chance `keep`, else `other`."""
    keep, other = _vose(np.asarray(weights, dtype=np.float64))
    slots = records(SLOT, weights.size)
    slots["own"] = np.arange(weights.size, dtype=np.int32)
    slots["keep"] = keep
    slots["other"] = other
    return slots


@kernel
def _vose(w):
    n = w.size
    total = 0.0
    for i in range(n):
        total += w[i]
    share = w * (n / total)
    keep = np.ones(n)
    other = np.arange(n).astype(np.int32)
    small = np.empty(n, dtype=np.int32)
    large = np.empty(n, dtype=np.int32)
    ns, nl = 0, 0
    for i in range(n):
        if share[i] < 1.0:
            small[ns] = i
            ns += 1
        else:
            large[nl] = i
            nl += 1
    while ns > 0 and nl > 0:
        ns -= 1
        s = small[ns]
        g = large[nl - 1]
        keep[s] = share[s]
        other[s] = g
        share[g] -= 1.0 - share[s]
        if share[g] < 1.0:
            nl -= 1
            small[ns] = g
            ns += 1
    return keep, other
