"""Body-worn cameras (row 5).

Mechanism. Cameras make misconduct likelier to come to light (`watched`), and officers may behave
differently before them (`respect`, `force`); people complain less often without cause. All of it
is scaled by `activation`, the share of contacts with the camera on.

Sources: P16: a large trial saw no change in force or complaints, pooled trials saw fewer
complaints; where activation was up to officers force even rose. The levers are assumptions around
nothing. Leaves out: use of footage in investigation and court, and privacy.

Knock-out: where no force is publicised and contacts are not judged, nothing changes but cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class BodyCameras(Switch):
    """Cameras for all officers, with a rule on when to switch them on."""

    name: ClassVar[str] = "body_cameras"
    row: ClassVar[int] = 5
    title: ClassVar[str] = "Body-worn cameras"
    eligible: ClassVar[str] = "all officers"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "officer.watched": (0.5, 0.0, 3.0),
        "officer.style_shift": (0.03, -0.05, 0.2),
        "officer.force_factor": (0.99, 0.9, 1.05),
        "parameter.complaint_disrespect": (0.9, 0.7, 1.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "officer.watched": "watched",
        "officer.style_shift": "respect",
        "officer.force_factor": "force",
        "parameter.complaint_disrespect": "complaints",
    }
    capacity: ClassVar[str] = "as many as there are officers"
    unit_cost: ClassVar[str] = "$2,000 per officer and year"
    badge: ClassVar[str] = "experiment"
    evidence: ClassVar[tuple[str, ...]] = ("P16",)
    contested_by: ClassVar[str] = (
        "a null in the largest trial against fewer complaints in pooled ones; depends on activation"
    )
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "activation": (0.0, 1.0),
    }

    watched: float = 0.5
    """Added chance that force becomes known, relative to the base (assumption)."""
    respect: float = 0.03
    """Change of the log odds of respect (assumption)."""
    force: float = 0.99
    """Force in a contact, relative (assumption)."""
    complaints: float = 0.9
    """Complaints per disrespectful contact, relative (assumption)."""
    activation: float = 0.7
    """Share of contacts in which the camera is on."""
    ramp_weeks: float = 26.0
    """Weeks until all officers have one."""
    cost_per_officer: float = 2000.0
    """Dollars per officer and year."""

    def week(self, desk: Desk) -> None:
        strength = desk.ramp(self.ramp_weeks) * desk.share
        for lever, setting in self.moves.items():
            desk.move(lever, None, getattr(self, setting), strength * self.activation)
        desk.spend(strength * self.plan(desk)[1])
        desk.strength = self.dose * strength * self.activation
        desk.reached("officers", desk.officers.size)
