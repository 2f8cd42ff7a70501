"""Paired differences between arms: how large, how sure, and how many replicates would settle it.

Two arms with one seed live the same days until a policy touches something, so the difference is
taken seed by seed, d_i = arm_i - baseline_i, and its mean is judged by the spread of the d_i, not
by whether two bands overlap. Three intervals are used, and each result says which:

- `t`: mean(d) +- t(n-1) s / sqrt(n), the usual case.
- `bootstrap`: where events are few (fewer than `FEW` a run in both arms) and at least `ENOUGH`
  pairs exist: the expanded percentile bootstrap (Hesterberg 2015, "What teachers should know
  about the bootstrap", The American Statistician 69(4):371-386), whose tails are widened to the t
  distribution's.
- `identical`: every pair is equal; there is nothing to estimate.

Relative differences are ratios of means with Fieller's interval (Fieller 1954, J R Stat Soc B
16(2):175-185), which covers 0 exactly when the paired t interval does, or with the same bootstrap
draws. Nothing here knows what the numbers mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
Method = Literal["t", "bootstrap", "identical", "none"]

FEW = 10.0
"""Mean events per run, in both arms, below which a count is too skewed for the t interval."""
ENOUGH = 8
"""Pairs below which resampling says less than the t interval does."""
RESAMPLES = 4000
_LIMIT = 1_000_000  # replicates_needed gives up beyond this


@dataclass(frozen=True)
class Difference:
    """One outcome, one arm against the baseline, over n pairs of runs with equal seeds.

    `low` and `high` bound `difference`; `relative_low` and `relative_high` bound `relative` (both
    as fractions). Numbers that can't be estimated are NaN: an interval from one pair, a ratio to
    a baseline that may be 0.
    """

    n: int
    baseline_mean: float
    mean: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    method: Method
    p_value: float
    """Two-sided, of a mean difference of 0 (paired t test); NaN where it can't be had."""
    share_lower: float
    """Share of pairs in which the arm came out lower than the baseline (a tie counts half)."""
    chance_lower: float
    """Probability, given these pairs, that the mean difference is below 0 (t; flat prior)."""
    variance_ratio: float
    """(Var A + Var B) / Var(A - B): what pairing gained; NaN if no pair differs."""
    spread: float
    """Standard deviation of the differences between pairs; NaN for one pair."""
    replicates_needed: float
    """Pairs at which the interval would exclude 0 if mean and spread stayed as they are; inf:
    never."""

    @property
    def clear(self) -> bool:
        """True when the interval excludes 0."""
        return bool(self.low > 0.0 or self.high < 0.0)

    @property
    def half_width(self) -> float:
        """Half the interval's width."""
        return (self.high - self.low) / 2.0

    def as_dict(self) -> dict[str, Any]:
        """The fields and `clear`, for tables."""
        return {**asdict(self), "clear": self.clear}


def paired(
    baseline: ArrayLike,
    arm: ArrayLike,
    *,
    count: bool = False,
    confidence: float = 0.95,
) -> Difference:
    """The paired difference arm - baseline, pair by pair.

    Parameters: `baseline` and `arm`, shape (n,), in the same order of seeds; `count`: the values
    are numbers of events. Raises ValueError if shapes differ, n is 0, or a value isn't finite.

    >>> result = paired([10, 12, 11, 13], [8, 11, 9, 10])
    >>> result.difference, round(result.low, 2), round(result.high, 2)
    (-2.0, -3.3, -0.7)
    """
    a, b = _checked(baseline, arm)
    n = a.size
    d = b - a
    mean, low, high, method = _interval(a, b, count, confidence)
    relative, relative_low, relative_high = _relative(a, b, method, confidence)
    spread = _spread(d, count)
    if n < 2 or not (spread > 0.0 and math.isfinite(spread)):
        p_value, chance = math.nan, _degenerate_chance(mean, n)
    else:
        t = mean / (spread / math.sqrt(n))
        p_value = float(2.0 * stats.t.sf(abs(t), n - 1))
        chance = float(stats.t.cdf(-t, n - 1))
    return Difference(
        n=n,
        baseline_mean=float(a.mean()),
        mean=float(b.mean()),
        difference=mean,
        low=low,
        high=high,
        relative=relative,
        relative_low=relative_low,
        relative_high=relative_high,
        method=method,
        p_value=p_value,
        share_lower=float(np.mean(d < 0.0) + 0.5 * np.mean(d == 0.0)),
        chance_lower=chance,
        variance_ratio=variance_ratio(a, b),
        spread=spread,
        replicates_needed=replicates_needed(mean, spread, confidence),
    )


def paired_columns(
    baseline: ArrayLike, arm: ArrayLike, *, count: bool = False, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Mean difference, low and high of every column at once: t intervals, shapes (n, k) -> (k,).

    For maps and tables of many places or groups. A column whose pairs are all equal gets (0, 0,
    0); one pair gives NaN intervals.
    """
    a = np.asarray(baseline, dtype=np.float64)
    b = np.asarray(arm, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 2 or a.shape[0] == 0:
        raise ValueError(f"expected two equal tables of values, got {a.shape} and {b.shape}")
    d = b - a
    mean = d.mean(axis=0)
    n = d.shape[0]
    if n < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    spread = d.std(axis=0, ddof=1)
    if count:
        spread = np.where(d.any(axis=0), np.maximum(spread, 1.0 / math.sqrt(n)), 0.0)
    half = half_width(1.0, n, confidence) * spread
    return mean, mean - half, mean + half


def variance_ratio(baseline: ArrayLike, arm: ArrayLike) -> float:
    """(Var A + Var B) / Var(A - B): how many unpaired runs one pair is worth; NaN if undefined."""
    a, b = _checked(baseline, arm)
    if a.size < 2:
        return math.nan
    below = float(np.var(b - a, ddof=1))
    above = float(np.var(a, ddof=1) + np.var(b, ddof=1))
    # differences that are equal but for rounding have no variance worth dividing by
    if below <= 1e-24 * max(above, float(np.mean(np.abs(b - a))) ** 2):
        return math.nan
    return above / below


def half_width(spread: float, n: int, confidence: float = 0.95) -> float:
    """Half the t interval of a mean of n values with standard deviation `spread`; inf for n < 2."""
    if n < 2:
        return math.inf
    return _t(n - 1, confidence) * spread / math.sqrt(n)


def replicates_needed(mean: float, spread: float, confidence: float = 0.95) -> float:
    """Smallest n >= 2 at which `mean` +- the half width excludes 0; inf beyond a million, or if
    mean is 0."""
    if mean == 0.0 or not math.isfinite(spread):
        return math.inf
    return _smallest(lambda n: half_width(spread, n, confidence) < abs(mean))


def replicates_for(width: float, spread: float, confidence: float = 0.95) -> float:
    """Smallest n >= 2 at which the half width is at most `width`; inf beyond a million."""
    return _smallest(lambda n: half_width(spread, n, confidence) <= width)


def detectable(spread: float, n: int, *, power: float = 0.8, confidence: float = 0.95) -> float:
    """The true mean difference that n pairs would tell from 0 with probability `power`.

    Solved with the noncentral t distribution, so it holds for few pairs; inf for n < 2.
    """
    if n < 2:
        return math.inf
    if spread == 0.0:
        return 0.0
    from scipy.optimize import brentq

    critical = float(stats.t.ppf(0.5 + confidence / 2.0, n - 1))

    def short(shift: float) -> float:
        # the far tail adds nothing at any power worth planning for
        return float(stats.nct.sf(critical, n - 1, shift)) - power

    shift = brentq(short, 0.0, critical * 3.0 + 20.0)
    return float(shift) * spread / math.sqrt(n)


def discoveries(p_values: Sequence[float]) -> Floats:
    """Benjamini-Hochberg adjusted p values, in the order given; NaN stays NaN and isn't counted."""
    p = np.asarray(p_values, dtype=np.float64)
    out = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        out[known] = stats.false_discovery_control(p[known])
    return out


def band(values: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Mean over replicates and the t interval of that mean, along axis 0 of (n, ...)."""
    v = np.asarray(values, dtype=np.float64)
    mean = v.mean(axis=0)
    if v.shape[0] < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    half = half_width(1.0, v.shape[0], confidence) * v.std(axis=0, ddof=1)
    return mean, mean - half, mean + half


def per_unit(
    cost: ArrayLike, averted: ArrayLike, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Cost per unit averted over n pairs: (mean cost / mean averted) with Fieller's interval.

    NaN three times ("not estimable") where the interval of `averted` covers 0 or it is negative:
    dividing by what may be nothing gives a number without meaning.
    """
    c, e = _checked(cost, averted)
    nothing = (math.nan, math.nan, math.nan)
    if c.size < 2 or e.mean() <= 0.0:
        return nothing
    if e.mean() - half_width(_spread(e, True), e.size, confidence) <= 0.0:
        return nothing
    low, high = _fieller(e, c, confidence)
    return float(c.mean() / e.mean()), low, high


def hoover(events: ArrayLike, people: ArrayLike) -> float:
    """Share of events that would have to fall on other groups for all to bear the same rate, 0..1.

    0.5 * sum |share of events - share of people| over groups (Hoover 1936); NaN with no events.
    Shape (groups,) each.
    """
    e = np.asarray(events, dtype=np.float64)
    p = np.asarray(people, dtype=np.float64)
    if e.sum() <= 0.0 or p.sum() <= 0.0:
        return math.nan
    return float(0.5 * np.abs(e / e.sum() - p / p.sum()).sum())


# --- inside -----------------------------------------------------------------------------------


@cache
def _t(df: int, confidence: float) -> float:
    return float(stats.t.ppf(0.5 + confidence / 2.0, df))


def _checked(baseline: ArrayLike, arm: ArrayLike) -> tuple[Floats, Floats]:
    a = np.asarray(baseline, dtype=np.float64)
    b = np.asarray(arm, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or a.size == 0:
        raise ValueError(
            f"expected two equal, non-empty rows of values, got {a.shape} and {b.shape}"
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("a value is not finite; leave out the outcome or mend the run")
    return a, b


def _spread(d: Floats, count: bool) -> float:
    """Standard deviation of differences; for counts at least what one event in one run would give.

    A few pairs that happen to differ by the same number of events are luck, not certainty.
    """
    if d.size < 2:
        return math.nan
    s = float(np.std(d, ddof=1))
    if count and d.any():
        return max(s, 1.0 / math.sqrt(d.size))
    return 0.0 if s <= 1e-12 * float(np.max(np.abs(d))) else s


def _degenerate_chance(mean: float, n: int) -> float:
    """Probability that the mean difference is below 0 when there is no spread to judge it by."""
    if n < 2:
        return math.nan
    return 0.5 if mean == 0.0 else float(mean < 0.0)


def _interval(
    a: Floats, b: Floats, count: bool, confidence: float
) -> tuple[float, float, float, Method]:
    d = b - a
    mean = float(d.mean())
    if not d.any():
        edge = 0.0 if d.size > 1 else math.nan
        return 0.0, edge, edge, "identical" if d.size > 1 else "none"
    if d.size < 2:
        return mean, math.nan, math.nan, "none"
    if count and d.size >= ENOUGH and max(a.mean(), b.mean()) < FEW and np.std(d) > 0.0:
        low, high = _percentiles(_resampled(d)[0], d.size, confidence)
        return mean, low, high, "bootstrap"
    half = half_width(_spread(d, count), d.size, confidence)
    return mean, mean - half, mean + half, "t"


def _relative(
    a: Floats, b: Floats, method: Method, confidence: float
) -> tuple[float, float, float]:
    if a.mean() == 0.0:
        return (0.0, 0.0, 0.0) if method == "identical" else (math.nan, math.nan, math.nan)
    relative = float(b.mean() / a.mean() - 1.0)
    if method == "identical":
        return 0.0, 0.0, 0.0
    if method == "none":
        return relative, math.nan, math.nan
    if method == "bootstrap":
        below, above = _resampled(a, b)
        if (below <= 0.0).any():
            return relative, math.nan, math.nan
        low, high = _percentiles(above / below - 1.0, a.size, confidence)
        return relative, low, high
    low, high = _fieller(a, b, confidence)
    if a.min() >= 0.0 and b.min() >= 0.0:  # what can't be negative can't fall by more than all
        low = max(low, 0.0) if math.isfinite(low) else low
    return relative, low - 1.0, high - 1.0


def _fieller(below: Floats, above: Floats, confidence: float) -> tuple[float, float]:
    """Interval of mean(above) / mean(below) for paired values; NaN where it is unbounded."""
    n = below.size
    t2 = _t(n - 1, confidence) ** 2 / n
    x, y = float(below.mean()), float(above.mean())
    cov = np.cov(below, above)
    # the ratios r with (y - r x)^2 <= t2 (Syy - 2 r Sxy + r^2 Sxx)
    a = x * x - t2 * float(cov[0, 0])
    b = x * y - t2 * float(cov[0, 1])
    c = y * y - t2 * float(cov[1, 1])
    if a <= 0.0:
        return math.nan, math.nan
    root = math.sqrt(max(b * b - a * c, 0.0))
    return (b - root) / a, (b + root) / a


def _resampled(*rows: Floats) -> list[Floats]:
    """Means of each row over the same bootstrap samples of pairs: fixed draws, so results
    repeat."""
    n = rows[0].size
    picks = np.random.Generator(np.random.Philox(key=n)).integers(0, n, size=(RESAMPLES, n))
    out = [row[picks].mean(axis=1) for row in rows]
    return out if len(out) > 1 else [out[0], out[0]]


def _percentiles(means: Floats, n: int, confidence: float) -> tuple[float, float]:
    tail = 0.5 - confidence / 2.0
    widened = float(stats.norm.cdf(math.sqrt(n / (n - 1.0)) * stats.t.ppf(tail, n - 1)))
    low, high = np.quantile(means, [widened, 1.0 - widened], method="closest_observation")
    return float(low), float(high)


def _smallest(enough: Any) -> float:
    if enough(2):
        return 2.0
    low, high = 2, 4
    while not enough(high):
        low, high = high, high * 2
        if high > _LIMIT:
            return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)
