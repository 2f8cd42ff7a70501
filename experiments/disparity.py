"""How unevenly events fall on groups or areas, without the unevenness that luck gives few events.

The Hoover index of one run with a dozen homicides is high even where everybody bears the same risk,
and higher still in an arm with fewer of them: the mean over runs of such indices would call every
policy that works unequal. So the index is of all runs pooled, and what bias is left goes with the
jackknife (Quenouille 1956; Miller 1974, Biometrika 61(1):1-15): each seed's pseudo-value is n times
the pooled index less n - 1 times that without the seed. Arms are paired by these values, with a
paired t interval. It needs a handful of seeds, and where all runs together hold few events the
index still leans upwards a little in both arms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.statistics import Difference, hoover, paired

Floats = NDArray[np.float64]


def pooled(events: ArrayLike, people: ArrayLike) -> Floats:
    """Pseudo-values of the pooled Hoover index, one per run; NaN where too few events are there.

    `events`: (runs, groups); `people`: (groups,).
    """
    e = np.asarray(events, dtype=np.float64)
    n = len(e)
    whole = hoover(e.sum(axis=0), people)
    without = np.array([hoover(e.sum(axis=0) - one, people) for one in e])
    return np.asarray(n * whole - (n - 1) * without, dtype=np.float64)


def unevenness(baseline: ArrayLike, arm: ArrayLike, people: ArrayLike) -> Difference | None:
    """The arm's index against the baseline's, over runs paired by seed; None with fewer than two
    runs, or where either arm has no events without one of its runs.

    Both (runs, groups), in the same order of seeds.
    """
    a, b = pooled(baseline, people), pooled(arm, people)
    if len(a) < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return None
    return paired(a, b)
