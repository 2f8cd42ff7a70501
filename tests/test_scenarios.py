"""The scenarios that ship with Peel: commented, valid, and each of them runs on `village`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import experiments
from sim import Scenario
from sim.policies import registry
from sim.run import Burnt, burn_in, run

FOLDER = Path(experiments.__file__).parent / "scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
_BURNT: dict[str, Burnt] = {}


def on_village(name: str) -> Scenario:
    """A quarter of a year of it, later dates drawn in; policies of the past keep theirs."""
    whole = Scenario.load(name)
    policies = tuple(
        type(p)(p.name, {**p.settings, **({"start": 14} if p.start > 14 else {})})
        for p in whole.policies
    )
    return whole.with_changes(city="village", years=91 / 365, policies=policies)


def test_what_a_team_would_ask_for_is_there() -> None:
    assert len(NAMES) >= 12
    asked = {name: [p.name for p in Scenario.load(name).policies] for name in NAMES}
    assert sum(len(some) >= 3 for some in asked.values()) >= 3, "three packages"
    ended = [
        name for name in NAMES
        for p in Scenario.load(name).policies
        if registry()[p.name].harm and p.start < 0 and p.end == 0
    ]  # fmt: skip
    assert len(ended) >= 2, "two harms ended"
    assert {"publicised_incident", "transparency"} <= set(asked["incident_and_reform"])
    assert Scenario.load("scrutiny").hypotheses["withdrawal"] == "on"


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_commented_and_named_as_its_file(name: str) -> None:
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    comment = [line for line in text.splitlines() if line.startswith("# ")]
    assert len(comment) >= 2 or "# " in text.split("[city]")[0]
    scenario = Scenario.load(name)
    assert scenario.name == name and len(scenario.about) > 20
    assert scenario.headlines and all(len(line) <= 100 for line in text.splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_runs_on_village_and_its_policies_do_something(name: str) -> None:
    scenario = on_village(name)
    past = scenario.burn_in_hash(1)
    burnt = _BURNT.get(past) or _BURNT.setdefault(past, burn_in(scenario, 1))
    result = run(scenario, 1, burnt=burnt, means=False)
    assert result.days == 91
    for entry in scenario.policies:
        rows = result.policies[result.policies["policy"] == entry.name]
        if entry.end == 0:
            assert (rows["reach"] == 0).all()
        else:
            assert (rows["dose"] > 0).any(), entry.name


def test_a_harm_that_is_ended_is_ended_from_a_city_that_has_it() -> None:
    for name in ("quotas", "patdowns"):
        kept, ended = on_village(f"{name}_kept"), on_village(f"{name}_ended")
        assert kept.burn_in_hash(1) == ended.burn_in_hash(1)
        past = kept.burn_in_hash(1)
        burnt = _BURNT.get(past) or _BURNT.setdefault(past, burn_in(kept, 1))
        stops = [run(s, 1, burnt=burnt, means=False).totals["stops"] for s in (kept, ended)]
        assert stops[0] > 1.1 * stops[1], name


def test_they_are_named_where_a_scenario_is_looked_for(peel: Any) -> None:
    said = peel("run", "after_care")
    assert said.code == 2 and "aftercare" in said.err
