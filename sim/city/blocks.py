"""Blocks and areas as a run starts from them: turf, markets, vacant lots, schools, jobs, bustle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.start import Floats, Start, lognormal
from sim.agents.start_households import Homes
from sim.agents.start_offending import place_factors
from sim.agents.start_ties import Kernel, offsets
from sim.agents.start_traits import draw_activity
from sim.city.layout import Layout, mean_by, total
from sim.city.places import AREA, BLOCK, FIELD
from sim.world import Array, Place, records


def draw_place(
    start: Start,
    groups: int,
    layout: Layout,
    beats: NDArray[np.int32],
    turf: NDArray[np.int32],
    homes: Homes,
    residents: Array,
    work: NDArray[np.uint8],
    relative: Floats,
    lean: Floats,
) -> Place:
    """Blocks, areas, the belief field and markets; also writes where residents spend the day.

    `relative` (A,) is the expected violence of areas, `lean` (A,) the part that residents'
    propensity carries; the rest becomes the place's own weight.
    """
    number = layout.x.size
    blocks = records(BLOCK, number)
    first = np.searchsorted(homes.home, np.arange(number + 1))
    blocks["first"], blocks["count"] = first[:-1], np.diff(first)
    blocks["x"], blocks["y"] = layout.x, layout.y
    blocks["area"], blocks["beat"], blocks["turf"] = layout.area, beats, turf
    blocks["disadvantage"], blocks["lever"] = layout.disadvantage, 1.0
    u = start.uniforms("start block", number)
    excess = np.clip(layout.disadvantage - 0.25, 0.0, 1.0) * start.value("vacant_lots") / 0.75
    blocks["vacant"] = (excess * 2.0 * u[:, 0] + u[:, 1]).astype(np.int16)
    market_blocks, cumulative = _markets(start, layout, blocks)
    _activity(start, layout, residents, work, homes, blocks)
    areas = records(AREA, layout.areas)
    people = np.bincount(layout.area, weights=layout.people, minlength=layout.areas)
    areas["population"] = people
    edges = np.searchsorted(layout.area, np.arange(layout.areas + 1))
    areas["first_block"], areas["blocks"] = edges[:-1], np.diff(edges)
    areas["disadvantage"] = layout.area_disadvantage
    areas["cynicism"] = 0.15 + 0.35 * layout.area_disadvantage
    areas["unsolved"] = 0.4 + 0.3 * layout.area_disadvantage
    areas["risk"] = 1.0
    # what people's propensity doesn't carry of the area's level is the place's own
    weight = relative / lean
    areas["violence_weight"] = weight * (total(people) / total(weight * people))
    ones = np.ones(number)
    for name, axis in (("x_m", layout.x), ("y_m", layout.y)):
        areas[name] = (
            mean_by(layout.area, layout.areas, axis.astype(float), ones) + 0.5
        ) * layout.block_m
    field = records(FIELD, layout.areas * groups)
    return Place(blocks, areas, field, market_blocks, cumulative)


def _markets(
    start: Start, layout: Layout, blocks: Array
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Illicit markets: few blocks, mostly in poor areas; at least one."""
    near = place_factors(4.0, layout.disadvantage, layout.people.astype(np.float64))
    chance = np.where(layout.people > 0, start.value("market_block_share") * near, 0.0)
    u = start.uniforms("start market", layout.x.size)
    chosen = np.flatnonzero(u[:, 0] < chance)
    if chosen.size == 0:
        chosen = np.array([int(np.argmax(np.where(layout.people > 0, near, 0.0)))])
    level = lognormal(u[chosen, 1], start.value("market_sigma"))
    level = level * (chosen.size / total(level))
    blocks["market"][chosen] = level
    cumulative = np.cumsum(level)
    return chosen.astype(np.int32), cumulative / cumulative[-1]


def _activity(
    start: Start,
    layout: Layout,
    residents: Array,
    work: NDArray[np.uint8],
    homes: Homes,
    blocks: Array,
) -> None:
    """Where residents spend the day, and from that how busy each block is."""
    number = layout.x.size
    kernel = kernel_of(start, layout, "friend")
    u = start.uniforms("start hangout", residents.size)
    step = np.minimum(np.searchsorted(kernel.cumulative, u[:, 0]), kernel.dx.size - 1)
    cx = np.clip(layout.x[homes.home] + kernel.dx[step], 0, layout.width - 1)
    cy = np.clip(layout.y[homes.home] + kernel.dy[step], 0, layout.height - 1)
    near = kernel.grid[cy, cx]
    near = np.where(near >= 0, near, homes.home).astype(np.int32)
    # jobs: shops everywhere, more in the middle, a few blocks with many
    v = start.uniforms("start jobs", number)
    dx = (layout.x - 0.5 * layout.width) / (0.2 * layout.width)
    dy = (layout.y - 0.5 * layout.height) / (0.2 * layout.height)
    attraction = lognormal(v[:, 0], 1.2) * (1.0 + 6.0 / (1.0 + dx * dx + dy * dy))
    people = np.bincount(layout.area, weights=layout.people, minlength=layout.areas)
    edges = np.searchsorted(layout.area, np.arange(layout.areas + 1))
    schools = _schools(v[:, 1], layout, edges, people)
    school_first = np.searchsorted(layout.area[schools], np.arange(layout.areas + 1))
    age = homes.age_days / 365.25
    residents["activity"] = draw_activity(
        start,
        homes.home,
        age,
        work,
        near,
        attraction,
        schools.astype(np.int32),
        school_first.astype(np.int64),
        layout.area,
    )
    there = np.bincount(residents.activity[homes.vacant == 0], minlength=number)
    busy = there + 0.3 * layout.people
    blocks["bustle"] = busy / max(total(busy) / number, 1e-9)


def _schools(
    u: Floats, layout: Layout, edges: NDArray[np.int64], people: Floats
) -> NDArray[np.int64]:
    """One school to about 3,500 residents of an area, on blocks drawn at random."""
    out = []
    for a in range(layout.areas):
        count = min(int(edges[a + 1] - edges[a]), max(1, int(people[a] / 3500.0 + 0.5)))
        if people[a] > 0:
            out.append(
                np.sort(edges[a] + np.argsort(u[edges[a] : edges[a + 1]], kind="stable")[:count])
            )
    return np.concatenate(out)


def kernel_of(start: Start, layout: Layout, kind: str) -> Kernel:
    """How ties of a kind (friend, partner) fall off with distance on this map."""
    dx, dy, cumulative = offsets(start.value(f"{kind}_distance_m"), layout.block_m)
    return Kernel(
        layout.grid(),
        layout.x,
        layout.y,
        dx,
        dy,
        cumulative,
        start.value(f"{kind}_far_share"),
        start.value(f"{kind}_other_group"),
        start.value(f"{kind}_age_years"),
    )
