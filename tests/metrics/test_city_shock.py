"""A publicised death in custody, as Baltimore had in 2015: violence up, clearance down, slowly back.

The incident is an input (a day and a salience) that writes salience, trust and scrutiny; all else
must follow from what people and police do about these. With the three channels shut, nothing may.
"""

from __future__ import annotations

from typing import Any

import pytest

from experiments.facts.designs import SHOCK_DAY, shocked
from experiments.facts.measure import MEASURES, Floats
from experiments.facts.view import View
from experiments.validate import Engine
from sim.scenario import Scenario

SEEDS = (1, 2)
CHANNELS = {
    "withdrawal_strength": 0.0,
    "estrangement": 0.0,
    "witness_salience": 0.0,
    "incident_fairness": 0.0,
    "incident_effectiveness": 0.0,
    "incident_reporting_drop": 0.0,
}


def lives(scenario: Scenario) -> list[dict[str, View]]:
    """Per seed the city with the shock and, from the same burnt-in city, without it."""
    out = []
    for seed in SEEDS:
        arms: dict[str, Any] = {
            "plain": scenario.with_changes(years=3.0),
            "shock": shocked(scenario, 1.0),
        }
        engine = Engine()
        burnt = engine.burn_in(arms["plain"], seed)
        out.append(
            {name: View(engine.run(arm, seed, burnt), seed, arm) for name, arm in arms.items()}
        )
    return out


@pytest.fixture(scope="module")
def city() -> Scenario:
    """The city of the scoreboard, with a shorter burn-in to spare time."""
    return Scenario(city="midsize", burn_in_years=3.0)


def pooled(name: str, views: list[dict[str, View]]) -> float:
    import numpy as np

    rows: Floats = np.array([MEASURES[name].rows(seed) for seed in views])
    return MEASURES[name].pool(rows)


def shot(view: View, first: int, last: int) -> int:
    return int(view.shootings.day.between(first, last - 1).sum())


@pytest.mark.long
def test_a_scandal_raises_violence_and_lowers_clearance_and_wanes(city: Scenario) -> None:
    from experiments.facts import catalogue  # noqa: F401  (fills MEASURES)

    views = lives(city)
    for seed in views:  # until the day itself both arms live the same days
        before = [v.shootings[v.shootings.day < SHOCK_DAY].id.tolist() for v in seed.values()]
        assert before[0] == before[1]
    assert 1.3 <= pooled("shock_rise", views) <= 2.2
    assert -0.25 <= pooled("shock_clearance", views) <= -0.05
    assert 0.8 <= pooled("calm_rise", views) <= 1.2
    # over by itself within two years: the excess of the last 8 months is well below the first's
    excess = [
        sum(shot(v["shock"], *span) for v in views) / sum(shot(v["plain"], *span) for v in views)
        for span in ((SHOCK_DAY, SHOCK_DAY + 240), (1095 - 240, 1095))
    ]
    assert excess[0] > 1.25
    assert excess[1] - 1.0 < 0.75 * (excess[0] - 1.0)


@pytest.mark.long
def test_with_its_channels_shut_a_scandal_changes_nothing(city: Scenario) -> None:
    (views,) = lives_of_one(city.with_changes(parameters=CHANNELS))
    with_it, without = (views[name].shootings for name in ("shock", "plain"))
    assert with_it.id.tolist() == without.id.tolist()
    assert with_it.cleared_day.tolist() == without.cleared_day.tolist()


def lives_of_one(scenario: Scenario) -> list[dict[str, View]]:
    small = scenario.with_changes(city="district", burn_in_years=1.0)
    arms = {"plain": small.with_changes(years=3.0), "shock": shocked(small, 1.0)}
    engine = Engine()
    burnt = engine.burn_in(arms["plain"], 1)
    return [{name: View(engine.run(arm, 1, burnt), 1, arm) for name, arm in arms.items()}]
