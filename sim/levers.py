"""What policies may move, and how moves combine.

A lever is a named quantity with a base value and a declared combiner. Policies propose; the board
combines all proposals for a lever, in the order of the policies' ids, starting from the base each
time: the order in which policies were declared or started cannot matter, and a policy that ends
leaves the base exactly. No lever is an outcome (shootings, homicides, crime counts).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import ENROLLED

if TYPE_CHECKING:
    from sim.engine import State

PRODUCT, SUM, MAXIMUM, OVERRIDE = "product", "sum", "maximum", "override"


@dataclass(frozen=True)
class Lever:
    """One thing that policies may move.

    >>> LEVERS["officer.style_shift"].combiner
    'sum'
    """

    name: str
    combiner: str
    neutral: float
    """The proposal that changes nothing."""
    low: float
    high: float
    """Bounds of the combined value (for a parameter: its declared range)."""
    unit: str
    meaning: str

    @property
    def table(self) -> str:
        """What is moved: parameter, officer, resident, beat, block, kind or gang."""
        return self.name.partition(".")[0]

    @property
    def column(self) -> str:
        return self.name.partition(".")[2]

    def combine(self, base: Any, proposals: Iterable[Any]) -> Any:
        """The value in force: `base` moved by each proposal in turn, then held within the bounds."""
        value = base
        for proposal in proposals:
            if self.combiner == PRODUCT:
                value = value * proposal
            elif self.combiner == SUM:
                value = value + proposal
            elif self.combiner == MAXIMUM:
                value = np.maximum(value, proposal)
            else:
                value = proposal
        return np.clip(value, self.low, self.high)


def _levers() -> dict[str, Lever]:
    rows = [
        Lever("officer.style_shift", SUM, 0.0, -4.0, 4.0, "log odds", "odds of a respectful contact"),
        Lever("officer.force_factor", PRODUCT, 1.0, 0.0, 10.0, "factor", "force in a contact"),
        Lever("officer.watched", SUM, 0.0, 0.0, 20.0, "factor", "added chance that misconduct comes to light"),
        Lever("officer.hours_taken", SUM, 0.0, 0.0, 40.0, "hours a week", "time taken from the beat"),
        Lever("resident.violence", PRODUCT, 1.0, 0.0, 5.0, "factor", "readiness to attack"),
        Lever("resident.retaliation", PRODUCT, 1.0, 0.0, 5.0, "factor", "readiness to settle a grievance"),
        Lever("resident.mediation", SUM, 0.0, 0.0, 0.95, "probability", "a dispute of theirs is mediated"),
        Lever("resident.offending", PRODUCT, 1.0, 0.0, 5.0, "factor", "everyday offending"),
        Lever("resident.carrying", PRODUCT, 1.0, 0.0, 5.0, "factor", "carrying a gun"),
        Lever("resident.outside_option", SUM, 0.0, 0.0, 1.0, "level", "something better than a gang"),
        Lever("resident.trauma_recovery", PRODUCT, 1.0, 0.1, 3.0, "factor", "half-life of trauma"),
        Lever("beat.priority", PRODUCT, 1.0, 0.1, 5.0, "factor", "hours that deployment sends to a beat"),
        Lever("block.lever", PRODUCT, 1.0, 0.0, 1.0, "factor", "disputes at a block"),
        Lever("kind.stop_ratio", PRODUCT, 1.0, 0.1, 5.0, "factor", "stops of a group, relative"),
        Lever("kind.force_ratio", PRODUCT, 1.0, 0.1, 5.0, "factor", "force against a group, relative"),
        Lever("kind.enforcement", SUM, 0.0, 0.0, 1.0, "level", "felt threat of immigration enforcement"),
        Lever("gang.pressure", PRODUCT, 1.0, 0.1, 5.0, "factor", "readiness of a gang's members, deterred as a group"),
    ]  # fmt: skip
    # city-wide parameters that are levers: capacities, shares and rates of what agents and the
    # department do, never of what results
    from sim.parameters import all_parameters

    products = (
        "stop_rate", "suspicion", "detective_factor", "clearance_factor", "officer_exit", "hire_days",
        "response_minutes", "publicised_share", "scrutiny_half_life",
    )  # fmt: skip
    sums = (
        "patdown_share", "initiated_share", "vice_share", "overtime", "diversion", "diversion_first",
        "witness_base", "witness_fear", "raid_share", "citation_share", "priority_nonfatal",
    )  # fmt: skip
    known = all_parameters()
    for names, combiner, neutral in ((products, PRODUCT, 1.0), (sums, SUM, 0.0)):
        for name in names:
            row = known[name]
            rows.append(
                Lever(
                    f"parameter.{name}", combiner, neutral, row.low, row.high, row.unit, row.meaning
                )
            )
    return {row.name: row for row in rows}


LEVERS: dict[str, Lever] = _levers()


@dataclass
class Proposal:
    """One policy's move of one lever: `values` for `rows` of the table (None: a parameter)."""

    rows: NDArray[np.int64] | None
    values: Any


@dataclass
class Board:
    """Who proposes what, and the base values to come back to."""

    proposals: dict[str, dict[str, Proposal]] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    side_of: dict[int, int] = field(default_factory=dict)
    """Row of the side table by resident."""

    def propose(self, lever: str, policy: str, rows: NDArray[np.int64] | None, values: Any) -> None:
        """Replace what `policy` proposes for `lever`.

        Raises KeyError for a lever that does not exist, ValueError for values that are not finite.
        """
        if lever not in LEVERS:
            raise KeyError(f"no lever {lever!r}")
        if not np.all(np.isfinite(values)):
            raise ValueError(f"{policy} proposes a value of {lever} that is no number")
        self.proposals.setdefault(lever, {})[policy] = Proposal(rows, values)
        self.changed.add(lever)

    def withdraw(self, policy: str) -> None:
        """Take back everything `policy` proposes."""
        for lever, by_policy in self.proposals.items():
            if by_policy.pop(policy, None) is not None:
                self.changed.add(lever)

    def resolve(self, state: State) -> None:
        """Write the combined values of the levers that changed."""
        for name in sorted(self.changed):
            lever = LEVERS[name]
            moves = [p for _, p in sorted(self.proposals.get(name, {}).items())]
            if lever.table == "parameter":
                self._parameter(state, lever, moves)
            elif lever.table == "resident":
                self._residents(state, lever, moves)
            else:
                self._column(state, lever, moves)
        self.changed.clear()

    def _parameter(self, state: State, lever: Lever, moves: list[Proposal]) -> None:
        p = state.world.p
        base = self.base.setdefault(lever.name, float(p[lever.column][0]))
        p[lever.column][0] = (
            float(lever.combine(base, [m.values for m in moves])) if moves else base
        )

    def _column(self, state: State, lever: Lever, moves: list[Proposal]) -> None:
        table = _table(state, lever.table)
        column = table[lever.column]
        if lever.table in ("officer",):  # recruits start at the neutral value
            base = np.full(column.shape, lever.neutral)
        else:
            base = self.base.setdefault(lever.name, column.astype(np.float64))
        value = base.copy()
        for move in moves:
            rows = slice(None) if move.rows is None else move.rows
            value[rows] = _moved(lever, value[rows], move.values)
        column[:] = np.clip(value, lever.low, lever.high) if moves else base

    def _residents(self, state: State, lever: Lever, moves: list[Proposal]) -> None:
        """Only residents that somebody names have a row in the side table."""
        total: dict[int, float] = {}
        for move in moves:
            assert move.rows is not None
            values = np.broadcast_to(np.asarray(move.values, dtype=np.float64), move.rows.shape)
            for row, value in zip(move.rows.tolist(), values.tolist(), strict=True):
                total[row] = float(_moved(lever, total.get(row, lever.neutral), value))
        side = state.world.people.side
        for row, at in self.side_of.items():
            if row not in total:
                side[lever.column][at] = lever.neutral
        for row, value in total.items():
            at = self._side_row(state, row)
            state.world.people.side[lever.column][at] = min(max(value, lever.low), lever.high)

    def _side_row(self, state: State, row: int) -> int:
        people = state.world.people
        at = self.side_of.get(row)
        if at is None:
            free = np.flatnonzero(people.side["resident"] < 0)
            if not free.size:
                state.grow_side()
                people = state.world.people
                free = np.flatnonzero(people.side["resident"] < 0)
            at = int(free[0])
            people.side["resident"][at] = row
            for lever in LEVERS.values():
                if lever.table == "resident":
                    people.side[lever.column][at] = lever.neutral
            self.side_of[row] = at
        people.residents["side"][row] = at
        people.residents["flags"][row] |= ENROLLED
        return at


def _moved(lever: Lever, value: Any, proposal: Any) -> Any:
    if lever.combiner == PRODUCT:
        return value * proposal
    if lever.combiner == SUM:
        return value + proposal
    return np.maximum(value, proposal) if lever.combiner == MAXIMUM else proposal


def _table(state: State, name: str) -> Any:
    w = state.world
    return {
        "officer": w.police.officers, "beat": w.police.beats, "block": w.place.blocks,
        "kind": w.people.kinds, "gang": w.groups.gangs,
    }[name]  # fmt: skip
