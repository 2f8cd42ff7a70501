"""Course: officers are trained in waves; what they learnt fades, and a refresher renews it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.agents.officers import DETECTIVE, ON_DUTY
from sim.policies.fading import Fading

if TYPE_CHECKING:
    from sim.policies.desk import Desk

Rows = NDArray[np.int64]
BACKFILL = 60.0  # dollars per officer-hour taken from the beat


@dataclass
class Trained:
    """By slot of the force: who there was trained (0: nobody), and on which day."""

    who: NDArray[np.uint64]
    day: NDArray[np.int64]


@dataclass(frozen=True)
class Course(Fading):
    """Base of courses. `moves` names what an officer fresh from the course does differently."""

    lasting: ClassVar[bool] = True
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "hours": (0.0, 120.0),
        "share_per_week": (0.0, 1.0),
        "share_of_officers": (0.0, 1.0),
        "half_life_days": (30.0, 1500.0),
        "cost_per_place": (0.0, 20000.0),
    }

    hours: float = 8.0
    """Hours of the course, taken from the beat (at most 40 of them show in the course's week)."""
    share_per_week: float = 0.04
    """Share of the force in a course each week, if hours allow: all in about half a year."""
    share_of_officers: float = 1.0
    """Share of the officers who are ever to attend."""
    half_life_days: float = 270.0
    """Time in which half of the effect fades (assumption: 6 to 24 months)."""
    cost_per_place: float = 150.0
    """Dollars per place, on top of $60 per officer-hour taken from the beat."""

    def attends(self, desk: Desk) -> NDArray[np.bool_]:
        """Which officers are meant to attend; by default a keyed `share_of_officers` of patrol."""
        officers = desk.officers
        chosen = desk.uniform(officers["key"], 1, daily=False) < self.share_of_officers
        return np.asarray(chosen & (officers["unit"] != DETECTIVE), dtype=bool)

    def plan(self, desk: Desk) -> tuple[float, float]:
        places = min(len(self._due(desk)), self._places(desk))
        return places * self.hours, places * (BACKFILL * self.hours + self.cost_per_place)

    def week(self, desk: Desk) -> None:
        officers, trained = desk.officers, self._trained(desk)
        due = self._due(desk)
        places = int(min(len(due), self._places(desk)) * desk.share)
        order = np.argsort(desk.uniform(officers["key"][due]), kind="stable")[:places]
        chosen = due[order]
        trained.who[chosen], trained.day[chosen] = officers["key"][chosen], desk.today
        desk.propose("officer.hours_taken", chosen, np.full(places, min(self.hours, 40.0)))
        desk.take_hours(self.hours * places)
        desk.spend(places * (BACKFILL * self.hours + self.cost_per_place))
        desk.waiting = len(due) - places
        self.apply(desk)

    def after(self, desk: Desk) -> None:
        """What was learnt fades; nobody is trained any more."""
        desk.propose("officer.hours_taken", np.zeros(0, dtype=np.int64), np.zeros(0))
        self.apply(desk)

    def apply(self, desk: Desk) -> None:
        """Move the levers of all who were trained, by what is left of the course."""
        trained = self._trained(desk)
        slots = np.flatnonzero(trained.who)
        left = self.remains(desk.today - trained.day[slots], self.half_life_days)
        for lever, setting in self.moves.items():
            desk.fade(lever, slots, getattr(self, setting), left)
        desk.strength = self.dose * (float(left.mean()) if slots.size else 0.0)
        desk.reached("officers", slots.size)

    def _places(self, desk: Desk) -> int:
        return round(self.share_per_week * int(desk.officers.size))

    def _trained(self, desk: Desk) -> Trained:
        """Who in the force was trained; who has left is forgotten."""
        trained: Trained | None = desk.memory.get("trained")
        if trained is None:
            size = int(desk.officers.size)
            trained = Trained(np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int64))
            desk.memory["trained"] = trained
        trained.who[trained.who != desk.officers["key"]] = 0  # whoever was hired since is untrained
        return trained

    def _due(self, desk: Desk) -> Rows:
        """Officers who are to attend and have not, or not lately, as of the start of the week."""
        due = desk.pools.once(desk.state, ("due", desk.id), lambda: self._find_due(desk))
        return np.asarray(due, dtype=np.int64)

    def _find_due(self, desk: Desk) -> Rows:
        trained = self._trained(desk)
        due = (trained.who == 0) | self.refresher_due(desk.today - trained.day)
        able = (desk.officers["status"] == ON_DUTY) & self.attends(desk)
        return np.asarray(np.flatnonzero(due & able), dtype=np.int64)
