"""Performance judged by outcomes, not counts (row 28).

Mechanism. Nobody counts stops and citations any more: fewer of the free hours go to contacts for
the count, fewer contacts end in a citation, and officers are judged on follow-up instead
(`respect`). Directives do change what officers do within weeks; what that does is left to the
model.

Sources: none in the ledger. All settings are assumptions; results are speculative. Leaves out:
data on visits and referrals (see measured_follow_up).

Knock-out: without self-initiated contacts nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class OutcomeMetrics(Switch):
    """The reverse of quotas, for a department that has them by habit."""

    name: ClassVar[str] = "outcome_metrics"
    row: ClassVar[int] = 28
    title: ClassVar[str] = "Performance judged by outcomes, not counts"
    eligible: ClassVar[str] = "officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.initiated_share": (-0.04, -0.2, 0.0),
        "parameter.citation_share": (-0.12, -0.4, 0.0),
        "officer.style_shift": (0.05, 0.0, 0.3),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.initiated_share": "contact_hours",
        "parameter.citation_share": "citations",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0.50 per resident and year for data"
    badge: ClassVar[str] = "quasi"
    speculative: ClassVar[bool] = True

    contact_hours: float = -0.04
    """Change of the share of free hours on contacts (assumption)."""
    citations: float = -0.12
    """Change of the chance that a stop ends in a citation (assumption)."""
    respect: float = 0.05
    """Change of the log odds of respect (assumption)."""
    cost_per_resident: float = 0.5
    """Dollars per resident and year."""
