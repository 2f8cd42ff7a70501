"""More police who behave better (row 41).

Mechanism. Every beat has more officers' hours (`officers`), vacancies are filled sooner
(`hiring`), and the force is better led (`respect`). Response, patrol and self-initiated contacts
all grow with hours.

Sources: none in the ledger; all settings are a scenario's choice, the manner an assumption.
Leaves out: what the money would have done elsewhere, and detectives (see solve_shootings).

Knock-out: where patrol deters nobody and response speed matters to nobody, hours change nothing
but contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class MoreAndBetterPolice(Switch):
    """Hiring with standards."""

    name: ClassVar[str] = "more_and_better_police"
    row: ClassVar[int] = 41
    title: ClassVar[str] = "More police who behave better"
    eligible: ClassVar[str] = "the city"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "beat.priority": (1.1, 1.0, 1.5),
        "parameter.hire_days": (0.8, 0.4, 1.0),
        "officer.style_shift": (0.05, 0.0, 0.4),
    }
    moves: ClassVar[dict[str, str]] = {
        "beat.priority": "officers",
        "parameter.hire_days": "hiring",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "officers hired over two years"
    unit_cost: ClassVar[str] = (
        "$150-170 thousand per officer and year: $40 per resident at 10 % more officers"
    )
    badge: ClassVar[str] = "quasi"

    officers: float = 1.1
    """Officers' hours, relative."""
    hiring: float = 0.8
    """Time to fill a vacancy, relative."""
    respect: float = 0.05
    """Change of the log odds of respect (assumption)."""
    ramp_weeks: float = 104.0
    """Weeks until all are hired."""
    cost_per_resident: float = 40.0
    """Dollars per resident and year."""
