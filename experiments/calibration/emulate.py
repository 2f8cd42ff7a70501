"""Emulators of the facts, and what they rule out (history matching; Vernon and co-authors 2010,
"Galaxy formation: a Bayesian uncertainty analysis", Bayesian Analysis 5(4):619-669).

A Gaussian process (scikit-learn) per part of a fact: linear trend, one Matern term, and noise
whose size it learns, which is the spread between seeds. How far a set is from an accepted range,
in standard deviations of what is not known about it (the emulator's and the seeds'), is its
implausibility: 0 inside. Figures that are positive and range over more than a factor of ten
(levels, above all) are emulated as logs. Emulators are over-confident far from points; whatever they propose is
run, and only what was run can enter an ensemble.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FEWEST = 12
"""Points below which a part isn't emulated."""


@dataclass(frozen=True)
class Aim:
    """The accepted range of one part of a fact; None leaves a side open."""

    fact: str
    part: str
    low: float | None
    high: float | None

    def outside(self, value: Floats) -> Floats:
        """How far values lie outside, in the figure's own unit."""
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return np.maximum(0.0, np.maximum(low - value, value - high))

    def logs(self) -> Aim:
        """The same of the figure's log; its ends must be positive."""
        ends = [None if end is None else math.log(end) for end in (self.low, self.high)]
        return Aim(self.fact, self.part, *ends)


@dataclass
class Emulator:
    """One part's Gaussian process; `predict` gives mean and variance without the seeds' noise."""

    aim: Aim
    process: Any
    centre: float
    scale: float
    noise: float
    """Variance between seeds, in the part's unit squared."""
    skill: float
    """Share of variance explained, left-one-out on the points (below 0: none)."""
    logged: bool = False
    """`predict` is of the figure's log, and so is the aim."""

    def predict(self, unit: Floats) -> tuple[Floats, Floats]:
        mean, deviation = self.process.predict(unit, return_std=True)
        variance = np.maximum((deviation * self.scale) ** 2 - self.noise, 0.0)
        return mean * self.scale + self.centre, variance

    def implausibility(self, unit: Floats) -> Floats:
        mean, variance = self.predict(unit)
        spread = np.sqrt(variance + self.noise + 1e-12 * self.scale**2)
        return np.asarray(self.aim.outside(mean) / spread)


def fit(aim: Aim, unit: Floats, values: Floats, seed: int = 1) -> Emulator | None:
    """An emulator from points (n, d) and their values; None with too few finite values, or none
    that differ."""
    known = np.isfinite(values)
    if known.sum() < FEWEST or float(np.std(values[known])) < 1e-12:
        return None
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel

    x, y = unit[known], values[known]
    logged = wide(aim, y)
    if logged:
        aim, y = aim.logs(), np.log(y)
    centre, scale = float(y.mean()), float(y.std())
    kernel = (
        DotProduct(1.0, (1e-2, 1e2))
        + ConstantKernel(0.5, (1e-3, 1e2)) * Matern(1.0, (0.1, 20.0), nu=2.5)
        + WhiteKernel(0.2, (1e-4, 2.0))
    )
    process = GaussianProcessRegressor(kernel, random_state=seed, n_restarts_optimizer=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(x, (y - centre) / scale)
    noise = float(process.kernel_.k2.noise_level) * scale**2
    skill = _skill(process, x, (y - centre) / scale)
    return Emulator(aim, process, centre, scale, noise, skill, logged)


def wide(aim: Aim, values: Floats) -> bool:
    """Whether a figure is better told as a log: positive, as its aim is, and over tenfold apart."""
    ends = [end for end in (aim.low, aim.high) if end is not None]
    positive = float(values.min()) > 0 and all(end > 0 for end in ends)
    return positive and float(values.max()) > 10.0 * float(values.min())


def _skill(process: Any, x: Floats, y: Floats) -> float:
    """1 - mean squared left-one-out error over the variance, from the kernel in closed form."""
    inverse = np.linalg.inv(process.kernel_(x) + process.alpha * np.eye(len(x)))
    missed = (inverse @ y) / np.diag(inverse)
    return float(1.0 - np.mean(missed**2) / np.var(y))


def worst(emulators: Sequence[Emulator], unit: Floats, allowed: int) -> Floats:
    """(n,) implausibility of the worst fact, the `allowed` worst left out; 0 without emulators.

    A fact is as implausible as its worst part. Leaving some out keeps one wrong process from ruling
    out everything.
    """
    by_fact: dict[str, Floats] = {}
    for one in emulators:
        value = one.implausibility(unit)
        before = by_fact.get(one.aim.fact)
        by_fact[one.aim.fact] = value if before is None else np.maximum(before, value)
    if len(by_fact) <= allowed:
        return np.zeros(len(unit))
    ranked = np.sort(np.column_stack(list(by_fact.values())), axis=1)
    return np.asarray(ranked[:, -1 - allowed])


def chance(
    emulators: Sequence[Emulator], unit: Floats, rates: Mapping[str, float], need: int
) -> Floats:
    """(n,) chance that at least `need` facts pass at each point, the seeds' luck included.

    A fact passes when each of its parts lies in its range; parts and facts are taken as independent.
    `rates`: share of the points so far in which each fact passed, for facts without an emulator.
    """
    from scipy.special import ndtr

    by_fact: dict[str, Floats] = {}
    for one in emulators:
        mean, variance = one.predict(unit)
        spread = np.sqrt(variance + one.noise + 1e-12 * one.scale**2)
        low = -math.inf if one.aim.low is None else one.aim.low
        high = math.inf if one.aim.high is None else one.aim.high
        inside = ndtr((high - mean) / spread) - ndtr((low - mean) / spread)
        by_fact[one.aim.fact] = by_fact.get(one.aim.fact, np.ones(len(unit))) * inside
    for fact, rate in rates.items():
        by_fact.setdefault(fact, np.full(len(unit), rate))
    counts = np.zeros((len(unit), len(by_fact) + 1))  # chance of each number of passes
    counts[:, 0] = 1.0
    for p in by_fact.values():
        counts[:, 1:] = counts[:, 1:] * (1.0 - p[:, None]) + counts[:, :-1] * p[:, None]
        counts[:, 0] *= 1.0 - p
    return np.asarray(counts[:, need:].sum(axis=1))
