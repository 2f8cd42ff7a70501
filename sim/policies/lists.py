"""Lists of residents that are kept up, so that a week costs what changed in it.

`Aged` lists everybody of an age, perhaps with a condition. Who comes, leaves, is arrested or has
other needs is in the diary, and birthdays follow from the days of birth; nobody else is looked at
again. `Holders` keeps side by side what lists ask of many residents.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import INJURED, JAILED
from sim.kernel import kernel
from sim.levers import bare

if TYPE_CHECKING:
    from sim.engine import State

Rows = NDArray[np.int64]
Days = NDArray[np.int32]
"""Days of birth."""
Holds = Callable[["State", Rows], NDArray[np.bool_]]
"""A condition on rows; of a module, since it is kept with a run."""
Worth = Callable[["State", Rows], NDArray[Any]]
"""A number per row, of what the diary notes (needs, schooling, arrests) or is fixed; of a module too."""
FAR = 10**9
NOBODY = np.zeros(0, dtype=np.int64)
NO_DAYS = np.zeros(0, dtype=np.int32)
NEEDS, ARRESTS = 1, 2  # what changed of a resident; 0: presence
MOST_WEEKS = 26  # that a list keeps as they came


@dataclass
class Holders:
    """Who holds each row: key and day of birth, side by side."""

    key: NDArray[np.uint64]
    born: Days
    absent: NDArray[np.bool_]
    """In jail, gone or dead."""
    jailed: Rows
    order: Rows = field(default_factory=lambda: NOBODY)
    """Rows by the day of birth that they had when this was made."""
    days: Days = field(default_factory=lambda: NO_DAYS)
    """Those days, rising."""
    newer: Rows = field(default_factory=lambda: NOBODY)
    """Rows that somebody else has held since, by day of birth, and `newer_days` those days."""
    newer_days: Days = field(default_factory=lambda: NO_DAYS)

    @classmethod
    def of(cls, state: State) -> Holders:
        people = state.world.people
        residents = bare(people.residents)
        born, status = residents["born"].astype(np.int32), residents["status"]
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
            size = self.newer.size + came.size
            newer, days = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int32)
            insert(self.newer, self.newer_days, came, self.born[came], newer, days)
            self.newer, self.newer_days = newer, days
        rows = np.concatenate([noted, self.jailed])
        turned, jailed = np.empty(rows.size, dtype=np.int64), np.empty(rows.size, dtype=np.int64)
        n, inside = turn(rows, residents["status"], self.absent, turned, jailed)
        self.jailed = in_order(jailed[:inside], self.absent.size)
        return turned[:n]

    def born_within(self, after: float, until: float) -> Rows:
        """Rows of those born later than day `after` and no later than `until`, in order."""
        found = self.born_in(((after, until),), NOBODY)
        return in_order(found, self.born.size)

    def born_in(self, spans: tuple[tuple[float, float], ...], more: Rows) -> Rows:
        """Rows of those born within any of `spans` (later than, no later than), and `more`.

        Sorted; a row may be there more than once.
        """
        if not self.order.size or 8 * self.newer.size > self.order.size:
            self.order = np.argsort(self.born, kind="stable")
            self.days = self.born[self.order]
            self.newer, self.newer_days = NOBODY, NO_DAYS
        ends = np.asarray([whole(day) for span in spans for day in span], dtype=np.int32)
        first = np.searchsorted(self.days, ends, side="right")
        later = np.searchsorted(self.newer_days, ends, side="right")
        size = int((first[1::2] - first[::2]).sum() + (later[1::2] - later[::2]).sum())
        out = np.empty(max(size, 0) + more.size, dtype=np.int64)
        out = out[: gather(self.order, first, self.newer, later, self.born, ends, more, out)]
        out.sort()
        return out


class Changed(NamedTuple):
    """Rows of whom the diary notes something, their days of birth, and the least of what it was."""

    rows: Rows
    born: Days
    what: NDArray[np.int8]

    @classmethod
    def of(cls, holders: Holders, presence: Rows, needs: Rows, arrests: Rows) -> Changed:
        rows = np.concatenate([presence, needs, arrests])
        what = np.zeros(rows.size, dtype=np.int8)
        what[presence.size :] = NEEDS
        what[presence.size + needs.size :] = ARRESTS
        return cls(rows, holders.born[rows], what)


@dataclass
class Aged:
    """Rows of those at liberty aged `low` to under `high` (who also meet a condition), in order."""

    low: float
    high: float
    holds: Holds | None
    rows: Rows
    today: int
    """The day as of which the ages are."""
    noted: list[tuple[Rows, Changed]] = field(default_factory=list)
    """By week since: rows that somebody new holds, and of whom something changed."""
    worth: Worth | None = None
    values: NDArray[Any] = field(default_factory=lambda: np.zeros(0))
    """`worth` of each of `rows`; empty without."""

    @classmethod
    def of(
        cls, state: State, holders: Holders, low: float, high: float, holds: Holds | None,
        worth: Worth | None = None,
    ) -> Aged:  # fmt: skip
        rows = holders.born_within(state.day - 365.0 * high, state.day - 365.0 * low)
        rows = rows[~holders.absent[rows]]
        if holds is not None:
            rows = rows[holds(state, rows)]
        made = cls(low, high, holds, rows, state.day, worth=worth)
        if worth is not None:
            made.values = worth(state, rows)
        return made

    def update(self, came: Rows, changed: Changed) -> None:
        """Note which rows to look at when somebody asks: new holders, and who changed."""
        self.noted.append((came, changed))
        if len(self.noted) > MOST_WEEKS:  # nobody has asked for long: keep what matters of them
            rows = self.again()
            self.noted = [(rows, Changed(NOBODY, NO_DAYS, np.zeros(0, dtype=np.int8)))]

    def again(self) -> Rows:
        """Rows whose holder, needs or (with `worth`) schooling or arrests changed since.

        Whoever was not of this age when last asked isn't on the list, and is seen at the birthday.
        """
        if not self.noted:
            return NOBODY
        oldest, youngest = self.today - 365.0 * self.high, self.today - 365.0 * self.low
        most = 0 if self.holds is None else NEEDS
        most = most if self.worth is None else ARRESTS
        out = np.empty(sum(came.size + changed.rows.size for came, changed in self.noted), np.int64)
        n = 0
        for came, changed in self.noted:
            n = pick(came, *changed, whole(oldest), whole(youngest), most, out, n)
        return out[:n]

    def now(self, state: State, holders: Holders) -> Rows:
        """The rows as of today."""
        today = state.day
        if today == self.today and not self.noted:
            return self.rows
        oldest, youngest = today - 365.0 * self.high, today - 365.0 * self.low
        come_in = (self.today - 365.0 * self.low, youngest)
        go_out = (self.today - 365.0 * self.high, oldest)
        again = holders.born_in((come_in, go_out), self.again())
        right = np.empty(again.size, dtype=bool)
        n = belong(again, holders.born, holders.absent, whole(oldest), whole(youngest), right)
        again, right = again[:n], right[:n]
        if self.holds is not None and right.any():
            right[right] = self.holds(state, again[right])
        fresh = np.zeros(n if self.worth is not None else 0, dtype=self.values.dtype)
        if self.worth is not None:
            fresh[right] = self.worth(state, again[right])
        out = np.empty(self.rows.size + n, dtype=np.int64)
        values = np.empty(out.size if self.worth is not None else 0, dtype=self.values.dtype)
        size = revise(self.rows, self.values, again, right, fresh, out, values)
        self.rows, self.values = out[:size], values[:size]
        self.today, self.noted = today, []
        return self.rows


def whole(day: float) -> int:
    """The last whole day up to `day`, which may be infinite."""
    return math.floor(min(max(day, -FAR), FAR))


@kernel
def pick(
    came: Rows, rows: Rows, born: Days, what: NDArray[np.int8], after: int, until: int, most: int,
    out: Rows, n: int,
) -> int:  # fmt: skip
    """Adds to the `n` in `out` all of `came`, and those of `rows` born in that time whom it concerns."""
    for k in range(came.size):
        out[n + k] = came[k]
    n += came.size
    for k in range(rows.size):
        out[n] = rows[k]
        n += 1 if born[k] > after and born[k] <= until and what[k] <= most else 0
    return n


@kernel
def gather(
    order: Rows,
    first: Rows,
    newer: Rows,
    later: Rows,
    born: Days,
    ends: Days,
    more: Rows,
    out: Rows,
) -> int:
    """Fills `out` with `more` and with who was born within each pair of `ends` (after, until).

    `first` and `later` say where in `order` and `newer` each of `ends` is. Returns how many there are.
    """
    n = more.size
    for k in range(n):
        out[k] = more[k]
    for span in range(0, ends.size, 2):
        after, until = ends[span], ends[span + 1]
        for part in range(2):
            at = first if part == 0 else later
            for k in range(at[span], at[span + 1]):
                row = order[k] if part == 0 else newer[k]
                if born[row] > after and born[row] <= until:  # and not somebody else's now
                    out[n] = row
                    n += 1
    return n


@kernel
def insert(rows: Rows, days: Days, more: Rows, born: Days, out: Rows, out_days: Days) -> None:
    """Fills `out` and `out_days` with `rows` (by `days`) and `more` (by day `born`), in that order."""
    i = 0
    for j in range(more.size + 1):
        while i < rows.size and (j == more.size or days[i] < born[j]):
            out[i + j], out_days[i + j] = rows[i], days[i]
            i += 1
        if j < more.size:
            out[i + j], out_days[i + j] = more[j], born[j]


@kernel
def turn(
    rows: Rows, status: NDArray[Any], absent: NDArray[np.bool_], turned: Rows, jailed: Rows
) -> tuple[int, int]:
    """Brings `absent` up to date for `rows`; fills `turned` with those changed, and `jailed`.

    Returns how many there are of each.
    """
    n, inside = 0, 0
    for k in range(rows.size):
        row = rows[k]
        now = status[row]
        if (now > INJURED) != absent[row]:
            absent[row] = now > INJURED
            turned[n] = row
            n += 1
        if now == JAILED:
            jailed[inside] = row
            inside += 1
    return n, inside


@kernel
def belong(
    again: Rows, born: Days, absent: NDArray[np.bool_], after: int, until: int,
    right: NDArray[np.bool_],
) -> int:  # fmt: skip
    """Leaves each of `again` (in order) once, and says which are here and born in that time."""
    n = 0
    for k in range(again.size):
        row = again[k]
        if n > 0 and again[n - 1] == row:
            continue
        again[n] = row
        right[n] = not absent[row] and born[row] > after and born[row] <= until
        n += 1
    return n


@kernel
def revise(
    rows: Rows, values: NDArray[Any], again: Rows, right: NDArray[np.bool_],
    fresh: NDArray[Any], out: Rows, out_values: NDArray[Any],
) -> int:  # fmt: skip
    """`rows` without those of `again` that are not `right`, and with those that are; all in order.

    Fills `out`, and from `values` and `fresh` also `out_values` (if it has any room), and returns how
    many there are.
    """
    i, n = 0, 0
    valued = out_values.size > 0
    for j in range(again.size + 1):
        last = j == again.size
        while i < rows.size and (last or rows[i] < again[j]):
            out[n] = rows[i]
            if valued:
                out_values[n] = values[i]
            i, n = i + 1, n + 1
        if last:
            break
        if i < rows.size and rows[i] == again[j]:
            i += 1
        if right[j]:
            out[n] = again[j]
            if valued:
                out_values[n] = fresh[j]
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


@kernel
def living_on(first: Rows, count: Rows, members: Any, status: NDArray[Any], out: Rows) -> int:
    """Fills `out` with the residents of blocks whose `count` members start at `first`, jail included."""
    n = 0
    for k in range(first.size):
        for at in range(first[k], first[k] + count[k]):
            row = members[at]
            if status[row] <= JAILED:
                out[n] = row
                n += 1
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
