"""Drug law reform (row 19).

Mechanism. Possession is no longer a matter for police: fewer hours on vice (`vice_hours`), fewer
vice arrests per stop (`vice_arrests`), and of what arrests remain for minor offences more are
diverted (`diverted`). Patrol gets the hours.

Sources: P29 (Oregon: no change in violence, fewer searches and arrests; contested since fentanyl
came at the same time). Leaves out: referral to treatment (see treatment_places), informants lost,
and open use.

Knock-out: where vice has no hours and makes no arrest there is nothing to reform.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class DrugLawReform(Switch):
    """Possession decriminalised; a health-led response is a policy of its own."""

    name: ClassVar[str] = "drug_law_reform"
    row: ClassVar[int] = 19
    title: ClassVar[str] = "Drug law reform"
    eligible: ClassVar[str] = "users"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.vice_share": (-0.06, -0.2, 0.0),
        "parameter.vice_share_of_stops": (-0.025, -0.1, 0.0),
        "parameter.diversion": (0.1, 0.0, 0.5),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.vice_share": "vice_hours",
        "parameter.vice_share_of_stops": "vice_arrests",
        "parameter.diversion": "diverted",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P29",)
    contested_by: ClassVar[str] = (
        "COVID and fentanyl confound it; police report a loss of informants"
    )

    vice_hours: float = -0.06
    """Change of the share of free hours on vice."""
    vice_arrests: float = -0.025
    """Change of the chance that a stop ends in a vice arrest."""
    diverted: float = 0.1
    """Added chance that a minor arrest is diverted (assumption)."""
