"""`peel calibrate` on a tiny city: planted parameters found by the real engine; bad input told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.calibration import waves
from experiments.calibration.emulate import Aim
from experiments.calibration.points import FactsOf
from experiments.calibration.space import Space
from sim.scenario import Scenario
from tests.conftest import Said

Peel = Callable[..., Said]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--out"),
        (["nowhere", "--out", "x"], "no"),
        (["--out", "x", "--parameters", "dispute_rat"], "did you mean"),
        (["--out", "x", "--designs", "planes"], "no design"),
        (["--out", "x", "--points", "3"], "at least 12"),
        (["--out", "x", "--at-least", "28"], "tell only"),
        (["--out", "x", "--minutes", "-1"], "positive"),
        (["--out", "x", "--hypotheses", "astrology"], "no theory"),
        (["--city", "x.json", "--waves", "2", "--resume"], "no meaning"),
    ],
)
def test_bad_input_is_told(
    words: list[str], told: str, peel: Peel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = peel("calibrate", *words)
    assert said.code == 2 and told in said.err, said.err
    assert not list(tmp_path.iterdir())


def test_slices_end_politely_and_go_on(peel: Peel, tmp_path: Path) -> None:
    out = tmp_path / "c"
    words = ["calibrate", "synthetic:2000", "--parameters", "lethality,season_amplitude",
             "--points", "12", "--waves", "1", "--seeds", "1", "--years", "1", "--burn-in", "0.1",
             "--workers", "1", "--quiet", "--json", "--out", out]  # fmt: skip
    said = peel(*words, "--minutes", "1e-6")
    assert said.code == 0 and "--resume" in said.err
    assert json.loads(said.out)["points"] == 0
    said = peel(*words, "--resume")
    record = json.loads(said.out)
    assert said.code == 1 and "no ensemble is written" in said.err  # so small a city can't pass
    assert record["points"] == 12 and record["path"] is None and not record["ensemble"]
    assert (out / "points.csv").exists() and not (out / "ensemble.csv").exists()
    assert peel(*words).code == 2


@pytest.mark.long
def test_the_engine_gives_planted_parameters_back(tmp_path: Path) -> None:
    """Reporting, lethality and stops of a tiny city, from its own facts alone."""
    truth = {"lethality": 0.28, "report_robbery": 0.62, "report_gunfire": 0.25}
    scenario = Scenario(city="synthetic:5000", burn_in_years=0.5)
    evaluate = FactsOf(scenario, (1, 2), 2.0, ("plain",))
    parts = {
        "lethality": ("share who die", 0.02),
        "reporting_by_severity": ("robbery", 0.015),
    }
    facts = {(r.fact, r.part): r.value for r in evaluate(truth)}
    gunfire = facts["reporting_by_severity", "gunfire"]
    aims = [
        Aim(fact, part, facts[fact, part] - tol, facts[fact, part] + tol)
        for fact, (part, tol) in parts.items()
    ]
    aims.append(Aim("gunfire", "gunfire", gunfire - 0.01, gunfire + 0.01))

    settings = waves.Settings(Space.of(tuple(truth)), tuple(aims[:2]), 2, 16, 0, 1, {})
    found = waves.search(settings, evaluate, tmp_path / "c", workers=1)
    space = settings.space
    fitted = waves.emulators(found.points, settings)
    from experiments.calibration import emulate

    assert emulate.worst(fitted, space.unit(truth)[None, :], 0)[0] < waves.CUTOFF
    assert found.left[0] < 0.6
    second = [p for p in found.points if p.wave == 2]
    close = [abs(p.parameters["report_robbery"] - 0.62) for p in second]
    assert sorted(close)[len(close) // 2] < 0.06
