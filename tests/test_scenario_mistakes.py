"""Scenario files: every mistake is named at its place, and what is right is read as it stands."""

from __future__ import annotations

from datetime import date

import pytest

from sim.errors import UserError
from sim.scenario import Incident, PolicyEntry, Scenario
from tests.whole_scenario import WHOLE, with_mentors


@pytest.fixture(autouse=True)
def _mentors(monkeypatch: pytest.MonkeyPatch) -> None:
    with_mentors(monkeypatch)


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
