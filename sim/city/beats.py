"""Police beats: contiguous blocks of about equal population, inside areas where they can be.

Small areas are joined with neighbours until they fill a beat; large ones are halved along their
longer side until each part is a beat.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.city.layout import Layout, total

Ints = NDArray[np.int32]


def draw_beats(layout: Layout, number: int) -> Ints:
    """(B,) beat of each block; about `number` beats, numbered area by area."""
    wanted = max(1, number)
    target = max(1.0, total(layout.people) / wanted)
    cluster = _joined(layout, 0.6 * target)
    beat = np.zeros(layout.x.size, dtype=np.int64)
    next_beat = 0
    for c in np.unique(cluster):
        blocks = np.flatnonzero(cluster[layout.area] == c)
        parts = max(1, int(total(layout.people[blocks]) / target + 0.5))
        for part in _split(layout, blocks, parts):
            beat[part] = next_beat
            next_beat += 1
    return beat.astype(np.int32)


def _joined(layout: Layout, least: float) -> NDArray[np.int64]:
    """(A,) cluster of each area: areas with few people join the least populous neighbour."""
    cluster = np.arange(layout.areas)
    people = np.bincount(layout.area, weights=layout.people, minlength=layout.areas)
    links = _neighbours(layout)
    cx = np.bincount(layout.area, weights=layout.x, minlength=layout.areas)
    cy = np.bincount(layout.area, weights=layout.y, minlength=layout.areas)
    size = np.maximum(np.bincount(layout.area, minlength=layout.areas), 1)
    cx, cy = cx / size, cy / size
    sums = people.copy()
    alive = set(range(layout.areas))
    while len(alive) > 1:
        small = min(alive, key=lambda a: (sums[a], a))
        if sums[small] >= least:
            break
        near = sorted(n for n in links[small] if n in alive and n != small)
        if not near:  # an island: the cluster nearest to it
            far = (cx - cx[small]) ** 2 + (cy - cy[small]) ** 2
            near = [min(alive - {small}, key=lambda a: (far[a], a))]
        host = min(near, key=lambda a: (sums[a], a))
        sums[host] += sums[small]
        links[host] |= links[small]
        for other in links[small]:
            links[other].discard(small)
            if other != host:
                links[other].add(host)
        links[host] -= {host, small}
        cluster[cluster == small] = host
        alive.discard(small)
    return cluster


def _neighbours(layout: Layout) -> list[set[int]]:
    """For each area, the areas that share a block side with it."""
    cells = np.full((layout.height, layout.width), -1, dtype=np.int64)
    cells[layout.y, layout.x] = layout.area
    out: list[set[int]] = [set() for _ in range(layout.areas)]
    for a, b in ((cells[:, 1:], cells[:, :-1]), (cells[1:], cells[:-1])):
        touching = (a != b) & (a >= 0) & (b >= 0)
        pairs = np.unique(np.stack([a[touching], b[touching]], axis=1), axis=0)
        for i, j in pairs.tolist():
            out[i].add(j)
            out[j].add(i)
    return out


def _split(layout: Layout, blocks: NDArray[np.int64], parts: int) -> list[NDArray[np.int64]]:
    """Blocks in `parts` pieces of about equal population, by cuts across the longer side."""
    if parts <= 1 or blocks.size < parts:
        return [blocks]
    x, y = layout.x[blocks], layout.y[blocks]
    wide = int(x.max() - x.min()) >= int(y.max() - y.min())
    order = np.lexsort((y, x)) if wide else np.lexsort((x, y))
    first = parts // 2
    cumulative = np.cumsum(layout.people[blocks[order]].astype(np.float64))
    cut = int(np.searchsorted(cumulative, cumulative[-1] * first / parts)) + 1
    cut = min(max(cut, first), blocks.size - (parts - first))
    left, right = blocks[order[:cut]], blocks[order[cut:]]
    return [*_split(layout, np.sort(left), first), *_split(layout, np.sort(right), parts - first)]
