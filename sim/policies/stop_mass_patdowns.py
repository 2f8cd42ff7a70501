"""Stop mass pat-downs; targeted stops (row 30).

Mechanism. Only stops with good reason remain: `stops` of the former number, picked with more care
(`suspicion`), fewer with a pat-down. Since the odds of stopping a carrier fall with volume, most
guns that were found before are still found.

Sources: S30 (a small share of stops would have found most weapons). What remains of stops is the
policy itself; `suspicion` and `respect` are assumptions. Leaves out: officers' reaction to being
told to stop less.

Knock-out: without self-initiated contacts (stop_rate 0) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class StopMassPatdowns(Switch):
    """A risk threshold for stops."""

    name: ClassVar[str] = "stop_mass_patdowns"
    row: ClassVar[int] = 30
    title: ClassVar[str] = "Stop mass pat-downs; targeted stops"
    eligible: ClassVar[str] = "residents"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.stop_rate": (0.4, 0.06, 1.0),
        "parameter.suspicion": (1.3, 1.0, 3.0),
        "parameter.patdown_share": (-0.1, -0.5, 0.0),
        "officer.style_shift": (0.1, 0.0, 0.5),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.stop_rate": "stops",
        "parameter.suspicion": "suspicion",
        "parameter.patdown_share": "patdowns",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "city-wide"
    unit_cost: ClassVar[str] = "$0"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("S30",)

    stops: float = 0.4
    """Stops, relative to before."""
    suspicion: float = 1.3
    """How much better officers tell who carries, beyond what fewer stops bring (assumption)."""
    patdowns: float = -0.1
    """Change of the chance that a stop includes a pat-down."""
    respect: float = 0.1
    """Change of the log odds of respect (assumption)."""
