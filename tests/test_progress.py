"""How far a long job is: no estimate before there is a pace, and none that compiling has spoilt."""

from __future__ import annotations

import pytest

from experiments import progress
from experiments.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_time_before_the_first_run_is_not_in_the_estimate(clock, capsys) -> None:
    said = Progress(24, 0, True)
    for seconds, done in ((120.0, 1), (140.0, 2), (160.0, 5), (180.0, 9), (200.0, 24)):
        clock[0] = seconds
        said.at(done)
    lines = capsys.readouterr().err.splitlines()
    told = [line.partition("runs")[2] for line in lines]
    assert told == ["", "", ", about 3 min left", ", about 2 min left", ""]


def test_what_was_there_before_is_no_pace(clock, capsys) -> None:
    said = Progress(100, 80, True)
    for seconds, done in ((0.0, 80), (50.0, 82), (80.0, 94)):
        clock[0] = seconds
        said.at(done)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith("82 of 100 runs") and lines[1].endswith("about 15 s left")
