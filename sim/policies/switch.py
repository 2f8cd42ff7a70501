"""Switch: a rule or an investment that holds city-wide: parameters, officers or groups all move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class Switch(Policy):
    """Base of city-wide policies. `moves` names the levers; each is moved for everybody alike."""

    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "ramp_weeks": (0.0, 260.0),
        "cost_per_resident": (0.0, 500.0),
        "cost_per_officer": (0.0, 50000.0),
    }

    ramp_weeks: float = 4.0
    """Weeks until it is fully in force."""
    cost_per_resident: float = 0.0
    """Dollars per resident and year."""
    cost_per_officer: float = 0.0
    """Dollars per officer and year."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        whole = self.cost_per_resident * desk.population if self.cost_per_resident else 0.0
        return 0.0, (whole + self.cost_per_officer * desk.officers.size) / 52.0

    def week(self, desk: Desk) -> None:
        strength = desk.ramp(self.ramp_weeks) * desk.share
        for lever, setting in self.moves.items():
            desk.move(lever, None, getattr(self, setting), strength)
        self.further(desk, strength)
        desk.spend(strength * self.plan(desk)[1])
        desk.strength = self.dose * strength
        desk.reached_everybody()

    def further(self, desk: Desk, strength: float) -> None:
        """What is not the same for everybody; nothing by default."""


def gap_scaled(desk: Desk, lever: str, factor: float) -> None:
    """Scale by how much groups differ from the most favoured one (ratio 1) by `factor`."""
    base = desk.base(lever)
    desk.propose(lever, None, (1.0 + (base - 1.0) * factor) / base)


def hours_moved(desk: Desk, share: float, want: NDArray[np.float64]) -> None:
    """Send `share` of all patrol hours where they are wanted, in proportion; their sum stays.

    Two policies that move hours multiply, and the sum then moves a little.
    """
    base = np.maximum(desk.beats["base_hours"].astype(np.float64), 1e-9)
    whole = float(want.sum())
    if whole <= 0.0:
        return
    target = want / whole * float(base.sum())
    desk.propose("beat.priority", None, (1.0 - share) + share * target / base)


def shot_by_beat(desk: Desk, days: int = 365) -> NDArray[np.float64]:
    """Persons shot in each beat in the last `days` days, plus a little everywhere."""
    blocks = desk.shot_table(days)["block"]
    found = np.bincount(desk.blocks["beat"][blocks], minlength=desk.beats.size)
    return np.asarray(0.1 + found, dtype=np.float64)
