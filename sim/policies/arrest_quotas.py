"""Arrest and citation quotas (row 27).

Mechanism. Officers must show numbers: more of their free hours go to contacts of their own making
(`contact_hours`), and more contacts end in a citation or a vice arrest. Whether contacts made for
the count are less respectful (`respect`) is not known: no estimate exists, and it is neutral by
default. Detectives are not touched, patrol loses hours.

Sources: none; studies look at what happened where quotas ended. All settings are assumptions;
results are speculative. Leaves out: which officers game the count, and grants that pay for it.

Knock-out: without self-initiated contacts nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class ArrestQuotas(Switch):
    """A floor on low-level enforcement per officer."""

    name: ClassVar[str] = "arrest_quotas"
    row: ClassVar[int] = 27
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Arrest and citation quotas"
    eligible: ClassVar[str] = "residents whom officers meet"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.initiated_share": (0.08, 0.0, 0.3),
        "parameter.citation_share": (0.15, 0.0, 0.4),
        "parameter.vice_share_of_stops": (0.03, 0.0, 0.15),
        "officer.style_shift": (0.0, -0.5, 0.1),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.initiated_share": "contact_hours",
        "parameter.citation_share": "citations",
        "parameter.vice_share_of_stops": "vice_arrests",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "officers' free hours"
    unit_cost: ClassVar[str] = "none added: hours come from patrol"
    badge: ClassVar[str] = "quasi"
    speculative: ClassVar[bool] = True

    contact_hours: float = 0.08
    """Added share of free hours on contacts (assumption)."""
    citations: float = 0.15
    """Added chance that a stop ends in a citation (assumption)."""
    vice_arrests: float = 0.03
    """Added chance that it ends in a vice arrest (assumption)."""
    respect: float = 0.0
    """Change of the log odds of respect (no estimate: neutral)."""
