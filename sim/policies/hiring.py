"""Hiring: some of those whom the department hires anyway are other people than it would have hired.

The force changes only as fast as officers leave; those hired stay when the programme ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.agents.officers import VACANT
from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class Hiring(Policy):
    """Base of recruitment policies. `moves` names how those recruited differ from others."""

    lasting: ClassVar[bool] = True
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "share_of_recruits": (0.0, 1.0),
        "cost_per_recruit": (0.0, 200000.0),
    }

    share_of_recruits: float = 0.3
    """Share of new officers who are hired because of the policy."""
    cost_per_recruit: float = 5000.0
    """Dollars per officer hired because of it."""

    def week(self, desk: Desk) -> None:
        officers, known = desk.officers, self._known(desk)
        looked = desk.memory.get("looked")
        if looked is None:
            looked = desk.memory["looked"] = np.zeros(officers.size, dtype=np.uint64)
        keys = officers["key"]
        hired = (officers["hired"] >= desk.start) & (officers["status"] != VACANT)
        new = np.flatnonzero(hired & (looked != keys))  # officers new since the last look
        looked[new] = keys[new]
        chosen = new[desk.uniform(keys[new], 1, daily=False) < self.share_of_recruits]
        known[chosen] = keys[chosen]
        desk.spend(self.cost_per_recruit * chosen.size)
        self.apply(desk)

    def after(self, desk: Desk) -> None:
        """Nobody is hired because of it any more; those who were stay."""
        self.apply(desk)

    def apply(self, desk: Desk) -> None:
        slots = np.flatnonzero(self._known(desk))
        for lever, setting in self.moves.items():
            desk.move(lever, slots, getattr(self, setting))
        desk.strength = self.dose
        desk.reached("officers", slots.size)

    def _known(self, desk: Desk) -> NDArray[np.uint64]:
        """By slot of the force: the officer there, if recruited because of it, else 0."""
        known = desk.memory.get("recruited")
        if known is None:
            known = desk.memory["recruited"] = np.zeros(desk.officers.size, dtype=np.uint64)
        known[known != desk.officers["key"]] = 0
        return np.asarray(known)
