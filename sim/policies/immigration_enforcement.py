"""Local immigration enforcement (row 36).

Mechanism. Police help to deport: residents who live with that threat feel it more (`threat`) and
call less often when they need police; offenders who know it pick them more often
(`enforcement_targeting`). Both follow from the threat.

Sources: M03 (where local police took part, Hispanic victims reported less). The lever is the felt
threat, an assumption; what it does to calling is a parameter of its own. Leaves out: deportation
itself and families parted.

Knock-out: where nobody is exposed, or exposure does not touch reporting (`enforcement_reporting` 0)
nor whom offenders pick (`enforcement_targeting` 0), nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class ImmigrationEnforcement(Switch):
    """Detainers honoured and immigration status asked."""

    name: ClassVar[str] = "immigration_enforcement"
    row: ClassVar[int] = 36
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Local immigration enforcement"
    eligible: ClassVar[str] = "residents who live with the threat of deportation"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "kind.enforcement": (0.4, 0.0, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "kind.enforcement": "threat",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("M03",)

    threat: float = 0.4
    """Rise of the felt threat (assumption: share of detainers honoured)."""
