"""More and longer training in general (row 2).

Mechanism. Officers spend more hours in courses that teach a bit of everything, among them courses
on implicit bias. What is left is a small rise in the odds of a respectful contact, `effect`,
which fades.

Sources: none in the ledger; an experiment in New York (2018) saw attitudes change and behaviour
hardly at all. `effect` is an assumption whose range includes nothing. Leaves out: knowledge of
law, driving and first aid.

Knock-out: where no contact is judged (no stops, no calls) nobody's beliefs move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.course import Course


@dataclass(frozen=True)
class GeneralTraining(Course):
    """Longer academies and more in-service hours."""

    name: ClassVar[str] = "general_training"
    row: ClassVar[int] = 2
    title: ClassVar[str] = "More and longer training in general"
    eligible: ClassVar[str] = "patrol officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.style_shift": (0.05, 0.0, 0.3),
        "officer.hours_taken": (24.0, 0.0, 40.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.style_shift": "effect",
    }
    capacity: ClassVar[str] = "officers a week, by share of the force"
    unit_cost: ClassVar[str] = "$60 per officer-hour of backfill, $200 per place"
    badge: ClassVar[str] = "experiment"
    contested_by: ClassVar[str] = "implicit-bias training changes attitudes more than behaviour"

    effect: float = 0.05
    """Rise of the log odds of a respectful contact (assumption; null allowed)."""
    hours: float = 24.0
    """Hours per course."""
    share_per_week: float = 0.02
    """Share of the force in a course each week, if hours allow."""
    cost_per_place: float = 200.0
    """Dollars per place, on top of backfill."""
