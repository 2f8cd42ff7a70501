"""Sensitivity, discovery, decisions and emulators against what is known of the answers."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from experiments import decisions
from experiments.analysis import discovery, plots, sensitivity, study
from experiments.sweep import design, drive, sampling
from sim.errors import UserError
from tests.sweep.fake import Fake, result

pytest.importorskip("SALib", reason="needs the analysis extra")
pytest.importorskip("sklearn", reason="needs the analysis extra")


# --- sensitivity ------------------------------------------------------------------------------


def ishigami(x, a=7.0, b=0.1):
    """Its indices are known in closed form (Ishigami & Homma 1990)."""
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_indices_of_a_function_with_known_ones():
    unit = sampling.unit_points("saltelli", 4096, 3, 1)
    found = sensitivity.sobol(ishigami(np.pi * (2 * unit - 1)), ["x1", "x2", "x3"])
    known = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
    for name, (first, total) in known.items():
        row = found.table.loc[name]
        assert abs(row["first"] - first) < 0.02 and abs(row["total"] - total) < 0.02
        assert row["first_low"] - 0.01 <= first <= row["first_high"] + 0.01
        assert row["total_low"] - 0.01 <= total <= row["total_high"] + 0.01
    assert found.table.index[0] == "x1" and found.noise.seeds == 1
    assert "unknown" in found.noise.line()
    assert plots.indices(found).axes


def test_morris_ranks_factors_and_sees_a_straight_line_as_straight():
    unit = sampling.unit_points("morris", 20, 4, 1)
    values = 10 * unit[:, 0] + 3 * unit[:, 1] + 5 * unit[:, 2] * unit[:, 3]
    found = sensitivity.morris(unit, values, list("abcd"))
    table = found.table
    assert table.index[0] == "a" and abs(table.loc["a", "mu_star"] - 10) < 1e-9
    assert table.loc["a", "sigma"] < 1e-9 < table.loc["c", "sigma"]
    assert plots.indices(found).axes


def test_indices_of_any_sample():
    rng = np.random.default_rng(1)
    x = rng.random((600, 3))
    found = sensitivity.given_data(x, 4 * x[:, 1] + 0.5 * x[:, 2] + rng.normal(0, 0.1, 600), "abc")
    assert list(found.table.index[:2]) == ["b", "c"]
    expected = 4 / np.sqrt(4**2 + 0.5**2 + 12 * 0.1**2)
    assert abs(found.table.loc["b", "slope"] - expected) < 0.03
    idle = found.table.loc["a"]
    assert idle["slope_low"] < 0 < idle["slope_high"] or abs(idle["slope"]) < 0.02
    assert found.table.loc["b", "pawn"] > 2 * idle["pawn"]
    assert found.table.loc["b", "first"] > 0.9 > 0.1 > found.table.loc["a", "first"]
    assert plots.indices(found).axes


def test_the_share_of_noise_is_the_one_that_was_put_in():
    rng = np.random.default_rng(2)
    truth = rng.normal(0, 2.0, 3000)  # variance 4
    common = rng.normal(0, 5.0, 4)  # what a seed adds everywhere: no noise between points
    values = truth[:, None] + common + rng.normal(0, 1.0, (3000, 4))  # variance 1
    _, noise = sensitivity.means_and_noise(values)
    assert abs(noise.share_of_runs - 1 / 5) < 0.015
    assert abs(noise.share_of_means - 0.25 / 4.25) < 0.01
    still = sensitivity.means_and_noise(np.repeat(truth[:, None], 3, axis=1))[1]
    assert still.share_of_runs < 1e-12


def test_indices_are_refused_where_a_value_is_missing():
    values = np.ones(20)
    values[3] = np.nan
    with pytest.raises(UserError, match="1 of 20 values are missing"):
        sensitivity.sobol(values, list("abc"), "homicides")
    with pytest.raises(UserError, match="nothing drives it"):
        sensitivity.sobol(np.ones(20), list("abc"))
    with pytest.raises(UserError, match="no Saltelli design"):
        sensitivity.sobol(np.arange(21.0), list("abc"))


# --- discovery --------------------------------------------------------------------------------


def corner():
    """512 points of a Sobol sequence; of interest are a corner of three factors, a tenth flipped."""
    unit = qmc.Sobol(d=4, scramble=False).random_base2(9)
    x = pd.DataFrame({"a": unit[:, 0], "b": unit[:, 1], "c": unit[:, 2]})
    x["d"] = np.where(unit[:, 3] < 0.5, "low", "high")
    y = ((x["a"] < 0.45) & (x["b"] > 0.55) & (x["d"] == "low")).to_numpy()
    return x, y ^ (np.arange(512) % 11 == 0)


def test_prim_peels_as_the_ema_workbench_does():
    """Reference: ema_workbench 2.5.3, Prim(x, y, threshold=0.7, peel_alpha=0.05).find_box()."""
    x, y = corner()
    found = discovery.prim(x, y, threshold=0.7)[0]
    theirs = [
        (1.0, 0.167969, 1.0), (0.720930, 0.242188, 0.5), (0.709302, 0.251029, 0.474609),
        (0.709302, 0.265217, 0.449219), (0.709302, 0.279817, 0.425781),
        (0.709302, 0.294686, 0.404297), (0.709302, 0.311224, 0.382812),
        (0.697674, 0.322581, 0.363281), (0.674419, 0.329545, 0.343750),
        (0.674419, 0.347305, 0.326172),
    ]  # fmt: skip
    ours = found.trajectory[["coverage", "density", "mass"]].head(10).to_numpy()
    assert np.allclose(ours, theirs, atol=1e-6)
    assert abs(found.box.coverage - 0.546512) < 1e-6 and found.box.density >= 0.734375
    assert set(found.box.limits) == {"a", "b", "d"}


def test_figures_of_their_box_are_theirs():
    x, y = corner()
    limits = {"a": (0.0, 0.554688), "b": (0.544922, 0.998047), "d": frozenset({"low"})}
    box = discovery.measured(x, y, limits)
    assert (box.inside, box.of_interest) == (64, 47)
    assert abs(box.coverage - 0.546512) < 1e-6
    assert (box.density, box.mass) == (0.734375, 0.125)
    theirs = {"a": 2.0268e-07, "b": 1.8601e-08, "d": 2.0742e-07}
    for name, p in theirs.items():
        assert abs(box.quasi_p[name] / p - 1) < 1e-3


def test_their_published_examples():
    """test_prim.py of the EMA Workbench: a box of two of three points; quantiles between values."""
    x = pd.DataFrame({"a": [0.0, 2, 3], "b": [1.0, 5, 2], "c": [2.0, 6, 1]})
    box = discovery.measured(x, [True, True, False], {"a": (0, 2), "b": (1, 5), "c": (1, 6)})
    assert (box.coverage, box.density, box.mass) == (1, 1, 2 / 3)
    ten = list(range(10))
    for share, value in ((0.9, 8.5), (0.95, 8.5), (0.1, 0.5), (0.05, 0.5)):
        assert discovery.quantile(ten, share) == value
        assert discovery.quantile([1], share) == 1
    eleven = [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
    for share, value in ((0.9, 8.5), (0.95, 8.5), (0.1, 1.5), (0.05, 1.5)):
        assert discovery.quantile(eleven, share) == value


def test_a_box_is_told_on_cases_that_had_no_part_in_it():
    x, y = corner()
    pairs = discovery.checked(x, y, threshold=0.6)
    assert pairs and all(set(a.limits) == set(b.limits) for a, b in pairs)
    inside, outside = pairs[0]
    assert outside.density > 0.4 and outside.inside + inside.inside < 512
    noise = np.random.default_rng(0).random(512) < 0.3
    assert all(b.density < 0.55 for _, b in discovery.checked(x, noise, threshold=0.6))


def test_cart_finds_the_corner_too():
    x, y = corner()
    boxes = discovery.cart(x, y)
    covered = sum(box.coverage for box in boxes)
    assert covered > 0.5 and all(box.density > 0.5 for box in boxes)
    assert all(box.limits["d"] == frozenset({"low"}) for box in boxes)
    assert all(box.contains(x).sum() == box.inside for box in boxes)


def test_nothing_to_find_is_said():
    x, _ = corner()
    with pytest.raises(UserError, match="0 of 512"):
        discovery.prim(x, np.zeros(512, dtype=bool))
    with pytest.raises(UserError, match="one each"):
        discovery.prim(x, [True])


# --- decisions --------------------------------------------------------------------------------


def test_regret_and_its_like():
    table = pd.DataFrame({"a": [1.0, 9.0, 4.0], "b": [2.0, 3.0, 4.0], "c": [5.0, 5.0, 5.0]})
    found = decisions.summary(table, "lower", threshold=4.0)
    assert found.index[0] == "b" and found.loc["b", "largest_regret"] == 1.0
    assert found.loc["a", "largest_regret"] == 6.0 and found.loc["b", "satisficing"] == 1.0
    assert abs(found["probability_best"].sum() - 1) < 1e-12
    higher = decisions.summary(-table, "higher", threshold=-4.0)
    assert higher["largest_regret"].equals(found["largest_regret"])
    assert plots.regrets(decisions.regret(table, "lower")).axes
    with pytest.raises(UserError, match="lower or higher"):
        decisions.regret(table, "less")


def test_the_pareto_set_is_what_nobody_beats():
    rng = np.random.default_rng(3)
    options = pd.DataFrame(rng.integers(0, 6, (40, 3)), columns=["deaths", "cost", "trust"])
    better = {"deaths": "lower", "cost": "lower", "trust": "higher"}
    kept = decisions.pareto(options, better)
    signed = options.assign(trust=-options["trust"]).to_numpy()
    for i, row in enumerate(signed):
        beaten = any((o <= row).all() and (o < row).any() for o in signed)
        assert kept.iloc[i] == (not beaten)


# --- surfaces ---------------------------------------------------------------------------------


def test_an_emulator_says_its_own_error():
    from experiments.analysis.surface import grid, surface

    rng = np.random.default_rng(4)
    unit = sampling.unit_points("latin", 120, 3, 5)
    x = pd.DataFrame({"a": unit[:, 0] * 10, "b": unit[:, 1], "idle": unit[:, 2] * 100})

    def truth(f):
        return np.sin(f["a"] / 2) + 2 * f["b"] ** 2

    fitted = surface(x, truth(x) + rng.normal(0, 0.05, 120), luck=0.05**2)
    assert fitted.error.r2 > 0.97 and 0.04 < fitted.error.rmse < 0.12
    assert fitted.error.held > 0.85 and "R2" in fitted.error.line()
    assert fitted.lengths["idle"] > 3 * max(fitted.lengths["a"], fitted.lengths["b"])
    lines = grid(fitted, "a", "b", steps=9)
    assert np.abs(lines["mean"] - truth(lines)).mean() < 0.1
    assert plots.contours(fitted, "a", "b").axes
    with pytest.raises(UserError, match="outside the ranges"):
        fitted(pd.DataFrame({"a": [11.0], "b": [0.5], "idle": [1.0]}))
    pure = surface(x, rng.normal(0, 1, 120))
    assert pure.error.r2 < 0.15  # nothing to be known, and it says so
    with pytest.raises(UserError, match="at least 20"):
        surface(x.head(5), np.arange(5.0))


# --- of a sweep -------------------------------------------------------------------------------


class Known(Fake):
    """Homicides fall with the policy, the more the higher `weight_rivalry`."""

    def run(self, scenario, seed, burnt):
        made = result(scenario.hash(seed))
        values = scenario.values()
        rivalry, inertia = values["weight_rivalry"], values["weight_inertia"]
        luck = 0.1 * np.sin(37.0 * seed + 11.0 * rivalry)
        effect = -5.0 * rivalry if scenario.policies else 0.0
        made.weekly["homicides"] = 20.0 + inertia + effect + luck
        return made


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    asked = design.built({
        "base": "village", "run": {"years": 0.1, "burn_in_years": 0.1}, "method": "saltelli",
        "points": 32, "replicates": 2,
        "factor": [
            {"vary": "weight_rivalry"}, {"vary": "weight_inertia"}, {"vary": "fear_half_life"},
            {"vary": "policy.gang_fellowship", "cross": True},
        ],
    })  # fmt: skip
    drive.sweep(asked, folder / "out", on="here", runner=Known())
    return folder / "out"


def test_what_drives_an_effect(swept, peel, tmp_path):
    said = peel("sensitivity", swept, "--outcome", "homicides", "--effect",
                "policy.gang_fellowship", "--json", "--plots", tmp_path)  # fmt: skip
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["method"] == "sobol" and told["factors"][0]["factor"] == "weight_rivalry"
    assert told["factors"][0]["total"] > 0.95 and told["factors"][1]["total"] < 0.1
    assert told["noise"]["seeds"] == 2
    for kind in ("plot", "table"):
        assert (tmp_path / told[kind].rpartition("/")[2]).stat().st_size > 100
    said = peel("sensitivity", swept, "--outcome", "homicides", "--effect",
                "policy.gang_fellowship", "--plots", tmp_path)  # fmt: skip
    assert said.code == 0 and "weight_rivalry" in said.out and "noise" in said.out


def test_a_study_is_written_from_the_folder_alone(peel, tmp_path):
    asked = design.built({
        "base": "village", "run": {"years": 0.1, "burn_in_years": 0.1}, "method": "sobol",
        "points": 128, "replicates": 2,
        "factor": [
            {"vary": "weight_rivalry"}, {"vary": "weight_inertia"}, {"vary": "fear_half_life"},
            {"vary": "policy.gang_fellowship", "cross": True},
        ],
    })  # fmt: skip
    drive.sweep(asked, tmp_path / "out", on="here", runner=Known())
    words = ["sensitivity", tmp_path / "out", "--outcome", "homicides"]
    effect = ["--effect", "policy.gang_fellowship", "--docs", tmp_path / "study.md", "--json"]
    said = peel(*words, *effect)
    assert said.code == 0, said.err
    told = json.loads(said.out)
    page = (tmp_path / "study.md").read_text()
    first = told["factors"][0]
    assert f"| `weight_rivalry` | {first['slope']:+.2f} ({first['slope_low']:+.2f} to" in page
    assert "128 points of a sobol design" in page and "512 runs" in page
    assert f"{told['mean']:+.2f} (95 % interval" in page
    assert (tmp_path / "pictures" / "study.png").stat().st_size > 1000
    shutil.rmtree(tmp_path / "out" / "analysis")
    for more in ([], [*effect[:2], "--relative"]):
        assert peel(*words, *more, "--docs", tmp_path / "no.md").code == 2
    said = peel(*words, *effect[:2], "--docs", tmp_path)
    assert said.code == 2 and "is a folder" in said.err
    assert not (tmp_path / "no.md").exists() and not (tmp_path / "out" / "analysis").exists()
    assert peel(*words[:-1], "out.homicides", *effect).code == 0


def test_indices_of_an_unfinished_sweep_are_refused(swept, peel, tmp_path):
    import shutil

    from experiments.sweep import store

    shutil.copytree(swept, tmp_path / "half")
    next(store.parts(tmp_path / "half")).path.unlink()
    said = peel("sensitivity", tmp_path / "half", "--outcome", "homicides", "--effect",
                "policy.gang_fellowship")  # fmt: skip
    assert said.code == 2 and "missing" in said.err and "--resume" in said.err
    assert peel("sensitivity", swept, "--outcome", "homicide").code == 2
    assert (
        peel("sensitivity", swept, "--outcome", "homicides", "--effect", "fear_half_life").code == 2
    )
    assert peel("sensitivity", tmp_path).code == 2


def test_the_other_commands_answer(swept, peel, tmp_path):
    keep = ("--json", "--plots", tmp_path)
    effect = ("--outcome", "homicides", "--effect", "policy.gang_fellowship")
    said = peel("discover", swept, *effect, "--when", ">=-10", *keep)
    assert said.code == 0, said.err
    box = json.loads(said.out)["boxes"][0]
    assert "weight_rivalry" in box["limits"] and box["density"] >= 0.7
    assert peel("discover", swept, *effect, "--when", ">=-10", "--cart", *keep).code == 0
    assert peel("discover", swept, *effect, "--when", "sometimes", *keep).code == 2
    said = peel("decide", swept, "--option", "policy.gang_fellowship", "--outcome", "homicides",
                "--enough", 80, "--pareto", "homicides,legitimacy", *keep)  # fmt: skip
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["options"][0]["param.policy.gang_fellowship"] is True
    assert told["options"][0]["largest_regret"] == 0.0
    said = peel("surface", swept, *effect, *keep)
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["error"]["r2"] > 0.9 and min(told["lengths"], key=told["lengths"].get) == (
        "weight_rivalry"
    )


def test_salib_users_get_the_design_in_salibs_order(swept):
    from SALib.analyze import sobol

    import experiments
    from experiments.analysis.asking import cases, indices

    sweep = experiments.load(swept)
    found = cases(sweep, "homicides", effect="policy.gang_fellowship")
    problem = {
        "num_vars": found.factors.shape[1],
        "names": list(found.factors),
        "bounds": [[0, 1]] * found.factors.shape[1],
    }
    theirs = sobol.analyze(problem, found.means, calc_second_order=False, seed=1)
    ours = indices(sweep, "homicides", "policy.gang_fellowship").table
    for name, total in zip(problem["names"], theirs["ST"], strict=True):
        assert abs(ours.loc[name, "total"] - total) < 1e-9


@pytest.mark.parametrize(("sign", "word"), [(1.0, "rise"), (-1.0, "fall")])
def test_words_of_a_study_follow_the_sign_of_its_effect(sign: float, word: str) -> None:
    """A slope that adds to the mean effect makes it more of one, whichever way the effect goes."""
    slopes = pd.DataFrame(
        {"slope": [0.5, -0.4], "slope_low": [0.4, -0.5], "slope_high": [0.6, -0.3]},
        index=["louder", "softer"],
    )
    (text, _) = study._reading(slopes * sign, falls=sign < 0)
    assert f"`louder` (more of a {word} as it rises)" in text
    assert f"`softer` (less of a {word} as it rises)" in text
