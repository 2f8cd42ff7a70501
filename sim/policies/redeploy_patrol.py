"""Patrol where it is needed, faster response (row 42).

Mechanism. A share `share_moved` of patrol hours goes to beats by their calls instead of by
custom, at the same total, and better dispatch shortens the way (`response`). Delay makes an
arrest at the scene less likely and disappoints whoever called.

Sources: L32 (a tenth more delay, fewer cleared cases), P07 (patrol at hot spots deters a little).
How many hours move is the policy itself. Leaves out: beats drawn anew, and travel between beats.

Knock-out: where patrol deters nobody and delay touches neither arrest nor belief, nothing
changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.switch import Switch, hours_moved

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class RedeployPatrol(Switch):
    """Hours follow calls."""

    name: ClassVar[str] = "redeploy_patrol"
    row: ClassVar[int] = 42
    title: ClassVar[str] = "Patrol where it is needed, faster response"
    eligible: ClassVar[str] = "beats that are short of hours"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "beat.priority": (1.0, 0.5, 2.0),
        "parameter.response_minutes": (0.92, 0.7, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.response_minutes": "response",
    }
    capacity: ClassVar[str] = "share of patrol hours"
    unit_cost: ClassVar[str] = "$1 per resident and year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = (
        "L32",
        "P07",
    )
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "share_moved": (0.0, 1.0),
    }

    response: float = 0.92
    """Median delay, relative (assumption)."""
    share_moved: float = 0.3
    """Share of patrol hours placed by calls."""
    cost_per_resident: float = 1.0
    """Dollars per resident and year."""

    def further(self, desk: Desk, strength: float) -> None:
        calls = desk.beats["calls_week"].astype(np.float64) + 0.1
        hours_moved(desk, min(1.0, self.dose * strength * self.share_moved), calls)
