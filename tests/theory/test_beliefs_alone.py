"""Talk alone ends at each circle's average, decay alone halves on time, reading writes nothing."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from sim.agents.residents import GUN
from sim.engine import State
from sim.means import state_means
from tests.contracts.lively import differing
from tests.theory.alone import calm_city, push, read, set_parameters, settle_on, talk_days

FOREVER = np.inf
READ = 11  # values that `read` gives
FAIRNESS, EFFECTIVENESS, LEGITIMACY, FEAR, TRAUMA, ARMS, SALIENCE, LOCAL = range(8)


# --- talk: DeGroot ----------------------------------------------------------------------------


def communities(sizes: tuple[int, ...], friends: int = 8, **parameters: float) -> State:
    """Residents in closed circles, tied to a few of their own; their beliefs differ widely."""
    state = calm_city(
        400, belief_half_life=FOREVER, conversations=365.0, talk_weight=0.6, **parameters
    )
    people = state.world.people
    count = people.residents.size
    sizes = (*sizes, count - sum(sizes))
    rows = []
    first = 0
    for size in sizes:
        for i in range(size):
            steps = [1, 2, 5, 11, 23, 31, 47, 53][:friends] if size > 60 else [1, 2, 3]
            rows.append([first + (i + s) % size for s in steps])
        first += size
    start = np.zeros(count + 1, dtype=np.int64)
    start[1:] = np.cumsum([len(r) for r in rows])
    people = people._replace(friend_start=start, friends=np.concatenate(rows).astype(np.int32))
    spread = (np.arange(count) * 0.6180339887) % 1.0
    for name, values in (("fairness", spread), ("effectiveness", spread[::-1] ** 2)):
        people.residents[name] = people.residents[f"base_{name}"] = values
    return State(state.world._replace(people=people))


def test_talk_keeps_the_mean_and_ends_at_the_average_of_each_circle() -> None:
    state = communities((100, 37))
    count = state.world.people.residents.size
    circle = np.repeat([0, 1, 2], [100, 37, count - 137])
    beliefs = state.world.people.residents
    before = {n: beliefs[n].astype(np.float64) for n in ("fairness", "effectiveness")}
    talked = 0
    for _ in range(10):
        talked = talk_days(state.handle, 10)
        for name, old in before.items():
            now = beliefs[name].astype(np.float64)
            assert abs(now.mean() - old.mean()) < 1e-6
            assert now.min() >= old.min() - 1e-6 and now.max() <= old.max() + 1e-6
    assert abs(talked - 100 * count) < 4.0 * np.sqrt(100 * count)
    talk_days(state.handle, 900)
    for name, old in before.items():
        now = beliefs[name].astype(np.float64)
        for c in range(3):
            mine = circle == c
            assert abs(old[mine].mean() - old.mean()) > 1e-4  # the circles do differ
            assert np.abs(now[mine] - old[mine].mean()).max() < 1e-3


def test_a_talk_moves_both_by_the_same_and_closes_the_stated_share() -> None:
    """A community of two: each talk leaves 1 - weight of the distance."""
    state = communities((2,))
    residents = state.world.people.residents
    people = state.world.people
    people.friends[people.friend_start[0] : people.friend_start[1]] = 1
    people.friends[people.friend_start[1] : people.friend_start[2]] = 0
    residents["status"][2:] = 4  # nobody else is there to talk
    residents["fairness"][:2] = [0.9, 0.1]
    talks = talk_days(state.handle, 8)
    assert 4 < talks < 40
    a, b = (float(x) for x in residents["fairness"][:2])
    assert a + b == pytest.approx(1.0, abs=1e-6)
    assert a - b == pytest.approx(0.8 * 0.4**talks, rel=1e-3, abs=1e-6)


def test_the_very_young_the_dead_and_the_jailed_do_not_talk() -> None:
    state = communities((100,))
    residents = state.world.people.residents
    residents["born"][:100] = -5 * 365
    residents["status"][150:250] = 2
    residents["status"][250:] = 3
    before = residents["fairness"].copy()
    talk_days(state.handle, 60)
    changed = np.flatnonzero(residents["fairness"] != before)
    assert changed.size and set(changed) <= set(range(100, 150))


# --- decay ------------------------------------------------------------------------------------


def reading(state: State, row: int, day: int) -> np.ndarray:
    out = np.zeros(READ)
    read(state.handle, row, day, out)
    return out


HALF_LIVES = {
    "belief_half_life": 270.0,
    "fear_half_life": 120.0,
    "trauma_half_life": 420.0,
    "arms_half_life": 200.0,
    "field_half_life": 330.0,
    "salience_half_life": 270.0,
    "area_memory_half_life": 90.0,
}


def shaken() -> State:
    """Resident 0 far from rest in every way, and so is the place."""
    state = calm_city(fear_local=0.0, fairness_weight=0.6, **HALF_LIVES)
    world = state.world
    r = world.people.residents[:1]
    r["base_fairness"], r["base_effectiveness"] = 0.6, 0.3
    r["fairness"], r["effectiveness"] = 0.2, 0.8
    r["fear"], r["trauma"], r["arms"], r["day"] = 0.7, 0.5, 0.4, 0
    field = world.place.field
    field["fairness"], field["effectiveness"] = -0.1, 0.05
    field["salience"], field["day"] = 0.8, 0
    world.place.areas["shootings"], world.place.areas["day"] = 0.4, 0
    return state


def expected(day: int) -> dict[int, float]:
    left = {name: 0.5 ** (day / h) for name, h in HALF_LIVES.items()}
    belief, shared = left["belief_half_life"], left["field_half_life"]
    fair = 0.6 - 0.4 * belief - 0.1 * shared
    able = 0.3 + 0.5 * belief + 0.05 * shared
    return {
        FAIRNESS: fair,
        EFFECTIVENESS: able,
        LEGITIMACY: 0.6 * fair + 0.4 * able,
        FEAR: 0.7 * left["fear_half_life"],
        TRAUMA: 0.5 * left["trauma_half_life"],
        ARMS: 0.4 * left["arms_half_life"],
        SALIENCE: 0.8 * left["salience_half_life"],
        LOCAL: 0.8 * left["area_memory_half_life"],
    }


@pytest.mark.parametrize("day", [0, 1, 30, 120, 270, 420, 2000])
def test_everything_that_fades_halves_on_time(day: int) -> None:
    got = reading(shaken(), 0, day)
    for what, value in expected(day).items():
        assert got[what] == pytest.approx(value, rel=2e-6, abs=1e-7), what


def test_settling_on_the_way_does_not_change_where_one_ends() -> None:
    straight, often = shaken(), shaken()
    for day in (1, 2, 50, 51, 200, 399):
        settle_on(often.handle, 0, day)
    one, other = reading(straight, 0, 400), reading(often, 0, 400)
    assert np.allclose(one, other, rtol=3e-6, atol=1e-6)


def test_a_push_moves_a_share_of_the_distance() -> None:
    state = shaken()
    push(state.handle, 0, 0, 0.25, -0.5)
    r = state.world.people.residents[0]
    assert r["fairness"] == pytest.approx(0.2 + 0.25 * 0.8, rel=1e-6)
    assert r["effectiveness"] == pytest.approx(0.8 - 0.5 * 0.8, rel=1e-6)
    push(state.handle, 0, 0, 5.0, -5.0)  # pushes beyond the whole distance end at the end
    assert r["fairness"] == 1.0 and r["effectiveness"] == 0.0


def test_reading_writes_nothing() -> None:
    state = shaken()
    state.world.people.residents["flags"] |= GUN
    state.world.clock["day"] = 333
    before = copy.deepcopy(state.world)
    for row in range(40):
        for day in (333, 500, 3000):
            reading(state, row, day)
    for _ in range(2):
        state_means(state)
    assert differing(before, state.world) == []


def test_the_weekly_means_are_the_means_of_what_reading_says() -> None:
    state = shaken()
    set_parameters(state.world, fear_local=0.25)
    state.world.clock["day"] = 200
    count = state.world.people.residents.size
    every = np.array([reading(state, row, 200) for row in range(count)])
    people, areas = state_means(state)
    names = {1: LEGITIMACY, 2: FAIRNESS, 3: EFFECTIVENESS, 4: FEAR, 5: TRAUMA, 6: 8}
    for column, what in names.items():
        assert people.sum(axis=0)[column] == pytest.approx(every[:, what].sum(), rel=1e-6, abs=1e-9)
    assert people[:, 0].sum() == areas[:, 0].sum() == count
