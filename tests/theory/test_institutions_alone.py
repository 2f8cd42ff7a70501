"""Detectives, courts and mortality alone: exponential waits, competing risks, stock and flow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from sim import world as worlds
from sim.agents.residents import AWAY, DEAD, FREE, JAILED
from sim.engine import State
from sim.measures import E_ARREST, PLACE_MEASURES
from sim.recording import Recorder
from tests.theory.alone import calm_city, case_days, jail_days, life_days, open_cases

CASES = 4000


def count_of(state: State, name: str) -> int:
    return int(state.world.log.area_counts[:, PLACE_MEASURES.index(name)].sum())


# --- clearance --------------------------------------------------------------------------------


class Worked(NamedTuple):
    """The world afterwards, and how many of the cases were cleared by the end of each day."""

    state: State
    cleared: np.ndarray


def detectives(cold_days: float, days: int, fatal: bool = False, effort: float = 1.0) -> Worked:
    """CASES shootings of evidence 1 and witnesses 0.5 (ease 1), through `days` days of work."""
    state = calm_city(
        early_clearance=0.11, late_clearance=0.02, cold_days=cold_days, clearance_factor=1.0,
        custody_shooting=0.0,
    )  # fmt: skip
    world = state.world
    cases = worlds.records(worlds.CASE, CASES + 10)
    cases["opened"] = -1
    log = world.log._replace(events=worlds.records(worlds.EVENT, 2 * CASES))
    state = State(world._replace(flow=world.flow._replace(cases=cases), log=log))
    department = state.world.police.department
    department["effort_fatal"], department["effort_nonfatal"] = 2.0, effort
    open_cases(state.handle, CASES, fatal, 1.0, 0.5)
    cleared = np.zeros(days, dtype=np.int64)
    case_days(state.handle, cleared)
    return Worked(state, cleared)


def hazard(days: int, cold_days: float, effort: float = 1.0) -> np.ndarray:
    """Cumulative hazard at the end of each day of a case's life."""
    age = np.arange(days, dtype=np.float64)
    return np.cumsum(np.where(age < 2, 0.055, 0.02 * effort / (1.0 + age / cold_days)))


@pytest.mark.parametrize(("cold_days", "effort"), [(np.inf, 1.0), (60.0, 1.0), (60.0, 2.0)])
def test_clearance_is_an_exponential_of_the_cumulative_hazard(
    cold_days: float, effort: float
) -> None:
    days = 300
    state, cleared = detectives(cold_days, days, effort=effort)
    want = 1.0 - np.exp(-hazard(days, cold_days, effort))
    got = cleared / CASES
    assert np.abs(got - want).max() < 1.95 / np.sqrt(CASES)  # Kolmogorov's bound at 0.001
    events = state.world.log.events[: int(state.world.clock["events"][0])]
    arrests = events[events["kind"] == E_ARREST]
    assert arrests.size == got[-1] * CASES == count_of(state, "cleared_nonfatal")
    assert np.unique(arrests["cause"]).size == arrests.size
    assert count_of(state, "cleared_nonfatal_48h") == cleared[1]


def test_more_effort_clears_the_same_cases_sooner_and_some_more() -> None:
    slow, fast = detectives(60.0, 200, effort=1.0), detectives(60.0, 200, effort=1.5)
    one, other = (s.state.world.flow.cases[:CASES] for s in (slow, fast))
    solved = one["closed"] >= 0
    assert (other["closed"][solved] >= 0).all()
    assert (other["closed"][solved] <= one["closed"][solved]).all()
    assert (other["closed"] >= 0).sum() > solved.sum()


def test_fatal_and_nonfatal_part_after_two_days_only() -> None:
    days = 200
    fatal, hurt = detectives(60.0, days, fatal=True), detectives(60.0, days)
    one, other = fatal.cleared, hurt.cleared
    assert one[1] == other[1] and one[-1] > other[-1]
    want = 1.0 - np.exp(-hazard(days, 60.0, 2.0))
    assert np.abs(one / CASES - want).max() < 1.95 / np.sqrt(CASES)


# --- jail -------------------------------------------------------------------------------------


def test_the_stock_in_jail_is_the_flow_times_the_stay() -> None:
    mean = 30.0
    state = calm_city(
        2000, custody_minor=1.0, days_minor=mean, diversion=0.0, diversion_first=0.0,
        arrested_together=0.0,
    )  # fmt: skip
    days, settled = 2500, 400
    stock, flow = (np.zeros(days, dtype=np.int64) for _ in range(2))
    jail_days(state.handle, 4, stock, flow)
    stay = 1.0 + 1.0 / (np.exp(1.0 / mean) - 1.0)  # 1 + floor(mean x E), E exponential
    rate = flow[settled:].mean()
    want = rate * stay
    # the stock is near Poisson with correlation e**(-t / mean)
    error = np.sqrt(want * 2.0 * mean / (days - settled))
    assert abs(stock[settled:].mean() - want) < 4.5 * error
    assert count_of(state, "jailings") == flow.sum()
    # and exactly: every sentence is served to the day
    quiet = np.zeros(2000, dtype=np.int64)
    jail_days(state.handle, 0, quiet, np.zeros(2000, dtype=np.int64))
    assert quiet[-1] == 0
    lives = state.world.people.lives
    assert stock.sum() + quiet.sum() == int(lives["jail_days"].sum())
    assert (state.world.people.residents["status"] == FREE).all()


def test_custody_is_for_the_stated_share_and_never_for_two_at_once() -> None:
    state = calm_city(
        2000, custody_minor=0.25, days_minor=35.0, diversion=0.1, diversion_first=0.0,
        arrested_together=0.0,
    )  # fmt: skip
    days = 1500
    stock, flow = (np.zeros(days, dtype=np.int64) for _ in range(2))
    jail_days(state.handle, 4, stock, flow)
    arrests = flow.sum()
    diverted, jailed = count_of(state, "diverted"), count_of(state, "jailings")
    assert abs(diverted / arrests - 0.1) < 4.5 * np.sqrt(0.1 * 0.9 / arrests)
    share = 0.9 * 0.25
    assert abs(jailed / arrests - share) < 4.5 * np.sqrt(share * (1 - share) / arrests)
    residents = state.world.people.residents
    inside = residents["status"] == JAILED
    assert (residents["until"][inside] > int(state.world.clock["day"][0]) - 1).all()


# --- mortality and moves ----------------------------------------------------------------------


def test_deaths_and_departures_compete() -> None:
    """Two constant risks: stays are exponential in their sum, and end by each in its share."""
    dying, moving = 0.08, 0.22
    state = calm_city(
        6000, death_base=dying, death_slope=0.0, death_ceiling=0.3, move_rate=moving, job_rate=0.4,
        need_rate=0.2, gun_turnover=0.05,
    )  # fmt: skip
    residents = state.world.people.residents
    residents["gang"] = -1
    count = residents.size
    recorder = Recorder(0, means=False)
    for year in range(1, 6):
        life_days(state.handle, 365)
        recorder.take_events(state.world)
        here = np.exp(-(dying + moving) * year)
        assert abs((residents["status"] == FREE).mean() - here) < 4.0 * np.sqrt(
            here * (1 - here) / count
        )
    dead, gone = (int((residents["status"] == s).sum()) for s in (DEAD, AWAY))
    assert (dead, gone) == (count_of(state, "natural_deaths"), count_of(state, "departures"))
    share = dying / (dying + moving)
    assert abs(dead / (dead + gone) - share) < 4.0 * np.sqrt(share * (1 - share) / (dead + gone))


def test_mortality_rises_with_age_as_gompertz_says() -> None:
    base, slope, years = 0.0005, 0.07, 4
    state = calm_city(
        6000, death_base=base, death_slope=slope, death_ceiling=0.5, move_rate=0.0, job_rate=0.0,
        need_rate=0.0, gun_turnover=0.0,
    )  # fmt: skip
    residents = state.world.people.residents
    residents["gang"] = -1
    age = 40.0 + 40.0 * (np.arange(residents.size) % 3) / 2  # 40, 60 and 80
    residents["born"] = -(age * 365).astype(np.int64)
    life_days(state.handle, 365 * years)
    for start in (40.0, 60.0, 80.0):
        risk = base / slope * np.exp(slope * start) * (np.exp(slope * years) - 1.0)
        mine = age == start
        want = 1.0 - np.exp(-risk)
        error = np.sqrt(want * (1 - want) / mine.sum())
        assert abs((residents["status"][mine] == DEAD).mean() - want) < 4.0 * error
