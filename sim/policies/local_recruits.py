"""Recruit officers from the community (row 26).

Mechanism. Of those hired in place of officers who leave, a share `share_of_recruits` are people
who live in the neighbourhoods they police, who would not have been hired otherwise. They treat
people more respectfully by `respect` and use force `force` times as often as other recruits; the
force changes only at the pace of turnover.

Sources: none: what is known is descriptive, so both settings are assumptions and may be nothing.
The settings are about an officer's own conduct, and are assumptions with a range that includes no
difference. Leaves out: tips that locals hear, and residents who train recruits.

Knock-out: without turnover (`officer_exit` at its least) hardly anything changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.hiring import Hiring


@dataclass(frozen=True)
class LocalRecruits(Hiring):
    """Recruitment that changes who serves."""

    name: ClassVar[str] = "local_recruits"
    row: ClassVar[int] = 26
    title: ClassVar[str] = "Recruit officers from the community"
    eligible: ClassVar[str] = "new officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.force_factor": (0.95, 0.8, 1.0),
        "officer.style_shift": (0.2, 0.0, 0.8),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.force_factor": "force",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "a share of those hired in place of leavers"
    unit_cost: ClassVar[str] = "$5,000 per officer recruited"
    badge: ClassVar[str] = "descriptive"

    force: float = 0.95
    """Force in a contact, relative to other recruits (assumption)."""
    respect: float = 0.2
    """Rise of the log odds of a respectful contact (assumption)."""
