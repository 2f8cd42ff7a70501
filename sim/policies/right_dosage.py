"""The right dosage: a part of the police budget to human services (row 53).

Mechanism. At a constant budget, patrol's hours are multiplied by `patrol`, and what that saves
pays for community organisations and for treatment places, `share_to_care` of it for the latter.
Organisations grow over a year or two and settle disputes with diminishing returns; places shorten
the queue. Fewer hours mean slower response, less patrol and fewer stops. Detectives are spared.

Sources: none in the ledger (Sharkey and co-authors 2017: fewer murders where such organisations
grew; not re-checked). What one organisation does is in `organisation_reach`, an assumption.
Leaves out: which services, start-up costs, and layoffs.

Knock-out: where organisations settle nothing (`organisation_reach` 0) and treatment does nothing
(`care_effect` 0) only the loss of hours is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class RightDosage(Switch):
    """Not just more police: a slider between hours and services."""

    name: ClassVar[str] = "right_dosage"
    row: ClassVar[int] = 53
    title: ClassVar[str] = "The right dosage: a part of the police budget to human services"
    eligible: ClassVar[str] = "the city"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "beat.priority": (0.95, 0.7, 1.0),
        "parameter.organisations": (3.5, 0.0, 150.0),
        "parameter.care_places": (50.0, 0.0, 2000.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "beat.priority": "patrol",
    }
    capacity: ClassVar[str] = "what the money moved pays for"
    unit_cost: ClassVar[str] = "none added: $250,000 per organisation, $17,500 per place and year"
    badge: ClassVar[str] = "quasi"
    contested_by: ClassVar[str] = "one instrument (numbers of organisations), not budgets moved"
    trial: ClassVar[dict[str, float]] = {"patrol": 0.8}
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "budget_per_resident": (50.0, 1500.0),
        "share_to_care": (0.0, 1.0),
        "cost_per_organisation": (20000.0, 5000000.0),
        "cost_per_place": (1000.0, 100000.0),
    }

    patrol: float = 0.95
    """Patrol's hours, relative: what is missing to 1 is the share of its budget that is moved."""
    budget_per_resident: float = 350.0
    """Dollars that police patrol costs per resident and year."""
    share_to_care: float = 0.5
    """Share of what is moved that pays for treatment places; the rest for organisations."""
    cost_per_organisation: float = 250000.0
    """Dollars per community organisation and year."""
    cost_per_place: float = 17500.0
    """Dollars per treatment place and year."""
    ramp_weeks: float = 52.0
    """Weeks until all of it is moved."""

    def further(self, desk: Desk, strength: float) -> None:
        """What the money buys, per 100,000 residents."""
        moved = (1.0 - self.patrol) * self.budget_per_resident * 1e5
        bought = moved * (1.0 - self.share_to_care) / self.cost_per_organisation
        desk.move("parameter.organisations", None, bought, strength)
        places = moved * self.share_to_care / self.cost_per_place
        desk.move("parameter.care_places", None, places, strength)
