"""Data on where trauma and gun violence are (row 47).

Mechanism. Hospitals, schools and police share data, so that every programme ranks people and
places with less error (`error`). By itself it does nothing; it multiplies what programmes do.

Sources: none: how well programmes target varies widely. `error` is an assumption. Leaves out:
privacy, and bias in the data themselves.

Knock-out: without any programme nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class BetterTargeting(Switch):
    """Shared data for all programmes."""

    name: ClassVar[str] = "better_targeting"
    row: ClassVar[int] = 47
    title: ClassVar[str] = "Data on where trauma and gun violence are"
    eligible: ClassVar[str] = "all programmes"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.targeting_error": (0.5, 0.1, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.targeting_error": "error",
    }
    capacity: ClassVar[str] = "one data system"
    unit_cost: ClassVar[str] = "$0.50 per resident and year"
    badge: ClassVar[str] = "descriptive"

    error: float = 0.5
    """Error with which programmes rank, relative (assumption)."""
    ramp_weeks: float = 26.0
    """Weeks until it works."""
    cost_per_resident: float = 0.5
    """Dollars per resident and year."""
