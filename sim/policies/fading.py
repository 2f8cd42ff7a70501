"""Fading: what a programme or a course leaves in those it reached halves, until a refresher.

One rule for all that is delivered to people: of an effect, 2**(-days / half-life) is left after so
many days, and, where `refresher_days` is set, whoever it is still left in may come again for a
short while and have it whole. Nothing is refreshed once the policy has ended. Leaves out
refreshers that do less than the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.numerics import exp_array
from sim.policies.base import Policy

LN2 = 0.6931471805599453


@dataclass(frozen=True)
class Fading(Policy):
    """Base of policies whose effect stays for a while with those they reached."""

    bounds: ClassVar[dict[str, tuple[float, float]]] = {"refresher_days": (0.0, 1500.0)}

    refresher_days: float = 0.0
    """Days after which whom it reached is offered a refresher, and so on; 0: never."""

    def remains(self, days: NDArray[Any], half_life: float) -> NDArray[np.float64]:
        """What is left of an effect (0..1) so many days after it was last whole."""
        return np.asarray(exp_array(-LN2 * days.astype(np.float64) / half_life))

    def refresher_due(self, days: NDArray[Any]) -> NDArray[np.bool_]:
        """For whom a refresher is due, so many days after the effect was last whole."""
        if self.refresher_days <= 0.0:
            return np.zeros(days.shape, dtype=bool)
        return np.asarray(days >= self.refresher_days, dtype=bool)
