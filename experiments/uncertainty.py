"""What each layer of doubt does to a conclusion, and what a cautious council would choose.

Effects are put on one scale, so that sets with more or less violence can be held together: counts
as a fraction of their own world's baseline, all else in its own unit. Per layer:

- run: the paired difference of the scenarios as given, with its interval over seeds;
- hypotheses: the lowest and highest mean among the named theories;
- parameters, together: over sets, mean +- t sqrt(tau2 + se2). tau2, the variance between sets, is
  the variance of the sets' means less what the luck of their few runs gives (one-way random
  effects, method of moments, as in Searle, Casella & McCulloch 1992, "Variance Components"), so
  the interval is one for the effect under a set like these, not for the mean of sets.

Sets drawn from the declared ranges may make quite another city than the one compared. Those whose
baseline has under 1/`FACTOR` or over `FACTOR` times the as-given `LEVELS` are set aside, and
counted; sets of an ensemble have been held against targets already and are all kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.comparison import Comparison, Row, flips
from experiments.outcomes import Outcome, describe
from experiments.plan import AS_GIVEN, World

Floats = NDArray[np.float64]
FACTOR = 2.5
LEVELS = ("persons_shot", "arrests", "calls")
FEWEST = 6
"""Kept sets below which nothing is said of a layer."""
MAY_FLIP = 0.05
"""Chance of the other sign from which a conclusion is shown as one that may flip."""


@dataclass(frozen=True)
class Layer:
    """One headline of one arm under one kind of doubt; `mean`, `low`, `high` as said above."""

    kind: str
    """run, parameters, hypotheses or together."""
    arm: str
    outcome: Outcome
    mean: float
    low: float
    high: float
    against: float
    """Chance (sets) or share (theories) of the sign opposite to the one as given; run: of luck."""
    verdict: str
    """holds, may flip, flips or unclear (not clear as given)."""
    worlds: int
    """Seeds, theories or sets behind it."""

    def as_dict(self) -> dict[str, Any]:
        flat = {**asdict(self), "outcome": self.outcome.name, "unit": unit(self.outcome)}
        return {k: _plain(v) for k, v in flat.items()}


@dataclass(frozen=True)
class Sets:
    """The sets of one layer: those run, and those kept."""

    layer: str
    planned: int
    kept: tuple[World, ...]
    aside: int
    """Whole, but with a baseline that is not this city's."""

    @property
    def broken(self) -> int:
        """Not finished: the model could not go on under them."""
        return self.planned - len(self.kept) - self.aside


def unit(outcome: Outcome) -> str:
    """Of an effect on the common scale."""
    return "fraction of the baseline" if scaled(outcome) else outcome.unit


def scaled(outcome: Outcome) -> bool:
    """Whether effects on it are fractions of the baseline."""
    return outcome.kind in ("count", "time") or outcome.unit not in ("0 to 1", "share")


def layers(comparison: Comparison) -> list[Layer]:
    """Every layer that was run, for every arm and headline."""
    names = [n for n in comparison.plan.headlines if n in comparison.names()]
    found = {layer: sets(comparison, layer) for layer in ("parameters", "together")}
    rows = {w: comparison.differences(w, names) for w in comparison.worlds()}
    out = []
    for row in rows.get(AS_GIVEN, []):
        out.append(_run(row))
        same = [r for w in rows for r in rows[w] if _key(r) == _key(row)]
        if len(same) > 1:
            out.append(_theories(row, same))
        for kind, those in found.items():
            if len(those.kept) >= FEWEST:
                layer = _over_sets(comparison, row, kind, those)
                out += [layer] if layer else []
    return out


def sets(comparison: Comparison, layer: str) -> Sets:
    """Those planned, kept, and set aside as another city."""
    planned = [w for w in comparison.plan.worlds if w.layer == layer]
    whole = comparison.drawn(layer)
    if comparison.plan.layers.ensemble:
        return Sets(layer, len(planned), tuple(whole), 0)
    usual = {name: _level(comparison, name, AS_GIVEN) for name in LEVELS}
    kept = tuple(
        world
        for world in whole
        if all(
            not level > 0.0
            or 1.0 / FACTOR <= _level(comparison, name, world.name) / level <= FACTOR
            for name, level in usual.items()
        )
    )
    return Sets(layer, len(planned), kept, len(whole) - len(kept))


def effects(
    comparison: Comparison, outcome: Outcome, arm: str, worlds: Sequence[World]
) -> tuple[Floats, Floats]:
    """Each world's mean effect on the common scale, and the variance of that mean; (worlds,) each.

    NaN where a world lacks the outcome; variances are NaN where a world has one seed.
    """
    means, errors = [], []
    for world in worlds:
        a = comparison.values(outcome.name, comparison.baseline, world.name)
        d = comparison.values(outcome.name, arm, world.name) - a
        by = float(a.mean()) if scaled(outcome) else 1.0
        d = d / by if by > 0.0 else np.full_like(d, math.nan)
        means.append(float(d.mean()))
        errors.append(float(d.var(ddof=1) / d.size) if d.size > 1 else math.nan)
    return np.asarray(means), np.asarray(errors)


def between(means: Floats, errors: Floats) -> tuple[float, float, float]:
    """Mean over sets, variance between sets without the luck of runs (tau2), and its own error.

    Where no set has two seeds, tau2 holds the luck too: too wide rather than too narrow.
    """
    n = means.size
    total = float(means.var(ddof=1)) if n > 1 else math.nan
    luck = float(np.nanmean(errors)) if np.isfinite(errors).any() else 0.0
    return float(means.mean()), max(0.0, total - luck), total / n


# --- decisions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """How one arm, the baseline included, fares as a choice in one outcome."""

    arm: str
    outcome: Outcome
    best_by_luck: float
    """Probability that its mean is the best of all arms as given (resampled seeds)."""
    best_in: float
    """Share of the states in which it is best (ties shared)."""
    regret: float
    """Mean over states of what it falls short of the state's best arm, on the common scale."""
    worst_regret: float

    def as_dict(self) -> dict[str, Any]:
        flat = {**asdict(self), "outcome": self.outcome.name, "unit": unit(self.outcome)}
        return {k: _plain(v) for k, v in flat.items()}


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
        luck = _best(_resampled_means(comparison, o, arms))
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


# --- what drives a conclusion -----------------------------------------------------------------


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


def _key(row: Row) -> tuple[str, str]:
    return row.arm, row.outcome.name


def _on_scale(row: Row, x: float) -> float:
    if not scaled(row.outcome):
        return x
    base = row.result.baseline_mean
    return x / base if base > 0.0 else math.nan


def _run(row: Row) -> Layer:
    r = row.result
    low, mean, high = (_on_scale(row, x) for x in (r.low, r.difference, r.high))
    chance = 1.0 - r.chance_lower if r.difference < 0 else r.chance_lower
    verdict = "holds" if r.clear else "unclear"
    return Layer("run", row.arm, row.outcome, mean, low, high, chance, verdict, r.n)


def _theories(row: Row, same: Sequence[Row]) -> Layer:
    means = np.array([_on_scale(r, r.result.difference) for r in same])
    sign = np.sign(row.result.difference)
    against = float(np.mean(np.sign(means[1:]) == -sign))
    if flips(same):
        verdict = "flips"
    elif not row.result.clear:
        verdict = "unclear"
    else:
        side = all(r.result.clear and np.sign(r.result.difference) == sign for r in same)
        verdict = "holds" if side else "may flip"
    return Layer("hypotheses", row.arm, row.outcome, float(means.mean()), float(np.min(means)),
                 float(np.max(means)), against, verdict, len(same))  # fmt: skip


def _over_sets(comparison: Comparison, row: Row, kind: str, those: Sets) -> Layer | None:
    means, errors = effects(comparison, row.outcome, row.arm, those.kept)
    here = np.isfinite(means)
    if here.sum() < FEWEST:
        return None
    mean, tau2, error2 = between(means[here], errors[here])
    n = int(here.sum())
    scale = math.sqrt(tau2 + error2)
    half = float(stats.t.ppf(0.975, n - 1)) * scale
    least = (
        -1.0 if scaled(row.outcome) else -math.inf
    )  # what can't be negative falls by all at most
    sign = np.sign(row.result.difference)
    if scale > 0.0:
        against = float(stats.t.cdf(-sign * mean / scale, n - 1)) if sign else math.nan
    else:
        against = float(np.sign(mean) == -sign)
    if not row.result.clear:
        verdict = "unclear"
    elif against >= 0.5:
        verdict = "flips"
    else:
        verdict = "may flip" if against >= MAY_FLIP else "holds"
    low = max(mean - half, least)
    return Layer(kind, row.arm, row.outcome, mean, low, mean + half, against, verdict, n)


def _level(comparison: Comparison, name: str, world: str) -> float:
    values = comparison.values(name, comparison.baseline, world)
    return float(np.nanmean(values)) if np.isfinite(values).any() else math.nan


def _usual(comparison: Comparison, outcome: Outcome) -> float:
    return abs(_level(comparison, outcome.name, AS_GIVEN))


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


def _resampled_means(comparison: Comparison, outcome: Outcome, arms: Sequence[str]) -> Floats:
    """Means over the same bootstrap samples of seeds: (samples, arms), higher is better."""
    g = _goodness(comparison, outcome, arms, [])
    n = g.shape[0]
    if n < 2:
        return g
    rng = np.random.Generator(np.random.Philox(key=n))
    weights = rng.multinomial(n, np.full(n, 1.0 / n), size=2000) / n
    return np.asarray(weights @ g)


def _best(g: Floats) -> Floats:
    """Which arm is best in each row; ties share the one."""
    top = g >= np.nanmax(g, axis=1, keepdims=True) - 1e-12
    return np.asarray(top / top.sum(axis=1, keepdims=True), dtype=np.float64)


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


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value
