"""Focused deterrence of violent groups (row 55).

Mechanism. Each month the gangs whose members shot most in the last half year are called in, as
far as `groups_per_month` goes: the next shooting brings down everybody's attention on all of
them, and help is offered to those who want out. For `months` their readiness to attack is
multiplied by `pressure`, fading to nothing.

Sources: P06 (weaker designs see larger effects; no city-wide trial). `pressure` is an assumption
about members' readiness. Leaves out: the enforcement itself, services, and gangs that split.

Knock-out: without gang attacks and gangs' grievances nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.base import Policy
from sim.policies.lists import Rows

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class FocusedDeterrence(Policy):
    """Gangs are warned together, and held to it."""

    name: ClassVar[str] = "focused_deterrence"
    row: ClassVar[int] = 55
    title: ClassVar[str] = "Focused deterrence of violent groups"
    eligible: ClassVar[str] = "gangs whose members shot most in the last half year"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "gang.pressure": (0.65, 0.3, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "gang.pressure": "pressure",
    }
    capacity: ClassVar[str] = "1 or 2 groups a month"
    unit_cost: ClassVar[str] = "$0.5-1 million a year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P06",)
    contested_by: ClassVar[str] = "smaller in stronger designs; no change in South Philadelphia"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "groups_per_month": (0.0, 10.0),
        "months": (1.0, 36.0),
        "targeting_noise": (0.0, 5.0),
        "cost_per_year": (0.0, 10000000.0),
    }

    pressure: float = 0.65
    """Readiness of a gang that has been called in, relative (assumption)."""
    groups_per_month: float = 1.5
    """Gangs called in per month."""
    months: float = 9.0
    """How long it holds, fading evenly."""
    targeting_noise: float = 1.0
    """Largest error in ranking gangs, in units of one shooting."""
    cost_per_year: float = 750000.0
    """Dollars per year."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        return 0.0, self.cost_per_year / 52.0

    def week(self, desk: Desk) -> None:
        called: dict[int, int] = desk.memory.setdefault("called", {})
        last = self.months * 30.4
        for gang in [g for g, day in called.items() if desk.today - day >= last]:
            del called[gang]
        due = desk.memory.get("due", 1.0) + self.groups_per_month * 12.0 / 52.0 * desk.share
        for gang in [g for g in self._ranked(desk) if g not in called]:
            if due < 1.0:
                break
            due -= 1.0
            called[gang] = desk.today
        desk.memory["due"] = min(due, 2.0)
        rows = np.asarray(sorted(called), dtype=np.int64)
        since = np.asarray([desk.today - called[g] for g in rows.tolist()], dtype=np.float64)
        desk.fade("gang.pressure", rows, self.pressure, 1.0 - since / last)
        desk.spend(self.cost_per_year / 52.0 * desk.share)
        desk.reached("gangs", rows.size, self._members(desk, rows))

    def _members(self, desk: Desk, gangs: Rows) -> Rows:
        """Members of some gangs, in jail or not."""
        roster = desk.state.world.groups.roster
        first, slots = desk.gangs["first"][gangs], desk.gangs["slots"][gangs]
        parts = [roster[a : a + n] for a, n in zip(first.tolist(), slots.tolist(), strict=True)]
        rows = np.concatenate([np.zeros(0, dtype=np.int32), *parts]).astype(np.int64)
        return np.asarray(rows[rows >= 0], dtype=np.int64)

    def _ranked(self, desk: Desk) -> list[int]:
        """Gangs that shot somebody in the last half year, most first, as far as police know."""
        shooters = desk.shot_table(180)["shooter_gang"]
        count = np.bincount(shooters[shooters >= 0], minlength=1)
        gangs = np.flatnonzero(count)
        count = count[gangs]
        error = self.targeting_noise * desk.parameter("targeting_error")
        seen = count + error * desk.uniform(desk.gangs["key"][gangs], 1)
        return [int(g) for g in gangs[np.argsort(-seen, kind="stable")]]
