"""Exponential, logarithm and friends from + - * / alone, so that two kinds of processor agree bit for bit.

libm differs in the last bit between platforms, and a simulation feeds its own results back; a run
must be reproducible anywhere. Errors are below 2e-15 relative for `exp_` on [-700, 700] and 1e-14
for `log_` on the positive normal numbers (tests/theory/test_numerics.py).
"""

from functools import lru_cache

import numpy as np

from sim.kernel import kernel

_LN2_HI = 0.693147180369123816490
_LN2_LO = 1.90821492927058770002e-10
_LOG2E = 1.44269504088896338700


_POWERS_OF_TWO = 2.0 ** np.arange(-1022, 1024, dtype=np.float64)


@kernel
def exp_(x):
    """e**x; 0 below -700, and above 700 the value at 700."""
    if x < -700.0:
        return 0.0
    if x > 700.0:
        x = 700.0
    n = int(x * _LOG2E + (0.5 if x >= 0.0 else -0.5))
    r = (x - n * _LN2_HI) - n * _LN2_LO
    # Taylor to degree 13 on |r| <= ln(2)/2: remainder below 1e-17
    t = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    t = 1.0 / 3628800.0 + r * (1.0 / 39916800.0 + r * t)
    t = 1.0 / 40320.0 + r * (1.0 / 362880.0 + r * t)
    t = 1.0 / 720.0 + r * (1.0 / 5040.0 + r * t)
    t = 1.0 / 24.0 + r * (1.0 / 120.0 + r * t)
    t = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * t)))
    return t * _POWERS_OF_TWO[n + 1022]


@kernel
def log_(x):
    """Natural logarithm of a positive number."""
    n = 0
    while x > 1.4142135623730951:
        x *= 0.5
        n += 1
    while x < 0.7071067811865476:
        x *= 2.0
        n -= 1
    s = (x - 1.0) / (x + 1.0)
    z = s * s
    total = 0.0
    for k in range(25, 0, -2):
        total = total * z + 1.0 / k
    return n * _LN2_HI + (2.0 * s * total + n * _LN2_LO)


@kernel
def logistic(x):
    """1 / (1 + e**-x)."""
    return 1.0 / (1.0 + exp_(-x))


def _roots_of_half() -> np.ndarray:
    """2**(-j / 32) for j = 0..31, by square roots and products alone."""
    out = np.ones(32)
    root = 0.5
    for bit in (16, 8, 4, 2, 1):
        root = np.sqrt(root)
        out[(np.arange(32) & bit) != 0] *= root
    return out


_ROOTS_OF_HALF = _roots_of_half()
_STEP = 0.69314718055994530942 / 32.0


@kernel
def halved(elapsed_days, half_life_days):
    """Share of a decaying quantity left after `elapsed_days`: 2**(-elapsed/half-life).

    Exact at whole half-lives, else within 1e-12: what it multiplies is kept to seven digits. A third
    of the work of `exp_`, and the most frequent arithmetic of a run.
    """
    if elapsed_days <= 0:
        return 1.0
    x = 32.0 * elapsed_days / half_life_days
    if x > 32000.0:
        return 0.0
    n = int(x)
    r = (n - x) * _STEP
    t = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0)))))
    return t * _ROOTS_OF_HALF[n & 31] * _POWERS_OF_TWO[1022 - (n >> 5)]


@kernel
def halved_array(elapsed_days, half_life_days):
    """`halved` of each of a 1-D array of days."""
    out = np.empty(elapsed_days.size)
    for i in range(elapsed_days.size):
        out[i] = halved(elapsed_days[i], half_life_days)
    return out


@lru_cache(maxsize=16)
def halved_by_day(half_life_days: float, days: int) -> np.ndarray:
    """`halved` after 0, 1, ..., `days` days; kept, so not to be written to."""
    left = halved_array(np.arange(days + 1), half_life_days)
    left.flags.writeable = False
    return left


@kernel
def clip(x, low, high):
    """x, held between low and high."""
    return low if x < low else (high if x > high else x)


@kernel
def exponential(u):
    """A unit exponential from a uniform in (0, 1)."""
    return -log_(u)


@kernel
def poisson(rate, u):
    """A Poisson count by inversion of one uniform; `rate` at most about 30, or precision suffers."""
    if u < 1.0 - rate - 1e-9:  # below e**-rate for sure: where little is expected, mostly so
        return 0
    p = exp_(-rate)
    total = p
    n = 0
    while u > total and n < 1000:
        n += 1
        p *= rate / n
        total += p
    return n


def normal(u: np.ndarray) -> np.ndarray:
    """Standard normal quantiles (Acklam's rational approximation, relative error 1.2e-9).

    For building cities from keyed uniforms: array in, array out, arithmetic only except for the
    tails' sqrt(log), which is taken through `log_` one by one.
    """
    a = (
        -39.69683028665376,
        220.9460984245205,
        -275.9285104469687,
        138.3577518672690,
        -30.66479806614716,
        2.506628277459239,
    )
    b = (
        -54.47609879822406,
        161.5858368580409,
        -155.6989798598866,
        66.80131188771972,
        -13.28068155288572,
    )
    c = (
        -0.007784894002430293,
        -0.3223964580411365,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    )
    d = (0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416)
    u = np.asarray(u, dtype=np.float64)
    q = u - 0.5
    r = q * q
    top = ((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]
    bottom = ((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0
    out = q * top / bottom
    tail = np.minimum(u, 1.0 - u) < 0.02425
    if tail.any():
        side = np.minimum(u[tail], 1.0 - u[tail])
        t = np.sqrt(-2.0 * _log_array(side))
        top = ((((c[0] * t + c[1]) * t + c[2]) * t + c[3]) * t + c[4]) * t + c[5]
        bottom = (((d[0] * t + d[1]) * t + d[2]) * t + d[3]) * t + 1.0
        out[tail] = np.where(u[tail] < 0.5, top / bottom, -top / bottom)
    return out


@kernel
def _log_array(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = log_(x[i])
    return out


@kernel
def exp_array(x):
    """`exp_` of each element of a 1-D float64 array."""
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = exp_(x[i])
    return out
