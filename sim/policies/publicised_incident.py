"""A brutality incident becomes public (row 44).

Mechanism. On its first week an incident of `salience` becomes known in the whole city; trust
falls as far as media reach each group, scrutiny rises, and both fade. A cover-up keeps it alive
for longer (`memory`). It is the same process by which ordinary force becomes public.

Sources: S01 and S04, which disagree with a re-analysis about calls to police; that dispute is a
hypothesis of its own (trust and reporting). Leaves out: protest, courts, and what the incident
was.

Knock-out: with incidents that move no belief and no scrutiny nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class PublicisedIncident(Switch):
    """One publicised incident, at the policy's start."""

    name: ClassVar[str] = "publicised_incident"
    row: ClassVar[int] = 44
    harm: ClassVar[bool] = True
    title: ClassVar[str] = "A brutality incident becomes public"
    eligible: ClassVar[str] = "everybody, by the reach of media into each group"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.salience_half_life": (1.0, 0.5, 2.0),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.salience_half_life": "memory",
    }
    capacity: ClassVar[str] = "one incident"
    unit_cost: ClassVar[str] = "$0"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = (
        "S01",
        "S04",
    )
    contested_by: ClassVar[str] = "calls fell by half, or not at all, depending on the study"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "salience": (0.0, 1.0),
    }

    memory: float = 1.0
    """Half-life of its salience, relative: above 1 after a cover-up."""
    salience: float = 0.7
    """How strongly the city takes notice, 0 to 1; scaled by dose."""
    ramp_weeks: float = 0.0
    """It is there at once."""

    def further(self, desk: Desk, strength: float) -> None:
        if not desk.memory.get("known"):
            desk.memory["known"] = True
            desk.incident(min(1.0, self.dose * self.salience))
