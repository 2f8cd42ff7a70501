"""Programme: people enrol, stay a while, drop out, and are moved by levers of their own.

A programme says who may be asked and how urgent each is (`candidates`); places, waiting list,
uptake, drop-out, length of stay, ramp and cost are the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError
from sim.policies.closeness import of_these_ages
from sim.policies.fading import Fading
from sim.policies.lists import NOBODY
from sim.policies.lists import Rows as Rows

if TYPE_CHECKING:
    from sim.policies.desk import Desk

Scores = NDArray[np.float64]
FADED = 0.01
"""Share of an effect below which nothing counts as left."""


@dataclass(frozen=True)
class Programme(Fading):
    """Base of programmes with places."""

    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "places_per_100k": (0.0, 20000.0),
        "months": (0.25, 120.0),
        "uptake": (0.0, 1.0),
        "dropout_per_year": (0.0, 5.0),
        "targeting_noise": (0.0, 5.0),
        "ramp_weeks": (0.0, 260.0),
        "cost_per_year": (0.0, 200000.0),
        "caseload": (1.0, 1000.0),
        "staff_per_100k": (0.0, 1000.0),
        "officer_hours": (0.0, 10.0),
        "lasts_days": (0.0, 1500.0),
        "again_days": (0.0, 3650.0),
        "refresher_cost": (0.0, 20000.0),
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
    caseload: float = 15.0
    """People whom one worker carries."""
    staff_per_100k: float = 0.0
    """Workers per 100,000 residents: with `caseload` they limit places (0: as many as needed)."""
    officer_hours: float = 0.0
    """Hours a week that police spend on each filled place, taken from patrol."""
    lasts_days: float = 0.0
    """Half-life of the effect after leaving, in proportion to the time stayed; 0: nothing lasts."""
    again_days: float = 0.0
    """Days after leaving before the same person may be asked again."""
    refresher_cost: float = 200.0
    """Dollars per refresher, where `refresher_days` and `lasts_days` are set (assumption)."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        """Who may be asked now, and how urgent each is (in one unit: one recent shooting, or 1)."""
        raise NotImplementedError(f"{type(self).__name__} must say whom it looks for")

    def places(self, desk: Desk) -> int:
        """Places this week, before anything is shared out."""
        return int(self.places_per_100k * desk.population / 1e5 * desk.ramp(self.ramp_weeks))

    def limit(self, desk: Desk) -> int:
        """Places that there are workers for."""
        places = self.places(desk)
        if self.staff_per_100k <= 0.0:
            return places
        workers = int(self.staff_per_100k * desk.population / 1e5 * desk.ramp(self.ramp_weeks))
        return min(places, int(workers * self.caseload))

    @property
    def outlasts(self) -> bool:
        return self.lasting or self.lasts_days > 0.0

    def plan(self, desk: Desk) -> tuple[float, float]:
        places = self.limit(desk)
        refreshers = self.refresher_cost * self.comes_again(desk).size
        return places * self.officer_hours, places * self.cost_per_year / 52.0 + refreshers

    def week(self, desk: Desk) -> None:
        self.refresh(desk)
        self.lapse(desk)
        places = int(self.limit(desk) * desk.share)
        if desk.share < 1.0 and len(desk.enrolled) > places:
            self.close(desk, len(desk.enrolled) - places)
        self.fill(desk, places - len(desk.enrolled))
        self.treat(desk)
        desk.staff = float(np.ceil(max(places, len(desk.enrolled)) / self.caseload))

    def after(self, desk: Desk) -> None:
        desk.leave(desk.rows(), dropped=False)
        if self.outlasts and len(desk.left):
            self.treat(desk)
        else:
            desk.withdraw_all()

    def lapse(self, desk: Desk) -> None:
        """Those whose time is over leave; some drop out."""
        rows = desk.rows()
        if not rows.size:
            return
        over = desk.today - desk.enrolled.since >= self.months * 30.4
        chance, drops = self.dropout_per_year / 52.0, NOBODY
        if chance > 0.0:
            drops = rows[(desk.uniform(desk.enrolled.person, 1) < chance) & ~over]
        desk.leave(rows[over], dropped=False)
        desk.leave(drops, dropped=True)

    def close(self, desk: Desk, number: int) -> None:
        """Hours or money are short of the places that are filled: the last to join go."""
        roll = desk.enrolled
        last = np.lexsort((roll.person, -roll.since))[:number]
        desk.leave(roll.rows[np.sort(last)], dropped=False)

    def fill(self, desk: Desk, places: int) -> None:
        """Ask as many as there are free places, the most urgent first; the others wait."""
        rows, score = self._offered(desk)
        taken = desk.rows()
        if self.again_days > 0.0:
            lately = desk.today - desk.left.since < self.again_days
            taken = np.sort(np.concatenate([taken, desk.left.rows[lately]]))
        free, asked = desk.choose(rows, score, self.targeting_noise, max(0, places), taken)
        desk.waiting = max(0, free - max(0, places))
        if asked.size:
            names = desk.keys(asked)
            joins = desk.uniform(names, 3) < self.uptake
            desk.enrol(asked[joins], names[joins])

    def _offered(self, desk: Desk) -> tuple[Rows, Scores]:
        """`candidates`, which a user may have written: raises UserError for what can't be rows and scores."""
        found = self.candidates(desk)
        if isinstance(found, tuple) and len(found) == 2:
            rows, score = np.asarray(found[0]), np.asarray(found[1])
            if rows.shape == score.shape and rows.ndim == 1 and rows.dtype.kind in "iu":
                return rows, score
        raise UserError(
            f"policy {self.name}: candidates() gave {_shape_of(found)}; expected two arrays as long as"
            " each other, rows of residents (whole numbers) and how urgent each is"
        )

    def comes_again(self, desk: Desk) -> Rows:
        """Places on the list of who left: those who take up a refresher this week.

        It is offered every week from when it is due, to those in whom something is left; `uptake`
        of those asked come.
        """
        gone = desk.left
        if self.refresher_days <= 0.0 or self.lasts_days <= 0.0 or not len(gone):
            return NOBODY
        days = desk.today - gone.whole
        due = self.refresher_due(days) & (self.remains(days, self.lasts_days) >= FADED)
        comes = desk.uniform(gone.person, 6) < self.uptake
        return np.flatnonzero(due & comes & ~np.isin(gone.rows, desk.rows()))

    def refresh(self, desk: Desk) -> None:
        """Those who come again have what they left with, from today; money may be short."""
        places = self.comes_again(desk)
        if desk.share < 1.0 and places.size:
            order = np.argsort(desk.uniform(desk.left.person[places], 7), kind="stable")
            places = places[order[: int(places.size * desk.share)]]
        if places.size:
            desk.left.whole[places] = desk.today
            desk.spend(self.refresher_cost * places.size)

    def treat(self, desk: Desk) -> None:
        """Move the levers of those enrolled, and of those in whom something is left; pay for it."""
        rows, left = desk.rows(), None
        if self.outlasts:
            rows, left = self._with_leavers(desk)
        for lever, setting in self.moves.items():
            if left is None:
                desk.move(lever, rows, getattr(self, setting))
            else:
                desk.fade(lever, rows, getattr(self, setting), left)
        places = len(desk.enrolled)
        if self.officer_hours > 0.0:
            desk.take_time(places * self.officer_hours)
        desk.spend(places * self.cost_per_year / 52.0)

    def _with_leavers(self, desk: Desk) -> tuple[Rows, Scores]:
        """The enrolled at full strength, and those who left at what is left of it."""
        gone, now = desk.left, desk.rows()
        stay = np.clip((gone.since - gone.began) / (self.months * 30.4), 0.0, 1.0)
        left = stay * self.remains(desk.today - gone.whole, max(self.lasts_days, 1.0))
        some = (left >= FADED) & ~np.isin(gone.rows, now)
        rows = np.concatenate([now, gone.rows[some]])
        strength = np.concatenate([np.ones(now.size), left[some]])
        over = (left < FADED) & (desk.today - gone.since >= self.again_days)
        if over.any():
            gone.keep(~over)
        order = np.argsort(rows, kind="stable")
        return rows[order], strength[order]


def by_age(desk: Desk, rows: Rows, low: float, high: float) -> Rows:
    """Those of `rows` aged `low` to `high`."""
    age = desk.age(rows)
    return rows[(age >= low) & (age <= high)]


def close_to_gunfire(desk: Desk, low: float, high: float, days: int = 730) -> tuple[Rows, Scores]:
    """People of these ages lately close to gunfire, scored by how often and how lately."""
    rows, score = desk.pools.close(desk.state, days)
    out, kept = np.empty(rows.size, dtype=np.int64), np.empty(rows.size)
    born = desk.pools.holders(desk.state).born
    n = of_these_ages(rows, score, born, desk.today, float(low), float(high), out, kept)
    return out[:n], kept[:n]


def scored(score: dict[int, float]) -> tuple[Rows, Scores]:
    """Rows in order, and their scores."""
    rows = np.asarray(sorted(score), dtype=np.int64)
    return rows, np.asarray([score[int(r)] for r in rows], dtype=np.float64)


def _shape_of(found: object) -> str:
    """What was given in place of rows and scores, in a few words."""
    if not isinstance(found, tuple):
        return f"{type(found).__name__} {found!r:.60}"
    parts = (np.asarray(part) for part in found)
    return "(" + ", ".join(f"{part.dtype} of {part.size}" for part in parts) + ")"
