"""Crisis intervention team (row 4).

Mechanism. A fifth to a quarter of officers is trained for 40 hours (`share_trained`). Somebody
with mental-health need who calls in a week, and whose call such an officer takes, may be referred
to care; while in care what the need does to calls and offending is multiplied by `need`. Force in
contacts is left as it is.

Sources: P18 (pooled studies: nothing on arrest and force; referrals rise). `need` is an
assumption; who calls in a week follows the model's own rate of calls for service. Leaves out:
officers' attitudes, transport, and where care comes from (see treatment_places).

Knock-out: with `needs_service` and `substance_offending` 0, need moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.levers import bare
from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.engine import State
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class CrisisInterventionTeam(Programme):
    """Trained officers refer people in a mental-health crisis."""

    name: ClassVar[str] = "crisis_intervention_team"
    row: ClassVar[int] = 4
    title: ClassVar[str] = "Crisis intervention team"
    eligible: ClassVar[str] = "adults with mental-health need who called this week"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.need": (0.75, 0.4, 1.0),
        "officer.hours_taken": (40.0, 0.0, 40.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.need": "need",
    }
    capacity: ClassVar[str] = "places in care per 100,000 residents; officers trained"
    unit_cost: ClassVar[str] = (
        "$4,000 per referral and year; $2,400 of backfill per officer trained"
    )
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P18",)
    contested_by: ClassVar[str] = "officers report change, arrests and force show none"
    trial: ClassVar[dict[str, float]] = {"share_trained": 1.0, "uptake": 1.0}
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "share_trained": (0.0, 1.0),
    }

    need: float = 0.75
    """What unmet need does to calls and offending while in care, relative (assumption)."""
    share_trained: float = 0.22
    """Share of officers trained."""
    places_per_100k: float = 60.0
    """Places at once per 100,000 residents."""
    months: float = 6.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.4
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 1.0
    """Hazard of dropping out."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 4000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        rows, keys = desk.pools.needy(desk.state, "mental", worth=names)
        rate = desk.parameter("service_rate") * (1.0 + desk.parameter("needs_service")) / 52.0
        calls = rows[np.flatnonzero(desk.uniform(keys, 4) < rate * self.share_trained)]
        return calls, desk.lives["mental"][calls].astype(np.float64)

    def plan(self, desk: Desk) -> tuple[float, float]:
        hours = 40.0 * self._class(desk).size
        care = self.places(desk) * self.cost_per_year / 52.0
        return hours, care + self.refresher_cost * self.comes_again(desk).size + 60.0 * hours

    def _class(self, desk: Desk) -> Rows:
        """Officers whose course would be this week: a keyed share, spread over half a year."""
        due = desk.pools.once(desk.state, ("class", desk.id), lambda: self._find_class(desk))
        return np.asarray(due, dtype=np.int64)

    def _find_class(self, desk: Desk) -> Rows:
        keys = desk.officers["key"]
        known = desk.memory.setdefault("trained", np.zeros(keys.size, dtype=np.uint64))
        meant = desk.uniform(keys, 5, daily=False) < self.share_trained
        due = np.flatnonzero(meant & (known != keys))
        return np.asarray(due[: max(1, int(meant.sum()) // 26)], dtype=np.int64)

    def treat(self, desk: Desk) -> None:
        super().treat(desk)
        slots = self._class(desk)
        slots = slots[: int(np.ceil(slots.size * desk.share))]
        desk.memory["trained"][slots] = desk.officers["key"][slots]
        desk.propose("officer.hours_taken", slots, np.full(slots.size, 40.0))
        desk.take_hours(40.0 * slots.size)
        desk.spend(60.0 * 40.0 * slots.size)


def names(state: State, rows: Rows) -> NDArray[np.uint64]:
    """Names in keyed draws."""
    return np.asarray(bare(state.world.people.lives)["key"][rows], dtype=np.uint64)
