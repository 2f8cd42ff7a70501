"""Street seats: held by one person each, passed on near home, and the record that arrests keep."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.residents import FREE, GUN, JAILED, RECORDED
from sim.engine import Q_EXPOSURE, State, due_today
from sim.kernel import kernel
from sim.processes.arms import Q_GUN
from sim.processes.feuds import cool_dyad, warm_dyad
from sim.processes.record import schedule
from sim.processes.seats import ROUND, street_round, take_seat
from sim.run import prepare
from sim.scenario import Scenario

KEY = np.uint64(77)


@pytest.fixture
def town() -> State:
    """A town of 3,000 as built, with nobody in jail."""
    state, _ = prepare(Scenario(city="synthetic:3000", years=1.0, burn_in_years=0.0), 1)
    return state


def seats_agree(state: State) -> None:
    flow = state.world.flow
    rows = np.arange(flow.seat.size)
    assert np.array_equal(flow.holder[flow.seat], rows)
    assert np.array_equal(flow.seat[flow.holder], rows)


@kernel
def rounds(w, days):
    for _ in range(days):
        street_round(w)
        w.clock[0].day += 1


@kernel
def give_seat(w, seat, j):
    take_seat(w, seat, j, np.uint64(5))


def test_who_takes_a_seat_has_its_ties_and_propensity(town: State) -> None:
    residents, flow = town.world.people.residents, town.world.flow
    seat = int(np.argmax(np.diff(town.world.people.partner_start)))
    residents["propensity"][seat] = 400.0
    heir = int(np.flatnonzero(np.diff(town.world.people.partner_start) == 0)[0])
    had, everybody = float(residents["propensity"][heir]), np.sort(residents["propensity"])
    give_seat(town.handle, seat, heir)
    assert flow.holder[seat] == heir and flow.seat[seat] == heir
    assert residents["propensity"][heir] == 400.0
    assert residents["propensity"][seat] == pytest.approx(had)
    assert np.array_equal(np.sort(residents["propensity"]), everybody)
    seats_agree(town)


def test_seats_pass_to_local_youths_and_stay_what_they_are(town: State) -> None:
    world = town.world
    residents, flow = world.people.residents, world.flow
    world.p["succession_any"][0] = world.p["street_leave"][0] = 50.0
    world.p["street_arrests"][0] = 0.0
    free = flow.roles[flow.role_gang < 0]
    before = flow.holder[free].copy()
    trait = residents["propensity"][before].copy()
    rounds(town.handle, ROUND)
    after = flow.holder[free]
    # of two youths who hold seats both, one may give way to the other: only newcomers are looked at
    passed = ~np.isin(after, before)
    assert passed.mean() > 0.4
    seats_agree(town)
    # a driver's co-offender may hold a seat too, so that seat's trait moves; the others' stay
    stays = np.isclose(residents["propensity"][after], trait)
    assert stays.mean() > 0.9
    age = (town.day - residents["born"][after[passed]]) / 365.0
    assert np.mean((age >= 14.0) & (age <= 25.0)) > 0.9
    blocks = world.place.blocks
    home, seat = residents["home"][after[passed]], residents["home"][free[passed]]
    apart = np.maximum(
        np.abs(blocks["x"][home] - blocks["x"][seat]), np.abs(blocks["y"][home] - blocks["y"][seat])
    )
    assert np.mean(apart <= 1) > 0.8
    same = residents["group"][after[passed]] == residents["group"][free[passed]]
    assert same.mean() > 0.7


def test_arrests_together_bring_people_into_the_record(town: State) -> None:
    world = town.world
    residents = world.people.residents
    residents["flags"] &= 255 - RECORDED
    world.p["street_arrests"][0], world.p["arrested_together"][0] = 20.0, 1.0
    world.p["succession_any"][0] = world.p["street_leave"][0] = 0.0
    rounds(town.handle, ROUND)
    inside = np.flatnonzero(residents["flags"] & RECORDED)
    assert inside.size > 20
    tied = np.diff(world.people.partner_start)[world.flow.seat[inside]] > 0
    assert tied.all()
    # no patrol that goes looking, no street arrests
    residents["flags"] &= 255 - RECORDED
    world.police.beats["initiated_ratio"] = 0.0
    rounds(town.handle, ROUND)
    assert not (residents["flags"] & RECORDED).any()


@kernel
def due_in_one_day(w, kind, who, held):
    w.clock[0].day += 1
    schedule(w.flow, w.clock, w.clock[0].day, kind, np.uint64(77), np.uint64(76), who, 0, held, 0.0)
    due_today(w)


@pytest.mark.parametrize("newcomer", [False, True])
def test_what_was_meant_for_somebody_is_not_for_who_has_the_row_now(
    town: State, newcomer: bool
) -> None:
    residents, lives = town.world.people.residents, town.world.people.lives
    who = int(np.flatnonzero((residents["flags"] & GUN) == 0)[0])
    held = int(lives["generation"][who])
    lives["generation"][who] += 1 if newcomer else 0
    due_in_one_day(town.handle, Q_GUN, who, held)
    assert bool(residents["flags"][who] & GUN) is not newcomer


def test_exposure_lapses_with_the_person(town: State) -> None:
    world = town.world
    world.p["contagion"][0] = world.p["weight_contagion"][0] = 2.0
    residents, lives = world.people.residents, world.people.lives
    residents["born"], residents["sex"], residents["status"] = -20 * 365, 1, FREE
    events = []
    for generation in (1, 0):  # the same entries, for who was there before and for who is there
        before = int(world.clock["events"][0]) + int(world.log.area_counts.sum())
        for who in range(0, 600, 2):
            due_in_one_day(town.handle, Q_EXPOSURE, who, int(lives["generation"][who]) + generation)
        events.append(int(world.clock["events"][0]) + int(world.log.area_counts.sum()) - before)
    assert events[0] == 0 and events[1] > 0


@kernel
def attack_today(w, a, b, hit):
    warm_dyad(w, a, b, np.uint64(99), hit)


@kernel
def cool(w, row):
    cool_dyad(w.groups.dyads[row], w.clock, w.p[0])


def test_heat_is_felt_from_the_next_day_and_is_one_on_average(town: State) -> None:
    world = town.world
    groups, residents = world.groups, world.people.residents
    row = 0
    dyad = groups.dyads[row]
    a = int(np.flatnonzero(residents["gang"] == dyad["attacker"])[0])
    b = int(np.flatnonzero(residents["gang"] == dyad["target"])[0])
    groups.dyads["heat"][row] = groups.dyads["fresh"][row] = 0.0  # a city's feuds start warm
    world.clock["day"] += 1
    attack_today(town.handle, a, b, True)
    assert groups.dyads["heat"][row] == 0.0
    hit = float(groups.dyads["fresh"][row])
    assert hit == pytest.approx(float(world.p["heat_hit"][0]))
    attack_today(town.handle, a, b, False)
    miss = float(groups.dyads["fresh"][row]) - hit
    share = float(world.p["hit_share"][0])
    assert share * hit + (1.0 - share) * miss == pytest.approx(1.0, rel=1e-5)
    world.clock["day"] += 1
    cool(town.handle, row)
    left = 2.0 ** (-1.0 / float(world.p["heat_half_life"][0]))
    assert groups.dyads["heat"][row] == pytest.approx((hit + miss) * left, rel=1e-5)
    assert groups.dyads["fresh"][row] == 0.0 and groups.dyads["parent"][row] == 99


def test_jail_frees_the_seat(town: State) -> None:
    world = town.world
    residents, flow = world.people.residents, world.flow
    world.p["succession_jail"][0], world.p["street_arrests"][0] = 50.0, 0.0
    free = flow.roles[flow.role_gang < 0]
    residents["status"][flow.holder[free]] = JAILED
    rounds(town.handle, ROUND)
    out = residents["status"][flow.holder[free]] != JAILED
    assert out.mean() > 0.4
