"""Invariants of a built city: whatever the size, seed and recipe."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.officers import DETECTIVE, PATROL, VACANT
from sim.agents.residents import AWAY, FREE, LISTED, RECORDED
from sim.city import CitySpec, build, load_spec
from sim.errors import UserError
from sim.parameters import all_parameters, record


@lru_cache(maxsize=4)
def built(name: str, seed: int = 1) -> Any:
    return build(load_spec(name), {}, seed)


def flags(people: Any) -> Any:
    return people.residents["flags"]


def fingerprint() -> str:
    """Hash of every array of a small city."""
    digest = hashlib.blake2b(digest_size=16)

    def add(part: Any) -> None:
        if isinstance(part, np.ndarray):
            digest.update(part.tobytes())
        else:
            for inner in part:
                add(inner)

    add(build(load_spec("synthetic:300"), {}, 5)[1:])
    return digest.hexdigest()


def same(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype and one.tobytes() == two.tobytes()
    return all(same(a, b) for a, b in zip(one, two, strict=True))


def check_rows(start: np.ndarray, rows: np.ndarray, n: int) -> None:
    """Compressed rows: sorted, in range, without self or doubles, symmetric."""
    assert start.shape == (n + 1,) and start[0] == 0 and start[-1] == rows.size
    assert start.dtype == np.int64 and rows.dtype == np.int32
    if rows.size == 0:
        return
    assert rows.min() >= 0 and rows.max() < n
    owner = np.repeat(np.arange(n), np.diff(start))
    assert (owner != rows).all()
    forth = owner.astype(np.int64) * n + rows
    assert (np.diff(forth) > 0).all()
    assert np.array_equal(forth, np.sort(rows.astype(np.int64) * n + owner))


def check_city(city: Any) -> None:
    geography, people, place, police, groups = city
    r, lives = people.residents, people.lives
    n, blocks = r.size, place.blocks
    assert np.array_equal(people.members, np.arange(n))
    # rows by block, households contiguous within a block
    assert (np.diff(r["home"]) >= 0).all()
    assert np.array_equal(blocks["count"], np.bincount(r["home"], minlength=blocks.size))
    assert np.array_equal(blocks["first"], np.cumsum(blocks["count"]) - blocks["count"])
    offset = np.arange(n) - lives["kin_first"]
    assert (offset >= 0).all() and (offset < lives["kin_size"]).all()
    heads = np.flatnonzero(offset == 0)
    assert np.array_equal(np.diff(np.append(heads, n)), lives["kin_size"][heads])
    assert np.array_equal(r["home"], r["home"][lives["kin_first"]])
    assert np.array_equal(r["group"], r["group"][lives["kin_first"]])
    # blocks and areas
    assert np.array_equal(r["area"], blocks["area"][r["home"]])
    assert (np.diff(blocks["area"]) >= 0).all()
    assert np.array_equal(
        place.areas["blocks"], np.bincount(blocks["area"], minlength=place.areas.size)
    )
    living = r["status"] == FREE
    assert set(np.unique(r["status"])) <= {FREE, AWAY}
    assert np.array_equal(
        place.areas["population"], np.bincount(r["area"][living], minlength=place.areas.size)
    )
    cell = blocks["y"].astype(int) * geography.width + blocks["x"]
    assert np.unique(cell).size == blocks.size
    assert blocks["x"].max() < geography.width and blocks["y"].max() < geography.height
    # 0..1
    for name in ("base_fairness", "base_effectiveness", "fairness", "effectiveness"):
        assert r[name].min() >= 0.0199 and r[name].max() <= 0.9801
    for name in ("fear", "trauma", "arms"):
        assert r[name].min() >= 0.0 and r[name].max() <= 1.0
    for name in ("substance", "mental", "housing", "schooling"):
        assert lives[name].min() >= 0.0 and lives[name].max() <= 1.0
    assert (r["born"] < 0).all() and (-r["born"] < 105 * 365.25).all()
    assert np.unique(lives["key"]).size == n and (lives["key"] > 0).all()
    assert r["activity"].min() >= 0 and r["activity"].max() < blocks.size
    assert r["propensity"][living].mean() == pytest.approx(1.0, abs=1e-3)
    assert (r["propensity"] > 0).all()
    assert np.average(
        place.areas["violence_weight"], weights=place.areas["population"]
    ) == pytest.approx(1.0, abs=1e-3)
    check_rows(people.friend_start, people.friends, n)
    check_rows(people.partner_start, people.partners, n)
    assert np.array_equal(np.diff(people.partner_start) > 0, (flags(people) & RECORDED) > 0)
    check_gangs(people, groups, blocks)
    check_police(police, place, blocks, geography)
    assert (people.side["resident"] == -1).all() and people.side.size >= 256
    assert (people.side["mediation"] == 0).all() and (people.side["violence"] == 1).all()
    assert place.field.size == place.areas.size * len(geography.group_names)
    assert people.kinds.size == len(geography.group_names) == len(geography.groups)
    assert place.market_blocks.size > 0 and place.market_cumulative[-1] == 1.0
    assert (blocks["market"][place.market_blocks] > 0).all()
    assert pickle.loads(pickle.dumps(geography)).name == geography.name


def check_gangs(people: Any, groups: Any, blocks: Any) -> None:
    r, lives, gangs = people.residents, people.lives, groups.gangs
    seen = np.full(r.size, -1)
    assert int(gangs["slots"].sum()) == groups.roster.size
    for g, gang in enumerate(gangs):
        slots = groups.roster[gang.first : gang.first + gang.slots]
        members = slots[slots >= 0]
        assert members.size == gang.members == gang.active
        assert (slots == -1).sum() >= 2
        assert np.array_equal(slots[lives["roster_slot"][members]], members)
        assert (seen[members] == -1).all()
        seen[members] = g
        if members.size:
            assert (lives["rank"][members] >= 1).all() and (lives["rank"][members] == 3).sum() == 1
    assert np.array_equal(seen, r["gang"])
    outside = r["gang"] < 0
    assert (lives["rank"][outside] == 0).all() and (lives["roster_slot"][outside] == -1).all()
    assert ((flags(people)[outside] & LISTED) == 0).all()
    assert (r["status"][~outside] == FREE).all()
    number, dyads = gangs.size, groups.dyads
    row = np.arange(dyads.size)
    key = dyads["attacker"].astype(int) * number + dyads["target"]
    assert np.array_equal(groups.dyad_of[key], row) and (np.diff(key) > 0).all()
    assert (groups.dyad_of >= 0).sum() == dyads.size and groups.dyad_of.size == number * number
    back = groups.dyad_of[dyads["target"].astype(int) * number + dyads["attacker"]]
    assert np.array_equal(dyads["standing"][back], dyads["standing"])
    assert (dyads["attacker"] != dyads["target"]).all()
    assert blocks["turf"].min() >= -1 and blocks["turf"].max() < number


def check_police(police: Any, place: Any, blocks: Any, geography: Any) -> None:
    officers, beats = police.officers, police.beats
    patrol = officers["unit"] == PATROL
    assert (np.diff(officers["unit"]) >= 0).all()  # patrol first, then detectives
    assert np.array_equal(
        officers["beat"][patrol], np.repeat(np.arange(beats.size), beats["slots"])
    )
    assert (officers["beat"][officers["unit"] == DETECTIVE] == -1).all()
    assert np.array_equal(beats["first"], np.cumsum(beats["slots"]) - beats["slots"])
    assert np.array_equal(np.unique(blocks["beat"]), np.arange(beats.size))
    assert police.department[0].officers == (officers["status"] != VACANT).sum()
    assert (officers["style"] > 0).all() and (officers["style"] < 1).all()
    assert np.unique(officers["key"]).size == officers.size
    assert beats["area"].min() >= 0 and beats["area"].max() < place.areas.size
    assert officers["group"].max() < len(geography.group_names)


@settings(max_examples=12, deadline=None)
@given(
    residents=st.integers(200, 1500),
    seed=st.integers(0, 10**9),
    areas=st.integers(0, 12),
    density=st.sampled_from([5.0, 30.0, 200.0]),
    segregation=st.sampled_from([0.0, 1.0, 3.0]),
)
def test_any_small_city_is_valid(
    residents: int, seed: int, areas: int, density: float, segregation: float
) -> None:
    spec = CitySpec(
        "any",
        residents=residents,
        areas=areas,
        people_per_block=density,
        segregation=segregation,
        map_seed=seed % 97,
    )
    city = build(spec, {}, seed)
    check_city(city)
    assert (city[1].residents["status"] == FREE).sum() == residents


@pytest.mark.parametrize("name", ["village", "district"])
def test_embedded_cities_are_valid(name: str) -> None:
    check_city(built(name))


def test_same_seed_same_city_and_another_seed_another() -> None:
    spec = load_spec("synthetic:800")
    one, two, other = (build(spec, {}, seed) for seed in (7, 7, 8))
    assert same(one[1:], two[1:])
    assert not same(one[1:], other[1:])
    # the map belongs to the city: same blocks, areas and names whatever the seed
    for name in ("x", "y", "area", "disadvantage", "beat"):
        assert np.array_equal(one[2].blocks[name], other[2].blocks[name])
    assert one[0].area_names == other[0].area_names


def test_plain_python_builds_the_same_city() -> None:
    script = "from tests.city.test_build import fingerprint; print(fingerprint())"
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == fingerprint()


def test_parameters_given_in_full_change_nothing() -> None:
    spec = load_spec("synthetic:400")
    full = {name: row.default for name, row in all_parameters().items()}
    assert same(build(spec, {}, 1)[1:], build(spec, full, 1)[1:])
    assert record(full) is not None


def test_every_parameter_of_the_build_is_read_at_its_ends() -> None:
    spec = load_spec("synthetic:300")
    for name, row in all_parameters().items():
        if row.process in ("city", "start"):
            for value in (row.low, row.high):
                check_city(build(spec, {name: value}, 3))


def test_people_are_like_people() -> None:
    _, people, _, _, _ = built("district")
    r, lives = people.residents, people.lives
    living = r["status"] == FREE
    age = -r["born"] / 365.25
    assert 0.18 < (age[living] < 18).mean() < 0.26
    assert 0.10 < (age[living] >= 65).mean() < 0.17
    assert 0.46 < r["sex"][living].mean() < 0.51
    assert 11.0 < np.diff(people.friend_start)[living].mean() < 13.0
    adults = np.bincount(lives["kin_first"], weights=age >= 18.0, minlength=r.size)
    assert (adults[lives["kin_first"]][living] > 0).mean() > 0.995  # children live with adults


def test_groups_come_out_as_the_recipe_says_and_live_apart() -> None:
    geography, people, place, _, _ = built("district")
    r = people.residents
    living = r["status"] == FREE
    counts = np.zeros((place.areas.size, 4))
    np.add.at(counts, (r["area"][living], r["group"][living]), 1)
    shares = counts.sum(axis=0) / counts.sum()
    for share, trait in zip(shares, geography.groups, strict=True):
        assert share == pytest.approx(trait.share, abs=0.004)
    white, black = counts[:, 0] / counts[:, 0].sum(), counts[:, 1] / counts[:, 1].sum()
    assert 0.5 * np.abs(white - black).sum() > 0.45
    mixed = build(replace(load_spec("district"), segregation=0.0, residents=10_000), {}, 1)
    m = mixed[1].residents
    by_area = np.bincount(m["area"], weights=m["group"] == 1) / np.bincount(m["area"])
    assert by_area.std() < 0.05


def test_few_drive_most_shootings_and_they_are_mostly_young_men() -> None:
    _, people, place, _, groups = built("midsize")
    r = people.residents
    living = r["status"] == FREE
    years = -r["born"] / 365.25
    # who starts disputes, as the engine weighs them: trait x place, in the years that offend
    active = living & (years >= 15.0) & (years < 35.0)
    weight = r["propensity"].astype(float) * place.areas["violence_weight"][r["area"]] * active
    weight = np.sort(weight)[::-1]
    top = weight[: round(0.0006 * living.sum())].sum() / weight.sum()
    assert 0.45 < top < 0.75
    member = r["gang"] >= 0
    age = -r["born"] / 365.25
    assert 0.006 <= member.sum() / living.sum() <= 0.01
    assert r["sex"][member].mean() > 0.9
    assert ((age >= 14) & (age < 32))[member].mean() > 0.85
    sizes = groups.gangs["members"]
    assert 24 < sizes.mean() < 33 and sizes.max() > 2 * np.median(sizes)
    rivals = (groups.dyads["standing"] > 0).sum() / sizes.size
    assert 4.0 < rivals < 5.5


def test_recorded_network_is_one_component_with_heavy_tail() -> None:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    _, people, _, _, groups = built("midsize")
    n = people.residents.size
    degree = np.diff(people.partner_start)
    inside = degree > 0
    living = people.residents["status"] == FREE
    assert inside[living].mean() == pytest.approx(0.06, abs=0.002)
    matrix = csr_matrix(
        (np.ones(people.partners.size), people.partners, people.partner_start), shape=(n, n)
    )
    _, part = connected_components(matrix, directed=False)
    assert np.bincount(part[inside]).max() > 0.7 * inside.sum()
    assert np.quantile(degree[inside], 0.99) > 3 * degree[inside].mean()
    densities = []
    for gang in groups.gangs:
        if 40 <= gang.members <= 60:
            rows = groups.roster[gang.first : gang.first + gang.slots]
            rows = rows[rows >= 0]
            ties = matrix[rows][:, rows].sum()
            densities.append(ties / rows.size / (rows.size - 1))
    assert 0.17 < np.mean(densities) < 0.30


def test_friends_are_near_alike_and_of_an_age() -> None:
    geography, people, place, _, _ = built("district")
    r = people.residents
    one = np.repeat(np.arange(r.size), np.diff(people.friend_start))
    two = people.friends
    assert (r["group"][one] == r["group"][two]).mean() > 0.5
    x, y = (place.blocks[k][r["home"]].astype(float) * geography.block_m for k in ("x", "y"))
    near = np.hypot(x[one] - x[two], y[one] - y[two])
    assert np.median(near) < 700
    age = -r["born"] / 365.25
    assert np.median(np.abs(age[one] - age[two])) < 10


def test_beliefs_follow_the_groups_and_places() -> None:
    geography, people, place, _, _ = built("midsize")
    r = people.residents
    for g, trait in enumerate(geography.groups):
        assert r["fairness"][r["group"] == g].mean() == pytest.approx(
            trait.confidence,
            abs=0.03,  # what lies beyond 0.02..0.98 is held there
        )
    trust = np.bincount(r["area"], weights=r["fairness"]) / np.bincount(r["area"])
    assert np.corrcoef(trust, place.areas["violence_weight"])[0, 1] < -0.5


def test_officers_are_many_enough_and_skewed() -> None:
    police = built("midsize")[3]
    officers = police.officers
    serving = officers["status"] != VACANT
    assert serving.sum() == 1000
    assert 0.04 < (officers["unit"] == DETECTIVE).sum() / serving.sum() < 0.08
    assert 0.82 < officers["style"].mean() < 0.89
    bad = np.sort(1.0 - officers["style"])[::-1]
    assert 0.15 < bad[: bad.size // 20].sum() / bad.sum() < 0.30
    assert (police.beats["slots"] >= 4).all()
    for b in range(police.beats.size):
        mine = (officers["beat"] == b) & serving
        assert set(officers["shift"][mine]) == {0, 1, 2}


def test_city_police_strength_yields_to_the_parameter() -> None:
    spec = replace(load_spec("synthetic:2000"), officers_per_1000=5.0)
    assert build(spec, {}, 1)[3].department[0].officers == 10
    assert build(spec, {"officers_per_1000": 2.0}, 1)[3].department[0].officers == 4


def test_specs_by_name_file_and_their_faults(tmp_path: Any) -> None:
    assert [load_spec(n).residents for n in ("village", "district", "midsize", "metropolis")] == [
        10_000,
        50_000,
        400_000,
        2_700_000,
    ]
    assert load_spec("synthetic:20000").residents == 20_000
    spec = load_spec("village")
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert spec.canonical() == load_spec("village").canonical()
    assert spec.canonical() != load_spec("district").canonical()
    recipe = tmp_path / "town.toml"
    recipe.write_text('residents = 900\n[[groups]]\nname = "all"\nshare = 1.0\n')
    assert load_spec(recipe).name == "town"
    check_city(build(load_spec(recipe), {}, 1))
    for text, word in (
        ("residents = 900\nareass = 3", "areas"),
        ("areas = 3", "residents"),
        ("residents = 'many'", "number"),
        ("residents = 9\n", "200"),
        ("residents = [", "TOML"),
        ("residents = 900\n[[groups]]\nshare = 1.0", "name"),
        ("residents = 900\n[[groups]]\nname = 'a'\nshare = 7", "share"),
    ):
        recipe.write_text(text)
        with pytest.raises(UserError, match=word):
            load_spec(recipe)
    for name in ("vilage", "synthetic:", "synthetic:-5", "synthetic:12", "no/such/file.json"):
        with pytest.raises(UserError):
            load_spec(name)
    with pytest.raises(UserError, match="village"):
        load_spec("vilage")
