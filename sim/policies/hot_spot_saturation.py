"""Hot spots saturated with patrol (row 50).

Mechanism. A share `share_moved` of patrol hours goes to the beats where people were shot, taken
from all others, and officers there fill them with contacts (`contact_hours`, `patdowns`) that are
less respectful (`respect`). Patrol deters a little where it is; being stopped a lot wears trust
down.

Sources: P07 (trials find a little less crime at hot spots). The harm is in how hours are used,
whose settings are assumptions. Leaves out: spots smaller than a beat, and displacement around the
corner.

Knock-out: where patrol deters nobody and no contact is judged nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch, hours_moved, shot_by_beat

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class HotSpotSaturation(Switch):
    """Many visits and many stops at few places."""

    name: ClassVar[str] = "hot_spot_saturation"
    row: ClassVar[int] = 50
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Hot spots saturated with patrol"
    eligible: ClassVar[str] = "hot beats"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "beat.priority": (1.0, 0.5, 4.0),
        "parameter.initiated_share": (0.06, 0.0, 0.25),
        "parameter.patdown_share": (0.1, 0.0, 0.4),
        "officer.style_shift": (-0.1, -0.5, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.initiated_share": "contact_hours",
        "parameter.patdown_share": "patdowns",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "share of patrol hours"
    unit_cost: ClassVar[str] = "none added: hours come from other beats"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P07",)
    contested_by: ClassVar[str] = (
        "no loss of legitimacy in two trials; practitioners say over-policed and underserved"
    )
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "share_moved": (0.0, 0.8),
    }

    contact_hours: float = 0.06
    """Added share of free hours on contacts (assumption)."""
    patdowns: float = 0.1
    """Added chance that a stop includes a pat-down (assumption)."""
    respect: float = -0.1
    """Change of the log odds of respect (assumption)."""
    share_moved: float = 0.3
    """Share of patrol hours that hot beats take."""

    def further(self, desk: Desk, strength: float) -> None:
        hours_moved(
            desk, min(1.0, self.dose * strength * self.share_moved), shot_by_beat(desk) ** 2
        )
