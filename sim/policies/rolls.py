"""Roll: people on a list, and since when; a programme keeps one of those enrolled and others.

Leaves out what a place on the list means, which is the programme's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        days = np.full(rows.size, day, dtype=np.int64)
        both = np.concatenate([self.rows, rows])
        order = both.argsort(kind="stable")
        plain = began is None and (self.plain or not self.rows.size)
        since = np.concatenate([self.since, days])[order]
        if plain:
            self.began = self.whole = since
        else:
            self.began = np.concatenate([self.began, days if began is None else began])[order]
            self.whole = np.concatenate([self.whole, days])[order]
        self.rows, self.since = both[order], since
        self.person = np.concatenate([self.person, person])[order]

    @property
    def plain(self) -> bool:
        """Are the three days of everybody the same, kept once?"""
        return self.began is self.since and self.whole is self.since

    def drop(self, rows: Rows) -> None:
        """Take rows off, if they are on it."""
        if not self.rows.size or not rows.size:
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
