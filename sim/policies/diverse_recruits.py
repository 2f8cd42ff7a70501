"""Recruit officers from groups under-represented in the force (row 24).

Mechanism. Of those hired in place of officers who leave, a share `share_of_recruits` are officers
from groups that the force lacks, who would not have been hired otherwise. They treat people more
respectfully by `respect` and use force `force` times as often as other recruits; the force
changes only at the pace of turnover.

Sources: P19 (in one city Black officers stopped, arrested and used force less than white
colleagues on the same shifts and beats). The settings are about an officer's own conduct, and are
assumptions with a range that includes no difference. Leaves out: that such officers also stop
fewer people (stops follow a beat's hours, not the officer), and what residents feel on seeing
them.

Knock-out: without turnover (`officer_exit` at its least) hardly anything changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.hiring import Hiring


@dataclass(frozen=True)
class DiverseRecruits(Hiring):
    """Recruitment that changes who serves."""

    name: ClassVar[str] = "diverse_recruits"
    row: ClassVar[int] = 24
    title: ClassVar[str] = "Recruit officers from groups under-represented in the force"
    eligible: ClassVar[str] = "new officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.force_factor": (0.8, 0.5, 1.0),
        "officer.style_shift": (0.25, 0.0, 0.8),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.force_factor": "force",
        "officer.style_shift": "respect",
    }
    capacity: ClassVar[str] = "a share of those hired in place of leavers"
    unit_cost: ClassVar[str] = "$5,000 per officer recruited"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P19",)
    contested_by: ClassVar[str] = "one city"

    force: float = 0.8
    """Force in a contact, relative to other recruits (assumption)."""
    respect: float = 0.25
    """Rise of the log odds of a respectful contact (assumption)."""
