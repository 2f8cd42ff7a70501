"""Offending propensity, and the co-offending network of the most prone.

Propensity is a lognormal trait times factors of sex, place and gang, and a few per ten thousand are
drivers of gun violence: about 0.06 % of residents hold well over half of all weight [L23]. It is
static and independent of age outside gangs; the engine adds age.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import RECORDED
from sim.agents.start import Floats, Start, exponentials, lognormal
from sim.agents.start_ties import Crowd, Ints, Kernel, graph, propose
from sim.numerics import exp_array
from sim.world import Array


def draw_propensity(
    start: Start,
    residents: Array,
    place_factor: Floats,
    corner: Floats,
    vacant: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Write propensity (mean 1 over residents); return who drives gun violence, (N,).

    `place_factor` is the area's share in the excess of violence, around 1, per resident; `corner` the
    block's, relative to its area.
    """
    u = start.uniforms("start propensity", residents.size)
    male = residents.sex == 1
    member = residents.gang >= 0
    # where violence is high there are more drivers, not more violent ones
    steep = place_factor * place_factor * corner
    steep = steep / max(float(np.cumsum(steep)[-1]) / steep.size, 1e-9)
    outside = start.value("driver_share") * steep * np.where(male, 1.0, 0.04)
    inside = np.minimum(start.value("gang_driver_share") * place_factor / 1.5, 0.5)
    chance = np.where(member, inside, outside)
    drivers = u[:, 1] < chance
    # drivers differ less among themselves, or one of them would be a tenth of a city's shootings
    trait = np.where(
        drivers,
        lognormal(u[:, 0], start.value("driver_sigma")),
        lognormal(u[:, 0], start.value("propensity_sigma")),
    )
    trait *= np.where(drivers, 1.0, place_factor) * np.where(
        male | drivers, start.value("propensity_male"), 1.0
    )
    trait *= np.where(
        drivers,
        start.value("driver_weight"),
        np.where(member, start.value("gang_propensity"), 1.0),
    )
    there = np.where(vacant, 0.0, trait)
    mean = float(np.cumsum(there)[-1]) / max(1, int((~vacant).sum()))
    residents["propensity"] = trait / mean
    out: NDArray[np.bool_] = drivers
    return out


def tie_partners(
    start: Start,
    residents: Array,
    age: Floats,
    house: Ints,
    vacant: NDArray[np.bool_],
    kernel: Kernel,
    gang_ties: tuple[Ints, Ints],
) -> tuple[NDArray[np.int64], Ints]:
    """The co-offending network over all residents as compressed rows; marks RECORDED."""
    n = residents.size
    chosen = _recorded(start, residents, age, vacant)
    node = np.full(n, -1, dtype=np.int32)
    node[chosen] = np.arange(chosen.size, dtype=np.int32)
    blocks = kernel.x.size
    home = residents.home[chosen].astype(np.int32)
    u = start.uniforms("start partner pull", chosen)
    pull = lognormal(u[:, 0], start.value("partner_pull_sigma"))
    mean = 0.5 * start.value("partner_mean")
    active = exponentials(u[:, 1]) * max(mean - 0.5, 0.0) + 0.5
    crowd = Crowd(
        home=home,
        group=residents.group[chosen].copy(),
        age=age[chosen].astype(np.float32),
        pull=pull.astype(np.float32),
        house=house[chosen].astype(np.int32),
        proposals=np.minimum(active + u[:, 2], 40.0).astype(np.int16),
        first=np.searchsorted(home, np.arange(blocks + 1)).astype(np.int64),
    )
    one, two = propose(start, "start partner", crowd, kernel)
    one = np.concatenate([one, node[gang_ties[0]]])
    two = np.concatenate([two, node[gang_ties[1]]])
    # everybody in the record was arrested with somebody: who has no tie joins the next in line
    lonely = np.ones(chosen.size, dtype=bool)
    lonely[one] = False
    lonely[two] = False
    alone = np.flatnonzero(lonely).astype(np.int32)
    if chosen.size > 1:
        beside = np.where(alone + 1 < chosen.size, alone + 1, alone - 1).astype(np.int32)
        one, two = np.concatenate([one, alone]), np.concatenate([two, beside])
    first, rows = graph(chosen.size, one, two)
    residents["flags"][chosen] |= RECORDED
    degree = np.zeros(n + 1, dtype=np.int64)
    degree[chosen + 1] = np.diff(first)
    return np.cumsum(degree), chosen[rows].astype(np.int32)


def _recorded(
    start: Start, residents: Array, age: Floats, vacant: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Rows inside the record: every gang member, and the most prone of an age for arrest."""
    peak = (age - 24.0) / 12.0
    ripe = np.where(age < 12.0, 0.0, 1.0 / (1.0 + np.where(age < 24.0, 4.0, 1.0) * peak * peak))
    noise = exponentials(start.uniforms("start recorded", residents.size)[:, 0])
    score = ripe * np.minimum(residents.propensity, start.value("network_cap")) / noise
    score[vacant] = -1.0
    score[(residents.gang >= 0) & ~vacant] = np.inf
    number = max(
        int((residents.gang >= 0).sum()), int(start.value("recorded_share") * (~vacant).sum())
    )
    number = min(number, int((score > 0).sum()))
    if number == 0:
        return np.zeros(0, dtype=np.int64)
    # among equals (the members) a partition may take any, so it only ever cuts among the others
    rank = np.argsort(-score, kind="stable")[:number]
    return np.sort(rank)


def place_factors(gradient: float, disadvantage: Floats, people: Floats) -> Floats:
    """(A,) expected relative violence of areas from disadvantage; mean 1 over residents."""
    raw = exp_array(gradient * np.ascontiguousarray(disadvantage, dtype=np.float64))
    scale = float(np.cumsum(raw * people)[-1]) / max(float(np.cumsum(people)[-1]), 1.0)
    out: Floats = raw / scale
    return out
