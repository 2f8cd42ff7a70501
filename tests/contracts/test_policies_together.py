"""Policies together: any of them in any order, sharing hours and money, losing and making nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import policies
from sim.agents.officers import DETECTIVE, ON_DUTY
from sim.agents.residents import JAILED
from sim.policies.check import baseline, begin, go, result, same, trial_of
from sim.scenario import PolicyEntry
from tests.contracts.test_conservation import cases_are_whole, the_calendar_is_whole

NAMES = sorted(policies.registry())
CHOICES = st.lists(st.sampled_from(NAMES), min_size=5, max_size=9, unique=True)
DATES = st.lists(st.tuples(st.integers(0, 80), st.integers(7, 60)), min_size=9, max_size=9)


@pytest.mark.long
@given(names=CHOICES, dates=DATES, seed=st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_any_subset_with_any_dates_is_the_same_in_any_order(
    names: list[str], dates: list[tuple[int, int]], seed: Any
) -> None:
    _any_subset(names, dates, seed)


@given(names=CHOICES, dates=DATES, seed=st.randoms(use_true_random=False))
@settings(max_examples=3)
def test_a_few_subsets_are_the_same_in_any_order(
    names: list[str], dates: list[tuple[int, int]], seed: Any
) -> None:
    _any_subset(names, dates, seed)


def _any_subset(names: list[str], dates: list[tuple[int, int]], seed: Any) -> None:
    entries = [
        PolicyEntry(n, {**trial_of(policies.registry()[n], {}).settings, "start": a, "end": a + b})
        for n, (a, b) in zip(names, dates, strict=False)
    ]
    one = result(baseline().with_changes(policies=tuple(entries)))
    seed.shuffle(entries)
    other = result(baseline().with_changes(policies=tuple(entries)))
    assert same(one, other) and one.policies.equals(other.policies)
    conserved(one)


def conserved(run: Any) -> None:
    """People, officers, cases and money are neither made nor lost."""
    world = run.state.world
    people, officers = world.people.residents, world.police.officers
    start = begin(baseline()).world
    t = run.totals
    gone = ("homicides", "police_killings", "natural_deaths", "departures")
    alive = int((people["status"] <= JAILED).sum())
    before = int((start.people.residents["status"] <= JAILED).sum())
    assert alive == before + t["births"] + t["arrivals"] - sum(t[n] for n in gone)
    assert officers.size == start.police.officers.size
    assert np.unique(officers["key"]).size == officers.size, "an officer in two places"
    held = people["side"][people["side"] >= 0]
    assert np.unique(held).size == held.size, "two residents share personal levers"
    cases_are_whole(world)
    the_calendar_is_whole(world)
    table = run.policies
    spent = table.groupby("week")["cost"].sum()
    listed = run.weekly.set_index("week")["programme_cost"]
    assert np.allclose(listed.loc[spent.index], spent)
    so_far = table.groupby("policy")["cost"].cumsum()
    assert np.allclose(so_far, table["cost_so_far"]), "money lost or spent twice"
    assert (officers["hours_taken"] <= 40).all() and (officers["hours_taken"] >= 0).all()
    enrolled = table[table["unit"] == "people"]
    by_group = [c for c in table if c.startswith("reach_group_")]
    by_area = [c for c in table if c.startswith("reach_area_")]
    assert (enrolled[by_group].sum(axis=1) == enrolled["reach"]).all()
    assert (enrolled[by_area].sum(axis=1) == enrolled["reach"]).all()


def _hours(*entries: PolicyEntry, share: float) -> dict[str, float]:
    state = begin(baseline().with_changes(policies=entries))
    state.world.p["programme_hours"] = share
    go(state, 1)
    return {desk.id: desk.hours for desk in state.deliveries}


def test_two_courses_that_need_the_same_hundred_hours_both_fall_short() -> None:
    officers = begin(baseline()).world.police.officers
    on_duty = int((officers["status"] == ON_DUTY).sum())
    patrol = int(((officers["status"] == ON_DUTY) & (officers["unit"] != DETECTIVE)).sum())
    settings = {"hours": 100.0 / patrol, "share_per_week": 1.0}
    first, second = (
        PolicyEntry(name, settings) for name in ("deescalation_training", "general_training")
    )
    there_are = 100.0001 / (40.0 * on_duty)  # of all hours on duty, so that 100 may be taken
    assert _hours(first, share=there_are) == pytest.approx({"deescalation_training": 100.0})
    assert _hours(second, share=there_are) == pytest.approx({"general_training": 100.0})
    both = _hours(first, second, share=there_are)
    assert both == _hours(second, first, share=there_are)
    assert all(0.0 < taken <= 50.0 for taken in both.values()) and sum(both.values()) <= 100.0


def test_two_courses_that_need_the_same_hours_both_fall_short() -> None:
    first = PolicyEntry("deescalation_training", {"hours": 20.0, "share_per_week": 1.0})
    second = PolicyEntry("general_training", {"hours": 20.0, "share_per_week": 1.0})
    alone = _hours(first, share=0.5)["deescalation_training"]
    room = 40.0 * begin(baseline()).world.police.officers.size
    both, turned = _hours(first, second, share=0.5), _hours(second, first, share=0.5)
    assert both == turned
    assert 0 < both["deescalation_training"] < alone
    assert 0 < both["general_training"] < alone
    assert sum(both.values()) <= 0.5 * room
    assert sum(_hours(first, second, share=0.1).values()) <= 0.1 * room


def test_money_is_shared_too() -> None:
    entries = (
        PolicyEntry("gang_fellowship", {"places_per_100k": 500.0, "ramp_weeks": 0.0}),
        PolicyEntry("becoming_a_man", {"ramp_weeks": 0.0}),
    )
    spent = {}
    for budget in (10000.0, 60.0, 0.0):
        state = begin(baseline().with_changes(policies=entries))
        state.world.p["programme_budget"] = budget
        go(state, 8)
        spent[budget] = sum(desk.cost for desk in state.deliveries)
    assert spent[10000.0] > spent[60.0] > spent[0.0] == 0.0
    assert spent[60.0] <= 8 * 60.0 * 3000 / 52.0 * 1.01


def test_everything_at_once_runs() -> None:
    entries = tuple(
        PolicyEntry(n, dict(trial_of(policies.registry()[n], {}).settings)) for n in NAMES
    )
    conserved(result(baseline().with_changes(policies=entries)))
