"""Clearance: how many cases end in an arrest and how fast; what follows an unsolved one; the price
of workload.

A case counts from its day to the end of the record; those still open then are censored, so shares
are Kaplan-Meier estimates and the last months of a run don't look unsolved. Sources: Cook et al.
2019 [L03, L04], Washington Post 2018 [L02]; the difference in differences answers the claim in
[M13].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.estimators import glm
from experiments.estimators.near import close_pairs

Floats = NDArray[np.float64]


def cleared_within(
    day: ArrayLike, cleared_day: ArrayLike, end_day: int, horizon_days: int
) -> tuple[Floats, Floats]:
    """(cleared, at risk) for each whole day 0..horizon since the case; -1 in `cleared_day` means
    not cleared.

    The two arrays have shape (horizon_days + 1,); summed over runs they give a pooled estimate.
    """
    opened = np.asarray(day).astype(np.int64)
    closed = np.asarray(cleared_day).astype(np.int64)
    # A clearance after the record's end isn't known yet, so such a case is still open.
    done = (closed >= opened) & (closed <= end_day) & (closed >= 0)
    length = np.where(done, closed - opened, end_day - opened)
    known = length >= 0
    length, done = np.minimum(length[known], horizon_days + 1), done[known]
    ended = np.bincount(length, minlength=horizon_days + 2)
    cleared = np.bincount(length[done], minlength=horizon_days + 2)[: horizon_days + 1]
    at_risk = ended[::-1].cumsum()[::-1][: horizon_days + 1]
    return cleared.astype(np.float64), at_risk.astype(np.float64)


def share_cleared(cleared: ArrayLike, at_risk: ArrayLike, by_day: int | None = None) -> float:
    """Kaplan-Meier share cleared by `by_day` (default: the horizon); NaN without cases."""
    d = np.asarray(cleared, dtype=np.float64)
    n = np.asarray(at_risk, dtype=np.float64)
    if by_day is not None:
        d, n = d[: by_day + 1], n[: by_day + 1]
    if len(n) == 0 or n[0] <= 0:
        return float("nan")
    return float(1.0 - np.prod(1.0 - np.divide(d, n, out=np.zeros_like(d), where=n > 0)))


class Aftermath(NamedTuple):
    """Mean later and earlier incidents near an uncleared (open) and a cleared case, and the
    cases."""

    after_open: float
    before_open: float
    after_cleared: float
    before_cleared: float
    open_cases: int
    cleared_cases: int

    @property
    def ratio(self) -> float:
        """(after / before | open) / (after / before | cleared): 1 when clearing changes nothing."""
        top = self.after_open * self.before_cleared
        bottom = self.before_open * self.after_cleared
        return top / bottom if bottom > 0 else float("nan")


def aftermath(
    x_m: ArrayLike,
    y_m: ArrayLike,
    day: ArrayLike,
    cleared: ArrayLike,
    first_day: int,
    last_day: int,
    within_m: float = 800.0,
    window_days: int = 365,
) -> Aftermath:
    """Incidents within `within_m` in the window after and before each case that has both windows
    whole."""
    t = np.asarray(day).astype(np.int64)
    shut = np.asarray(cleared).astype(bool)
    whole = (t - window_days >= first_day) & (t + window_days <= last_day)
    near = close_pairs(x_m, y_m, t, within_m, (1, window_days))
    after = np.bincount(near.early, minlength=len(t)).astype(np.float64)
    before = np.bincount(near.late, minlength=len(t)).astype(np.float64)
    parts = []
    for mask in (whole & ~shut, whole & shut):
        n = int(mask.sum())
        parts.append((after[mask].sum() / max(n, 1), before[mask].sum() / max(n, 1), n))
    (ao, bo, no), (ac, bc, nc) = parts
    return Aftermath(float(ao), float(bo), float(ac), float(bc), no, nc)


def workload_slope(
    clearance: ArrayLike, homicides: ArrayLike, city: ArrayLike, year: ArrayLike
) -> float:
    """Change of clearance, in percentage points, that goes with 10 % more homicides (city and year
    effects).

    One row per city and year, each counting once; rows without homicides must be left out.
    """
    counts = np.asarray(homicides, dtype=np.float64)
    slope = glm.panel_slope(clearance, np.log(counts), city, year)
    return 100.0 * slope * float(np.log(1.1))
