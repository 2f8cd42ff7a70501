"""How a city's figures answer to the knobs: a linear response learnt from every trial so far.

A trial's figures carry the luck of few runs, and each knob also moves the figures of others. A
secant through the last two trials takes both for its own knob's doing and swings about the target.
Here each figure's miss is a plane over all knobs, with an assumed slope of its own knob and slopes
near zero of the others as priors (ridge regression, Hoerl & Kennard 1970, Technometrics
12(1):55-67), so that luck averages out over trials and what one knob does to another's figure is
learnt. Trials count less the further they lie from the best one, since a plane holds only nearby.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OWN = 0.5
"""Prior sd of a knob's slope on its own figure, as a share of the assumed slope."""
CROSS = 0.15
"""Prior sd of its slopes on the others' figures."""
LUCK = 0.04
"""Assumed sd of a trial's figure around the plane: the luck of its runs."""
REACH = 0.6
"""Distance from the best trial at which a trial's weight is halved."""
LARGEST = 10.0
"""Prior sd of a miss where all knobs stand as given: next to no knowledge."""


def planes(
    turns: Sequence[Floats], misses: Sequence[Floats], assumed: Floats, centre: Floats
) -> tuple[Floats, Floats]:
    """(misses at `centre` (k,), slopes (k, k)): row i is figure i over all knobs.

    `turns` and `misses`: (k,) of each trial; a miss that is NaN (too few events) tells nothing.
    """
    x = np.array(turns) - centre
    y = np.array(misses)
    weight = 1.0 / (LUCK**2 * (1.0 + (np.linalg.norm(x, axis=1) / REACH) ** 2))
    design = np.column_stack([np.ones(len(x)), x])
    count = len(assumed)
    level, slopes = np.zeros(count), np.zeros((count, count))
    for i in range(count):
        known = np.isfinite(y[:, i])
        prior = np.zeros(count + 1)
        prior[1 + i] = assumed[i]
        spread = np.full(count + 1, CROSS)
        spread[0], spread[1 + i] = LARGEST, OWN * abs(assumed[i])
        a, w = design[known], weight[known]
        precision = (a.T * w) @ a + np.diag(spread**-2.0)
        found = np.linalg.solve(precision, (a.T * w) @ y[known, i] + prior / spread**2)
        level[i], slopes[i] = found[0], found[1:]
    return level, slopes


def aim(
    level: Floats, slopes: Floats, slack: Floats, centre: Floats, low: Floats, high: Floats
) -> Floats:
    """Turns (k,) between `low` and `high` at which the planes' misses, over slack, are least.

    What hardly moves any figure stays near `centre`.
    """
    from scipy.optimize import lsq_linear

    count = len(level)
    rows = np.vstack([slopes / slack[:, None], 0.05 * np.eye(count)])
    want = np.concatenate([-level / slack, np.zeros(count)])
    room = np.maximum(high - low, 1e-9)  # a bound may not be empty
    found = lsq_linear(rows, want, bounds=(low - centre, low + room - centre))
    return np.asarray(np.clip(centre + found.x, low, high))
