"""Programme: people enrol, stay a while, drop out, and are moved by levers of their own.

A programme says who may be asked and how urgent each is (`candidates`); places, waiting list,
uptake, drop-out, length of stay, ramp and cost are the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.policies.desk import Desk

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Programme(Policy):
    """Base of programmes with places."""

    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "places_per_100k": (0.0, 20000.0),
        "months": (0.25, 120.0),
        "uptake": (0.0, 1.0),
        "dropout_per_year": (0.0, 5.0),
        "targeting_noise": (0.0, 5.0),
        "ramp_weeks": (0.0, 260.0),
        "cost_per_year": (0.0, 200000.0),
    }

    places_per_100k: float = 50.0
    """Places at once per 100,000 residents."""
    months: float = 12.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.7
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.35
    """Hazard of dropping out."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 12.0
    """Weeks until all places exist."""
    cost_per_year: float = 10000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        """Who may be asked now, and how urgent each is (in one unit: one recent shooting, or 1)."""
        raise NotImplementedError(f"{type(self).__name__} must say whom it looks for")

    def places(self, desk: Desk) -> int:
        """Places this week, before anything is shared out."""
        return int(self.places_per_100k * desk.population / 1e5 * desk.ramp(self.ramp_weeks))

    def plan(self, desk: Desk) -> tuple[float, float]:
        return 0.0, self.places(desk) * self.cost_per_year / 52.0

    def week(self, desk: Desk) -> None:
        self.lapse(desk)
        self.fill(desk, int(self.places(desk) * desk.share) - len(desk.enrolled))
        self.treat(desk)

    def after(self, desk: Desk) -> None:
        desk.leave(desk.rows(), dropped=False)
        desk.withdraw_all()

    def lapse(self, desk: Desk) -> None:
        """Those whose time is over leave; some drop out."""
        rows = desk.rows()
        if not rows.size:
            return
        over = desk.today - desk.since(rows) >= self.months * 30.4
        drops = desk.uniform(desk.lives["key"][rows], 1) < self.dropout_per_year / 52.0
        desk.leave(rows[over], dropped=False)
        desk.leave(rows[drops & ~over], dropped=True)

    def fill(self, desk: Desk, places: int) -> None:
        """Ask as many as there are free places, the most urgent first; the others wait."""
        rows, score = self.candidates(desk)
        free = ~desk.marked(desk.rows())[rows]
        rows, score = rows[free], score[free]
        desk.waiting = max(0, rows.size - max(0, places))
        if not rows.size or places <= 0:
            return
        asked = desk.ranked(rows, score, self.targeting_noise)[:places]
        joins = desk.uniform(desk.lives["key"][asked], 3) < self.uptake
        desk.enrol(asked[joins])

    def treat(self, desk: Desk) -> None:
        """Move the levers of those enrolled, and pay for it."""
        rows = desk.rows()
        for lever, setting in self.moves.items():
            desk.move(lever, rows, getattr(self, setting))
        desk.spend(rows.size * self.cost_per_year / 52.0)


def by_age(desk: Desk, rows: Rows, low: float, high: float) -> Rows:
    """Those of `rows` aged `low` to `high`."""
    age = desk.age(rows)
    return rows[(age >= low) & (age <= high)]


def close_to_gunfire(desk: Desk, low: float, high: float, days: int = 730) -> tuple[Rows, Scores]:
    """People of these ages lately close to gunfire, scored by how often and how lately."""
    rows, score = desk.pools.close(desk.state, days)
    age = desk.age(rows)
    right = (age >= low) & (age <= high)
    return rows[right], score[right]


def scored(score: dict[int, float]) -> tuple[Rows, Scores]:
    """Rows in order, and their scores."""
    rows = np.asarray(sorted(score), dtype=np.int64)
    return rows, np.asarray([score[int(r)] for r in rows], dtype=np.float64)
