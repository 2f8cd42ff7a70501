"""Fund police fully, end forfeiture as revenue (row 23).

Mechanism. The reverse of asset_forfeiture, at a constant budget: little is seized any more
(`seizures`), and hours return from vice and stops to patrol. Whether detectives gain (`detectives`)
and stops are more respectful (`respect`) is not known: no estimate exists, both are neutral.

Sources: P28 (New Mexico ended forfeiture and crime did not change). All settings are assumptions;
results are speculative. Leaves out: claims and courts, and where the revenue comes from instead.

Knock-out: without searches and vice arrests nothing is seized; where no contact is judged either,
nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class EndForfeiture(Switch):
    """Budgets replace seizures."""

    name: ClassVar[str] = "end_forfeiture"
    row: ClassVar[int] = 23
    title: ClassVar[str] = "Fund police fully, end forfeiture as revenue"
    eligible: ClassVar[str] = "motorists and people in drug cases"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.seizure_share": (-0.04, -0.5, 0.0),
        "parameter.vice_share": (-0.03, -0.15, 0.0),
        "parameter.initiated_share": (-0.02, -0.15, 0.0),
        "parameter.detective_factor": (1.0, 0.95, 1.4),
        "officer.style_shift": (0.0, -0.1, 0.3),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.seizure_share": "seizures",
        "parameter.vice_share": "vice_hours",
        "parameter.initiated_share": "contact_hours",
        "parameter.detective_factor": "detectives",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "share of hours"
    unit_cost: ClassVar[str] = "revenue forgone, about $2 per resident and year"
    badge: ClassVar[str] = "advocacy"
    evidence: ClassVar[tuple[str, ...]] = ("P28",)
    contested_by: ClassVar[str] = "NBER 23873 reads the 1984 law the other way"
    speculative: ClassVar[bool] = True

    seizures: float = -0.04
    """Change of the chance that a search or vice arrest ends in a seizure (assumption)."""
    vice_hours: float = -0.03
    """Change of the share of free hours on vice (assumption)."""
    contact_hours: float = -0.02
    """Change of the share of free hours on stops (assumption)."""
    detectives: float = 1.0
    """Detectives' hours, relative (no estimate: neutral)."""
    respect: float = 0.0
    """Change of the log odds of respect (no estimate: neutral)."""
    cost_per_resident: float = 2.0
    """Dollars per resident and year."""
