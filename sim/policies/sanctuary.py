"""Sanctuary: police stay out of immigration enforcement (row 37).

Mechanism. The reverse of immigration_enforcement: the threat that exposed residents feel falls by
`threat`, as far as there is any, and they call like others.

Sources: M03, read in reverse: reports rose where enforcement ended, by less than they had fallen.
The lever is an assumption. Leaves out: federal enforcement, and news that blurs the line between
the two.

Knock-out: where nobody feels a threat nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class Sanctuary(Switch):
    """No detainers, no questions about status."""

    name: ClassVar[str] = "sanctuary"
    row: ClassVar[int] = 37
    title: ClassVar[str] = "Sanctuary: police stay out of immigration enforcement"
    eligible: ClassVar[str] = "residents who live with the threat of deportation"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "kind.enforcement": (-0.3, -1.0, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "kind.enforcement": "threat",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("M03",)

    threat: float = -0.3
    """Change of the felt threat (assumption)."""
    ramp_weeks: float = 26.0
    """Weeks until people believe it."""
