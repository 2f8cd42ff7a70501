"""Trauma recovery centre (row 16).

Mechanism. The wounded and the households of the killed are offered care for half a year: half of
their trauma fades in `recovery` times the usual time, and fewer act on a grievance
(`retaliation`). Trauma raises offending in the model, so that may fall too, or not.

Sources: P11 (a trial of engagement, no crime outcome), S26 (exposure to violence and later
offending), S27 (few victims get any help). What care does to trauma's course is an assumption.
Leaves out: compensation, relocation, and reporting to police.

Knock-out: with `trauma_offending` 0 and no grievances only trauma itself changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class TraumaRecoveryCentre(Programme):
    """Care for the wounded and the bereaved."""

    name: ClassVar[str] = "trauma_recovery_centre"
    row: ClassVar[int] = 16
    title: ClassVar[str] = "Trauma recovery centre"
    eligible: ClassVar[str] = "the wounded of the last half year, and households of the killed"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.trauma_recovery": (0.6, 0.3, 1.0),
        "resident.retaliation": (0.85, 0.5, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.trauma_recovery": "recovery",
        "resident.retaliation": "retaliation",
    }
    capacity: ClassVar[str] = "150 to 300 clients a year per centre"
    unit_cost: ClassVar[str] = "$6,000 per client and year (about $1 million per centre)"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = (
        "P11",
        "S26",
        "S27",
    )
    contested_by: ClassVar[str] = "no crime outcome was measured"

    recovery: float = 0.6
    """Half-life of trauma while in care, relative (assumption)."""
    retaliation: float = 0.85
    """Readiness to settle a grievance while in care, relative (assumption)."""
    places_per_100k: float = 60.0
    """Places at once per 100,000 residents."""
    months: float = 6.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.6
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.8
    """Hazard of dropping out."""
    targeting_noise: float = 0.5
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 6000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return desk.hurt(180)
