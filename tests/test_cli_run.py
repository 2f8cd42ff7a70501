"""`peel run`: what it prints, what it keeps, and that nothing half-written stays."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from experiments import run_cli
from experiments.picture import whole_weeks
from sim.run import run
from sim.scenario import Scenario

SMALL = """\
name = "small"
[city]
name = "synthetic:1500"
[run]
years = 0.2
burn_in_years = 0
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    path.write_text(SMALL)
    return path


def test_json_has_the_keys_that_others_rely_on(peel, scenario) -> None:
    said = peel("run", scenario, "--json", "--seed", 3)
    assert said.code == 0
    result = json.loads(said.out)
    assert result["days"] == 73 and result["seed"] == 3
    assert 1300 < result["residents"] < 1700
    assert result["seconds"] > 0 and result["summary"]
    assert result["hash"] == Scenario.load(scenario).hash(3)
    again = json.loads(peel("run", scenario, "--json", "--seed", 3, "--quiet").out)
    assert again["event_log_hash"] == result["event_log_hash"]
    other = json.loads(peel("run", scenario, "--json", "--seed", 4).out)
    assert other["event_log_hash"] != result["event_log_hash"]


def test_years_replace_the_scenarios(peel, scenario) -> None:
    assert json.loads(peel("run", scenario, "--years", 0.1, "--json").out)["days"] == 36


def test_quiet_is_quiet_and_progress_is_not_on_stdout(peel, scenario) -> None:
    assert peel("run", scenario, "--quiet").err == ""
    said = peel("run", scenario)
    assert "small" in said.err and "small" in said.out and "legitimacy" in said.out


def test_a_run_is_kept_whole(peel, scenario, tmp_path) -> None:
    from sim.run import RunResult

    said = peel("run", scenario, "--out", tmp_path / "run", "--json")
    assert said.code == 0
    kept = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"run.json", "weekly.parquet", "events.parquet", "picture.png"} <= kept
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "picture.png").read_bytes().startswith(b"\x89PNG")
    loaded = RunResult.load(tmp_path / "run")
    assert loaded.event_log_hash == json.loads(said.out)["event_log_hash"]
    assert loaded.scenario.hash(1) == Scenario.load(scenario).hash(1)
    refused = peel("run", scenario, "--out", tmp_path / "run")
    assert refused.code == 2 and "exists already" in refused.err


def test_a_full_disk_leaves_nothing(peel, scenario, tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("experiments.picture.draw", full)
    said = peel("run", scenario, "--out", tmp_path / "run")
    assert said.code == 1 and "the disk is full" in said.err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing(tmp_path) -> None:
    root = Path(run_cli.__file__).resolve().parent.parent
    words = ["run", "district", "--years", "20", "--out", str(tmp_path / "run")]
    process = subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", *words],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    assert "district" in process.stderr.readline()  # it has begun
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "interrupted" in err and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_that_c_code_swallowed_comes_again() -> None:
    """LLVM's compilation calls back into Python, which drops whatever is raised there."""
    import ctypes

    from experiments.interrupts import insistent

    @ctypes.CFUNCTYPE(None)
    def callback() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)

    with pytest.raises(KeyboardInterrupt), insistent():
        callback()
        begun = time.monotonic()
        while time.monotonic() - begun < 20:
            time.sleep(0.05)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


# The words.


def test_a_last_week_of_a_few_days_is_not_drawn_as_a_fall(scenario) -> None:
    weekly = run(Scenario.load(scenario), seed=3).weekly
    assert list(weekly["days"]) == [7] * 10 + [3]
    assert list(whole_weeks(weekly)["week"]) == list(range(10))
    assert len(whole_weeks(weekly[-1:])) == 1  # all there is


def test_bars_span_a_series(capsys) -> None:
    class Utf8:
        encoding = "utf-8"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", Utf8())
        drawn = run_cli.bars(range(100), width=8)
        flat = run_cli.bars([3, 3, 3])
    assert drawn == "▁▂▃▄▅▆▇█" and flat == "▁▁▁"
    assert run_cli.bars([]) == ""


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (1234.5, "1,234"), (0.12345, "0.123"), (0.0, "0")]
)
def test_figures_are_as_long_as_they_are_worth(value: float, text: str) -> None:
    assert run_cli._figure(value) == text


def test_a_log_gets_few_lines_of_progress(capsys) -> None:
    bar = run_cli.Bar()
    for day in range(101):
        bar.show(day / 100)
    bar.close()
    assert len(capsys.readouterr().err.splitlines()) <= 1


COMPETING = """
[parameters]
programme_hours = 0.01
[[policy]]
name = "gang_fellowship"
officer_hours = 6.0
places_per_100k = 400.0
ramp_weeks = 0.0
[[policy]]
name = "hospital_intervention"
officer_hours = 6.0
places_per_100k = 400.0
ramp_weeks = 0.0
"""


def test_programmes_that_fall_short_of_hours_are_told_in_words(peel, tmp_path) -> None:
    path = tmp_path / "competing.toml"
    path.write_text(SMALL + COMPETING)
    said = peel("run", path, "--out", tmp_path / "kept")
    assert said.code == 0
    kept = pd.read_parquet(tmp_path / "kept" / "policies.parquet")
    for name in ("gang_fellowship", "hospital_intervention"):
        share = kept.loc[kept["policy"] == name, "funded"]
        assert (share < 0.9).all()
        line = next(one for one in said.out.splitlines() if one.startswith(name))
        assert f"{share.mean():.0%} of its plan in {len(share)} of {len(share)} weeks" in line


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ("resident.violence", "resident.violense", "did you mean 'resident.violence'"),
        ('"resident.violence": (', '"resident.offending": (', "which levers does not declare"),
        ("(0.8, 0.5, 1.0)", "(0.8, 0.5)", "expected (default, low, high)"),
    ],
)
def test_a_policy_of_ones_own_with_a_wrong_lever_is_told_so(
    peel, scenario, tmp_path, was, now, complaint
) -> None:
    mine = tmp_path / "night_buses.py"
    assert peel("new", "policy", "night_buses", "--out", mine).code == 0
    text = mine.read_text()
    assert was in text
    mine.write_text(text.replace(was, now))
    said = peel("run", scenario, "--plugin", mine)
    assert said.code == 2 and complaint in said.err
