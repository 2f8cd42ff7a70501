"""Crisis response after gang shootings (GRYD) (row 57).

Mechanism. When somebody in a gang is shot, responders on call go to the victim's side the same
week, as far as they can be in one place at a time: the gang, co-offenders and household are
watched over for a month. Meanwhile reprisals of theirs are talked down with chance `mediation`,
and they are less ready (`retaliation`).

Sources: P09 (fewer reprisals followed crimes that responders went to; dispatch was not random).
Settings are assumptions. Leaves out: rumour control, police liaison, and shootings without a
gang.

Knock-out: without grievances (`weight_retaliation` 0) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class GangCrisisResponse(Programme):
    """Responders who visit the victim's side."""

    name: ClassVar[str] = "gang_crisis_response"
    row: ClassVar[int] = 57
    title: ClassVar[str] = "Crisis response after gang shootings (GRYD)"
    eligible: ClassVar[str] = "the side of gang members shot in the last week"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.mediation": (0.25, 0.0, 0.7),
        "resident.retaliation": (0.9, 0.6, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.mediation": "mediation",
        "resident.retaliation": "retaliation",
    }
    capacity: ClassVar[str] = "people watched over at once; incidents per week"
    unit_cost: ClassVar[str] = "$250,000 per responder and year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P09",)
    contested_by: ClassVar[str] = "where responders went was not random"
    trial: ClassVar[dict[str, float]] = {"incidents_per_week": 100.0}
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "incidents_per_week": (0.0, 100.0),
    }

    mediation: float = 0.25
    """Chance that a reprisal of theirs is talked down (assumption)."""
    retaliation: float = 0.9
    """Readiness to settle a grievance, relative (assumption)."""
    incidents_per_week: float = 3.0
    """Shootings per 100,000 residents and week that responders can go to (rounded up)."""
    places_per_100k: float = 80.0
    """Places at once per 100,000 residents."""
    months: float = 1.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.8
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.0
    """Hazard of dropping out."""
    targeting_noise: float = 0.5
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 12.0
    """Weeks until all places exist."""
    cost_per_year: float = 4000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        can = int(np.ceil(self.incidents_per_week * desk.population / 1e5))
        sides = [desk.close_to(shot) for shot in [s for s in desk.shots(7) if s.gang >= 0][:can]]
        rows = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *sides]))
        age = desk.age(rows)
        likelier = (age >= 14) & (age <= 35)  # to avenge it: first
        return rows, 1.0 + likelier.astype(np.float64)
