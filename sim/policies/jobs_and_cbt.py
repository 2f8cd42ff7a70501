"""Job and cognitive therapy for the men at highest risk (READI) (row 60).

Mechanism. Men referred as close to gunfire get a paid job and cognitive behavioural sessions for
a year and a half. While enrolled they attack less readily (`violence`), settle fewer grievances
(`retaliation`), offend less (`offending`), and work makes a gang less needed.

Sources: none in the ledger; a trial in one city is known of. There is no default effect: settings
are assumptions from what the days are filled with. Leaves out: referral routes that reach
different men, and what follows after the job.

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
class JobsAndCbt(Programme):
    """Work and therapy for referred men."""

    name: ClassVar[str] = "jobs_and_cbt"
    row: ClassVar[int] = 60
    title: ClassVar[str] = "Job and cognitive therapy for the men at highest risk (READI)"
    eligible: ClassVar[str] = "men aged 18 to 34 lately close to gunfire"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.violence": (0.7, 0.4, 1.0),
        "resident.retaliation": (0.75, 0.4, 1.0),
        "resident.offending": (0.8, 0.5, 1.0),
        "resident.outside_option": (0.5, 0.0, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.violence": "violence",
        "resident.retaliation": "retaliation",
        "resident.offending": "offending",
        "resident.outside_option": "outside_option",
    }
    capacity: ClassVar[str] = "places per 100,000 residents"
    unit_cost: ClassVar[str] = "$30,000 per person and year"
    badge: ClassVar[str] = "experiment"
    contested_by: ClassVar[str] = "the trial's main outcome was mixed"

    violence: float = 0.7
    """Readiness to attack while enrolled, relative (assumption)."""
    retaliation: float = 0.75
    """Readiness to settle a grievance, relative (assumption)."""
    offending: float = 0.8
    """Everyday offending, relative (assumption)."""
    outside_option: float = 0.5
    """How far work makes a gang less needed (assumption)."""
    places_per_100k: float = 40.0
    """Places at once per 100,000 residents."""
    months: float = 18.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.55
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.6
    """Hazard of dropping out."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 30000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        rows, score = close_to_gunfire(desk, 18, 34)
        men = desk.residents["sex"][rows] == 1
        return rows[men], score[men]
