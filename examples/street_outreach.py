"""Street outreach: an example plug-in with agents, a daily process, a policy and a metric.

    peel run my_scenario.toml --plugin examples/street_outreach.py

where the scenario has an entry `[[policy]]` with `name = "street_outreach"`. Nothing of the package
is touched: the file registers what it adds.

Mechanism. Outreach workers (agents, one record each) are hired as there are places, and each is
given clients who live near each other. Every day a worker sees each client with chance
`visits_per_week` / 7, and a visit closes the share `growth` of the distance between the bond and 1;
without visits a bond halves in `bond_half_life` days. Of the disputes of clients, the share
`mediation` x bond is talked down: the programme acts through who knows whom, and so it starts
slowly and goes with the workers.

Sources: P01 and P02 are fellowships with street outreach at their core. No study measures bonds, so
`growth` and `bond_half_life` are assumptions. Leaves out: workers' safety, their own pasts, and
rumours of their working with police.

Knock-out: without grievances there is no reprisal to talk down, and nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

import sim.metrics
import sim.policies
from sim import plugins
from sim.agents.residents import JAILED
from sim.kernel import kernel
from sim.numerics import halved
from sim.policies.programme import Programme, Rows, Scores, close_to_gunfire
from sim.random import child_key, draws, stream

NAME = "street_outreach"
_HIRE, _VISIT = stream("street_outreach.hire"), stream("street_outreach.visit")

WORKER = np.dtype(
    [
        ("key", "u8"),  # the worker's name in keyed draws
        ("hired", "i4"),
        ("block", "i4"),  # home block of the first client: where the worker is to be found
        ("clients", "i4"),
        ("visits", "i4"),
    ],
    align=True,
)
BOND = np.dtype(
    [
        ("person", "u8"),  # the client; the row in the city may pass to somebody else
        ("row", "i4"),
        ("worker", "i4"),
        ("day", "i4"),  # when `bond` was last written
        ("visits", "i4"),
        ("bond", "f8"),  # 0..1
    ],
    align=True,
)


def table(n: int, dtype: np.dtype) -> Any:
    """Records that compiled and plain Python read alike."""
    return np.zeros(n, dtype=dtype).view(np.recarray)


@kernel
def visit_clients(w, workers, bonds, chance, growth, half_life):
    """A day of visits; each client's draw hangs on worker, client and day alone."""
    day, seed = w.clock[0].day, w.clock[0].seed
    for k in range(bonds.size):
        b = bonds[k]
        row = b.row
        if w.people.lives[row].key != b.person or w.people.residents[row].status >= JAILED:
            continue
        u, _, _, _ = draws(seed, workers[b.worker].key ^ b.person, day, _VISIT)
        if u < chance:
            left = b.bond * halved(day - b.day, half_life)
            bonds[k].bond = left + growth * (1.0 - left)
            bonds[k].day = day
            bonds[k].visits += 1
            workers[b.worker].visits += 1


@plugins.process(NAME, every="day")
def rounds(state: Any) -> None:
    """Every worker's day, policy by policy."""
    for _, team in sorted(state.own.get(NAME, {}).items()):
        if team["bonds"].size:
            visit_clients(state.handle, team["workers"], team["bonds"], *team["terms"])


def all_workers(state: Any) -> Any:
    """Every outreach worker, for Model.agents_by_type."""
    teams = [team["workers"] for _, team in sorted(state.own.get(NAME, {}).items())]
    return np.concatenate(teams) if teams else table(0, WORKER)


plugins.agent_type("OutreachWorker", all_workers)


@sim.policies.register
@dataclass(frozen=True)
class StreetOutreach(Programme):
    """Workers from the neighbourhood who know those close to gunfire, and talk reprisals down."""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "Street outreach (example plug-in)"
    eligible: ClassVar[str] = "people aged 14 to 35 lately close to gunfire, as shooter or target"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "resident.mediation": (0.5, 0.0, 0.8)
    }
    moves: ClassVar[dict[str, str]] = {"resident.mediation": "mediation"}
    capacity: ClassVar[str] = "places per 100,000 residents; a worker carries `caseload`"
    unit_cost: ClassVar[str] = "$70,000 per worker and year"
    badge: ClassVar[str] = "quasi"
    evidence: ClassVar[tuple[str, ...]] = ("P01", "P02")
    contested_by: ClassVar[str] = "other sites saw no effect"
    bounds: ClassVar[dict[str, tuple[float, float]]] = {
        "caseload": (1.0, 50.0),
        "visits_per_week": (0.0, 7.0),
        "growth": (0.0, 1.0),
        "bond_half_life": (7.0, 365.0),
    }

    mediation: float = 0.5
    """Chance that somebody with a full bond lets a reprisal be talked down (assumption)."""
    caseload: float = 12.0
    """Clients per worker."""
    visits_per_week: float = 2.0
    """Visits to each client."""
    growth: float = 0.1
    """Share of the distance to a full bond that a visit closes (assumption)."""
    bond_half_life: float = 45.0
    """Days in which an unattended bond halves (assumption)."""
    cost_per_year: float = 6000.0

    def candidates(self, desk: Any) -> tuple[Rows, Scores]:
        return close_to_gunfire(desk, 14, 35)

    def treat(self, desk: Any) -> None:
        """Hire, share out clients, and move mediation by the bonds that the rounds have made."""
        team = desk.state.own.setdefault(NAME, {}).setdefault(
            desk.id, {"workers": table(0, WORKER), "bonds": table(0, BOND), "terms": ()}
        )
        team["terms"] = (self.visits_per_week / 7.0, self.growth, self.bond_half_life)
        rows = desk.rows()
        rows = rows[np.argsort(desk.residents["home"][rows], kind="stable")]  # neighbours together
        self._hire(desk, team, int(np.ceil(rows.size / self.caseload)))
        self._share_out(desk, team, rows)
        bonds = team["bonds"]
        strength = [
            float(b) * halved(desk.today - int(d), self.bond_half_life)
            for b, d in zip(bonds["bond"], bonds["day"], strict=True)
        ]
        desk.move("resident.mediation", rows, self.mediation * np.asarray(strength))
        desk.spend(rows.size * self.cost_per_year / 52.0)

    def after(self, desk: Any) -> None:
        desk.state.own.get(NAME, {}).pop(desk.id, None)
        super().after(desk)

    def _hire(self, desk: Any, team: dict[str, Any], wanted: int) -> None:
        had = team["workers"]
        workers = table(wanted, WORKER)
        workers[: had.size] = had[:wanted]
        seed = np.uint64(desk.state.world.clock["seed"][0])
        for k in range(had.size, wanted):
            parent = np.uint64(stream(f"team {desk.id}"))
            workers[k].key = child_key(seed, parent, desk.today * 1000 + k, _HIRE)
            workers[k].hired = desk.today
        team["workers"] = workers

    def _share_out(self, desk: Any, team: dict[str, Any], rows: Rows) -> None:
        old = {int(b.person): b for b in team["bonds"]}
        bonds, workers = table(rows.size, BOND), team["workers"]
        bonds["day"] = desk.today
        workers["clients"] = 0
        for k, row in enumerate(rows.tolist()):
            person = int(desk.lives["key"][row])
            worker = min(int(k // self.caseload), workers.size - 1)
            if person in old:
                bonds[k] = old[person]
            bonds[k].person, bonds[k].row, bonds[k].worker = person, row, worker
            if workers[worker].clients == 0:
                workers[worker].block = desk.residents["home"][row]
            workers[worker].clients += 1
        team["bonds"] = bonds


@sim.metrics.register
class ReachedBeforeShot:
    """Share of the people shot who had a place in any programme before, by the run's own events.

    Coverage of those most at risk is what outreach is for; the recorded world can't tell it, since
    whom programmes serve is not in police records.
    """

    name, unit = "reached_before_shot", "share"

    def measure(self, result: Any) -> float:
        events = result.events
        who = "target_person" if "target_person" in events else "target"
        places = events[events["kind"] == "enrolment"].groupby(who)["day"].min()
        shot = events[events["kind"] == "shooting"]
        since = places.reindex(shot[who]).to_numpy(dtype=float)
        before = since <= shot["day"].to_numpy(dtype=float)  # never enrolled: NaN, so False
        return float(before.mean()) if len(shot) else float("nan")
