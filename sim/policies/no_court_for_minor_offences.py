"""Keep minor conduct out of court (row 31).

Mechanism. First and minor offences are not prosecuted: a share more of minor arrests is diverted
(`diverted`, for a first arrest `first_diverted` more), and fewer stops end in a citation. Fewer
people go to jail and lose work, which is what lowers or raises offending in the model.

Sources: P22 (for the marginal defendant in Suffolk County, non-prosecution lowered new
complaints; citywide deterrence is not identified). Leaves out: a criminal record's effect on work
and housing, and school discipline.

Knock-out: without arrests for minor offences nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class NoCourtForMinorOffences(Switch):
    """Non-prosecution and diversion of first and minor offences."""

    name: ClassVar[str] = "no_court_for_minor_offences"
    row: ClassVar[int] = 31
    title: ClassVar[str] = "Keep minor conduct out of court"
    eligible: ClassVar[str] = "people arrested for minor offences"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.diversion": (0.4, 0.0, 0.9),
        "parameter.diversion_first": (0.2, 0.0, 0.6),
        "parameter.citation_share": (-0.05, -0.3, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.diversion": "diverted",
        "parameter.diversion_first": "first_diverted",
        "parameter.citation_share": "citations",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0.50 per resident and year for services"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P22",)
    contested_by: ClassVar[str] = "marginal defendants only"

    diverted: float = 0.4
    """Added chance that a minor arrest is diverted."""
    first_diverted: float = 0.2
    """Added for a first arrest."""
    citations: float = -0.05
    """Change of the chance that a stop ends in a citation."""
    cost_per_resident: float = 0.5
    """Dollars per resident and year."""
