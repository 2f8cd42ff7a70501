"""Confront racial disparity in stops and force (row 32).

Mechanism. An audit and its feedback close a share `closing` of the gap between each group's rate
of stops and of force and that of the group least affected. In a city whose groups are treated
alike it does nothing.

Sources: S10, L15 and L16 for the gaps themselves; no study measures what audits close, so
`closing` is an assumption. Leaves out: charging and sentencing, and officers who are told apart
by their record.

Knock-out: where all ratios are 1 nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch, gap_scaled

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class ConfrontDisparity(Switch):
    """Audit and feedback on whom police stop and force."""

    name: ClassVar[str] = "confront_disparity"
    row: ClassVar[int] = 32
    title: ClassVar[str] = "Confront racial disparity in stops and force"
    eligible: ClassVar[str] = "officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "kind.stop_ratio": (0.8, 0.2, 1.0),
        "kind.force_ratio": (0.8, 0.2, 1.0),
    }
    capacity: ClassVar[str] = "all officers"
    unit_cost: ClassVar[str] = "$500 per officer and year"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = (
        "S10",
        "L15",
        "L16",
    )
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "closing": (0.0, 0.5),
    }

    closing: float = 0.3
    """Share of the gap that closes at dose 1 (assumption)."""
    ramp_weeks: float = 52.0
    """Weeks until the feedback is felt."""
    cost_per_officer: float = 500.0
    """Dollars per officer and year."""

    def further(self, desk: Desk, strength: float) -> None:
        for lever in self.levers:
            gap_scaled(desk, lever, 1.0 - self.dose * strength * self.closing)
