"""Natural experiments: estimands on known data, both intervals held together, misses called so."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.facts.view import View
from experiments.natural import estimands as e
from experiments.natural import running
from experiments.natural.running import Outcome, outcome, scenario_of
from experiments.natural.table import catalogue
from tests.conftest import Said


def view(days: int, **tables: pd.DataFrame) -> View:
    scenario = SimpleNamespace(days=days)
    return View(SimpleNamespace(**tables), 1, scenario)


def test_reprisals_are_counted_per_shooting_of_a_gang_member() -> None:
    rows = [
        # id, day, kind, target_gang, cause, rule, incident
        (1, 100, "shooting", 3, 0, "gang attack", 1),
        (2, 100, "shooting", 3, 0, "gang attack", 1),  # a second victim of the same
        (3, 120, "gunfire", 1, 2, "grievance", 3),
        (4, 300, "shooting", 1, 1, "grievance", 4),
        (5, 700, "shooting", 1, 1, "grievance", 5),  # later than a year
        (6, 150, "shooting", -1, 0, "dispute", 6),  # no gang
        (7, 160, "shooting", 1, 6, "grievance", 7),
        (8, 20, "shooting", 2, 0, "gang attack", 8),  # before responders are there
    ]
    names = ["id", "day", "kind", "target_gang", "cause", "rule", "incident"]
    got = e.reprisals(view(730, events=pd.DataFrame(rows, columns=names)), e.Cohort())
    assert got.tolist() == [2.0, 3.0]  # of shootings 1, 4 and 7


def test_cohort_counts_people_arrested_again() -> None:
    lives = np.zeros(4, dtype=[("arrests", "i2"), ("key", "u8")])
    lives["key"] = [11, 12, 13, 14]
    lives["arrests"][3] = 2  # known to police before
    state = SimpleNamespace(
        world=SimpleNamespace(people=SimpleNamespace(lives=lives)), recorders=[]
    )
    cohort = e.Cohort()
    cohort.begin(state)
    for week in range(160):
        if week == 3:
            lives["arrests"][[0, 1, 3]] += 1
        if week == 40:
            lives["arrests"][0] += 1
        if week == 60:
            lives["arrests"][2] += 1  # first arrest too late for the cohort
        if week == 130:
            lives["arrests"][1] += 1  # more than two years on
        state.recorders[0](state)
    assert cohort.counts == (1.0, 2.0)


def test_effects_are_those_of_the_formulas() -> None:
    a, b = np.array([50.0, 100.0]), np.array([30.0, 100.0])
    assert e.relative(a, b) == pytest.approx(-0.4) and e.points(a, b) == pytest.approx(-0.2)
    slow = e.points_per_tenth_slower(
        np.array([50, 100, 1000, 100.0]), np.array([40, 100, 1200, 100.0])
    )
    assert slow == pytest.approx(-0.05)  # 10 points for 20 % slower
    late = e.late_share(np.array([40, 100, 90, 100.0]), np.array([30, 100, 40, 100.0]))
    assert late == pytest.approx(-0.1 / 0.5 / 0.4)
    assert math.isnan(e.relative(np.zeros(2), b)) and math.isnan(
        e.late_share(np.ones(4), np.ones(4))
    )


def _shown(value: float, low: float, high: float) -> str:
    return Outcome("x", "", "", "", "P01", value, low, high, -0.5, -0.6, -0.2, 8).verdict


def test_a_miss_is_called_a_miss() -> None:
    assert _shown(-0.3, -0.4, -0.25) == "agrees"
    assert _shown(-0.1, -0.15, -0.05) == "MISS"
    assert _shown(0.2, 0.1, 0.3) == "MISS, wrong sign"
    assert _shown(math.nan, math.nan, math.nan) == "no data"


def test_pairs_stay_together_in_the_interval() -> None:
    one = catalogue()["icat"]
    rng = np.random.default_rng(1)
    base = rng.uniform(50, 500, 12)
    pairs = [(np.array([n, 1000.0]), np.array([0.8 * n, 1000.0])) for n in base]
    got = outcome(one, one.parts[0], pairs)
    assert got.value == pytest.approx(-0.2) and got.high - got.low < 1e-9


def test_treatments_are_the_only_difference_and_published_figures_the_ledgers() -> None:
    from sim.evidence import ledger

    for name, one in catalogue().items():
        plain, treated = scenario_of(one, treated=False), scenario_of(one, treated=True)
        assert plain.city == treated.city and plain.days == treated.days, name
        moved = {k for k, v in treated.values().items() if v != plain.values()[k]}
        assert moved == set(one.parameters)
        assert len(treated.policies) == len(one.policies) and (moved or treated.policies)
        row = ledger()[one.evidence]
        first = one.parts[0]
        assert (first.low, first.high) == (row.low, row.high)


def test_the_command_prints_and_keeps(
    peel: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    known = catalogue()
    tiny = {k: dataclasses.replace(v, city="synthetic:3000", years=1.2) for k, v in known.items()}
    monkeypatch.setattr(running, "catalogue", lambda: tiny)
    assert peel("validate", "--experiments", "icatt").code == 2
    out = tmp_path / "out"
    said = peel("validate", "--experiments", "icat", "--seeds", "3", "--workers", "1", "--quiet",
                "--json", "--out", out)  # fmt: skip
    assert said.code == 0, said.err
    rows = json.loads(said.out)
    assert [row["part"] for row in rows] == ["force", "officers hurt"]
    assert rows[0]["published"] == -0.281 and rows[0]["seeds"] == 3
    kept = json.loads((out / "experiments.json").read_text())
    assert kept["experiments"][0]["verdict"] == rows[0]["verdict"]
