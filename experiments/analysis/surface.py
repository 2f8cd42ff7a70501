"""An emulator of the model: an outcome as a smooth function of the factors, with its own error.

A Gaussian process (scikit-learn; Matern kernel with a length per factor, and a white part for luck)
is fitted to means over seeds. What it is worth is measured, not assumed: each point is predicted from
the others in `FOLDS` folds, and the figures say the root mean squared error, the share of variance
explained (R2, which may be below 0) and how often the stated 95 % interval held the truth. Where that
share is far from 95 % the emulator is over- or under-confident, and says so. Never trust an optimum
of it without running the model there.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
FOLDS = 5
MOST_POINTS = 2000
"""Beyond this a Gaussian process takes too long; a sample of the points is used, and said."""


@dataclass(frozen=True)
class Error:
    """How well points that had no part in fitting were predicted."""

    rmse: float
    deviation: float
    """Of the outcome itself over the points: what always predicting the mean would miss by."""
    r2: float
    held: float
    """Share of points inside their 95 % interval."""
    points: int

    @property
    def confident(self) -> str:
        """ "over-confident", "under-confident" or "" (within luck of 95 %)."""
        slack = 2.5 * np.sqrt(0.95 * 0.05 / self.points)
        if self.held < 0.95 - slack:
            return "over-confident"
        return "under-confident" if self.held > 0.95 + slack and self.held > 0.985 else ""

    def line(self) -> str:
        """For people."""
        told = (
            f"Predicting points it had not seen ({self.points}, {FOLDS} folds): error "
            f"{self.rmse:.3g} (the outcome's own spread: {self.deviation:.3g}), R2 {self.r2:.2f}, "
            f"95 % intervals held {self.held:.0%}."
        )
        return told + (f" It is {self.confident}." if self.confident else "")


class Surface:
    """A fitted emulator; call it with a DataFrame of factors.

    `lengths`: how far one must go along a factor, in shares of its range, for the outcome to change
    much; `error`: what it is worth.
    """

    def __init__(
        self, names: list[str], low: Floats, high: Floats, model: Any, error: Error
    ) -> None:
        self.names, self.low, self.high = names, low, high
        self._model, self.error = model, error

    @property
    def lengths(self) -> dict[str, float]:
        kernel = self._model.kernel_.k1.k2
        return dict(zip(self.names, np.atleast_1d(kernel.length_scale).tolist(), strict=True))

    def __call__(self, x: pd.DataFrame) -> tuple[Floats, Floats]:
        """Mean and standard deviation at each row. Raises UserError outside the fitted ranges."""
        unit = (x[self.names].to_numpy(dtype=float) - self.low) / (self.high - self.low)
        if (unit < -1e-9).any() or (unit > 1 + 1e-9).any():
            raise UserError("the emulator knows nothing outside the ranges that were run")
        mean, deviation = self._model.predict(unit, return_std=True)
        return np.asarray(mean), np.asarray(deviation)


def surface(
    x: pd.DataFrame, y: Sequence[float] | Floats, *, seed: int = 1, luck: float | None = None
) -> Surface:
    """Fit an emulator to points `x` (numbers only) and their means `y`.

    `luck`: variance of those means from run-to-run noise, where known (see `sensitivity.Noise`);
    it bounds the white part from below. Raises UserError for missing values, factors that are not
    numbers or don't vary, fewer than 20 points, and where scikit-learn is missing.
    """
    values = _checked(x, y)
    names = list(x.columns)
    points = x.to_numpy(dtype=float)
    if len(points) > MOST_POINTS:
        chosen = np.random.default_rng(seed).permutation(len(points))[:MOST_POINTS]
        points, values = points[chosen], values[chosen]
    low, high = points.min(axis=0), points.max(axis=0)
    unit = (points - low) / (high - low)
    fitted = _fit(unit, values, seed, luck)
    return Surface(names, low, high, fitted, _error(unit, values, fitted, seed))


def grid(
    of: Surface, first: str, second: str, at: dict[str, float] | None = None, steps: int = 25
) -> pd.DataFrame:
    """The emulator over two factors, the others at `at` (else at the middle of their range)."""
    import pandas as pd

    middle = dict(zip(of.names, ((of.low + of.high) / 2).tolist(), strict=True))
    middle.update(at or {})
    ends = {n: (a, b) for n, a, b in zip(of.names, of.low, of.high, strict=True)}
    a, b = np.meshgrid(np.linspace(*ends[first], steps), np.linspace(*ends[second], steps))
    frame = pd.DataFrame({n: np.full(a.size, v) for n, v in middle.items()})
    frame[first], frame[second] = a.ravel(), b.ravel()
    frame["mean"], frame["deviation"] = of(frame)
    return frame


# --- inside -----------------------------------------------------------------------------------


def _checked(x: pd.DataFrame, y: Any) -> Floats:
    values = np.asarray(y, dtype=float)
    if len(values) != len(x):
        raise UserError(f"{len(x)} points and {len(values)} values: expected one each")
    odd = [str(c) for c in x.columns if x[c].dtype.kind not in "iuf"]
    if odd:
        raise UserError(f"an emulator takes numbers; {', '.join(odd)}: fit one for each value")
    still = [str(c) for c in x.columns if x[c].nunique() < 2]
    if still:
        raise UserError(f"{', '.join(still)}: the same at every point")
    if not np.isfinite(values).all() or x.isna().to_numpy().any():
        raise UserError(f"{int((~np.isfinite(values)).sum())} values are missing or undefined")
    if len(values) < 20:
        raise UserError(f"{len(values)} points: too few for an emulator (at least 20)")
    return values


def _fit(unit: Floats, values: Floats, seed: int, luck: float | None, start: Any = None) -> Any:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    except ImportError:
        raise UserError("this needs scikit-learn: install peel-sim[analysis]") from None
    spread = float(values.var()) or 1.0
    floor = min(max((luck or 0.0) / spread, 1e-6), 1.0)
    d = unit.shape[1]
    kernel = start if start is not None else (
        ConstantKernel(1.0, (1e-2, 1e2)) * Matern([0.7] * d, [(0.05, 50.0)] * d, nu=2.5)
        + WhiteKernel(max(0.1, floor), (floor, 2.0))
    )  # fmt: skip
    model = GaussianProcessRegressor(
        kernel, normalize_y=True, random_state=seed,
        optimizer="fmin_l_bfgs_b" if start is None else None,
        n_restarts_optimizer=1 if start is None and len(values) <= 600 else 0,
    )  # fmt: skip
    with warnings.catch_warnings():
        # a length at its bound only says that a factor does nothing
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(unit, values)


def _error(unit: Floats, values: Floats, fitted: Any, seed: int) -> Error:
    """Predict each fold from the others, with the lengths of the whole fit."""
    order = np.random.default_rng(seed).permutation(len(values))
    mean, deviation = np.empty(len(values)), np.empty(len(values))
    for fold in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, fold)
        model = _fit(unit[rest], values[rest], seed, None, start=fitted.kernel_)
        mean[fold], deviation[fold] = model.predict(unit[fold], return_std=True)
    # predictions of the mean surface; what is observed has luck on top, as the white part says
    missed = values - mean
    total = float(((values - values.mean()) ** 2).sum())
    held = float((np.abs(missed) <= 1.959964 * np.maximum(deviation, 1e-300)).mean())
    return Error(
        float(np.sqrt((missed**2).mean())), float(values.std()),
        1.0 - float((missed**2).sum()) / total if total > 0 else 0.0, held, len(values),
    )  # fmt: skip
