"""Switch: a rule or an investment that holds city-wide: parameters, all officers, or all groups move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class Switch(Policy):
    """Base of city-wide policies. `moves` names the levers; each is moved for everybody alike."""

    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "ramp_weeks": (0.0, 260.0),
        "cost_per_resident": (0.0, 500.0),
    }

    ramp_weeks: float = 4.0
    """Weeks until it is fully in force."""
    cost_per_resident: float = 0.0
    """Dollars per resident and year."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        return 0.0, self.cost_per_resident * desk.population / 52.0

    def week(self, desk: Desk) -> None:
        strength = desk.ramp(self.ramp_weeks) * desk.share
        for lever, setting in self.moves.items():
            desk.move(lever, None, getattr(self, setting), strength)
        desk.spend(strength * self.cost_per_resident * desk.population / 52.0)
        desk.memory["reach"] = int(desk.population)
