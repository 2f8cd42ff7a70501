"""A stand-in for the engine: tables of the real shape from common random numbers, in milliseconds.

Tests of comparisons and reports bring it as their `runner`. Arms with one seed share their noise,
so that pairing gains something; what an arm changes is read off its name.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from sim.measures import PERSON_MEASURES, PLACE_MEASURES, RECORDED

AREAS, GROUPS, BANDS = (
    24,
    ("black", "hispanic", "white"),
    ("0-13", "14-17", "18-24", "25-34", "35-49", "50+"),
)
RESIDENTS = 50_000
YEARLY = {
    "homicides": 14,
    "gun_deaths": 11,
    "nongun_deaths": 3,
    "persons_shot": 55,
    "shooting_incidents": 47,
    "retaliatory_incidents": 11,
    "homicides_recorded": 14,
    "nonfatal_recorded": 44,
    "cleared_fatal": 7,
    "cleared_nonfatal": 13,
    "stops": 4200,
    "force": 60,
    "arrests": 1900,
    "calls": 21000,
    "violent_reported": 700,
    "jail_days": 60_000,
    "police_killings": 0.3,
}
EFFECTS = {
    "fellowship": {
        "homicides": 0.8,
        "gun_deaths": 0.75,
        "persons_shot": 0.78,
        "shooting_incidents": 0.8,
        "retaliatory_incidents": 0.6,
    },
    "training": {"force": 0.85, "stops": 0.97, "disrespect": 0.8},
    "harm": {"stops": 1.6, "force": 1.5, "legitimacy": 0.9},
}
MEANS = {
    "legitimacy": 0.55,
    "fairness": 0.56,
    "effectiveness": 0.5,
    "cynicism": 0.3,
    "fear": 0.2,
    "trauma": 0.1,
    "carrying_share": 0.02,
    "gang_members": 300,
    "officer_stress": 0.3,
    "officer_danger": 0.3,
    "response_minutes": 9.0,
    "open_cases": 80,
    "in_jail": 160,
    "grievance": 0.1,
}


@dataclass
class FakeRun:
    scenario: object
    seed: int
    geography: object
    weekly: pd.DataFrame
    recorded: pd.DataFrame
    areas: pd.DataFrame
    groups: pd.DataFrame
    policies: pd.DataFrame
    events: pd.DataFrame
    summary: dict
    event_log_hash: str
    residents: int = RESIDENTS
    days: int = 730
    seconds: float = 0.1
    burn_in_seconds: float = 0.2


@dataclass(frozen=True)
class FakeRunner:
    """`seconds` per run; `dies`, `fails`: (arm, seed) at which the worker is killed or the run
    raises."""

    seconds: float = 0.0
    dies: tuple = ()
    fails: tuple = ()
    notes: str = ""
    """A folder: each burn-in and run leaves a file there, so that tests can count them."""

    def warm(self):
        pass

    def _note(self, what):
        if self.notes:
            with open(os.path.join(self.notes, what), "a") as file:
                file.write("x")

    def burn_in(self, scenario, seed):
        self._note(f"burn-in {seed}")
        return SimpleNamespace(seed=seed, place=SimpleNamespace(blocks=blocks()))

    def run(self, scenario, seed, burnt):
        assert burnt.seed == seed
        self._note(f"{scenario.name} {seed}")
        if (scenario.name, seed) in self.dies and os.path.exists(
            os.path.join(self.notes, "lethal")
        ):
            os._exit(9)
        if (scenario.name, seed) in self.fails:
            raise ArithmeticError("a hazard beyond the last layer")
        time.sleep(self.seconds)
        return fake_run(scenario, seed)


def effects_of(scenario):
    return EFFECTS.get(scenario.name.split()[0], {})


def fake_run(scenario, seed):
    days = scenario.days
    weeks = max(days // 7, 1)
    change = effects_of(scenario)
    weekly, recorded = _city(seed, weeks, change, scenario.name)
    return FakeRun(
        scenario,
        seed,
        geography(),
        weekly,
        recorded,
        _areas(weekly, recorded, seed, change),
        _groups(weekly, recorded, seed),
        _policies(scenario, weeks),
        pd.DataFrame({"id": [1], "day": [0], "kind": ["shooting"]}),
        {"lethality_first_year": 0.2},
        f"{scenario.name}-{seed}",
        days=days,
    )


def _city(seed, weeks, change, arm):
    rng = np.random.default_rng(seed)
    columns, record = {}, {}
    for name in (*PLACE_MEASURES, "jail_days"):
        lam = YEARLY.get(name, 300) / 52.0
        shared = rng.uniform(size=weeks)
        own = np.random.default_rng([seed, len(arm), sum(map(ord, arm + name))]).uniform(size=weeks)
        # policies bite after half a year; most of the weeks' luck is shared between arms
        factor = np.where(np.arange(weeks) < 20, 1.0, change.get(name, 1.0))
        u = np.where((own < 0.15) & (np.arange(weeks) >= 20) & bool(change), own / 0.15, shared)
        counts = _poisson(lam * factor, u)
        (record if name in RECORDED else columns)[name] = counts
    columns["homicides"] = columns["gun_deaths"] + columns["nongun_deaths"]
    record["homicides_recorded"] = columns["homicides"]
    record["cleared_fatal"] = np.minimum(record["cleared_fatal"], columns["homicides"])
    t = np.arange(weeks)
    for name, level in MEANS.items():
        wave = np.cumsum(rng.normal(0, 0.002, weeks)) * level
        drift = 1.0 + (change.get(name, 1.0) - 1.0) * np.clip((t - 20) / 40, 0, 1)
        columns[name] = level * drift + wave
    columns["programme_cost"] = np.where(t >= 20, 12_000.0, 0.0) * (arm == "fellowship")
    columns["population"] = np.full(weeks, RESIDENTS) + t
    record["violent_victimisations_surveyed"] = rng.poisson(31, weeks)
    head = {"week": t, "day": t * 7}
    return pd.DataFrame({**head, **columns}), pd.DataFrame({**head, **record})


def _poisson(lam, u):
    """Inverse of the Poisson distribution, element by element (few distinct rates)."""
    out = np.zeros(u.size, dtype=int)
    for rate in np.unique(lam):
        here = lam == rate
        k = np.arange(int(rate + 12 * np.sqrt(rate) + 20))
        log_p = k * np.log(rate) - rate - np.concatenate([[0.0], np.log(k[1:]).cumsum()])
        out[here] = np.searchsorted(np.exp(log_p).cumsum(), u[here])
    return out


def _areas(weekly, recorded, seed, change):
    rng = np.random.default_rng(seed + 1000)
    weight = np.linspace(3, 0.2, AREAS) / np.linspace(3, 0.2, AREAS).sum()
    out = {"week": np.repeat(weekly["week"], AREAS), "area": np.tile(np.arange(AREAS), len(weekly))}
    out["population"] = np.full(len(weekly) * AREAS, RESIDENTS // AREAS)
    both = {**weekly, **recorded}
    for name in (
        "homicides",
        "persons_shot",
        "shooting_incidents",
        "stops",
        "force",
        "arrests",
        "violent_reported",
    ):
        out[name] = rng.multinomial(both[name].to_numpy(), weight).ravel()
    rows = np.repeat(weekly["legitimacy"].to_numpy(), AREAS)
    out["legitimacy"] = rows - 0.2 * np.tile(weight * AREAS / 3, len(weekly))
    out["fear"] = 0.2 + 0.1 * np.tile(weight * AREAS / 3, len(weekly))
    return pd.DataFrame({k: np.asarray(v) for k, v in out.items()})


def _groups(weekly, recorded, seed):
    rng = np.random.default_rng(seed + 2000)
    cells = [(g, s, b) for g in GROUPS for s in ("female", "male") for b in BANDS]
    age = dict(zip(BANDS, (0.2, 2, 5, 4, 1.5, 0.4), strict=True))
    group = dict(zip(GROUPS, (4, 2, 1), strict=True))
    risk = np.array([group[g] * age[b] * (4 if s == "male" else 1) for g, s, b in cells], float)
    risk /= risk.sum()
    weeks = len(weekly)
    out = {"week": np.repeat(weekly["week"].to_numpy(), len(cells))}
    for k, name in enumerate(("group", "sex", "age_band")):
        out[name] = np.tile([cell[k] for cell in cells], weeks)
    out["population"] = np.full(weeks * len(cells), RESIDENTS // len(cells))
    both = {**weekly, **recorded}
    for name in (*PERSON_MEASURES, "jail_days"):
        total = both.get(name, weekly["persons_shot"]).to_numpy()
        out[name] = rng.multinomial(total, risk).ravel()
    for name in ("legitimacy", "fear", "trauma"):
        out[name] = np.repeat(weekly[name].to_numpy(), len(cells))
    return pd.DataFrame(out)


def _policies(scenario, weeks):
    if scenario.name != "fellowship":
        return pd.DataFrame({"week": [], "policy": [], "reach": [], "cost": []})
    t = np.arange(weeks)
    on = t >= 20
    return pd.DataFrame(
        {
            "week": t,
            "policy": "gang_fellowship",
            "reach": 40.0 * on,
            "dose": 1.0 * on,
            "waiting": 3.0 * on,
            "dropouts": 0.1 * on,
            "hours": 300.0 * on,
            "cost": 12_000.0 * on,
        }
    )


def blocks(side=30):
    """Blocks of the grid: areas are 5 x 8 rectangles of blocks with bites taken out of the city's
    edge."""
    y, x = (c.ravel() for c in np.mgrid[0:side, 0:side])
    area = (y * 4 // side) * 6 + x * 6 // side
    out = np.zeros(x.size, dtype=[("x", "i4"), ("y", "i4"), ("area", "i4"), ("count", "i4")])
    out["x"], out["y"], out["area"] = x, y, area
    out["count"] = ((x - 14.5) ** 2 + (y - 14.5) ** 2 < 19.0**2) & ((3 * x + 7 * y) % 29 != 0)
    return out


def geography(side=30, polygons=False):
    """A grid city of 24 areas; with or without polygons of its own."""
    shapes = None
    if polygons:
        shapes = [
            [np.array([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]], float) * 900.0]
            for y in range(4)
            for x in range(6)
        ]
    return SimpleNamespace(
        name="faketown",
        area_names=[f"Area {a + 1:02d}" for a in range(AREAS)],
        group_names=list(GROUPS),
        width=side,
        height=side,
        block_m=150.0,
        polygons=shapes,
        notes=["synthetic city: no real place"],
        targets={},
    )


def scenario(name, **changes):
    """A scenario whose hash depends on its name, though it is the same small city throughout."""
    from sim.parameters import all_parameters
    from sim.scenario import Scenario

    known = all_parameters()
    first = min(known)
    row = known[first]
    step = (sum(map(ord, name)) % 97) / 97.0
    settings = {"city": "village", "years": 1.0, "start": date(2025, 1, 1), "name": name, **changes}
    settings.setdefault("parameters", {first: row.low + step * (row.high - row.low)})
    return Scenario(**settings)
