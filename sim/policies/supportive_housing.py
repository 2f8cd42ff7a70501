"""Housing and case management for frequent users of services (row 14).

Mechanism. Adults without a secure home who are arrested most get a flat and a case manager; what
unmet need does to their calls and offending is multiplied by `need` while housed. Violence is not
moved.

Sources: P24 (a trial: fewer contacts and arrests, violence unchanged), S25 (the popular figure
compares people with their own worst year). `need` is an assumption. Leaves out: health, costs of
hospitals, and neighbours.

Knock-out: with `needs_service` and `substance_offending` 0 nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.levers import bare
from sim.policies.programme import Programme, Rows, Scores

if TYPE_CHECKING:
    from sim.engine import State
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class SupportiveHousing(Programme):
    """A home first, for those arrested most."""

    name: ClassVar[str] = "supportive_housing"
    row: ClassVar[int] = 14
    title: ClassVar[str] = "Housing and case management for frequent users of services"
    eligible: ClassVar[str] = "adults with housing need, by their number of arrests"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.need": (0.5, 0.2, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.need": "need",
    }
    capacity: ClassVar[str] = "30 to 300 places"
    unit_cost: ClassVar[str] = "$20-40 thousand per place and year"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = (
        "P24",
        "S25",
    )
    contested_by: ClassVar[str] = (
        "a trial of the same idea in health care found regression to the mean"
    )

    need: float = 0.5
    """What unmet need does to calls and offending, relative (assumption)."""
    places_per_100k: float = 30.0
    """Places at once per 100,000 residents."""
    months: float = 60.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.7
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.1
    """Hazard of dropping out."""
    targeting_noise: float = 2.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 52.0
    """Weeks until all places exist."""
    cost_per_year: float = 25000.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        return desk.pools.needy(desk.state, "housing", worth=arrests)


def arrests(state: State, rows: Rows) -> Scores:
    """How often each was arrested."""
    return np.asarray(bare(state.world.people.lives)["arrests"][rows], dtype=np.float64)
