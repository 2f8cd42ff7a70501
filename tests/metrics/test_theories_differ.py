"""Each theory of violence leaves a pattern in the data that the others don't.

All four keep about the same number of shootings; what tells them apart is who shoots whom: gangs on
either side, standing rivals before those who hit us last (relational-event weights), and whether
the shot had a co-offender shot in the year before, against residents as well tied.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from experiments.facts import catalogue  # noqa: F401  (fills MEASURES)
from experiments.facts.measure import MEASURES
from experiments.facts.view import View
from experiments.validate import Engine
from sim.scenario import Scenario

SEEDS = (1, 2)
YEAR = 365


def exposure_odds(view: View) -> float:
    """Odds that somebody shot had a direct co-offender shot in the 365 days before, over the odds
    of recorded residents picked in proportion to their ties, at days picked at random."""
    near = defaultdict(list)
    for a, b in zip(*(end.tolist() for end in view.ties), strict=True):
        near[a].append(b)
        near[b].append(a)
    victims = view.people(view.shootings, "target").tolist()
    days = view.shootings.day.tolist()
    shot = defaultdict(list)
    for person, day in zip(victims, days, strict=True):
        shot[person].append(day)

    def exposed(person: Any, day: int) -> bool:
        return any(0 < day - past <= YEAR for tie in near[person] for past in shot.get(tie, ()))

    cases = [
        exposed(person, day)
        for person, day in zip(victims, days, strict=True)
        if person in near and day >= YEAR
    ]
    draws = np.random.Generator(np.random.PCG64(1))
    people = list(near)
    ties = np.array([len(near[person]) for person in people], dtype=float)
    picked = draws.choice(len(people), 4000, p=ties / ties.sum())
    when = draws.integers(YEAR, view.days, 4000)
    controls = [exposed(people[k], int(day)) for k, day in zip(picked, when, strict=True)]
    share, usual = np.mean(cases), np.mean(controls)
    return float(share / (1.0 - share) * (1.0 - usual) / usual)


def patterns(theory: str) -> dict[str, float]:
    """Means over the seeds."""
    scenario = Scenario(
        city="midsize", years=3.0, burn_in_years=3.0, hypotheses={"violence": theory}
    )
    engine, rows = Engine(), []
    for seed in SEEDS:
        view = View(engine.run(scenario, seed, engine.burn_in(scenario, seed)), seed, scenario)
        of = {"plain": view}
        inside, shot = MEASURES["gang_share"].rows(of)
        rows.append(
            {
                "shot": float(len(view.shootings)),
                "gangs": inside / shot,
                "rivals first": float(np.ravel(MEASURES["rivalry_margin"].rows(of))[0]),
                "exposure": exposure_odds(view),
            }
        )
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


@pytest.mark.long
def test_each_theory_shows_a_pattern_that_the_others_fail() -> None:
    found = {theory: patterns(theory) for theory in ("blend", "rivalry", "contagion", "background")}
    shows = {
        "blend": lambda p: p["gangs"] < 0.77 and p["rivals first"] > 0.0,
        "rivalry": lambda p: p["gangs"] > 0.77 and p["rivals first"] > 0.0,
        "contagion": lambda p: p["rivals first"] < 0.0 and p["exposure"] > 2.7,
        "background": lambda p: p["rivals first"] < 0.0 and p["exposure"] < 2.7,
    }
    for pattern, holds in shows.items():
        assert [theory for theory, p in found.items() if holds(p)] == [pattern], found
    usual = found["blend"]["shot"]
    assert all(0.7 * usual < p["shot"] < 1.5 * usual for p in found.values()), found
