"""What each layer of doubt does to a conclusion: luck, parameters, rival theories, all together.

Effects are put on one scale, so that sets with more or less violence can be held together: counts
as a fraction of their own world's baseline, all else in its own unit. Per layer:

- run: the paired difference of the scenarios as given, with its interval over seeds;
- hypotheses: the lowest and highest mean among the named theories;
- parameters, together: over sets, mean +- t sqrt(tau2 + se2). tau2, the variance between sets, is
  the variance of the sets' means less what the luck of their few runs gives (one-way random
  effects, method of moments, as in Searle, Casella & McCulloch 1992, "Variance Components"), so
  the interval is one for the effect under a set like these, not for the mean of sets.

Sets of an ensemble have been held against targets, and sets of the declared ranges were tried first
(`experiments.screening`): all are used. With theories drawn too, or of the whole ranges, a set may
make quite another city: those beyond the screening's cut are set aside, and counted.

A set under which the baseline runs and an arm can't go on says something of that arm: it counts as
one in which the conclusion is turned round.
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
from experiments.outcomes import Outcome
from experiments.plan import AS_GIVEN, World
from experiments.screening import CUT, LEVELS, implausibility

Floats = NDArray[np.float64]
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
        return {k: plain(v) for k, v in flat.items()}


@dataclass(frozen=True)
class Sets:
    """The sets of one layer: how many were tried, and what became of them."""

    layer: str
    planned: int
    """Drawn: of a screened layer all that were tried."""
    kept: tuple[World, ...]
    """The baseline is this city's, and every arm ran to the end with at least one seed."""
    aside: int
    """Whole, but with a baseline that is another city's."""
    broken: int
    """The baseline could not be run to the end."""
    stopped: tuple[tuple[str, int], ...] = ()
    """(arm, sets that make this city but under which that arm could not go on)."""
    far: tuple[World, ...] = ()
    """Those set aside."""

    def stopped_under(self, arm: str) -> int:
        return dict(self.stopped).get(arm, 0)


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
    """What became of a layer's sets ("parameters" or "together")."""
    layers = comparison.plan.layers
    planned = [w for w in comparison.plan.worlds if w.layer == layer]
    whole = comparison.drawn(layer)
    there = [w for w in planned if _ran(comparison, w, comparison.baseline)]
    screened = layer == "parameters" and layers.screened and layers.tried > 0
    far: tuple[World, ...] = ()
    if not layers.ensemble and not screened:
        far = tuple(w for w in there if not implausible_at(comparison, w) <= CUT)
    stopped = {
        arm: sum(w not in far and not _ran(comparison, w, arm) for w in there)
        for arm in comparison.plan.others
    }
    return Sets(
        layer,
        layers.tried if screened else len(planned),
        tuple(w for w in whole if w not in far),
        layers.implausible if screened else len(far),
        (layers.broken if screened else 0) + len(planned) - len(there),
        tuple((arm, n) for arm, n in stopped.items() if n),
        tuple(w for w in far if w in whole),
    )


def implausible_at(comparison: Comparison, world: World) -> float:
    """How far the baseline under a set is from the one as given (see `experiments.screening`)."""
    outcomes = comparison.outcomes_of(comparison.baseline, world.name)
    here = {n: float(np.nanmean([o.get(n, math.nan) for o in outcomes])) for n in LEVELS}
    return implausibility(here, {n: level(comparison, n, AS_GIVEN) for n in LEVELS})


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


# --- inside -----------------------------------------------------------------------------------


def _ran(comparison: Comparison, world: World, arm: str) -> bool:
    """Whether an arm ran to the end under a set, with any seed."""
    return bool(comparison.outcomes_of(arm, world.name))


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
    stopped = those.stopped_under(row.arm)
    against = (against * n + stopped) / (n + stopped)
    if not row.result.clear:
        verdict = "unclear"
    elif against >= 0.5:
        verdict = "flips"
    else:
        verdict = "may flip" if against >= MAY_FLIP else "holds"
    low = max(mean - half, least)
    return Layer(kind, row.arm, row.outcome, mean, low, mean + half, against, verdict, n)


def level(comparison: Comparison, name: str, world: str) -> float:
    values = comparison.values(name, comparison.baseline, world)
    return float(np.nanmean(values)) if np.isfinite(values).any() else math.nan


def plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value
