"""A calm city of some thousands for parts of civic life alone, and how to read what they come to."""

from __future__ import annotations

from sim.engine import State
from sim.measures import PLACE_MEASURES
from tests.theory.alone import calm_city

PEOPLE = 4040  # rows: a city of 4,000 has some empty places


def civic_city() -> State:
    """A calm city of 4,000."""
    state = calm_city(4000)
    assert state.world.people.residents.size == PEOPLE
    return state


def stock(state: State, name: str) -> float:
    return float(state.world.civic.stock[name][0])


def counted(state: State, name: str) -> int:
    return int(state.world.log.area_counts[:, PLACE_MEASURES.index(name)].sum())


def given(state: State, **parameters: float) -> None:
    for name, value in parameters.items():
        state.world.p[name][0] = value


def next_week(state: State) -> int:
    state.world.clock["day"] += 7
    return state.day


def within(seen: float, mean: float, spread: float) -> bool:
    """Is what was seen within four standard errors of the mean?"""
    return abs(seen - mean) <= 4.0 * spread
