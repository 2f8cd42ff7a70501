"""What a cautious council would choose: each arm, the baseline included, held against the others.

Across states of the world (drawn sets where there are any, else theories, else seeds): how often
an arm is best, its regret (what it falls short of the state's best arm; Savage 1951), and the share
of states in which it is good enough (satisficing). States count alike: nobody knows their odds.
Effects are on the scale of `experiments.uncertainty`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.comparison import Comparison
from experiments.outcomes import Outcome, describe
from experiments.plan import AS_GIVEN, World
from experiments.uncertainty import FEWEST, Floats, level, plain, scaled, sets, unit


@dataclass(frozen=True)
class Choice:
    """How one arm, the baseline included, fares as a choice in one outcome."""

    arm: str
    outcome: Outcome
    best_by_luck: float
    """Probability that its mean is the best of all arms as given, by the luck of the seeds (t)."""
    best_in: float
    """Share of the states in which it is best (ties shared)."""
    regret: float
    """Mean over states of what it falls short of the state's best arm, on the common scale."""
    worst_regret: float

    def as_dict(self) -> dict[str, Any]:
        flat = {**asdict(self), "outcome": self.outcome.name, "unit": unit(self.outcome)}
        return {k: plain(v) for k, v in flat.items()}


@dataclass(frozen=True)
class Decisions:
    """Views across states of the world: sets where they were drawn, else theories, else seeds."""

    states: str
    count: int
    choices: tuple[Choice, ...]
    satisficing: tuple[tuple[str, float], ...]
    """(arm, share of states in which it meets every target)."""
    targets: tuple[str, ...]
    """In words."""


def decisions(comparison: Comparison, tolerance: float = 0.05) -> Decisions | None:
    """Probability best, regret and satisficing; None where no headline has a better side.

    Satisficing: better than the baseline in the first headline that has a better side, and in no
    other of them worse by more than `tolerance` (a fraction of the baseline).
    """
    heads = [describe(n) for n in comparison.plan.headlines if n in comparison.names()]
    heads = [o for o in heads if o.better and _finite(comparison, o)]
    if not heads:
        return None
    kind, states = _states(comparison)
    arms = comparison.arms
    goodness = {o.name: _goodness(comparison, o, arms, states) for o in heads}
    choices = []
    for o in heads:
        g = goodness[o.name]
        luck = _best(_likely_means(comparison, o, arms))
        best = _best(g)
        regret = np.nanmax(g, axis=1, keepdims=True) - g
        for k, arm in enumerate(arms):
            choices.append(
                Choice(
                    arm,
                    o,
                    float(luck[:, k].mean()),
                    float(best[:, k].mean()),
                    float(np.nanmean(regret[:, k])),
                    float(np.nanmax(regret[:, k])),
                )
            )
    base = arms.index(comparison.baseline)
    met = []
    for k, arm in enumerate(arms):
        gains = [goodness[o.name][:, k] - goodness[o.name][:, base] for o in heads]
        limits = [tolerance if scaled(o) else tolerance * _usual(comparison, o) for o in heads]
        fine = gains[0] > 0.0
        for gain, limit in zip(gains[1:], limits[1:], strict=True):
            fine &= ~(gain < -limit)
        if arm != comparison.baseline:
            met.append((arm, float(fine.mean())))
    targets = [f"{heads[0].title} better than in {comparison.baseline}"]
    if len(heads) > 1:
        targets.append(f"none of the other {len(heads) - 1} worse by more than {tolerance:.0%}")
    return Decisions(kind, len(next(iter(goodness.values()))), tuple(choices), tuple(met),
                     tuple(targets))  # fmt: skip


# --- inside -----------------------------------------------------------------------------------


def _usual(comparison: Comparison, outcome: Outcome) -> float:
    return abs(level(comparison, outcome.name, AS_GIVEN))


def _finite(comparison: Comparison, outcome: Outcome) -> bool:
    return all(np.isfinite(comparison.values(outcome.name, arm)).all() for arm in comparison.arms)


def _states(comparison: Comparison) -> tuple[str, list[World]]:
    for layer in ("together", "parameters"):
        found = sets(comparison, layer)
        if len(found.kept) >= FEWEST:
            words = "parameter sets and theories" if layer == "together" else "parameter sets"
            return words, list(found.kept)
    named = [w for w in comparison.plan.worlds if not w.drawn and comparison.seeds(w.name)]
    return ("theories", named) if len(named) > 1 else ("seeds", [])


def _goodness(
    comparison: Comparison, outcome: Outcome, arms: Sequence[str], states: Sequence[World]
) -> Floats:
    """Higher is better: (states, arms), relative to the state's baseline where scaled."""
    sign = -1.0 if outcome.better == "lower" else 1.0
    if not states:
        table = np.array([comparison.values(outcome.name, arm) for arm in arms]).T
    else:
        table = np.array(
            [
                [float(np.nanmean(comparison.values(outcome.name, arm, w.name))) for arm in arms]
                for w in states
            ]
        )
    if scaled(outcome):
        base = table[:, [list(arms).index(comparison.baseline)]]
        usual = _usual(comparison, outcome)
        by = np.where(base > 0.0, base, usual) if states else usual
        table = table / by if usual > 0.0 else table
    return sign * table


def _likely_means(comparison: Comparison, outcome: Outcome, arms: Sequence[str]) -> Floats:
    """Means that the seeds leave likely, by the same draws for all arms: (draws, arms), higher is
    better.

    Joint draws of Student's t about the arms' means, so that of two arms the one is better with the
    probability that the paired t interval implies. Resampling a handful of seeds would be surer than
    that interval: four that agree in sign always agree.
    """
    g = _goodness(comparison, outcome, arms, [])
    n = g.shape[0]
    if n < 2:
        return g
    rng = np.random.Generator(np.random.Philox(key=n))
    spread = rng.standard_normal((4000, n)) / np.sqrt(rng.chisquare(n - 1, (4000, 1)) * n)
    middle = g.mean(axis=0)
    return np.asarray(middle + spread @ (g - middle))


def _best(g: Floats) -> Floats:
    """Which arm is best in each row; ties share the one."""
    top = g >= np.nanmax(g, axis=1, keepdims=True) - 1e-12
    return np.asarray(top / top.sum(axis=1, keepdims=True), dtype=np.float64)
