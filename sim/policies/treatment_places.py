"""Treatment places and waiting lists (row 15).

Mechanism. The city pays for more places (`places`) in the treatment that people in need ask for,
or are referred to, anyway: the queue gets shorter, more finish, and less need means fewer
everyday offences and calls. More people may also be referred (`referral`). Who waits, for how
long, and what treatment does is the model's own process of care.

Sources: none in the ledger: openings of clinics went with a little less acquisitive crime. What
treatment does is in `care_effect`, an assumption. Leaves out: kinds of treatment, and the prisons
that the money comes from.

Knock-out: with `needs_service` and `substance_offending` 0, or with `care_effect` 0, nothing
changes but the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class TreatmentPlaces(Switch):
    """More places in treatment, and a shorter queue."""

    name: ClassVar[str] = "treatment_places"
    row: ClassVar[int] = 15
    title: ClassVar[str] = "Treatment places and waiting lists"
    eligible: ClassVar[str] = "people with substance or mental-health need who ask or are referred"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.care_places": (200.0, 0.0, 2000.0),
        "parameter.referral_share": (0.0, 0.0, 0.5),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.care_places": "places",
        "parameter.referral_share": "referral",
    }
    capacity: ClassVar[str] = "places per 100,000 residents"
    unit_cost: ClassVar[str] = "$7,000 per place and year"
    badge: ClassVar[str] = "quasi"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {"cost_per_year": (0.0, 200000.0)}
    unread: ClassVar[dict[str, str]] = {
        "cost_per_resident": "places and cost_per_year",
        "cost_per_officer": "places and cost_per_year",
    }

    places: float = 200.0
    """Places that are added per 100,000 residents."""
    referral: float = 0.0
    """Added chance that a caller at full need is referred."""
    cost_per_year: float = 7000.0
    """Dollars per place added and year."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        places = self.dose * self.places * desk.population / 1e5
        return 0.0, places * self.cost_per_year / 52.0

    def further(self, desk: Desk, strength: float) -> None:
        stock = desk.state.world.civic.stock[0]
        desk.waiting = int(stock.care_waiting)
