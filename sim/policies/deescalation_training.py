"""De-escalation training (ICAT) (row 3).

Mechanism. Officers learn to slow a contested contact down: the chance of force in a contact of
theirs is multiplied by `force` right after the course, less so as it fades; a refresher a year
later renews it. Injuries of residents and officers follow from force.

Sources: P17, a stepped-wedge trial in one department. What a single officer does differently is
not published, so `force` is an assumption between no change and rather less than half of contacts
ending otherwise. Leaves out: supervision, policy changes that came with it, and contacts with
weapons other than guns.

Knock-out: where force is out of the model (`force_base` at its least, no contact) nothing changes
but hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.course import Course


@dataclass(frozen=True)
class DeescalationTraining(Course):
    """Courses in integrating communication, assessment and tactics."""

    name: ClassVar[str] = "deescalation_training"
    row: ClassVar[int] = 3
    title: ClassVar[str] = "De-escalation training (ICAT)"
    eligible: ClassVar[str] = "patrol officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.force_factor": (0.8, 0.55, 1.0),
        "officer.hours_taken": (10.0, 0.0, 40.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.force_factor": "force",
    }
    capacity: ClassVar[str] = "officers a week, by share of the force"
    unit_cost: ClassVar[str] = "$60 per officer-hour of backfill, $250 per place"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P17",)
    contested_by: ClassVar[str] = "one site; replications under way"

    force: float = 0.8
    """Force in a contact right after the course, relative (assumption)."""
    hours: float = 10.0
    """Hours per course."""
    half_life_days: float = 365.0
    """Time in which half of it fades (assumption)."""
    refresher_days: float = 365.0
    """A new course after so many days; 0: never."""
    cost_per_place: float = 250.0
    """Dollars per place, on top of backfill."""
