"""Points of a design, as numbers in 0..1, one column per factor that is sampled.

- grid: every combination;
- latin: Latin hypercube, sobol: scrambled Sobol sequence (scipy.stats.qmc);
- saltelli: two Sobol matrices A and B, and A with each column of B in turn, in the order that
  SALib's `sobol.analyze(calc_second_order=False)` reads: N * (factors + 2) points;
- morris: trajectories of SALib, four levels, one factor moved at a time: N * (factors + 1).

All are fixed by the design's own seed, which is kept with it.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError

METHODS = ("grid", "list", "latin", "sobol", "saltelli", "morris")
Floats = NDArray[np.float64]
MORRIS_LEVELS = 4


def unit_points(method: str, points: int, factors: int, seed: int) -> Floats:
    """Points in 0..1 of shape (rows, factors); `points` is the base number N of the method."""
    if factors == 0:
        return np.zeros((1, 0))
    if method == "latin":
        from scipy.stats import qmc

        return np.asarray(qmc.LatinHypercube(d=factors, rng=seed).random(points))
    if method == "sobol":
        return _sobol(points, factors, seed)
    if method == "saltelli":
        return saltelli(_sobol(points, 2 * factors, seed))
    if method == "morris":
        return _morris(points, factors, seed)
    raise ValueError(method)


def grid(levels: list[int]) -> NDArray[np.int64]:
    """Every combination of level numbers, the last factor moving fastest."""
    rows = list(itertools.product(*(range(n) for n in levels)))
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(levels))


def saltelli(both: Floats) -> Floats:
    """A, A with column j of B for each j, and B; row by row, from (N, 2 d) points."""
    n, d = both.shape[0], both.shape[1] // 2
    a, b = both[:, :d], both[:, d:]
    out = np.repeat(a[:, None, :], d + 2, axis=1)
    for j in range(d):
        out[:, j + 1, j] = b[:, j]
    out[:, d + 1, :] = b
    return out.reshape(n * (d + 2), d)


def _sobol(points: int, dimensions: int, seed: int) -> Floats:
    from scipy.stats import qmc

    power = max(int(points - 1).bit_length(), 0)
    if 2**power != points:
        raise UserError(
            f"points = {points}: a Sobol sequence is balanced only at powers of 2; "
            f"give {2 ** max(power - 1, 0)} or {2**power}"
        )
    return np.asarray(qmc.Sobol(d=dimensions, scramble=True, rng=seed).random_base2(power))


def _morris(trajectories: int, factors: int, seed: int) -> Floats:
    try:
        from SALib.sample import morris
    except ImportError:
        raise UserError(
            "method = 'morris' needs SALib: install peel-sim[analysis], or choose another method"
        ) from None
    problem = {
        "num_vars": factors,
        "names": [f"x{k}" for k in range(factors)],
        "bounds": [[0.0, 1.0]] * factors,
    }
    return np.asarray(
        morris.sample(problem, N=trajectories, num_levels=MORRIS_LEVELS, seed=seed), dtype=float
    )
