"""Demilitarised police (row 21).

Mechanism. The reverse of militarise: strict rules say when a tactical team may be sent (`raids`),
and training and equipment are civilian again (`level`).

Sources: P27, read in reverse. Settings are assumptions. Leaves out: what happens to the
equipment, and the rare call that needs it.

Knock-out: without raids (`raid_rate` 0) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class Demilitarise(Switch):
    """Strict guidelines for tactical teams."""

    name: ClassVar[str] = "demilitarise"
    row: ClassVar[int] = 21
    title: ClassVar[str] = "Demilitarised police: strict guidelines for tactical teams"
    eligible: ClassVar[str] = "homes where police would also stop people; their neighbourhoods"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.raid_rate": (0.4, 0.0, 1.0),
        "parameter.militarisation": (-0.2, -1.0, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.raid_rate": "raids",
        "parameter.militarisation": "level",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0.50 per resident in the first year for training"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P27",)
    contested_by: ClassVar[str] = "what equipment does to crime: null in corrected data"

    raids: float = 0.4
    """Raids, relative (assumption)."""
    level: float = -0.2
    """Change of the level of militarisation, 0 to 1 (assumption)."""
    cost_per_resident: float = 0.5
    """Dollars per resident and year."""
    ramp_weeks: float = 26.0
    """Weeks until it is fully in force."""
