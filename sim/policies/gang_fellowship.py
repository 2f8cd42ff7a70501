"""Gang fellowship: mentors, a stipend and work for those likeliest to shoot (row 17).

Mechanism. Staff find people who were lately close to gunfire, as shooter or target, as far as the
street tells them; ranking is imperfect (`targeting_noise`). Fellows stay up to `months`, or drop
out. While enrolled their readiness to attack and to settle a grievance is multiplied by
`violence` and `retaliation`, a share `mediation` of their disputes is talked down, and work makes
a gang less needed. After they leave nothing is assumed to last. Capacity is places per 100,000
residents; mentors, of `caseload` fellows each, limit it where `staff_per_100k` is set.

Sources: P01 (Richmond, synthetic control: firearm violence fell, other violence rose), P02
(Sacramento, programme-affiliated evaluation), S29 (the raw trend in Richmond). What the fellows
themselves do is not measured in any of them: `violence` and `retaliation` are assumptions with
wide ranges. Leaves out: effects on peers who are not enrolled, and travel.

Knock-out: without disputes, gang attacks and grievances there is nothing left for it to change
but the gangs' size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.programme import Programme, Rows, Scores, close_to_gunfire

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class GangFellowship(Programme):
    """Mentoring, stipends and jobs for the few who drive shootings."""

    name: ClassVar[str] = "gang_fellowship"
    row: ClassVar[int] = 17
    title: ClassVar[str] = "Gang fellowship (mentors, stipend, work)"
    eligible: ClassVar[str] = "people aged 14 to 35 lately close to gunfire, as shooter or target"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.violence": (0.5, 0.2, 1.0),
        "resident.retaliation": (0.5, 0.2, 1.0),
        "resident.mediation": (0.3, 0.0, 0.8),
        "resident.outside_option": (0.4, 0.0, 1.0),
    }
    capacity: ClassVar[str] = (
        "places per 100,000 residents; a mentor carries 8, and limits them where `staff_per_100k` is set"
    )
    unit_cost: ClassVar[str] = "$25,000 per person-year, stipend included"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P01", "P02", "S29")
    contested_by: ClassVar[str] = (
        "one treated city; non-gun violence rose there; other sites are mixed"
    )
    moves: ClassVar[dict[str, str]] = {
        "resident.violence": "violence",
        "resident.retaliation": "retaliation",
        "resident.mediation": "mediation",
        "resident.outside_option": "outside_option",
    }

    places_per_100k: float = 35.0
    months: float = 18.0
    violence: float = 0.5
    """Readiness to attack while enrolled, relative (assumption)."""
    retaliation: float = 0.5
    """Readiness to settle a grievance while enrolled, relative (assumption)."""
    mediation: float = 0.3
    """Chance that mentors talk a reprisal of theirs down (assumption)."""
    outside_option: float = 0.4
    """How far work and stipend make a gang less needed (assumption)."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of one recent shooting."""
    caseload: float = 8.0
    """Fellows whom one mentor carries."""
    cost_per_year: float = 25000.0

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return close_to_gunfire(desk, 14, 35)
