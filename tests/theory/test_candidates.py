"""The layer of candidates: Poisson counts, marks by weight, and hazards that only ever add."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim import world as worlds
from sim.engine import State, advance
from sim.errors import RunFailed
from sim.processes.candidates import BOUNDS, TOO_HIGH, TOO_MANY
from sim.tables import DISPUTE, GANG_ATTACK, HABIT, LIFE_EVENT, SERVICE, TALK, alias
from tests.theory.alone import calm_city, candidates_today, rebuilt, weights_of


@pytest.fixture
def city() -> State:
    return calm_city()


def drawn(state: State, process: int, ceiling: float, day: int) -> np.ndarray:
    """Today's candidates of the process."""
    state.world.clock["day"] = day
    count = candidates_today(state.handle, process, ceiling)
    return state.world.flow.buffer[:count].copy()


def test_counts_are_poisson_with_mass_times_ceiling(city: State) -> None:
    table = city.world.flow.tables[TALK]
    for layers in (0.3, 1.0, 5.7, 40.0):
        ceiling = layers * float(table["unit"])
        expected = float(table["mass"]) * ceiling
        counts = np.array([drawn(city, TALK, ceiling, day).size for day in range(3000)])
        assert abs(counts.mean() - expected) < 4.0 * np.sqrt(expected / counts.size)
        dispersion = ((counts - expected) ** 2).sum() / expected
        assert abs(dispersion - counts.size) < 4.5 * np.sqrt(counts.size * (2 + 1 / expected))
        nearby = np.corrcoef(counts[1:], counts[:-1])[0, 1]
        assert abs(nearby) < 4.0 / np.sqrt(counts.size)


def test_large_expectations_are_poisson_too(city: State) -> None:
    """Beyond one keyed cell (16 expected) the cells add up."""
    table = city.world.flow.tables[TALK]
    ceiling = 900.0 * float(table["unit"])
    expected = float(table["mass"]) * ceiling
    assert expected > 90
    counts = np.array([drawn(city, TALK, ceiling, day).size for day in range(1500)])
    assert abs(counts.mean() - expected) < 4.0 * np.sqrt(expected / counts.size)
    spread = counts.var() / expected
    assert abs(spread - 1.0) < 4.5 * np.sqrt(2.0 / counts.size)


def test_marks_fall_by_weight_and_heights_evenly(city: State) -> None:
    weights = weights_of(city, DISPUTE)
    table = city.world.flow.tables[DISPUTE]
    ceiling = 3000.0 * float(table["unit"])
    found = np.concatenate([drawn(city, DISPUTE, ceiling, day) for day in range(600)])
    expected = found.size * weights / weights.sum()
    seen = np.bincount(found["who"], minlength=weights.size)
    common = expected > 8.0
    observed = np.append(seen[common], seen[~common].sum())
    wanted = np.append(expected[common], expected[~common].sum())
    assert common.sum() > 20 and found.size > 3000
    assert stats.chisquare(observed, wanted).pvalue > 1e-3
    assert stats.kstest(found["height"] / ceiling, "uniform").pvalue > 1e-3
    heavy = found["who"] == np.argmax(weights)
    assert stats.ks_2samp(found["height"][heavy], found["height"][~heavy]).pvalue > 1e-3
    assert np.unique(found["key"]).size == found.size


def test_a_higher_ceiling_adds_candidates_and_moves_none(city: State) -> None:
    unit = float(city.world.flow.tables[DISPUTE]["unit"])
    ceilings = [k * unit for k in (0.0, 0.4, 1.0, 1.7, 6.0, 8.0, 8.1, 300.0)]
    for day in range(40):
        last, before = ceilings[0], drawn(city, DISPUTE, ceilings[0], day)
        assert before.size == 0
        for ceiling in ceilings[1:]:
            now = drawn(city, DISPUTE, ceiling, day)
            below = now[now["height"] < last]
            assert below.size == before.size
            for name in ("key", "height", "who"):
                assert below[name].tobytes() == before[name].tobytes()
            last, before = ceiling, now


@pytest.mark.parametrize("process", [TALK, SERVICE, LIFE_EVENT, HABIT])
def test_where_all_weigh_alike_slots_would_name_the_same_people(city: State, process: int) -> None:
    flow = city.world.flow
    assert (flow.tables["first"] == -1).sum() == 4 and int(flow.tables["first"][process]) == -1
    tables, alike = flow.tables.copy(), alias(np.ones(city.world.people.residents.size))
    tables["first"][process] = flow.slots.size
    slots = np.concatenate([flow.slots, alike]).view(np.recarray)
    looked_up = State(city.world._replace(flow=flow._replace(tables=tables, slots=slots)))
    for day, expected in enumerate((0.5, 5.0, 40.0, 900.0)):
        ceiling = expected / float(tables["mass"][process])
        one, other = (drawn(state, process, ceiling, day) for state in (city, looked_up))
        for name in ("key", "height", "who"):
            assert one[name].tobytes() == other[name].tobytes()
    assert one.size > 200 and np.unique(one["who"]).size > 100


def test_a_city_without_gangs_lives_on_and_proposes_none_of_their_attacks(city: State) -> None:
    """No gangs, no rosters, no pairs: tables without a row, of which nothing may be read."""
    people, groups = city.world.people, city.world.groups
    people.residents["gang"], people.lives["roster_slot"], people.lives["rank"] = -1, -1, 0
    state = rebuilt(city, worlds.Groups(*(table[:0].copy() for table in groups)))
    assert int(state.world.flow.tables["size"][GANG_ATTACK]) == 0
    assert drawn(state, GANG_ATTACK, 1.0, 0).size == 0
    advance(state, 28)
    assert (state.world.people.residents["gang"] == -1).all()


def test_a_hazard_above_the_last_layer_is_an_error_and_not_cut_off(city: State) -> None:
    unit = float(city.world.flow.tables[TALK]["unit"])
    last = unit * BOUNDS[-1]
    assert drawn(city, TALK, 2.0 * last, 0).size == 0
    assert int(city.world.clock["trouble"][0]) == TOO_HIGH


def test_a_run_says_which_hazard_rose_too_high(city: State) -> None:
    city.world.p["conversations"] = 1e12
    with pytest.raises(RunFailed, match="above the last layer of candidates of 'talk'"):
        advance(city, 7)


def test_a_day_that_overflows_proposes_nobody(city: State) -> None:
    """Candidates cut short are slots of the alias table: taken for people, they are outside memory."""
    unit = float(city.world.flow.tables[TALK]["unit"])
    assert drawn(city, TALK, unit * BOUNDS[-1], 0).size == 0
    assert int(city.world.clock["trouble"][0]) == TOO_MANY


def test_more_candidates_than_there_is_room_for_are_an_error(city: State) -> None:
    city.world.p["conversations"] = 365.0 * 50.0
    with pytest.raises(RunFailed, match="more candidates in one day than there is room for"):
        advance(city, 7)


@pytest.mark.parametrize("shape", ["even", "skewed", "two", "one", "tiny"])
def test_an_alias_table_has_exactly_the_weights_it_was_made_of(shape: str) -> None:
    weights = {
        "even": np.ones(57),
        "skewed": np.arange(1.0, 200.0) ** 3.0,
        "two": np.array([1.0, 999.0]),
        "one": np.array([4.2]),
        "tiny": np.array([1e-12, 1.0, 1e-12, 5.0]),
    }[shape]
    slots = alias(weights)
    keep = slots["keep"].astype(np.float64)
    size = weights.size
    got = np.bincount(slots["own"], keep, size) + np.bincount(slots["other"], 1.0 - keep, size)
    assert np.allclose(got / size, weights / weights.sum(), rtol=1e-4, atol=1e-7)
    assert (keep >= 0).all() and (keep <= 1).all()
