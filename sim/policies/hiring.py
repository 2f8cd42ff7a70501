"""Hiring: some of those whom the department hires anyway are other people than it would have hired.

The force changes only as fast as officers leave; those hired stay when the programme ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

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
        known, keys = self._known(desk), desk.officers["key"].tolist()
        hired, status = desk.officers["hired"], desk.officers["status"]
        looked: dict[int, int] = desk.memory.setdefault("looked", {})
        for slot in np.flatnonzero((hired >= desk.start) & (status != VACANT)).tolist():
            key = keys[slot]
            if looked.get(slot) == key:
                continue
            looked[slot] = key  # an officer new since the last look
            one = np.asarray([key], dtype=np.uint64)
            if desk.uniform(one, 1, daily=False)[0] < self.share_of_recruits:
                known[slot] = key
                desk.spend(self.cost_per_recruit)
        self.apply(desk, known)

    def after(self, desk: Desk) -> None:
        """Nobody is hired because of it any more; those who were stay."""
        self.apply(desk, self._known(desk))

    def apply(self, desk: Desk, known: dict[int, int]) -> None:
        slots = np.asarray(sorted(known), dtype=np.int64)
        for lever, setting in self.moves.items():
            desk.move(lever, slots, getattr(self, setting))
        desk.memory["reach"] = len(known)

    def _known(self, desk: Desk) -> dict[int, int]:
        """Slot -> officer, for those recruited who still serve."""
        known: dict[int, int] = desk.memory.setdefault("recruited", {})
        keys = desk.officers["key"].tolist()
        for slot in [k for k, key in known.items() if keys[k] != key]:
            del known[slot]
        return known
