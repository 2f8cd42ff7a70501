"""School, care, scenes and organisations, each alone.

What each should come to is worked out by hand: stock = flow x delay, queues, the share of violence
at an age. Where chance is left the bound is four standard errors.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.residents import EARLY, FREE, IN_CARE
from sim.engine import State
from sim.kernel import kernel
from sim.processes.care import ask_for_care, care_week
from sim.processes.organisations import organisations_week, unsettled
from sim.processes.routine import MOST_IN_YEAR, OLDEST, age_factor, violence_factor
from sim.processes.scenes import team_free
from sim.processes.schooling import preschool_week
from tests.theory.civic import PEOPLE, civic_city, counted, given, next_week, stock, within


@pytest.fixture
def city() -> State:
    return civic_city()


# --- school and its lag -----------------------------------------------------------------------


@kernel
def readiness(w, out):
    for i in range(out.size):
        out[i] = violence_factor(w.people, i, w.clock[0].day, w.p[0])


@kernel
def by_age(years, out):
    for k in range(out.size):
        out[k] = age_factor(years[k])


def test_no_age_of_a_year_offends_more_than_its_bound_says() -> None:
    days = np.arange(121 * 365 + 10)
    level = np.zeros(days.size)
    by_age(days / 365.0, level)
    bound = MOST_IN_YEAR[np.minimum(days // 365, OLDEST)]
    assert (level <= bound).all()
    assert (bound[: 120 * 365] - level[: 120 * 365]).max() < 0.2  # and it lets few through in vain


def test_preschool_counts_as_far_as_children_attend(city: State) -> None:
    people = city.world.people
    side = people.side
    children = np.arange(side.size // 2)
    people.residents["born"][children] = -4 * 365
    people.residents["side"][children] = children
    side["resident"][children], side["preschool"][children] = children, 0.6
    for _ in range(50):
        preschool_week(city.handle)
        next_week(city)
    early = people.lives["early"]
    assert (early[children.size :] == 0).all()
    spread = np.sqrt(50 * 0.24 / children.size)
    assert within(early[children].mean(), 30.0, spread)


@pytest.mark.parametrize("years", [5, 10, 15, 25])
def test_preschool_shows_after_years_and_by_the_share_that_the_young_commit(
    city: State, years: int
) -> None:
    people = city.world.people
    age = np.linspace(3.0, 80.0, PEOPLE)
    people.residents["born"] = -(age * 365).astype(np.int64)
    given(city, early_self_control=0.3, early_weeks=100.0)
    before, after = np.zeros(PEOPLE), np.zeros(PEOPLE)
    readiness(city.handle, before)
    cohort = age < years + 4.0  # entered at four, from day 0
    people.lives["early"] = np.where(cohort, 50, 0)
    people.residents["flags"] |= np.where(cohort, EARLY, 0).astype(np.uint8)
    readiness(city.handle, after)
    level = np.zeros(PEOPLE)
    by_age(age, level)
    expected = 0.15 * level[cohort].sum() / level.sum()
    assert 1.0 - after.sum() / before.sum() == pytest.approx(expected, abs=2e-4)
    assert (expected == 0.0) == (years + 4 <= 11)


# --- care -------------------------------------------------------------------------------------


@kernel
def ask(w, first, number):
    for i in range(first, first + number):
        ask_for_care(w, i % w.people.residents.size)


def test_places_taken_are_those_who_come_times_how_long_they_stay(city: State) -> None:
    given(city, care_places=50_000.0, care_days=70.0, care_effect=0.5, care_give_up=0.0)
    city.world.people.lives["substance"] = 1.0
    for week in range(60):
        ask(city.handle, 10 * week, 10)
        care_week(city.handle)
        next_week(city)
    assert stock(city, "in_care") == 10 * 10 and stock(city, "care_waiting") == 0
    done = counted(city, "care_finished")
    assert done == 10 * 50
    assert np.isclose(city.world.people.lives["substance"], 0.5).sum() == done
    flags = city.world.people.residents["flags"]
    assert (flags & IN_CARE != 0).sum() == 100


def test_a_queue_is_as_long_as_giving_up_makes_it(city: State) -> None:
    # 20 places for 70 days: 2 finish a week, 12 come, 5 % of those who wait give up
    given(city, care_places=20.0 / (PEOPLE / 1e5), care_days=70.0, care_give_up=0.05)
    waiting = []
    for week in range(260):
        ask(city.handle, 12 * week, 12)
        care_week(city.handle)
        next_week(city)
        waiting.append(stock(city, "care_waiting"))
    assert stock(city, "in_care") == 20
    # just after a week's decisions: (w + 12) x 0.95 - 2 = w
    assert np.mean(waiting[130:]) == pytest.approx((12 * 0.95 - 2) / 0.05, rel=0.1)


# --- scenes and organisations -----------------------------------------------------------------


@kernel
def free_teams(w, days, calls, out):
    """How many of `calls` shootings a day find a team."""
    for d in range(days):
        for _ in range(calls):
            if team_free(w):
                w.civic.stock[0].scenes += 1
                out[d] += 1
        w.clock[0].day += 1


def test_teams_go_to_no_more_scenes_than_they_can(city: State) -> None:
    given(city, scene_teams=1.5 / (PEOPLE / 1e5), scene_calls=2.0)
    out = np.zeros(1000, dtype=np.int64)
    free_teams(city.handle, 1000, 5, out)
    assert set(out) == {2, 4}  # one team, or two
    assert within((out == 4).sum(), 500, np.sqrt(250))


def reading(state: State, organisations: float) -> float:
    state.world.civic.stock["organisations"] = organisations
    return float(unsettled(state.handle))


def test_organisations_settle_more_with_diminishing_returns(city: State) -> None:
    given(city, organisation_reach=0.3, organisation_half=40.0, organisation_reference=40.0)
    assert reading(city, 40.0) == 1.0
    left = np.array([reading(city, n) for n in (0.0, 20.0, 40.0, 60.0, 80.0, 1e9)])
    assert (np.diff(left) < 0).all() and (np.diff(left[:5], 2) > 0).all()
    assert left[-1] == pytest.approx(0.7 / 0.85)
    given(city, organisations=100.0, organisation_half_life=140.0)
    city.world.civic.stock["organisations"] = 40.0
    for _ in range(40):
        organisations_week(city.handle)
        next_week(city)
    assert stock(city, "organisations") == pytest.approx(100.0 - 60.0 * 0.25, rel=1e-9)
    assert city.world.people.residents["status"].max() == FREE
