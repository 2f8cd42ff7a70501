"""Hospital-based violence intervention (row 58).

Mechanism. A worker meets the wounded at the bedside; who accepts has a case manager for months.
While enrolled they attack less readily (`violence`), fewer settle the grievance (`retaliation`),
trauma heals faster (`recovery`), and help with work makes a gang less needed.

Sources: P10 (trials are few and small: from nothing to less re-injury). All settings are
assumptions between nothing and a strong effect. Leaves out: the household, and hospitals that see
only part of the wounded.

Knock-out: without disputes, gang attacks and grievances there is nothing left for it to change
but trauma.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class HospitalIntervention(Programme):
    """Bedside enrolment and case management."""

    name: ClassVar[str] = "hospital_intervention"
    row: ClassVar[int] = 58
    title: ClassVar[str] = "Hospital-based violence intervention"
    eligible: ClassVar[str] = "the wounded of the last two weeks"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.violence": (0.8, 0.5, 1.0),
        "resident.retaliation": (0.7, 0.4, 1.0),
        "resident.trauma_recovery": (0.8, 0.4, 1.0),
        "resident.outside_option": (0.15, 0.0, 0.5),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.violence": "violence",
        "resident.retaliation": "retaliation",
        "resident.trauma_recovery": "recovery",
        "resident.outside_option": "outside_option",
    }
    capacity: ClassVar[str] = "one worker per 15 to 20 clients"
    unit_cost: ClassVar[str] = "$5-10 thousand per client and year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P10",)
    contested_by: ClassVar[str] = "several trials see nothing"

    violence: float = 0.8
    """Readiness to attack while enrolled, relative (assumption)."""
    retaliation: float = 0.7
    """Readiness to settle a grievance, relative (assumption)."""
    recovery: float = 0.8
    """Half-life of trauma, relative (assumption)."""
    outside_option: float = 0.15
    """How far help makes a gang less needed (assumption)."""
    places_per_100k: float = 30.0
    """Places at once per 100,000 residents."""
    months: float = 9.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.45
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.8
    """Hazard of dropping out."""
    targeting_noise: float = 0.3
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 7500.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return desk.hurt(14, kin=False)
