"""How much shootings breed shootings nearby: a space-time Hawkes process fitted by EM, with its own
null.

    rate(x, t) = background(x) + sum over earlier j of theta g(t - t_j) h(x - x_j),
    g exponential with mean `lag`, h an isotropic normal with standard deviation `sigma`.

The background at an incident is a mixture of kernel maps (100, 250, 600, 1500 m and uniform,
weights fitted) of the incidents more than 60 days before or after it, so that a burst can't explain
itself and hot spots that last aren't taken for contagion; it rises and falls with the city's own
level (smoothed over 60 days), so that a bad summer isn't either. Sparse maps still leave some false
breeding: the same fit on dates permuted within half-years measures it and `net` takes it away. A
fixed-bandwidth background (`naive`) reports 0.1 to 0.3 on permuted dates too, which is why it isn't
used for the size of the effect.

Net recovers about 0.6 of a planted ratio, on purpose: what can't be told from a hot spot isn't
counted. Sources: Mohler et al. 2011; Loeffler & Flaxman 2018 [H02]; Brantingham, Yuan & Herz 2021
[H03].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter1d

from experiments.estimators.kernels import all_sums, recent_sums
from experiments.estimators.knox import half_years, permute
from experiments.estimators.near import close_pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SCALES_M = (100.0, 250.0, 600.0, 1500.0)
REACH_M = 1500.0
"""Furthest that an offspring is looked for, metres."""
REACH_DAYS = 60
"""Longest lag that is looked for, days."""
LEVEL_DAYS = 60.0
"""Standard deviation of the kernel that smooths the city's level over time, days."""
FLOOR_M = 30.0
"""Smallest `sigma`: addresses are rounded to blocks, and repeats at one point would drive it to
zero."""
FAINT = 25.0
"""Where the trigger kernel ends: at exp(-FAINT), 1.4e-11 of its height, 7 `sigma` away. An incident's
rate loses at most that share of what its pairs beyond would have added side by side with it."""


class Branching(NamedTuple):
    """theta: offspring per incident; lag in days; sigma in metres; weights of the background
    kernels."""

    theta: float
    lag_days: float
    sigma_m: float
    weights: Floats
    offspring: Floats
    """(incidents,) expected offspring of each incident."""


class Net(NamedTuple):
    """The fit, the ratio on each set of permuted dates, and what is left after their mean is taken
    off."""

    fit: Branching
    null: Floats

    @property
    def net(self) -> float:
        return self.fit.theta - float(self.null.mean())


@njit(cache=True)
def _nearest_first(rows, parent, lag, square):  # type: ignore[no-untyped-def]
    """The same pairs with each incident's (`rows`) in order of distance."""
    order = np.empty(parent.size, np.int64)
    for i in range(rows.size - 1):
        order[rows[i] : rows[i + 1]] = rows[i] + np.argsort(square[rows[i] : rows[i + 1]])
    return parent[order], lag[order], square[order]


@njit(cache=True)
def _fades(theta, mean_lag, sigma, reach_m, reach_days):  # type: ignore[no-untyped-def]
    """The trigger kernel at no distance, for lags of 0 to `reach_days` days.

    It is normalised over what is looked at: lags of 1..reach days, within reach.
    """
    decay = np.exp(-1.0 / mean_lag)
    time_mass = decay * (1.0 - decay**reach_days) / (1.0 - decay)
    space_mass = 1.0 - np.exp(-reach_m * reach_m / (2.0 * sigma * sigma))
    scale = theta / (time_mass * space_mass * 2.0 * np.pi * sigma * sigma)
    return scale * np.exp(-np.arange(reach_days + 1) / mean_lag)


@njit(cache=True)
def _heard(first, end, lag, square, fade, sigma):  # type: ignore[no-untyped-def]
    """Sums over one incident's pairs of the trigger kernel, and of it times lag and times squared
    distance; also the pairs read."""
    sums, sums_lag, sums_square = 0.0, 0.0, 0.0
    over, furthest = 0.5 / (sigma * sigma), FAINT * 2.0 * sigma * sigma
    p = first
    while p < end and square[p] <= furthest:
        pull = fade[lag[p]] * np.exp(-over * square[p])
        sums += pull
        sums_lag += pull * lag[p]
        sums_square += pull * square[p]
        p += 1
    return sums, sums_lag, sums_square, p - first


@njit(cache=True)
def _em(maps, span, rows, parent, lag, square, reach_m, reach_days, floor_m, steps):  # type: ignore[no-untyped-def]
    """EM over background kernels (columns of `maps`, densities per m2) and one trigger kernel.

    Pairs of incident i, nearest first, are those from rows[i] to rows[i + 1]. Also returns the
    pairs read.
    """
    n, kernels = maps.shape
    weights = np.full(kernels, 1.0 / kernels)
    theta, mean_lag, sigma = 0.1, 15.0, 200.0
    rate = np.empty(n)
    read = 0
    for _ in range(steps):
        fade, width = _fades(theta, mean_lag, sigma, reach_m, reach_days), sigma
        base = (1.0 - theta) * n / span
        share = np.zeros(kernels)
        born, born_lag, born_square = 0.0, 0.0, 0.0
        for i in range(n):
            found = _heard(rows[i], rows[i + 1], lag, square, fade, width)
            rate[i] = found[0]
            for k in range(kernels):
                rate[i] += base * weights[k] * maps[i, k]
            rate[i] = max(rate[i], 1e-300)
            for k in range(kernels):
                share[k] += base * weights[k] * maps[i, k] / rate[i]
            born += found[0] / rate[i]
            born_lag += found[1] / rate[i]
            born_square += found[2] / rate[i]
            read += found[3]
        before = theta
        theta = min(born / n, 0.95)
        weights = share / max(share.sum(), 1e-300)
        if born > 1e-9:
            mean_lag = min(max(born_lag / born, 0.5), 60.0)
            sigma = min(max(np.sqrt(born_square / (2.0 * born)), floor_m), reach_m / 2.0)
        if abs(theta - before) < 1e-7:
            break
    offspring = np.zeros(n)
    for i in range(n):  # the last step's shares
        for p in range(rows[i], rows[i + 1]):
            offspring[parent[p]] += (
                fade[lag[p]] * np.exp(-square[p] / (2.0 * width * width)) / rate[i]
            )
    return theta, mean_lag, sigma, weights, offspring, read


def _level(day: Ints, smooth_days: float) -> Floats:
    """The city's smoothed level on the day of each incident, relative to its mean."""
    since = day - day.min()
    daily = np.bincount(since).astype(np.float64)
    smooth = gaussian_filter1d(daily, smooth_days, mode="nearest")
    return np.asarray(smooth[since] / smooth.mean(), dtype=np.float64)


def fit(
    x_m: ArrayLike,
    y_m: ArrayLike,
    day: ArrayLike,
    area_m2: float,
    span_days: float,
    gap_days: int = 60,
    scales_m: tuple[float, ...] = SCALES_M,
    steps: int = 400,
    sums: Floats | None = None,
) -> Branching:
    """Branching ratio of incidents on an area of `area_m2` observed for `span_days`.

    Pass `gap_days=0` and one scale for the naive fit. `sums` are kernel sums over all incidents if
    the caller has them already (permuted dates leave them unchanged), in the order of the arrays
    given.
    """
    t = np.asarray(day).astype(np.int64)
    order = np.argsort(t, kind="stable")
    x = np.asarray(x_m, dtype=np.float64)[order]
    y = np.asarray(y_m, dtype=np.float64)[order]
    t = t[order]
    n = len(t)
    if n < 10:
        return Branching(float("nan"), float("nan"), float("nan"), np.zeros(0), np.zeros(n))
    scales = np.array(scales_m)
    total = all_sums(x, y, scales) if sums is None else sums[order]
    if gap_days > 0:
        recent = recent_sums(x, y, t, gap_days, scales)
        first, end = np.searchsorted(t, t - gap_days), np.searchsorted(t, t + gap_days, "right")
        close = (end - first - 1).astype(np.float64)
    else:
        recent, close = np.zeros_like(total), np.zeros(n)
    left = np.maximum(n - 1.0 - close, 1.0)
    maps = np.column_stack(
        [np.maximum(total - recent, 0.0) / left[:, None], np.full(n, 1.0 / area_m2)]
    )
    if gap_days > 0:
        maps *= _level(t, LEVEL_DAYS)[:, None]
    pairs = close_pairs(x, y, t, REACH_M, (1, REACH_DAYS))
    rows = np.searchsorted(pairs.late, np.arange(n + 1))
    parent, apart, square = _nearest_first(rows, pairs.early, pairs.lag, pairs.square)
    theta, lag, sigma, weights, born, _ = _em(
        maps, span_days, rows, parent, apart, square, REACH_M, REACH_DAYS, FLOOR_M, steps
    )
    offspring = np.empty(n)
    offspring[order] = born
    return Branching(float(theta), float(lag), float(sigma), np.asarray(weights), offspring)


def net(
    x_m: ArrayLike,
    y_m: ArrayLike,
    day: ArrayLike,
    area_m2: float,
    span_days: float,
    rng: np.random.Generator,
    permutations: int = 5,
    gap_days: int = 60,
    scales_m: tuple[float, ...] = SCALES_M,
) -> Net:
    """The fit on the dates as they are, and on `permutations` sets of dates dealt anew within
    half-years."""
    x = np.asarray(x_m, dtype=np.float64)
    y = np.asarray(y_m, dtype=np.float64)
    t: Ints = np.asarray(day).astype(np.int64)
    if len(t) < 10:
        return Net(fit(x, y, t, area_m2, span_days), np.full(1, np.nan))
    sums = all_sums(x, y, np.array(scales_m))

    def once(dates: Ints) -> Branching:
        return fit(x, y, dates, area_m2, span_days, gap_days, scales_m, sums=sums)

    strata = half_years(t - t.min())
    null = [once(permute(t, strata, rng)).theta for _ in range(permutations)]
    return Net(once(t), np.array(null))


def kind_ratio(of_kind: float, other: float) -> float:
    """Offspring per incident of one kind over the other's; NaN when the other has none to divide
    by."""
    return of_kind / other if other > 1e-6 else float("nan")
