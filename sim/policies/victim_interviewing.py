"""Trauma-informed interviewing of victims of sexual assault (row 7).

Mechanism. Detectives learn to interview without hurting again. As far as they are trained, and
less as it fades, a victim who reported is likelier to stay with the case (`stays`), and what the
interview leaves them believing about police is better (`push`). More cases then have evidence and
may end in an arrest; how many is left to the model.

Sources: S16 (prosecutions 6 % before, 22 to 24 % after, in another place, decade and with all
kits tested: a ceiling), shrunk here: both settings are assumptions whose range includes nothing.
Leaves out: advocates, special prosecutors, and victims who do not report at all.

Knock-out: without reported sexual assaults (`report_sexual` at its least, `sexual_rate` at its
least) nothing changes but hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.agents.officers import DETECTIVE
from sim.policies.course import Course

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class VictimInterviewing(Course):
    """A course for detectives."""

    name: ClassVar[str] = "victim_interviewing"
    row: ClassVar[int] = 7
    title: ClassVar[str] = "Trauma-informed interviewing of victims of sexual assault"
    eligible: ClassVar[str] = "detectives; through them, victims who report"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.victim_stays": (0.1, 0.0, 0.3),
        "parameter.interview_push": (0.05, 0.0, 0.2),
        "officer.hours_taken": (20.0, 0.0, 40.0),
    }
    capacity: ClassVar[str] = "detectives a week, by share of the force"
    unit_cost: ClassVar[str] = "$60 per officer-hour of backfill, $400 per place"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = ("S16",)
    contested_by: ClassVar[str] = "another jurisdiction and decade; kits tested at the same time"
    trial: ClassVar[dict[str, float]] = {
        "share_per_week": 1.0, "stays": 0.3, "refresher_days": 7.0
    }  # fmt: skip
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "stays": (0.0, 0.3),
        "push": (0.0, 0.2),
    }

    hours: float = 20.0
    """Hours of the course (16 to 24)."""
    stays: float = 0.1
    """Added chance that a victim stays with the case, all detectives trained (assumption)."""
    push: float = 0.05
    """Added push of an interview on the victim's beliefs (assumption)."""
    half_life_days: float = 540.0
    """Time in which half of it fades (assumption)."""
    refresher_days: float = 730.0
    """A new course after so many days; 0: never."""
    cost_per_place: float = 400.0
    """Dollars per place, on top of backfill."""

    def attends(self, desk: Desk) -> NDArray[np.bool_]:
        """A keyed `share_of_officers` of detectives."""
        officers = desk.officers
        chosen = desk.uniform(officers["key"], 1, daily=False) < self.share_of_officers
        return np.asarray(chosen & (officers["unit"] == DETECTIVE), dtype=bool)

    def apply(self, desk: Desk) -> None:
        """Victims meet a trained detective as often as there are any, as far as it holds."""
        trained = self._trained(desk)
        slots = np.flatnonzero(trained.who)
        left = self.remains(desk.today - trained.day[slots], self.half_life_days)
        detectives = int((desk.officers["unit"] == DETECTIVE).sum())
        strength = float(left.sum()) / max(1, detectives)
        desk.move("parameter.victim_stays", None, self.stays, strength)
        desk.move("parameter.interview_push", None, self.push, strength)
        desk.strength = self.dose * strength
        desk.reached("officers", slots.size)
