"""Second responders after a shooting (row 49).

Mechanism. Within two weeks a team visits the wounded and the households of the killed once or
twice. Nobody has measured what such visits do after a shooting, so by default they do nothing but
cost; `recovery`, `retaliation` and `mediation` are there to try.

Sources: P25 (visits after family violence: nothing in repeat abuse, some sites worse). For
shootings no estimate exists; results are speculative. Leaves out: referral onward, and visits that
make things worse at home.

Knock-out: with grievances and trauma out of the model nothing changes at any setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class SecondResponders(Programme):
    """A follow-up visit after a shooting."""

    name: ClassVar[str] = "second_responders"
    row: ClassVar[int] = 49
    title: ClassVar[str] = "Second responders after a shooting"
    eligible: ClassVar[str] = "the wounded and households of the killed of the last two weeks"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.trauma_recovery": (1.0, 0.6, 1.1),
        "resident.retaliation": (1.0, 0.6, 1.1),
        "resident.mediation": (0.0, 0.0, 0.3),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.trauma_recovery": "recovery",
        "resident.retaliation": "retaliation",
        "resident.mediation": "mediation",
    }
    capacity: ClassVar[str] = "visits per week"
    unit_cost: ClassVar[str] = "$400 per case"
    badge: ClassVar[str] = "none"
    evidence: ClassVar[tuple[str, ...]] = ("P25",)
    contested_by: ClassVar[str] = "null after family violence"
    speculative: ClassVar[bool] = True

    recovery: float = 1.0
    """Half-life of trauma, relative (no estimate: neutral)."""
    retaliation: float = 1.0
    """Readiness to settle a grievance, relative (no estimate: neutral)."""
    mediation: float = 0.0
    """Chance that a reprisal of theirs is talked down (no estimate: neutral)."""
    places_per_100k: float = 60.0
    """Places at once per 100,000 residents."""
    months: float = 1.5
    """How long somebody stays who does not drop out."""
    uptake: float = 0.6
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.0
    """Hazard of dropping out."""
    targeting_noise: float = 0.5
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 12.0
    """Weeks until all places exist."""
    cost_per_year: float = 3200.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return desk.hurt(14)
