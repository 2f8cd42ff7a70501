"""Treatment places and waiting lists (row 15).

Mechanism. Adults with substance or mental-health need who seek treatment queue for places; the
longest waiting come first. While in treatment what the need does to offending and calls is
multiplied by `need`. More places shorten the queue, which is all that money can do here.

Sources: none in the ledger: openings of clinics went with a little less acquisitive crime. `need`
and `seek_per_year` are assumptions. Leaves out: kinds of treatment, relapse that outlives a stay,
and the budget that the money comes from.

Knock-out: with `needs_service` and `substance_offending` 0 nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.desk import Roll
from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class TreatmentPlaces(Programme):
    """Slots of treatment with a queue."""

    name: ClassVar[str] = "treatment_places"
    row: ClassVar[int] = 15
    title: ClassVar[str] = "Treatment places and waiting lists"
    eligible: ClassVar[str] = "adults with substance or mental-health need who seek help"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.need": (0.6, 0.3, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.need": "need",
    }
    capacity: ClassVar[str] = "places per 100,000 residents"
    unit_cost: ClassVar[str] = "$7,000 per place and year"
    badge: ClassVar[str] = "quasi"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "seek_per_year": (0.0, 12.0),
    }

    need: float = 0.6
    """What unmet need does to offending and calls, relative (assumption)."""
    seek_per_year: float = 0.5
    """Hazard of seeking help for those in need."""
    places_per_100k: float = 200.0
    """Places at once per 100,000 residents."""
    months: float = 9.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.9
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 1.2
    """Hazard of dropping out."""
    targeting_noise: float = 0.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 7000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        queue: Roll = desk.memory.setdefault("queue", Roll())
        if desk.memory.get("asked") != desk.today:
            desk.memory["asked"] = desk.today
            rows = desk.in_need("substance+mental")
            needy, treated = desk.marked(rows), desk.marked(desk.rows())
            # who is better, gone, or in treatment by now waits no longer
            stays = needy[queue.rows] & ~treated[queue.rows]
            queue.keep(stays & (desk.lives["key"][queue.rows] == queue.person))
            keys = desk.lives["key"][rows]
            seek = np.flatnonzero(desk.uniform(keys, 4) < self.seek_per_year / 52.0)
            waits = desk.marked(queue.rows)
            new = seek[~(treated | waits)[rows[seek]]]
            queue.add(rows[new], keys[new], desk.today)
        return queue.rows, (desk.today - queue.since).astype(np.float64)
