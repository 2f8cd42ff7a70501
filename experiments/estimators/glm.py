"""Small regressions: Poisson and logit by iteratively reweighted least squares, and panels by least
squares.

Thirty lines of linear algebra on top of SciPy do what the scoreboard needs, so a second statistics
package isn't asked of every user; tests hold the fits against closed forms and planted
coefficients.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import lstsq
from scipy.special import expit

Floats = NDArray[np.float64]


class Fit(NamedTuple):
    """Coefficients, their standard errors, and the fitted means."""

    beta: Floats
    error: Floats
    mean: Floats


def _design(columns: ArrayLike) -> Floats:
    design = np.asarray(columns, dtype=np.float64)
    return design[:, None] if design.ndim == 1 else design


def _irls(design: Floats, y: Floats, weight: Floats, poisson: bool, ridge: float) -> Fit:
    beta = np.zeros(design.shape[1])
    mean = np.clip(y, 0.1, None) if poisson else (y + 0.5) / 2.0
    eta = np.log(mean) if poisson else np.log(mean / (1.0 - mean))
    info = np.eye(design.shape[1])
    for _ in range(60):
        slope = np.maximum(mean if poisson else mean * (1.0 - mean), 1e-12)
        target = eta + (y - mean) / slope
        scaled = design * (weight * slope)[:, None]
        info = scaled.T @ design + ridge * np.eye(design.shape[1])
        new = lstsq(info, scaled.T @ target)[0]
        done = bool(np.max(np.abs(new - beta)) < 1e-9)
        beta = new
        eta = np.clip(design @ beta, -30.0, 30.0)
        mean = np.exp(eta) if poisson else expit(eta)
        if done:
            break
    error = np.sqrt(np.clip(np.diag(np.linalg.pinv(info)), 0.0, None))
    return Fit(beta, error, mean)


def poisson(columns: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> Fit:
    """Poisson regression with log link; `columns` (n, k) must hold the constant itself."""
    design = _design(columns)
    w = np.ones(len(design)) if weight is None else np.asarray(weight, dtype=np.float64)
    return _irls(design, np.asarray(y, dtype=np.float64), w, True, 1e-10)


def logit(columns: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> Fit:
    """Logistic regression; the tiny ridge keeps a perfectly separated sample finite."""
    design = _design(columns)
    w = np.ones(len(design)) if weight is None else np.asarray(weight, dtype=np.float64)
    return _irls(design, np.asarray(y, dtype=np.float64), w, False, 1e-6)


def within(value: ArrayLike, unit: ArrayLike, time: ArrayLike, weight: ArrayLike) -> Floats:
    """`value` with weighted unit and time means taken out (alternating projections, to 1e-10)."""
    v = np.asarray(value, dtype=np.float64).copy()
    w = np.asarray(weight, dtype=np.float64)
    codes = [np.unique(np.asarray(k), return_inverse=True)[1] for k in (unit, time)]
    for _ in range(500):
        before = v.copy()
        for code in codes:
            v -= (np.bincount(code, weights=w * v) / np.bincount(code, weights=w))[code]
        if np.max(np.abs(v - before)) < 1e-10:
            break
    return v


def panel_slope(
    y: ArrayLike, x: ArrayLike, unit: ArrayLike, time: ArrayLike, weight: ArrayLike | None = None
) -> float:
    """Slope of y on x with unit and time effects; NaN where x does not vary within units."""
    w = np.ones(len(np.asarray(y))) if weight is None else np.asarray(weight, dtype=np.float64)
    yy = within(y, unit, time, w)
    xx = within(x, unit, time, w)
    spread = float(np.sum(w * xx * xx))
    return float(np.sum(w * xx * yy) / spread) if spread > 1e-12 else float("nan")
