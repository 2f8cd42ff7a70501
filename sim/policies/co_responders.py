"""Co-responders at gun incidents (row 48).

Mechanism. Teams of social workers on shift (`teams`) come to shootings with police, as far as
they are free. The wounded, household and companions who let them help may carry less trauma away
(`relief`), and reprisals for that shooting may be rarer (`mediation`). Nobody has measured
either, so there is no estimate and both are neutral by default: teams come, and cost, and that is
all.

Sources: P23 (teams sent instead of police to calls without guns: fewer minor offences, nothing on
serious ones, and part of it is that teams write no reports). Results are speculative. Leaves out:
danger to the teams, and help after the scene (see second_responders).

Knock-out: with trauma and grievances out of the model nothing changes at any setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class CoResponders(Switch):
    """Support teams on shift."""

    name: ClassVar[str] = "co_responders"
    row: ClassVar[int] = 48
    title: ClassVar[str] = "Co-responders at gun incidents"
    eligible: ClassVar[str] = "the wounded, kin and companions at shootings known to police"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.scene_teams": (1.0, 0.0, 10.0),
        "parameter.scene_relief": (0.0, 0.0, 0.5),
        "parameter.scene_mediation": (0.0, 0.0, 0.6),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.scene_teams": "teams",
        "parameter.scene_relief": "relief",
        "parameter.scene_mediation": "mediation",
    }
    capacity: ClassVar[str] = "teams on shift per 100,000 residents, two shootings a day each"
    unit_cost: ClassVar[str] = "$125,000 per worker and year ($100-150 thousand)"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P23",)
    contested_by: ClassVar[str] = "calls without guns, during a pandemic, in one city"
    speculative: ClassVar[bool] = True
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "workers_per_team": (2.0, 20.0),
        "cost_per_worker": (0.0, 300000.0),
    }
    unread: ClassVar[dict[str, str]] = {
        "cost_per_resident": "teams, workers_per_team and cost_per_worker",
        "cost_per_officer": "teams, workers_per_team and cost_per_worker",
    }

    teams: float = 1.0
    """Teams on shift per 100,000 residents."""
    relief: float = 0.0
    """Trauma that help at the scene takes away (no estimate: neutral)."""
    mediation: float = 0.0
    """Reprisals that a team's presence takes away (no estimate: neutral)."""
    workers_per_team: float = 9.0
    """Workers needed to keep a team of two on shift round the clock (assumption)."""
    cost_per_worker: float = 125000.0
    """Dollars per worker and year."""
    ramp_weeks: float = 26.0
    """Weeks until all teams exist."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        workers = self.dose * self.teams * desk.population / 1e5 * self.workers_per_team
        return 0.0, workers * self.cost_per_worker / 52.0
