"""The scoreboard end to end on a tiny city with real runs."""

from __future__ import annotations

import math

from experiments import validate
from experiments.facts.designs import DESIGNS, SHOCK_DAY
from sim.scenario import Scenario


def test_every_design_runs_on_the_engine_and_every_table_is_found() -> None:
    tiny = Scenario(city="synthetic:2000", burn_in_years=0.25)
    kinds = [name for name in DESIGNS if name != "long"]  # the plain one again, for 12 years
    scores, failures = validate.validate(tiny, seeds=2, years=3.0, workers=2, designs=kinds)
    assert not failures
    by_part = {(row.rank, row.part): row for row in scores}
    lacking = {row.reason for row in scores if row.passed is None} - {"needs the run long"}
    # so small a city has too few of some things, but every table and column is there
    assert not [text for text in lacking if "no table" in text or "no column" in text], lacking
    assert not [text for text in lacking if "needs the run" in text or "Error" in text], lacking
    assert {row.design for row in scores} <= set(DESIGNS)
    assert 0.3 < by_part[11, "violent crime"].value < 0.6
    assert by_part[24, "people shot"].seeds == 2
    assert math.isfinite(by_part[14, "drop"].value)


def test_the_incident_falls_on_its_day() -> None:
    from experiments.facts.designs import scenario_of
    from sim.run import run

    tiny = Scenario(city="synthetic:1000", burn_in_years=0.0)
    events = run(scenario_of("shock", tiny, 3.0), seed=1).events
    rows = events[(events.kind == "incident") & (events.severity == 1.0)]
    assert rows.day.tolist() == [SHOCK_DAY]
