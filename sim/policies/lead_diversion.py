"""LEAD: case management in place of booking (row 10).

Mechanism. Adults arrested lately, most of all those with substance need, get a case manager.
While they have one, minor arrests of theirs are diverted with chance `diversion`, and what their
need does to offending and calls is multiplied by `need`.

Sources: S19 and S20 (one site, groups unlike at the outset; new arrests without a warrant did not
change). Both settings are assumptions, shrunk toward nothing. Leaves out: contact that grows
friendlier with the officers who refer, and warrants.

Knock-out: with `substance_offending` and `needs_service` 0 and no custody for minor offences
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
class LeadDiversion(Programme):
    """Booking replaced by case management."""

    name: ClassVar[str] = "lead_diversion"
    row: ClassVar[int] = 10
    title: ClassVar[str] = "LEAD: case management in place of booking"
    eligible: ClassVar[str] = "adults arrested in the last week, with substance need first"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.diversion": (0.7, 0.2, 1.0),
        "resident.need": (0.75, 0.4, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.diversion": "diversion",
        "resident.need": "need",
    }
    capacity: ClassVar[str] = "100 to 350 places per site"
    unit_cost: ClassVar[str] = "$500-900 per person and month"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = (
        "S19",
        "S20",
    )
    contested_by: ClassVar[str] = "not randomised; new arrests without a warrant unchanged"

    diversion: float = 0.7
    """Added chance that a minor arrest is diverted."""
    need: float = 0.75
    """What unmet need does to offending and calls, relative (assumption)."""
    places_per_100k: float = 40.0
    """Places at once per 100,000 residents."""
    months: float = 18.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.5
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.5
    """Hazard of dropping out."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 8400.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        rows = by_age(desk, desk.arrested(), 18, 99)
        return rows, desk.lives["substance"][rows].astype(np.float64)
