"""Routine militarisation of police (row 20).

Mechanism. Equipment that is lost unless used is used: more raids on homes (`raids`), and teams
that look and act more like soldiers (`level`). Both raise what the model has anyway: each raid
brings contacts of high tension, in which force is likelier, and the neighbourhood feels occupied.

Sources: P27 (killings by police up, opinion down by a few points, crime and safety unchanged once
the equipment was counted right). Settings are assumptions. Leaves out: equipment by type,
officers' safety, and protests.

Knock-out: without raids (`raid_rate` 0) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class Militarise(Switch):
    """Use it or lose it."""

    name: ClassVar[str] = "militarise"
    row: ClassVar[int] = 20
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Routine militarisation of police"
    eligible: ClassVar[str] = "homes where police would also stop people; their neighbourhoods"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.raid_rate": (2.0, 1.0, 10.0),
        "parameter.militarisation": (0.4, 0.0, 0.7),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.raid_rate": "raids",
        "parameter.militarisation": "level",
    }
    capacity: ClassVar[str] = "raids that tactical teams can make"
    unit_cost: ClassVar[str] = "$0 for donated equipment, $1 per resident and year to run it"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P27",)
    contested_by: ClassVar[str] = "falls in crime vanish in corrected data"

    raids: float = 2.0
    """Raids, relative (assumption)."""
    level: float = 0.4
    """Rise of the level of militarisation, 0 to 1 (assumption)."""
    cost_per_resident: float = 1.0
    """Dollars per resident and year."""
    ramp_weeks: float = 26.0
    """Weeks until it is fully in force."""
