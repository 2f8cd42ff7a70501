"""Confidential counselling for officers (row 1).

Mechanism. Officers whose stress is above `threshold` may ask for help; a share `uptake` of all
officers ever would, and the culture of the department is in that number. While they come, half of
their stress fades in `recovery` times the usual time. Stress makes contacts less respectful and
force likelier, so conduct follows if stress falls. Sessions take an hour a week.

Sources: L29 (one officer in seven has symptoms of PTSD and fewer than half ever sought help), L31
(stress goes with force). No trial measured conduct, so `recovery` is an assumption with a wide
range. Leaves out: colleagues' support, sick leave and suicide.

Knock-out: where stress moves neither force nor respect (`stress_force` and `stress_style` 0)
nothing but hours changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.agents.officers import ON_DUTY
from sim.numerics import exp_array
from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class OfficerCounselling(Policy):
    """Sessions for officers under strain, outside the chain of command."""

    name: ClassVar[str] = "officer_counselling"
    row: ClassVar[int] = 1
    title: ClassVar[str] = "Confidential counselling for officers"
    eligible: ClassVar[str] = "officers on duty whose stress is above `threshold`"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.stress_recovery": (0.5, 0.25, 1.0),
        "officer.hours_taken": (1.0, 0.0, 2.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.stress_recovery": "recovery",
    }
    capacity: ClassVar[str] = "places per 100 officers"
    unit_cost: ClassVar[str] = "$2,000 per officer and year"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = (
        "L29",
        "L31",
    )
    trial: ClassVar[dict[str, float]] = {"threshold": 0.1, "places_per_100": 100.0, "uptake": 1.0}
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "uptake": (0.0, 1.0),
        "threshold": (0.1, 1.0),
        "places_per_100": (0.0, 100.0),
        "weeks": (1.0, 260.0),
        "cost_per_year": (0.0, 50000.0),
    }

    recovery: float = 0.5
    """Half-life of stress while in counselling, relative (assumption)."""
    uptake: float = 0.35
    """Share of officers who would ever ask for help."""
    threshold: float = 0.4
    """Stress from which an officer looks for help."""
    places_per_100: float = 10.0
    """Places at once per 100 officers."""
    weeks: float = 26.0
    """How long somebody comes."""
    cost_per_year: float = 2000.0
    """Dollars per officer in counselling and year."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        places = self._places(desk)
        return float(places), places * self.cost_per_year / 52.0

    def week(self, desk: Desk) -> None:
        officers = desk.officers
        care: dict[int, tuple[int, int]] = desk.memory.setdefault("care", {})
        for slot, (key, since) in list(care.items()):
            if int(officers["key"][slot]) != key or desk.today - since >= 7 * self.weeks:
                del care[slot]
        stress = officers["stress"] * exp_array(
            -0.6931471805599453
            * (desk.today - officers["day"])
            / (desk.parameter("stress_half_life") * officers["stress_recovery"])
        )
        asks = desk.uniform(officers["key"], 1, daily=False) < self.uptake
        due = np.flatnonzero((officers["status"] == ON_DUTY) & asks & (stress >= self.threshold))
        new = [k for k in due[np.argsort(-stress[due], kind="stable")].tolist() if k not in care]
        free = max(0, int(self._places(desk) * desk.share) - len(care))
        for slot in new[:free]:
            care[slot] = (int(officers["key"][slot]), desk.today)
        desk.waiting = max(0, len(new) - free)
        slots = np.asarray(sorted(care), dtype=np.int64)
        desk.move("officer.stress_recovery", slots, self.recovery)
        desk.move("officer.hours_taken", slots, 1.0)
        desk.take_hours(float(slots.size))
        desk.spend(slots.size * self.cost_per_year / 52.0)
        desk.reached("officers", slots.size)

    def _places(self, desk: Desk) -> int:
        return int(self.places_per_100 * desk.officers.size / 100.0)
