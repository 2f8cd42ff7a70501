"""What the runs say: paired differences, what is measurable, what flips between theories."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.effects.arms import DEFAULT, Arm, Setup
from experiments.effects.work import OUTCOMES, Part, read
from experiments.outcomes import describe
from experiments.statistics import Difference, discoveries, paired

LEVEL = 0.05


@dataclass(frozen=True)
class Cell:
    """One outcome under one set of theories; `adjusted_p` is over the outcomes of the policy."""

    result: Difference
    adjusted_p: float

    @property
    def clear(self) -> bool:
        """Does the interval exclude no change?"""
        return self.result.clear

    @property
    def measurable(self) -> bool:
        """Clear, and still so when it is one of a dozen outcomes that were looked at."""
        return self.clear and self.adjusted_p < LEVEL

    @property
    def sign(self) -> int:
        return int(np.sign(self.result.difference)) if self.clear else 0


@dataclass
class Finding:
    """What one policy does (or the end of a harm) in one city."""

    arm: Arm
    setup: Setup
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    """By outcome and world."""
    pairs: dict[str, int] = field(default_factory=dict)
    """Pairs of runs by world."""
    treated: dict[str, Difference] = field(default_factory=dict)
    """Among those reached, under the default theories."""
    people: float = 0.0
    """Mean number of people that `treated` counts."""
    cost: float = math.nan
    """Mean dollars a year in the arm."""

    def measurable(self, world: str = DEFAULT) -> list[str]:
        """Outcomes that it measurably moves."""
        return [n for (n, w), cell in self.cells.items() if w == world and cell.measurable]

    def flips(self, outcome: str) -> list[str]:
        """How a rival theory disagrees with the default about an outcome, in words."""
        base = self.cells.get((outcome, DEFAULT))
        out = []
        for (name, world), cell in self.cells.items():
            if name != outcome or world == DEFAULT or base is None:
                continue
            if base.sign * cell.sign < 0:
                out.append(f"sign flips under {world}")
            elif base.measurable and not cell.clear:
                out.append(f"not clear under {world}")
            elif cell.measurable and not base.clear:
                out.append(f"clear only under {world}")
        return out


def finding(folder: Path, setup: Setup, arm: Arm, worlds: Sequence[str], seeds: range) -> Finding:
    """Read the finished pairs of an arm and its reference."""
    out = Finding(arm, setup)
    for world in worlds:
        pairs: list[tuple[Part, Part]] = []
        for seed in seeds:
            mine = read(folder, setup, world, arm, seed)
            other = read(folder, setup, world, arm.reference, seed)
            if mine is not None and other is not None:
                pairs.append((other, mine))
        out.pairs[world] = len(pairs)
        if not pairs:
            continue
        results = {n: r for n in OUTCOMES if (r := _difference(pairs, n)) is not None}
        adjusted = discoveries([r.p_value for r in results.values()])
        for (name, result), p in zip(results.items(), adjusted, strict=True):
            out.cells[name, world] = Cell(result, float(p))
        if world == DEFAULT:
            out.cost = float(np.mean([mine.cost for _, mine in pairs])) / setup.years
            _treated(out, [mine for _, mine in pairs])
    return out


def _difference(pairs: Sequence[tuple[Part, Part]], name: str) -> Difference | None:
    a = np.asarray([other.outcomes[name] for other, _ in pairs], dtype=np.float64)
    b = np.asarray([mine.outcomes[name] for _, mine in pairs], dtype=np.float64)
    both = np.isfinite(a) & np.isfinite(b)
    return paired(a[both], b[both], count=describe(name).count) if both.any() else None


def _treated(out: Finding, parts: Sequence[Part]) -> None:
    for name in ("treated_arrests", "treated_shot", "treated_shooters", "place_shot"):
        values = np.asarray([p.treated[name] for p in parts if name in p.treated], dtype=np.float64)
        if len(values):
            out.treated[name] = paired(values[:, 0], values[:, 1], count=True)
    people = [p.treated["treated_people"][0] for p in parts if "treated_people" in p.treated]
    out.people = float(np.mean(people)) if people else 0.0


@dataclass(frozen=True)
class Seen:
    """What evaluations saw, and what the simulation says of the same people or places."""

    policy: str
    figure: str
    low: float
    high: float
    points: bool
    about: str
    evidence: tuple[str, ...]

    def simulated(self, found: Finding) -> tuple[float, float, float] | None:
        """(value, low, high) in the same terms, or None where nothing was counted."""
        cell = found.cells.get((self.figure, DEFAULT))
        result = found.treated.get(self.figure) or (cell.result if cell else None)
        if result is None:
            return None
        if self.points:
            return result.difference, result.low, result.high
        return result.relative, result.relative_low, result.relative_high

    def verdict(self, found: Finding) -> str:
        """Do the two ranges meet?"""
        mine = self.simulated(found)
        if mine is None or not all(math.isfinite(x) for x in mine):
            return "too few events to compare"
        _, low, high = mine
        if low > self.high:
            return "DIFFERS: simulation above what was seen"
        if high < self.low:
            return "DIFFERS: simulation below what was seen"
        wide = high - low > 2.0 * max(self.high - self.low, 0.1)
        return "compatible, but the simulation's interval is wide" if wide else "compatible"


@cache
def seen() -> tuple[Seen, ...]:
    """Every comparison that the ledger allows."""
    text = Path(__file__).with_name("seen.toml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["seen"]
    return tuple(
        Seen(
            row["policy"], row["figure"], float(row["range"][0]), float(row["range"][1]),
            bool(row.get("points", False)), row["about"], tuple(row["evidence"]),
        )
        for row in rows
    )  # fmt: skip
