"""Design files: what they ask for, and that nonsense is refused before anything runs."""

import numpy as np
import pytest

from experiments.sweep import design as designs
from experiments.sweep import sampling
from experiments.sweep.estimate import estimate
from sim.errors import UserError
from sim.parameters import all_parameters

HEAD = {"base": "village", "run": {"years": 0.1, "burn_in_years": 0.1}}
RIVALRY = {"vary": "weight_rivalry"}
FELLOWSHIP = {"vary": "policy.gang_fellowship", "cross": True}


def made(**keys):
    return designs.built({**HEAD, **keys})


def test_a_grid_has_every_combination():
    d = made(
        method="grid",
        replicates=3,
        factor=[
            {"vary": "weight_rivalry", "values": [0.5, 1, 2]},
            {"vary": "violence"},
            {"vary": "policy.gang_fellowship.places_per_100k", "low": 10, "high": 30, "levels": 2},
        ],
    )
    assert len(d.points) == 3 * 4 * 2 and d.runs == 72
    every = {tuple(d.values(p).values()) for p in range(len(d.points))}
    assert len(every) == 24
    one = d.scenario(23)
    assert one.parameters["weight_rivalry"] == 2.0 and one.hypotheses["violence"] == "background"
    assert one.policies[0].settings["places_per_100k"] == 30.0


def test_crossed_arms_share_their_sampled_point_and_its_seeds():
    d = made(method="latin", points=5, replicates=2, factor=[RIVALRY, FELLOWSHIP])
    assert len(d.points) == 10
    for p in range(0, 10, 2):
        without, with_it = d.values(p), d.values(p + 1)
        assert without["weight_rivalry"] == with_it["weight_rivalry"]
        assert (without["policy.gang_fellowship"], with_it["policy.gang_fellowship"]) == (0, 1)
        assert d.scenario(p).policies == () and len(d.scenario(p + 1).policies) == 1
        assert d.past_of[p] == d.past_of[p + 1]
        assert d.scenario(p).burn_in_hash(1) == d.scenario(p + 1).burn_in_hash(1)
    assert len(set(d.past_of.tolist())) == 5
    own = made(
        method="latin", points=5, replicates=2, common_seeds=False, factor=[RIVALRY, FELLOWSHIP]
    )
    seeds = [own.seed_of(r) for r in range(own.runs)]
    assert seeds[:4] == [1, 2, 1, 2] and seeds[4:8] == [3, 4, 3, 4]


def test_points_of_one_past_are_those_that_share_a_burn_in():
    d = made(
        method="grid",
        factor=[
            {"vary": "weight_rivalry", "values": [0.5, 1]},
            {"vary": "policy.gang_fellowship", "settings": {"start": -20}},
            {"vary": "policy.body_cameras"},
        ],
    )
    by_hash = [d.scenario(p).burn_in_hash(1) for p in range(len(d.points))]
    for p in range(8):
        for q in range(8):
            assert (d.past_of[p] == d.past_of[q]) == (by_hash[p] == by_hash[q])


@pytest.mark.parametrize("method", ["latin", "sobol", "saltelli", "morris"])
def test_samples_fill_the_ranges_and_depend_on_the_design_seed_alone(method):
    if method == "morris":
        pytest.importorskip("SALib", reason="needs the analysis extra")
    factors = [RIVALRY, {"vary": "weight_inertia"}, {"vary": "fear_half_life", "scale": "log"}]
    d = made(method=method, points=16, design_seed=3, factor=factors)
    again = made(method=method, points=16, design_seed=3, factor=factors)
    other = made(method=method, points=16, design_seed=4, factor=factors)
    assert d.digest == again.digest != other.digest
    assert np.array_equal(d.points, again.points)
    expected = {"latin": 16, "sobol": 16, "saltelli": 16 * 5, "morris": 16 * 4}[method]
    assert len(d.points) == expected
    for k, factor in enumerate(d.factors):
        row = all_parameters()[factor.name]
        assert d.points[:, k].min() >= row.low and d.points[:, k].max() <= row.high
        assert np.ptp(d.points[:, k]) > 0.5 * (row.high - row.low)


def test_saltelli_takes_one_column_at_a_time_from_the_second_matrix():
    both = np.arange(8.0).reshape(2, 4) / 10  # d = 2
    rows = sampling.saltelli(both)
    assert rows[:4].tolist() == [[0.0, 0.1], [0.2, 0.1], [0.0, 0.3], [0.2, 0.3]]


def test_a_list_names_every_factor():
    d = made(
        method="list",
        factor=[RIVALRY, {"vary": "reporting"}, FELLOWSHIP],
        point=[{"weight_rivalry": 1.5, "reporting": "dpk"}, {"weight_rivalry": 0.2,
                                                            "reporting": "default"}],
    )  # fmt: skip
    assert len(d.points) == 4 and d.values(1)["reporting"] == "dpk"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"methd": "grid"}, "did you mean 'method'"),
        ({"method": "lattice"}, "method 'lattice'"),
        ({"factor": [{"vary": "weight_rivalri"}]}, "did you mean 'weight_rivalry'"),
        ({"factor": [{"vary": "policy.gang_felowship"}]}, "did you mean 'gang_fellowship'"),
        ({"factor": [{"vary": "policy.gang_fellowship.monts"}]}, "did you mean 'months'"),
        ({"factor": [{"vary": "policy.test_every_kit.cost_per_officer"}]}, "by cost_per_kit"),
        ({"factor": [{"vary": "violence", "values": ["rivalri"]}]}, "did you mean 'rivalry'"),
        ({"factor": [RIVALRY]}, "levels = N"),
        ({"method": "latin", "factor": [RIVALRY]}, "points"),
        ({"method": "sobol", "points": 12, "factor": [RIVALRY]}, "8 or 16"),
        ({"method": "latin", "points": 4, "factor": [{**RIVALRY, "high": 1e9}]}, "outside"),
        ({"method": "latin", "points": 4, "factor": [RIVALRY, RIVALRY]}, "two factors vary"),
        ({"factor": [{"vary": "city"}]}, "needs values"),
        ({"factor": [{"vary": "city", "values": ["nowhere"]}]}, "nowhere"),
        ({"keep": ["everything"]}, "weekly, events"),
        ({"replicates": 0}, "replicates = 0"),
        ({"replicates": True}, "replicates = True"),
        ({"run": {"yeers": 1}}, "did you mean 'years'"),
        ({"cluster": {"partion": "short"}}, "did you mean 'partition'"),
        ({"cluster": {"time": "soon"}}, "02:00:00"),
        ({"base": "nowhere.toml"}, "nowhere.toml"),
        ({"method": "list", "factor": [RIVALRY], "point": [{}]}, "says nothing of"),
    ],
)
def test_nonsense_is_refused_with_a_reason(keys, told):
    with pytest.raises(UserError, match=told):
        made(**keys)


def test_the_command_refuses_before_anything_is_written(peel, tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text('base = "village"\n[[factor]]\nvary = "weight_rivalri"\n')
    said = peel("sweep", bad, "--out", tmp_path / "out")
    assert said.code == 2 and "did you mean" in said.err and not (tmp_path / "out").exists()
    good = tmp_path / "good.toml"
    good.write_text('base = "village"\nreplicates = 3\n')
    assert peel("sweep", good).code == 2
    assert peel("sweep", good, "--out", tmp_path / "out", "--on", "slurrm").code == 2
    assert peel("sweep", good, "--out", tmp_path / "out", "--shard", 1).code == 2
    said = peel("sweep", good, "--plan", "--json")
    assert said.code == 0 and '"runs": 3' in said.out and not (tmp_path / "out").exists()


def test_an_estimate_counts_burn_ins_once_per_past_and_seed():
    d = made(method="latin", points=5, replicates=2, factor=[RIVALRY, FELLOWSHIP])
    told = estimate(d)
    assert (told.runs, told.points, told.burn_ins) == (20, 10, 10)
    large = designs.built({"base": "district", "replicates": 20})
    assert estimate(large).core_hours > told.core_hours and estimate(large).memory_mb > 450


def test_a_design_comes_back_from_its_folder_as_it_was(tmp_path):
    from experiments.sweep import store

    d = made(
        method="latin",
        points=4,
        replicates=2,
        factor=[RIVALRY, {"vary": "reporting"}, {**FELLOWSHIP, "settings": {"months": 12.0}}],
    )
    store.begin(d, tmp_path / "out", resume=False)
    back = store.design_of(tmp_path / "out")
    assert back.digest == d.digest and back.runs == d.runs
    assert all(back.scenario(p).hash(1) == d.scenario(p).hash(1) for p in range(len(d.points)))


def test_the_designs_that_ship_as_examples_are_valid(root):
    found = sorted((root / "examples" / "sweeps").glob("*.toml"))
    assert found
    for path in found:
        assert designs.read(path).runs >= 2000
