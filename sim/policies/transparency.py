"""Transparency and early release of information (row 39).

Mechanism. When something goes wrong the department says so early: more incidents become known
(`publicised`), each takes away less trust (`shock`) and is remembered for a shorter time
(`memory`).

Sources: none in the ledger beyond a perspective; the sign in the short run is unknown. All
settings are assumptions. Leaves out: records released in court cases, and how release is staged.

Knock-out: without force or incidents nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class Transparency(Switch):
    """Footage and findings released within days."""

    name: ClassVar[str] = "transparency"
    row: ClassVar[int] = 39
    title: ClassVar[str] = "Transparency and early release of information"
    eligible: ClassVar[str] = "the department"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.publicised_share": (1.3, 1.0, 3.0),
        "parameter.incident_fairness": (0.9, 0.6, 1.2),
        "parameter.salience_half_life": (0.9, 0.6, 1.2),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.publicised_share": "publicised",
        "parameter.incident_fairness": "shock",
        "parameter.salience_half_life": "memory",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0.50 per resident and year"
    badge: ClassVar[str] = "none"

    publicised: float = 1.3
    """Incidents that become known, relative (assumption)."""
    shock: float = 0.9
    """Fairness lost per incident, relative (assumption)."""
    memory: float = 0.9
    """Half-life of an incident's salience, relative (assumption)."""
    cost_per_resident: float = 0.5
    """Dollars per resident and year."""
