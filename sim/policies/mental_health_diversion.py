"""Courts divert people with mental illness to care (CMHP) (row 11).

Mechanism. Adults with mental-health need who were arrested lately go to care instead of jail:
minor arrests are diverted with chance `diversion`, and what the need does is multiplied by `need`
while they are in care.

Sources: S21 and S22 (before and after, nobody to compare with: completers against their worst
years). Both settings are assumptions, shrunk toward nothing. Leaves out: felonies, competence
hearings and housing.

Knock-out: with `needs_service` and `substance_offending` 0 and no custody for minor offences
nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.programme import Programme, Rows, Scores, by_age

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class MentalHealthDiversion(Programme):
    """Care in place of jail for misdemeanants with mental illness."""

    name: ClassVar[str] = "mental_health_diversion"
    row: ClassVar[int] = 11
    title: ClassVar[str] = "Courts divert people with mental illness to care (CMHP)"
    eligible: ClassVar[str] = "adults arrested in the last week who have mental-health need"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.diversion": (0.7, 0.2, 1.0),
        "resident.need": (0.75, 0.4, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.diversion": "diversion",
        "resident.need": "need",
    }
    capacity: ClassVar[str] = "about 500 a year in a county of millions"
    unit_cost: ClassVar[str] = "$6,000 per person and year"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = (
        "S21",
        "S22",
    )
    contested_by: ClassVar[str] = "nobody to compare with"
    trial: ClassVar[dict[str, float]] = {"uptake": 1.0}

    diversion: float = 0.7
    """Added chance that a minor arrest is diverted."""
    need: float = 0.75
    """What unmet need does to offending and calls, relative (assumption)."""
    places_per_100k: float = 20.0
    """Places at once per 100,000 residents."""
    months: float = 12.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.6
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.6
    """Hazard of dropping out."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 6000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        rows = by_age(desk, desk.arrested(), 18, 99)
        need = desk.lives["mental"][rows].astype(np.float64)
        return rows[need >= 0.5], need[need >= 0.5]
