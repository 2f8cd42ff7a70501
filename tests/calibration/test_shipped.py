"""The ensembles that ship: enough sets, inside their ranges, around the defaults, with their licence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments import ensemble, recorded, worlds
from experiments.calibration.sets import quantile, weighed
from experiments.plan import plan
from sim.parameters import all_parameters
from sim.scenario import Scenario
from sim.version import MODEL_VERSION

SHIPPED = ensemble.shipped()


def test_midsize_has_an_ensemble_and_what_it_rests_on() -> None:
    sets = ensemble.read("midsize")
    assert len(sets) >= 50
    assert len({tuple(d.parameters.values()) for d in sets}) == len(sets)
    head = [line for line in SHIPPED["midsize"].read_text().splitlines() if line.startswith("#")]
    assert any("CC BY-NC-SA 4.0" in line for line in head)
    assert f"Peel {MODEL_VERSION} " in head[0]
    record = next(one for one in recorded.all_of("calibration") if one["city"] == "midsize")
    assert (
        record["sets"] == len(sets) and record["complete"] and len(record["left_out_in_turn"]) == 5
    )


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_defaults_are_the_centre_of_an_ensemble(name: str) -> None:
    """By weight each default lies among the middle 80 %, and no set misses the facts by less than the
    defaults do."""
    sets = ensemble.read(name)
    known = all_parameters()
    names = list(sets[0].parameters)
    weights = np.array([one.weight for one in sets])
    defaults = {parameter: known[parameter].default for parameter in names}
    (own,) = (one for one in sets if one.parameters == defaults)
    assert own.weight == weights.max()
    for parameter in names:
        values = np.array([one.parameters[parameter] for one in sets])
        low, high = (quantile(values, weights, share) for share in (0.1, 0.9))
        assert low <= defaults[parameter] <= high, parameter


def test_sets_weigh_by_what_they_miss_and_are_worth_half_of_as_many() -> None:
    record = next(one for one in recorded.all_of("calibration") if one["city"] == "midsize")
    table = pd.read_csv(SHIPPED["midsize"], comment="#")
    want, temper = weighed(table["fit.missed"].tolist())
    assert table["weight"].to_numpy() == pytest.approx(want, rel=2e-3)
    assert temper == pytest.approx(record["temper"], rel=1e-3)
    assert record["worth"] == pytest.approx(0.5 * len(table), rel=1e-3)


def test_a_comparison_of_that_city_takes_it_and_others_do_not() -> None:
    how = worlds.Layers.parse("parameters", draws=8)
    for city, screened in (("midsize", False), ("district", True)):
        flat = {"season_amplitude": all_parameters()["season_amplitude"].low}
        arms = [Scenario(city=city, name="as is"), Scenario(city=city, name="b", parameters=flat)]
        asked = plan(arms, replicates=2, layers=how)
        assert asked.layers.screened is screened
        told = [world.parameters for world in asked.worlds if world.drawn]
        known = [one.parameters for one in ensemble.read("midsize")]
        assert all(one in known for one in told) and len(told) == (0 if screened else 8)
