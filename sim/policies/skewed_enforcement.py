"""Racially skewed stops and force (row 45).

Mechanism. The gap between each group's rate of stops and of force and that of the group least
affected grows by a share `widening`. It acts on the ratios of baseline policing; in a city whose
groups are treated alike there is no gap to widen.

Sources: S10 and L15 (Black residents meet force at 1.2 to 2.7 times the rate of white ones, by
measure and place). `widening` is a scenario's choice. Leaves out: skew by neighbourhood beyond
what deployment does.

Knock-out: where all ratios are 1 nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch, gap_scaled

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class SkewedEnforcement(Switch):
    """A department that drifts toward unequal treatment."""

    name: ClassVar[str] = "skewed_enforcement"
    row: ClassVar[int] = 45
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Racially skewed stops and force"
    eligible: ClassVar[str] = "residents of groups already stopped more"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "kind.stop_ratio": (1.25, 1.0, 2.5),
        "kind.force_ratio": (1.25, 1.0, 2.5),
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = (
        "S10",
        "L15",
    )
    contested_by: ClassVar[str] = "Fryer 2019 sees no gap in shootings given an encounter"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "widening": (0.0, 2.0),
    }

    widening: float = 0.5
    """How much the gap grows at dose 1, as a share of it."""

    def further(self, desk: Desk, strength: float) -> None:
        for lever in self.levers:
            gap_scaled(desk, lever, 1.0 + self.dose * strength * self.widening)
