"""What a comparison found: its runs, its tables, and every difference with its interval.

    result = Comparison.load("out/demo")
    result.table()                     # DataFrame: one row per arm and outcome
    result.tables("weekly")            # DataFrame: arm, seed, week, ...
    result.to_dict()["outcomes"]       # what `peel compare --json` prints

Only seeds whose arms all finished are used, so that every number rests on the same pairs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments import geography, kept
from experiments.folder import kept_runs, read_manifest, read_plan
from experiments.outcomes import CATALOGUE, Outcome, describe
from experiments.plan import AS_GIVEN, Plan, World
from experiments.statistics import Difference, discoveries, paired
from sim.errors import UserError
from sim.words import nearest


@dataclass(frozen=True)
class Row:
    """One arm against the baseline in one outcome and world."""

    world: str
    arm: str
    outcome: Outcome
    result: Difference
    headline: bool
    person_years: float
    """Mean residents times years: what "per 100,000 a year" divides by."""
    adjusted_p: float = math.nan
    """Benjamini-Hochberg over the exploratory outcomes of this arm; NaN for headlines."""

    @property
    def rate(self) -> tuple[float, float, float]:
        """A count's difference and interval per 100,000 residents and year; NaN for the others."""
        if not self.outcome.count or self.person_years <= 0.0:
            return math.nan, math.nan, math.nan
        scale = 1e5 / self.person_years
        r = self.result
        return r.difference * scale, r.low * scale, r.high * scale

    @property
    def verdict(self) -> str:
        """ "better" or "worse" (clear, and the outcome has a direction), "changed" (clear, it has
        none), "same" (every pair is equal), "unclear" (the interval covers 0) or "unknown" (no
        interval)."""
        r = self.result
        if r.method == "identical":
            return "same"
        if not math.isfinite(r.low):
            return "unknown"
        if not r.clear:
            return "unclear"
        if not self.outcome.better:
            return "changed"
        return "better" if (r.difference < 0) == (self.outcome.better == "lower") else "worse"

    @property
    def trifling(self) -> bool:
        """A difference that is sure to be below 1 % of the baseline, however clear."""
        ends = (self.result.relative_low, self.result.relative_high)
        return self.outcome.kind != "share" and all(abs(end) < 0.01 for end in ends)

    @property
    def chance_better(self) -> float:
        """Probability that the mean difference is on the better side; NaN without a direction."""
        if not self.outcome.better:
            return math.nan
        p = self.result.chance_lower
        return p if self.outcome.better == "lower" else 1.0 - p

    def as_dict(self) -> dict[str, Any]:
        """Flat, for JSON and tables; numbers that don't exist are None."""
        r, (rate, rate_low, rate_high) = self.result, self.rate
        return {
            key: _plain(value)
            for key, value in {
                "outcome": self.outcome.name,
                "unit": self.outcome.unit,
                "world": self.world,
                "arm": self.arm,
                "headline": self.headline,
                "recorded": self.outcome.recorded,
                "better": self.outcome.better,
                "baseline": r.baseline_mean,
                "mean": r.mean,
                "difference": r.difference,
                "low": r.low,
                "high": r.high,
                "relative": r.relative,
                "relative_low": r.relative_low,
                "relative_high": r.relative_high,
                "per_100k_year": rate,
                "per_100k_year_low": rate_low,
                "per_100k_year_high": rate_high,
                "pairs": r.n,
                "interval": r.method,
                "verdict": self.verdict,
                "chance_better": self.chance_better,
                "share_of_pairs_lower": r.share_lower,
                "p_value": r.p_value,
                "adjusted_p": self.adjusted_p,
                "variance_ratio": r.variance_ratio,
                "replicates_needed": r.replicates_needed,
            }.items()
        }


class Comparison:
    """A finished (or interrupted) comparison, read from its folder; tables load when asked for."""

    def __init__(self, folder: Path, plan: Plan, manifest: dict[str, Any]) -> None:
        self.folder, self.plan, self.manifest = folder, plan, manifest
        self._tables: dict[tuple[str, str], pd.DataFrame] = {}
        self._paths = kept_runs(folder)
        self._metas = {key: kept.load(path).meta for key, path in self._paths.items()}

    @classmethod
    def load(cls, folder: str | Path, *, allow_empty: bool = False) -> Comparison:
        """Read a folder written by `compare`.

        Raises UserError for one that isn't, is damaged, or (unless `allow_empty`) has no whole
        pair.
        """
        where = Path(folder)
        out = cls(where, read_plan(where), read_manifest(where))
        if not allow_empty and not out.seeds():
            raise UserError(
                f"{where}: half-written: no seed has all {len(out.plan.arms)} arms finished; "
                f"complete it with `peel compare ... --out {where} --resume`"
            )
        return out

    @property
    def arms(self) -> list[str]:
        return [arm.name for arm in self.plan.arms]

    @property
    def baseline(self) -> str:
        return self.plan.baseline

    @property
    def complete(self) -> bool:
        """Whether every run is there; drawn sets may lack those that the model broke down under."""
        whole = {w.name: len(w.seeds or self.plan.seeds) for w in self.plan.worlds if not w.drawn}
        there = sum(world in whole for world, _, _ in self._metas)
        return there == sum(whole.values()) * len(self.arms)

    @property
    def failures(self) -> list[dict[str, str]]:
        """What failed, apart from runs under drawn sets, which are counted as such."""
        drawn = tuple(w.name for w in self.plan.worlds if w.drawn)
        return [
            failure
            for failure in self.manifest.get("failures", [])
            if not any(name + ", seed" in failure["label"] for name in drawn)
        ]

    def worlds(self) -> list[str]:
        """Named worlds with at least one whole seed; the first is the scenarios as given."""
        return [w.name for w in self.plan.worlds if not w.drawn and self.seeds(w.name)]

    def drawn(self, layer: str) -> list[World]:
        """The sets of a layer ("parameters" or "together") with at least one whole seed."""
        return [w for w in self.plan.worlds if w.layer == layer and self.seeds(w.name)]

    def seeds(self, world: str = AS_GIVEN) -> list[int]:
        """Seeds whose arms all finished in that world."""
        return [
            seed
            for seed in self.plan.seeds
            if all((world, arm, seed) in self._metas for arm in self.arms)
        ]

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per finished run: world, arm, seed, hash, event_log_hash, residents, days, ..."""
        rows = [
            {**{k: v for k, v in meta.items() if k != "outcomes"}, "world": w, "arm": a, "seed": s}
            for (w, a, s), meta in self._metas.items()
        ]
        return pd.DataFrame(rows)

    def values(self, name: str, arm: str, world: str = AS_GIVEN) -> np.ndarray[Any, Any]:
        """One outcome of one arm, seed by seed: shape (pairs,), NaN where a run doesn't have it."""
        return np.array(
            [self._metas[world, arm, s]["outcomes"].get(name, math.nan) for s in self.seeds(world)],
            dtype=np.float64,
        )

    def outcomes_of(self, arm: str, world: str = AS_GIVEN) -> list[dict[str, float]]:
        """Outcomes of every run of an arm in a world, whether or not the other arms finished."""
        return [
            self._metas[world, arm, seed]["outcomes"]
            for seed in self.plan.seeds
            if (world, arm, seed) in self._metas
        ]

    def names(self) -> list[str]:
        """Outcomes that any run has, headlines first, then in the catalogue's order."""
        found = {name for meta in self._metas.values() for name in meta["outcomes"]}
        order = [*self.plan.headlines, *CATALOGUE, *sorted(found)]
        return [name for name in dict.fromkeys(order) if name in found]

    def differences(self, world: str = AS_GIVEN, names: Sequence[str] | None = None) -> list[Row]:
        """Every arm against the baseline in every outcome (or those named), in order.

        Raises UserError for a name that no run has. Pairs in which either run lacks the outcome
        (a share of nothing) are left out of that outcome.
        """
        known = self.names()
        for name in names or ():
            if name not in known:
                raise UserError(f"unknown outcome {name!r}{nearest(name, known)}")
        rows = [
            row
            for arm in self.plan.others
            for name in (names or known)
            if (row := self._row(world, arm, name)) is not None
        ]
        return _adjusted(rows)

    def table(self, world: str = AS_GIVEN) -> pd.DataFrame:
        """`differences` as a DataFrame."""
        return pd.DataFrame([row.as_dict() for row in self.differences(world)])

    def tables(self, name: str, world: str = AS_GIVEN) -> pd.DataFrame:
        """`weekly`, `recorded`, `areas`, `groups`, `policies` or `events` of all runs, with arm
        and seed."""
        if (world, name) not in self._tables:
            whole = set(self.seeds(world))
            parts = [
                table.assign(arm=arm, seed=seed)
                for (where, arm, seed), path in self._paths.items()
                if where == world and seed in whole
                for table in kept.load(path, [name]).tables.values()
                if not table.empty
            ]
            self._tables[world, name] = (
                pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
            )
        return self._tables[world, name]

    @cached_property
    def map(self) -> geography.Map | None:
        return geography.load(self.folder)

    def person_years(self, world: str = AS_GIVEN) -> float:
        """Mean residents of the baseline times the years of the run."""
        metas = [self._metas[world, self.baseline, seed] for seed in self.seeds(world)]
        if not metas:
            return math.nan
        people = np.mean([m["outcomes"].get("population", m["residents"]) for m in metas])
        return float(people) * float(metas[0]["days"]) / 365.0

    def to_dict(self) -> dict[str, Any]:
        """What `peel compare --json` prints."""
        from experiments import choices, uncertainty

        chosen = choices.decisions(self)
        return {
            "arms": self.arms,
            "baseline": self.baseline,
            "seeds": self.seeds(),
            "worlds": self.worlds(),
            "headlines": [n for n in self.plan.headlines if n in self.names()],
            "residents": int(self.runs["residents"].iloc[0]) if len(self.runs) else None,
            "days": int(self.runs["days"].iloc[0]) if len(self.runs) else None,
            "complete": self.complete,
            "failures": self.manifest.get("failures", []),
            "seconds": self.manifest.get("seconds"),
            "folder": str(self.folder),
            "uncertainty": [layer.as_dict() for layer in uncertainty.layers(self)],
            "decisions": [c.as_dict() for c in chosen.choices] if chosen else [],
            "outcomes": [
                row.as_dict() for world in self.worlds() for row in self.differences(world)
            ],
            "runs": self.runs.to_dict(orient="records"),
        }

    def report(self, form: str = "html") -> Path:
        """Write `report.html` (and figures/, tables/, scenarios/) into the folder; returns its
        path, or that of the other `form` asked for: pdf, md or csv."""
        from viz.report import write_report

        return write_report(self, form)

    def _row(self, world: str, arm: str, name: str) -> Row | None:
        outcome = describe(name)
        a, b = self.values(name, self.baseline, world), self.values(name, arm, world)
        both = np.isfinite(a) & np.isfinite(b)
        if not both.any():
            return None
        result = paired(a[both], b[both], count=outcome.count)
        headline = name in self.plan.headlines
        return Row(world, arm, outcome, result, headline, self.person_years(world))


def _adjusted(rows: list[Row]) -> list[Row]:
    """The rows with adjusted p values among each arm's exploratory outcomes."""
    from dataclasses import replace

    out = list(rows)
    for arm in {row.arm for row in rows}:
        places = [i for i, row in enumerate(rows) if row.arm == arm and not row.headline]
        for i, p in zip(places, discoveries([rows[i].result.p_value for i in places]), strict=True):
            out[i] = replace(rows[i], adjusted_p=float(p))
    return out


def flips(rows: Iterable[Row]) -> bool:
    """Whether clear differences of one arm and outcome point both ways among worlds."""
    signs = {row.result.difference > 0 for row in rows if row.result.clear}
    return len(signs) == 2


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value
