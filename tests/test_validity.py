"""docs/validity.md is made of recorded results: what they say stands there, misses included."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from experiments import ensemble, recorded, validity_calibration, validity_page
from experiments.facts import facts
from experiments.facts.licences import SOURCES
from sim.errors import UserError
from sim.hypotheses import DEFAULTS
from tests.conftest import Said


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for recorded results."""
    folder = tmp_path / "results"
    folder.mkdir()
    monkeypatch.setattr(recorded, "folder", lambda: folder)
    return folder


def _recorded(tmp_path: Path, data: object) -> str:
    source = tmp_path / "in.json"
    source.write_text(json.dumps(data))
    recorded.record(source)
    return validity_page.validity()


def test_nothing_recorded_is_said(kept: Path) -> None:
    text = validity_page.validity()
    assert "No ensemble of parameter sets ships" in text and "None is recorded" in text
    assert "must not be used for" in text and "CC BY-NC-SA 4.0" in text


def test_misses_of_natural_experiments_stay(kept: Path, tmp_path: Path) -> None:
    row = {
        "fact": "icat", "part": "force", "value": 0.1, "low": 0.05, "high": 0.2, "unit": "share",
        "accept": [-0.28, 0.0], "published": -0.281, "title": "ICAT", "evidence": ["P17"],
        "verdict": "MISS, wrong sign", "note": "Treated: every officer.",
    }  # fmt: skip
    data = {"experiments": [row], "seeds": [1, 2, 3], "model_version": "9.9"}
    text = _recorded(tmp_path, data)
    assert "| +0.1 (+0.05 to +0.2) | -0.281 (-0.28 to +0) [P17](evidence.md#P17) |" in text
    assert "MISS, wrong sign" in text and "0 of 1 agree" in text


def test_an_ensemble_ships_with_what_it_rests_on(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "folder", lambda: tmp_path / "shipped")
    data = {
        "left_out_in_turn": [{"left_out": ["carrying"], "chosen": 7, "rate": 0.5, "prior": 0.25}],
        "ensemble": True, "city": "midsize", "model_version": "9.9", "points": 240, "seeds": [1, 2],
        "points_that_stopped": 3, "points_far_off": 61, "years": 5.0, "burn_in_years": 5.0,
        "designs": ["plain"], "rule": "at least 18 of 22 facts pass", "facts": ["carrying"] * 22,
        "licence": "Targets: CC BY-NC-SA 4.0.", "priors": {"retaliation": [0, 1, 2]}, "best": 21,
        "sets": 2, "fewest": 2, "complete": True, "space_left": [0.25],
        "spread": {"retaliation": [1.5, 1.6, 1.7, 0.98]}, "pass_share": {"carrying": 0.4, "workload": 1.0},
    }  # fmt: skip
    with pytest.raises(UserError, match="can't be read"):
        _recorded(tmp_path, data)
    (tmp_path / "ensemble.csv").write_text("set,retaliation,weight\n1,1.5,1.0\n2,1.75,1.0\n")
    text = _recorded(tmp_path, data)
    assert "240 sets run (3 stopped, 61 were another city by their level alone)" in text
    assert "They ship as the ensemble `midsize`" in text and "| carrying | 7 | 50% | 25% |" in text
    assert "| `retaliation` | 0, 1, 2 | 1.5, 1.6, 1.7 | 98% (at the edge) |" in text
    assert "fewer than nine in ten of the sets pass: carrying 40%." in text
    shipped = tmp_path / "shipped" / "midsize.csv"
    assert "# Targets: CC BY-NC-SA 4.0." in shipped.read_text()
    assert [d.parameters["retaliation"] for d in ensemble.read("midsize")] == [1.5, 1.75]


def test_a_set_tried_in_place_of_the_defaults_stands_beside_them(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "boards", lambda: tmp_path / "boards")
    (tmp_path / "boards").mkdir()
    row = {"fact": 7, "name": "who", "part": "inertia", "value": -0.4, "low": -0.5, "high": -0.3,
           "accept": [0.0, None], "pass": False, "target": 1.0, "reason": "long"}  # fmt: skip
    board = {"city": "midsize", "name": "centre", "hypotheses": {}, "seed": 401, "seeds": 20,
             "years": 5.0, "seconds": 9.0, "version": "9.9",
             "scores": [row, {**row, "fact": 8, "pass": True}]}  # fmt: skip
    source = tmp_path / "validate.json"
    passes = [{**one, "pass": True} for one in board["scores"]]
    for violence, name in (("rivalry", "midsize_rivalry.json"), ("blend", "midsize.json")):
        theories = {**DEFAULTS, "violence": violence}  # as `peel validate` writes them: all
        whole = {**board, "parameters": {}, "hypotheses": theories, "scores": passes}
        source.write_text(json.dumps(whole))
        assert recorded.record(source) == tmp_path / "boards" / name
        rivals = json.loads((tmp_path / "boards" / name).read_text())["hypotheses"]
        assert rivals == ({"violence": "rivalry"} if violence == "rivalry" else {})
    assert recorded.record(source, tmp_path) == tmp_path / "midsize.json"
    source.write_text(json.dumps({**board, "parameters": {"retaliation": 0.5}}))
    assert recorded.record(source) == kept / "point-centre.json"
    lines = validity_calibration.points_tried("midsize")
    assert lines[-2:] == [
        "| defaults | none | 401-420 | 2 of 2 |  |  |  |",
        "| centre | `retaliation` 1.75 to 0.5 | 401-420 | 1 of 2 | who (inertia -0.4) |"
        " who_attacks_whom |  |",
    ]
    assert validity_calibration.points_tried("district") == []
    source.write_text(json.dumps({**board, "parameters": {"retaliation": 0.5}, "name": "a/b"}))
    with pytest.raises(UserError, match="name 'a/b'"):
        recorded.record(source)


@pytest.mark.parametrize("kind", ["board", "experiments"])
def test_a_remark_stays_while_the_seeds_are_the_same(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(recorded, "boards", lambda: tmp_path)
    board = {"city": "gotham", "name": "gotham", "hypotheses": {**DEFAULTS}, "parameters": {},
             "seed": 401, "seeds": 20, "scores": []}  # fmt: skip
    data: dict[str, Any] = (
        board if kind == "board" else {"experiments": [], "seeds": [401, 402], "version": "9.8"}
    )
    other = {"seed": 402} if kind == "board" else {"seeds": [402, 403]}
    source, said = tmp_path / "new.json", list[str]()

    def recorded_again(**changed: Any) -> Any:
        source.write_text(json.dumps({**data, **changed}))
        path = recorded.record(source, say=said.append)
        return path, json.loads(path.read_text())

    path, first = recorded_again()
    path.write_text(json.dumps({**first, "remark": "Nobody had looked."}))
    assert recorded_again(version="9.9")[1] == {
        **first,
        "version": "9.9",
        "remark": "Nobody had looked.",
    }
    assert "still holds: Nobody had looked." in said.pop() and not said
    assert recorded_again(remark="Looked twice.")[1]["remark"] == "Looked twice." and not said
    assert "remark" not in recorded_again(**other)[1]
    assert "dropped: Looked twice." in said.pop() and not said
    assert "remark" not in recorded_again(**other)[1] and not said


def test_held_out_years_say_where_the_model_loses(kept: Path, tmp_path: Path) -> None:
    row = {
        "fact": "level", "part": "persons shot", "actual": 150.0, "actual_low": 140.0,
        "actual_high": 160.0, "model": 90.0, "low": 80.0, "high": 100.0, "persistence": 120.0,
        "mean_of_years": 100.0, "covered": False, "loses_to": ["persistence", "mean of years"],
    }  # fmt: skip
    none = {**row, "part": "homicides", "actual": None}
    data = {
        "city": "gotham", "kind": "shootings", "held_out": [row, none], "seeds": [1, 2, 3],
        "tested_on": "2015", "fitted_on": "2012-2014", "fit": None, "licence": "CC BY-ND 4.0.",
    }  # fmt: skip
    text = _recorded(tmp_path, data)
    assert "### gotham" in text and "0 of 1 figures lie" in text
    assert "persistence and mean of years |" in text and "CC BY-ND 4.0." in text
    assert "No data in that year: level homicides." in text
    # log(150 / 90), log(150 / 120), log(150 / 100): the model is furthest off, and that is said
    assert "| 0.511 / 0.223 / 0.405 | persistence and mean of years |" in text
    assert "| gotham | 2012-2014 | not fitted | - | 2015 | 0 of 1 | 0.511 | 0.223 | 0.405 |" in text
    assert "| 0 of 1 |\n" in text  # figures on which the model comes nearest


def test_a_fit_says_what_was_read_and_how_near_it_came(kept: Path, tmp_path: Path) -> None:
    reached = {
        "figure": "lethality", "part": "", "target": 0.3, "low": 0.28, "high": 0.32,
        "reached": 0.25, "fitted": False, "at_edge_of_range": True, "parameters": ["lethality"],
    }  # fmt: skip
    data = {
        "city": "gotham", "kind": "shootings", "held_out": [], "seeds": [1, 2, 3],
        "tested_on": "2015", "fitted_on": "2012-2014", "licence": "CC BY 4.0.",
        "model_version": "9.9", "residents": 80_000.0, "one_in": 8.0,
        "fitted": [{"figure": "lethality", "part": "", "unit": "share"}],
        "rows": {"read": 1200, "victims": 1000, "left_out": 150, "without_place": 4,
                 "rejected": {"no valid date": 50}},
        "fit": {"parameters": {"lethality": 0.35}, "reached": [reached], "lacking": ["clearance"],
                "seeds": [1, 2], "trials": [{}, {}]},
    }  # fmt: skip
    text = _recorded(tmp_path, data)
    assert "1,200 rows of shootings read: 1,000 victims, 150 rows left out as asked, 50" in text
    assert "rejected (50 no valid date), 4 victims without a place." in text
    assert "one resident in 8" in text and "in 2 trials of 2 seeds, Peel 9.9" in text
    assert "| 0.25 | 0.05 | `lethality` 0.35 | **not fitted**, at the edge of its range |" in text
    assert "- clearance." in text and "| gotham | 2012-2014 | 0 of 1 | 0.05 |" in text


def test_flips_between_theories_are_marked(kept: Path, tmp_path: Path) -> None:
    rows = [
        {"arm": "a", "outcome": "homicides", "world": world, "difference": d, "low": d - 1,
         "high": d + 1}
        for world, d in (("given", -5), ("rivalry", 5), ("background", 0.5))
    ]  # fmt: skip
    data = {
        "worlds": ["given", "rivalry", "background"], "outcomes": rows, "headlines": ["homicides"],
        "seeds": [1, 2], "days": 365, "residents": 50_000, "arms": [], "baseline": "b",
        "folder": "somewhere", "runs": [1],
    }  # fmt: skip
    text = _recorded(tmp_path, data)
    assert "| a | homicides | given | rivalry | background | **flips** |" in text
    assert "somewhere" not in (kept / "hypotheses.json").read_text()


def test_other_files_are_refused(kept: Path, tmp_path: Path, peel: Callable[..., Said]) -> None:
    for text in ("{}", "[1]", "no json"):
        source = tmp_path / "x.json"
        source.write_text(text)
        with pytest.raises(UserError):
            recorded.record(source)
    assert peel("docs", tmp_path / "docs", "--record", tmp_path / "none.json").code == 2
    assert not list(kept.iterdir())


def test_every_fact_has_a_line_of_licence(kept: Path) -> None:
    names = {fact.name for fact in facts()}
    assert set(SOURCES) <= names
    text = validity_page.validity()
    assert all(f"| {fact.rank} {fact.name} |" in text for fact in facts())
