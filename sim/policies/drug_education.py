"""Tobacco and drug education, help to stop, limits on advertising (row 35).

Mechanism. Fewer between 12 and 24 take smoking up (`starting`), fewer below 25 come to need help
with substances (`drugs`), and more adults stop smoking (`quitting`). Fewer smokers mean fewer who
sell in the street; less need means fewer everyday offences, years later and a little.

Sources: none in the ledger; campaigns lower use somewhat, and nobody has seen crime move.
Settings are assumptions. Leaves out: which campaign, and youths who take up something else.

Knock-out: with need out of the model (`substance_offending` and `needs_service` 0) and nobody
selling (`street_share` 0) only smoking changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class DrugEducation(Switch):
    """Campaigns, help to stop, and limits on advertising."""

    name: ClassVar[str] = "drug_education"
    row: ClassVar[int] = 35
    title: ClassVar[str] = "Tobacco and drug education, help to stop, limits on advertising"
    eligible: ClassVar[str] = "people aged 12 to 24; smokers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.initiation": (0.85, 0.5, 1.0),
        "parameter.drug_initiation": (0.95, 0.7, 1.0),
        "parameter.quit_rate": (1.1, 1.0, 2.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.initiation": "starting",
        "parameter.drug_initiation": "drugs",
        "parameter.quit_rate": "quitting",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$3 per resident and year"
    badge: ClassVar[str] = "descriptive"
    contested_by: ClassVar[str] = "school programmes against drugs have often changed nothing"

    starting: float = 0.85
    """Taking smoking up, relative (assumption)."""
    drugs: float = 0.95
    """New substance need below 25, relative (assumption; null allowed)."""
    quitting: float = 1.1
    """Quitting, relative (assumption)."""
    cost_per_resident: float = 3.0
    """Dollars per resident and year."""
    ramp_weeks: float = 26.0
    """Weeks until it is fully in force."""
