"""Procedural-justice training for officers (row 6).

Mechanism. Trained officers treat people more respectfully: the log odds of a respectful contact rise by
`effect`, which fades with `half_life_days` after the course (a refresher renews it). Legitimacy is not
moved; it follows, or doesn't, from how contacts then go. Courses take hours from the beat, in waves of
`officers_per_week`. A fall of disrespect of half a standard deviation [P14] is about 0.9 in log odds
(d x pi / sqrt(3)); one day of training, as in Chicago [P13], is likelier to be a third of it.

Sources: P12 (supervision), P13 (Chicago, complaints and force; contested by its own re-analysis), P14
(three cities, officers' behaviour moves, residents' legitimacy does not), P15 (a script at the roadside;
the replication reversed the sign). Leaves out: selection of officers into training, and what supervisors
do when the course is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class ProceduralJusticeTraining(Policy):
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
        "experiments agree that officers' behaviour changes and disagree on whether residents' trust does"
    )
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "effect": (0.0, 1.2),
        "days_of_training": (0.5, 5.0),
        "share_per_week": (0.0, 1.0),
        "half_life_days": (30.0, 1500.0),
        "refresher_days": (0.0, 1500.0),
    }

    effect: float = 0.6
    """Rise of the log odds of a respectful contact right after the course (assumption from P14)."""
    days_of_training: float = 1.0
    share_per_week: float = 0.04
    """Share of the force in a course each week: all in about half a year."""
    half_life_days: float = 270.0
    """Time in which half of the effect fades (assumption: 6 to 24 months)."""
    refresher_days: float = 0.0
    """A new course after so many days; 0: never."""

    def week(self, desk: Desk) -> None:
        officers = desk.officers
        trained: dict[int, tuple[int, int]] = desk.memory.setdefault("trained", {})
        for slot in [k for k, (key, _) in trained.items() if int(officers["key"][k]) != key]:
            del trained[slot]  # the officer has left; whoever was hired since is untrained
        due = [
            k for k in np.flatnonzero(officers["status"] == 0).tolist()
            if k not in trained or (self.refresher_days > 0 and desk.today - trained[k][1] >= self.refresher_days)
        ]  # fmt: skip
        places = int(round(self.share_per_week * officers.size))
        order = (
            np.argsort(desk.uniform(officers["key"][due]), kind="stable")[:places] if due else []
        )
        chosen = np.asarray([due[k] for k in order], dtype=np.int64)
        for slot in chosen.tolist():
            trained[slot] = (int(officers["key"][slot]), desk.today)
        hours = 8.0 * self.days_of_training
        desk.propose("officer.hours_taken", chosen, np.full(chosen.size, min(hours, 40.0)))
        desk.take_hours(hours * chosen.size)
        desk.spend(chosen.size * (60.0 * hours + 150.0))
        desk.waiting = max(0, len(due) - places)
        desk.memory["reach"] = len(trained)
        self._shift(desk, trained)

    def after(self, desk: Desk) -> None:
        """What was learnt fades; nobody is trained any more."""
        trained = desk.memory.get("trained", {})
        for slot in [k for k, (key, _) in trained.items() if int(desk.officers["key"][k]) != key]:
            del trained[slot]
        desk.propose("officer.hours_taken", np.zeros(0, dtype=np.int64), np.zeros(0))
        self._shift(desk, trained)

    def _shift(self, desk: Desk, trained: dict[int, tuple[int, int]]) -> None:
        slots = np.asarray(sorted(trained), dtype=np.int64)
        since = np.asarray([desk.today - trained[k][1] for k in slots.tolist()], dtype=np.float64)
        fade = np.asarray([2.0 ** (-days / self.half_life_days) for days in since.tolist()])
        desk.propose("officer.style_shift", slots, self.dose * self.effect * fade)
