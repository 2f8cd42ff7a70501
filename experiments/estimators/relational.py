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

FADE_DAYS = 180.0


class Weights(NamedTuple):
    """Log weights of the three drivers, and their standard errors."""

    rivalry: float
    inertia: float
    reciprocity: float
    errors: Floats
    attacks: int


@njit(cache=True)
def _newton_terms(a, b, day, rival, beta, fade):  # type: ignore[no-untyped-def]
    """Gradient (3,) and information (3, 3) of the conditional log likelihood at `beta`."""
    gangs = rival.shape[0]
    heat = np.zeros((gangs, gangs))
    gradient = np.zeros(3)
    information = np.zeros((3, 3))
    x = np.zeros(3)
    for e in range(a.size):
        if e > 0 and day[e] > day[e - 1]:
            heat *= np.exp(-(day[e] - day[e - 1]) / fade)
        total = 0.0
        first = np.zeros(3)
        second = np.zeros((3, 3))
        for i in range(gangs):
            for j in range(gangs):
                if i == j:
                    continue
                x[0] = rival[i, j]
                x[1] = np.log(1.0 + heat[i, j])
                x[2] = np.log(1.0 + heat[j, i])
                w = np.exp(beta[0] * x[0] + beta[1] * x[1] + beta[2] * x[2])
                total += w
                for k in range(3):
                    first[k] += w * x[k]
                    for m in range(3):
                        second[k, m] += w * x[k] * x[m]
        chosen = (rival[a[e], b[e]], np.log(1.0 + heat[a[e], b[e]]), np.log(1.0 + heat[b[e], a[e]]))
        for k in range(3):
            gradient[k] += chosen[k] - first[k] / total
            for m in range(3):
                information[k, m] += second[k, m] / total - first[k] * first[m] / (total * total)
        heat[a[e], b[e]] += 1.0
    return gradient, information


def weights(
    attacker: ArrayLike,
    target: ArrayLike,
    day: ArrayLike,
    rivals: ArrayLike,
    fade_days: float = FADE_DAYS,
) -> Weights:
    """Fit the attacks (arrays of equal length) given `rivals`, a (gangs, gangs) 0/1 matrix of
    standing rivalry.

    Work grows with attacks times pairs of gangs. NaN where there are too few attacks to fit.
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
    beta = np.zeros(3)
    information = np.eye(3)
    for _ in range(40):
        gradient, information = _newton_terms(a, b, t, rival, beta, fade_days)
        # The ridge stands for a vague prior (sd 10): without rivals in the data the weight stays
        # finite.
        step = np.linalg.solve(information + 0.01 * np.eye(3), gradient - 0.01 * beta)
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.max(np.abs(step)) < 1e-8:
            break
    errors = np.sqrt(np.diag(np.linalg.inv(information + 0.01 * np.eye(3))))
    return Weights(float(beta[0]), float(beta[1]), float(beta[2]), errors, len(a))
