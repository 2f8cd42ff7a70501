"""Layers of doubt: sets drawn and read, conclusions that flip, choices, and what drives them."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fake_city import FakeRunner, scenario
from scipy import stats

from experiments import choices, drivers, ensemble, screening, uncertainty, worlds
from experiments.comparing import compare
from experiments.comparison import Comparison
from experiments.outcomes import describe
from experiments.plan import plan
from experiments.uncertainty import between
from sim.errors import UserError
from sim.parameters import all_parameters
from sim.scenario import PolicyEntry

LEVER = "gang_fellowship.violence"
USUAL = all_parameters()["retaliation"].default


class Reacting(FakeRunner):
    """A city in which the fellowship works as far as one of its levers says, and one theory turns
    it into harm; the level of violence follows a parameter."""

    def run(self, scenario, seed, burnt):
        run = super().run(scenario, seed, burnt)
        level = scenario.values()["retaliation"] / USUAL
        factor = np.full(len(run.weekly), level)
        for entry in scenario.policies:
            factor *= entry.settings.get("violence", 0.5)
            if scenario.hypotheses["violence"] == "background":
                factor *= 4.0
        for name in ("persons_shot", "homicides"):
            scaled = np.rint(run.weekly[name].to_numpy() * 20 * factor)
            run.weekly[name] = scaled.astype(int)
        return run


@pytest.fixture(scope="module")
def arms():
    fellows = (PolicyEntry("gang_fellowship", {}),)
    return [scenario("baseline", parameters={}), scenario("with", policies=fellows, parameters={})]


@pytest.fixture(scope="module")
def finished(arms, tmp_path_factory):
    out = tmp_path_factory.mktemp("layers") / "out"
    return compare(
        arms,
        replicates=4,
        workers=1,
        out=out,
        runner=Reacting(),
        uncertainty="all",
        draws=24,
        headlines=("persons_shot", "homicides", "legitimacy"),
    )


# --- sets -------------------------------------------------------------------------------------


def test_ranges_leave_out_places_choices_units_and_what_is_fixed():
    names = {row.name for row in ensemble.ranges(["gang_fellowship"], fixed=["retaliation"])}
    assert LEVER in names and "arrest_effect" in names
    for absent in ("retaliation", "officers_per_1000", "programme_budget", "reference_load"):
        assert absent in all_parameters() and absent not in names


def test_the_default_is_the_median_and_the_ends_are_the_limits():
    for row in ensemble.ranges(["gang_fellowship"]):
        assert row.at(0.5) == pytest.approx(row.default)
        ends = [row.at(u) for u in (1e-9, 0.25, 0.75, 1 - 1e-9)]
        assert all(row.low - 1e-9 <= x <= row.high + 1e-9 for x in ends)
        assert ends == sorted(ends)


def test_designs_repeat_by_their_seed_and_fill_each_half():
    a, b, c = (ensemble.uniforms(40, 16, s) for s in (1, 1, 2))
    assert (a == b).all() and (a != c).any() and a.shape == (16, 40)
    assert (np.sort(np.floor(a * 16), axis=0) == np.arange(16)[:, None]).all()
    # independent otherwise: what moves together cannot be told apart
    assert np.abs(np.corrcoef(a.T) - np.eye(40)).max() < 0.9


def test_a_table_is_read_checked_and_picked_by_weight(tmp_path):
    path = tmp_path / "e.csv"
    table = pd.DataFrame(
        {"retaliation": [1.0, 2.0, 3.0], LEVER: [0.3, 0.4, 0.5], "weight": [0, 1, 3], "fit.rmse": 1}
    )
    table.to_csv(path, index=False)
    found = ensemble.read(path, ["gang_fellowship"])
    assert [d.parameters["retaliation"] for d in found] == [2.0, 3.0]
    assert found[0].settings == {LEVER: 0.4}
    chosen = [d.parameters["retaliation"] for d in ensemble.picked(found, 8, 1)]
    assert sorted(chosen) == [2.0] * 2 + [3.0] * 6
    table.to_parquet(tmp_path / "e.parquet")
    assert ensemble.read(tmp_path / "e.parquet", ["gang_fellowship"]) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("retalation\n1\n", "did you mean 'retaliation'"),
        ("retaliation\n99\n", "row 1: retaliation = 99"),
        ("retaliation\nmany\n", "something other than numbers"),
        ("retaliation\n", "no sets"),
        ("retaliation,weight\n1,0\n", "not all 0"),
        ("retaliation,weight\n1,-1\n", "0 or more"),
        ("retaliation\n\n,\n", "expected"),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, said):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=said):
        ensemble.read(path)


def test_a_table_that_is_not_there_is_named():
    with pytest.raises(UserError, match="no such file"):
        ensemble.read("nowhere.csv")


# --- worlds -----------------------------------------------------------------------------------


def test_every_arm_meets_the_same_sets_with_the_same_seeds(finished, arms):
    drawn = [w for w in finished.plan.worlds if w.layer == "parameters"]
    assert len(drawn) == 24 and all(len(w.seeds) == 2 for w in drawn)
    seeds = [s for w in drawn for s in w.seeds]
    counts = [seeds.count(s) for s in finished.plan.seeds]
    assert sum(counts) == 48 and max(counts) - min(counts) <= 8
    first = drawn[0]
    assert set(first.settings) >= {LEVER} and "weight_rivalry" not in first.parameters
    with_it = first.over(arms[1])
    assert with_it.policies[0].settings["violence"] == first.settings[LEVER]
    assert first.over(arms[0]).parameters == with_it.parameters
    fixed = dataclasses.replace(
        arms[1], policies=(PolicyEntry("gang_fellowship", {"violence": 0.7}),)
    )
    assert first.over(fixed).policies[0].settings["violence"] == 0.7


def test_what_a_scenario_sets_is_not_drawn():
    two = [
        scenario("a", parameters={"retaliation": 4.0}),
        scenario("b", parameters={"contagion": 1.0}),
    ]
    asked = plan(two, replicates=2, layers=worlds.Layers.parse("parameters", draws=4))
    drawn = worlds.drawn(asked.layers, asked.arms)
    assert len(drawn) == 4 and not {"retaliation", "contagion"} & set(drawn[0].parameters)
    assert asked.layers.left_out == ("contagion", "retaliation")


def test_an_ensemble_is_used_and_levers_it_lacks_are_still_drawn(arms, tmp_path):
    path = tmp_path / "e.csv"
    pd.DataFrame({"retaliation": np.linspace(4, 6, 8)}).to_csv(path, index=False)
    how = worlds.Layers.parse("parameters", draws=8, ensemble=str(path))
    drawn = [w for w in plan(arms, replicates=2, layers=how).worlds if w.drawn]
    assert sorted(w.parameters["retaliation"] for w in drawn) == list(np.linspace(4, 6, 8))
    assert len({w.settings[LEVER] for w in drawn}) == 8


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "paramters"}, "did you mean 'parameters'"),
        ({"text": "parameters", "draws": 2}, "expected 4 to"),
        ({"text": "run", "ensemble": "x.csv"}, "goes with"),
    ],
)
def test_layers_that_make_no_sense_are_refused(options, said):
    with pytest.raises(UserError, match=said):
        worlds.Layers.parse(**options)


def test_theories_are_drawn_as_often_as_each_other():
    chosen = worlds.theory_draws(32, 5)
    assert len({tuple(c.items()) for c in chosen}) == 32
    assert [c["withdrawal"] for c in chosen].count("on") == 16


def test_a_plan_with_sets_survives_its_file_and_more_seeds(finished, arms):
    again = Comparison.load(finished.folder)
    assert again.plan == finished.plan and again.complete
    layers = worlds.Layers.parse("all", draws=24)
    more = plan(arms, replicates=5, layers=layers, headlines=finished.plan.headlines)
    assert finished.plan.same_question(more) == ""


# --- what they say ----------------------------------------------------------------------------


def test_a_conclusion_that_a_theory_turns_is_said_to_flip(finished):
    found = {(x.kind, x.outcome.name): x for x in uncertainty.layers(finished)}
    assert found["run", "persons_shot"].verdict == "holds"
    assert found["hypotheses", "persons_shot"].verdict == "flips"
    sets = found["parameters", "persons_shot"]
    assert sets.low < sets.mean < sets.high and sets.verdict in ("holds", "may flip")
    # a lever between 0.2 and 1 times as many, by 0.5 in the middle
    assert sets.mean == pytest.approx(-0.45, abs=0.1)
    both = found["together", "persons_shot"]
    assert both.high - both.low > sets.high - sets.low and both.verdict in ("may flip", "flips")
    json.dumps([x.as_dict() for x in found.values()], allow_nan=False)


def test_sets_of_the_ranges_are_tried_until_enough_make_this_city(finished):
    layers = finished.plan.layers
    found = uncertainty.sets(finished, "parameters")
    assert len(found.kept) == layers.draws == 24 and not found.broken and not found.far
    assert found.planned == layers.tried == 24 + found.aside and found.aside > 3
    # those kept are the first of all tried whose level is near the usual one, and no others are
    arms = finished.plan.arms
    tried = [
        (f"set {k + 1}", one.parameters["retaliation"] / USUAL)
        for k, one in enumerate(
            one for batch in range(4) for one in worlds.drawn(layers, arms, batch)
        )
    ][: layers.tried]
    kept = {w.name for w in found.kept}
    for name, level in tried:
        far = abs(np.log(max(level, 1e-9))) / screening.SPREAD
        assert far > screening.CUT + 0.3 or name in kept or far > screening.CUT - 0.3
        assert far < screening.CUT + 0.3 or name not in kept
    assert tried[-1][0] in kept


def test_sets_do_not_depend_on_workers_or_interruptions(arms, tmp_path):
    class Stopping(Reacting):
        def run(self, scenario, seed, burnt):
            if len(list((tmp_path / "out" / "tried").glob("*.zip"))) == 4:
                raise KeyboardInterrupt
            return super().run(scenario, seed, burnt)

    asked = {"replicates": 2, "uncertainty": "parameters", "draws": 6, "headlines": ("homicides",)}
    once = compare(arms, workers=2, runner=Reacting(), out=tmp_path / "once", **asked)
    assert once.plan.layers.tried > 6
    with pytest.raises(KeyboardInterrupt):
        compare(arms, workers=1, runner=Stopping(), out=tmp_path / "out", **asked)
    told = Comparison.load(tmp_path / "out")
    assert not told.plan.layers.tried and not uncertainty.sets(told, "parameters").kept
    resumed = {"runner": Reacting(), "out": tmp_path / "out", "resume": True, "workers": 1}
    again = compare(arms, **resumed, **asked)
    assert again.plan == once.plan and again.table().equals(once.table())
    with pytest.raises(UserError, match="uncertainty differ"):
        compare(arms, **resumed, **{**asked, "draws": 4})


def test_the_whole_ranges_keep_other_cities_and_set_them_aside(arms, tmp_path):
    result = compare(
        arms, replicates=2, workers=1, out=tmp_path / "out", runner=Reacting(),
        uncertainty="parameters", draws=24, whole_ranges=True, headlines=("persons_shot",),
    )  # fmt: skip
    found = uncertainty.sets(result, "parameters")
    assert found.planned == 24 == len(found.kept) + found.aside and found.aside == len(found.far)
    assert all(uncertainty.implausible_at(result, w) <= screening.CUT for w in found.kept)
    assert all(uncertainty.implausible_at(result, w) > screening.CUT for w in found.far)
    assert not result.plan.layers.tried


def test_implausibility_is_the_worst_of_the_levels_and_sees_empty_cities():
    usual = {"persons_shot": 80.0, "arrests": 2000.0, "calls": 0.0}
    far = screening.implausibility
    assert far({"persons_shot": 80.0, "arrests": 2000.0, "calls": 9.0}, usual) == 0.0
    assert far({"persons_shot": 32.0, "arrests": 3000.0}, usual) == pytest.approx(3.0)
    assert far({"persons_shot": 0.0, "arrests": 2000.0}, usual) == np.inf


def test_an_arm_that_breaks_a_plausible_city_counts_against_it(arms, tmp_path):
    class Breaking(Reacting):
        def run(self, scenario, seed, burnt):
            harsh = scenario.parameters.get("contagion", 0.0) > 1.5
            if scenario.name == "with" and harsh:
                raise ArithmeticError("a hazard beyond the last layer")
            return super().run(scenario, seed, burnt)

    result = compare(
        arms, replicates=4, workers=1, out=tmp_path / "out", runner=Breaking(),
        uncertainty="parameters", draws=24, headlines=("persons_shot",),
    )  # fmt: skip
    found = uncertainty.sets(result, "parameters")
    stopped = found.stopped_under("with")
    assert 0 < stopped < 24 and len(found.kept) == 24 - stopped and found.aside > 0
    layer = next(x for x in uncertainty.layers(result) if x.kind == "parameters")
    assert layer.against >= stopped / 24 and layer.verdict in ("may flip", "flips")
    text = result.report().read_text(encoding="utf-8")
    assert f"Under {stopped} sets that make this city with could not go on" in text


def test_variance_between_sets_leaves_out_the_luck_of_runs():
    rng = np.random.default_rng(3)
    truth = rng.normal(0.0, 2.0, 4000)
    runs = truth[:, None] + rng.normal(0.0, 3.0, (4000, 2))
    mean, tau2, error2 = between(runs.mean(axis=1), runs.var(axis=1, ddof=1) / 2)
    assert tau2 == pytest.approx(4.0, rel=0.12) and abs(mean) < 4 * error2**0.5
    assert between(np.array([1.0, 1.0]), np.array([9.0, 9.0]))[1] == 0.0


def test_the_lever_that_drives_it_stands_out(finished):
    found = drivers.drivers(finished, "with", "persons_shot")
    top = found.rows[0]
    assert top.name == LEVER and top.stands_out and top.lever and top.correlation > 0.9
    assert top.at_low < found.mean < top.at_high
    others = [r for r in found.rows if not r.lever]
    assert sum(r.stands_out for r in others) <= 1 and 0.3 < found.threshold < 1.0


def test_choices_add_up_and_regret_is_the_shortfall(finished):
    found = choices.decisions(finished)
    assert found.states == "parameter sets and theories"
    shot = {c.arm: c for c in found.choices if c.outcome.name == "persons_shot"}
    assert sum(c.best_in for c in shot.values()) == pytest.approx(1.0)
    assert sum(c.best_by_luck for c in shot.values()) == pytest.approx(1.0)
    assert shot["with"].best_by_luck > 0.99 and shot["with"].best_in < 1.0
    assert min(c.regret for c in shot.values()) >= 0.0
    assert shot["baseline"].worst_regret == pytest.approx(0.8, abs=0.25)
    ((arm, share),) = found.satisficing
    assert arm == "with" and 0.5 < share <= shot["with"].best_in + 1e-9


def test_few_seeds_that_agree_leave_as_much_doubt_as_their_interval():
    arms = ("baseline", "with")
    gains = np.array([0.4, 1.9, 0.3, 3.1])
    few = SimpleNamespace(
        arms=arms,
        baseline="baseline",
        values=lambda name, arm, world=None: 100.0 - gains * (arm == "with"),
        seeds=lambda name: (1, 2, 3, 4),
    )
    best = choices._best(choices._likely_means(few, describe("persons_shot"), arms))
    t = gains.mean() / (gains.std(ddof=1) / 2.0)
    assert best.mean(axis=0)[1] == pytest.approx(stats.t.cdf(t, 3), abs=0.02)
    assert best.mean(axis=0)[1] < 0.97  # though all four seeds agree


def test_broken_sets_are_counted_and_take_nothing_with_them(arms, tmp_path):
    class Breaking(Reacting):
        def run(self, scenario, seed, burnt):
            if scenario.parameters.get("contagion", 0.0) > 1.0:
                raise ArithmeticError("a hazard beyond the last layer")
            return super().run(scenario, seed, burnt)

    out = tmp_path / "out"
    result = compare(
        arms,
        replicates=2,
        workers=1,
        out=out,
        runner=Breaking(),
        uncertainty="parameters",
        draws=12,
    )
    found = uncertainty.sets(result, "parameters")
    assert (
        0 < found.broken < found.planned
        and len(found.kept) == 12
        and result.complete
        and result.failures == []
    )
    assert result.plan.layers.broken == found.broken
