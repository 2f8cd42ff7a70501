"""Near repeats: the Knox ratio of observed to expected close pairs (Knox 1964; Ratcliffe & Rengert
2008 [H01]).

Expected counts come from permuting the dates over the places. Permuting within half-years keeps
slow drift of the hot spots in the null, so that only what happens within half-years counts as
repeat. The test can't tell contagion from short local waves of risk (Loeffler & Flaxman 2018).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from experiments.estimators.near import Pairs, close_pairs

Ints = NDArray[np.int64]


class Knox(NamedTuple):
    """Observed pairs, and the pairs of each permutation (shape (permutations,))."""

    observed: int
    permuted: NDArray[np.float64]

    @property
    def expected(self) -> float:
        return float(self.permuted.mean())

    @property
    def ratio(self) -> float:
        return self.observed / self.expected if self.expected > 0 else float("nan")

    @property
    def p(self) -> float:
        """One-sided permutation p value."""
        return float((1 + np.sum(self.permuted >= self.observed)) / (1 + len(self.permuted)))


@njit(cache=True)
def _count(a, b, day, low, high):  # type: ignore[no-untyped-def]
    total = 0
    for k in range(a.size):
        lag = day[a[k]] - day[b[k]]
        if lag < 0:
            lag = -lag
        if low <= lag <= high:
            total += 1
    return total


def half_years(day: ArrayLike, length_days: float = 182.625) -> NDArray[np.int64]:
    """The half-year of each day, counted from day 0."""
    return np.floor(np.asarray(day, dtype=np.float64) / length_days).astype(np.int64)


def permute(
    day: NDArray[np.int64], strata: NDArray[np.int64] | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Days dealt anew over the places, within each stratum where strata are given."""
    if strata is None:
        return rng.permutation(day)
    by_stratum = np.argsort(strata, kind="stable")
    shuffled = np.lexsort((rng.random(len(day)), strata))
    out = np.empty_like(day)
    out[by_stratum] = day[shuffled]
    return out


def _possible(
    x_m: ArrayLike, y_m: ArrayLike, day: Ints, within_m: float, longest: int, strata: Ints | None
) -> Pairs:
    """Pairs of places that could ever lie `longest` days apart, however days are dealt."""
    if strata is None:
        return close_pairs(x_m, y_m, np.zeros_like(day), within_m, (0, 0))
    code = np.unique(strata, return_inverse=True)[1]
    first = np.full(code.max() + 1, day.max())
    last = np.full(code.max() + 1, day.min())
    np.minimum.at(first, code, day)
    np.maximum.at(last, code, day)
    # A day lies at most a stratum's length after the stratum's first, and so do all it may get.
    reach = longest + int((last - first).max())
    return close_pairs(x_m, y_m, first[code], within_m, (0, reach))


def knox(
    x_m: ArrayLike,
    y_m: ArrayLike,
    day: ArrayLike,
    within_m: float,
    lags: tuple[int, int],
    rng: np.random.Generator,
    strata: ArrayLike | None = None,
    permutations: int = 199,
) -> Knox:
    """Pairs of incidents within `within_m` metres whose dates lie `lags` days apart (both ends
    included).

    Work grows with the pairs within `within_m` of strata near each other in time (of all years when
    there are no strata), not with the square of the incidents.
    """
    days = np.asarray(day).astype(np.int64)
    if len(days) < 2:
        return Knox(0, np.zeros(permutations))
    blocks = None if strata is None else np.asarray(strata).astype(np.int64)
    pairs = _possible(x_m, y_m, days, within_m, lags[1], blocks)
    a, b = pairs.late, pairs.early
    observed = int(_count(a, b, days, *lags))
    permuted = [_count(a, b, permute(days, blocks, rng), *lags) for _ in range(permutations)]
    return Knox(observed, np.array(permuted, dtype=np.float64))
