"""Who was close to gunfire or shot: kept from events as they come, and shared by all programmes of a run.

Shootings and gunfire are added once a week from the log. Whoever took part, as actor or target, was
close; each event counts 1 and halves every year. Whoever holds a row now is told from who held it then
by name, so that nobody inherits another's past.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.levers import bare
from sim.numerics import exp_array
from sim.policies.closeness import add_up, hurt, still_here
from sim.policies.lists import Holders, Rows, in_order, present

if TYPE_CHECKING:
    from sim.engine import State
    from sim.world import World

Scores = NDArray[np.float64]
LN2 = 0.6931471805599453
KEPT_DAYS = 1900
SHOT = np.dtype(
    [
        ("day", "i8"), ("victim", "i8"), ("person", "u8"), ("shooter", "i8"), ("fatal", "?"),
        ("gang", "i8"), ("block", "i8"), ("key", "u8"), ("shooter_gang", "i8"),
    ]
)  # fmt: skip
SEEN = np.dtype([("day", "i8"), ("row", "i8"), ("person", "u8")])


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


class View:
    """A world's tables as plain structured arrays, whose columns are reached many times faster."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.residents, self.lives = bare(world.people.residents), bare(world.people.lives)
        self.kinds, self.gangs = bare(world.people.kinds), bare(world.groups.gangs)
        self.officers, self.beats = bare(world.police.officers), bare(world.police.beats)
        self.blocks, self.areas = bare(world.place.blocks), bare(world.place.areas)
        self.p, self.clock = bare(world.p), bare(world.clock)
        self.day: NDArray[np.int64] = self.clock["day"]


@dataclass
class Gunfire:
    """Shootings and gunfire of the last years, and who of those in them is here."""

    seen: list[NDArray[np.void]] = field(default_factory=list)
    """SEEN: who took part in each shooting or gunfire, as actor or target, in parts."""
    shot: list[NDArray[np.void]] = field(default_factory=list)
    """SHOT: who was shot, in parts."""
    kept: Holders | None = None
    now: dict[Any, tuple[int, Any]] = field(default_factory=dict)
    """What was worked out today, by name."""
    seeing: View | None = None
    place: Rows | None = None
    """Room to look up by row where on a list somebody is."""

    def view(self, state: State) -> View:
        """The tables of `state`."""
        if self.seeing is None or self.seeing.world is not state.world:
            self.seeing = View(state.world)
        return self.seeing

    def once(self, state: State, name: Any, work: Callable[[], Any]) -> Any:
        """The result of `work`, done at most once a day under this name."""
        today = int(self.view(state).day[0])
        kept = self.now.get(name)
        if kept is None or kept[0] != today:
            kept = self.now[name] = (today, work())
        return kept[1]

    def holders(self, state: State) -> Holders:
        """Key and day of birth of who holds each row."""
        if self.kept is None:
            self.kept = Holders.of(state)
        return self.kept

    def room(self, state: State) -> Rows:
        """A number per row of residents, for whoever needs it for a moment."""
        if self.place is None:
            self.place = np.zeros(state.world.people.residents.size, dtype=np.int64)
        return self.place

    def at_liberty(self, state: State, rows: Rows) -> Rows:
        """Those of `rows` who are alive, live here and are not in jail."""
        rows, out = np.asarray(rows, dtype=np.int64), np.empty(rows.size, dtype=np.int64)
        return out[: present(rows, self.holders(state).absent, out)]

    def take(self, rows: NDArray[np.void]) -> None:
        """Add events, in the order of day and name."""
        kind = rows["kind"]
        rows = rows[(kind == m.E_SHOOTING) | (kind == m.E_GUNFIRE)].view(np.ndarray)
        if not rows.size:
            return
        rows = rows[np.lexsort((rows["key"], rows["day"]))]
        both = np.zeros(2 * rows.size, dtype=SEEN)
        both["day"] = np.repeat(rows["day"], 2)
        both["row"][::2], both["row"][1::2] = rows["actor"], rows["target"]
        both["person"][::2], both["person"][1::2] = rows["actor_person"], rows["target_person"]
        self.seen.append(both)
        rows = rows[rows["kind"] == m.E_SHOOTING]
        shots = np.zeros(rows.size, dtype=SHOT)
        for name, column in (
            ("day", "day"), ("victim", "target"), ("person", "target_person"),
            ("shooter", "actor"), ("gang", "target_gang"), ("block", "block"), ("key", "key"),
            ("shooter_gang", "actor_gang"),
        ):  # fmt: skip
            shots[name] = rows[column]
        shots["fatal"] = (rows["flags"] & 1) == 1
        self.shot.append(shots)

    def scores(self, state: State, days: int) -> dict[int, float]:
        """Closeness to gunfire by row; each event counts 1 and halves every year."""
        rows, score = self.close(state, days)
        return dict(zip(rows.tolist(), score.tolist(), strict=True))

    def close(self, state: State, days: int) -> tuple[Rows, Scores]:
        """`scores` as rows, in order, and their scores."""
        rows, score = self.once(state, ("scores", days), lambda: self._close(state, days))
        return rows, score

    def _close(self, state: State, days: int) -> tuple[Rows, Scores]:
        seen, who, room = (
            self._since(self.seen, SEEN, state.day, days),
            self.holders(state),
            self.room(state),
        )
        left = exp_array(-LN2 * np.arange(days + 1.0) / 365.0)
        row, ago = np.empty(seen.size, dtype=np.int64), np.empty(seen.size, dtype=np.int64)
        here = still_here(seen, who.key, who.absent, state.day, row, ago)
        rows = in_order(row[:here], who.key.size)
        score = np.zeros(rows.size)
        add_up(rows, row[:here], ago, left, room, score)
        return rows, score

    def shots(self, state: State, days: int) -> NDArray[np.void]:
        """SHOT: those shot in the last `days` days, oldest first."""
        made = self.once(
            state, ("shots", days), lambda: self._since(self.shot, SHOT, state.day, days)
        )
        return np.asarray(made)

    def shots_since(self, state: State, days: int) -> list[Shot]:
        """Those shot in the last `days` days."""
        made = self.once(
            state,
            ("shot list", days),
            lambda: [Shot(*row) for row in self.shots(state, days).tolist()],
        )
        return list(made)

    def _since(
        self, parts: list[NDArray[np.void]], dtype: np.dtype[Any], today: int, days: int
    ) -> NDArray[np.void]:
        """The rows of the last `days` days; parts are joined, and what is too old is dropped."""
        if not parts:
            return np.zeros(0, dtype=dtype)
        if len(parts) > 1:
            whole = np.concatenate(parts)
            parts[:] = [whole[bisect_left(whole["day"], today - KEPT_DAYS) :]]
        whole = parts[
            0
        ]  # in a column among others bisect looks at a few, searchsorted copies it all
        return np.asarray(whole[bisect_left(whole["day"], today - days) :])

    def victims(
        self, state: State, days: int, since: int = 0, kin: bool = True
    ) -> tuple[Rows, Scores]:
        """The wounded and (`kin`) the households of the dead, `since` to `days` days ago.

        Rows in order; the score falls from 1 to 0 over that time.
        """
        rows, score = self.once(
            state, ("victims", days, since, kin), lambda: self._victims(state, days, since, kin)
        )
        return rows, score

    def _victims(self, state: State, days: int, since: int, kin: bool) -> tuple[Rows, Scores]:
        shots, who, room = self.shots(state, days), self.holders(state), self.room(state)
        people = state.world.people
        lives, members = bare(people.lives), people.members
        most = shots.size + int(lives["kin_size"][shots["victim"]].sum()) if kin else shots.size
        found = np.empty(most, dtype=np.int64)
        until = state.day - since
        n = hurt(shots, until, kin, lives, members, who.key, who.absent, room, found)
        rows = in_order(found[:n], who.key.size)
        return rows, 1.0 - (state.day - room[rows]) / (days + 1.0)

    def side_of(self, state: State, shot: Shot) -> Rows:
        """The gang, the co-offenders and the household of somebody shot, at liberty, in order."""
        people, groups, view = state.world.people, state.world.groups, self.view(state)
        parts = [np.zeros(0, dtype=np.int32)]
        if shot.gang >= 0:
            gang = view.gangs[shot.gang]
            first = int(gang["first"])
            parts.append(groups.roster[first : first + int(gang["slots"])])
        flow = state.world.flow  # ties join street seats, not rows
        seat = int(flow.seat[shot.victim])
        first, last = int(people.partner_start[seat]), int(people.partner_start[seat + 1])
        parts.append(flow.holder[people.partners[first:last]])
        life = view.lives[shot.victim]
        first = int(life["kin_first"])
        parts.append(people.members[first : first + int(life["kin_size"])])
        rows = np.unique(np.concatenate(parts)).astype(np.int64)
        return self.at_liberty(state, rows[rows >= 0])
