"""Gangs on the first day: how many, where, who is in them, whom they stand against.

Sizes follow a bounded Pareto law [L25]. Homes fall where violence is expected, apart from each
other; members are mostly males of 14 to 30 who live near and share the gang's main group. About 4.8
standing rivals each, mostly near ones [L24]; near pairs without standing rivalry get a row too, so
that heat can arise between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.agents.groups import DYAD, GANG
from sim.agents.residents import LISTED
from sim.agents.start import Floats, Start, exponentials, lognormal
from sim.agents.start_ties import Ints
from sim.world import Array, Groups, records

MOST = 8_000  # gangs: the table of pairs grows with the square
NEAREST = 10  # gangs with whom a gang has a row, standing rivals or not


class Ground(NamedTuple):
    """The blocks that gangs choose from."""

    grid: Ints  # (height, width) block or -1
    x: Ints
    y: Ints
    area: Ints
    people: Ints
    weight: Floats  # (B,) how likely a block is to be a gang's home
    block_m: float


def draw_gangs(
    start: Start,
    ground: Ground,
    residents: Array,
    lives: Array,
    age: Floats,
    vacant: NDArray[np.bool_],
) -> tuple[Groups, Ints]:
    """Gangs, rosters and dyads; writes gang and roster_slot. Also each block's turf."""
    living = int((~vacant).sum())
    sizes = _sizes(start, living)
    homes = _homes(start, ground, sizes.size)
    sizes = sizes[: homes.size]
    members = _recruit(start, ground, homes, sizes, residents, age, vacant)
    gangs = records(GANG, homes.size)
    roster, first = [], 0
    for g, rows in enumerate(members):
        slots = rows.size + max(2, int(start.value("gang_empty_slots") * rows.size + 0.999))
        gangs[g].first, gangs[g].slots = first, slots
        gangs[g].members = gangs[g].active = rows.size
        place = np.full(slots, -1, dtype=np.int32)
        place[: rows.size] = rows
        residents["gang"][rows] = g
        lives["roster_slot"][rows] = np.arange(rows.size)
        roster.append(place)
        first += slots
        shared = np.bincount(residents["group"][rows], minlength=1)
        gangs[g].main = int(np.argmax(shared)) if rows.size else -1
    u = start.uniforms("start gang", homes.size)
    gangs["key"] = start.names("start gang name", homes.size)
    gangs["home"] = homes
    gangs["area"] = ground.area[homes] if homes.size else 0
    gangs["cohesion"] = 0.3 + 0.6 * u[:, 0]
    gangs["norm"] = lognormal(u[:, 1], start.value("gang_norm_sigma"))
    gangs["pressure"] = 1.0
    gangs["radius"] = np.sqrt(
        gangs.members * start.value("turf_blocks_per_member") / 3.141592653589793
    )
    dyads, dyad_of = _dyads(start, ground, homes)
    row = np.concatenate(roster) if roster else np.zeros(0, np.int32)
    return Groups(gangs, row.astype(np.int32), dyads, dyad_of), _turf(ground, gangs)


def rank_members(start: Start, groups: Groups, residents: Array, lives: Array) -> None:
    """Ranks (a leader, a sixth shooters, the rest members) and the police's gang list."""
    u = start.uniforms("start listed", residents.size)
    for gang in groups.gangs:
        rows = groups.roster[gang.first : gang.first + gang.slots]
        rows = rows[rows >= 0]
        lives["rank"][rows] = 1
        prone = rows[np.argsort(-residents.propensity[rows], kind="stable")]
        lives["rank"][prone[: max(1, rows.size // 6)]] = 2
        # leaders are older members, not the most prone
        if rows.size:
            oldest = rows[np.lexsort((rows, residents.born[rows]))]
            lives["rank"][oldest[min(rows.size // 6, rows.size - 1)]] = 3
        listed = rows[u[rows, 0] < start.value("gang_listed_share")]
        residents["flags"][listed] |= LISTED


def gang_ties(start: Start, groups: Groups) -> tuple[Ints, Ints]:
    """Co-offending ties inside gangs: crews of about nine, dense inside, sparse between.

    A gang of 50 comes out at `gang_density` (0.22 of its pairs); smaller gangs are denser, as every
    member keeps about the same number of ties.
    """
    one, two = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for g, gang in enumerate(groups.gangs):
        rows = groups.roster[gang.first : gang.first + gang.slots]
        rows = np.sort(rows[rows >= 0]).astype(np.int32)
        if rows.size < 2:
            continue
        density = min(0.8, start.value("gang_density") * 49.0 / (rows.size - 1))
        crews = max(1, (rows.size + 4) // 9)
        crew = np.arange(rows.size) % crews
        i, j = np.triu_indices(rows.size, 1)
        inside = crew[i] == crew[j]
        dense = min(0.95, 4.3 * density) if crews > 1 else density
        among = float(inside.sum()) / inside.size
        sparse = max(0.02, (density - dense * among) / max(1.0 - among, 1e-9))
        u = start.uniforms("start gang tie", i.size, g)[:, 0]
        tied = u < np.where(inside, dense, sparse)
        one.append(rows[i[tied]])
        two.append(rows[j[tied]])
    return np.concatenate(one), np.concatenate(two)


def _sizes(start: Start, living: int) -> NDArray[np.int64]:
    """Sizes of gangs, summing to about the share of members; at least two gangs, however small."""
    low, high = start.value("gang_smallest"), start.value("gang_largest")
    high = max(high, low + 1.0)
    ratio = low / high
    mean = 2.0 * low * high / (low + high)  # of the law below
    wanted = start.value("gang_member_share") * living
    if wanted <= 0.0:
        return np.zeros(0, dtype=np.int64)
    number = min(max(2, int(wanted / mean + 0.5)), MOST)
    u = start.uniforms("start gang size", number)[:, 0]
    sizes = low / np.sqrt(1.0 - u * (1.0 - ratio * ratio))
    if wanted < 8.0 * mean:  # few gangs: hold the total, or a draw of 100 would fill a village
        sizes *= wanted / float(np.cumsum(sizes)[-1])
    return np.maximum(4, (sizes + 0.5).astype(np.int64))


def _homes(start: Start, ground: Ground, number: int) -> NDArray[np.int64]:
    """Home blocks: a keyed race weighted by expected violence, no two side by side."""
    able = np.flatnonzero((ground.people > 0) & (ground.weight > 0))
    race = exponentials(start.uniforms("start gang home", ground.x.size)[able, 0])
    queue = able[np.argsort(race / ground.weight[able], kind="stable")]
    height, width = ground.grid.shape
    taken = np.zeros((height + 2, width + 2), dtype=bool)
    chosen: list[int] = []
    for apart in (1, 0):
        for b in queue.tolist():
            if len(chosen) >= number:
                break
            row, column = ground.y[b] + 1, ground.x[b] + 1
            near = taken[row - apart : row + apart + 1, column - apart : column + apart + 1]
            if not near.any():
                taken[row, column] = True
                chosen.append(b)
    return np.array(chosen, dtype=np.int64)


def _recruit(
    start: Start,
    ground: Ground,
    homes: NDArray[np.int64],
    sizes: NDArray[np.int64],
    residents: Array,
    age: Floats,
    vacant: NDArray[np.bool_],
) -> list[NDArray[np.int64]]:
    """Members of each gang: a keyed race among those near, by distance, age, sex and group."""
    male = residents.sex == 1
    able = (age >= 13.0) & (age < 42.0) & ~vacant & (male | (age < 26.0))
    pool = np.flatnonzero(able)
    home = residents.home[pool]
    first = np.searchsorted(home, np.arange(ground.x.size + 1))
    prime = np.where(age < 15.0, 0.35, np.where(age < 30.0, 1.0, 0.12))
    weight = (prime * np.where(male, 1.0, 0.06))[pool]
    group = residents.group[pool]
    free = np.ones(pool.size, dtype=bool)
    height, width = ground.grid.shape
    out = []
    for g, (block, size) in enumerate(zip(homes.tolist(), sizes.tolist(), strict=True)):
        cx, cy = int(ground.x[block]), int(ground.y[block])
        reach = 4
        while True:
            window = ground.grid[
                max(cy - reach, 0) : cy + reach + 1, max(cx - reach, 0) : cx + reach + 1
            ]
            blocks = window[window >= 0]
            near = _ranges(first, blocks)
            near = near[free[near]]
            if near.size >= 12 * size or reach > max(height, width):
                break
            reach *= 2
        if near.size == 0:
            out.append(np.zeros(0, dtype=np.int64))
            continue
        main = int(np.argmax(np.bincount(group[near], weights=weight[near])))
        d2 = (ground.x[home[near]] - cx) ** 2 + (ground.y[home[near]] - cy) ** 2
        fall = 1.0 + d2 / (1.0 + 0.15 * size)
        chance = weight[near] * np.where(group[near] == main, 1.0, 0.08) / (fall * fall)
        race = exponentials(start.uniforms("start member", pool[near], g)[:, 0]) / chance
        chosen = near[np.argsort(race, kind="stable")[: int(size)]]
        free[chosen] = False
        out.append(np.sort(pool[chosen]))
    return out


def _ranges(first: NDArray[np.int64], blocks: Ints) -> NDArray[np.int64]:
    """The concatenation of first[b] .. first[b + 1] over blocks."""
    count = first[blocks + 1] - first[blocks]
    ends = np.cumsum(count)
    total = int(ends[-1]) if ends.size else 0
    return np.arange(total) + np.repeat(first[blocks] - (ends - count), count)


def _turf(ground: Ground, gangs: Array) -> Ints:
    """(B,) gang that holds each block, or -1: the one nearest relative to its radius."""
    turf = np.full(ground.x.size, -1, dtype=np.int32)
    best = np.full(ground.x.size, np.inf)
    for g, gang in enumerate(gangs):
        cx, cy = int(ground.x[gang.home]), int(ground.y[gang.home])
        radius = max(float(gang.radius), 0.5)
        reach = int(radius) + 1
        window = ground.grid[
            max(cy - reach, 0) : cy + reach + 1, max(cx - reach, 0) : cx + reach + 1
        ]
        blocks = window[window >= 0]
        d = ((ground.x[blocks] - cx) ** 2 + (ground.y[blocks] - cy) ** 2) / (radius * radius)
        wins = (d <= 1.0) & (d < best[blocks])
        turf[blocks[wins]] = g
        best[blocks[wins]] = d[wins]
    return turf


def _dyads(start: Start, ground: Ground, homes: NDArray[np.int64]) -> tuple[Array, Ints]:
    """Ordered pairs of gangs with a row, sorted by attacker then target, and the table of rows."""
    n = homes.size
    pairs: dict[tuple[int, int], float] = {}
    x, y = ground.x[homes].astype(np.int64), ground.y[homes].astype(np.int64)
    scale = start.value("rival_distance_m") / ground.block_m
    wanted = start.value("rivals_per_gang") / 2.0
    for g in range(n):
        d2 = (x - x[g]) ** 2 + (y - y[g]) ** 2
        d2[g] = np.iinfo(np.int64).max
        near = np.argsort(d2, kind="stable")[: min(NEAREST, n - 1)]
        for t in near.tolist():
            pairs.setdefault((min(g, t), max(g, t)), 0.0)
        # standing rivals: drawn among twice as many, falling with distance; each end names half
        near = np.argsort(d2, kind="stable")[: min(2 * NEAREST, n - 1)]
        if near.size == 0:
            continue
        u = start.uniforms("start rival", near, g)
        weight = 1.0 / (1.0 + d2[near] / (scale * scale)) ** 2
        race = np.argsort(exponentials(u[:, 0]) / weight, kind="stable")
        number = int(wanted + start.uniforms("start rivals", np.array([g]))[0, 0])
        found = 0
        for k in race.tolist():
            if found >= number:
                break
            pair = (min(g, int(near[k])), max(g, int(near[k])))
            if pairs.get(pair, 0.0) == 0.0:
                pairs[pair] = 0.35 + 0.65 * float(u[k, 1])
                found += 1
    rows = sorted(
        [(a, b, s) for (a, b), s in pairs.items()] + [(b, a, s) for (a, b), s in pairs.items()]
    )
    dyads = records(DYAD, len(rows))
    if rows:
        dyads["attacker"] = [r[0] for r in rows]
        dyads["target"] = [r[1] for r in rows]
        dyads["standing"] = [r[2] for r in rows]
        dyads["heat"] = start.value("start_heat") * dyads["standing"]
        dyads["key"] = start.names("start dyad", len(rows))
    dyad_of = np.full(n * n, -1, dtype=np.int32)
    dyad_of[dyads.attacker * n + dyads.target] = np.arange(len(rows), dtype=np.int32)
    return dyads, dyad_of
