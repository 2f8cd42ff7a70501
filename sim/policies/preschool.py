"""Early childhood education (row 12).

Mechanism. Children of three to five in poor blocks get places in a good preschool; a week counts
as far as they attend (`attendance`). What they had is kept for life: it takes away a part of what
holds schooling back, and a part of the readiness to offend and attack, when they are old enough
for either. Nothing shows before eight or ten years, which is longer than most runs.

Sources: P33 (arrests of adults who went to such preschools; small trials, newer cohorts show
nothing). How much a child gains is in the parameters `early_schooling` and `early_self_control`,
assumptions whose range includes nothing. Leaves out: mothers' work, health, and what older
children miss.

Knock-out: with both parameters at 0 nothing ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.pools import disadvantage
from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class Preschool(Programme):
    """Places in a good preschool, the poorest blocks first."""

    name: ClassVar[str] = "preschool"
    row: ClassVar[int] = 12
    title: ClassVar[str] = "Early childhood education"
    eligible: ClassVar[str] = "children aged 3 to 5, by the disadvantage of their block"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.preschool": (0.9, 0.0, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.preschool": "attendance",
    }
    capacity: ClassVar[str] = "places per 100,000 residents"
    unit_cost: ClassVar[str] = "$15,000 per child and year ($10-20 thousand)"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P33",)
    contested_by: ClassVar[str] = "tiny or matched samples; newer Head Start cohorts show nothing"

    attendance: float = 0.9
    """Share of weeks that a child attends (assumption)."""
    places_per_100k: float = 500.0
    """Places at once per 100,000 residents."""
    months: float = 24.0
    """How long somebody stays who does not drop out."""
    again_days: float = 1460.0
    """Days after leaving before the same person may be asked again."""
    uptake: float = 0.6
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.15
    """Hazard of dropping out."""
    targeting_noise: float = 0.3
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 52.0
    """Weeks until all places exist."""
    cost_per_year: float = 15000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return desk.pools.aged(desk.state, 3, 5, worth=disadvantage)
