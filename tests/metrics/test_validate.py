"""The scoreboard on fabricated runs whose answers are known."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import cli, validate, validate_cli
from experiments.facts import facts
from experiments.facts.catalogue import MEASURES
from experiments.facts.designs import DESIGNS, SHOCK_DAY, scenario_of
from experiments.facts.measure import interval, ratio
from sim.errors import RunFailed, UserError
from sim.scenario import Scenario

sys.path.insert(0, str(Path(__file__).parent))
from fake_run import PLANTED, FakeEngine


@pytest.fixture(scope="module")
def scores() -> dict[str, validate.Score]:
    """Measure -> its score, from three fabricated seeds of every design."""
    found, failures = validate.validate(
        Scenario(city="village"), seeds=3, years=5.0, workers=1, runner=FakeEngine()
    )
    assert not failures
    names = [part.measure for fact in facts() for part in fact.parts]
    return dict(zip(names, found, strict=True))


def test_every_fact_has_a_value(scores: dict[str, validate.Score]) -> None:
    lacking = {name: row.reason for name, row in scores.items() if row.passed is None}
    # Without contagion nothing is attributed, so there is no lag to take the mean of.
    assert set(lacking) <= {"cascade_lag"}
    assert sorted({row.rank for row in scores.values()}) == list(range(1, 29))


@pytest.mark.parametrize("measure", sorted(PLANTED))
def test_planted_values_come_back(measure: str, scores: dict[str, validate.Score]) -> None:
    row = scores[measure]
    assert row.value == pytest.approx(PLANTED[measure], rel=0.12, abs=0.02)
    assert row.low <= row.value <= row.high


def test_what_the_fabricated_city_lacks_is_failed(scores: dict[str, validate.Score]) -> None:
    # Attacks are made at random, so no habit and no answering back; nobody breeds shootings.
    assert abs(scores["reciprocity"].value) < 0.3
    assert scores["hawkes_net"].value < 0.04
    assert scores["knox_near"].value == pytest.approx(1.0, abs=0.25)
    assert scores["summer_shootings"].passed is False
    assert scores["local_aftermath"].value == pytest.approx(1.0, abs=0.06)


def test_the_table_of_facts_is_whole() -> None:
    table = facts()
    assert [fact.rank for fact in table] == list(range(1, 29))
    for fact in table:
        assert fact.evidence and fact.parts
        for part in fact.parts:
            assert part.measure in MEASURES
            assert set(MEASURES[part.measure].designs) <= set(DESIGNS)
            low, high = part.accept
            assert low is not None or high is not None
            assert low is None or high is None or low < high
            if isinstance(part.target, float | int):
                assert low is None or low <= part.target
                assert high is None or part.target <= high


def test_theories_named_in_the_table_exist() -> None:
    from sim.hypotheses import PRESETS

    for fact in facts():
        for part in fact.parts:
            for name in part.by:
                question, _, theory = name.partition("=")
                assert theory in PRESETS[question]


def test_evidence_named_in_the_table_exists() -> None:
    from sim.evidence import ledger

    known = set(ledger())
    assert {name for fact in facts() for name in fact.evidence} <= known


def test_a_theory_that_denies_a_fact_is_held_to_its_own_prediction() -> None:
    part = next(p for f in facts() for p in f.parts if p.measure == "calls_local")
    assert part.accepted({"reporting": "default"}) == (-0.05, 0.05)
    assert part.accepted({"reporting": "dpk"}) == (-0.35, -0.05)


def test_a_missing_table_or_column_is_no_data_and_says_so() -> None:
    engine = FakeEngine(lacking=("survey", "events.home_m", "groups.confident"))
    found, _ = validate.validate(
        Scenario(city="village"), seeds=2, workers=1, runner=engine, designs=["plain"]
    )
    by_part = {(row.rank, row.part): row for row in found}
    survey = by_part[17, "ever carry"]
    assert survey.passed is None and math.isnan(survey.value)
    assert survey.reason == "the run has no table survey"
    assert by_part[20, "within 250 m"].reason == "table events has no column home_m"
    assert by_part[14, "least trusting"].reason == "table groups has no column confident"
    assert by_part[24, "people shot"].reason == "needs the run shock"
    assert by_part[8, "share who die"].passed
    assert validate.fact_verdicts(found)[17] is None


class Broken(FakeEngine):
    """Every run of one design fails."""

    def run(self, scenario, seed, burnt):  # type: ignore[no-untyped-def]
        if scenario.incidents:
            raise ValueError("the incident broke it")
        return super().run(scenario, seed, burnt)


def test_a_run_that_fails_costs_only_the_facts_that_need_it() -> None:
    found, failures = validate.validate(
        Scenario(city="village"), seeds=1, workers=1, runner=Broken(), designs=["plain", "shock"]
    )
    assert [failure.label for failure in failures] == ["seed 1, shock"]
    verdicts = {(row.rank, row.part): row.passed for row in found}
    assert verdicts[24, "people shot"] is None
    assert verdicts[24, "without it"] is not None


class AllBroken(FakeEngine):
    def run(self, scenario, seed, burnt):  # type: ignore[no-untyped-def]
        raise ValueError("nothing works")


def test_without_counts_of_contacts_force_in_stops_is_held_against_stops() -> None:
    from experiments.facts.view import View

    scenario = scenario_of("plain", Scenario(city="village"), 3.0)
    result = FakeEngine().run(scenario, 1, None)
    groups = result.groups.drop(columns="contacts")
    result.groups = groups[groups.week == 0]
    used = result.events.iloc[:6].assign(kind="force", rule="stop", day=1)
    used["target_group"] = [2, 2, 2, 1, 1, 0]
    used.iloc[-1, used.columns.get_loc("rule")] = "response"  # of a call, so of no stop
    result.events = used
    row = MEASURES["force_disparity"].rows({"plain": View(result, 1, scenario)})
    assert row[:6].tolist() == [0.0, 2.0, 3.0, 400.0, 400.0, 400.0]


def test_no_run_at_all_is_a_failure() -> None:
    with pytest.raises(RunFailed, match="nothing works"):
        validate.validate(Scenario(city="village"), seeds=1, workers=1, runner=AllBroken())


def test_two_workers_score_as_one_does() -> None:
    both = [
        validate.validate(
            Scenario(city="village"),
            seeds=2,
            years=3.0,
            workers=workers,
            runner=FakeEngine(),
            designs=["plain"],
        )[0]
        for workers in (1, 2)
    ]
    one, two = ([json.dumps(row.as_json()) for row in found] for found in both)
    assert one == two


def test_verdict_needs_the_estimate_inside_and_an_interval_that_overlaps() -> None:
    assert validate.verdict(0.5, 0.4, 0.6, (0.45, 0.55)) is True
    assert validate.verdict(0.44, 0.4, 0.6, (0.45, 0.55)) is False
    assert validate.verdict(0.5, math.nan, math.nan, (0.45, 0.55)) is True
    assert validate.verdict(math.nan, 0.4, 0.6, (0.45, 0.55)) is None
    assert validate.verdict(0.5, 0.7, 0.8, (None, 0.6)) is False


def test_interval_of_a_pooled_ratio_covers_it_and_shrinks_with_seeds() -> None:
    rng = np.random.default_rng(5)
    rows = np.column_stack([rng.poisson(20, size=80), np.full(80, 100)]).astype(float)
    few, many = (interval(ratio, rows[:n], True) for n in (10, 80))
    assert few[0] < ratio(rows) < few[1]
    assert many[1] - many[0] < few[1] - few[0]
    assert all(math.isnan(end) for end in interval(ratio, rows[:1], True))


def test_designs_differ_from_the_plain_run_only_in_what_they_say() -> None:
    base = Scenario(city="village", years=2.0)
    shock = scenario_of("shock", base, 5.0)
    assert [one.day for one in shock.incidents] == [SHOCK_DAY]
    assert shock.burn_in_hash(1) == scenario_of("plain", base, 5.0).burn_in_hash(1)
    usual, many = (scenario_of(name, base, 5.0).values() for name in ("stops", "stops_x4"))
    assert {name for name in usual if usual[name] != many[name]} == {"stop_rate"}
    assert many["stop_rate"] == pytest.approx(4 * usual["stop_rate"])


def test_theories_from_the_command_line() -> None:
    assert validate.theories_named(None) == {}
    assert validate.theories_named("rivalry") == {"violence": "rivalry"}
    assert validate.theories_named("reporting=default") == {"reporting": "default"}
    with pytest.raises(UserError, match="no theory 'chaos'"):
        validate.theories_named("chaos")


def test_the_printed_table_and_the_folder(
    scores: dict[str, validate.Score], tmp_path: Path
) -> None:
    rows = list(scores.values())
    text = validate_cli.table(rows)
    assert len(text.splitlines()) == len(rows) + 2
    assert "8 lethality" in text
    assert validate_cli.summary(rows).startswith(
        f"{sum(v is True for v in validate.fact_verdicts(rows).values())} of 28 facts pass"
    )
    validate.keep(tmp_path / "out", rows, {"city": "village"})
    kept = json.loads((tmp_path / "out" / "validate.json").read_text())
    assert kept["city"] == "village"
    assert {"fact", "part", "value", "low", "high", "accept", "pass"} <= set(kept["scores"][0])
    assert (tmp_path / "out" / "scores.csv").read_text().count("\n") == len(rows) + 1


def test_the_command_prints_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(validate, "Engine", FakeEngine)
    argv = ["validate", "village", "--seeds", "1", "--years", "3", "--workers", "1", "--json"]
    assert cli.main([*argv, "--quiet", "--designs", "plain"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["fact"] for row in rows] == sorted(row["fact"] for row in rows)
    assert rows[0]["low"] is None  # one seed has no interval
    assert cli.main(["validate", "village", "--designs", "chaos"]) == 2
    assert "no design 'chaos'" in capsys.readouterr().err


def test_the_list_of_facts_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "--list", "--hypotheses", "background"]) == 0
    text = capsys.readouterr().out
    assert "18 group_share" in text
    assert "target 0.2, accepted 0 to 0.15" in text


def test_a_worker_keeps_only_small_tables_of_runs_that_others_wait_for() -> None:
    from experiments.facts.view import View

    scenario = scenario_of("plain", Scenario(city="village"), 3.0)
    views = {"plain": View(FakeEngine().run(scenario, 1, None), 1, scenario)}
    out = validate.Collected(1)
    validate.collect(out, views, coming=["shock", "local"])
    assert "lethality" in out.rows and "calls_national" not in out.rows
    assert not hasattr(views["plain"].result, "events")
    validate.collect(out, views)
    assert out.missing["calls_national"] == "needs the run shock"
    assert views == {}


def test_every_fact_that_fails_says_what_that_means(scores: dict[str, validate.Score]) -> None:
    rows = list(scores.values())
    failed = [rank for rank, v in validate.fact_verdicts(rows).items() if v is False]
    lines = validate_cli.notes(rows)
    assert [int(line.split()[0]) for line in lines] == failed and failed
    known = {fact.rank: fact.unmet for fact in facts() if fact.unmet}
    for rank, line in zip(failed, lines, strict=True):
        assert known.get(rank, validate_cli.NO_NOTE) in line
