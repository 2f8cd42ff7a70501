"""Residents' voice in police priorities (row 38).

Mechanism. Meetings rank harms by neighbourhood, and a share `share_moved` of patrol hours goes
where most people were shot, at the same total; officers who sit in meetings learn to talk
(`respect`).

Sources: none: trials of community policing are split between nothing and a small gain in trust.
Both settings are assumptions. Leaves out: problems solved together, and who comes to meetings.

Knock-out: where patrol deters nobody and response is all the same, hours moved change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch, hours_moved, shot_by_beat

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class CommunityPriorities(Switch):
    """Meetings that move hours."""

    name: ClassVar[str] = "community_priorities"
    row: ClassVar[int] = 38
    title: ClassVar[str] = "Residents' voice in police priorities"
    eligible: ClassVar[str] = "neighbourhoods"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "beat.priority": (1.0, 0.5, 2.0),
        "officer.style_shift": (0.05, 0.0, 0.3),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "share of patrol hours"
    unit_cost: ClassVar[str] = "$1.50 per resident and year"
    badge: ClassVar[str] = "experiment"
    contested_by: ClassVar[str] = "trials are split"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "share_moved": (0.0, 0.5),
    }

    respect: float = 0.05
    """Change of the log odds of respect (assumption)."""
    share_moved: float = 0.1
    """Share of patrol hours that residents' ranking places."""
    cost_per_resident: float = 1.5
    """Dollars per resident and year."""

    def further(self, desk: Desk, strength: float) -> None:
        hours_moved(desk, min(1.0, self.dose * strength * self.share_moved), shot_by_beat(desk))
