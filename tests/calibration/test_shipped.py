"""The ensembles that ship: enough sets, inside their ranges, around the defaults, with their licence."""

from __future__ import annotations

import json

import numpy as np
import pytest

from experiments import ensemble, recorded, worlds
from experiments.plan import plan
from experiments.validity_calibration import lost_and_won
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
    """The defaults are one of the sets that fit, and most lie among the middle 80 % of the others.
    Those that do not were tried inside it on the whole board, and a fact was lost (docs/validity.md)."""
    sets = ensemble.read(name)
    board = json.loads((recorded.boards() / f"{name}.json").read_text(encoding="utf-8"))
    points = [one for one in recorded.all_of("point") if one["city"] == name]
    known = all_parameters()
    names = list(sets[0].parameters)
    assert {n: known[n].default for n in names} in [one.parameters for one in sets]
    middle = 0
    for parameter in names:
        low, high = np.quantile([one.parameters[parameter] for one in sets], (0.1, 0.9))
        if low <= known[parameter].default <= high:
            middle += 1
            continue
        tried = [p for p in points if low <= p["parameters"].get(parameter, np.nan) <= high]
        assert tried and all(lost_and_won(board, point)[0] for point in tried), parameter
    assert middle >= 0.8 * len(names)


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
