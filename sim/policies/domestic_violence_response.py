"""Swift response to domestic violence, and reporting through employers and churches (row 9).

Mechanism. Households learn how and where to report, so that somebody who was hurt at home is
likelier to call (`reporting`), and detectives put more hours into such cases (`detectives`).
Repeat violence is not moved; it follows, or doesn't, from what arrests do.

Sources: P25 (visits after family violence change nothing in repeat abuse and may raise reports).
Of the programme itself there is no trial; `reporting` is an assumption that may be nothing.
Leaves out: children's trauma, shelters, and backfire against the one who reported.

Knock-out: without domestic violence (its rate at the least) nothing changes but hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class DomesticViolenceResponse(Switch):
    """Outreach so that domestic violence is reported, and hours to follow it up."""

    name: ClassVar[str] = "domestic_violence_response"
    row: ClassVar[int] = 9
    title: ClassVar[str] = (
        "Swift response to domestic violence, and reporting through employers and churches"
    )
    eligible: ClassVar[str] = "households"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.report_domestic": (0.04, 0.0, 0.1),
        "parameter.priority_other": (0.03, 0.0, 0.3),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.report_domestic": "reporting",
        "parameter.priority_other": "detectives",
    }
    capacity: ClassVar[str] = "training for employers, churches and clinics; detectives' hours"
    unit_cost: ClassVar[str] = "$1 per resident and year"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = ("P25",)
    contested_by: ClassVar[str] = "second responders do nothing for repeat abuse in trials"

    reporting: float = 0.04
    """Rise of the share of domestic violence that is reported at mean trust (assumption)."""
    detectives: float = 0.03
    """Added weight of cases other than shootings (assumption)."""
    ramp_weeks: float = 26.0
    """Weeks until it is fully known."""
    cost_per_resident: float = 1.0
    """Dollars per resident and year."""
