"""`peel calibrate` on a tiny city: planted parameters found by the real engine; bad input told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.calibration import emulate, sets, waves
from experiments.calibration.emulate import Aim
from experiments.calibration.points import FactsOf, remembering
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
        (["--city", "x.json", "--waves", "2", "--resume"], "--resume has no meaning"),
        (["--city", "x.json", "--from", "earlier"], "--from has no meaning"),
        (["--out", "x", "--from", "earlier"], "holds no calibration"),
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


def test_another_city_is_told_by_its_level_alone() -> None:
    """Quarrels at many times the usual rate: the year's level is kept, nothing else is measured."""
    city = Scenario(city="synthetic:20000", burn_in_years=0.1)
    evaluate = FactsOf(city, (1, 2), 2.0, ("plain",))
    wild = evaluate({"dispute_rate": 20_000.0, "dispute_partner": 0.2})
    assert [(r.fact, r.part) for r in wild] == [("level_and_gap", "homicides")]
    assert wild[0].value > 150.0 and wild[0].low == wild[0].value
    calm = evaluate.far_off(
        city, remembering()
    )  # too few people to say that it has too few homicides
    assert calm is None


@pytest.mark.long
def test_the_engine_gives_planted_parameters_back(tmp_path: Path) -> None:
    """Who reports what in a tiny city, found from its own two facts."""
    truth = {"report_robbery": 0.62, "report_major_property": 0.70}
    evaluate = FactsOf(Scenario(city="synthetic:20000", burn_in_years=0.5), (1, 2), 2.0, ("plain",))
    told = {(r.fact, r.part): r.value for r in evaluate(truth)}
    name = "reporting_by_severity"
    aims = tuple(
        Aim(name, part, told[name, part] - 0.01, told[name, part] + 0.01)
        for part in ("robbery", "serious property")
    )
    settings = waves.Settings(Space.of(tuple(truth)), aims, 2, 16, 0, 1, {})
    found = waves.search(settings, evaluate, tmp_path / "c")
    fitted = waves.emulators(found.points, settings)
    assert len(fitted) == 2 and min(one.skill for one in fitted) > 0.9
    place = settings.space.scaled(settings.space.unit(truth))
    assert emulate.worst(fitted, place, 0)[0] < waves.CUTOFF
    assert found.left[0] < 0.6
    ensemble = sets.choose(found, 1)
    assert ensemble.points
    for point in ensemble.points:
        assert point.parameters["report_robbery"] == pytest.approx(0.62, abs=0.03)
        assert point.parameters["report_major_property"] == pytest.approx(0.70, abs=0.03)
