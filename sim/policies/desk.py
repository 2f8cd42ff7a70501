"""The desk: all that a policy may do (what it may see is in `sim.policies.sight`).

A desk belongs to one policy in one run. It holds whom the policy has enrolled, what it proposes,
what it has spent, and gives keyed draws that depend on the policy's id and the person, not on any
order.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.agents.officers import DETECTIVE, ON_DUTY
from sim.agents.residents import FREE, JAILED
from sim.levers import LEVERS, RENEWED, bare
from sim.policies.base import Policy
from sim.policies.gunfire import View
from sim.policies.lists import Rows, living_on
from sim.policies.pools import Involvement
from sim.policies.rolls import Roll
from sim.policies.sight import DRAW, Sight
from sim.processes.arms import alarm_officers
from sim.processes.record import schedule_from_outside
from sim.random import child_key, stream

if TYPE_CHECKING:
    from sim.engine import State

number_of = cache(stream)
HOURS_TAKEN = "officer.hours_taken"
Q_INCIDENT = 8  # as in the engine, which imports what imports this


@dataclass
class Desk(Sight):
    """What one policy may see and do; `day` counts from the policy's start."""

    policy: Policy
    id: str
    start: int
    """First day in force, in days of the world's clock."""
    end: int | None
    first_day: int = 0
    """Of the run, on the world's clock."""
    enrolled: Roll = field(default_factory=Roll)
    left: Roll = field(default_factory=Roll)
    """Who was enrolled and is no longer, since the day they left."""
    known: set[int] = field(default_factory=set)
    """Names of everybody ever enrolled; `firsts` says when they first were."""
    firsts: list[tuple[Rows, NDArray[np.uint64], int]] = field(default_factory=list)
    waiting: int = 0
    joined: int = 0
    dropouts: int = 0
    cost: float = 0.0
    total: float = 0.0
    """Dollars since it began, the burn-in's included."""
    hours: float = 0.0
    staff: float = 0.0
    """Workers that its places need, where it has a caseload."""
    strength: float = 0.0
    """Dose that those reached get this week."""
    unit: str = "people"
    """What `reach` counts: people, residents, officers, blocks or gangs."""
    reach: int = 0
    cells: NDArray[np.integer[Any]] | None = None
    """Residents reached by area * groups + group; None: nobody in particular."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What the policy wants to remember between weeks."""
    weeks: list[tuple[dict[str, Any], NDArray[np.int32] | None]] = field(default_factory=list)
    """What it delivered each week, and the residents reached by area * groups + group."""
    proposing: bool = False
    told: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Moves for everybody that stand, as (at full, strength)."""
    share: float = 1.0
    """Of the hours and money that it plans for, what it gets this week (see delivery.share_out)."""
    key: int = 0
    """The number of its stream of draws, once known."""
    seeing: View | None = None
    state: State = None  # type: ignore[assignment]

    # --- doing ----------------------------------------------------------------------------------

    def propose(self, lever: str, rows: Rows | None, values: Any) -> None:
        """Move a lever: `values` for `rows` of its table (None: a parameter, or all rows)."""
        if lever not in self.policy.levers and lever != HOURS_TAKEN:
            raise ValueError(f"{self.id} moves {lever}, which it does not declare")
        self.proposing = True
        self.told.pop(lever, None)
        self.state.board.propose(lever, self.id, rows, values)

    def move(self, lever: str, rows: Rows | None, at_full: Any, strength: float = 1.0) -> None:
        """`propose`, with `at_full` scaled by the policy's dose and by `strength`."""
        number = isinstance(at_full, int | float)
        if rows is None and number and self.told.get(lever) == (at_full, strength):
            if lever in RENEWED:  # it is said already, and stands
                self.state.board.changed.add(lever)
            return
        full = float(at_full) if number else np.asarray(at_full, dtype=np.float64)
        value = LEVERS[lever].at_dose(full, self.policy.dose * strength)
        self.propose(lever, rows, float(value) if number else value)
        if rows is None and number:
            self.told[lever] = (float(at_full), strength)

    def fade(self, lever: str, rows: Rows, at_full: float, left: NDArray[np.float64]) -> None:
        """`move`, with what is `left` (0..1) of the effect on each of `rows`."""
        self.propose(lever, rows, LEVERS[lever].at_dose(at_full, self.policy.dose * left))

    def incident(self, salience: float) -> None:
        """Something the department did becomes known city-wide today."""
        if self.state.board.is_frozen(self.id):
            return
        clock = self.state.world.clock[0]
        own = np.uint64(stream(f"incident {self.id}"))
        key = np.uint64(child_key(np.uint64(clock.seed), own, self.today, DRAW))
        schedule_from_outside(
            self.state.handle, self.today, Q_INCIDENT, key, np.uint64(0), -1, -1, -1, salience
        )

    def alarm(self, officers: Rows, push: float) -> None:
        """Something outside the model frightens officers: their sense of danger rises by `push`."""
        if self.state.board.is_frozen(self.id):
            return
        alarm_officers(self.state.handle, officers, push)

    def withdraw_all(self) -> None:
        if self.proposing:
            self.state.board.withdraw(self.id)
            self.proposing = False
            self.told.clear()

    def spend(self, dollars: float) -> None:
        self.cost += dollars

    def take_hours(self, hours: float) -> None:
        """Note officers' hours that are taken from the beat (see `take_time`)."""
        self.hours += hours

    def take_time(self, hours: float) -> None:
        """Take `hours` of this week from patrol officers on duty, an equal part of each.

        Any policy may, whether or not it declares `officer.hours_taken`.
        """
        patrol = (self.officers["status"] == ON_DUTY) & (self.officers["unit"] != DETECTIVE)
        slots = np.flatnonzero(patrol)
        each = min(hours / max(slots.size, 1), 40.0)
        self.propose(HOURS_TAKEN, slots, np.full(slots.size, each))
        self.take_hours(each * slots.size)

    def reached(
        self,
        unit: str,
        number: int,
        rows: Rows | None = None,
        cells: NDArray[np.integer[Any]] | None = None,
    ) -> None:
        """Say what the policy reaches this week: `number` of `unit`, among them residents `rows`.

        `cells`, in place of `rows`, counts residents by area * groups + group.
        """
        self.unit, self.reach = unit, int(number)
        self.cells = self.pools.cells_of(self.state, rows) if rows is not None else cells

    def reached_everybody(self) -> None:
        """The policy holds for all residents."""
        number, cells = self.pools.everybody(self.state)
        self.reached("residents", number, cells=cells)

    def residents_of(self, blocks: Rows) -> Rows:
        """Rows of those who live on some blocks."""
        first, count = (self.blocks[name][blocks].astype(np.int64) for name in ("first", "count"))
        members, status = self.state.world.people.members, self.residents["status"]
        rows = np.empty(int(count.sum()), dtype=np.int64)
        return rows[: living_on(first, count, members, status, rows)]

    def enrol(self, rows: Rows, keys: NDArray[np.uint64] | None = None) -> None:
        """Fill places: an event each, caused by nothing but the programme.

        `keys`: their names, where they are at hand.
        """
        rows = np.asarray(rows, dtype=np.int64)
        if not rows.size:
            return
        keys = self.keys(rows) if keys is None else keys
        self.enrolled.add(rows, keys, self.today)
        self.pools.put_on(self.id, rows)
        self.joined += int(rows.size)
        self.log(m.E_ENROLMENT, rows, f"enrol {self.id}")
        new = [k for k, key in enumerate(keys.tolist()) if key not in self.known]
        if new:
            self.known.update(keys[new].tolist())
            self.firsts.append((rows[new], keys[new], self.today))

    @property
    def ever_reached(self) -> int:
        """Different people ever enrolled."""
        return len(self.known)

    @property
    def ever(self) -> Roll:
        """Everybody ever enrolled, since the first time; of those who held one row, the last."""
        roll = Roll()
        for rows, keys, day in self.firsts:
            roll.drop(rows)
            roll.add(rows, keys, day)
        return roll

    def leave(self, rows: Rows, dropped: bool) -> None:
        """Empty places, by drop-out or because the time is over."""
        rows = np.asarray(rows, dtype=np.int64)
        if not rows.size:
            return
        if self.policy.outlasts or getattr(self.policy, "again_days", 0.0) > 0.0:
            self.left.drop(rows)
            self.left.add(rows, self.keys(rows), self.today, self.since(rows))
        self.enrolled.drop(rows)
        self.dropouts += int(rows.size) if dropped else 0
        self.log(m.E_LEAVE, rows, f"leave {self.id}")

    def log(self, kind: int, rows: Rows, purpose: str) -> None:
        """Enrolments or leavings, an event each; written when all policies have had their week."""
        self.pools.to_log.append((kind, rows, number_of(purpose)))

    def sweep(self) -> None:
        """Forget who has died, moved away, or whose row somebody else holds now."""
        lost = self.pools.lost(self.id)
        if lost is not None and not lost.size:
            return
        for roll in (self.enrolled, self.left):
            if len(roll):
                rows = roll.rows if lost is None else lost[roll.has(lost)]
                here = self.residents["status"][rows] <= JAILED
                here &= self.keys(rows) == roll.person_of(rows)
                if not here.all():
                    roll.drop(rows[~here])

    def rows(self) -> Rows:
        """The enrolled, in order."""
        return self.enrolled.rows

    def marked(self, rows: Rows) -> NDArray[np.bool_]:
        """One truth value per resident: is the row among `rows`?"""
        mark = np.zeros(self.residents.size, dtype=bool)
        mark[rows] = True
        return mark

    def since(self, rows: Rows) -> NDArray[np.int64]:
        """The day since which each of `rows` is enrolled."""
        return self.enrolled.since[np.searchsorted(self.enrolled.rows, rows)]

    # --- the week -------------------------------------------------------------------------------

    def begin_week(self, state: State) -> None:
        """Run the policy's week and note what it delivered."""
        self.state = state
        today = self.today
        if today < self.start:
            return
        self.cost = self.hours = self.staff = self.strength = 0.0
        self.joined = self.dropouts = self.waiting = self.reach = 0
        self.cells = None
        if self.known:
            self.sweep()
        if self.policy.dose > 0.0 or self.enrolled:
            if self.end is None or today < self.end:
                self.strength = self.policy.dose
                self.policy.week(self)
            else:
                self.policy.after(self)
        self.note()

    def note(self) -> None:
        """Keep what was delivered this week; a row of `policies.parquet` (see sim.frames)."""
        week = (self.today - self.first_day) // 7
        self.total += self.cost
        if week < 0:
            return
        if self.enrolled.rows.size:
            self.reached("people", self.enrolled.rows.size, self.rows())
        elif not self.reach:  # the plain way to say it
            self.reach = int(self.memory.pop("reach", 0))
        row = {
            "week": week, "policy": self.id, "unit": self.unit, "reach": self.reach,
            "ever_reached": self.ever_reached or self.reach, "dose": self.strength,
            "joined": self.joined, "dropouts": self.dropouts, "waiting": self.waiting,
            "staff": self.staff, "hours": self.hours, "cost": self.cost,
            "cost_so_far": self.total, "funded": self.share,
        }  # fmt: skip
        cells = None if self.cells is None else self.cells.astype(np.int32, copy=False)
        self.weeks.append((row, cells))

    @property
    def cost_this_week(self) -> float:
        return self.cost

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "seeing": None}

    def leave_state(self) -> None:
        """Between weeks a desk holds nothing of the world: a finished run's memory is then free as soon
        as nobody has the run, and needs no collector to find that desk and state hold each other."""
        self.state, self.seeing = None, None  # type: ignore[assignment]

    def copied(self) -> Desk:
        """The same desk for another arm that starts from the same burn-in."""
        self.leave_state()
        return copy.deepcopy(self)


__all__ = ["FREE", "Desk", "Involvement", "Roll", "bare"]
