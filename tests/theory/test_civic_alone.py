"""Kits, series, raids, seizures, markets and the street, each alone.

What each should come to is worked out by hand: stock = flow x delay, geometric series,
exponentials, binomial shares. Where chance is left the bound is four standard errors.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim import world as worlds
from sim.agents.residents import EXPOSED, JAILED
from sim.agents.start_civic import smoking_share
from sim.engine import State
from sim.kernel import kernel
from sim.measures import K_PROPERTY
from sim.processes.contests import contest_due
from sim.processes.habits import habits
from sim.processes.immigration import easier_victim
from sim.processes.kits import SHELVED, WAITING, lab_week
from sim.processes.markets import Q_OPENING, opening
from sim.processes.raids import raids
from sim.processes.record import give_back, take_due
from sim.processes.seizure import seize
from sim.processes.serial import Q_SERIAL, goes_on, still_at_it
from sim.processes.street import Q_SELLER, street_week
from sim.random import child_key, stream
from tests.theory.civic import PEOPLE, civic_city, counted, given, next_week, stock, within

_TEST = stream("tests.civic")


@pytest.fixture
def city() -> State:
    return civic_city()


# --- kits -------------------------------------------------------------------------------------


def taken(state: State, number: int, state_of: int = WAITING) -> None:
    """So many kits taken today, of residents in turn."""
    civic, people = state.world.civic, state.world.people
    first = int(civic.stock["kits"][0])
    rows = slice(first, first + number)
    who = np.arange(first, first + number) % people.residents.size
    civic.kits["key"][rows] = np.arange(1, number + 1) + 1000 * (first + 1)
    civic.kits["offender"][rows], civic.kits["victim"][rows] = who, (who + 1) % who.size
    civic.kits["person"][rows] = people.lives["key"][who]
    civic.kits["victim_person"][rows] = people.lives["key"][(who + 1) % who.size]
    civic.kits["case_row"][rows], civic.kits["taken"][rows] = 0, state.day
    civic.kits["block"][rows], civic.kits["state"][rows] = 0, state_of
    civic.stock["kits"][0] = first + number


def per_year(weekly: float) -> float:
    """A capacity per 100,000 residents and year that is so many a week here."""
    return weekly / (PEOPLE / 1e5) * 365.0 / 7.0


def roomy(state: State, kits: int) -> State:
    world = state.world
    civic = world.civic._replace(kits=worlds.records(worlds.KIT, kits))
    log = world.log._replace(events=worlds.records(worlds.EVENT, 20_000))
    return State(world._replace(civic=civic, log=log))


def test_kits_waiting_are_flow_times_delay_where_the_laboratory_keeps_up(city: State) -> None:
    state = roomy(city, 4000)
    given(state, lab_kits=per_year(50.0), lab_days=70.0, kit_profile=0.0, shelf_rate=0.0)
    for _ in range(40):
        taken(state, 12)
        lab_week(state.handle)
        next_week(state)
    # tested in the week in which they are ten weeks old
    assert stock(state, "kits_waiting") == 12 * 10
    assert stock(state, "kits_tested") == 12 * 30 == counted(state, "kits_tested")


def test_a_laboratory_that_falls_behind_has_a_backlog_that_grows_by_the_difference(
    city: State,
) -> None:
    state = roomy(city, 4000)
    given(state, lab_kits=per_year(5.0), lab_days=7.0, kit_profile=0.0, shelf_rate=0.0)
    for _ in range(40):
        taken(state, 12)
        lab_week(state.handle)
        next_week(state)
    tested = stock(state, "kits_tested")
    assert abs(tested - 5 * 39) <= 1 and stock(state, "kits_waiting") == 12 * 40 - tested


def test_shelved_kits_stay_until_somebody_sends_them_in(city: State) -> None:
    state = roomy(city, 4000)
    given(state, lab_kits=per_year(50.0), lab_days=7.0, kit_profile=0.0, shelf_rate=0.0)
    taken(state, 200, SHELVED)
    for _ in range(10):
        lab_week(state.handle)
        next_week(state)
    assert stock(state, "kits_shelved") == 200 and stock(state, "kits_tested") == 0
    given(state, shelf_rate=per_year(8.0))
    for _ in range(10):
        lab_week(state.handle)
        next_week(state)
    assert abs(stock(state, "kits_shelved") - (200 - 80)) <= 1


def test_matches_are_profiles_times_those_in_the_database(city: State) -> None:
    state = roomy(city, 4000)
    given(state, lab_kits=per_year(1e5), lab_days=0.0, kit_profile=0.5, profiled_share=0.6)
    given(state, hit_followed=0.0)
    state.world.people.lives["arrests"] = np.arange(PEOPLE) % 2
    taken(state, 3000)
    lab_week(state.handle)
    share = 0.5 * 0.6 * 0.5
    assert counted(state, "kits_tested") == 3000
    assert within(counted(state, "dna_hits"), 3000 * share, np.sqrt(3000 * share * (1 - share)))
    before = counted(state, "dna_hits")
    lab_week(state.handle)  # nobody new is in the database
    assert counted(state, "dna_hits") == before
    state.world.people.lives["arrests"] = 1  # now everybody has been arrested
    lab_week(state.handle)
    assert within(counted(state, "dna_hits"), 900, np.sqrt(3000 * 0.3 * 0.7))


# --- series -----------------------------------------------------------------------------------


@kernel
def begin_series(w, number):
    for k in range(number):
        key = child_key(w.clock[0].seed, np.uint64(k), 0, _TEST)
        goes_on(w, k % w.people.residents.size, key)


@kernel
def series_days(w, days):
    """Only the calendar of series: how many further assaults there are."""
    total = 0
    for _ in range(days):
        for k in range(take_due(w.flow, w.clock)):
            row = w.flow.due[k]
            entry = w.flow.queue[row]
            if entry.kind == Q_SERIAL and still_at_it(w, entry):
                total += 1
                goes_on(w, entry.who, entry.key)
            give_back(w.flow, w.clock, row)
        w.clock[0].day += 1
    return total


@pytest.mark.parametrize("again", [0.0, 0.5, 0.8])
def test_a_series_is_geometric_where_nobody_is_stopped(city: State, again: float) -> None:
    given(city, serial_repeat=again, serial_days=50.0)
    begin_series(city.handle, 2000)
    further = series_days(city.handle, 6000)
    spread = np.sqrt(2000 * again) / (1.0 - again)
    assert within(further, 2000 * again / (1.0 - again), spread)


def test_jail_stops_a_series_or_puts_it_off(city: State) -> None:
    given(city, serial_repeat=0.5, serial_days=50.0, serial_resume=0.0)
    begin_series(city.handle, 2000)
    city.world.people.residents["status"] = JAILED
    assert series_days(city.handle, 2000) == 0


# --- raids, seizures and whom offenders pick --------------------------------------------------


def test_raids_come_at_their_rate_and_the_neighbourhood_feels_each(city: State) -> None:
    given(city, raid_rate=20_000.0, raid_tension=0.0, raid_felt=0.01, military_felt=1.0)
    given(city, militarisation=0.5, raid_arrest=0.0, force_base=0.0, publicised_share=0.0)
    world = city.world
    world.police.beats["initiated_ratio"] = 1.0
    world.police.department["peak_initiated"] = 1.0
    world.people.kinds["stop_ratio"] = world.people.kinds["stop_base"]
    given(city, friends_told=0.0, field_half_life=1e12)  # nothing fades here
    world.place.areas["population"] = 1000
    days, before = 60, world.place.field["fairness"].sum()
    for _ in range(days):
        raids(city.handle)
        city.world.clock["day"] += 1
    expected = 20_000.0 / 365e5 * PEOPLE * days
    count = counted(city, "raids")
    assert within(count, expected, np.sqrt(expected))
    fell = before - world.place.field["fairness"].sum()
    groups = world.people.kinds.size
    assert fell == pytest.approx(count * groups * 0.01 * 1.5, rel=1e-3)


@kernel
def seize_of_all(w):
    for i in range(w.people.residents.size):
        seize(w, i, 0, child_key(w.clock[0].seed, np.uint64(i), 1, _TEST))


def test_seizures_are_a_share_of_searches_and_leave_people_robbed(city: State) -> None:
    given(city, seizure_share=0.2, seizure_dollars=1000.0, seizure_push=0.5)
    r = city.world.people.residents
    r["fairness"] = r["base_fairness"] = 0.8
    seize_of_all(city.handle)
    number = counted(city, "seizures")
    assert within(number, 0.2 * PEOPLE, np.sqrt(0.16 * PEOPLE))
    assert within(counted(city, "seized_dollars"), 1000.0 * number, 1000.0 * np.sqrt(number))
    assert stock(city, "seized") == counted(city, "seized_dollars")
    assert (np.abs(r["fairness"] - 0.4) < 1e-6).sum() == number


@kernel
def victims_in_mind(w, out):
    for i in range(out.size):
        key = child_key(w.clock[0].seed, np.uint64(i), 2, _TEST)
        out[i] = easier_victim(w, i, K_PROPERTY, key)


def test_the_exposed_are_picked_more_often_by_the_share_in_the_docstring(city: State) -> None:
    r, kinds = city.world.people.residents, city.world.people.kinds
    exposed = np.arange(PEOPLE) % 4 == 0
    r["flags"] = np.where(exposed, EXPOSED, 0)
    kinds["enforcement"] = 0.5
    given(city, enforcement_targeting=0.8)
    out = np.zeros(PEOPLE, dtype=np.int64)
    victims_in_mind(city.handle, out)
    e, t = 0.25, 0.8 * 0.5
    assert within(exposed[out].sum(), PEOPLE * (e + (1 - e) * e * t), np.sqrt(0.25 * PEOPLE))
    kinds["enforcement"] = 0.0
    victims_in_mind(city.handle, out)
    assert (out == np.arange(PEOPLE)).all()


@kernel
def arrest_sellers(w, number):
    for k in range(number):
        opening(w, k, child_key(w.clock[0].seed, np.uint64(k), 3, _TEST))


@kernel
def contest_days(w, days, out):
    """Only openings come due: how many on each day."""
    for d in range(days):
        for k in range(take_due(w.flow, w.clock)):
            row = w.flow.due[k]
            if w.flow.queue[row].kind == Q_OPENING:
                out[d] += 1
                contest_due(w, w.flow.queue[row])
            give_back(w.flow, w.clock, row)
        w.clock[0].day += 1


def test_openings_are_contested_by_the_stated_share_after_an_exponential_delay(
    city: State,
) -> None:
    given(city, opening_contest=0.4, opening_days=20.0, gun_use=0.0)
    city.world.people.residents["flags"] = 0  # no guns, so fights are assaults
    arrest_sellers(city.handle, 2000)
    days = np.zeros(400, dtype=np.int64)
    contest_days(city.handle, 400, days)
    assert within(days.sum(), 800, np.sqrt(480))
    # whole days: 1 + the floor of an exponential
    mean = 1.0 + 1.0 / (np.exp(1 / 20.0) - 1.0)
    assert within((np.arange(400) * days).sum() / days.sum(), mean, 20.0 / np.sqrt(days.sum()))
    # everybody is 18 and ready, so a fight needs only somebody near the market, and another
    assert 0 < counted(city, "serious_assaults") <= days.sum()
    assert counted(city, "serious_assaults") > 0.5 * days.sum()


# --- the street -------------------------------------------------------------------------------


def test_the_street_share_and_its_sellers_follow_what_is_wanted(city: State) -> None:
    world = city.world
    world.people.lives["smokes"], world.civic.stock["smokers"] = 1, PEOPLE
    world.people.lives["work"] = 0
    world.place.blocks["disadvantage"] = 1.0
    world.police.beats["initiated_ratio"] = 1.0
    world.people.kinds["stop_ratio"] = 1.0
    given(city, street_share=0.2, street_half_life=91.0, street_customers=40.0, seller_leave=0.0)
    given(city, seller_contacts=13.0)
    world.civic.stock["street_share"] = 0.0
    planned, sellers = 0, 0
    for week in range(1, 53):
        before = int(world.clock["entries"][0])
        street_week(city.handle)
        planned += int(world.clock["entries"][0]) - before
        sellers += int(stock(city, "sellers"))
        share = 0.2 * (1.0 - 0.5 ** (7 * week / 91.0))
        assert stock(city, "street_share") == pytest.approx(share, rel=1e-9)
        assert stock(city, "sellers") == int(share * PEOPLE / 40.0 + 0.5)
        next_week(city)
    assert (world.flow.queue["kind"][: int(world.clock["entries"][0])] == Q_SELLER).all()
    assert within(planned, 0.25 * sellers, np.sqrt(0.1875 * sellers))


@kernel
def habit_days(w, days):
    for _ in range(days):
        habits(w)
        w.clock[0].day += 1


def test_smoking_is_taken_up_and_given_up_at_its_rates(city: State) -> None:
    people, world = city.world.people, city.world
    people.lives["smokes"], world.civic.stock["smokers"] = 0, 0
    given(city, initiation=0.1, quit_rate=0.2)
    habit_days(city.handle, 4 * 365)  # from 18 to 22
    share = 1.0 - np.exp(-0.4)
    assert within(people.lives["smokes"].mean(), share, np.sqrt(share * (1 - share) / PEOPLE))
    assert stock(city, "smokers") == people.lives["smokes"].sum() == counted(city, "smoking_begun")
    people.residents["born"] -= 10 * 365  # from 32 on
    begun = people.lives["smokes"].mean()
    habit_days(city.handle, 2 * 365)
    left = begun * np.exp(-0.4)
    assert within(people.lives["smokes"].mean(), left, np.sqrt(left * (1 - left) / PEOPLE))


def test_a_city_starts_where_smoking_has_settled() -> None:
    age = np.array([10.0, 12.0, 25.0, 45.0])
    share = smoking_share(age, 0.02, 0.03)
    top = 1.0 - np.exp(-0.26)
    assert share == pytest.approx([0.0, 0.0, top, top * np.exp(-0.6)])
