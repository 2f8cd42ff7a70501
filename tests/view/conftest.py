"""A small recorded pair that the view's quick tests share."""

from __future__ import annotations

import pytest

from viz.view.pair import record
from viz.view.recording import Recording
from viz.view.spec import Choice, PairSpec


def recorded(spec: PairSpec) -> Recording:
    """A recording made in this process."""
    recording = Recording(spec, spec.identity())
    record(spec, spec.scenarios(), recording.take, lambda: False)
    return recording


@pytest.fixture(scope="session")
def pair() -> Recording:
    """Three thousand people for half a year; witnesses are helped from the fourth week on."""
    return recorded(PairSpec("synthetic:3000", 3, 182, (), (Choice("solve_shootings", 28),)))
