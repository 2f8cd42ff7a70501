"""Runs that share a past are, to the last bit, the runs from the start that they stand for."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from experiments.facts.designs import DESIGNS, FORK_DAY, SHOCK_DAY, scenario_of
from experiments.facts.lives import FORKED, Lives
from experiments.validate import Engine
from sim.run import burn_in
from sim.scenario import Incident, PolicyEntry, Scenario
from tests.contracts.lively import differing, lively

SEED = 1
TABLES = ("weekly", "recorded", "areas", "groups", "events", "survey", "ties", "dyads", "officers")
CALENDAR = ("queue", "heads", "clock.entries", "clock.free_entry")
ORDER = ("plain", "long", "shock", "local")
YEARS = {"plain": 3.1, "long": 4.0}
"""The plain run ends within a week, so that its longer sister can't simply go on from there."""


class Unkept(Engine):
    """Cities burnt in anew, none taken from disk; counts the days that are lived."""

    def __init__(self) -> None:
        self.begun: list[int] = []

    def burn_in(self, scenario: Scenario, seed: int) -> Any:
        return burn_in(scenario, seed)

    def begin(self, scenario: Scenario, seed: int, burnt: Any, means: bool = True) -> Any:
        self.begun.append(scenario.days)
        return super().begin(scenario, seed, burnt, means)


@pytest.mark.parametrize("policy", [False, True], ids=["alone", "under a policy"])
def test_a_shared_past_changes_nothing(policy: bool) -> None:
    entries = (PolicyEntry("gang_fellowship", {"ramp_weeks": 0.0}),) if policy else ()
    known = (Incident(day=600, salience=0.4, about="one that every run has"),)
    city = lively(policies=entries, incidents=known, years=2.0)
    engine = Unkept()
    lives, burnt = Lives(engine, SEED), burn_in(city, SEED)
    for place, design in enumerate(ORDER):
        scenario = scenario_of(design, city, YEARS.get(design, 3.0))
        shared = lives.run(design, scenario, ORDER[place + 1 :])
        alone = engine.run(scenario, SEED, burnt)
        assert shared.event_log_hash == alone.event_log_hash, design
        for name in TABLES:
            pd.testing.assert_frame_equal(
                getattr(shared, name),
                getattr(alone, name),
                check_exact=True,
                obj=f"{design} {name}",
            )
        apart = differing(shared.state.world, alone.state.world)
        if (
            design in FORKED
        ):  # who is told later of an incident finds it another row of the calendar
            apart = [name for name in apart if not name.startswith(CALENDAR)]
        assert apart == [], design
    assert engine.begun == [1132, 1132, 1460, 1095, 567]  # one life shared, and four whole runs


def test_incidents_tell_the_forks_apart() -> None:
    engine = Unkept()
    lives, city = Lives(engine, SEED), lively()
    results = {
        design: lives.run(design, scenario_of(design, city, 3.0), ("shock", "local")[place:])
        for place, design in enumerate(("plain", "shock", "local"))
    }
    found = {
        design: one.events[(one.events.kind == "incident") & (one.events.day == SHOCK_DAY)]
        for design, one in results.items()
    }
    assert (found["shock"].severity == 1.0).sum() == 1
    assert not (found["plain"].severity == 1.0).any()
    usual = city.values()["local_incident_salience"]
    assert (found["local"].severity.round(6) == usual).sum() >= 1
    before = [one.events[one.events.day < FORK_DAY] for one in results.values()]
    assert all(rows.id.equals(before[0].id) for rows in before)


def test_what_begins_after_the_plain_run_is_in_the_longer_one() -> None:
    day = 1110  # the plain run has 1,095
    later = (Incident(day=day, salience=0.7, about="after the plain run's end"),)
    engine = Unkept()
    city = lively(city="synthetic:1000", burn_in_years=0.0, years=3.2, incidents=later)
    lives = Lives(engine, SEED)
    lives.run("plain", scenario_of("plain", city, 3.0), ("long",))
    events = lives.run("long", scenario_of("long", city, 3.2)).events
    assert ((events.kind == "incident") & (events.day == day) & (events.severity == 0.7)).any()
    assert engine.begun == [1095, 1168]


def test_without_the_plain_run_a_design_starts_by_itself() -> None:
    engine = Unkept()
    city = lively(city="synthetic:1000", burn_in_years=0.0)
    Lives(engine, SEED).run("local", scenario_of("local", city, 3.0))
    assert engine.begun == [scenario_of("local", city, 3.0).days]
    assert set(ORDER) < set(DESIGNS)
