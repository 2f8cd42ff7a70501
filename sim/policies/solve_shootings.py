"""Solve more shootings (row 43).

Mechanism. More detectives' hours (`detectives`), more of them for people who survived
(`nonfatal`), and help for witnesses: some talk who would not (`witnesses`), and fear keeps fewer
silent (`protection`). Clearance follows from hours per case and from witnesses; what it does to
violence follows from arrests.

Sources: P31 (Boston's homicide unit grew by a third, which is the default of `detectives`), L03
(non-fatal shootings get less effort), M13 (whether an arrest averts reprisals is unknown). Leaves
out: forensics, prosecutors, and relocation of witnesses as moves.

Knock-out: without open cases nothing changes; with `arrest_effect` and `arrest_deterrence` 0
violence does not respond through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class SolveShootings(Switch):
    """Detectives and witness support for shootings."""

    name: ClassVar[str] = "solve_shootings"
    row: ClassVar[int] = 43
    title: ClassVar[str] = "Solve more shootings"
    eligible: ClassVar[str] = "open shooting cases"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.detective_factor": (1.36, 1.0, 2.5),
        "parameter.priority_nonfatal": (0.15, 0.0, 1.0),
        "parameter.witness_base": (0.04, 0.0, 0.2),
        "parameter.witness_fear": (-0.1, -0.4, 0.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.detective_factor": "detectives",
        "parameter.priority_nonfatal": "nonfatal",
        "parameter.witness_base": "witnesses",
        "parameter.witness_fear": "protection",
    }
    capacity: ClassVar[str] = "detectives' hours per open case"
    unit_cost: ClassVar[str] = "$3 per resident and year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = (
        "P31",
        "L03",
        "M13",
    )
    contested_by: ClassVar[str] = "one department; whether arrests avert reprisals is unmeasured"

    detectives: float = 1.36
    """Detectives' hours, relative."""
    nonfatal: float = 0.15
    """Added weight of a non-fatal shooting."""
    witnesses: float = 0.04
    """Rise of the chance that a witness talks (assumption)."""
    protection: float = -0.1
    """Change of the share of witnesses whom fear silences (assumption)."""
    ramp_weeks: float = 26.0
    """Weeks until all detectives work."""
    cost_per_resident: float = 3.0
    """Dollars per resident and year."""
