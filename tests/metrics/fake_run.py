"""A stand-in for the engine: finished runs with every table the facts read, and known answers in
them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

AREAS, GROUPS = 20, ["a", "b", "c"]
RESIDENTS = 60_000
NETWORK = 3600  # residents 0..3599 are in the recorded network
PLANTED = {
    "shot_inside": 0.7,
    "network_size": 0.06,
    "lethality": 0.2,
    "near_home": 0.5,
    "reported_violent": 0.42,
    "reported_robbery": 0.5,
    "reported_property": 0.75,
    "reported_gunfire": 0.15,
    "gang_share": 0.5,
    "retaliatory_share": 0.2,
    "driver_share": 0.5,
    "ever_carried": 0.4,
    "carrying_odds": 3.0,
    "confidence_least": 0.30,
    "confidence_most": 0.58,
    "confidence_drop": 0.10,
    "confidence_recovered": 0.5,
    "calls_national": -0.5,
    "calls_local": 0.0,
    "stop_yield": 3.0,
    "force_disparity": 2.3,
    "shock_rise": 1.8,
    "calm_rise": 1.0,
    "trust_slope": 0.08,
    "clearance_ratio": 1.0,
    "clearance_48h": 0.0,
}
"""Measure -> the value that the tables below hold, up to chance."""


class FakeEngine:
    """Runs in milliseconds; `lacking` names tables or columns ("events.home_m") to leave out."""

    def __init__(self, lacking: tuple[str, ...] = ()) -> None:
        self.lacking = lacking

    def warm(self) -> None:
        """Nothing to compile."""

    def burn_in(self, scenario: Any, seed: int) -> str:
        return "burnt"

    def run(self, scenario: Any, seed: int, burnt: Any) -> SimpleNamespace:
        rng = np.random.default_rng([seed, scenario.days])
        result = SimpleNamespace(geography=SimpleNamespace(group_names=GROUPS))
        shocked = bool(scenario.incidents) and scenario.incidents[0].salience > 0.5
        day = scenario.incidents[0].day if shocked else None
        result.events = events(scenario.days, day, rng)
        result.weekly, result.recorded = weeks(scenario, day, rng)
        result.areas, result.groups = by_area(result.events, scenario.days), by_group(scenario, day)
        result.survey, result.victimisations = survey(rng), victimisations(rng)
        result.officers = pd.DataFrame({"complaints": rng.poisson(rng.gamma(1.2, 4.0, size=1500))})
        ends = rng.integers(0, NETWORK, size=(2, NETWORK * 2))
        ends[0, :NETWORK] = np.arange(NETWORK)
        result.ties = pd.DataFrame({"a": ends[0], "b": ends[1]})
        rivals = [(i, j) for i in range(8) for j in range(8) if i != j and (i + j) % 5 == 0]
        result.dyads = pd.DataFrame(rivals, columns=["attacker", "target"]).assign(standing=1.0)
        years = np.repeat(np.arange(scenario.days // 365), 100)
        result.drivers = pd.DataFrame(
            {"year": years, "person": 50_000 + np.tile(np.arange(100), len(years) // 100)}
        ).assign(rank=lambda rows: rows.person - 50_000)
        for name in self.lacking:
            table, _, column = name.partition(".")
            if column:
                setattr(result, table, getattr(result, table).drop(columns=column))
            else:
                delattr(result, table)
        return result


def events(days: int, shock: int | None, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person shot: 500 a year on lasting hot spots, 1.8 times as many after a shock."""
    n = rng.poisson(500 * days / 365)
    day = rng.integers(0, days, size=n)
    if shock is not None:
        more = rng.integers(shock, shock + 256, size=rng.poisson(0.8 * 500 * 256 / 365))
        day = np.concatenate([day, more])
    n = len(day)
    spots = np.random.default_rng(3).uniform(0, 9000, size=(30, 2))
    heat = np.random.default_rng(4).pareto(1.2, size=30) + 0.1
    where = spots[rng.choice(30, size=n, p=heat / heat.sum())] + rng.normal(0, 300, size=(n, 2))
    actor = np.where(
        rng.random(n) < 0.5, 50_000 + rng.integers(0, 36, n), rng.integers(0, 40_000, n)
    )
    few = rng.random(n) < PLANTED["shot_inside"]
    target = np.where(few, rng.integers(0, NETWORK, n), rng.integers(NETWORK, RESIDENTS, n))
    wait = rng.exponential(500.0, n).astype(int)
    attacker, rival = rng.integers(0, 8, size=(2, n))
    gang = rng.random(n) < PLANTED["gang_share"]
    return pd.DataFrame(
        {
            "id": np.arange(1, n + 1, dtype=np.uint64),
            "kind": "shooting",
            "day": day,
            "x_m": where[:, 0],
            "y_m": where[:, 1],
            "area": rng.choice(AREAS, size=n, p=area_heat()),
            "actor": actor,
            "target": target,
            "actor_gang": np.where(gang, attacker, -1),
            "target_gang": np.where(gang, rival, -1),
            "target_group": np.array(GROUPS)[rng.choice(3, size=n, p=[0.8, 0.15, 0.05])],
            "incident": np.arange(1, n + 1, dtype=np.uint64),
            "cause": np.zeros(n, dtype=np.uint64),
            "part": np.where(rng.random(n) < PLANTED["retaliatory_share"], "retaliation", "market"),
            "fatal": rng.random(n) < PLANTED["lethality"],
            "home_m": np.where(rng.random(n) < PLANTED["near_home"], 100.0, 2000.0),
            "cleared_day": np.where(wait < days - day, day + wait, -1),
        }
    )


def area_heat() -> np.ndarray:
    heat = np.arange(1, AREAS + 1, dtype=float) ** 1.5
    return heat / heat.sum()


def weeks(
    scenario: Any, shock: int | None, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weekly tables of the true and the recorded world."""
    week = np.arange(scenario.days // 7 + 1)
    n = len(week)
    rate = scenario.values().get("stop_rate", 0.16)
    many = rate > 0.3
    weekly = pd.DataFrame({"week": week, "population": RESIDENTS})
    weekly["homicides"] = rng.poisson(2.0, n)
    weekly["gunfire_incidents"] = 200
    weekly["stops"] = np.full(n, 4000 if many else 1000)
    weekly["guns_found"] = np.where(many, 4, 3)
    calls = np.full(n, PLANTED["reported_gunfire"] * 200)
    if shock is not None:
        calls[shock // 7 + 1 :] *= 0.5
    recorded = pd.DataFrame({"week": week, "gunfire_reported": calls})
    for kind in ("robbery", "property"):
        recorded[f"{kind}_victimisations_surveyed"] = 100
        recorded[f"{kind}_reported"] = 100 * PLANTED[f"reported_{kind}"]
    recorded["violent_victimisations_surveyed"] = 500
    recorded["violent_reported"] = 500 * PLANTED["reported_violent"]
    return weekly, recorded


def by_area(rows: pd.DataFrame, days: int) -> pd.DataFrame:
    """Areas by week: the shot ones trust less, and are stopped more."""
    table = pd.MultiIndex.from_product([range(days // 7 + 1), range(AREAS)], names=["week", "area"])
    out = table.to_frame(index=False)
    out["population"] = RESIDENTS // AREAS
    fatal = rows[rows.fatal]
    for name, some in (("persons_shot", rows), ("homicides", fatal)):
        count = some.groupby([some.day // 7, "area"]).size().rename_axis(["week", "area"])
        out[name] = out.set_index(["week", "area"]).index.map(count).fillna(0).astype(int)
    out["stops"] = 10 * (out.area + 1)
    out["legitimacy"] = 0.7 - 0.01 * out.area
    return out


def by_group(scenario: Any, shock: int | None) -> pd.DataFrame:
    """Groups by week: shares confident, contacts and force."""
    table = pd.MultiIndex.from_product([range(scenario.days // 7 + 1), GROUPS])
    out = table.to_frame(index=False, name=["week", "group"])
    place = out.group.map({"a": 0, "b": 1, "c": 2}).to_numpy()
    out["population"] = np.array([20_000, 15_000, 25_000])[place]
    out["adults"] = out.population
    level = np.array([PLANTED["confidence_least"], 0.45, PLANTED["confidence_most"]])[place]
    if shock is not None:
        since = out.week.to_numpy() - shock // 7 - 1
        fall = PLANTED["confidence_drop"] * np.where(since >= 30, 0.5, 1.0)
        level = level - np.where(since >= 0, fall, 0.0)
    out["confident"] = level * out.population
    out["legitimacy"] = np.array([0.55, 0.60, 0.67])[place]
    out["stops"], out["contacts"] = 400, 1000
    out["force"] = np.array([23.0, 15.0, 10.0])[place]
    out["persons_shot"] = np.array([8, 2, 1])[place]
    return out


def survey(rng: np.random.Generator) -> pd.DataFrame:
    """Men of 18 to 34: carrying at odds 0.25, three times that after being shot at."""
    n = 20_000
    shot_at = rng.random(n) < 0.1
    chance = np.where(shot_at, 0.75 / 1.75, 0.25 / 1.25)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 35, size=n),
            "sex": 1,
            "area": rng.integers(0, AREAS, size=n),
            "shot_at_year": shot_at,
            "carrying": rng.random(n) < chance,
            "ever_carried": rng.random(n) < PLANTED["ever_carried"],
        }
    )


def victimisations(rng: np.random.Generator) -> pd.DataFrame:
    """Victims who report by severity (log odds 1) and a little by trust (0.08 per SD)."""
    n = 20_000
    trust, serious = rng.normal(0.55, 0.2, size=n), rng.random(n) < 0.5
    odds = -0.8 + serious + PLANTED["trust_slope"] * (trust - 0.55) / 0.2
    reported = rng.random(n) < 1 / (1 + np.exp(-odds))
    return pd.DataFrame(
        {"kind": "assault", "serious": serious, "legitimacy": trust, "reported": reported}
    )
