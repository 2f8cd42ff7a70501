"""Civil asset forfeiture as revenue (row 22).

Mechanism. More is seized at searches and vice arrests (`seizures`), which leaves those it is taken
from feeling robbed, and officers' hours follow the money: more on vice and on stops of motorists.
Whether detectives then solve less (`detectives`) and stops are less respectful (`respect`) is not
known: no estimate exists, and both are neutral by default.

Sources: P28 (sharing of proceeds solves no more crime in an advocate's study; an older paper
disagrees). All settings are assumptions and results are speculative. Leaves out: claims and courts,
what families lose, and what the revenue buys.

Knock-out: without searches and vice arrests nothing is seized; where no contact is judged either,
nothing changes.
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
        "parameter.seizure_share": (0.1, 0.0, 0.4),
        "parameter.vice_share": (0.04, 0.0, 0.15),
        "parameter.initiated_share": (0.03, 0.0, 0.15),
        "parameter.detective_factor": (1.0, 0.7, 1.05),
        "officer.style_shift": (0.0, -0.4, 0.1),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.seizure_share": "seizures",
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

    seizures: float = 0.1
    """Added chance that a search or vice arrest ends in a seizure (assumption)."""
    vice_hours: float = 0.04
    """Added share of free hours on vice (assumption)."""
    contact_hours: float = 0.03
    """Added share of free hours on stops (assumption)."""
    detectives: float = 1.0
    """Detectives' hours, relative (no estimate: neutral)."""
    respect: float = 0.0
    """Change of the log odds of respect (no estimate: neutral)."""
