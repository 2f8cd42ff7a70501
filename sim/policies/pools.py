"""Who may be eligible: kept from events as they come, and shared by all programmes of a run.

A list is made once from the city, when a programme first asks for it. From then on it is kept from
the week's event log (shootings and gunfire) and from the diary (who came, left, was arrested, or
changed in need), so that a week costs in proportion to what happened in it and to who is on the
list, not to how many people live here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import JAILED
from sim.levers import bare
from sim.policies.gunfire import Gunfire, Scores
from sim.policies.lists import NOBODY, Aged, Changed, Holds, Rows, Worth, in_order
from sim.processes.record import N_ARRESTED, N_CAME, N_LEFT, N_NEED, log_programmes

if TYPE_CHECKING:
    from sim.engine import State

ADULT = 18.0


@dataclass
class Involvement(Gunfire):
    """Who was close to gunfire, shot or arrested lately, how old people are, and who is in need."""

    arrests: Rows = field(default_factory=lambda: NOBODY)
    """Rows arrested in the week before `arrests_day`."""
    arrests_day: int = -1
    came: Rows = field(default_factory=lambda: NOBODY)
    """Rows that somebody new has held since the last week of policies."""
    lists: dict[Any, Aged] = field(default_factory=dict)
    cell: NDArray[np.int32] | None = None
    """area * groups + group of each row (housing has its place and its group)."""
    by_cell: NDArray[np.int64] | None = None
    """Residents alive and living here, jail included, by cell."""
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

    # --- arrests, ages, needs -------------------------------------------------------------------

    def arrested(self, state: State) -> Rows:
        """Rows arrested since a week ago and at liberty, in order."""
        if self.arrests_day != state.day:
            return NOBODY
        return self.at_liberty(state, self.arrests)

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
