"""Enforcement against loose cigarettes and untaxed tobacco (row 34).

Mechanism. Police confront those who sell cigarettes in the street more often (`contacts`). Most
confrontations end in words; a few in an arrest or in force, and what is seen of that may become
known and shake trust city-wide, by the same chances as any other contact. It raises the rate that
baseline policing has.

Sources: one case that became known everywhere (Staten Island, 2014), and S31 for whom it falls
on; rates are assumptions. Leaves out: taxes collected, and whom sellers supply.

Knock-out: where nobody sells in the street (`street_share` 0) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class TobaccoEnforcement(Switch):
    """More confrontations over a few cigarettes."""

    name: ClassVar[str] = "tobacco_enforcement"
    row: ClassVar[int] = 34
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Enforcement against loose cigarettes and untaxed tobacco"
    eligible: ClassVar[str] = "people who sell tobacco in the street"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.seller_contacts": (3.0, 1.0, 8.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.seller_contacts": "contacts",
    }
    capacity: ClassVar[str] = "officers' self-initiated hours"
    unit_cost: ClassVar[str] = "none added: hours come from patrol"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = ("S31",)
    contested_by: ClassVar[str] = "a single case; nobody has counted such contacts"
    trial: ClassVar[dict[str, float]] = {"contacts": 8.0}

    contacts: float = 3.0
    """Confrontations per seller, relative (assumption)."""
    ramp_weeks: float = 4.0
    """Weeks until it is fully in force."""
