"""What a sweep will take: runs, core-hours, disk, memory; said before anything runs.

The figures below were measured on one machine and are for planning: a sweep corrects the time left
by its own runs as they come in.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.sweep.design import Design
from sim.scenario import DAYS_PER_YEAR

NS_PER_RESIDENT_DAY = 12.0
SECONDS_PER_RUN = 0.03
"""Copying the city, weekly passes, tables: what a run of no length would take."""
BUILD_SECONDS_PER_RESIDENT = 3e-6
BYTES_PER_COLUMN = 6.0
COLUMNS = 100
WEEKLY_BYTES_PER_ROW = 150.0
EVENT_BYTES = 60.0
EVENTS_PER_RESIDENT_YEAR = 0.02
BASE_MB = 450.0
"""A worker with compiled code and tables loaded."""
KB_PER_RESIDENT = 1.2
"""The burnt-in city, the running copy, and room for the calendar and logs."""
SHORTEST_TIMEOUT = 1800.0


@dataclass(frozen=True)
class Estimate:
    """What is ahead, for one machine's speed; see `to_dict` for the keys."""

    points: int
    replicates: int
    runs: int
    burn_ins: int
    residents: int
    """Of the largest city."""
    seconds_per_run: float
    seconds_per_burn_in: float
    core_hours: float
    disk_mb: float
    memory_mb: float
    """Per worker."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For the terminal."""
        burn = f"{self.burn_ins:,} burn-in{'' if self.burn_ins == 1 else 's'}"
        return [
            f"{self.runs:,} runs: {self.points:,} points, {self.replicates:,} "
            f"seed{'' if self.replicates == 1 else 's'} each, from {burn}",
            f"about {self.core_hours:.2g} core-hours ({self.seconds_per_run:.2g} s a run, "
            f"{self.seconds_per_burn_in:.2g} s a burn-in), {self.disk_mb:,.0f} MB of disk, "
            f"{self.memory_mb:,.0f} MB of memory a worker",
        ]


def estimate(design: Design) -> Estimate:
    """The estimate of a checked design. Raises UserError for a city that can't be read."""
    cities = _residents(design)
    column = _city_column(design)
    people = np.array([cities[city] for city in column], dtype=float)
    days = design.base.days
    run = NS_PER_RESIDENT_DAY * 1e-9 * people * days + SECONDS_PER_RUN
    burn = (
        NS_PER_RESIDENT_DAY * 1e-9 * people * design.base.burn_in_days
        + BUILD_SECONDS_PER_RESIDENT * people
        + 0.05
    )
    _, first = np.unique(design.past_of, return_index=True)
    seconds = run.sum() * design.replicates + burn[first].sum() * design.replicates
    burn_ins = len(first) * design.replicates
    if not design.common_seeds:
        pairs = np.unique(np.stack([design.past_of, design.sample_of]), axis=1).shape[1]
        seconds += (pairs - len(first)) * float(burn.mean()) * design.replicates
        burn_ins = pairs * design.replicates
    row = BYTES_PER_COLUMN * (COLUMNS + len(design.factors))
    if "weekly" in design.keep:
        row += WEEKLY_BYTES_PER_ROW * days / 7
    if "events" in design.keep:
        row += EVENT_BYTES * EVENTS_PER_RESIDENT_YEAR * float(people.mean()) * days / DAYS_PER_YEAR
    largest = int(people.max())
    return Estimate(
        points=len(design.points), replicates=design.replicates, runs=design.runs,
        burn_ins=int(burn_ins), residents=largest,
        seconds_per_run=float(run.mean()), seconds_per_burn_in=float(burn.mean()),
        core_hours=float(seconds) / 3600.0, disk_mb=row * design.runs / 1e6,
        memory_mb=BASE_MB + KB_PER_RESIDENT * largest / 1e3,
    )  # fmt: skip


def timeout_seconds(design: Design, told: Estimate) -> float:
    """How long a run may take: as the design says, else far beyond what is expected."""
    if design.timeout_minutes > 0:
        return design.timeout_minutes * 60.0
    return max(SHORTEST_TIMEOUT, 50.0 * (told.seconds_per_run + told.seconds_per_burn_in))


def _city_column(design: Design) -> list[str]:
    for k, factor in enumerate(design.factors):
        if factor.kind == "city":
            return [str(factor.values[int(v)]) for v in design.points[:, k]]
    return [design.base.city] * len(design.points)


def _residents(design: Design) -> dict[str, int]:
    from sim.city import load_spec

    return {city: load_spec(city).residents for city in set(_city_column(design))}
