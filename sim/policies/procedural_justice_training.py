"""Procedural-justice training for officers (row 6).

Mechanism. Trained officers treat people more respectfully: the log odds of a respectful contact
rise by `effect`, which fades with `half_life_days` after the course (a refresher renews it).
Legitimacy is not moved; it follows, or doesn't, from how contacts then go. Courses take hours
from the beat, in waves. A fall of disrespect of half a standard deviation [P14] is about 0.9 in
log odds (d x pi / sqrt(3)); one day of training, as in Chicago [P13], is likelier to be a third
of it.

Sources: P12 (supervision), P13 (Chicago, complaints and force; contested by its own re-analysis),
P14 (three cities, officers' behaviour moves, residents' legitimacy does not), P15 (a script at
the roadside; the replication reversed the sign). Leaves out: selection of officers into training,
and what supervisors do when the course is over.

Knock-out: where no contact is judged (no stops, no calls) nobody's legitimacy moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.course import Course


@dataclass(frozen=True)
class ProceduralJusticeTraining(Course):
    """Courses in fair treatment for patrol officers."""

    name: ClassVar[str] = "procedural_justice_training"
    row: ClassVar[int] = 6
    title: ClassVar[str] = "Procedural-justice training"
    eligible: ClassVar[str] = "officers on duty"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.style_shift": (0.6, 0.0, 1.2),
        "officer.hours_taken": (8.0, 0.0, 40.0),
    }
    capacity: ClassVar[str] = "officers a week, by share of the force"
    unit_cost: ClassVar[str] = "$60 per officer-hour of backfill, $150 per course place"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P12", "P13", "P14", "P15")
    contested_by: ClassVar[str] = (
        "experiments agree that officers' behaviour changes, and disagree on residents' trust"
    )
    moves: ClassVar[dict[str, str]] = {"officer.style_shift": "effect"}

    effect: float = 0.6
    """Rise of the log odds of a respectful contact right after the course (assumption from P14)."""
