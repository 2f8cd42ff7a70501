"""Independent investigation and prosecution of officers (row 40).

Mechanism. Misconduct is likelier to come to light (`watched`) and to cost an officer dearly, so
officers hold back (`force`, `respect`). Whether they also hold back from work is the hypothesis
of withdrawal after scrutiny, which incidents drive, not this module.

Sources: M07 (where an investigation followed a viral incident, self-initiated activity fell by
half and more; elsewhere it did not). What deterrence does to a single officer is an assumption.
Leaves out: sanctions and dismissals one by one, and the cost of settlements.

Knock-out: without contacts nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class IndependentInvestigation(Switch):
    """Outside investigators and prosecutors for police misconduct."""

    name: ClassVar[str] = "independent_investigation"
    row: ClassVar[int] = 40
    title: ClassVar[str] = "Independent investigation and prosecution of officers"
    eligible: ClassVar[str] = "officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.force_factor": (0.92, 0.6, 1.0),
        "officer.style_shift": (0.05, 0.0, 0.4),
        "officer.watched": (0.5, 0.0, 3.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.force_factor": "force",
        "officer.style_shift": "respect",
        "officer.watched": "watched",
    }
    capacity: ClassVar[str] = "all officers"
    unit_cost: ClassVar[str] = "$8 per resident and year (decrees cost $5-15 million a year)"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("M07",)
    contested_by: ClassVar[str] = "comparison cities of M07 are criticised"

    force: float = 0.92
    """Force in a contact, relative (assumption)."""
    respect: float = 0.05
    """Change of the log odds of respect (assumption)."""
    watched: float = 0.5
    """Added chance that force becomes known, relative to the base (assumption)."""
    ramp_weeks: float = 52.0
    """Weeks until it is set up."""
    cost_per_resident: float = 8.0
    """Dollars per resident and year."""
