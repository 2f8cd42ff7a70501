"""Ban on menthol and flavoured tobacco (row 33).

Mechanism. What shops may not sell is bought elsewhere or not at all. A share `to_street` of all
tobacco moves to the street, where sellers appear and police confront them; some stop (`quitting`)
and fewer begin (`starting`). None of that has been measured for the street: no estimate exists,
so all three are neutral by default and have wide ranges.

Sources: P30 (an advocate on sales across a border; peer-reviewed work sees more quitting), S31
(85 % of Black smokers smoke menthol, so it falls on them). Results are speculative. Leaves out:
the border, prices, brands and health.

Knock-out: where nobody confronts sellers (`seller_contacts` 0) policing does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class MentholBan(Switch):
    """Shops may not sell what most Black smokers smoke."""

    name: ClassVar[str] = "menthol_ban"
    row: ClassVar[int] = 33
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Ban on menthol and flavoured tobacco"
    eligible: ClassVar[str] = "smokers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.street_share": (0.0, 0.0, 0.15),
        "parameter.quit_rate": (1.0, 1.0, 2.5),
        "parameter.initiation": (1.0, 0.5, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.street_share": "to_street",
        "parameter.quit_rate": "quitting",
        "parameter.initiation": "starting",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "tax forgone, about $5 per resident and year"
    badge: ClassVar[str] = "advocacy"
    evidence: ClassVar[tuple[str, ...]] = ("P30", "S31")
    contested_by: ClassVar[str] = "peer-reviewed work sees quitting and little illicit trade"
    speculative: ClassVar[bool] = True
    trial: ClassVar[dict[str, float]] = {"to_street": 0.15}

    to_street: float = 0.0
    """Share of all tobacco that moves to the street (no estimate: neutral; 0 to 0.15)."""
    quitting: float = 1.0
    """Quitting, relative (disputed: neutral)."""
    starting: float = 1.0
    """Taking it up, relative (disputed: neutral)."""
    cost_per_resident: float = 5.0
    """Dollars per resident and year."""
    ramp_weeks: float = 4.0
    """Weeks until it is fully in force."""
