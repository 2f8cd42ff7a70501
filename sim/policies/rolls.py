"""Roll: people on a list, and since when; a programme keeps one of those enrolled and others.

Leaves out what a place on the list means, which is the programme's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel import kernel
from sim.policies.lists import NOBODY, Rows


@dataclass
class Roll:
    """People on a list: rows in order, who held each then, since which day, and what came before.

    `began` is only of use for who has left: the day on which they had joined.
    """

    rows: Rows = field(default_factory=lambda: NOBODY)
    person: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    since: NDArray[np.int64] = field(default_factory=lambda: NOBODY)
    began: NDArray[np.int64] = field(default_factory=lambda: NOBODY)
    whole: NDArray[np.int64] = field(default_factory=lambda: NOBODY)
    """The day on which the effect was last whole: the first, or that of a refresher."""

    def __len__(self) -> int:
        return int(self.rows.size)

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows.tolist())

    def __contains__(self, row: object) -> bool:
        return bool(self.has(np.asarray([row], dtype=np.int64))[0])

    def has(self, rows: Rows) -> NDArray[np.bool_]:
        """Is each of `rows` on the list?"""
        return (
            self.rows[self._places(rows)] == rows if self.rows.size else np.zeros(rows.size, bool)
        )

    def person_of(self, rows: Rows) -> NDArray[np.uint64]:
        """Who held each of `rows` (all on the list) when put on it."""
        return self.person[self._places(rows)]

    def _places(self, rows: Rows) -> NDArray[np.int64]:
        return np.minimum(np.searchsorted(self.rows, rows), self.rows.size - 1)

    def add(
        self,
        rows: Rows,
        person: NDArray[np.uint64],
        day: int,
        began: NDArray[np.int64] | None = None,
    ) -> None:
        """Put on rows that are not on it yet."""
        if began is None and (self.plain or not self.rows.size):
            self._merge(rows, person, day)
            return
        days = np.full(rows.size, day, dtype=np.int64)
        both = np.concatenate([self.rows, rows])
        order = both.argsort(kind="stable")
        self.began = np.concatenate([self.began, days if began is None else began])[order]
        self.whole = np.concatenate([self.whole, days])[order]
        self.rows, self.since = both[order], np.concatenate([self.since, days])[order]
        self.person = np.concatenate([self.person, person])[order]

    def _merge(self, rows: Rows, person: NDArray[np.uint64], day: int) -> None:
        """`add`, where the three days are the same for everybody."""
        order = rows.argsort(kind="stable")
        size = self.rows.size + rows.size
        out, names = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.uint64)
        since = np.empty(size, dtype=np.int64)
        join(self.rows, self.person, self.since, rows[order], person[order], day, out, names, since)
        self.rows, self.person = out, names
        self.since = self.began = self.whole = since

    @property
    def plain(self) -> bool:
        """Are the three days of everybody the same, kept once?"""
        return self.began is self.since and self.whole is self.since

    def drop(self, rows: Rows) -> None:
        """Take rows off, if they are on it."""
        if not self.rows.size or not rows.size:
            return
        if self.plain:
            size = self.rows.size
            out, names = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.uint64)
            since = np.empty(size, dtype=np.int64)
            n = part(self.rows, self.person, self.since, np.sort(rows), out, names, since)
            if n < size:
                self.rows, self.person = out[:n], names[:n]
                self.since = self.began = self.whole = since[:n]
            return
        at = self._places(rows)
        at = at[self.rows[at] == rows]
        if at.size:
            stay = np.ones(self.rows.size, dtype=bool)
            stay[at] = False
            self.keep(stay)

    def keep(self, which: Any) -> None:
        """Only those places of the list, or its places in that order."""
        plain, since = self.plain, self.since[which]
        self.began, self.whole = (since, since) if plain else (self.began[which], self.whole[which])
        self.rows, self.person, self.since = self.rows[which], self.person[which], since


@kernel
def join(
    rows: Rows, person: NDArray[np.uint64], since: NDArray[np.int64], more: Rows,
    names: NDArray[np.uint64], day: int, out: Rows, out_person: NDArray[np.uint64],
    out_since: NDArray[np.int64],
) -> None:  # fmt: skip
    """Fills the last three with a list and with `more` (their `names`) as of `day`, all in order."""
    i = 0
    for j in range(more.size + 1):
        while i < rows.size and (j == more.size or rows[i] <= more[j]):
            out[i + j], out_person[i + j], out_since[i + j] = rows[i], person[i], since[i]
            i += 1
        if j < more.size:
            out[i + j], out_person[i + j], out_since[i + j] = more[j], names[j], day


@kernel
def part(
    rows: Rows, person: NDArray[np.uint64], since: NDArray[np.int64], gone: Rows, out: Rows,
    out_person: NDArray[np.uint64], out_since: NDArray[np.int64],
) -> int:  # fmt: skip
    """Fills the last three with a list without those `gone` (in order); returns how many stay."""
    n, j = 0, 0
    for i in range(rows.size):
        while j < gone.size and gone[j] < rows[i]:
            j += 1
        if j < gone.size and gone[j] == rows[i]:
            continue
        out[n], out_person[n], out_since[n] = rows[i], person[i], since[i]
        n += 1
    return n
