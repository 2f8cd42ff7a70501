"""A small recorded pair that the view's quick tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.scenario import Scenario
from viz.view import presets
from viz.view.pair import record
from viz.view.recording import Recording
from viz.view.spec import Choice, PairSpec


def recorded(spec: PairSpec) -> Recording:
    """A recording made in this process."""
    recording = Recording(spec, spec.identity())
    record(spec, spec.scenarios(), recording.take, lambda: False)
    return recording


VIOLENT = Scenario(
    name="violent", city="synthetic:8000", years=0.5, burn_in_years=0.3,
    parameters={"retaliation": 8, "retaliation_nongang": 1, "dispute_rate": 20000, "hit_share": 0.5,
                "contagion": 1, "avenger_gun": 0.9, "rivalry_rate": 3, "inertia_rate": 2},
)  # fmt: skip
"""A small city with so many disputes that any seed has solved and unsolved shootings."""


@pytest.fixture
def violent() -> Iterator[str]:
    """The name by which a pair of VIOLENT is asked for."""
    presets.open_scenario("violent", VIOLENT, {"title": "violent", "seed": 1, "days": 182})
    yield "violent"
    del presets._opened["violent"]


@pytest.fixture(scope="session")
def pair() -> Recording:
    """Three thousand people for half a year; witnesses are helped from the fourth week on."""
    return recorded(PairSpec("synthetic:3000", 3, 182, (), (Choice("solve_shootings", 28),)))
