"""Civil asset forfeiture as revenue (row 22).

Mechanism. Officers' hours follow the money: more on vice and on stops of motorists, fewer for
detectives, and stops meant to seize are less respectful. Only the hours and the manner are in the
model.

Sources: P28 (sharing of proceeds solves no more crime in an advocate's study; an older paper
disagrees). There is no estimate of trust, so all settings are assumptions and results are
speculative. Leaves out: seizures themselves, what families lose, and the revenue.

Knock-out: where no contact is judged and no case is open, nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class AssetForfeiture(Switch):
    """Policing that pays for itself by seizures."""

    name: ClassVar[str] = "asset_forfeiture"
    row: ClassVar[int] = 22
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Civil asset forfeiture as revenue"
    eligible: ClassVar[str] = "motorists and people in drug cases"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.vice_share": (0.04, 0.0, 0.15),
        "parameter.initiated_share": (0.03, 0.0, 0.15),
        "parameter.detective_factor": (0.95, 0.7, 1.0),
        "officer.style_shift": (-0.05, -0.4, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.vice_share": "vice_hours",
        "parameter.initiated_share": "contact_hours",
        "parameter.detective_factor": "detectives",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "share of hours"
    unit_cost: ClassVar[str] = "none added: hours come from patrol and detectives"
    badge: ClassVar[str] = "advocacy"
    evidence: ClassVar[tuple[str, ...]] = ("P28",)
    contested_by: ClassVar[str] = "NBER 23873 finds more arrests and less crime"
    speculative: ClassVar[bool] = True

    vice_hours: float = 0.04
    """Added share of free hours on vice (assumption)."""
    contact_hours: float = 0.03
    """Added share of free hours on stops (assumption)."""
    detectives: float = 0.95
    """Detectives' hours, relative (assumption)."""
    respect: float = -0.05
    """Change of the log odds of respect (assumption)."""
