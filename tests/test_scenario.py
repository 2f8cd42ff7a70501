"""Scenarios: every mistake is named at its place, and equal scenarios have one identity."""

from __future__ import annotations

import dataclasses
import math
import pickle
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

import sim.policies
from sim import hypotheses
from sim.city.spec import embedded
from sim.errors import UserError
from sim.parameters import all_parameters
from sim.scenario import CITIES, Incident, PolicyEntry, Scenario, check_seed
from sim.scenario_file import packaged_scenarios

WHOLE = """\
name = "whole"
about = 'every kind of entry, "quoted"\t'

[city]
name = "village"

[run]
start = 2024-03-01
years = 2
burn_in_years = 1
headlines = ["homicides", "stops"]

[parameters]
bad_good_ratio = 7

[hypotheses]
violence = "rivalry"

[[policy]]
name = "mentors"
start = 2024-04-01
end = 2025-01-01
places = 12
share = 1

[[policy]]
name = "mentors"
start = -20
kind = "slow"

[[incident]]
day = 2024-05-01
salience = 0.8
"""


@dataclass(frozen=True)
class Mentors:
    """A policy with a setting of each kind."""

    places: int = 20
    share: float = 0.5
    kind: str = "quick"
    on: bool = True
    areas: tuple[str, ...] = ()
    limit: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is {self.share}; expected 0 to 1")


@pytest.fixture(autouse=True)
def _mentors(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**sim.policies.registry(), "mentors": Mentors}
    monkeypatch.setattr(sim.policies, "registry", lambda: known)


def message(text: str) -> str:
    with pytest.raises(UserError) as caught:
        Scenario.from_toml(text, "my.toml")
    return str(caught.value)


def edited(old: str, new: str) -> str:
    assert WHOLE.count(old) >= 1
    return WHOLE.replace(old, new, 1)


def test_reads_every_kind_of_entry() -> None:
    whole = Scenario.from_toml(WHOLE)
    assert (whole.name, whole.city, whole.start) == ("whole", "village", date(2024, 3, 1))
    assert (whole.years, whole.days, whole.burn_in_days) == (2.0, 730, 364)
    assert whole.values()["bad_good_ratio"] == 7.0
    assert whole.policies[0] == PolicyEntry(
        "mentors", {"start": 31, "end": 306, "places": 12, "share": 1.0}
    )
    assert whole.policies[1].start == -20 and whole.policies[1].end is None
    assert whole.incidents == (Incident(day=61, salience=0.8),)
    assert whole.headlines == ("homicides", "stops")
    assert whole.date_of(31) == date(2024, 4, 1)


WRONG = {
    "city name": (
        edited('"village"', '"vilage"'),
        "line 5: city.name: no city 'vilage'",
        "'village'",
    ),
    "no city": ("years = 1", "line 1: years: unknown key", "valid: name"),
    "city missing": ("name = 'x'", "city: expected [city]", ""),
    "city a number": (edited('name = "village"', "name = 5"), "line 5: city.name: 5: expected", ""),
    "city no table": (
        edited('[city]\nname = "village"', "city = 3"),
        "city: 3: expected a table",
        "",
    ),
    "unknown table": (
        edited("[parameters]", "[paramters]"),
        "paramters: unknown key",
        "'parameters'",
    ),
    "unknown run key": (
        edited("burn_in_years", "burnin_years"),
        "line 10: run.burnin_years",
        "'burn_in",
    ),
    "years 0": (edited("years = 2", "years = 0"), "line 9: run.years: 0", "at least a week"),
    "years -1": (edited("years = 2", "years = -1"), "line 9: run.years: -1", "50"),
    "years 51": (edited("years = 2", "years = 51"), "line 9: run.years: 51", "50"),
    "years a day": (edited("years = 2", "years = 0.001"), "run.years: 0.001", "at least a week"),
    "years text": (edited("years = 2", "years = '2'"), "line 9: run.years: '2'", "50"),
    "years true": (edited("years = 2", "years = true"), "line 9: run.years: True", "50"),
    "years nan": (edited("years = 2", "years = nan"), "line 9: run.years: nan", "50"),
    "years inf": (edited("years = 2", "years = inf"), "line 9: run.years: inf", "50"),
    "years huge": (edited("years = 2", f"years = 1{'0' * 400}"), "line 9: run.years: 1000", "50"),
    "years endless": (edited("years = 2", f"years = 1{'0' * 5000}"), "not valid TOML", ""),
    "burn-in": (
        edited("burn_in_years = 1", "burn_in_years = -1"),
        "line 10: run.burn_in_years",
        "0",
    ),
    "start time": (edited("2024-03-01", "2024-03-01T10:00:00"), "line 8: run.start", "a date like"),
    "start far": (edited("2024-03-01", "0001-03-01"), "line 8: run.start: 0001-03-01", "1900"),
    "start text": (edited("2024-03-01", "'March'"), "line 8: run.start: 'March'", "a date like"),
    "headlines": (edited('["homicides", "stops"]', '"stops"'), "line 11: run.headlines", "a list"),
    "headline": (edited('"stops"', "3"), "line 11: run.headlines: 3", "an outcome's name"),
    "parameter": (
        edited("bad_good_ratio", "bad_god_ratio"),
        "line 14: parameters.bad_god",
        "'bad_good",
    ),
    "value high": (
        edited("ratio = 7", "ratio = 99"),
        "line 14: parameters.bad_good_ratio: 99",
        "1 to 14",
    ),
    "value low": (
        edited("ratio = 7", "ratio = -99"),
        "line 14: parameters.bad_good_ratio",
        "1 to 14",
    ),
    "value nan": (
        edited("ratio = 7", "ratio = nan"),
        "line 14: parameters.bad_good_ratio: nan",
        "1 to",
    ),
    "value table": (
        edited("ratio = 7", "ratio = {a=1}"),
        "line 14: parameters.bad_good_ratio",
        "1 to",
    ),
    "question": (edited("violence =", "violense ="), "line 17: hypotheses.violense", "'violence'"),
    "theory": (edited('"rivalry"', '"rivalri"'), "line 17: hypotheses.violence", "'rivalry'"),
    "theory a number": (edited('"rivalry"', "1"), "line 17: hypotheses.violence: no theory 1", ""),
    "policy": (
        edited('name = "mentors"', 'name = "mentor"'),
        "line 20: policy 1, name",
        "'mentors'",
    ),
    "policy a number": (edited('name = "mentors"', "name = 1"), "line 20: policy 1, name", ""),
    "policy nameless": (
        edited('name = "mentors"\n', ""),
        "line 19: policy 1: has no name",
        "policies",
    ),
    "policy a table": (WHOLE.replace("[[policy]]", "[policy]", 1), "not valid TOML", ""),
    "setting": (edited("places = 12", "plaices = 12"), "line 23: policy 1, plaices", "'places'"),
    "setting float": (
        edited("places = 12", "places = 1.5"),
        "line 23: policy 1, places: 1.5",
        "a whole number",
    ),
    "setting text": (
        edited("share = 1", "share = 'x'"),
        "line 24: policy 1, share: 'x'",
        "a number",
    ),
    "setting bool": (
        edited("share = 1", "share = true"),
        "line 24: policy 1, share: True",
        "a number",
    ),
    "setting nan": (
        edited("share = 1", "share = nan"),
        "line 24: policy 1, share: nan",
        "a number",
    ),
    "setting range": (
        edited("share = 1", "share = 2"),
        "line 19: policy 1: mentors: share is 2.0",
        "0 to 1",
    ),
    "second policy": (
        edited("start = -20", "start = 'x'"),
        "line 28: policy 2, start: 'x'",
        "a date",
    ),
    "before burn-in": (edited("start = -20", "start = -366"), "line 28: policy 2, start", "-364"),
    "after the run": (edited("start = -20", "start = 730"), "line 28: policy 2, start", "729"),
    "start fraction": (
        edited("start = -20", "start = 1.5"),
        "line 28: policy 2, start: 1.5",
        "whole",
    ),
    "order": (
        edited("end = 2025-01-01", "end = 2024-04-01"),
        "line 22: policy 1, end: 2024-04-01 (day 31)",
        "not after the start, 2024-04-01 (day 31)",
    ),
    "end far": (
        edited("end = 2025-01-01", f"end = -{10**30}"),
        "line 22: policy 1, end: day -1000",
        "not after",
    ),
    "date's order": (
        edited("2024-03-01", "01/03/2024"),
        "the line is: start = 01/03/2024",
        "as in 2025-03-01",
    ),
    "date's zeros": (edited("2024-03-01", "2024-3-1"), "not valid TOML", "year-month-day"),
    "no such date": (
        edited("2024-03-01", "2024-02-30"),
        "not valid TOML",
        "a date of the calendar",
    ),
    "quotes": (
        edited('name = "village"', "name = village"),
        "the line is: name = village",
        "in quotes",
    ),
    "city a text": (
        WHOLE.replace('[city]\nname = "village"', 'city = "village"'),
        "city: 'village'",
        "the line [city]",
    ),
    "incident day": (edited("day = 2024-05-01", "day = 5000"), "line 32: incident 1, day", "729"),
    "incident key": (edited("salience", "saliense"), "line 33: incident 1, saliense", "'salience'"),
    "salience": (
        edited("salience = 0.8", "salience = 1.8"),
        "line 33: incident 1, salience",
        "0 to 1",
    ),
    "no salience": (edited("salience = 0.8", ""), "line 31: incident 1: has no salience", ""),
    "twice": (edited("years = 2", "years = 2\nyears = 3"), "my.toml: not valid TOML", "line 10"),
    "not TOML": ("[city", "my.toml: not valid TOML", ""),
    "deep": ("a = " + "[" * 20_000, "my.toml: not valid TOML", ""),
    "digest": (
        edited('name = "village"', 'name = "village"\ndigest = "x"'),
        "city.digest: 'x'",
        "",
    ),
    "null": (edited('name = "village"', 'name = "a\\u0000b"'), "line 5: city.name", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_where_it_stands(case: str) -> None:
    text, where, hint = WRONG[case]
    said = message(text)
    assert said.startswith("my.toml") and where in said and hint in said
    assert len(said) < 600 and "\n" not in said


def test_the_same_policy_twice_alike_is_refused() -> None:
    once = '\n[[policy]]\nname = "mentors"\n'
    said = message(WHOLE + once + once)
    assert "policy 4: mentors stands here with the settings of policy 3" in said


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
