"""Event lists whose true answer is known, for holding the estimators to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIDE_M = 12_000.0
DAYS = 1460


def poisson_field(n: int, rng: np.random.Generator) -> tuple[Floats, Floats, Ints]:
    """n events thrown evenly over a square city and four years."""
    x, y = rng.uniform(0.0, SIDE_M, size=(2, n))
    return x, y, rng.integers(0, DAYS, size=n)


def hot_spots(n: int, rng: np.random.Generator, spots: int = 40) -> tuple[Floats, Floats, Ints]:
    """n events at lasting hot spots of very unequal heat, at any time: concentration, no
    contagion."""
    centres = rng.uniform(1000.0, SIDE_M - 1000.0, size=(spots, 2))
    heat = rng.pareto(1.2, size=spots) + 0.1
    which = rng.choice(spots, size=n, p=heat / heat.sum())
    points = centres[which] + rng.normal(0.0, 350.0, size=(n, 2))
    return points[:, 0], points[:, 1], rng.integers(0, DAYS, size=n)


def hawkes(
    immigrants: int, theta: float, lag: float, sigma: float, rng: np.random.Generator
) -> tuple[Floats, Floats, Ints]:
    """A branching process on hot spots: each event has Poisson(theta) offspring after `lag` days on
    average, `sigma` metres away in each direction. Offspring after the last day are lost.
    """
    x, y, day = hot_spots(immigrants, rng)
    born = np.column_stack([x, y, day + rng.random(immigrants)])
    alive = born
    while len(alive):
        parents = np.repeat(alive, rng.poisson(theta, size=len(alive)), axis=0)
        children = parents.copy()
        children[:, :2] += rng.normal(0.0, sigma, size=(len(parents), 2))
        children[:, 2] += rng.exponential(lag, size=len(parents))
        alive = children[children[:, 2] < DAYS]
        born = np.concatenate([born, alive])
    return born[:, 0], born[:, 1], np.floor(born[:, 2]).astype(np.int64)
