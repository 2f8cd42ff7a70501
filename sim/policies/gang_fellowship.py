"""Gang fellowship: mentors, a stipend and work for those likeliest to shoot (row 17).

Mechanism. Staff find people who were lately close to gunfire, as shooter or target, as far as the street
tells them; ranking is imperfect (`targeting_noise`). Fellows stay up to `months`, or drop out. While
enrolled their readiness to attack and to settle a grievance is multiplied by `violence` and
`retaliation`, a share `mediation` of their disputes is talked down, and work makes a gang less needed.
After they leave nothing is assumed to last. Capacity is places per 100,000 residents and mentors of 8.

Sources: P01 (Richmond, synthetic control: firearm violence fell, other violence rose), P02 (Sacramento,
programme-affiliated evaluation), S29 (the raw trend in Richmond). What the fellows themselves do is not
measured in any of them: `violence` and `retaliation` are assumptions with wide ranges. Leaves out: effects
on peers who are not enrolled, and travel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class GangFellowship(Policy):
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
    capacity: ClassVar[str] = "places per 100,000 residents; mentors carry 8"
    unit_cost: ClassVar[str] = "$25,000 per person-year, stipend included"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P01", "P02", "S29")
    contested_by: ClassVar[str] = (
        "one treated city; non-gun violence rose there; other sites are mixed"
    )
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "places_per_100k": (0.0, 500.0),
        "months": (1.0, 60.0),
        "violence": (0.0, 1.0),
        "retaliation": (0.0, 1.0),
        "mediation": (0.0, 0.8),
        "outside_option": (0.0, 1.0),
        "uptake": (0.0, 1.0),
        "dropout_per_year": (0.0, 5.0),
        "targeting_noise": (0.0, 5.0),
        "ramp_weeks": (0.0, 260.0),
        "cost_per_year": (0.0, 200000.0),
    }

    places_per_100k: float = 35.0
    months: float = 18.0
    violence: float = 0.5
    """Readiness to attack while enrolled, relative (assumption)."""
    retaliation: float = 0.5
    mediation: float = 0.3
    outside_option: float = 0.4
    uptake: float = 0.7
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.35
    targeting_noise: float = 1.0
    """Spread of staff's error in ranking, in units of one recent shooting."""
    ramp_weeks: float = 12.0
    cost_per_year: float = 25000.0

    def week(self, desk: Desk) -> None:
        self._lapse(desk)
        people = float((desk.residents["status"] < 3).sum())
        places = int(self.places_per_100k * people / 1e5)
        if self.ramp_weeks > 0:
            places = min(places, int(places * (desk.day / 7 + 1) / self.ramp_weeks))
        self._fill(desk, places - len(desk.enrolled))
        self._move(desk)

    def after(self, desk: Desk) -> None:
        desk.leave(desk.rows(), dropped=False)
        desk.withdraw_all()

    def _lapse(self, desk: Desk) -> None:
        rows = desk.rows()
        if not rows.size:
            return
        over = desk.today - desk.since(rows) >= self.months * 30.4
        drops = desk.uniform(desk.lives["key"][rows], 1) < self.dropout_per_year / 52.0
        desk.leave(rows[over], dropped=False)
        desk.leave(rows[drops & ~over], dropped=True)

    def _fill(self, desk: Desk, places: int) -> None:
        score = desk.involved()
        rows = np.asarray(sorted(r for r in score if r not in desk.enrolled), dtype=np.int64)
        desk.waiting = 0
        if not rows.size or places <= 0:
            return
        ages = desk.age(rows)
        rows = rows[(ages >= 14) & (ages <= 35)]
        keys = desk.lives["key"][rows]
        rank = np.asarray([score[int(r)] for r in rows]) + self.targeting_noise * desk.uniform(
            keys, 2
        )
        asked = rows[np.lexsort((keys, -rank))][:places]
        joins = desk.uniform(desk.lives["key"][asked], 3) < self.uptake
        desk.enrol(asked[joins])
        desk.waiting = max(0, rows.size - places)

    def _move(self, desk: Desk) -> None:
        rows, dose = desk.rows(), self.dose
        for lever, at_full in (("violence", self.violence), ("retaliation", self.retaliation)):
            desk.propose(
                f"resident.{lever}",
                rows,
                np.full(rows.size, max(0.0, 1.0 - dose * (1.0 - at_full))),
            )
        desk.propose(
            "resident.mediation", rows, np.full(rows.size, min(0.95, dose * self.mediation))
        )
        desk.propose(
            "resident.outside_option",
            rows,
            np.full(rows.size, min(1.0, dose * self.outside_option)),
        )
        desk.spend(rows.size * self.cost_per_year / 52.0)
