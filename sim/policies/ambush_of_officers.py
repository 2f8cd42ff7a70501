"""Ambush killings of officers (row 46).

Mechanism. In its first week officers everywhere take fright: the sense of danger of a share
`reached` rises by `fright`, and they start fewer contacts (`contact_hours`), the less so the more
time has gone by. Danger makes force likelier and respect rarer.

Sources: none with an estimate; studies see fewer arrests for weeks. All settings are assumptions;
results are speculative. Leaves out: the deaths themselves, and which officers knew them.

Knock-out: where danger moves neither force nor respect and nothing is self-initiated, nothing
changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.numerics import exp_array
from sim.policies.switch import Switch

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class AmbushOfOfficers(Switch):
    """Officers were shot from ambush, somewhere in the country."""

    name: ClassVar[str] = "ambush_of_officers"
    row: ClassVar[int] = 46
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Ambush killings of officers"
    eligible: ClassVar[str] = "officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.initiated_share": (-0.06, -0.25, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.initiated_share": "contact_hours",
    }
    capacity: ClassVar[str] = "one event"
    unit_cost: ClassVar[str] = "$0"
    badge: ClassVar[str] = "quasi"
    speculative: ClassVar[bool] = True
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "fright": (0.0, 0.9),
        "reached": (0.0, 1.0),
        "half_life_days": (3.0, 365.0),
    }
    unread: ClassVar[dict[str, str]] = {
        "ramp_weeks": "half_life_days",
        "cost_per_resident": "its unit cost of $0",
        "cost_per_officer": "its unit cost of $0",
    }

    contact_hours: float = -0.06
    """Change of the share of free hours on contacts in the first week (assumption)."""
    fright: float = 0.4
    """Rise of the sense of danger, as a share of the distance to full (assumption)."""
    reached: float = 0.8
    """Share of officers whom it touches."""
    half_life_days: float = 28.0
    """Time in which half of the holding back fades (assumption)."""
    ramp_weeks: float = 0.0
    """It is there at once."""

    def week(self, desk: Desk) -> None:
        keys = desk.officers["key"]
        if not desk.memory.get("known"):
            desk.memory["known"] = True
            rows = np.flatnonzero(desk.uniform(keys, 1) < self.reached)
            desk.alarm(rows, min(0.95, self.dose * self.fright))
        left = float(
            exp_array(np.asarray([-0.6931471805599453 * desk.day / self.half_life_days]))[0]
        )
        desk.move("parameter.initiated_share", None, self.contact_hours, left)
        desk.strength = self.dose * left
        desk.reached("officers", keys.size)
