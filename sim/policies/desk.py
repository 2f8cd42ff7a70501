"""The desk: all that a policy may see and do.

A desk belongs to one policy in one run. It holds whom the policy has enrolled, what it proposes,
what it has spent, and gives keyed draws that depend on the policy's id and the person, not on any
order.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.agents.residents import AWAY, DEAD, FREE, INJURED
from sim.levers import LEVERS, table_of
from sim.policies.base import Policy
from sim.policies.pools import Involvement, Shot
from sim.processes.arms import alarm_officers
from sim.processes.record import log_programme, schedule_from_outside
from sim.random import child_key, philox, stream

if TYPE_CHECKING:
    from sim.engine import State

Rows = NDArray[np.int64]
_DRAW = stream("policies.draw")
Q_INCIDENT = 8  # as in the engine, which imports what imports this


@dataclass
class Place:
    """A filled place in a programme."""

    row: int
    person: int
    since: int


@dataclass
class Desk:
    """What one policy may see and do; `day` counts from the policy's start."""

    policy: Policy
    id: str
    start: int
    """First day in force, in days of the world's clock."""
    end: int | None
    first_day: int = 0
    """Of the run, on the world's clock."""
    enrolled: dict[int, Place] = field(default_factory=dict)
    waiting: int = 0
    dropouts: int = 0
    cost: float = 0.0
    hours: float = 0.0
    memory: dict[str, Any] = field(default_factory=dict)
    """What the policy wants to remember between weeks."""
    weeks: list[dict[str, Any]] = field(default_factory=list)
    proposing: bool = False
    share: float = 1.0
    """Of the hours and money that it plans for, what it gets this week (see delivery.share_out)."""
    state: State = None  # type: ignore[assignment]

    @property
    def pools(self) -> Involvement:
        """Who may be eligible, kept from events and shared by all desks of the run."""
        return cast(Involvement, self.state.involvement)

    # --- seeing ---------------------------------------------------------------------------------

    @property
    def today(self) -> int:
        return int(bare(self.state.world.clock)["day"][0])

    @property
    def day(self) -> int:
        """Days since the policy came into force."""
        return self.state.day - self.start

    @property
    def residents(self) -> Any:
        return bare(self.state.world.people.residents)

    @property
    def lives(self) -> Any:
        return bare(self.state.world.people.lives)

    @property
    def officers(self) -> Any:
        return bare(self.state.world.police.officers)

    @property
    def beats(self) -> Any:
        return bare(self.state.world.police.beats)

    @property
    def blocks(self) -> Any:
        return bare(self.state.world.place.blocks)

    @property
    def areas(self) -> Any:
        return bare(self.state.world.place.areas)

    @property
    def kinds(self) -> Any:
        return bare(self.state.world.people.kinds)

    @property
    def gangs(self) -> Any:
        return bare(self.state.world.groups.gangs)

    @property
    def in_force(self) -> bool:
        """Has it started, not ended, and does it do anything at all?"""
        begun = self.start <= self.today and (self.end is None or self.today < self.end)
        return begun and self.policy.dose > 0.0

    @property
    def population(self) -> float:
        """Residents, those in jail included."""
        return self.pools.population(self.state)

    def parameter(self, name: str) -> float:
        """A parameter's value in force."""
        return float(self.state.world.p[name][0])

    def ramp(self, weeks: float) -> float:
        """How far a programme that takes `weeks` to build up is now, above 0 to 1."""
        return 1.0 if weeks <= 0.0 else min(1.0, (self.day / 7 + 1) / weeks)

    def shots(self, days: int) -> list[Shot]:
        """Who was shot in the last `days` days, oldest first."""
        return self.pools.shots_since(self.state, days)

    def arrested(self) -> Rows:
        """Residents arrested in the last week and at liberty now."""
        return self.pools.arrested(self.state)

    def of_age(self, low: float, high: float) -> Rows:
        """Residents aged `low` to under `high`, at liberty."""
        return self.pools.of_age(self.state, low, high)

    def in_need(self, need: str, level: float = 0.5) -> Rows:
        """Adults at liberty whose `need` (substance, mental or housing) is at least `level`."""
        return self.pools.in_need(self.state, need, level)

    def victims(self, days: int, since: int = 0, kin: bool = True) -> dict[int, float]:
        """The wounded and (`kin`) the households of the dead, `since` to `days` days ago.

        The score falls from 1 to 0 over that time.
        """
        out: dict[int, float] = {}
        today, status, lives = self.today, self.residents["status"], self.lives
        keys, first, size = lives["key"], lives["kin_first"], lives["kin_size"]
        for shot in self.shots(days):
            ago, row = today - shot.day, shot.victim
            if ago < since:
                continue
            if shot.fatal:
                at = int(first[row])
                household = self.state.world.people.members[at : at + int(size[row])].tolist()
                close = [k for k in household if k != row] if kin else []
            else:
                close = [row] if int(keys[row]) == shot.person else []
            for k in close:
                if status[k] <= INJURED:
                    out[k] = max(out.get(k, 0.0), 1.0 - ago / (days + 1.0))
        return out

    def base(self, lever: str) -> NDArray[np.float64]:
        """A column's values as no policy has moved them."""
        kept = self.state.board.base.get(lever)
        if kept is None:
            kept = table_of(self.state, lever.partition(".")[0])[lever.partition(".")[2]]
        return np.asarray(kept, dtype=np.float64).copy()

    def close_to(self, shot: Shot) -> Rows:
        """Who may take up the grievance of somebody shot: gang, co-offenders and household."""
        return self.pools.side_of(self.state, shot)

    def involved(self, days: int = 730) -> dict[int, float]:
        """Who was close to gunfire in the last `days` days; each event halves yearly.

        Shooters and those shot (at) count 1. Kept from events as they come; who has died or moved
        since is left out.
        """
        return self.pools.scores(self.state, days)

    def ranked(self, rows: Rows, score: NDArray[np.float64], error: float) -> Rows:
        """`rows` best first, as staff see it: the score plus up to `error` of keyed noise.

        The parameter `targeting_error` scales the noise of every programme.
        """
        keys = self.lives["key"][rows]
        seen = score + error * self.parameter("targeting_error") * self.uniform(keys, 2)
        return np.asarray(rows[np.lexsort((keys, -seen))], dtype=np.int64)

    def age(self, rows: Rows) -> NDArray[np.float64]:
        born = self.residents["born"][rows].astype(np.float64)
        return np.asarray((self.today - born) / 365.0, dtype=np.float64)

    def uniform(
        self, keys: NDArray[np.uint64], purpose: int = 0, daily: bool = True
    ) -> NDArray[np.float64]:
        """One uniform for each key (person, officer, place), the same whatever else is asked.

        Unless `daily`, it is the same on all days.
        """
        day = self.today if daily else 0
        own = np.uint64(stream(f"policy {self.id}"))
        seed = np.uint64(self.state.world.clock["seed"][0]) ^ own
        return uniforms(np.asarray(keys, dtype=np.uint64), seed, day, _DRAW + purpose)

    # --- doing ----------------------------------------------------------------------------------

    def propose(self, lever: str, rows: Rows | None, values: Any) -> None:
        """Move a lever: `values` for `rows` of its table (None: a parameter, or all rows)."""
        if lever not in self.policy.levers:
            raise ValueError(f"{self.id} moves {lever}, which it does not declare")
        self.proposing = True
        self.state.board.propose(lever, self.id, rows, values)

    def move(self, lever: str, rows: Rows | None, at_full: Any, strength: float = 1.0) -> None:
        """`propose`, with `at_full` scaled by the policy's dose and by `strength`."""
        dose = self.policy.dose * strength
        value = LEVERS[lever].at_dose(np.asarray(at_full, dtype=np.float64), dose)
        if rows is not None:
            value = np.broadcast_to(value, rows.shape)
        self.propose(lever, rows, float(value) if rows is None and value.ndim == 0 else value)

    def fade(self, lever: str, rows: Rows, at_full: float, left: NDArray[np.float64]) -> None:
        """`move`, with what is `left` (0..1) of the effect on each of `rows`."""
        self.propose(lever, rows, LEVERS[lever].at_dose(at_full, self.policy.dose * left))

    def incident(self, salience: float) -> None:
        """Something the department did becomes known city-wide today."""
        clock = self.state.world.clock[0]
        own = np.uint64(stream(f"incident {self.id}"))
        key = np.uint64(child_key(np.uint64(clock.seed), own, self.today, _DRAW))
        schedule_from_outside(
            self.state.handle, self.today, Q_INCIDENT, key, np.uint64(0), -1, -1, -1, salience
        )

    def alarm(self, officers: Rows, push: float) -> None:
        """Something outside the model frightens officers: their sense of danger rises by `push`."""
        alarm_officers(self.state.handle, officers, push)

    def withdraw_all(self) -> None:
        if self.proposing:
            self.state.board.withdraw(self.id)
            self.proposing = False

    def spend(self, dollars: float) -> None:
        self.cost += dollars

    def take_hours(self, hours: float) -> None:
        self.hours += hours

    def enrol(self, rows: Rows) -> None:
        """Fill places: an event each, caused by nothing but the programme."""
        today, keys = self.today, self.lives["key"]
        for row in np.asarray(rows, dtype=np.int64).tolist():
            self.enrolled[row] = Place(row, int(keys[row]), today)
            log_programme(self.state.handle, m.E_ENROLMENT, row, stream(f"enrol {self.id}"))

    def leave(self, rows: Rows, dropped: bool) -> None:
        """Empty places, by drop-out or because the time is over."""
        for row in np.asarray(rows, dtype=np.int64).tolist():
            self.enrolled.pop(row, None)
            log_programme(self.state.handle, m.E_LEAVE, row, stream(f"leave {self.id}"))
            self.dropouts += 1 if dropped else 0

    def sweep(self) -> None:
        """Forget the enrolled who have died, moved away, or whose row somebody else holds now."""
        rows = self.rows()
        status, keys = self.residents["status"][rows], self.lives["key"][rows]
        person = np.asarray([self.enrolled[r].person for r in rows.tolist()], dtype=np.uint64)
        for row in rows[(status == DEAD) | (status == AWAY) | (keys != person)].tolist():
            del self.enrolled[row]

    def rows(self) -> Rows:
        """The enrolled, in order."""
        return np.asarray(sorted(self.enrolled), dtype=np.int64)

    def marked(self, rows: Rows) -> NDArray[np.bool_]:
        """One truth value per resident: is the row among `rows`?"""
        mark = np.zeros(self.residents.size, dtype=bool)
        mark[rows] = True
        return mark

    def since(self, rows: Rows) -> NDArray[np.int64]:
        return np.asarray([self.enrolled[r].since for r in rows.tolist()], dtype=np.int64)

    # --- the week -------------------------------------------------------------------------------

    def begin_week(self, state: State) -> None:
        """Run the policy's week and note what it delivered."""
        self.state = state
        if state.day < self.start:
            return
        self.cost = self.hours = 0.0
        self.dropouts = self.waiting = 0
        self.sweep()
        if self.policy.dose > 0.0 or self.enrolled:
            if self.end is None or state.day < self.end:
                self.policy.week(self)
            else:
                self.policy.after(self)
        self.note()

    def note(self) -> None:
        week = (self.today - self.first_day) // 7
        if week < 0:
            return
        rows = self.rows()
        row: dict[str, Any] = {
            "week": week, "policy": self.id, "reach": len(rows) or self.memory.get("reach", 0),
            "dose": self.policy.dose, "waiting": self.waiting, "dropouts": self.dropouts,
            "hours": self.hours, "cost": self.cost,
        }  # fmt: skip
        groups = self.state.world.people.kinds.size
        by_group = np.bincount(self.residents["group"][rows], minlength=groups)
        for g in range(groups):
            row[f"reach_group_{g}"] = int(by_group[g])
        self.weeks.append(row)

    @property
    def cost_this_week(self) -> float:
        return self.cost

    def copied(self, state: State) -> Desk:
        """The same desk for another arm that starts from the same burn-in."""
        self.state, kept = None, self.state  # type: ignore[assignment]
        try:
            twin = copy.deepcopy(self)
        finally:
            self.state = kept
        twin.state = state
        return twin


def bare(records: Any) -> Any:
    """Records as a plain structured array, whose columns are reached many times faster."""
    return records.view(np.ndarray)


def uniforms(
    keys: NDArray[np.uint64], seed: np.uint64, day: int, purpose: int
) -> NDArray[np.float64]:
    """The first of `sim.random.draws` for many keys at once."""
    rounds = getattr(philox, "py_func", philox)  # the source itself works on arrays
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    first = rounds(keys & mask, keys >> half, np.uint64(day) & mask, np.uint64(purpose), seed)[0]
    return np.asarray((first + 0.5) / 4294967296.0, dtype=np.float64)


__all__ = ["FREE", "Desk", "Involvement", "Place"]
