"""Who may be eligible: kept from events as they come, and shared by all programmes of a run.

A list is made once from the city, when a programme first asks for it. From then on it is kept from
the week's event log (shootings and gunfire) and from the diary (who came, left, was arrested, or
changed in need), so that a week costs in proportion to what happened in it and to who is on the
list, not to how many people live here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.agents.residents import JAILED
from sim.levers import bare
from sim.numerics import exp_array
from sim.policies.closeness import add_up, hurt, still_here
from sim.policies.lists import NOBODY, Aged, Changed, Holders, Holds, Rows, Worth, in_order, present
from sim.processes.record import N_ARRESTED, N_CAME, N_LEFT, N_NEED, log_programmes

if TYPE_CHECKING:
    from sim.engine import State
    from sim.world import World

Scores = NDArray[np.float64]
LN2 = 0.6931471805599453
KEPT_DAYS = 1900
ADULT = 18.0
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
class Involvement:
    """Who was close to gunfire, shot or arrested lately, how old people are, and who is in need."""

    seen: list[NDArray[np.void]] = field(default_factory=list)
    """SEEN: who took part in each shooting or gunfire, as actor or target, in parts."""
    shot: list[NDArray[np.void]] = field(default_factory=list)
    """SHOT: who was shot, in parts."""
    arrests: Rows = field(default_factory=lambda: NOBODY)
    """Rows arrested in the week before `arrests_day`."""
    arrests_day: int = -1
    came: Rows = field(default_factory=lambda: NOBODY)
    """Rows that somebody new has held since the last week of policies."""
    lists: dict[Any, Aged] = field(default_factory=dict)
    kept: Holders | None = None
    cell: NDArray[np.int32] | None = None
    """area * groups + group of each row (housing has its place and its group)."""
    by_cell: NDArray[np.int64] | None = None
    """Residents alive and living here, jail included, by cell."""
    now: dict[Any, tuple[int, Any]] = field(default_factory=dict)
    """What was worked out today, by name."""
    seeing: View | None = None
    place: Rows | None = None
    """Room to look up by row where on a list somebody is."""
    listed: NDArray[np.uint64] | None = None
    """By row: the bits (see `bit_of`) of policies on whose rolls it ever was; None: unknown."""
    losing: Rows = field(default_factory=lambda: NOBODY)
    """Of the rows with a bit, those somebody left or came to since the last week of policies."""
    to_log: list[tuple[int, Rows, int]] = field(default_factory=list)
    """Enrolments and leavings of this week: kind of event, who, and the purpose of their draws."""

    def __getstate__(self) -> dict[str, Any]:
        made_again: dict[str, Any] = {"seeing": None, "now": {}, "place": None}
        made_again |= {"listed": None, "losing": NOBODY}
        return {**self.__dict__, **made_again}

    def view(self, state: State) -> View:
        """The tables of `state`."""
        if self.seeing is None or self.seeing.world is not state.world:
            self.seeing = View(state.world)
        return self.seeing

    # --- what happened --------------------------------------------------------------------------

    def take_week(self, state: State) -> None:
        """Add the week's events and what the diary noted."""
        log, clock = state.world.log, state.world.clock
        self.take(log.events[: int(clock["events"][0])])
        noted = int(clock["noted"][0])
        if noted > log.diary.size:  # more than it holds: start from the city again
            self.forget()
            return
        diary = bare(log.diary)[:noted]
        row, what = diary["row"].astype(np.int64), diary["what"].copy()
        size = state.world.people.residents.size
        self.arrests, self.arrests_day = in_order(row[what == N_ARRESTED], size), state.day
        came, left = row[what == N_CAME], row[what == N_LEFT]
        if state.deliveries:
            self.came = np.concatenate([self.came, came])
            if self.listed is not None:
                rows = np.concatenate([self.losing, came, left])
                self.losing = rows[self.listed[rows] != 0]
        if self.by_cell is not None and self.cell is not None:
            np.add.at(self.by_cell, self.cell[came], 1)
            np.add.at(self.by_cell, self.cell[left], -1)
        turned = self.kept.update(state, came, row) if self.kept is not None else NOBODY
        if self.lists:
            changed = Changed.of(self.holders(state), turned, row[what == N_NEED], self.arrests)
            for kept in self.lists.values():
                kept.update(came, changed)

    def forget(self) -> None:
        """Drop every list that the diary keeps; they are made anew when somebody asks."""
        self.lists.clear()
        self.kept = self.cell = self.by_cell = self.listed = None
        self.arrests_day = -1

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

    def once(self, state: State, name: Any, work: Callable[[], Any]) -> Any:
        """The result of `work`, done at most once a day under this name."""
        today = int(self.view(state).day[0])
        kept = self.now.get(name)
        if kept is None or kept[0] != today:
            kept = self.now[name] = (today, work())
        return kept[1]

    def week_begins(self, state: State) -> None:
        """What policies hold for those who came is due again (see sim.levers.Board)."""
        if self.came.size:
            state.board.renew(self.came, state.world.people.residents.size)
            self.came = NOBODY

    def week_is_done(self, state: State) -> None:
        """All policies have looked at who left and came; who joined and left them is logged."""
        if self.to_log:
            sizes = [rows.size for _, rows, _ in self.to_log]
            kinds, purposes = (np.repeat([row[k] for row in self.to_log], sizes) for k in (0, 2))
            rows = np.concatenate([rows for _, rows, _ in self.to_log])
            log_programmes(state.handle, kinds, rows, purposes)
            self.to_log.clear()
        self.losing = NOBODY
        if self.listed is None:
            self.listed = np.zeros(state.world.people.residents.size, dtype=np.uint64)
            for desk in state.deliveries:
                for roll in (desk.enrolled, desk.left):
                    self.put_on(desk.id, roll.rows)

    def put_on(self, policy: str, rows: Rows) -> None:
        """Note that `rows` are on a roll of this policy."""
        if self.listed is not None and rows.size:
            self.listed[rows] |= bit_of(policy)

    def lost(self, policy: str) -> Rows | None:
        """Rows that may have been on its rolls and that somebody left or came to; None: unknown."""
        if self.listed is None:
            return None
        rows = self.losing
        return rows[(self.listed[rows] & bit_of(policy)) != 0] if rows.size else rows

    # --- who lives here -------------------------------------------------------------------------

    def cells(self, state: State) -> NDArray[np.int64]:
        """Residents alive and living here by area * groups + group."""
        if self.by_cell is None or self.cell is None:
            residents, kinds = state.world.people.residents, state.world.people.kinds.size
            areas = state.world.place.areas.size
            self.cell = residents["area"].astype(np.int32) * np.int32(kinds) + residents["group"]
            here = self.cell[residents["status"] <= JAILED]
            self.by_cell = np.bincount(here, minlength=areas * kinds).astype(np.int64)
        return self.by_cell

    def cells_of(self, state: State, rows: Rows) -> NDArray[np.int64]:
        """How many of `rows` are of each area * groups + group."""
        size = self.cells(state).size
        assert self.cell is not None
        return np.bincount(self.cell[rows], minlength=size).astype(np.int64, copy=False)

    def everybody(self, state: State) -> tuple[int, NDArray[np.int32]]:
        """Residents, and their number by cell, as of today."""

        kept = self.now.get("everybody")
        if kept is not None and kept[0] == self.view(state).day[0]:
            found: tuple[int, NDArray[np.int32]] = kept[1]
            return found

        def count() -> tuple[int, NDArray[np.int32]]:
            cells = self.cells(state)
            return int(cells.sum()), cells.astype(np.int32)

        number, cells = self.once(state, "everybody", count)
        return number, cells

    def population(self, state: State) -> float:
        """Residents alive and living here."""
        kept = self.now.get("everybody")
        if kept is not None and kept[0] == self.view(state).day[0]:
            return float(kept[1][0])
        return float(self.everybody(state)[0])

    # --- close to gunfire -----------------------------------------------------------------------

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

    def room(self, state: State) -> Rows:
        """A number per row of residents, for whoever needs it for a moment."""
        if self.place is None:
            self.place = np.zeros(state.world.people.residents.size, dtype=np.int64)
        return self.place

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

    # --- arrests, ages, needs -------------------------------------------------------------------

    def arrested(self, state: State) -> Rows:
        """Rows arrested since a week ago and at liberty, in order."""
        if self.arrests_day != state.day:
            return NOBODY
        return self.at_liberty(state, self.arrests)

    def at_liberty(self, state: State, rows: Rows) -> Rows:
        """Those of `rows` who are alive, live here and are not in jail."""
        rows, out = np.asarray(rows, dtype=np.int64), np.empty(rows.size, dtype=np.int64)
        return out[: present(rows, self.holders(state).absent, out)]

    def holders(self, state: State) -> Holders:
        """Key and day of birth of who holds each row."""
        if self.kept is None:
            self.kept = Holders.of(state)
        return self.kept

    def of_age(self, state: State, low: float, high: float, holds: Holds | None = None) -> Rows:
        """Everybody aged `low` to under `high` who lives here and is at liberty, in order.

        `holds` narrows it down; as in `aged`.
        """
        return self.aged(state, low, high, holds)[0]

    def in_need(self, state: State, need: str, level: float) -> Rows:
        """Adults at liberty whose `need` is at least `level`, in order.

        `need`: substance, mental or housing, or several with a plus: substance+mental is either.
        """
        return self.needy(state, need, level)[0]

    def needy(
        self, state: State, need: str, level: float = 0.5, worth: Worth | None = None
    ) -> tuple[Rows, NDArray[Any]]:
        """`in_need`, and with `worth` its figure for each; as in `aged`."""
        holds, name = partial(_in_need, need=need, level=level), ("need", need, level)
        return self.aged(state, ADULT, np.inf, holds, worth, name)

    def aged(
        self, state: State, low: float, high: float, holds: Holds | None = None,
        worth: Worth | None = None, name: Any = None,
    ) -> tuple[Rows, NDArray[Any]]:  # fmt: skip
        """Rows of who is aged `low` to under `high` and meets `holds`, at liberty, and their `worth`.

        Both may depend on needs and on who somebody is, `worth` on schooling and arrests too: that
        is what the diary notes. They are kept with the run, so they have to be functions of a module
        (or partials of one, under a `name` of their own). Not to be written to.
        """
        name = (name or ("age", low, high, holds), worth)
        holders, kept = self.holders(state), self.lists.get(name)
        if kept is None:
            kept = self.lists[name] = Aged.of(state, holders, low, high, holds, worth)
        return kept.now(state, holders), kept.values

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


@cache
def bit_of(policy: str) -> np.uint64:
    """A policy's bit among 64, by its id; others may share it."""
    return np.uint64(1 << (crc32(policy.encode()) & 63))


def disadvantage(state: State, rows: Rows) -> Scores:
    """Disadvantage of the block that each lives on."""
    home = bare(state.world.people.residents)["home"][rows]
    poor = bare(state.world.place.blocks)["disadvantage"][home]
    return np.asarray(poor, dtype=np.float64)


def _in_need(state: State, rows: Rows, need: str, level: float) -> NDArray[np.bool_]:
    lives = bare(state.world.people.lives)
    found = np.zeros(rows.size, dtype=bool)
    for one in need.split("+"):
        found |= lives[one][rows] >= level
    return found
