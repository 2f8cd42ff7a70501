"""Lists of who is eligible equal, after months, what a look at everybody gives."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from sim import measures as m
from sim import policies
from sim.agents.residents import INJURED, JAILED
from sim.engine import State, advance
from sim.policies.check import baseline, trial_of
from sim.policies.pools import Involvement
from sim.recording import Recorder
from sim.run import start
from sim.scenario import PolicyEntry
from tests.contracts.lively import lively

ASKS = ("gang_fellowship", "supportive_housing", "graduation_support", "lead_diversion")


@pytest.fixture(scope="module", params=["usual", "a diary that is too small"])
def lived(request: pytest.FixtureRequest) -> tuple[State, np.ndarray, list[Any]]:
    """A violent city after thirty weeks of policies, its events, and arrests by week."""
    entries = tuple(PolicyEntry(n, trial_of(policies.registry()[n], {}).settings) for n in ASKS)
    scenario = lively(policies=entries, parameters={"need_rate": 1.0, "move_rate": 0.2})
    state, _, burnt = start(scenario, 4)
    recorder = Recorder(first_day=state.day, means=False)
    state.recorders.append(recorder)
    if request.param != "usual":
        log = state.world.log
        state.world = state.world._replace(log=log._replace(diary=log.diary[:5]))
        state.__post_init__()
    advance(state, 7 * 20)
    arrests = []
    for _ in range(10):
        before = state.world.people.lives["arrests"].copy()
        advance(state, 7)
        more = state.world.people.lives["arrests"] > before
        free = state.world.people.residents["status"] <= INJURED
        arrests.append((state.involvement.arrested(state), np.flatnonzero(more & free)))
    return state, np.concatenate([burnt.events, recorder.all_events()]), arrests


def test_ages_needs_and_numbers(lived: Any) -> None:
    state = lived[0]
    pools, residents, lives = (
        state.involvement,
        state.world.people.residents,
        state.world.people.lives,
    )
    free, age = residents["status"] <= INJURED, (state.day - residents["born"]) / 365.0
    for low, high in ((13, 18), (14, 22), (0, 5), (60, 120)):
        expected = np.flatnonzero(free & (age >= low) & (age < high))
        assert np.array_equal(pools.of_age(state, low, high), expected)
    for need, level in (("substance", 0.5), ("mental", 0.5), ("housing", 0.7)):
        expected = np.flatnonzero(free & (age >= 18) & (lives[need] >= level))
        assert np.array_equal(pools.in_need(state, need, level), expected) and expected.size
    either = np.flatnonzero(
        free & (age >= 18) & ((lives["substance"] >= 0.5) | (lives["mental"] >= 0.5))
    )
    assert np.array_equal(pools.in_need(state, "substance+mental", 0.5), either)
    assert pools.population(state) == (residents["status"] <= JAILED).sum()
    by_group = pools.cells(state).reshape(-1, state.world.people.kinds.size).sum(axis=0)
    here = residents["group"][residents["status"] <= JAILED]
    assert np.array_equal(by_group, np.bincount(here, minlength=by_group.size))


def test_arrests_of_the_week(lived: Any) -> None:
    state, _, weeks = lived
    if state.world.log.diary.size > 5:
        assert all(np.array_equal(found, expected) for found, expected in weeks)
        assert sum(expected.size for _, expected in weeks) > 3
    else:  # what was not written down is not made up
        assert all(np.isin(found, expected).all() for found, expected in weeks)


def test_closeness_to_gunfire_is_that_of_the_events(lived: Any) -> None:
    state, events, _ = lived
    lives, status = state.world.people.lives, state.world.people.residents["status"]
    score: dict[int, float] = {}
    for e in events[np.isin(events["kind"], (m.E_SHOOTING, m.E_GUNFIRE))]:
        ago = state.day - int(e["day"])
        for row, person in ((e["actor"], e["actor_person"]), (e["target"], e["target_person"])):
            if row >= 0 and ago <= 730 and lives["key"][row] == person and status[row] <= INJURED:
                score[int(row)] = score.get(int(row), 0.0) + 0.5 ** (ago / 365.0)
    assert len(score) > 20
    assert state.involvement.scores(state, 730) == pytest.approx(score)


def test_victims_are_those_of_the_events(lived: Any) -> None:
    state, events, _ = lived
    people = state.world.people
    latest: dict[int, int] = {}
    for e in events[events["kind"] == m.E_SHOOTING]:
        row, day = int(e["target"]), int(e["day"])
        if not 30 <= state.day - day <= 180:
            continue
        close = [row] if people.lives["key"][row] == e["target_person"] else []
        if e["flags"] & 1:
            first, size = people.lives["kin_first"][row], people.lives["kin_size"][row]
            close = [int(k) for k in people.members[first : first + size] if k != row]
        for k in close:
            if people.residents["status"][k] <= INJURED:
                latest[k] = max(latest.get(k, -(10**9)), day)
    expected = {k: 1.0 - (state.day - day) / 181.0 for k, day in latest.items()}
    rows, score = state.involvement.victims(state, 180, since=30)
    assert len(expected) >= 5
    assert dict(zip(rows.tolist(), score.tolist(), strict=True)) == pytest.approx(expected)


def test_lists_survive_pickling_and_memory_of_what_happened_is_bounded(lived: Any) -> None:
    state = lived[0]
    again: State = pickle.loads(pickle.dumps(state))
    for low, high in ((13, 18), (14, 22)):
        a = state.involvement.of_age(state, low, high)
        assert np.array_equal(a, again.involvement.of_age(again, low, high))
    old = Involvement()
    for year in range(12):
        events = np.zeros(3, dtype=state.world.log.events.dtype)
        events["kind"], events["day"] = m.E_SHOOTING, 365 * year
        old.take(events)
        state_day = state.world.clock["day"].copy()
        state.world.clock["day"] = 365 * year
        old.shots(state, 365)
        state.world.clock["day"] = state_day
    assert sum(part.size for part in old.shot) <= 3 * 6 + 3


def test_without_policies_nothing_is_kept_but_events() -> None:
    state, _, _ = start(baseline(), 1)
    advance(state, 70)
    pools = state.involvement
    assert not pools.lists and pools.kept is None and pools.cell is None and pools.came.size == 0
    assert int(state.world.clock["noted"][0]) == 0
