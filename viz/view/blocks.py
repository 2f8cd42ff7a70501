"""What the maps show of a world on one day: levels by block, area and beat, and who is where.

Read only. Levels are bytes, 0 to 255 for 0 to 1. Officers stand on a block of their beat that is
drawn from their name and the week: where in the beat they are is not modelled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.officers import ON_DUTY, PATROL
from sim.agents.residents import AWAY, DEAD, FREE
from sim.kernel import kernel
from sim.measures import K_ROBBERY
from sim.numerics import clip, halved_by_day
from sim.processes.reporting import call_chance

Bytes = NDArray[np.uint8]


@kernel
def take_trust(w: Any, left: Any, fair: Any, able: Any, out: Any) -> None:
    """Mean legitimacy of the residents of each block into bytes; 255 is 1. An empty block is 0.

    `left[d]` is what is left of a belief after d days, `fair` and `able` the field's values today.
    """
    people, place, clock, p = w.people, w.place, w.clock, w.p[0]
    day, groups, weight = clock[0].day, clock[0].groups, p.fairness_weight
    for b in range(place.blocks.size):
        block = place.blocks[b]
        total, number = 0.0, 0
        for i in range(block.first, block.first + block.count):
            r = people.residents[i]
            if r.status == DEAD or r.status == AWAY:
                continue
            at = r.area * groups + r.group
            rest = left[day - r.day]
            f = r.base_fairness + (r.fairness - r.base_fairness) * rest + fair[at]
            e = r.base_effectiveness + (r.effectiveness - r.base_effectiveness) * rest + able[at]
            total += weight * clip(f, 0.0, 1.0) + (1.0 - weight) * clip(e, 0.0, 1.0)
            number += 1
        out[b] = int(255.0 * total / number + 0.5) if number > 0 else 0


@kernel
def take_calls(w: Any, out: Any) -> None:
    """Mean chance that a resident of each block would call about a robbery, into bytes."""
    people, place = w.people, w.place
    for b in range(place.blocks.size):
        block = place.blocks[b]
        total, number = 0.0, 0
        for i in range(block.first, block.first + block.count):
            r = people.residents[i]
            if r.status == DEAD or r.status == AWAY:
                continue
            total += call_chance(w, i, K_ROBBERY)
            number += 1
        out[b] = int(255.0 * total / number + 0.5) if number > 0 else 0


def trust(state: Any) -> Bytes:
    """Legitimacy by block, (blocks,)."""
    w = state.world
    days = w.flow.heads.size
    fades = [halved_by_day(float(w.p[n][0]), days) for n in ("belief_half_life", "field_half_life")]
    left = fades[1][state.day - w.place.field["day"]]
    out = np.zeros(w.place.blocks.size, dtype=np.uint8)
    fair = w.place.field["fairness"] * left
    able = w.place.field["effectiveness"] * left
    take_trust(state.handle, fades[0], fair, able, out)
    return out


def calls(state: Any) -> Bytes:
    """Chance of a call about a robbery by block, (blocks,)."""
    out = np.zeros(state.world.place.blocks.size, dtype=np.uint8)
    take_calls(state.handle, out)
    return out


def unsolved(state: Any) -> Bytes:
    """Felt share of shootings that go unpunished by area, (areas,)."""
    share = np.clip(state.world.place.areas["unsolved"], 0.0, 1.0)
    out: Bytes = (share * 255.0 + 0.5).astype(np.uint8)
    return out


def patrol(state: Any, most: float) -> Bytes:
    """Patrol hours per block and week by beat, (beats,); 255 is `most` hours."""
    hours = patrol_hours(state.world)
    return (np.clip(hours / most, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def patrol_hours(world: Any) -> NDArray[np.float64]:
    """Hours per block and week that patrol is out in each beat, answering calls apart."""
    beats = world.police.beats
    size = np.bincount(world.place.blocks["beat"], minlength=beats.size)
    out: NDArray[np.float64] = beats["hours_patrol"].astype(np.float64) / np.maximum(size, 1)
    return out


MEMBER, OFFICER = 0, 1


def marks(state: Any) -> NDArray[np.uint32]:
    """Gang members at liberty (at home) and patrol officers (in their beat): block | kind << 24."""
    w = state.world
    r = w.people.residents
    rows = np.flatnonzero((r["gang"] >= 0) & (r["status"] == FREE))
    members = r["home"][rows].astype(np.uint32) | np.uint32(MEMBER << 24)
    o = w.police.officers
    on = np.flatnonzero((o["status"] == ON_DUTY) & (o["unit"] == PATROL) & (o["beat"] >= 0))
    at = officer_blocks(state, on)
    return np.concatenate([members, at.astype(np.uint32) | np.uint32(OFFICER << 24)])


def officer_blocks(state: Any, rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """Where the map shows these officers this week, (rows,): a block of their beat, or -1."""
    w = state.world
    o = w.police.officers[rows]
    order = np.argsort(w.place.blocks["beat"], kind="stable")
    beat = w.place.blocks["beat"][order]
    first = np.searchsorted(beat, np.arange(w.police.beats.size + 1))
    b = np.maximum(o["beat"], 0)
    size = np.maximum(first[b + 1] - first[b], 1)
    turn = (o["key"] >> np.uint64(7)) + np.uint64(state.day // 7) * np.uint64(2654435761)
    at = np.minimum(first[b] + (turn % size.astype(np.uint64)).astype(np.int64), order.size - 1)
    return np.where(o["beat"] >= 0, order[at], -1)


def turf(state: Any) -> NDArray[np.int16]:
    """The gang that holds each block, or -1; (blocks,)."""
    return np.asarray(state.world.place.blocks["turf"], dtype=np.int16)
