"""Cognitive behavioural programme for youth (Becoming a Man) (row 59).

Mechanism. Boys in poor neighbourhoods learn at school to slow down before they act. While
enrolled disputes escalate less often: they attack less readily (`violence`), settle fewer
grievances (`retaliation`) and offend less (`offending`). Nothing lasts beyond the course.

Sources: P04 (trials in Chicago: fewer arrests for violence in the programme year, no persistence,
weaker at scale). Settings are assumptions about a boy's conduct in the course. Leaves out:
schooling, and boys who are out of school.

Knock-out: without disputes and everyday offences nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.levers import bare
from sim.policies.pools import disadvantage
from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.engine import State
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class BecomingAMan(Programme):
    """Group sessions at school."""

    name: ClassVar[str] = "becoming_a_man"
    row: ClassVar[int] = 59
    title: ClassVar[str] = "Cognitive behavioural programme for youth (Becoming a Man)"
    eligible: ClassVar[str] = "boys aged 13 to 17 in poor neighbourhoods"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.violence": (0.75, 0.4, 1.0),
        "resident.retaliation": (0.85, 0.5, 1.0),
        "resident.offending": (0.85, 0.5, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.violence": "violence",
        "resident.retaliation": "retaliation",
        "resident.offending": "offending",
    }
    capacity: ClassVar[str] = "places per 100,000 residents"
    unit_cost: ClassVar[str] = "$2,000 per youth and year"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P04",)
    contested_by: ClassVar[str] = "a later scale-up saw much less"

    violence: float = 0.75
    """Readiness to attack while enrolled, relative (assumption)."""
    retaliation: float = 0.85
    """Readiness to settle a grievance, relative (assumption)."""
    offending: float = 0.85
    """Everyday offending, relative (assumption)."""
    places_per_100k: float = 400.0
    """Places at once per 100,000 residents."""
    months: float = 9.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.5
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.4
    """Hazard of dropping out."""
    targeting_noise: float = 0.5
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 12.0
    """Weeks until all places exist."""
    cost_per_year: float = 2000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return desk.pools.aged(desk.state, 13, 18, boys_in_poor_blocks, poor_and_arrested)


def poor_and_arrested(state: State, rows: Rows) -> Scores:
    """Disadvantage at home, and 1 for whoever was ever arrested."""
    arrested = bare(state.world.people.lives)["arrests"][rows] > 0
    return np.asarray(disadvantage(state, rows) + arrested, dtype=np.float64)


def boys_in_poor_blocks(state: State, rows: Rows) -> NDArray[np.bool_]:
    """Which of `rows` are male and live where disadvantage is above the middle."""
    male = bare(state.world.people.residents)["sex"][rows] == 1
    return np.asarray(male & (disadvantage(state, rows) >= 0.5), dtype=bool)
