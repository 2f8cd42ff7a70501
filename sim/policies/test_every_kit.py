"""Every rape kit tested (row 8).

Mechanism. New kits all go to the laboratory (`submitted`), shelved ones are sent in, oldest first
(`shelf_kits`), and the laboratory can test more (`lab`). A match needs an offender who is in the
database, and leads somewhere only if detectives follow it up (`follow_up`). What comes of it in an
open or cold case, and what an arrest prevents, is left to the model.

Sources: S17 (11,000 kits, 2,616 matches, some 100 to 200 convictions in a city; nothing on crime),
P32 (databases deter those in them, which is not in the model). All settings are assumptions about
work, not about results. Leaves out: victims' wish not to be asked again, and laboratories' errors.

Knock-out: where a kit is never matched (`profiled_share` 0) nothing changes but kits tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.policies.switch import Switch

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class TestEveryKit(Switch):
    """No kit on a shelf."""

    __test__: ClassVar[bool] = False  # not a test case, whatever its name
    name: ClassVar[str] = "test_every_kit"
    row: ClassVar[int] = 8
    title: ClassVar[str] = "Every rape kit tested"
    eligible: ClassVar[str] = "kits taken after a report, new and shelved"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.kits_submitted": (0.45, 0.0, 1.0),
        "parameter.shelf_rate": (60.0, 0.0, 400.0),
        "parameter.lab_kits": (4.0, 1.0, 20.0),
        "parameter.hit_followed": (0.1, 0.0, 0.7),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.kits_submitted": "submitted",
        "parameter.shelf_rate": "shelf_kits",
        "parameter.lab_kits": "lab",
        "parameter.hit_followed": "follow_up",
    }
    capacity: ClassVar[str] = "kits that the laboratory can test in a year"
    unit_cost: ClassVar[str] = "$1,250 per kit tested"
    badge: ClassVar[str] = "descriptive"
    evidence: ClassVar[tuple[str, ...]] = ("S17", "P32")
    contested_by: ClassVar[str] = "a match is not a conviction; no study of crime"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {"cost_per_kit": (0.0, 10000.0)}
    unread: ClassVar[dict[str, str]] = {
        "cost_per_resident": "cost_per_kit",
        "cost_per_officer": "cost_per_kit",
    }

    submitted: float = 0.45
    """Added share of new kits that go to the laboratory (assumption)."""
    shelf_kits: float = 60.0
    """Shelved kits sent in per 100,000 residents and year (assumption)."""
    lab: float = 4.0
    """What the laboratory can test, relative (assumption)."""
    follow_up: float = 0.1
    """Added chance that detectives follow a match up (assumption)."""
    cost_per_kit: float = 1250.0
    """Dollars per kit tested while it is in force."""
    ramp_weeks: float = 26.0
    """Weeks until it is fully in force."""

    def plan(self, desk: Desk) -> tuple[float, float]:
        """Money for the kits that were tested since the last week was paid."""
        tested = int(desk.state.world.civic.stock["kits_tested"][0])
        return 0.0, (tested - desk.memory.setdefault("tested", tested)) * self.cost_per_kit

    def week(self, desk: Desk) -> None:
        stock = desk.state.world.civic.stock[0]
        desk.spend(desk.share * self.plan(desk)[1])
        strength = desk.ramp(self.ramp_weeks) * desk.share
        for lever, setting in self.moves.items():
            desk.move(lever, None, getattr(self, setting), strength)
        desk.strength = self.dose * strength
        desk.reached("kits", int(stock.kits_tested) - int(desk.memory["tested"]))
        desk.memory["tested"] = int(stock.kits_tested)
        desk.waiting = int(stock.kits_waiting + stock.kits_shelved)
