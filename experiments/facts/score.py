"""From what the seeds left to a scoreboard: pooled values, intervals, verdicts, and files."""

from __future__ import annotations

import csv
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.facts.catalogue import MEASURES
from experiments.facts.measure import interval, mean
from experiments.facts.table import Part, facts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """One part of one fact, held against its accepted range."""

    rank: int
    fact: str
    part: str
    about: str
    unit: str
    value: float
    low: float
    high: float
    """Ends of the 90 % interval; NaN from a single seed."""
    target: float | str
    accept: tuple[float | None, float | None]
    passed: bool | None
    """None: no data."""
    seeds: int
    design: str
    evidence: tuple[str, ...] = ()
    reason: str = ""
    """Why there is no value, where there is none."""

    def as_json(self) -> dict[str, Any]:
        """The contract of `peel validate --json`, and what explains it."""
        return {
            "fact": self.rank,
            "name": self.fact,
            "part": self.part,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "accept": list(self.accept),
            "pass": self.passed,
            "target": self.target,
            "unit": self.unit,
            "about": self.about,
            "seeds": self.seeds,
            "design": self.design,
            "evidence": list(self.evidence),
            "reason": self.reason,
        }


@dataclass
class Collected:
    """What one seed left: numbers by measure, and for the others why there are none."""

    seed: int
    rows: dict[str, Floats] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    incidents: int = 0
    years: float = 0.0
    """Shooting incidents and length of the plain run: they say how long the long one must be."""


def score(
    collected: Sequence[Collected], hypotheses: Mapping[str, str] | None = None
) -> list[Score]:
    """Pool the seeds and hold every part of every fact against the range that `hypotheses`
    accept."""
    theories = dict(hypotheses or {})
    return [
        _score(fact.rank, fact.evidence, part, collected, theories)
        for fact in facts()
        for part in fact.parts
    ]


def _score(
    rank: int,
    evidence: tuple[str, ...],
    part: Part,
    collected: Sequence[Collected],
    theories: Mapping[str, str],
) -> Score:
    rows = [c.rows[part.measure] for c in collected if part.measure in c.rows]
    accept = part.accepted(theories)
    value = low = high = math.nan
    reason = ""
    if rows:
        table = _table(rows)
        pool = MEASURES[part.measure].pool
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)
            value = pool(table) if part.pooled else mean(table)
            low, high = interval(pool, table, part.pooled)
        reason = "" if math.isfinite(value) else "too few events"
    else:
        reasons = [c.missing[part.measure] for c in collected if part.measure in c.missing]
        reason = max(set(reasons), key=reasons.count) if reasons else "no run finished"
    return Score(
        rank=rank,
        fact=part.fact,
        part=part.name,
        about=part.about,
        unit=part.unit,
        value=float(value),
        low=float(low),
        high=float(high),
        target=part.target,
        accept=accept,
        passed=verdict(float(value), float(low), float(high), accept),
        seeds=len(rows),
        design=part.design,
        evidence=evidence,
        reason=reason,
    )


def _table(rows: Sequence[Floats]) -> Floats:
    """Rows of one length; those of seeds that fell short (fewer years) are padded with 0."""
    width = max(len(row) for row in rows)
    return np.array([np.pad(row, (0, width - len(row))) for row in rows])


def verdict(
    value: float, low: float, high: float, accept: tuple[float | None, float | None]
) -> bool | None:
    """True inside the accepted range with an interval that overlaps it; None without a value.

    >>> verdict(0.5, 0.4, 0.6, (0.45, None)), verdict(float("nan"), 0, 1, (0, 1))
    (True, None)
    """
    if not math.isfinite(value):
        return None
    bottom = -math.inf if accept[0] is None else accept[0]
    top = math.inf if accept[1] is None else accept[1]
    overlaps = not (math.isfinite(low) and math.isfinite(high)) or (low <= top and high >= bottom)
    return bottom <= value <= top and overlaps


def fact_verdicts(scores: Sequence[Score]) -> dict[int, bool | None]:
    """Rank -> True (all parts pass), False (one fails), None (a part has no data and none
    fails)."""
    out: dict[int, bool | None] = {}
    for row in scores:
        before = out.get(row.rank, True)
        if before is False or row.passed is False:
            out[row.rank] = False
        else:
            out[row.rank] = None if before is None or row.passed is None else True
    return out


def keep(folder: Path, scores: Sequence[Score], about: Mapping[str, Any]) -> None:
    """Write scores.csv and validate.json to `folder`, which must not exist yet."""
    from experiments.options import whole_folder

    with whole_folder(folder) as work:
        with (work / "scores.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(scores[0].as_json()))
            writer.writeheader()
            writer.writerows(row.as_json() for row in scores)
        data = {**about, "scores": [_plain(row.as_json()) for row in scores]}
        (work / "validate.json").write_text(json.dumps(data, indent=1), encoding="utf-8")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }
