"""Points that were run, read back from a calibration's folder, its own or that of an earlier one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.points import Reading, read_part
from experiments.calibration.space import Space
from sim.errors import UserError

Floats = NDArray[np.float64]
MANIFEST = "calibration.json"
SAME = ("scenario", "hypotheses", "burn_in_years", "version")
"""What an earlier search must share with one that begins from it; designs, seeds and years may differ."""


@dataclass
class Point:
    """A set of parameters that was run, and its facts."""

    wave: int
    place: int
    parameters: dict[str, float]
    unit: Floats
    facts: list[Reading]
    failed: str = ""

    def told(self) -> list[Any]:
        """All of it as plain data."""
        facts = [[r.fact, r.part, repr(r.value), repr(r.low), repr(r.high)] for r in self.facts]
        return [self.parameters, facts, self.failed]


def earlier_points(
    folder: Path, space: Space, about: Mapping[str, Any]
) -> tuple[tuple[Point, ...], dict[str, Any]]:
    """(all points of a calibration folder, to begin another search from; what they were run on).

    Raises UserError where it holds none, or one of other parameters, ranges, city, theories, burn-in or
    model than `about` names, or one that began from another itself (its first wave is no prior).
    """
    import pandas as pd

    try:
        kept = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["settings"]
        priors = {name: tuple(ends) for name, ends in kept["priors"].items()}
        before = dict(kept["about"])
        known = {k: before[k] for k in ("city", "designs", "seeds", "years", "version")}
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"--from {folder}: holds no calibration") from None
    wanted = {r.name: (float(r.low), float(r.default), float(r.high)) for r in space.ranges}
    if priors != wanted:
        names = sorted(k for k in {*priors, *wanted} if priors.get(k) != wanted.get(k))
        raise UserError(
            f"--from {folder}: its parameters or their ranges are others ({', '.join(names)});"
            " expected a calibration of the same"
        )
    if kept.get("earlier"):
        raise UserError(
            f"--from {folder}: began from another calibration itself, so none of its points stand for"
            " the prior; begin from one that began from nothing"
        )
    asked = json.loads(json.dumps(dict(about)))
    other = [word for word in SAME if word in asked and before.get(word) != asked[word]]
    if other:
        told = "; ".join(f"{word} {before.get(word)!r}, here {asked[word]!r}" for word in other)
        raise UserError(
            f"--from {folder}: is of another city or model ({told:.300}); expected the same"
        )
    found: list[Point] = []
    waves = sorted((folder / "waves").glob("wave-*.parquet"), key=lambda p: int(p.stem[5:]))
    for path in waves:
        try:
            design = pd.read_parquet(path)[list(space.names)].to_numpy(dtype=np.float64)
        except (OSError, ValueError, KeyError) as problem:
            raise UserError(f"{path}: damaged ({problem}); it can't be begun from") from None
        found += points_of(folder, space, design, int(path.stem[5:]))
    if not found:
        raise UserError(f"--from {folder}: no point of it was run")
    return tuple(found), known


def part_of(folder: Path, wave: int, place: int) -> Path:
    """The file of a point; `place` counts from 0 in its wave."""
    return folder / "points" / f"wave-{wave}-{place + 1:04d}.parquet"


def points_of(folder: Path, space: Space, design: Floats, wave: int) -> list[Point]:
    """Points of a wave that were run."""
    found = []
    for k, (unit, values) in enumerate(zip(design, space.at(design), strict=True)):
        path = part_of(folder, wave, k)
        if path.exists():
            facts, failed = read_part(path)
            found.append(Point(wave, k + 1, values, unit, facts, failed))
    return found
