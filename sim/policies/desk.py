"""The desk: all that a policy may see and do.

A desk belongs to one policy in one run. It holds whom the policy has enrolled, what it proposes, what
it has spent, and gives keyed draws that depend on the policy's id and the person, not on any order.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.agents.residents import AWAY, FREE, INJURED
from sim.policies.base import Policy
from sim.processes.record import log_programme
from sim.random import draws, stream

if TYPE_CHECKING:
    from sim.engine import State

Rows = NDArray[np.int64]
_DRAW = stream("policies.draw")


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
    state: State = None  # type: ignore[assignment]

    # --- seeing ---------------------------------------------------------------------------------

    @property
    def today(self) -> int:
        return self.state.day

    @property
    def day(self) -> int:
        """Days since the policy came into force."""
        return self.state.day - self.start

    @property
    def residents(self) -> Any:
        return self.state.world.people.residents

    @property
    def lives(self) -> Any:
        return self.state.world.people.lives

    @property
    def officers(self) -> Any:
        return self.state.world.police.officers

    @property
    def areas(self) -> Any:
        return self.state.world.place.areas

    def involved(self, days: int = 730) -> dict[int, float]:
        """Who was close to gunfire in the last `days` days, with a score that halves each year.

        Shooters and those shot (at) count 1, arrests for shootings 1. Kept from events as they come;
        who has died or moved since is left out.
        """
        return self.state.involvement.scores(self.state, days)

    def age(self, rows: Rows) -> NDArray[np.float64]:
        return (self.today - self.residents["born"][rows].astype(np.float64)) / 365.0

    def uniform(self, keys: NDArray[np.uint64], purpose: int = 0) -> NDArray[np.float64]:
        """One uniform for each key (person, officer, place), the same whatever else is asked."""
        own = np.uint64(stream(f"policy {self.id}"))
        seed = np.uint64(self.state.world.clock["seed"][0]) ^ own
        return np.asarray(
            [draws(seed, k, self.today, _DRAW + purpose)[0] for k in keys], dtype=np.float64
        )

    # --- doing ----------------------------------------------------------------------------------

    def propose(self, lever: str, rows: Rows | None, values: Any) -> None:
        """Move a lever: `values` for `rows` of its table (None: a parameter, or the whole table)."""
        if lever not in self.policy.levers:
            raise ValueError(f"{self.id} moves {lever}, which it does not declare")
        self.proposing = True
        self.state.board.propose(lever, self.id, rows, values)

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
        for row in np.asarray(rows, dtype=np.int64).tolist():
            person = int(self.lives["key"][row])
            self.enrolled[row] = Place(row, person, self.today)
            log_programme(self.state.handle, m.E_ENROLMENT, row, stream(f"enrol {self.id}"))

    def leave(self, rows: Rows, dropped: bool) -> None:
        """Empty places, by drop-out or because the time is over."""
        for row in np.asarray(rows, dtype=np.int64).tolist():
            self.enrolled.pop(row, None)
            log_programme(self.state.handle, m.E_LEAVE, row, stream(f"leave {self.id}"))
            self.dropouts += 1 if dropped else 0

    def sweep(self) -> None:
        """Forget the enrolled who have died, moved away, or whose row somebody else holds now."""
        residents, lives = self.residents, self.lives
        for row, place in list(self.enrolled.items()):
            gone = residents["status"][row] >= AWAY - 1 or int(lives["key"][row]) != place.person
            if gone:
                del self.enrolled[row]

    def rows(self) -> Rows:
        """The enrolled, in order."""
        return np.asarray(sorted(self.enrolled), dtype=np.int64)

    def since(self, rows: Rows) -> NDArray[np.int64]:
        return np.asarray([self.enrolled[int(r)].since for r in rows], dtype=np.int64)

    # --- the week -------------------------------------------------------------------------------

    def begin_week(self, state: State) -> None:
        """Run the policy's week and note what it delivered."""
        self.state = state
        if state.day < self.start:
            return
        self.cost = self.hours = 0.0
        self.dropouts = 0
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
        for g in range(self.state.world.people.kinds.size):
            row[f"reach_group_{g}"] = (
                int((self.residents["group"][rows] == g).sum()) if len(rows) else 0
            )
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


@dataclass
class Involvement:
    """Who was close to gunfire, kept from events as they happen (never by scanning residents)."""

    seen: list[tuple[int, int, int]] = field(default_factory=list)
    """(day, row, person) of each shooting, gunfire or arrest for a shooting: actor and target."""

    def take(self, rows: np.ndarray) -> None:
        """Add a week's events."""
        for kind in (m.E_SHOOTING, m.E_GUNFIRE):
            some = rows[rows["kind"] == kind]
            for who, person in (("actor", "actor_person"), ("target", "target_person")):
                self.seen += list(
                    zip(
                        some["day"].tolist(), some[who].tolist(), some[person].tolist(), strict=True
                    )
                )

    def scores(self, state: State, days: int) -> dict[int, float]:
        today = state.day
        self.seen = [s for s in self.seen if today - s[0] <= 1100]
        lives, status = state.world.people.lives, state.world.people.residents["status"]
        out: dict[int, float] = {}
        for day, row, person in self.seen:
            if (
                today - day <= days
                and row >= 0
                and int(lives["key"][row]) == person
                and status[row] <= INJURED
            ):
                out[row] = out.get(row, 0.0) + 2.0 ** (-(today - day) / 365.0)
        return out


__all__ = ["FREE", "Desk", "Involvement", "Place"]
