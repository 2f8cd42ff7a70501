"""Many seeds with summaries alone: the same figures as single runs, whoever does the work."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.replicates import luck, replicate
from sim.run import burn_in, run
from sim.scenario import Scenario
from tests.contracts.lively import lively, weeks


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return lively(city="synthetic:1500", years=weeks(13), burn_in_years=weeks(13))


def test_each_seed_is_the_run_of_that_seed(scenario: Scenario) -> None:
    runs = replicate(scenario, 2, first_seed=3, workers=1)
    for k, seed in enumerate((3, 4)):
        alone = run(scenario, seed).summary
        assert runs.names == list(alone) and runs.seeds[k] == seed
        assert np.array_equal(runs.values[k], list(alone.values()), equal_nan=True)


def test_a_shared_city_is_one_city_with_another_luck(scenario: Scenario) -> None:
    runs = replicate(scenario, 2, first_seed=3, workers=1, shared_city=True)
    burnt = burn_in(scenario, 3)
    want = [run(scenario, 3, burnt=burnt, setup=s).summary for s in (None, luck(4))]
    for got, alone in zip(runs.values, want, strict=True):
        assert np.array_equal(got, list(alone.values()), equal_nan=True)
    assert not np.array_equal(runs.values[0], runs.values[1])


def test_workers_and_weekly_means_change_no_summary(scenario: Scenario) -> None:
    here = replicate(scenario, 11, workers=1, shared_city=True)
    there = replicate(scenario, 11, workers=2, shared_city=True, means=False)
    assert np.array_equal(here.values, there.values, equal_nan=True)
    assert here.run_seconds > 0 and here.resident_days == pytest.approx(
        11 * 1500 * scenario.days, rel=0.05
    )
    rows = {name: (low, mean, high) for name, mean, low, high in here.rows()}
    low, mean, high = rows["legitimacy"]
    assert 0 < low <= mean <= high < 1


def test_the_command_prints_summaries_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from experiments.cli import main

    monkeypatch.chdir(tmp_path)
    line = ["run", "synthetic:400", "--years", "0.1", "--replicates", "2", "--workers", "1"]
    assert main([*line, "--shared-city", "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seeds"] == [1, 2] and len(told["values"]["legitimacy"]) == 2
    assert list(tmp_path.iterdir()) == []
    assert main([*line, "--out", "kept"]) == 2
    assert main(["run", "synthetic:400", "--shared-city"]) == 2
    assert "go with --replicates" in capsys.readouterr().err
