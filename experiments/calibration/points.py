"""What a set of parameters gives: its facts, over the same seeds for every set, kept when finished.

A set that makes another city altogether is told by a year of its first seed, and costs no more:
only its level is kept, from which the emulators learn (`far_off`). The full estimators of a city
with fifty times the shootings would take as long as all the plausible sets together.

A point is one Parquet part that appears whole (temporary name, then rename); a point that is there
is never computed again, so a killed calibration loses what was under way and nothing else. A set
whose runs stop (a hazard beyond the last layer) is kept as one that fails, with the reason.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from experiments import workers as crew
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

FACTOR = 2.5
"""A level this many times beyond what is accepted at either end is another city's (our choice)."""
FEWEST = 10
"""Homicides a year at a limit below which a level beyond it may be luck, and isn't judged."""
COLUMNS = ("fact", "part", "value", "low", "high")


@dataclass(frozen=True)
class Reading:
    """One part of one fact at one point; low and high: 90 % interval of its estimate."""

    fact: str
    part: str
    value: float
    low: float
    high: float


class Evaluate(Protocol):
    """Facts of one set of parameters (picklable)."""

    def __call__(self, parameters: Mapping[str, float]) -> list[Reading]: ...


@dataclass(frozen=True)
class FactsOf:
    """Facts of a city over common seeds, by the scoreboard's own estimators."""

    scenario: Any
    seeds: tuple[int, ...]
    years: float
    designs: tuple[str, ...]
    plugins: tuple[str, ...] = ()

    def warm(self) -> None:
        """Compile, or load from the cache, before workers start."""
        from experiments.validate import Engine

        Engine().warm()

    def __call__(self, parameters: Mapping[str, float]) -> list[Reading]:
        import pickle

        from experiments.facts.score import score
        from experiments.validate import SeedJob, load_plugins

        load_plugins(self.plugins)  # before anything runs: workers are processes of their own

        scenario = self.scenario.with_changes(parameters={**self.scenario.parameters, **parameters})
        engine = remembering()
        far = self.far_off(scenario, engine) if "plain" in self.designs else None
        if far is not None:
            return [far]
        with tempfile.TemporaryDirectory(prefix="peel-point-") as folder:
            failures: list[crew.Failure] = []
            for seed in self.seeds:
                job = SeedJob(
                    seed, self.designs, scenario, self.years, folder, engine, self.plugins
                )
                failures += job(None)
            if failures:
                raise RuntimeError(failures[0].error)
            found = [pickle.loads(p.read_bytes()) for p in sorted(Path(folder).glob("*.pickle"))]
        found.sort(key=lambda one: one.seed)
        return [
            Reading(row.fact, row.part, row.value, row.low, row.high)
            for row in score(found, scenario.hypotheses)
        ]

    def far_off(self, scenario: Any, engine: Any) -> Reading | None:
        """The level of homicides in the first year of the first seed, where it is another city's."""
        from experiments.facts import facts
        from experiments.facts.view import View

        part = next(p for fact in facts() for p in fact.parts if p.measure == "homicide_rate")
        low, high = part.accepted(scenario.hypotheses)
        year = scenario.with_changes(years=min(1.0, self.years))
        seed = self.seeds[0]
        result = engine.run(year, seed, engine.burn_in(year, seed))
        persons = result.residents * year.days / 365.0 / 1e5
        rate = len(View(result, seed, year).homicides) / persons
        lowest, highest = (low or 0.0) / FACTOR, (high or math.inf) * FACTOR
        few_low, few_high = lowest * persons < FEWEST, highest * persons < FEWEST
        if (rate >= lowest or few_low) and (rate <= highest or few_high):
            return None
        rate = max(rate, 0.5 / persons)  # none at all: half of one, since levels are told as logs
        return Reading(part.fact, part.name, rate, rate, rate)


def remembering() -> Any:
    """An engine that keeps the last burnt-in city: a look at its first year costs no second one."""
    from experiments.validate import Engine

    class Remembering(Engine):
        last: tuple[Any, ...] = (None, None)

        def burn_in(self, scenario: Any, seed: int) -> Any:
            asked = (seed, scenario.burn_in_hash(seed))
            if self.last[0] != asked:
                self.last = (asked, super().burn_in(scenario, seed))
            return self.last[1]

    return Remembering()


@dataclass(frozen=True)
class PointJob:
    """One point of one wave (picklable)."""

    label: str
    path: str
    parameters: dict[str, float]
    evaluate: Evaluate

    def __call__(self, done: Callable[[], None] | None = None) -> list[crew.Failure]:
        path = Path(self.path)
        if path.exists():
            return []
        try:
            rows, failed = self.evaluate(self.parameters), ""
        except UserError:
            raise
        except Exception as error:
            rows, failed = [], crew.told(error)
        write_part(path, rows, failed)
        return [crew.Failure(self.label, failed)] if failed else []


def write_part(path: Path, rows: Sequence[Reading], failed: str = "") -> None:
    """A point's facts as one Parquet file, whole or absent."""
    import pandas as pd

    table = pd.DataFrame([row.__dict__ for row in rows], columns=list(COLUMNS))
    table = table.astype({"value": float, "low": float, "high": float})
    table["failed"] = failed
    if failed:
        row = {"fact": "", "part": "", "value": np.nan, "low": np.nan, "high": np.nan}
        table = pd.DataFrame([{**row, "failed": failed}])
    write_table(path, table)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Any table, whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        table.to_parquet(work, index=False)
        os.replace(work, path)
    finally:
        work.unlink(missing_ok=True)


def read_part(path: Path) -> tuple[list[Reading], str]:
    """(facts, why it failed or ""). Raises UserError for a damaged part."""
    import pandas as pd

    try:
        table = pd.read_parquet(path)
        failed = "" if not len(table) else str(table["failed"].iloc[0])
        rows = (
            []
            if failed
            else [Reading(*row) for row in table[list(COLUMNS)].itertuples(index=False)]
        )
    except (OSError, ValueError, KeyError) as problem:
        raise UserError(f"{path}: damaged ({problem}); delete it and resume") from None
    return rows, failed
