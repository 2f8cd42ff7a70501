"""High-school graduation (row 13).

Mechanism. Pupils who fall behind are supported: of what holds schooling back (trauma, an arrest)
a share `schooling` is taken away, and school gives them something better than a gang
(`outside_option`). More schooling means more work later, and work means less offending; that
takes years in the model as outside it.

Sources: S24 (graduation and later arrests; the instrument is disputed). Settings are assumptions
about support, not about its result. Leaves out: school quality, suspension, and what a
certificate is worth.

Knock-out: with work and gangs out of the model (`work_offending` 0, no recruits) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.kernel import kernel
from sim.levers import bare
from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.engine import State
    from sim.policies.desk import Desk


PUPIL = np.dtype([("schooling", "f8"), ("born", "i8")])
WHOLE_AT = np.arange(18 * 365 + 1) / 365.0 / 18.0
"""Schooling of somebody who was never held back, by age in days."""


@dataclass(frozen=True)
class GraduationSupport(Programme):
    """Support for pupils who fall behind."""

    name: ClassVar[str] = "graduation_support"
    row: ClassVar[int] = 13
    title: ClassVar[str] = "High-school graduation"
    eligible: ClassVar[str] = "people aged 14 to 17 whose schooling is behind their age"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.schooling": (0.5, 0.0, 1.0),
        "resident.outside_option": (0.15, 0.0, 0.5),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.schooling": "schooling",
        "resident.outside_option": "outside_option",
    }
    capacity: ClassVar[str] = "places per 100,000 residents"
    unit_cost: ClassVar[str] = "$4,000 per pupil and year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("S24",)
    contested_by: ClassVar[str] = "Stephens and Yang 2014: fails with regional trends"

    schooling: float = 0.5
    """Share of what holds schooling back that support takes away (assumption)."""
    outside_option: float = 0.15
    """How far school makes a gang less needed (assumption)."""
    places_per_100k: float = 300.0
    """Places at once per 100,000 residents."""
    months: float = 24.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.5
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.4
    """Hazard of dropping out."""
    targeting_noise: float = 0.3
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 4000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        rows, pupils = desk.pools.aged(desk.state, 14, 18, worth=attainment)
        late, score = np.empty(rows.size, dtype=np.int64), np.empty(rows.size)
        found = behind(rows, pupils, desk.today, late, score)
        return late[:found], score[:found]


def attainment(state: State, rows: Rows) -> NDArray[np.void]:
    """PUPIL: schooling of each so far, 0..1, and the day of birth."""
    out = np.empty(rows.size, dtype=PUPIL)
    out["schooling"] = bare(state.world.people.lives)["schooling"][rows]
    out["born"] = bare(state.world.people.residents)["born"][rows]
    return out


@kernel
def behind(rows: Rows, pupils: Any, today: int, late: Rows, score: Scores) -> int:
    """Fills `late` and `score` with who is behind and how far; schooling is whole at 18."""
    found = 0
    for k in range(rows.size):
        gap = WHOLE_AT[min(today - pupils[k].born, WHOLE_AT.size - 1)] - pupils[k].schooling
        if gap > 0.05:
            late[found], score[found] = rows[k], gap
            found += 1
    return found
