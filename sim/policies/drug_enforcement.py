"""Drug prohibition enforced on the street (row 18).

Mechanism. More of patrol's free hours go to vice (`vice_hours`) and to self-initiated contacts
(`contact_hours`), and more contacts end in a vice arrest (`vice_arrests`). Arrests take people
off the street and their work away; patrol has fewer hours left, and contacts shape trust. It
raises the parameters that baseline policing has.

Sources: S33 (people of different groups use drugs alike and are arrested unalike). How violence
responds is not moved; whether arrests leave openings that others fight over is the parameter
`opening_contest`, 0 by default. Leaves out: prices and overdoses.

Knock-out: where vice has no hours and stops make no arrest, nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class DrugEnforcement(Switch):
    """Officers' hours on street sales and possession."""

    name: ClassVar[str] = "drug_enforcement"
    row: ClassVar[int] = 18
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Drug prohibition enforced on the street"
    eligible: ClassVar[str] = "sellers and users on the street"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.vice_share": (0.08, 0.0, 0.2),
        "parameter.initiated_share": (0.04, 0.0, 0.2),
        "parameter.vice_share_of_stops": (0.05, 0.0, 0.15),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.vice_share": "vice_hours",
        "parameter.initiated_share": "contact_hours",
        "parameter.vice_share_of_stops": "vice_arrests",
    }
    capacity: ClassVar[str] = "share of free patrol hours"
    unit_cost: ClassVar[str] = "none added: hours come from patrol"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = ("S33",)

    vice_hours: float = 0.08
    """Added share of free hours on vice (assumption: 10 to 25 % of hours in all)."""
    contact_hours: float = 0.04
    """Added share of free hours on self-initiated contacts (assumption)."""
    vice_arrests: float = 0.05
    """Added chance that a stop ends in a vice arrest (assumption)."""
