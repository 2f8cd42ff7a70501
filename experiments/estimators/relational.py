"""Who attacks whom: a relational-event model of attacks between gangs (Gravel et al. 2023 [H06]).

Each attack is a choice of one ordered pair of gangs (a, b) among all; the log weight of a pair is

    rivalry * [standing rivals] + inertia * log(1 + a's recent attacks on b)
        + reciprocity * log(1 + b's recent attacks on a),

with recent attacks fading over 180 days: a conditional logit, fitted by Newton's method.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FADE_DAYS = 180.0


class Weights(NamedTuple):
    """Log weights of the three drivers, and their standard errors."""

    rivalry: float
    inertia: float
    reciprocity: float
    errors: Floats
    attacks: int


@njit(cache=True)
def _weigh(i, j, rival, heat_ij, heat_ji, beta, sign, sums):  # type: ignore[no-untyped-def]
    """Adds the ordered pair (i, j) to `sums` (sign 1) or takes it off (-1).

    `sums` holds, over all pairs, the weight w, w x (3) and w x x' (3 x 3, row by row).
    """
    x = (rival[i, j], np.log(1.0 + heat_ij), np.log(1.0 + heat_ji))
    w = sign * np.exp(beta[0] * x[0] + beta[1] * x[1] + beta[2] * x[2])
    sums[0] += w
    for k in range(3):
        sums[1 + k] += w * x[k]
        for m in range(3):
            sums[4 + 3 * k + m] += w * x[k] * x[m]


@njit(cache=True)
def _newton_terms(dyad, forward, low, high, day, rival, cold, beta, fade):  # type: ignore[no-untyped-def]
    """Gradient (3,), information (3, 3) of the conditional log likelihood at `beta`, pairs weighed.

    Only dyads that ever see an attack are followed: dyad d is the gangs low[d] < high[d], and
    `cold` holds the sums over all others. On a day's first attack they are weighed anew (all have
    cooled); after an attack only its own dyad is.
    """
    heat = np.zeros((low.size, 2))  # attacks of low on high, and of high on low
    gradient, information = np.zeros(3), np.zeros((3, 3))
    sums = np.empty(13)
    visited = 0
    for e in range(dyad.size):
        if e == 0 or day[e] > day[e - 1]:
            if e > 0:
                heat *= np.exp(-(day[e] - day[e - 1]) / fade)
            sums[:] = cold
            for d in range(low.size):
                _weigh(low[d], high[d], rival, heat[d, 0], heat[d, 1], beta, 1.0, sums)
                _weigh(high[d], low[d], rival, heat[d, 1], heat[d, 0], beta, 1.0, sums)
            visited += 2 * low.size
        d = dyad[e]
        i, j = low[d], high[d]
        mine, theirs = (heat[d, 0], heat[d, 1]) if forward[e] else (heat[d, 1], heat[d, 0])
        chosen = (
            rival[i, j] if forward[e] else rival[j, i],
            np.log(1.0 + mine),
            np.log(1.0 + theirs),
        )
        total = sums[0]
        for k in range(3):
            gradient[k] += chosen[k] - sums[1 + k] / total
            for m in range(3):
                both = sums[1 + k] * sums[1 + m] / (total * total)
                information[k, m] += sums[4 + 3 * k + m] / total - both
        _weigh(i, j, rival, heat[d, 0], heat[d, 1], beta, -1.0, sums)
        _weigh(j, i, rival, heat[d, 1], heat[d, 0], beta, -1.0, sums)
        heat[d, 0 if forward[e] else 1] += 1.0
        _weigh(i, j, rival, heat[d, 0], heat[d, 1], beta, 1.0, sums)
        _weigh(j, i, rival, heat[d, 1], heat[d, 0], beta, 1.0, sums)
        visited += 4
    return gradient, information, visited


class _Attacks(NamedTuple):
    """Attacks in order of day, by dyad (unordered pair of gangs)."""

    dyad: Ints
    forward: NDArray[np.bool_]
    """Whether the dyad's lower gang attacks."""
    low: Ints
    high: Ints
    day: Floats
    rival: Floats


def _by_dyad(a: Ints, b: Ints, day: Floats, rival: Floats) -> _Attacks:
    gangs = len(rival)
    names, dyad = np.unique(np.minimum(a, b) * gangs + np.maximum(a, b), return_inverse=True)
    return _Attacks(dyad, a < b, names // gangs, names % gangs, day, rival)


def _terms(attacks: _Attacks, beta: Floats, fade_days: float) -> tuple[Floats, Floats, int]:
    """Gradient and information at `beta`, and the pairs of gangs weighed for them."""
    rival = attacks.rival
    never = ~np.eye(len(rival), dtype=bool)
    never[attacks.low, attacks.high] = never[attacks.high, attacks.low] = False
    cold = np.zeros(13)
    values, count = np.unique(rival[never], return_counts=True)
    w = count * np.exp(beta[0] * values)
    cold[0], cold[1], cold[4] = w.sum(), (w * values).sum(), (w * values**2).sum()
    gradient, information, visited = _newton_terms(*attacks[:5], rival, cold, beta, fade_days)
    return gradient, information, int(visited)


def weights(
    attacker: ArrayLike,
    target: ArrayLike,
    day: ArrayLike,
    rivals: ArrayLike,
    fade_days: float = FADE_DAYS,
) -> Weights:
    """Fit the attacks (arrays of equal length) given `rivals`, a (gangs, gangs) 0/1 matrix of
    standing rivalry.

    Work grows with the days that see an attack times the pairs of gangs that ever do, plus the
    attacks. NaN where there are too few attacks to fit.
    """
    a, b = np.asarray(attacker).astype(np.int64), np.asarray(target).astype(np.int64)
    order = np.argsort(np.asarray(day), kind="stable")
    a, b, t = a[order], b[order], np.asarray(day, dtype=np.float64)[order]
    between = a != b
    a, b, t = a[between], b[between], t[between]
    rival = np.asarray(rivals, dtype=np.float64)
    if len(a) < 10:
        nan = float("nan")
        return Weights(nan, nan, nan, np.full(3, nan), len(a))
    attacks = _by_dyad(a, b, t, rival)
    beta = np.zeros(3)
    information = np.eye(3)
    for _ in range(40):
        gradient, information, _visited = _terms(attacks, beta, fade_days)
        # The ridge stands for a vague prior (sd 10): without rivals in the data the weight stays
        # finite.
        step = np.linalg.solve(information + 0.01 * np.eye(3), gradient - 0.01 * beta)
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.max(np.abs(step)) < 1e-8:
            break
    errors = np.sqrt(np.diag(np.linalg.inv(information + 0.01 * np.eye(3))))
    return Weights(float(beta[0]), float(beta[1]), float(beta[2]), errors, len(a))
