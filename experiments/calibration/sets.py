"""The ensemble: sets of parameters that were run and fit; and how left-out facts fare with them.

A set fits when at least so many facts pass by the scoreboard's own rule. Counting treats alike a set
that narrowly misses a fact on a few seeds and one that is nowhere near it, so sets also have weights:
exp(-m / 2T), where m sums the squared distances outside the accepted ranges, in standard errors of
the estimates and capped (`waves.missed`). T is the least, from 1, at which at least half as many
equally weighted sets would be worth as much (Kish 1965, *Survey Sampling*): a soft threshold, as in
approximate Bayesian computation, no sharper than so few sets bear. A fifth of the facts is
left out in turn: sets are chosen by the others, and the left-out facts' pass rate among them is
held against their rate over the whole prior, which tells whether fitting some facts helps with
others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.calibration.kept import Point
from experiments.calibration.points import Reading
from experiments.calibration.waves import Search, missed
from experiments.facts.score import verdict

FOLDS = 5
EFFECTIVE = 0.5
"""Sets of equal weight that an ensemble is worth at least, as a share of its own."""


@dataclass(frozen=True)
class Fold:
    """Facts left out, how many sets the others choose, and the left-out facts' pass rates."""

    left_out: tuple[str, ...]
    chosen: int
    rate: float
    """Among the chosen sets, over the facts that both tell."""
    prior: float
    """Among points drawn over the prior: the first wave, of the search that this began from if any."""
    unheld: tuple[str, ...] = ()
    """Facts left out that those points do not tell."""


@dataclass
class Ensemble:
    """The sets that fit, best first, and what is known of the choice."""

    points: list[Point]
    at_least: int
    passes: dict[int, int]
    """Index in `points` -> facts that pass."""
    folds: list[Fold]
    share: dict[str, float]
    """Fact -> share of the sets in which it passes."""
    missed: list[float] = field(default_factory=list)
    """By set: how far it misses, see `waves.missed`."""
    weights: list[float] = field(default_factory=list)
    """By set, one on average."""
    temper: float = 1.0
    """T of the weights."""


def judged(facts: Sequence[Reading], aims: Mapping[tuple[str, str], Any]) -> dict[str, bool | None]:
    """Fact -> passes (all parts), fails (one does), or None (a part has no data, none fails)."""
    out: dict[str, bool | None] = {}
    for row in facts:
        aim = aims.get((row.fact, row.part))
        if aim is None:
            continue
        got = verdict(row.value, row.low, row.high, (aim.low, aim.high))
        before = out.get(row.fact, True)
        if before is False or got is False:
            out[row.fact] = False
        else:
            out[row.fact] = None if before is None or got is None else True
    return out


def choose(search: Search, at_least: int) -> Ensemble:
    """The points with at least `at_least` facts that pass, and the folds."""
    aims = {(a.fact, a.part): a for a in search.settings.aims}
    verdicts = [judged(p.facts, aims) for p in search.points]
    counts = [sum(v is True for v in one.values()) for one in verdicts]
    misses = [missed(p.facts, search.settings.aims) for p in search.points]
    order = sorted(range(len(counts)), key=lambda i: (-counts[i], misses[i], i))
    chosen = [i for i in order if counts[i] >= at_least]
    facts = list(dict.fromkeys(a.fact for a in search.settings.aims))
    share = {
        fact: sum(verdicts[i].get(fact) is True for i in chosen) / max(len(chosen), 1)
        for fact in facts
    }
    folds = [_fold(search, verdicts, facts, k, at_least) for k in range(min(FOLDS, len(facts)))]
    far = [misses[i] for i in chosen]
    weights, temper = weighed(far)
    return Ensemble(
        [search.points[i] for i in chosen],
        at_least,
        {k: counts[i] for k, i in enumerate(chosen)},
        folds,
        share,
        far,
        weights,
        temper,
    )


def weighed(far: Sequence[float]) -> tuple[list[float], float]:
    """(weights of sets that miss by so much, one on average; T): see the module.

    >>> weighed([0.0, 0.0])
    ([1.0, 1.0], 1.0)
    """
    import numpy as np

    if not far:
        return [], 1.0
    m = np.asarray(far, dtype=np.float64) - min(far)

    def at(temper: float) -> Any:
        w = np.exp(-m / (2.0 * temper))
        return w / w.mean()

    def worth(temper: float) -> float:
        w = at(temper)
        return float(w.sum() ** 2 / (w**2).sum())

    low, high = 1.0, 1.0
    while worth(high) < EFFECTIVE * m.size:
        low, high = high, 2.0 * high
    for _ in range(60 if high > 1.0 else 0):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if worth(middle) < EFFECTIVE * m.size else (low, middle)
    return at(high).tolist(), high


def _fold(
    search: Search,
    verdicts: Sequence[Mapping[str, bool | None]],
    facts: Sequence[str],
    k: int,
    at_least: int,
) -> Fold:
    out = tuple(facts[k::FOLDS])
    kept = [fact for fact in facts if fact not in out]
    need = math.ceil(at_least * len(kept) / len(facts) - 1e-9)
    chosen = [v for v in verdicts if sum(v.get(f) is True for f in kept) >= need]
    drawn = [p for p in search.points if p.wave == 1]
    aims = {(a.fact, a.part): a for a in search.settings.aims}
    first = [judged(p.facts, aims) for p in search.settings.prior or drawn]
    told = tuple(f for f in out if any(v.get(f) is not None for v in first))
    unheld = tuple(f for f in out if f not in told)
    return Fold(out, len(chosen), _rate(chosen, told), _rate(first, told), unheld)


def _rate(verdicts: Sequence[Mapping[str, bool | None]], facts: Sequence[str]) -> float:
    """Share of facts that pass, of those with data; NaN with none."""
    told = [v.get(f) for v in verdicts for f in facts if v.get(f) is not None]
    return sum(t is True for t in told) / len(told) if told else math.nan


def write(
    folder: Path, search: Search, ensemble: Ensemble, fewest: int, about: Mapping[str, Any]
) -> Path | None:
    """`points.csv` (every set run) and `provenance.json`; `ensemble.csv` beside them only where at
    least `fewest` sets fit. Returns the path of the ensemble, or None."""
    import pandas as pd

    from experiments.cities.targets import sayable
    from sim.city.store import write_whole

    aims = {(a.fact, a.part): a for a in search.settings.aims}
    rows = []
    for p in search.points:
        verdicts = judged(p.facts, aims)
        rows.append(
            {
                **p.parameters,
                "fit.wave": p.wave,
                "fit.passes": sum(v is True for v in verdicts.values()),
                "fit.fails": sum(v is False for v in verdicts.values()),
                "fit.failed": p.failed,
            }
        )
    write_whole(folder / "points.csv", pd.DataFrame(rows).to_csv(index=False).encode())
    enough = search.complete and len(ensemble.points) >= fewest
    record = provenance(search, ensemble, fewest, enough, about)
    text = json.dumps(sayable(record), indent=1, allow_nan=False)
    write_whole(folder / "provenance.json", text.encode())
    if not enough:
        return None
    sets = [
        {"set": k + 1, **p.parameters, "weight": round(ensemble.weights[k], 6),
         "fit.passes": ensemble.passes[k], "fit.missed": round(ensemble.missed[k], 4),
         "fit.wave": p.wave}
        for k, p in enumerate(ensemble.points)
    ]  # fmt: skip
    path = folder / "ensemble.csv"
    write_whole(path, pd.DataFrame(sets).to_csv(index=False).encode())
    return path


def spread(ensemble: Ensemble) -> dict[str, list[float]]:
    """Parameter -> its 10th, 50th and 90th percentile among the sets, and the share below the
    default, all by weight; nothing without sets."""
    import numpy as np

    from sim.parameters import all_parameters

    known = all_parameters()
    out = {}
    weights = np.asarray(ensemble.weights) / max(sum(ensemble.weights), 1e-12)
    for name in ensemble.points[0].parameters if ensemble.points else ():
        values = np.array([p.parameters[name] for p in ensemble.points])
        below = float(weights[values < known[name].default].sum())
        ends = [quantile(values, weights, share) for share in (0.1, 0.5, 0.9)]
        out[name] = [*ends, below]
    return out


def quantile(values: Any, weights: Any, share: float) -> float:
    """The least of `values` up to which at least `share` of all weight lies.

    >>> import numpy as np
    >>> quantile(np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.5, 0.3]), 0.8)
    2.0
    """
    import numpy as np

    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][int(np.searchsorted(reached, share - 1e-12))])


def provenance(
    search: Search, ensemble: Ensemble, fewest: int, enough: bool, about: Mapping[str, Any]
) -> dict[str, Any]:
    """What an ensemble rests on, as plain data."""
    from experiments.facts.licences import note
    from sim.version import MODEL_VERSION

    facts = len({a.fact for a in search.settings.aims})
    return {
        "model_version": MODEL_VERSION,
        **about,
        "complete": search.complete,
        "points": len(search.points),
        "points_before": len(search.settings.earlier),
        "points_far_off": sum(len(p.facts) == 1 for p in search.points),
        "points_that_stopped": sum(bool(p.failed) for p in search.points),
        "rule": f"at least {ensemble.at_least} of {facts} facts pass by the scoreboard's rule",
        "sets": len(ensemble.points),
        "temper": ensemble.temper,
        "worth": sum(ensemble.weights) ** 2 / max(sum(w * w for w in ensemble.weights), 1e-12),
        "fewest": fewest,
        "ensemble": enough,
        "best": max((n for n in _counts(search)), default=0),
        "priors": search.settings.as_dict()["priors"],
        "allowed_misses_in_search": search.settings.allowed,
        "space_left": search.left,
        "emulator_skill": search.skill,
        "facts": list(dict.fromkeys(a.fact for a in search.settings.aims)),
        "spread": spread(ensemble),
        "pass_share": ensemble.share,
        "left_out_in_turn": [fold.__dict__ for fold in ensemble.folds],
        "licence": note(),
    }


def _counts(search: Search) -> list[int]:
    aims = {(a.fact, a.part): a for a in search.settings.aims}
    return [sum(v is True for v in judged(p.facts, aims).values()) for p in search.points]
