"""A synthetic city: density, neighbourhoods, segregation and a gradient of disadvantage, all keyed.

Fields of smooth noise at the scale of the city and of a neighbourhood make people of a group live
near each other; disadvantage follows the groups' burdens and a field of its own. The map depends on
the recipe alone, so that an area is the same place in every run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.start import Start
from sim.city.layout import (
    Floats,
    Ints,
    Layout,
    logistic_array,
    mean_by,
    smooth_field,
    spread,
    standardised,
    total,
)
from sim.city.spec import CitySpec
from sim.numerics import exp_, exp_array, log_
from sim.random import run_key

EMPTY_SHARE = 0.07
"""Blocks without residents: parks, industry, water (an assumption)."""


def draw_layout(spec: CitySpec) -> Layout:
    """The map of a synthetic city (about a second for 27,000 blocks)."""
    start = Start(run_key(spec.map_seed), {})
    width, height, x, y = _grid(spec)
    density = _density(start, x, y, width, height)
    area, number = _neighbourhoods(start, spec, x, y, density)
    order = np.argsort(area, kind="stable")
    x, y, area, density = x[order], y[order], area[order].astype(np.int32), density[order]
    people = spread(density, spec.residents)
    weights = people.astype(np.float64)
    shares = _shares(start, spec, x, y, width, weights)
    disadvantage = _disadvantage(start, spec, x, y, width, shares, weights)
    return Layout(
        width=width,
        height=height,
        block_m=spec.block_m,
        x=x,
        y=y,
        area=area,
        people=people,
        shares=shares,
        disadvantage=disadvantage,
        area_names=[f"Area {a + 1:02d}" for a in range(number)],
        area_disadvantage=mean_by(area, number, disadvantage, weights),
        notes=[f"synthetic city: our own figures, map {spec.map_seed}; it is no real place"],
    )


def _grid(spec: CitySpec) -> tuple[int, int, Ints, Ints]:
    """A near-square grid with enough blocks for the density asked for."""
    blocks = max(9.0, spec.residents / spec.people_per_block / (1.0 - EMPTY_SHARE))
    width = max(3, int(np.sqrt(blocks) + 0.5))
    height = max(3, int(blocks / width + 0.5))
    cells = np.arange(width * height, dtype=np.int32)
    return width, height, (cells % width).astype(np.int32), (cells // width).astype(np.int32)


def _density(start: Start, x: Ints, y: Ints, width: int, height: int) -> Floats:
    """Relative residents per block: denser inside, patchy, with some blocks empty."""
    dx = (x - 0.5 * (width - 1)) / (0.5 * width)
    dy = (y - 0.5 * (height - 1)) / (0.5 * height)
    patches = smooth_field(start, "map density", 0, x, y, 5.0)
    out = exp_array(0.35 * patches) / (0.6 + dx * dx + dy * dy)
    u = start.uniforms("map empty", x.size)[:, 0]
    green = smooth_field(start, "map green", 0, x, y, 3.0)
    # parks and works cluster: the chance of an empty block follows its own field
    chance = EMPTY_SHARE * exp_array(1.2 * green - 0.3)
    return np.where(u < chance, 0.0, out)


def _neighbourhoods(
    start: Start, spec: CitySpec, x: Ints, y: Ints, density: Floats
) -> tuple[NDArray[np.int64], int]:
    """Each block's neighbourhood: nearest of A centres, spread where people are (Lloyd steps)."""
    number = spec.areas or int(8.0 * exp_(0.4046 * log_(spec.residents / 10_000.0)) + 0.5)
    number = max(2, min(number, int((density > 0).sum()) // 3))
    chance = np.cumsum(density)
    # a stratified sample along a serpentine of the blocks keeps centres apart
    u = start.uniforms("map centre", number)
    marks = (np.arange(number) + u[:, 0]) / number * chance[-1]
    where = np.searchsorted(chance, marks)
    jitter = u[:, 1:3] - 0.5
    cx, cy = x[where] + jitter[:, 0], y[where] + (start.uniforms("map row", number)[:, 0] - 0.5)
    nearest = np.zeros(x.size, dtype=np.int64)
    for _ in range(6):
        nearest = _nearest(x, y, cx, cy)
        cx = mean_by(nearest, number, x.astype(np.float64), density)
        cy = mean_by(nearest, number, y.astype(np.float64), density)
    nearest = _nearest(x, y, cx, cy)
    used = np.unique(nearest[density > 0])
    # drop centres that ended without people, number the rest from south to north
    rank = np.argsort(cy[used] * 1e4 + cx[used], kind="stable")
    return _nearest(x, y, cx[used][rank], cy[used][rank]), used.size


def _nearest(x: Ints, y: Ints, cx: Floats, cy: Floats) -> NDArray[np.int64]:
    best = np.full(x.size, np.inf)
    which = np.zeros(x.size, dtype=np.int64)
    for a in range(cx.size):
        d = (x - cx[a]) ** 2 + (y - cy[a]) ** 2
        closer = d < best
        best[closer] = d[closer]
        which[closer] = a
    return which


def _shares(start: Start, spec: CitySpec, x: Ints, y: Ints, width: int, people: Floats) -> Floats:
    """(B, G) group shares: smooth logits, scaled until the city's shares come out right."""
    wanted = np.array([g.share for g in spec.groups], dtype=np.float64)
    wanted = wanted / total(wanted)
    out = np.empty((x.size, wanted.size))
    coarse, fine = max(4.0, width / 3.5), max(3.0, min(9.0, width / 6.0))
    for g in range(wanted.size):
        large = standardised(smooth_field(start, "map group", g, x, y, coarse), people)
        small = standardised(smooth_field(start, "map group near", g, x, y, fine), people)
        out[:, g] = exp_array(spec.segregation * (2.6 * large + 1.25 * small))
    for _ in range(60):
        out /= np.maximum(_row_sums(out), 1e-300)[:, None]
        for g in range(wanted.size):
            have = total(out[:, g] * people) / total(people)
            out[:, g] *= wanted[g] / have if have > 0 else 0.0
    return out / np.maximum(_row_sums(out), 1e-300)[:, None]


def _row_sums(values: Floats) -> Floats:
    """Row sums, added column by column in one order."""
    out = np.zeros(values.shape[0])
    for g in range(values.shape[1]):
        out += values[:, g]
    return out


def _disadvantage(
    start: Start, spec: CitySpec, x: Ints, y: Ints, width: int, shares: Floats, people: Floats
) -> Floats:
    """(B,) 0..1: group burdens, a field of its own, and patches within neighbourhoods."""
    burden = np.zeros(x.size)
    for g, trait in enumerate(spec.groups):
        burden += shares[:, g] * trait.burden
    own = standardised(smooth_field(start, "map want", 0, x, y, max(4.0, width / 5.0)), people)
    near = standardised(smooth_field(start, "map want near", 0, x, y, 3.0), people)
    score = standardised(burden, people) + 0.35 * own + 0.2 * near
    return logistic_array(1.3 * score - 0.5)
