"""A fit to a city's own figures recovers what was planted, the same on any number of workers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from experiments.cities import forecast, own, targets
from experiments.cities.events import Events, Reading
from experiments.cities.importing import import_events
from experiments.cities.mapping import EventMap
from experiments.cities.simulated import events_of
from sim.errors import UserError
from sim.scenario import Scenario
from tests.cities import planted
from tests.cities.clockwork import PEOPLE, Clockwork
from tests.cities.test_events import MAP
from tests.conftest import Said

PLANTED = {
    "dispute_rate": 2600.0,
    "lethality": 0.24,
    "clearance_factor": 1.6,
    "priority_nonfatal": 0.35,
    "season_amplitude": 0.3,
}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city file with the clockwork's own figures at the planted parameters beside it."""
    folder = tmp_path_factory.mktemp("city")
    source = planted.write(folder / "e.csv", planted.rows())
    path = import_events(source, MAP, residents=PEOPLE, out=folder / "t.city.json").imported.path
    truth = Scenario(city=str(path), start="2010-01-01", years=5, parameters=PLANTED)
    lists = [
        events_of(Clockwork().run(truth, seed, None), truth, seed, "shootings") for seed in (7,)
    ]
    found: Events = lists[0]
    report = Reading("e.csv", rows=len(found), victims=len(found))
    digest = targets.load(targets.beside(path)).digest
    table = targets.target_table(
        found, report, EventMap(), city="t", digest=digest, residents=float(PEOPLE)
    )
    targets.save(table, path)
    return path


def test_planted_parameters_are_recovered_and_kept(city: Path) -> None:
    done = own.calibrate_city(str(city), seeds=(1, 2, 3), workers=1, runner=Clockwork())
    assert done.fit is not None and done.targets.test == "2014"
    for name, value in PLANTED.items():
        loose = 0.35 if name == "priority_nonfatal" else 0.15  # its own figure is noisy
        assert done.fit.parameters[name] == pytest.approx(value, rel=loose), name
    # the clockwork's map answers to no parameter: what can't be fitted must be said
    fitted = {row["figure"]: row["fitted"] for row in done.fit.reached}
    assert fitted["level"] and fitted["lethality"] and fitted["season"]
    again = Scenario.load(own.fitted_file(str(city)))
    assert again.parameters["lethality"] == done.fit.parameters["lethality"]
    record = json.loads((city.parent / "t.fit.json").read_text())
    assert record["fitted_on"] == "2010-2013" and record["tested_on"] == "2014"
    assert len(record["held_out"]) > 10 and record["fit"]["trials"]
    kept = own.kept_fit(again)
    assert kept is not None and kept["parameters"] == done.fit.parameters
    assert own.kept_fit(again.with_changes(parameters={})) is None
    fit = own.fitted_file(str(city))
    onward = own.calibrate_city(str(fit), seeds=(1, 2), workers=1, steps=1, runner=Clockwork())
    assert onward.fit is not None and len(onward.seeds) == own.FEWEST  # or no interval
    assert onward.fit.parameters == pytest.approx(done.fit.parameters, rel=1e-4)
    same = own.calibrate_city(str(city), seeds=(1, 2, 3), workers=1, runner=Clockwork())
    assert same.fit is not None and same.fit.parameters == done.fit.parameters


def test_held_out_year_is_scored_against_naive_forecasts(city: Path) -> None:
    scenario, table = own.city_and_targets(city)
    good = scenario.with_changes(parameters=PLANTED)
    seeds = (1, 2, 3, 4)
    right = own.validate_city(good, table, seeds=seeds, workers=1, runner=Clockwork())
    wrong = own.validate_city(scenario, table, seeds=seeds, workers=1, runner=Clockwork())
    by = {(row.figure, row.part): row for row in right.held}
    level = by["level", "persons shot"]
    assert level.covered and level.error < 0.15
    assert level.persistence == pytest.approx(table.figure("2013", "level", "persons shot").value)
    lost = {row.figure for row in wrong.held if row.loses_to}
    assert {"level", "lethality"} <= lost
    bad = next(row for row in wrong.held if row.figure == "level")
    assert bad.covered is False and set(bad.loses_to) == {"persistence", "mean of years"}
    assert "a naive forecast comes nearer" in forecast.verdict(wrong.held)
    none = by["people", "cases linked by a person"]
    assert math.isnan(none.actual) and none.covered is None and not none.loses_to


def test_simulated_clearance_has_time(city: Path) -> None:
    scenario, table = own.city_and_targets(city)
    run = own.scenario_for(scenario.city, table, scenario, test=True, burn_in=1.0)
    last = np.datetime64(run.date_of(run.days - 1))
    assert str(run.start) == "2012-01-01" and last >= np.datetime64("2015-06-30")


def test_what_cannot_be_fitted_is_told(
    city: Path, tmp_path: Path, peel: Callable[..., Said]
) -> None:
    assert peel("calibrate", "--city", tmp_path / "no.json").code == 2
    assert peel("calibrate", "--city", tmp_path).code == 2
    lonely = tmp_path / "lonely.city.json"
    lonely.write_bytes(city.read_bytes())
    said = peel("calibrate", "--city", lonely)
    assert said.code == 2 and "peel city import --events" in said.err
    damaged = tmp_path / "lonely.targets.json"
    damaged.write_text("{}")
    said = peel("calibrate", "--city", lonely)
    assert said.code == 2 and "table of targets" in said.err
    with pytest.raises(UserError, match="no figures of its own"):
        own.city_and_targets("village")
