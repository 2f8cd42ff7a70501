"""Lessons, documents, the channel and the door, without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from viz.view import channel, lessons, replay, shell, why
from viz.view.admission import Door
from viz.view.limits import Limits, limits
from viz.view.recording import Recording
from viz.view.settings import Server


def test_there_are_eight_lessons_and_every_gap_is_filled_by_the_model() -> None:
    assert len(lessons.lessons()) == 8
    for id in lessons.lessons():
        ready = lessons.ready(id)
        text = " ".join(ready["explain"])
        assert "{" not in text and "…" not in text and "nan" not in text
        assert len(ready["predict"]["options"]) >= 3
        assert lessons.lessons()[id]["teacher"]["notes"]


def test_what_a_lesson_is_about_is_in_its_numbers() -> None:
    """A lesson whose two cities never differ teaches nothing; the one on luck needs both signs."""
    for id, lesson in lessons.lessons().items():
        spreads = lessons.numbers()[id]["spreads"]
        if lesson.get("b") and lesson.get("b") != lesson.get("a"):
            assert any(any(s["differences"]) for s in spreads.values()), id
    shot = lessons.numbers()["was-it-luck"]["spreads"]["persons_shot"]["differences"]
    assert min(shot) < 0 < max(shot)
    cleared = lessons.numbers()["was-it-luck"]["spreads"]["cleared_nonfatal"]
    assert cleared["mean_low"] > 0, "the reform's direct effect is what the text calls reliable"


def test_lessons_texts_hold_no_figure_of_their_own() -> None:
    """A figure with a decimal point, a sign or a per cent sign could only come from a run."""
    for lesson in lessons.lessons().values():
        bare = lessons.GAP.sub("", lesson["explain"]["text"]).replace("95 % interval", "")
        assert not re.search(r"[0-9]+\.[0-9]|[−+][0-9]|[0-9] ?%", bare), lesson["id"]


@pytest.mark.long
@pytest.mark.parametrize("id", list(lessons.lessons()))
def test_lessons_numbers_are_what_the_model_gives(id: str) -> None:
    """Two seeds of each lesson, run again (`python -m viz.view.lessons` after a change)."""
    stored = lessons.numbers()[id]
    again = lessons.count(lessons.lessons()[id], seeds=(1, 2))
    for outcome, spread in again["spreads"].items():
        then = stored["spreads"][outcome]["differences"][:2]
        assert spread["differences"] == pytest.approx(then, abs=1e-5), outcome


def test_a_full_room_queues_in_order() -> None:
    inside = [1]
    door = Door(2, lambda: inside[0])
    assert door.knock(None, now=0.0)[0]
    inside[0] = 2
    come_in, one, ahead = door.knock(None, now=10.0)
    assert (come_in, ahead) == (False, 0)
    come_in, two, ahead = door.knock(None, now=11.0)
    assert (come_in, ahead) == (False, 1)
    inside[0] = 1
    assert not door.knock(two, now=12.0)[0], "who came later may not overtake"
    assert door.knock(one, now=13.0)[0]
    inside[0] = 2
    assert door.knock(two, now=14.0) == (False, two, 0)
    inside[0] = 0
    assert door.knock(two, now=60.0)[0]


def test_a_class_has_tighter_caps() -> None:
    alone, many = limits(False), limits(True)
    assert many.residents < alone.residents and many.days < alone.days
    assert many.sessions >= 30
    assert limits(True, people=3).sessions == 3


def test_a_question_that_fails_is_an_answer() -> None:
    class Broken:
        def on_ask(self, content: Any) -> Any:
            raise KeyError("x")

    answer, parts = channel.respond(Broken(), {"ask": "ask"})
    assert "went wrong" in answer["error"] and parts == []
    assert "can't answer" in channel.respond(Broken(), {"ask": "__init__"})[0]["error"]


def test_solaras_document_is_made_fit() -> None:
    solara = (
        "<!doctype html><html><head><title>x</title>"
        '<meta name="viewport" content="user-scalable=no">'
        '</head><body data-base-url="/"><div id="app"></div></body></html>'
    )
    text = shell.dress(solara, "Lab", "/lab")
    assert '<html lang="en">' in text and "user-scalable" not in text
    assert "<title>Lab · Peel</title>" in text and "noscript" in text
    assert text.index('id="peel-root"') < text.index('id="app"')


def test_why_tells_chains_and_trees(pair: Recording) -> None:
    found = why.cascades(pair, "b")
    assert found["kinds"]
    got = why.explain(pair, "b", "deepest")
    assert got["chain"][0]["id"] == got["event"]["id"]
    for one, cause in zip(got["chain"], got["chain"][1:], strict=False):
        assert one["cause"] == cause["id"]
        assert "because" not in one["why"] and one["rule"]
    rows = got["tree"]["rows"]
    assert rows[0]["depth"] == 0
    assert got["event"]["id"] in [r["id"] for r in rows]
    assert got["text"].startswith("1. ")


def test_divergence_is_no_earlier_than_the_policy(pair: Recording) -> None:
    got = why.divergence(pair)
    if got["parted"] is None:
        assert got["event"] is None
    else:
        assert got["parted"]["day"] >= 28
        assert got["event"] is None or got["event"]["day"] >= got["parted"]["day"]


def test_a_replay_is_one_file_without_the_network(pair: Recording) -> None:
    text = replay.page(pair).decode()
    assert "import " not in replay.bundle().replace("important", "")
    assert not re.search(r'(src|href)="http|(await|=) fetch\(', text)
    assert pair.identity in text


def test_the_levers_table_is_whole_where_it_is_there() -> None:
    from viz.view import levers

    path = levers.TEXTS / "levers.csv"
    assert path.is_file(), "run `python -m viz.view.levers`"
    about = json.loads((levers.TEXTS / "levers.json").read_text())
    rows = [line.split(",") for line in path.read_text().splitlines()]
    assert len(rows) - 1 == about["rows"] == len(levers.SEEDS) * levers.POINTS
    assert rows[0] == ["seed", *levers.POLICIES, *levers.OUTCOMES]
    assert len(levers.POLICIES) <= 5


@pytest.mark.long
def test_the_levers_table_is_what_the_model_gives() -> None:
    from viz.view import levers

    got = levers.build(levers.design()[:2], seeds=(1,))
    stored = [
        [float(v) for v in line.split(",")]
        for line in (levers.TEXTS / "levers.csv").read_text().splitlines()[1:3]
    ]
    for mine, theirs in zip(got, stored, strict=True):
        assert list(mine) == pytest.approx(theirs, rel=1e-3, abs=1e-3)


def test_the_page_renders_without_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    import solara

    from viz.view import app, settings

    store = SimpleNamespace(leave=lambda *a: None)
    server = Server(Limits(), SimpleNamespace(), store)  # type: ignore[arg-type]
    monkeypatch.setattr(settings, "_current", [server])
    box, context = solara.render(app.Interactive("lab"), handle_error=False)
    (widget,) = [w for w in box.children if isinstance(w, channel.Channel)]
    sent: list[Any] = []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    widget._asked(widget, {"id": 1, "ask": "presets"}, [])
    assert sent[0][0]["id"] == 1 and "solve" in sent[0][0]["presets"]
    widget._asked(widget, {"id": 2, "ask": "weeks"}, [])
    assert "no run is open" in sent[1][0]["error"]
    context.close()


def test_a_finished_run_opens_as_a_pair(tmp_path: Path) -> None:
    from sim.run import run
    from sim.scenario import PolicyEntry, Scenario
    from viz.view.opened import open_what
    from viz.view.presets import every
    from viz.view.spec import PairSpec

    scenario = Scenario(
        city="synthetic:400", years=0.5, burn_in_years=0.1,
        policies=(PolicyEntry("solve_shootings", {"start": 14}),),
    )  # fmt: skip
    run(scenario, 5).save(tmp_path)
    assert open_what(str(tmp_path), 1, None) == "/lab?preset=opened"
    about = every()["opened"]
    spec = PairSpec.from_json({"preset": "opened", **{k: about[k] for k in ("seed", "days", "b")}})
    a, b = spec.scenarios()
    assert spec.seed == 5 and not a.policies
    assert b.policies == scenario.policies and b.burn_in_years == 0.1


def test_a_run_of_a_sweep_opens_by_number_and_by_id(tmp_path: Path) -> None:
    import experiments
    from experiments.sweep import design, drive
    from sim.errors import UserError
    from tests.sweep.fake import Fake, design_text
    from viz.view.opened import open_what
    from viz.view.presets import every
    from viz.view.spec import PairSpec

    (tmp_path / "design.toml").write_text(design_text(replicates=2))
    made = design.read(tmp_path / "design.toml")
    drive.sweep(made, tmp_path / "out", on="here", runner=Fake())
    rows = experiments.load(tmp_path / "out").runs
    folder = str(tmp_path / "out")
    for row in ("3", rows["id"].iloc[3]):
        assert open_what(folder, 1, None, row) == "/lab?preset=opened"
        about = every()["opened"]
        assert about["seed"] == made.seed_of(3)
        assert about["event_log_hash"] == rows["event_log_hash"].iloc[3]
        keys = ("seed", "days", "b")
        spec = PairSpec.from_json({"preset": "opened", **{k: about[k] for k in keys}})
        a, b = spec.scenarios()
        assert b.hash(spec.seed) == made.scenario(made.point_of(3)).hash(spec.seed)
        assert not a.policies
    for row, says in ((None, "name one with --row"), ("99", "expected a run from 0"),
                      ("9" * 5000, "expected a run from 0"),
                      ("zzz", "id of a finished one")):  # fmt: skip
        with pytest.raises(UserError, match=says):
            open_what(folder, 1, None, row)
    with pytest.raises(UserError, match="folder of a sweep"):
        open_what("village", 1, None, "3")
