"""Outreach to victims of past years (row 52).

Mechanism. People wounded one to five years ago, and households of those killed then, are looked
up and offered care; fewer accept than soon after. Whether late care helps is not known: no
estimate exists, so `recovery` and `retaliation` are neutral by default.

Sources: none. Results are speculative. Leaves out: those who have moved
away, and victims of anything but guns.

Knock-out: with trauma and grievances out of the model nothing changes at any setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class RetrospectiveOutreach(Programme):
    """Care offered to those whom nobody reached then."""

    name: ClassVar[str] = "retrospective_outreach"
    row: ClassVar[int] = 52
    title: ClassVar[str] = "Outreach to victims of past years"
    eligible: ClassVar[str] = "the wounded, and households of the killed, of one to five years ago"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.trauma_recovery": (1.0, 0.5, 1.0),
        "resident.retaliation": (1.0, 0.6, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.trauma_recovery": "recovery",
        "resident.retaliation": "retaliation",
    }
    capacity: ClassVar[str] = "list size and places"
    unit_cost: ClassVar[str] = "$6,000 per client and year"
    badge: ClassVar[str] = "none"
    speculative: ClassVar[bool] = True
    trial: ClassVar[dict[str, float]] = {"since_days": 30.0}
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "since_days": (0.0, 1800.0),
    }

    recovery: float = 1.0
    """Half-life of trauma while in care, relative (no estimate: neutral)."""
    retaliation: float = 1.0
    """Readiness to settle a grievance, relative (no estimate: neutral)."""
    since_days: float = 365.0
    """How long ago it happened at least."""
    places_per_100k: float = 60.0
    """Places at once per 100,000 residents."""
    months: float = 6.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.2
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.8
    """Hazard of dropping out."""
    targeting_noise: float = 0.5
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 6000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return desk.hurt(1825, since=int(self.since_days))
