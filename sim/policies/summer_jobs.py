"""Summer jobs for youth (row 54).

Mechanism. From day `opens` of the year, for some weeks, young people without work are paid to
work: while in the job they offend less (`offending`), attack less readily (`violence`), and a
gang is less needed. Nothing is assumed to last beyond the summer.

Sources: P05 (a trial in Chicago saw fewer arrests for violence over 16 months; elsewhere less, or
nothing). Settings are assumptions about the weeks in work. Leaves out: what is learnt for later,
and supervisors.

Knock-out: without disputes and everyday offences nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class SummerJobs(Programme):
    """Eight weeks of paid work a year."""

    name: ClassVar[str] = "summer_jobs"
    row: ClassVar[int] = 54
    title: ClassVar[str] = "Summer jobs for youth"
    eligible: ClassVar[str] = "people aged 14 to 21 without work or school"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.violence": (0.85, 0.5, 1.0),
        "resident.offending": (0.85, 0.5, 1.0),
        "resident.outside_option": (0.1, 0.0, 0.5),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.violence": "violence",
        "resident.offending": "offending",
        "resident.outside_option": "outside_option",
    }
    capacity: ClassVar[str] = "places per 100,000 residents, once a year"
    unit_cost: ClassVar[str] = "$3,000 per job"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P05",)
    contested_by: ClassVar[str] = "smaller or fading effects in other cities"
    trial: ClassVar[dict[str, float]] = {"opens": 20.0}
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "opens": (0.0, 364.0),
    }

    violence: float = 0.85
    """Readiness to attack while in the job, relative (assumption)."""
    offending: float = 0.85
    """Everyday offending, relative (assumption)."""
    outside_option: float = 0.1
    """How far work makes a gang less needed (assumption)."""
    opens: float = 170.0
    """Day of the year on which jobs start."""
    places_per_100k: float = 200.0
    """Places at once per 100,000 residents."""
    months: float = 1.85
    """How long somebody stays who does not drop out."""
    uptake: float = 0.8
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.2
    """Hazard of dropping out."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 0.0
    """Weeks until all places exist."""
    cost_per_year: float = 19500.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        clock = desk.state.world.clock[0]
        if (int(clock.day) + int(clock.start_doy) - int(self.opens)) % 365 >= 21:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        rows = desk.of_age(14, 22)
        rows = rows[desk.lives["work"][rows] == 0]
        return rows, desk.blocks["disadvantage"][desk.residents["home"][rows]].astype(np.float64)
