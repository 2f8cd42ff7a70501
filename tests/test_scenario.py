"""Scenarios: what they are read from and written to, and that equal ones have one identity."""

from __future__ import annotations

import dataclasses
import math
import pickle
from datetime import date
from typing import Any

import pytest

from sim import hypotheses
from sim.city.spec import embedded
from sim.errors import UserError
from sim.parameters import all_parameters
from sim.scenario import CITIES, Incident, PolicyEntry, Scenario, check_seed
from sim.scenario_file import packaged_scenarios
from tests.whole_scenario import WHOLE, with_mentors


@pytest.fixture(autouse=True)
def _mentors(monkeypatch: pytest.MonkeyPatch) -> None:
    with_mentors(monkeypatch)


def test_python_users_get_the_same_checks() -> None:
    with pytest.raises(UserError, match=r"scenario: run\.years: 0"):
        Scenario(years=0)
    with pytest.raises(UserError, match="policy 1: 'mentors': expected a PolicyEntry"):
        Scenario(policies=("mentors",))  # type: ignore[arg-type]


def test_round_trip_keeps_everything() -> None:
    whole = Scenario.from_toml(WHOLE)
    again = Scenario.from_toml(whole.to_toml())
    assert again == whole
    assert again.hash(3) == whole.hash(3)
    assert pickle.loads(pickle.dumps(whole)) == whole


@pytest.mark.parametrize("name", packaged_scenarios())
def test_packaged_scenarios_load_by_name_and_round_trip(name: str) -> None:
    one = Scenario.load(name)
    assert one.name == name and one.about
    assert Scenario.from_toml(one.to_toml()).hash(1) == one.hash(1)


@pytest.mark.parametrize("city", [*CITIES, "synthetic:5000"])
def test_a_city_stands_for_itself_without_a_policy(city: str) -> None:
    one = Scenario.load(city)
    assert (one.city, one.name, one.policies) == (city, city, ())


def test_the_embedded_cities_are_those_of_the_city_package() -> None:
    assert tuple(embedded()) == CITIES


# Identity.

SAME = {
    "name": {"name": "other"},
    "headlines": {"headlines": ("fear",)},
    "a default spelt out": {"hypotheses": {"violence": "blend"}},
    "a default value": {
        "parameters": {"bad_good_ratio": all_parameters()["bad_good_ratio"].default}
    },
    "whole number": {"years": 2},
    "date as text": {"start": "2025-01-01"},
}
OTHER = {
    "city": {"city": "village"},
    "years": {"years": 1.0},
    "start": {"start": date(2025, 1, 2)},
    "burn-in": {"burn_in_years": 4.0},
    "parameter": {"parameters": {"bad_good_ratio": 8.9}},
    "theory": {"hypotheses": {"violence": "contagion"}},
    "policy": {"policies": (PolicyEntry("mentors"),)},
    "incident": {"incidents": (Incident(3, 0.5),)},
}


@pytest.mark.parametrize("case", SAME)
def test_what_does_not_matter_leaves_the_hash(case: str) -> None:
    assert Scenario(**SAME[case]).hash(1) == Scenario().hash(1)


@pytest.mark.parametrize("case", OTHER)
def test_what_matters_changes_the_hash(case: str) -> None:
    assert Scenario(**OTHER[case]).hash(1) != Scenario().hash(1)


def test_the_seed_and_the_version_change_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Scenario().hash(1)
    assert Scenario().hash(2) != first
    monkeypatch.setattr("sim.scenario.MODEL_VERSION", "0.0.0")
    assert Scenario().hash(1) != first


def test_policies_have_no_order_and_defaults_no_spelling() -> None:
    early, late = PolicyEntry("mentors"), PolicyEntry("mentors", {"start": 50})
    spelt = PolicyEntry("mentors", {"share": 0.5, "kind": "quick", "start": "2025-01-01"})
    first = Scenario(policies=(early, late)).hash(1)
    assert Scenario(policies=(late, spelt)).hash(1) == first


def test_burn_in_is_shared_by_what_differs_later_only() -> None:
    def one(*entries: PolicyEntry, **more: Any) -> str:
        return Scenario(policies=entries, **more).burn_in_hash(1)

    base = one()
    assert one(PolicyEntry("mentors", {"start": 5})) == base
    assert one(years=1.0, incidents=(Incident(5, 0.5),)) == base
    before = one(PolicyEntry("mentors", {"start": -5}))
    assert before != base
    assert one(PolicyEntry("mentors", {"start": -5, "end": 90})) == before
    assert one(PolicyEntry("mentors", {"start": -5, "end": -2})) != before
    assert one(burn_in_years=1.0) != base


def test_an_edited_city_file_is_another_run(tmp_path) -> None:
    city = tmp_path / "town.toml"
    city.write_text("residents = 900\n")
    scenario = tmp_path / "mine.toml"
    scenario.write_text('[city]\nname = "town.toml"\n')
    first = Scenario.load(scenario)
    assert first.city == str(city) and first.name == "mine"
    kept = first.to_toml()
    assert Scenario.from_toml(kept).hash(1) == first.hash(1)
    city.write_text("residents = 901\n")
    assert Scenario.load(scenario).hash(1) != first.hash(1)
    with pytest.raises(UserError, match="is not the city that was meant"):
        Scenario.from_toml(kept)
    city.unlink()
    assert Scenario.from_toml(kept).hash(1) == first.hash(1)


def test_a_recipe_stands_for_its_city(tmp_path) -> None:
    city = tmp_path / "town.toml"
    city.write_text('name = "Town"\nresidents = 900\n')
    assert Scenario.load(city).city == str(city)


def test_a_file_of_json_is_a_city(tmp_path) -> None:
    city = tmp_path / "town"
    city.write_text('{"format": "peel-city"}')
    assert Scenario.load(city).city == str(city)


# Files.


@pytest.mark.parametrize("name", ["no.toml", "distrct", "", "a\0b", "x" * 5000, "/", "baseline "])
def test_what_is_not_there_is_said(name: str) -> None:
    with pytest.raises(UserError, match="no such file, scenario or city"):
        Scenario.load(name)


def test_a_near_miss_names_the_city() -> None:
    with pytest.raises(UserError, match="did you mean 'district'"):
        Scenario.load("distrct")


def test_unreadable_files_are_refused(tmp_path) -> None:
    binary, huge = tmp_path / "binary.toml", tmp_path / "huge.toml"
    binary.write_bytes(bytes(range(256)))
    huge.write_text("# " + "x" * 1_000_001)
    with pytest.raises(UserError, match="not a text in UTF-8"):
        Scenario.load(binary)
    with pytest.raises(UserError, match="more than 1000000 bytes"):
        Scenario.load(huge)
    marked = tmp_path / "marked.toml"
    marked.write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert Scenario.load(marked).name == "whole"


# Seeds and hypotheses.


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, True, "1", None])
def test_seeds_are_whole_numbers_from_zero(seed: Any) -> None:
    with pytest.raises(UserError, match="expected a whole number"):
        check_seed(seed)


def test_presets_set_only_declared_parameters_within_range() -> None:
    known = all_parameters()
    for question, theories in hypotheses.PRESETS.items():
        for theory, preset in theories.items():
            for name, value in preset.items():
                assert name in known, f"{question} = {theory} sets {name}, which is not declared"
                assert known[name].low <= value <= known[name].high, f"{theory}: {name}"


def test_a_preset_moves_parameters_and_the_scenario_overrides_it() -> None:
    rival = Scenario(hypotheses={"violence": "rivalry"})
    assert rival.values()["weight_contagion"] == 0.0
    own = rival.with_changes(parameters={"weight_contagion": 0.5})
    assert own.values()["weight_contagion"] == 0.5
    assert (
        own.values()["weight_rivalry"]
        == hypotheses.PRESETS["violence"]["rivalry"]["weight_rivalry"]
    )


def test_all_hypotheses_are_the_default_and_each_rival_once() -> None:
    every = hypotheses.combinations()
    assert every[0] == hypotheses.DEFAULTS
    rivals = sum(len(theories) - 1 for theories in hypotheses.PRESETS.values())
    assert len(every) == 1 + rivals == len({tuple(sorted(one.items())) for one in every})


def test_values_are_finite_and_complete() -> None:
    values = Scenario().values()
    assert values.keys() == all_parameters().keys()
    assert all(math.isfinite(value) for value in values.values())


def test_scenarios_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Scenario().years = 3.0  # type: ignore[misc]
