"""Who may be eligible: kept from events as they come, and shared by all programmes of a run.

Nothing here is scanned more than once a week, however many programmes ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.agents.residents import INJURED, JAILED
from sim.numerics import exp_array

if TYPE_CHECKING:
    from sim.engine import State

Rows = NDArray[np.int64]
KEPT_DAYS = 1900


class Shot(NamedTuple):
    """Somebody who was shot."""

    day: int
    victim: int
    person: int
    """The victim's name, which tells whether the row still is theirs."""
    shooter: int
    fatal: bool
    gang: int
    """The victim's gang then, or -1."""
    block: int
    key: int
    shooter_gang: int
    """The shooter's gang, or -1."""


@dataclass
class Involvement:
    """Who was close to gunfire, who was shot and who was arrested lately."""

    seen: list[NDArray[np.int64]] = field(default_factory=list)
    """(day, row, person) of each shooting or gunfire, of actors and of targets, in parts (n, 3)."""
    shot: list[Shot] = field(default_factory=list)
    arrests: NDArray[np.uint16] | None = None
    """Everybody's count of arrests as of `arrests_day`."""
    arrests_day: int = -1
    now: dict[Any, tuple[int, Any]] = field(default_factory=dict)
    """What was worked out today, by name."""

    def take(self, rows: np.ndarray) -> None:
        """Add a week's events."""
        for kind in (m.E_SHOOTING, m.E_GUNFIRE):
            some = rows[rows["kind"] == kind]
            for who, person in (("actor", "actor_person"), ("target", "target_person")):
                self.seen.append(
                    np.stack([some["day"], some[who], some[person].view(np.int64)], axis=1)
                )
        some = rows[rows["kind"] == m.E_SHOOTING]
        names = ("day", "target", "target_person", "actor", "flags", "target_gang", "block", "key")
        columns = [some[name].tolist() for name in (*names, "actor_gang")]
        for row in zip(*columns, strict=True):
            day, victim, person, shooter, flags, gang, block, key, other = row
            self.shot.append(
                Shot(day, victim, person, shooter, bool(flags & 1), gang, block, key, other)
            )

    def once(self, state: State, name: Any, work: Callable[[], Any]) -> Any:
        """The result of `work`, done at most once a day under this name."""
        today = state.day
        kept = self.now.get(name)
        if kept is None or kept[0] != today:
            kept = self.now[name] = (today, work())
        return kept[1]

    def population(self, state: State) -> float:
        """Residents alive and living here."""
        status = state.world.people.residents["status"]
        return float(self.once(state, "population", lambda: (status <= JAILED).sum()))

    def scores(self, state: State, days: int) -> dict[int, float]:
        """Closeness to gunfire by row; each event counts 1 and halves every year."""
        rows, score = self.close(state, days)
        return dict(zip(rows.tolist(), score.tolist(), strict=True))

    def close(self, state: State, days: int) -> tuple[Rows, NDArray[np.float64]]:
        """`scores` as rows, in order, and their scores."""
        rows, score = self.once(state, ("scores", days), lambda: self._close(state, days))
        return rows, score

    def _close(self, state: State, days: int) -> tuple[Rows, NDArray[np.float64]]:
        whole = np.concatenate(self.seen) if self.seen else np.zeros((0, 3), dtype=np.int64)
        self.seen = [whole[state.day - whole[:, 0] <= KEPT_DAYS]]
        ago, row, person = state.day - self.seen[0][:, 0], self.seen[0][:, 1], self.seen[0][:, 2]
        people = state.world.people
        here = (ago <= days) & (row >= 0)
        here &= people.lives["key"][row].view(np.int64) == person
        here &= people.residents["status"][row] <= INJURED
        rows, at = np.unique(row[here], return_inverse=True)
        score = np.zeros(rows.size)
        np.add.at(score, at, exp_array(-0.6931471805599453 * ago[here] / 365.0))
        return rows, score

    def shots_since(self, state: State, days: int) -> list[Shot]:
        """Those shot in the last `days` days."""

        def recent() -> list[Shot]:
            today = state.day
            self.shot = [s for s in self.shot if today - s.day <= KEPT_DAYS]
            return [s for s in self.shot if 0 <= today - s.day <= days]

        return list(self.once(state, ("shots", days), recent))

    def arrested(self, state: State) -> Rows:
        """Rows arrested since a week ago and at liberty; none the first time it is asked."""

        def compare() -> Rows:
            count = state.world.people.lives["arrests"]
            before, day = self.arrests, self.arrests_day
            self.arrests, self.arrests_day = count.copy(), state.day
            if before is None or state.day - day > 7:
                return np.zeros(0, dtype=np.int64)
            rows = np.flatnonzero(count > before)
            return rows[state.world.people.residents["status"][rows] <= INJURED]

        return np.asarray(self.once(state, "arrested", compare), dtype=np.int64)

    def of_age(self, state: State, low: float, high: float) -> Rows:
        """Everybody aged `low` to under `high` who lives here and is at liberty."""

        def scan() -> Rows:
            residents = state.world.people.residents
            age = (state.day - residents["born"]) / 365.0
            return np.flatnonzero((age >= low) & (age < high) & (residents["status"] <= INJURED))

        return np.asarray(self.once(state, ("age", low, high), scan), dtype=np.int64)

    def in_need(self, state: State, need: str, level: float) -> Rows:
        """Adults at liberty whose substance, mental or housing need is at least `level`."""

        def scan() -> Rows:
            residents, lives = state.world.people.residents, state.world.people.lives
            rows = np.flatnonzero(lives[need] >= level)
            adult = state.day - residents["born"][rows] >= 18 * 365
            return rows[adult & (residents["status"][rows] <= INJURED)]

        return np.asarray(self.once(state, ("need", need, level), scan), dtype=np.int64)

    def side_of(self, state: State, shot: Shot) -> Rows:
        """The gang, the co-offenders and the household of somebody shot, at liberty, in order."""
        people, groups = state.world.people, state.world.groups
        rows: set[int] = set()
        if shot.gang >= 0:
            gang = groups.gangs[shot.gang]
            rows.update(groups.roster[gang.first : gang.first + gang.slots].tolist())
        first, last = people.partner_start[shot.victim : shot.victim + 2]
        rows.update(people.partners[first:last].tolist())
        life = people.lives[shot.victim]
        rows.update(people.members[life.kin_first : life.kin_first + life.kin_size].tolist())
        status = people.residents["status"]
        return np.asarray(
            sorted(r for r in rows if r >= 0 and status[r] <= INJURED), dtype=np.int64
        )
