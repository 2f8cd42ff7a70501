"""How moves of levers combine: the board.

A lever is a named quantity with a base value and a declared combiner. Policies propose; the board
combines all proposals for a lever, in the order of the policies' ids, starting from the base each
time: the order in which policies were declared or started cannot matter, and a policy that ends
leaves the base exactly. No lever is an outcome (shootings, homicides, crime counts).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import ENROLLED
from sim.kernel import kernel
from sim.lever_catalogue import (
    COMBINERS,
    LEVERS,
    MAXIMUM,
    OVERRIDE,
    PRODUCT,
    RENEWED,
    SUM,
    Lever,
)  # fmt: skip
from sim.processes.arms import alarm_officers
from sim.processes.beliefs import settle_rows

if TYPE_CHECKING:
    from sim.engine import State

__all__ = [
    "COMBINERS",
    "LEVERS",
    "MAXIMUM",
    "OVERRIDE",
    "PRODUCT",
    "RENEWED",
    "SUM",
    "Board",
    "Lever",
    "Proposal",
    "bare",
    "table_of",
]  # fmt: skip


@dataclass
class Proposal:
    """One policy's move of one lever: `values` for `rows` of the table (None: a parameter)."""

    rows: NDArray[np.int64] | None
    values: Any

    def same(self, rows: NDArray[np.int64] | None, values: Any) -> bool:
        """Is this what it proposes already?"""
        if isinstance(values, float) and isinstance(self.values, float):
            if values != self.values or rows is self.rows:
                return bool(values == self.values)
            if rows is None or self.rows is None or rows.shape != self.rows.shape:
                return False
            return bool((rows == self.rows).all())
        if (rows is None) != (self.rows is None) or np.shape(values) != np.shape(self.values):
            return False
        if rows is not None and rows.shape != np.shape(self.rows):
            return False
        same = rows is None or rows is self.rows or bool((rows == self.rows).all())
        return same and bool(np.all(values == self.values))


@dataclass
class Board:
    """Who proposes what, and the base values to come back to."""

    proposals: dict[str, dict[str, Proposal]] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    side_of: dict[int, int] = field(default_factory=dict)
    """Row of the side table by resident, in the order in which they were given."""
    given: NDArray[np.bool_] | None = None
    """By resident: is it in `side_of`? None: not asked yet."""
    moved: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    """Side rows in which a lever of residents is not neutral, or was not when it was last written."""
    frozen: frozenset[tuple[str, str]] = frozenset()
    """(policy's name, lever or *): proposals that are noted and not written, for knock-outs."""

    def propose(self, lever: str, policy: str, rows: NDArray[np.int64] | None, values: Any) -> None:
        """Replace what `policy` proposes for `lever`.

        Raises KeyError for a lever that does not exist, ValueError for values that are not finite.
        """
        if lever not in LEVERS:
            raise KeyError(f"no lever {lever!r}")
        if not (math.isfinite(values) if isinstance(values, float) else np.isfinite(values).all()):
            raise ValueError(f"{policy} proposes a value of {lever} that is no number")
        by_policy = self.proposals.setdefault(lever, {})
        kept = by_policy.get(policy)
        if kept is None or lever in RENEWED or not kept.same(rows, values):
            by_policy[policy] = Proposal(rows, values)
            self.changed.add(lever)

    def renew(self, rows: NDArray[np.int64], size: int) -> None:
        """Somebody new holds these rows of residents (of `size`): what is proposed is due again."""
        if self.given is None:
            self.given = np.zeros(size, dtype=bool)
            self.given[np.fromiter(self.side_of, dtype=np.int64)] = True
        if self.given[rows].any():
            self.changed |= {name for name in self.proposals if name.startswith("resident.")}

    def withdraw(self, policy: str) -> None:
        """Take back everything `policy` proposes."""
        for lever, by_policy in self.proposals.items():
            if by_policy.pop(policy, None) is not None:
                self.changed.add(lever)

    def is_frozen(self, policy: str, lever: str = "*") -> bool:
        """Is what this policy (its id) proposes for the lever only noted?"""
        name = policy.partition("#")[0]
        return (name, "*") in self.frozen or (name, lever) in self.frozen

    def resolve(self, state: State) -> None:
        """Write the combined values of the levers that changed."""
        moves = {
            name: [
                move
                for who, move in sorted(self.proposals.get(name, {}).items())
                if not (self.frozen and self.is_frozen(who, name))
            ]
            for name in sorted(self.changed)
        }
        personal = [name for name in moves if LEVERS[name].table == "resident"]
        places = self._places(state, [(name, move) for name in personal for move in moves[name]])
        room = np.empty(state.world.people.side.size if personal else 0)
        for name, these in moves.items():
            lever = LEVERS[name]
            if lever.table == "parameter":
                self._parameter(state, lever, these)
            elif lever.table == "resident":
                self._residents(state, lever, these, [places[id(m.rows)] for m in these], room)
            else:
                self._column(state, lever, these)
        self.changed.clear()

    def _parameter(self, state: State, lever: Lever, moves: list[Proposal]) -> None:
        p = bare(state.world.p)
        base = self.base.setdefault(lever.name, float(p[lever.column][0]))
        p[lever.column][0] = (
            float(lever.combine(base, [m.values for m in moves])) if moves else base
        )

    def _column(self, state: State, lever: Lever, moves: list[Proposal]) -> None:
        column = bare(table_of(state, lever.table))[lever.column]
        if lever.table == "officer":  # recruits start at the neutral value
            value = base = np.full(column.shape, lever.neutral)
        else:
            base = self.base.get(lever.name)
            if base is None:
                base = self.base[lever.name] = column.astype(np.float64)
            value = base.copy()
        for move in moves:
            rows = slice(None) if move.rows is None else move.rows
            value[rows] = lever.moved(value[rows], move.values)
        if moves:
            np.maximum(value, lever.low, out=value)
            np.minimum(value, lever.high, out=value)
        if lever.name == "officer.stress_recovery":  # what is past fades at its own pace
            changing = np.flatnonzero(value.astype(column.dtype) != column)
            if changing.size:
                alarm_officers(state.handle, changing, 0.0)
        column[:] = value

    def _residents(
        self, state: State, lever: Lever, moves: list[Proposal], places: list[NDArray[np.int64]],
        room: NDArray[np.float64],
    ) -> None:  # fmt: skip
        """Only residents that somebody names have a row in the side table.

        `places`: the side rows of each move; `room`: a number per side row, to work with.
        """
        side = bare(state.world.people.side)
        before = self.moved.get(lever.name)
        if before is None:
            before = np.flatnonzero((side["resident"] >= 0) & (side[lever.column] != lever.neutral))
        every = np.concatenate([before, *places])
        values = np.empty(every.size)
        values[: before.size] = lever.neutral
        ends = np.empty(len(places) + 1, dtype=np.int64)
        ends[0] = at = before.size
        for k, (move, place) in enumerate(zip(moves, places, strict=True)):
            values[at : at + place.size] = move.values
            ends[k + 1] = at = at + place.size
        column = side[lever.column]
        fresh = np.empty(every.size, dtype=column.dtype)
        n = combine_moves(
            every, values, ends, COMBINERS.index(lever.combiner), lever.neutral, lever.low,
            lever.high, room, fresh,
        )  # fmt: skip
        if lever.name == "resident.trauma_recovery":  # what is past heals at its own pace
            touched = every[:n]
            changing = touched[fresh[:n] != column[touched]]
            settle_rows(state.handle, side["resident"][changing].astype(np.int64))
        self.moved[lever.name] = every[: write(every, fresh, n, lever.neutral, column)].copy()

    def _places(
        self, state: State, moves: list[tuple[str, Proposal]]
    ) -> dict[int, NDArray[np.int64]]:
        """The side rows of each different list of residents that is moved, by the list's id."""
        lists: dict[int, NDArray[np.int64]] = {}
        for name, move in moves:
            if move.rows is None:
                raise ValueError(f"{name}: name the residents to move, not everybody")
            lists.setdefault(id(move.rows), move.rows)
        if not lists:
            return {}
        found = self._side_rows(state, np.concatenate(list(lists.values())))
        out, at = {}, 0
        for name, rows in lists.items():
            out[name] = found[at : at + rows.size]
            at += rows.size
        return out

    def _side_rows(self, state: State, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The side rows of some residents; one is given, all neutral, where there is none yet."""
        residents = bare(state.world.people.residents)
        places: NDArray[np.int64] = residents["side"][rows].astype(np.int64)
        fresh = np.flatnonzero(places < 0)  # new, or in a row that somebody else held
        if not fresh.size:
            return places
        for k in fresh.tolist():
            places[k] = self.side_of.setdefault(int(rows[k]), len(self.side_of))
        if self.given is not None:
            self.given[rows[fresh]] = True
        while len(self.side_of) > state.world.people.side.size:
            state.grow_side()
        side = bare(state.world.people.side)
        new = fresh[side["resident"][places[fresh]] < 0]
        side["resident"][places[new]] = rows[new]
        for name, neutral in _PERSONAL if new.size else ():
            side[name][places[new]] = neutral
        residents["side"][rows[fresh]] = places[fresh]
        residents["flags"][rows[fresh]] |= ENROLLED
        return places


@kernel
def combine_moves(
    every: NDArray[np.int64], values: NDArray[np.float64], ends: NDArray[np.int64], combiner: int,
    neutral: float, low: float, high: float, room: NDArray[np.float64], fresh: NDArray[np.float32],
) -> int:  # fmt: skip
    """What moves of side rows come to: each row once in `every`, and its value in `fresh`.

    `every` holds the rows that were moved before up to `ends[0]`, then those of each move up to the
    next of `ends`, and `values` what is proposed for each. Returns how many rows there are.
    """
    for k in range(every.size):
        room[every[k]] = neutral
    for m in range(ends.size - 1):
        for k in range(ends[m], ends[m + 1]):
            value, move = room[every[k]], values[k]
            if combiner == 0:
                values[k] = value * move
            elif combiner == 1:
                values[k] = value + move
            elif combiner == 2:
                values[k] = max(value, move)
        for k in range(ends[m], ends[m + 1]):  # a row named twice in one move is moved once
            room[every[k]] = values[k]
    n = 0
    for k in range(every.size):
        row = every[k]
        value = room[row]
        if value == value:  # not seen before
            every[n], fresh[n] = row, min(max(value, low), high)
            n += 1
            room[row] = np.nan
    return n


@kernel
def write(
    rows: NDArray[np.int64], fresh: NDArray[np.float32], n: int, neutral: float, column: Any
) -> int:
    """Writes `n` values; leaves in `rows` those that are not neutral, and returns their number."""
    kept = 0
    for k in range(n):
        column[rows[k]] = fresh[k]
        if fresh[k] != neutral:
            rows[kept] = rows[k]
            kept += 1
    return kept


def table_of(state: State, name: str) -> Any:
    """The records whose columns are levers: officer, beat, block, kind or gang."""
    w = state.world
    return {
        "officer": w.police.officers, "beat": w.police.beats, "block": w.place.blocks,
        "kind": w.people.kinds, "gang": w.groups.gangs,
    }[name]  # fmt: skip


def bare(records: Any) -> Any:
    """Records as a plain structured array, whose columns are reached many times faster."""
    return records.view(np.ndarray)


_PERSONAL = [
    (lever.column, lever.neutral) for lever in LEVERS.values() if lever.table == "resident"
]
