"""A simulated city through the same functions that measured the city's own list.

The list is taken as the source takes it: people shot, or homicides by any means. A case counts as
cleared when an arrest came while the run lasted, which is at least half a year, and the last half
year of a run gives no cases (the source's clearance was read years later).

Where the city file holds one resident in N, counts stand for N times as many, and figures that
depend on how thick events lie are not told.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments import workers as crew
from experiments.cities.figures import Figure, Window, shapes, totals
from experiments.cities.records import Events
from experiments.facts.view import View
from experiments.runner import Engine, Runner

TAIL_YEARS = 0.5
BY_DENSITY = ("stable map", "weekly dispersion", "near repeat", "local aftermath", "people")
"""Figures that a smaller copy of a city can't tell."""


def events_of(result: Any, scenario: Any, seed: int, kind: str) -> Events:
    """The victims of a run as a city's file would list them; days since 1 January 1970."""
    view = View(result, seed, scenario)
    rows = view.homicides if kind == "homicides" else view.shootings
    first = int(np.datetime64(scenario.start, "D").astype(int))
    day = rows.day.to_numpy().astype(np.int64)
    closed = rows.cleared_day.to_numpy()
    cleared = (closed >= 0).astype(np.float64)
    fatal = np.ones(len(rows), dtype=bool) if kind == "homicides" else rows.fatal.to_numpy(bool)
    return Events(
        kind,
        day + first,
        rows.x_m.to_numpy(dtype=np.float64),
        rows.y_m.to_numpy(dtype=np.float64),
        fatal,
        cleared,
        None,
        view.groups_of(rows.target_group) if "target_group" in rows else None,
        tuple(str(name).casefold() for name in view.group_names),
    )


@dataclass
class Job:
    """One seed of one scenario: its figures by window are written to `folder` (picklable)."""

    seed: int
    scenario: Any
    windows: tuple[Window, ...]
    kind: str
    folder: str
    runner: Runner
    shaped: bool = True
    """Whether shapes are wanted beside totals."""
    one_in: float = 1.0
    """Residents of the city for each in the city file."""
    label: str = field(default="")

    def __post_init__(self) -> None:
        self.label = self.label or f"seed {self.seed}"

    def __call__(self, done: Callable[[], None] | None = None) -> list[crew.Failure]:
        try:
            burnt = self.runner.burn_in(self.scenario, self.seed)
            result = self.runner.run(self.scenario, self.seed, burnt)
        except Exception as error:
            return [crew.Failure(self.label, crew.told(error))]
        events = events_of(result, self.scenario, self.seed, self.kind)
        people = float(result.residents)
        out = {
            w.name: of_whole(measured(events, w, people, self.shaped, self.seed), self.one_in)
            for w in self.windows
        }
        path = Path(self.folder) / f"{self.seed}.pickle"
        work = path.with_suffix(".part")
        work.write_bytes(pickle.dumps(out))
        work.rename(path)
        return []


def measured(
    events: Events, window: Window, people: float, shaped: bool = True, seed: int = 1
) -> list[Figure]:
    """Totals, and shapes where wanted, of one window."""
    rows = totals(events, window, people)
    return rows + shapes(events, window, seed) if shaped else rows


def of_whole(rows: list[Figure], one_in: float) -> list[Figure]:
    """The figures of a copy with one resident in `one_in`, as figures of the whole city."""
    if one_in == 1.0:
        return rows
    return [
        replace(
            one, value=one.value * one_in, low=one.low * one_in, high=one.high * one_in
        ) if one.figure == "per year" else one
        for one in rows
        if one.figure not in BY_DENSITY
    ]  # fmt: skip


class CityEngine(Engine):
    """Runs without weekly means over residents, which no figure here reads."""

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any:
        from sim.run import run

        return run(scenario, seed=seed, burnt=burnt, means=False)


def simulate(
    scenario: Any,
    seeds: Sequence[int],
    windows: Sequence[Window],
    kind: str,
    folder: Path,
    *,
    workers: int,
    runner: Runner | None = None,
    tick: Callable[[], None] | None = None,
    shaped: bool = True,
    one_in: float = 1.0,
) -> tuple[dict[int, dict[str, list[Figure]]], list[crew.Failure]]:
    """Seed -> window -> figures, and what failed."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = runner or CityEngine()
    jobs = [
        Job(seed, scenario, tuple(windows), kind, str(folder), engine, shaped, one_in)
        for seed in seeds
    ]
    failures = crew.perform(jobs, workers, tick or (lambda: None))
    found = {}
    for seed in seeds:
        path = folder / f"{seed}.pickle"
        if path.exists():
            found[seed] = pickle.loads(path.read_bytes())
    return found, failures


def pooled(rows: Sequence[list[Figure]]) -> dict[tuple[str, str], tuple[float, float, int]]:
    """(figure, part) -> (mean over seeds, their standard deviation, seeds that have it)."""
    values: dict[tuple[str, str], list[float]] = {}
    for seed in rows:
        for one in seed:
            if np.isfinite(one.value):
                values.setdefault(one.key, []).append(one.value)
    return {
        key: (float(np.mean(v)), float(np.std(v, ddof=1)) if len(v) > 1 else float("nan"), len(v))
        for key, v in values.items()
    }
