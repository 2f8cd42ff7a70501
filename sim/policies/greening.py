"""Greening of vacant lots (row 54).

Mechanism. Vacant lots are cleaned, planted and mowed, those on blocks near many shootings first,
`lots_per_year` of them. On a treated block disputes turn violent `disputes` times as often. When
mowing ends, so does it.

Sources: P26 (a trial in Philadelphia: less gun violence around treated lots in poor
neighbourhoods; not every outcome or arm). A block's lever is an assumption. Leaves out: abandoned
houses, rents, and disputes that move a block further.

Knock-out: without disputes (`dispute_rate` at its least) nothing changes; gang attacks are not
touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.policies.base import Policy
from sim.policies.lists import Rows

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class Greening(Policy):
    """Lots cleaned and kept."""

    name: ClassVar[str] = "greening"
    row: ClassVar[int] = 54
    title: ClassVar[str] = "Greening of vacant lots"
    eligible: ClassVar[str] = "blocks with vacant lots, those near shootings first"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "block.lever": (0.85, 0.5, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "block.lever": "disputes",
    }
    capacity: ClassVar[str] = "lots per year and 100,000 residents"
    unit_cost: ClassVar[str] = "$1,600 per lot, $180 a year to keep it"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P26",)
    contested_by: ClassVar[str] = "not every outcome or arm"
    trial: ClassVar[dict[str, float]] = {"lots_per_year": 20000.0}
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "lots_per_year": (0.0, 20000.0),
        "targeting_noise": (0.0, 5.0),
    }

    disputes: float = 0.85
    """Disputes on a treated block, relative (assumption)."""
    lots_per_year: float = 100.0
    """Lots treated per year and 100,000 residents."""
    targeting_noise: float = 1.0
    """Largest error in ranking blocks, in units of one shooting in the area."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        lots = self.lots_per_year * desk.population / 1e5 / 52.0
        return 0.0, 1600.0 * lots + 180.0 / 52.0 * float(self._vacant(desk)[self._done(desk)].sum())

    def week(self, desk: Desk) -> None:
        done, vacant = self._done(desk), self._vacant(desk)
        lots = desk.memory.get("left", 0.0) + (
            self.lots_per_year * desk.population / 1e5 / 52.0 * desk.share
        )
        for block in self._ranked(desk, done, int(lots) + 1).tolist():
            if vacant[block] > lots:
                break
            lots -= float(vacant[block])
            desk.spend(1600.0 * float(vacant[block]))
            done[block] = True
        desk.memory["left"] = lots
        blocks = np.flatnonzero(done)
        desk.spend(180.0 / 52.0 * float(vacant[blocks].sum()))
        desk.move("block.lever", blocks, self.disputes)
        desk.reached("blocks", blocks.size, desk.residents_of(blocks))

    def _vacant(self, desk: Desk) -> NDArray[np.float64]:
        """Lots of each block; they are as many as the city was built with."""
        vacant = desk.memory.get("vacant")
        if vacant is None:
            vacant = desk.memory["vacant"] = desk.blocks["vacant"].astype(np.float64)
        return np.asarray(vacant)

    def _done(self, desk: Desk) -> NDArray[np.bool_]:
        """Which blocks have been treated."""
        return np.asarray(
            desk.memory.setdefault("done", np.zeros(desk.blocks.size, dtype=bool)), dtype=bool
        )

    def _ranked(self, desk: Desk, done: NDArray[np.bool_], number: int) -> Rows:
        """The `number` best blocks with lots: shootings in the area of late, as staff know them."""
        area = desk.blocks["area"]
        near = np.bincount(area[desk.shot_table(365)["block"]], minlength=desk.areas.size)
        blocks = np.flatnonzero((self._vacant(desk) > 0) & ~done)
        error = self.targeting_noise * desk.parameter("targeting_error")
        luck = desk.memory.get("luck")
        if luck is None:
            every = np.arange(desk.blocks.size).astype(np.uint64)
            luck = desk.memory["luck"] = desk.uniform(every, 1, daily=False)
        seen = near[area[blocks]] + error * luck[blocks]
        if number < blocks.size:
            some = seen >= np.partition(seen, -number)[-number]
            blocks, seen = blocks[some], seen[some]
        return np.asarray(blocks[np.argsort(-seen, kind="stable")][:number], dtype=np.int64)
