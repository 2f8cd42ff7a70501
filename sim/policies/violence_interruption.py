"""Violence interruption (Cure Violence) (row 56).

Mechanism. At a few sites, the areas where most people were shot when it began, workers who know
the street keep contact with those close to gunfire there. A reprisal of somebody they have
contact with is talked down with chance `mediation`; nothing else changes. Workers times contacts
is all they can reach.

Sources: P08 (by site from a strong fall to a rise; fidelity and saturation differ). `mediation`
is an assumption; its range includes nothing. Leaves out: norms of the neighbourhood, workers' own
safety, and conflicts between workers and police.

Knock-out: without grievances (`weight_retaliation` 0) nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.policies.programme import Programme, Rows, Scores, close_to_gunfire

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class ViolenceInterruption(Programme):
    """Outreach workers who mediate disputes."""

    name: ClassVar[str] = "violence_interruption"
    row: ClassVar[int] = 56
    title: ClassVar[str] = "Violence interruption (Cure Violence)"
    eligible: ClassVar[str] = "people aged 15 to 40 close to gunfire who live in a site's area"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.mediation": (0.35, 0.0, 0.8),
    }
    moves: ClassVar[dict[str, str]] = {
        "resident.mediation": "mediation",
    }
    capacity: ClassVar[str] = "6 to 10 workers per site, contacts per worker"
    unit_cost: ClassVar[str] = "$0.5-1 million per site and year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P08",)
    contested_by: ClassVar[str] = "results differ by site, some rose"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "sites_per_100k": (0.0, 20.0),
        "workers": (0.0, 40.0),
        "contacts": (1.0, 40.0),
    }

    unread: ClassVar[dict[str, str]] = {
        "places_per_100k": "sites_per_100k, workers and contacts",
    }

    mediation: float = 0.35
    """Chance that a reprisal of a contact is talked down (assumption)."""
    sites_per_100k: float = 1.0
    """Sites per 100,000 residents (at least one)."""
    workers: float = 8.0
    """Workers per site."""
    contacts: float = 12.0
    """People whom a worker keeps in contact with."""
    months: float = 12.0
    """How long somebody stays who does not drop out."""
    uptake: float = 0.7
    """Chance that somebody who is asked joins, in a given week."""
    dropout_per_year: float = 0.5
    """Hazard of dropping out."""
    targeting_noise: float = 1.0
    """Largest error of staff in ranking, in units of the score."""
    ramp_weeks: float = 26.0
    """Weeks until all places exist."""
    cost_per_year: float = 7800.0
    """Dollars per filled place and year."""

    def candidates(self, desk: Desk) -> tuple[Rows, Scores]:
        sites = desk.memory.get("sites")
        if sites is None:
            count = np.zeros(desk.areas.size)
            for shot in desk.shots(730):
                count[int(desk.blocks["area"][shot.block])] += 1.0
            number = max(1, int(self.sites_per_100k * desk.population / 1e5))
            sites = desk.memory["sites"] = np.argsort(-count, kind="stable")[:number]
        rows, score = close_to_gunfire(desk, 15, 40)
        site = np.zeros(desk.areas.size, dtype=bool)
        site[sites] = True
        here = site[desk.residents["area"][rows]]
        return rows[here], score[here]

    def places(self, desk: Desk) -> int:
        sites = max(1, int(self.sites_per_100k * desk.population / 1e5))
        return int(sites * self.workers * self.contacts * desk.ramp(self.ramp_weeks))
