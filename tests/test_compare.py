"""Comparisons: paired, resumable, and unharmed by dying workers."""

import dataclasses
import json
import math
import os

import numpy as np
import pandas as pd
import pytest
from fake_city import FakeRunner, scenario

import experiments
from experiments import kept, outcomes
from experiments.comparing import compare
from experiments.comparison import Comparison
from experiments.folder import path_of, read_plan
from experiments.plan import plan
from sim.errors import RunFailed, UserError
from sim.scenario import Incident


@pytest.fixture(scope="module")
def arms():
    return [scenario("baseline"), scenario("fellowship"), scenario("training")]


@pytest.fixture(scope="module")
def finished(arms, tmp_path_factory):
    out = tmp_path_factory.mktemp("compare") / "out"
    return compare(arms, replicates=6, workers=1, out=out, runner=FakeRunner())


def test_the_package_offers_compare_and_load(finished):
    assert callable(experiments.compare)
    assert experiments.load(finished.folder).arms == finished.arms


def test_differences_are_paired_by_seed(finished):
    a = finished.values("persons_shot", "baseline")
    b = finished.values("persons_shot", "fellowship")
    (row,) = (r for r in finished.differences(names=["persons_shot"]) if r.arm == "fellowship")
    assert row.result.n == 6 and row.result.difference == pytest.approx((b - a).mean())
    assert row.result.variance_ratio == pytest.approx(
        (a.var(ddof=1) + b.var(ddof=1)) / (b - a).var(ddof=1)
    )
    assert row.headline and row.verdict == "better" and row.chance_better > 0.95
    assert row.rate[0] == pytest.approx(row.result.difference / 50_025 * 1e5, rel=1e-2)


def test_json_has_the_keys_others_rely_on(finished):
    data = json.loads(json.dumps(finished.to_dict(), allow_nan=False))
    assert data["arms"] == ["baseline", "fellowship", "training"]
    wanted = {
        "outcome",
        "unit",
        "baseline",
        "arm",
        "mean",
        "difference",
        "relative",
        "low",
        "high",
        "variance_ratio",
    }
    assert data["outcomes"] and all(wanted <= set(row) for row in data["outcomes"])
    assert {row["arm"] for row in data["outcomes"]} == {"fellowship", "training"}
    assert data["complete"] and data["failures"] == []


def test_exploratory_outcomes_are_marked_and_adjusted(finished):
    rows = finished.differences()
    assert {r.outcome.name for r in rows if r.headline} <= set(outcomes.HEADLINES)
    assert all(math.isnan(r.adjusted_p) for r in rows if r.headline)
    assert all(
        r.adjusted_p >= r.result.p_value - 1e-12
        for r in rows
        if not r.headline and not math.isnan(r.result.p_value)
    )


def test_tables_carry_arm_and_seed(finished):
    weekly = finished.tables("weekly")
    assert set(weekly["arm"]) == set(finished.arms) and set(weekly["seed"]) == set(finished.seeds())
    assert len(finished.tables("areas")) == 3 * 6 * 24  # one year, 24 areas
    assert finished.tables("events").empty


def test_burn_in_is_shared_by_the_arms_of_a_seed(tmp_path):
    first = scenario("baseline")
    later = dataclasses.replace(first, name="later", incidents=(Incident(30, 0.5),))
    arms = [first, later]
    notes = tmp_path / "notes"
    notes.mkdir()
    compare(
        arms, replicates=2, workers=1, out=tmp_path / "out", runner=FakeRunner(notes=str(notes))
    )
    assert (notes / "burn-in 1").read_text() == "x" and (notes / "burn-in 2").read_text() == "x"


def test_interrupted_work_is_kept_and_resumed(arms, tmp_path):
    class Interrupting(FakeRunner):
        def run(self, scenario, seed, burnt):
            if seed == 3 and scenario.name == "training":
                raise KeyboardInterrupt
            return super().run(scenario, seed, burnt)

    out, notes = tmp_path / "out", tmp_path / "notes"
    notes.mkdir()
    with pytest.raises(KeyboardInterrupt):
        compare(arms, replicates=4, workers=1, out=out, runner=Interrupting(notes=str(notes)))
    partial = Comparison.load(out)
    assert partial.seeds() == [1, 2] and not partial.complete
    assert len(list((out / "runs").iterdir())) == 8
    whole = compare(
        arms, replicates=4, workers=1, out=out, resume=True, runner=FakeRunner(notes=str(notes))
    )
    assert whole.seeds() == [1, 2, 3, 4] and whole.complete
    assert (notes / "fellowship 3").read_text() == "x"  # finished before, not run again
    fresh = compare(arms, replicates=4, workers=1, out=tmp_path / "fresh", runner=FakeRunner())
    pd.testing.assert_frame_equal(fresh.table(), whole.table())


def test_resume_may_add_seeds_but_not_change_the_question(finished, arms, tmp_path):
    out = tmp_path / "out"
    compare(arms, replicates=2, workers=1, out=out, runner=FakeRunner())
    more = compare(arms, replicates=3, workers=1, out=out, resume=True, runner=FakeRunner())
    assert more.seeds() == [1, 2, 3]
    with pytest.raises(UserError, match="another comparison"):
        compare(arms[:2], replicates=2, out=out, resume=True, runner=FakeRunner())
    with pytest.raises(UserError, match="exists already"):
        compare(arms, replicates=2, out=out, runner=FakeRunner())


def test_two_workers_give_the_same_as_one(finished, arms, tmp_path):
    both = compare(arms, replicates=6, workers=2, out=tmp_path / "out", runner=FakeRunner())
    pd.testing.assert_frame_equal(both.table(), finished.table())


def test_a_dead_worker_loses_nothing(arms, tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "lethal").touch()
    runner = FakeRunner(dies=(("fellowship", 2),), notes=str(notes))
    out = tmp_path / "out"
    result = compare(arms, replicates=3, workers=2, out=out, runner=runner)
    assert result.seeds() == [1, 3] and not result.complete
    (failure,) = result.manifest["failures"]
    assert failure["label"] == "seed 2" and "died" in failure["error"]
    (notes / "lethal").unlink()
    assert compare(arms, replicates=3, workers=2, out=out, runner=runner, resume=True).complete


def test_a_run_that_fails_is_told_and_the_rest_goes_on(arms, tmp_path):
    runner = FakeRunner(fails=(("training", 2),))
    result = compare(arms, replicates=3, workers=1, out=tmp_path / "out", runner=runner)
    assert result.seeds() == [1, 3]
    assert "hazard" in result.manifest["failures"][0]["error"]
    runner = FakeRunner(fails=tuple(("training", s) for s in range(5)))
    with pytest.raises(RunFailed, match="hazard"):
        compare(arms, replicates=3, workers=1, out=tmp_path / "none", runner=runner)


def test_a_full_disk_stops_it(arms, tmp_path, monkeypatch):
    monkeypatch.setattr(
        kept, "save", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(RunFailed, match="No space"):
        compare(arms, replicates=1, workers=1, out=tmp_path / "out", runner=FakeRunner())


def test_hypotheses_repeat_every_arm(arms, tmp_path):
    result = compare(
        arms[:2],
        replicates=2,
        workers=1,
        hypotheses="withdrawal",
        out=tmp_path / "o",
        runner=FakeRunner(),
    )
    assert result.worlds() == ["as given", "withdrawal = off"]
    assert len(result.differences("withdrawal = off", ["homicides"])) == 1
    asked = plan(arms, hypotheses="all")
    assert len(asked.worlds) == 1 + 3 + 3 + 1


def test_precision_adds_seeds_until_tight_or_at_the_limit(arms, tmp_path):
    result = compare(
        arms[:2],
        replicates=3,
        workers=1,
        precision="0.04:stops",
        most=12,
        out=tmp_path / "a",
        runner=FakeRunner(),
    )
    (row,) = result.differences(names=["stops"])
    assert row.result.half_width <= 0.04 * row.result.baseline_mean or len(result.seeds()) == 12
    limited = compare(
        arms[:2],
        replicates=2,
        workers=1,
        precision="0.0001:homicides",
        most=4,
        out=tmp_path / "b",
        runner=FakeRunner(),
    )
    assert limited.seeds() == [1, 2, 3, 4]


def test_plan_round_trips_through_its_folder(finished, arms):
    again = read_plan(finished.folder)
    assert again.to_dict() == finished.plan.to_dict()
    assert [r.hash for r in again.runs()] == [r.hash for r in finished.plan.runs()]


def test_runs_of_an_older_model_are_read_but_not_mixed_with_new_ones(arms, tmp_path, monkeypatch):
    out = tmp_path / "out"
    before = compare(arms[:2], replicates=2, workers=1, out=out, runner=FakeRunner())
    monkeypatch.setattr("sim.scenario.MODEL_VERSION", "9.9.9")
    again = Comparison.load(out)
    assert again.complete and again.to_dict()["outcomes"] == before.to_dict()["outcomes"]
    with pytest.raises(UserError, match="another version of the model"):
        compare(arms[:2], replicates=3, workers=1, out=out, resume=True, runner=FakeRunner())


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda a: a[:1], "at least 2"),
        (lambda a: [a[0], a[0]], "called 'baseline'"),
        (lambda a: [a[0], dataclasses.replace(a[0], name="again")], "same scenario"),
        (lambda a: [a[0], dataclasses.replace(a[1], years=2.0)], "years"),
        (lambda a: [a[0], dataclasses.replace(a[1], city="district", city_digest="")], "city"),
    ],
)
def test_bad_arms_are_refused(arms, change, message, tmp_path):
    with pytest.raises(UserError, match=message):
        compare(change(arms), out=tmp_path / "out", runner=FakeRunner())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"replicates": 0}, "replicates = 0"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [1, 1]}, "seeds"),
        ({"baseline": "trainings"}, "did you mean 'training'"),
        ({"workers": 0}, "workers = 0"),
        ({"precision": "tight"}, "WIDTH:OUTCOME"),
        ({"hypotheses": "violense"}, "did you mean 'violence'"),
    ],
)
def test_bad_options_are_refused(arms, options, message, tmp_path):
    with pytest.raises(UserError, match=message):
        compare(arms, out=tmp_path / "out", runner=FakeRunner(), **options)
    assert not (tmp_path / "out").exists()


def test_damaged_folders_are_refused(finished, arms, tmp_path):
    with pytest.raises(UserError, match="not a comparison"):
        Comparison.load(tmp_path)
    (tmp_path / "compare.json").write_text("{")
    with pytest.raises(UserError, match="can't be read"):
        Comparison.load(tmp_path)
    (tmp_path / "compare.json").write_text(json.dumps({"plan": {"format": 1}}))
    with pytest.raises(UserError, match="half-written"):
        Comparison.load(tmp_path)
    (tmp_path / "compare.json").write_text((finished.folder / "compare.json").read_text())
    with pytest.raises(UserError, match="half-written"):
        Comparison.load(tmp_path)
    first = next(iter(finished.plan.runs()))
    broken = path_of(tmp_path, first)
    broken.parent.mkdir()
    broken.write_bytes(path_of(finished.folder, first).read_bytes()[:500])
    with pytest.raises(UserError, match="not a finished run"):
        Comparison.load(tmp_path)


def test_runs_are_kept_whole_or_not_at_all(finished, tmp_path, monkeypatch):
    one = kept.load(
        path_of(finished.folder, next(iter(finished.plan.runs()))), ["weekly", "groups"]
    )
    path = tmp_path / "runs" / "x.zip"
    kept.save(one, path)
    again = kept.load(path, ["weekly", "groups"])
    assert again.meta == one.meta
    pd.testing.assert_frame_equal(again.tables["groups"], one.tables["groups"])
    path.unlink()
    monkeypatch.setattr(
        os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(OSError):
        kept.save(one, path)
    assert list(path.parent.iterdir()) == []


def test_years_sum_counts_and_average_levels():
    weeks = np.arange(106)
    table = pd.DataFrame(
        {"week": weeks, "area": 0, "stops": 1, "fear": weeks / 100.0, "population": 10}
    )
    out = kept.by_year(table, kept.AREA_KEYS)
    assert out["year"].tolist() == [0, 1] and out["stops"].tolist() == [52, 54]
    assert out["population"].tolist() == [10, 10]
    assert out["fear"].iloc[0] == pytest.approx(weeks[:52].mean() / 100.0)


def test_outcomes_of_a_run():
    weekly = pd.DataFrame(
        {
            "week": [0, 1],
            "homicides": [1, 2],
            "legitimacy": [0.4, 0.6],
            "retaliatory_incidents": [1, 0],
            "shooting_incidents": [2, 2],
        }
    )
    recorded = pd.DataFrame({"week": [0, 1], "homicides_recorded": [0, 0], "cleared_fatal": [0, 0]})
    out = outcomes.of_run(weekly, recorded, {"mine": 3, "homicides": 99, "text": "x"})
    assert out["homicides"] == 3 and out["legitimacy"] == pytest.approx(0.5) and out["mine"] == 3
    assert out["retaliatory_share"] == 0.25 and math.isnan(out["clearance_fatal"])
    assert "week" not in out and "text" not in out
    assert outcomes.describe("something_new").better == ""


def test_outcomes_that_do_not_exist_are_refused_before_anything_runs(peel, tmp_path):
    words = ["compare", "baseline", "fellowship", "--out", tmp_path / "out"]
    said = peel(*words, "--headlines", "homicides,persons_shott")
    assert said.code == 2 and "did you mean 'persons_shot'" in said.err
    said = peel(*words, "--precision", "0.1:homicide")
    assert said.code == 2 and "did you mean 'homicides'" in said.err
    own = tmp_path / "own.toml"
    own.write_text('[city]\nname = "district"\n[run]\nheadlines = ["homicide"]\n')
    for first in (["compare", own, "fellowship"], ["compare", "fellowship", own], ["run", own]):
        said = peel(*first, "--out", tmp_path / "out")
        assert said.code == 2 and "'own', run.headlines: no outcome 'homicide'" in said.err
        assert "did you mean 'homicides'" in said.err
    assert not (tmp_path / "out").exists()


def test_a_city_file_is_called_by_its_name():
    from sim.scenario_checks import _called

    assert _called("out/chicago.city.json.gz") == _called("chicago.city.json") == "chicago"
    assert _called("a\\b\\town.json") == "town" and _called("synthetic:3000") == "synthetic:3000"


def test_library_scenarios_are_laid_in_a_bare_city(tmp_path):
    """`peel compare ourtown.city.json fellowship` asks what the programme does there."""
    made = plan(["village", "fellowship", "training"])
    first, *others = (arm.scenario for arm in made.arms)
    assert [arm.name for arm in made.arms] == ["village", "fellowship", "training"]
    for one in others:
        assert (one.city, one.start, one.years, one.burn_in_years) == (
            "village",
            first.start,
            first.years,
            first.burn_in_years,
        )
        assert one.policies and one.city_digest == first.city_digest
    own = tmp_path / "own.toml"
    own.write_text('name = "own"\n[city]\nname = "district"\n')
    with pytest.raises(UserError, match="arms differ in city"):
        plan(["village", "fellowship", own])
    with pytest.raises(UserError, match="arms differ in city"):  # a scenario's city is its own
        plan(["fellowship", "village"])


def test_every_outcome_of_a_run_has_a_title_a_unit_and_how_it_is_summed():
    from sim import Scenario, run

    result = run(Scenario(city="synthetic:400", years=0.05, burn_in_years=0), seed=1)
    found = outcomes.of_run(result.weekly, result.recorded, result.summary)
    assert found and not set(found) - set(outcomes.CATALOGUE)
    assert all(outcomes.describe(name).unit for name in found)
