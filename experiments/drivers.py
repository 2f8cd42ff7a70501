"""Which assumptions a conclusion leans on: how the effect moves with each over the drawn sets.

Rank correlations (Spearman) of the effect with each assumption, all others varying too. Among so
many assumptions the strongest looks strong by luck, so an assumption "stands out" only beyond what
the largest of as many shuffled columns reaches one time in twenty (a permutation test of the
maximum, Westfall & Young 1993). Levers of the arm's own policies are named in advance and judged by
themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.comparison import Comparison
from experiments.outcomes import Outcome, describe
from experiments.uncertainty import FEWEST, Floats, effects, sets


@dataclass(frozen=True)
class Driver:
    """One assumption: how the effect on an outcome moves with it over the sets that were drawn."""

    name: str
    arm: str
    outcome: Outcome
    low_value: float
    high_value: float
    """The assumption's 10th and 90th percentile among the sets."""
    at_low: float
    at_high: float
    """The effect there, by a straight line through the ranks."""
    correlation: float
    """Spearman's, over sets."""
    stands_out: bool
    """Beyond the largest that luck gives among so many assumptions (95 % of permutations)."""
    lever: bool
    """A lever of a policy, judged among the levers alone."""

    @property
    def swing(self) -> float:
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Drivers:
    """The assumptions with the largest correlations, strongest first."""

    arm: str
    outcome: Outcome
    sets: int
    mean: float
    rows: tuple[Driver, ...]
    threshold: float
    """Correlation that a parameter must exceed to stand out among the parameters."""
    tested: int


PERMUTATIONS = 400


def drivers(comparison: Comparison, arm: str, name: str, most: int = 12) -> Drivers | None:
    """Which assumptions the effect of `arm` on outcome `name` moves with; None with too few sets.

    Rank correlations over the kept sets of the parameter layer. Levers of the arm's own policies
    are named in advance and judged among themselves; all others against each other.
    """
    kept = sets(comparison, "parameters").kept
    outcome = describe(name)
    y, _ = effects(comparison, outcome, arm, kept)
    here = np.isfinite(y)
    kept, y = tuple(w for w, ok in zip(kept, here, strict=True) if ok), y[here]
    if y.size < FEWEST or float(y.std()) == 0.0:
        return None
    mine = {
        e.name for a in comparison.plan.arms if a.name in (arm, comparison.baseline)
        for e in a.scenario.policies
    }  # fmt: skip
    names = [
        n
        for n in (*kept[0].settings, *kept[0].parameters)
        if "." not in n or n.partition(".")[0] in mine
    ]
    x = np.array([[{**w.parameters, **w.settings}[n] for n in names] for w in kept])
    rho = _rank_correlations(x, y)
    levers = np.array(["." in n for n in names])
    limit = {flag: _limit(x[:, levers == flag], y) for flag in (True, False)}
    order = np.argsort(-np.abs(rho))
    chosen = [i for i in order if levers[i]] + [i for i in order if not levers[i]]
    # every lever is shown, and the strongest of the rest
    chosen = chosen[: max(most, int(levers.sum()) + 4)]
    rows = [
        _driver(
            names[i], arm, outcome, x[:, i], y, float(rho[i]), limit[bool(levers[i])],
            bool(levers[i]),
        )
        for i in chosen
    ]  # fmt: skip
    rows.sort(key=lambda d: -abs(d.correlation))
    return Drivers(arm, outcome, int(y.size), float(y.mean()), tuple(rows), limit[False],
                   int((~levers).sum()))  # fmt: skip


# --- inside -----------------------------------------------------------------------------------


def _ranks(x: Floats) -> Floats:
    """Ranks along axis 0, centred and of length 1; columns that don't vary are 0."""
    r = stats.rankdata(x, axis=0)
    r = r - r.mean(axis=0)
    size = np.sqrt((r**2).sum(axis=0))
    return np.asarray(r / np.where(size > 0.0, size, 1.0), dtype=np.float64)


def _rank_correlations(x: Floats, y: Floats) -> Floats:
    return np.asarray(_ranks(x).T @ _ranks(y[:, None])[:, 0], dtype=np.float64)


def _limit(x: Floats, y: Floats) -> float:
    """The correlation that the strongest of these columns exceeds by luck one time in twenty."""
    if x.shape[1] == 0:
        return math.inf
    rng = np.random.Generator(np.random.Philox(key=y.size))
    ranks, base = _ranks(x), _ranks(y[:, None])[:, 0]
    mixed = np.array([rng.permutation(base) for _ in range(PERMUTATIONS)])
    return float(np.quantile(np.abs(mixed @ ranks).max(axis=1), 0.95))


def _driver(
    name: str, arm: str, outcome: Outcome, x: Floats, y: Floats, rho: float, limit: float,
    lever: bool,
) -> Driver:  # fmt: skip
    ranks = (stats.rankdata(x) - 0.5) / x.size
    slope = float(np.cov(ranks, y)[0, 1] / max(float(np.var(ranks, ddof=1)), 1e-12))
    low, high = np.quantile(x, [0.1, 0.9])
    at_low, at_high = (float(y.mean()) + slope * (p - 0.5) for p in (0.1, 0.9))
    return Driver(name, arm, outcome, float(low), float(high), at_low, at_high, rho,
                  abs(rho) > limit, lever)  # fmt: skip
