"""Lists of residents that are kept up, so that a week costs what changed in it.

`Aged` lists everybody of an age, perhaps with a condition. Who comes, leaves, is arrested or has
other needs is in the diary, and birthdays follow from the days of birth; nobody else is looked at
again. `Holders` keeps side by side what lists ask of many residents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import INJURED, JAILED
from sim.kernel import kernel
from sim.levers import bare

if TYPE_CHECKING:
    from sim.engine import State

Rows = NDArray[np.int64]
Holds = Callable[["State", Rows], NDArray[np.bool_]]
"""A condition on rows; of a module, since it is kept with a run."""
FAR = 10**9
NOBODY = np.zeros(0, dtype=np.int64)


@dataclass
class Holders:
    """Who holds each row: key and day of birth, side by side."""

    key: NDArray[np.uint64]
    born: NDArray[np.int64]
    absent: NDArray[np.bool_]
    """In jail, gone or dead."""
    jailed: Rows
    order: Rows = field(default_factory=lambda: NOBODY)
    """Rows by the day of birth that they had when this was made."""
    days: NDArray[np.int64] = field(default_factory=lambda: NOBODY)
    """Those days, rising."""
    newer: Rows = field(default_factory=lambda: NOBODY)
    """Rows that somebody else has held since, by day of birth, and `newer_days` those days."""
    newer_days: NDArray[np.int64] = field(default_factory=lambda: NOBODY)

    @classmethod
    def of(cls, state: State) -> Holders:
        people = state.world.people
        residents = bare(people.residents)
        born, status = residents["born"].astype(np.int64), residents["status"]
        jailed = np.flatnonzero(status == JAILED)
        return cls(bare(people.lives)["key"].copy(), born, status > INJURED, jailed)

    def update(self, state: State, came: Rows, noted: Rows) -> Rows:
        """Somebody new holds the rows `came`; of those `noted`, some were jailed, left or came.

        Returns the rows that are absent now and were not, or the other way round.
        """
        people = state.world.people
        residents = bare(people.residents)
        self.key[came] = bare(people.lives)["key"][came]
        self.born[came] = residents["born"][came]
        if self.order.size and came.size:
            came = came[np.argsort(self.born[came], kind="stable")]
            days = self.born[came]
            at = np.searchsorted(self.newer_days, days)
            self.newer = np.insert(self.newer, at, came)
            self.newer_days = np.insert(self.newer_days, at, days)
        rows = np.concatenate([noted, self.jailed])
        status = residents["status"][rows]
        absent = status > INJURED
        turned: NDArray[np.int64] = rows[absent != self.absent[rows]]
        self.absent[rows] = absent
        self.jailed = in_order(rows[status == JAILED], self.absent.size)
        return turned

    def born_within(self, after: float, until: float) -> Rows:
        """Rows of those born later than day `after` and no later than `until`, in order."""
        if not self.order.size or 8 * self.newer.size > self.order.size:
            self.order = np.argsort(self.born, kind="stable")
            self.days = self.born[self.order]
            self.newer = self.newer_days = NOBODY
        after, until = (int(np.clip(np.floor(day), -FAR, FAR)) for day in (after, until))
        ends, parts = np.asarray([after, until]), []
        for rows, days in ((self.order, self.days), (self.newer, self.newer_days)):
            first, last = np.searchsorted(days, ends, side="right")
            parts.append(rows[first:last])
        at = np.concatenate(parts)
        at = at[(self.born[at] > after) & (self.born[at] <= until)]  # and not somebody else's now
        return in_order(at, self.born.size)


@dataclass
class Aged:
    """Rows of those at liberty aged `low` to under `high` (who also meet a condition), in order."""

    low: float
    high: float
    holds: Holds | None
    rows: Rows
    today: int
    """The day as of which the ages are."""
    came: Rows = field(default_factory=lambda: NOBODY)
    """Rows whose holder or needs changed since."""

    @classmethod
    def of(
        cls, state: State, holders: Holders, low: float, high: float, holds: Holds | None
    ) -> Aged:
        rows = holders.born_within(state.day - 365.0 * high, state.day - 365.0 * low)
        rows = rows[~holders.absent[rows]]
        if holds is not None:
            rows = rows[holds(state, rows)]
        return cls(low, high, holds, rows, state.day)

    def update(self, touched: Rows, came: Rows) -> None:
        """Note which rows changed (`came`: in more than needs), to look at when somebody asks."""
        again = came if self.holds is None else touched
        self.came = np.concatenate([self.came, again])

    def now(self, state: State, holders: Holders) -> Rows:
        """The rows as of today."""
        today = state.day
        if today == self.today and not self.came.size:
            return self.rows
        oldest, youngest = today - 365.0 * self.high, today - 365.0 * self.low
        come_in = holders.born_within(self.today - 365.0 * self.low, youngest)
        go_out = holders.born_within(self.today - 365.0 * self.high, oldest)
        again = in_order(np.concatenate([self.came, come_in, go_out]), holders.born.size)
        born = holders.born[again]
        right = (born > oldest) & (born <= youngest) & ~holders.absent[again]
        if self.holds is not None and right.any():
            right[right] = self.holds(state, again[right])
        revised = np.empty(self.rows.size + again.size, dtype=np.int64)
        self.rows = revised[: revise(self.rows, again, right, revised)]
        self.today, self.came = today, NOBODY
        return self.rows


@kernel
def revise(rows: Rows, again: Rows, right: NDArray[np.bool_], out: Rows) -> int:
    """`rows` without those of `again` that are not `right`, and with those that are; all in order.

    Fills `out` and returns how many there are.
    """
    i, n = 0, 0
    for j in range(again.size):
        while i < rows.size and rows[i] < again[j]:
            out[n] = rows[i]
            i += 1
            n += 1
        if i < rows.size and rows[i] == again[j]:
            i += 1
        if right[j]:
            out[n] = again[j]
            n += 1
    for k in range(i, rows.size):
        out[n] = rows[k]
        n += 1
    return n


@kernel
def present(rows: Rows, absent: NDArray[np.bool_], out: Rows) -> int:
    """Fills `out` with those of `rows` who are not absent, and returns how many there are."""
    n = 0
    for k in range(rows.size):
        out[n] = rows[k]
        n += 0 if absent[rows[k]] else 1
    return n


def in_order(rows: Rows, size: int) -> Rows:
    """The different ones among `rows` (of a table of `size`), in order."""
    if rows.size * 64 < size:
        if rows.size < 2:
            return rows
        rows = np.sort(rows)
        first = np.ones(rows.size, dtype=bool)
        np.not_equal(rows[1:], rows[:-1], out=first[1:])
        return rows[first]
    mark = np.zeros(size, dtype=bool)
    mark[rows] = True
    return np.flatnonzero(mark)
