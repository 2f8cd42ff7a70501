"""What drives an outcome: variance-based (Sobol) and elementary-effect (Morris) indices, by SALib.

Outcomes of a stochastic model vary between seeds as well as between points. Indices are of means
over each point's seeds; `Noise` says how much of the variance of single runs, and of those means, is
run-to-run luck, estimated from the spread within points (one-way, after taking out what a seed adds
to all points alike). With one seed a point that can't be known, and is said.

Sources: Saltelli and co-authors 2010 (estimators), Morris 1991, Campolongo and co-authors 2007 (mu*),
Tarantola and co-authors 2006 (RBD-FAST) and Pianosi & Wagener 2015 (PAWN), for designs made for
neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
RESAMPLES = 500
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Noise:
    """How much of an outcome's variance is luck; NaN where there is one seed a point."""

    seeds: int
    variance: float
    """Of single runs, within points, over seeds."""
    share_of_runs: float
    """Of the variance of single runs."""
    share_of_means: float
    """Of the variance of the means that indices are made of."""

    def line(self) -> str:
        """For people."""
        if self.seeds < 2:
            return ("One seed a point: how much of the variance is run-to-run noise is unknown, and "
                    "it is in every total index.")  # fmt: skip
        return (
            f"Run-to-run noise is {self.share_of_runs:.0%} of the variance of single runs, and "
            f"{self.share_of_means:.0%} of that of means over {self.seeds} seeds, on which the "
            "indices rest."
        )


@dataclass(frozen=True)
class Indices:
    """Indices of one outcome: `table` has one row per factor, the strongest first."""

    method: str
    outcome: str
    table: pd.DataFrame
    noise: Noise
    mean: float
    deviation: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "method": self.method, "outcome": self.outcome, "mean": self.mean,
            "deviation": self.deviation, "noise": vars(self.noise),
            "factors": self.table.reset_index().to_dict("records"),
        }  # fmt: skip


def means_and_noise(values: Floats) -> tuple[Floats, Noise]:
    """Means over seeds of (points, seeds), and how much of them is luck."""
    values = np.asarray(values, dtype=float)
    seeds = values.shape[1]
    means = values.mean(axis=1)
    if seeds < 2 or len(values) < 2:
        return means, Noise(seeds, np.nan, np.nan, np.nan)
    # seeds are common to all points: what one adds everywhere is no noise in differences
    own = values - values.mean(axis=0, keepdims=True)
    within = float(((own - own.mean(axis=1, keepdims=True)) ** 2).sum()
                   / ((len(values) - 1) * (seeds - 1)))  # fmt: skip
    of_means = float(means.var(ddof=1))
    between = max(of_means - within / seeds, 0.0)
    runs = between + within
    return means, Noise(
        seeds, within, within / runs if runs > 0 else 0.0,
        min(within / seeds / of_means, 1.0) if of_means > 0 else 0.0,
    )  # fmt: skip


def sobol(values: Floats, names: Sequence[str], outcome: str = "", seed: int = 1) -> Indices:
    """First and total Sobol indices with 95 % intervals, from a Saltelli design.

    `values`: (points,) or (points, seeds), points in the order of `sampling.saltelli` (SALib's
    without second order). Raises UserError where a value is missing or the number of points can't be.
    """
    matrix = whole(values, outcome)
    d = len(names)
    if len(matrix) % (d + 2):
        raise UserError(
            f"{len(matrix)} points are no Saltelli design of {d} factors (a multiple of {d + 2})"
        )
    means, noise = means_and_noise(matrix)
    _vary(means, outcome)
    analyze = _salib("sobol")
    found = analyze(
        _problem(names), (means - means.mean()) / means.std(), calc_second_order=False,
        num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed,
    )  # fmt: skip
    table = _table(names, {
        "first": found["S1"], "first_low": found["S1"] - found["S1_conf"],
        "first_high": found["S1"] + found["S1_conf"], "total": found["ST"],
        "total_low": found["ST"] - found["ST_conf"], "total_high": found["ST"] + found["ST_conf"],
    }, "total")  # fmt: skip
    return Indices("sobol", outcome, table, noise, float(means.mean()), float(means.std()))


def morris(
    unit_points: Floats, values: Floats, names: Sequence[str], outcome: str = "", seed: int = 1
) -> Indices:
    """Mean absolute elementary effect (mu*, with interval), mean and spread, from trajectories.

    `unit_points`: (points, factors) in 0..1; effects are in the outcome's units per whole range.
    """
    matrix = whole(values, outcome)
    means, noise = means_and_noise(matrix)
    _vary(means, outcome)
    found = _salib("morris")(
        _problem(names), np.asarray(unit_points, dtype=float), means, num_resamples=RESAMPLES,
        conf_level=CONFIDENCE, num_levels=4, seed=seed,
    )  # fmt: skip
    table = _table(names, {
        "mu_star": found["mu_star"], "mu_star_low": found["mu_star"] - found["mu_star_conf"],
        "mu_star_high": found["mu_star"] + found["mu_star_conf"], "mu": found["mu"],
        "sigma": found["sigma"],
    }, "mu_star")  # fmt: skip
    return Indices("morris", outcome, table, noise, float(means.mean()), float(means.std()))


def given_data(
    points: Floats, values: Floats, names: Sequence[str], outcome: str = "", seed: int = 1
) -> Indices:
    """Slopes, first-order indices (RBD-FAST) and PAWN's, from any sample of independent factors.

    `slope` is the standardised coefficient of a linear regression on all factors, with its interval:
    the surest of the three where luck is large and the response roughly straight.
    PAWN's index is the median, over slices of a factor, of how far the outcome's distribution in the
    slice is from that of all points (0 to 1); it sees what first-order indices can't, and of a factor
    that does nothing it is what luck gives to slices of that size, not 0.
    """
    matrix = whole(values, outcome)
    means, noise = means_and_noise(matrix)
    _vary(means, outcome)
    points = np.asarray(points, dtype=float)
    if len(points) < 65:
        raise UserError(f"{len(points)} points: too few for indices (at least 65)")
    problem = _problem(names, points)
    first = _salib("rbd_fast")(
        problem, points, means, num_resamples=RESAMPLES // 5, conf_level=CONFIDENCE, seed=seed
    )
    pawn = _salib("pawn")(problem, points, means, S=10, seed=seed)
    one = np.asarray(first["S1"], dtype=float)
    half = np.asarray(first["S1_conf"], dtype=float)
    slope, error = _slopes(points, means)
    table = _table(names, {
        "slope": slope, "slope_low": slope - 1.96 * error, "slope_high": slope + 1.96 * error,
        "first": one, "first_low": one - half, "first_high": one + half, "pawn": pawn["median"],
    }, "slope")  # fmt: skip
    return Indices("given data", outcome, table, noise, float(means.mean()), float(means.std()))


def whole(values: Floats, outcome: str) -> Floats:
    """(points, seeds), every value there. Raises UserError otherwise."""
    matrix = np.asarray(values, dtype=float)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if missing := int((~np.isfinite(matrix)).sum()):
        raise UserError(
            f"{outcome or 'outcome'}: {missing} of {matrix.size} values are missing or undefined; "
            "indices of the rest would mislead. Complete the sweep with --resume (--retry-failed), "
            "or choose an outcome that every run has"
        )
    return matrix


# --- inside -----------------------------------------------------------------------------------


def _slopes(points: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Standardised regression coefficients and their standard errors; 0 for what doesn't vary."""
    spread = points.std(axis=0)
    x = (points - points.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    y = (means - means.mean()) / means.std()
    inverse = np.linalg.pinv(x.T @ x)
    slope = inverse @ x.T @ y
    free = max(len(y) - x.shape[1] - 1, 1)
    left = float(((y - x @ slope) ** 2).sum()) / free
    return slope, np.sqrt(left * np.diag(inverse))


def _vary(means: Floats, outcome: str) -> None:
    if not means.std() > 0:
        raise UserError(f"{outcome or 'outcome'}: the same at every point; nothing drives it")


def _problem(names: Sequence[str], points: Floats | None = None) -> dict[str, Any]:
    bounds = [[0.0, 1.0]] * len(names)
    if points is not None:
        bounds = [[float(c.min()), float(c.max())] for c in points.T]
    return {"num_vars": len(names), "names": list(names), "bounds": bounds}


def _table(names: Sequence[str], columns: Mapping[str, Any], by: str) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({k: np.asarray(v, dtype=float) for k, v in columns.items()},
                         index=pd.Index(list(names), name="factor"))  # fmt: skip
    return frame.sort_values(by, ascending=False, kind="stable", key=abs)


def _salib(name: str) -> Any:
    import importlib

    try:
        module = importlib.import_module(f"SALib.analyze.{name}")
    except ImportError:
        raise UserError("this needs SALib: install peel-sim[analysis]") from None
    return module.analyze
