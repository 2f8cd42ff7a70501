"""Mass pat-downs (row 29).

Mechanism. Police stop many times as many people (`stops`), pat down more of them (`patdowns`) and
do so with less respect (`respect`). Suspicion spreads thin: fewer of the stops find a gun, since
`suspicion` is divided by volume. It moves the parameters of baseline policing, so fear of
carrying, guns found and trust all follow in the model.

Sources: P21 (New York's surge: stops on mere suspicion did nothing, those on probable cause a
little), S30 (few guns per stop), L16 (up to 0.29 stops per resident-year in one precinct). Leaves
out: who exactly is picked within a group, age and place, and displacement.

Knock-out: without self-initiated contacts (stop_rate 0) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class MassPatdowns(Switch):
    """A campaign of stop, question and frisk."""

    name: ClassVar[str] = "mass_patdowns"
    row: ClassVar[int] = 29
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "Mass pat-downs"
    eligible: ClassVar[str] = "residents, young men in disadvantaged areas above all"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.stop_rate": (3.0, 1.0, 7.0),
        "parameter.initiated_share": (0.05, 0.0, 0.2),
        "parameter.patdown_share": (0.15, 0.0, 0.5),
        "officer.style_shift": (-0.2, -0.8, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.stop_rate": "stops",
        "parameter.initiated_share": "contact_hours",
        "parameter.patdown_share": "patdowns",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "stops per resident-year"
    unit_cost: ClassVar[str] = "none added: hours come from patrol"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = (
        "P21",
        "S30",
        "L16",
    )
    contested_by: ClassVar[str] = "Weisburd et al. 2016 see a small local effect of stops"

    stops: float = 3.0
    """Stops, relative to before."""
    contact_hours: float = 0.05
    """Added share of free hours on contacts (assumption)."""
    patdowns: float = 0.15
    """Added chance that a stop includes a pat-down."""
    respect: float = -0.2
    """Change of the log odds of respect (assumption)."""
