"""Ways of using it: keyboard alone, large type, little motion, a phone; files taken home."""

from __future__ import annotations

import io
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.view.chrome import READY, Seen, chromium, needed, served
from tests.view.conftest import VIOLENT

pytestmark = pytest.mark.long
LAB = "/lab?preset=opened&day=60"
CHANGE = {"start": 28, "detectives": 2.5, "witnesses": 0.2}
FOCUS = """(() => { const e = document.activeElement;
  return [e.tagName, e.className, e.getAttribute('aria-label') || e.textContent.trim().slice(0, 40),
    getComputedStyle(e).outlineStyle, e.getBoundingClientRect().width > 0]; })()"""


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """The violent city with a policy, as a scenario that was opened."""
    from sim.scenario import PolicyEntry

    needed()
    scenario = VIOLENT.with_changes(policies=(PolicyEntry("solve_shootings", CHANGE),))
    file = tmp_path_factory.mktemp("view") / "violent.toml"
    file.write_text(scenario.to_toml(), encoding="utf-8")
    with served(str(file), "--seed", "1") as (address, _), chromium() as browser:
        yield address, browser


def lab(view: Any, **context: Any) -> tuple[Any, Seen]:
    address, browser = view
    page = browser.new_context(**context).new_page()
    seen = Seen.of(page)
    page.goto(address + LAB)
    page.wait_for_function(READY, timeout=180_000)
    return page, seen


def test_everything_in_the_lab_is_reached_by_keyboard_and_seen(view: Any) -> None:
    page, seen = lab(view)
    page.wait_for_function("document.querySelector('.roots')", timeout=30_000)
    reached = []
    for _ in range(90):
        page.keyboard.press("Tab")
        tag, kind, name, outline, wide = page.evaluate(FOCUS)
        if tag == "BODY":
            break
        reached.append((tag, kind, name))
        radio = tag == "INPUT" and not wide
        assert radio or outline != "none", f"no visible focus on {tag} {name}"
    names = " | ".join(str(r) for r in reached)
    for wanted in ("Skip to content", "Copy link", "add", "first day", "Map of the city without",
                   "Map of the city with the policy", "Play", "'Day'", "Numbers", "As a table",
                   "Series, CSV"):  # fmt: skip
        assert wanted in names, f"not reached by Tab: {wanted}"

    page.focus("canvas.map")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(".inspector h3", timeout=20_000)
    page.focus("text=Who lives and patrols here?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".people button", timeout=90_000)
    assert page.locator(".officers button").count() > 0, "no officer can be reached"
    page.focus(".people button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Follow on the map", timeout=90_000)
    page.focus("text=Follow on the map")
    page.keyboard.press("Enter")
    page.wait_for_selector(".follow:not([hidden])")
    said = page.inner_text(".follow")
    assert "Following resident" in said and ("apart since" in said or "one until" in said
                                             or "the same to the end" in said)  # fmt: skip
    assert page.evaluate("peel.stage.eye.zoom") >= 3
    followed = page.evaluate("peel.stage.followed.life.b.blocks[8]")
    x, y = page.evaluate("[peel.stage.eye.cx, peel.stage.eye.cy]")
    at = "peel.recording.shape"
    half = f"{at}.width / 2 / peel.stage.eye.zoom"
    shape = page.evaluate(f"[{at}.x[{followed}], {at}.y[{followed}], {half}]")
    assert abs(x - shape[0] - 0.5) <= shape[2] and abs(y - shape[1] - 0.5) <= shape[2]
    page.focus("text=Stop following")
    page.keyboard.press("Enter")
    assert not page.is_visible(".follow")
    page.evaluate("peel.inspector.showLife({officer: 0}, 60)")
    page.wait_for_selector(".life >> nth=1", timeout=90_000)
    assert "stress" in page.inner_text(".inspector") and "beat" in page.inner_text(".inspector")

    page.focus(".roots button")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=tree]", timeout=20_000)
    rows = page.locator("[role=treeitem]").count()
    page.focus("[role=treeitem][tabindex='0']")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.parentElement.children.length") == rows
    assert page.evaluate("document.activeElement.matches(':last-child')")
    assert seen.trouble == []
    page.context.close()


def test_the_first_difference_and_what_if_it_had_been_solved(view: Any) -> None:
    page, seen = lab(view)
    parted = page.evaluate("peel.recording.parted.day")
    assert f"Identical until day {parted}" in page.inner_text(".status")
    assert parted >= 28
    page.click("text=what parted them")
    page.wait_for_selector(".drawer .why", timeout=20_000)
    assert "first event in the log that differs" in page.inner_text(".drawer")
    assert "because" in page.inner_text(".drawer .chain")

    page.goto(view[0] + "/why/a/worst?preset=opened")
    page.wait_for_selector(".what-ifs button", timeout=180_000)
    day = page.evaluate(
        "Number(document.querySelector('.lede').textContent.match(/day (\\d+)/)[1])"
    )
    page.click("text=/What if this had (been|stayed) (un)?solved/")
    page.wait_for_function("location.pathname === '/lab' && " + READY, timeout=180_000)
    assert page.evaluate("peel.spec.edits.length") == 1
    assert page.evaluate("peel.spec.b.length") == 0, "the replay of the city without has no policy"
    assert page.evaluate("peel.recording.parted.day") >= day
    chip = page.inner_text(".edits .chip")
    assert re.search(r"olved: (fatal )?shooting, .+, day \d+", chip) and "0x" not in chip
    assert seen.trouble == []
    page.context.close()


@pytest.mark.parametrize(
    "path", ["/", LAB, "/learn/was-it-luck", "/levers", "/luck?preset=opened", "/data", "/about"]
)
def test_two_hundred_per_cent_cuts_nothing_off(view: Any, path: str) -> None:
    """Zoom of 200 % is half the width in CSS pixels; larger type alone must fit as well."""
    address, browser = view
    page = browser.new_context(viewport={"width": 640, "height": 450}).new_page()
    page.goto(address + path)
    page.wait_for_selector("h1, .kicker", timeout=60_000)
    page.wait_for_timeout(1200)
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= 640
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(300)
    assert page.evaluate(wide) <= 1280
    page.context.close()


def test_levers_answer_at_once_and_their_bands_hold_nine_of_ten_stored_runs(view: Any) -> None:
    address, browser = view
    page = browser.new_context().new_page()
    seen = Seen.of(page)
    page.goto(address + "/levers")
    page.wait_for_selector(".band", timeout=60_000)
    assert page.inner_text(".bands").count("nothing is done") == 5
    page.focus(".lever input")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("peel.doses[0]") == pytest.approx(1.0)
    assert page.evaluate("peel.took") < 50
    assert page.inner_text(".bands").count(" around ") == 5
    assert "b=solve_shootings" in page.get_attribute("a:has-text('Check it')", "href")
    assert "solve_shootings=1" in page.url
    inside = page.evaluate("""peel.table.outcomes.map((_, j) => peel.X.filter((x, r) =>
        Math.abs(peel.Y[r][j] - peel.predict(x, j)) <= 1.645 * peel.deviation(x, j) + 1e-9
      ).length / peel.X.length)""")
    named = dict(zip(page.evaluate("peel.table.outcomes"), inside, strict=True))
    print(named)
    assert all(0.88 <= share <= 1.0 for share in named.values()), named
    assert named["persons_shot"] <= 0.97, "a band as wide as that says nothing"
    assert seen.trouble == []
    page.context.close()


def test_where_motion_is_unwelcome_nothing_moves_fast(view: Any) -> None:
    page, _ = lab(view, reduced_motion="reduce")
    page.evaluate("peel.stage.player.speed = 'max'; peel.stage.player.go(0)")
    page.keyboard.press("Space")
    page.wait_for_timeout(1500)
    page.keyboard.press("Space")
    assert 0 < page.evaluate("peel.stage.player.day") <= 14, "faster than a week a second"
    assert page.evaluate("document.getAnimations().length") == 0
    page.context.close()


def test_every_file_can_be_taken_home(view: Any) -> None:
    page, _ = lab(view)
    links = page.eval_on_selector_all(".downloads a", "all => all.map((a) => a.href)")
    page.context.close()
    assert len(links) == 9
    got = {link.rsplit("/", 1)[1]: fetch(link) for link in links}
    assert got["series.csv"].count(b"\n") >= 2 * 26 + 2
    assert b"probability" in got["events.csv"].splitlines()[1]
    whole = json.loads(got["config.json"])
    assert whole["pair"]["b"][0]["name"] == "solve_shootings"
    assert whole["with"]["scenario_toml"] and len(whole["event_log_hash"]) == 2
    arrays = np.load(io.BytesIO(got["frames.npz"]))
    assert arrays["with_trust"].shape == arrays["without_trust"].shape
    assert arrays["with_trust"].shape[0] == 182
    assert got["figure.svg"].lstrip().startswith(b"<?xml")
    assert got["figure.png"].startswith(b"\x89PNG") and got["figure.pdf"].startswith(b"%PDF")
    assert got["replay.html"].startswith(b"<!doctype html>")
    assert b"<html" in got["report.html"] and len(got["report.html"]) > 50_000


def fetch(link: str, seconds: float = 240.0) -> bytes:
    """A file; one that is being made is asked for again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with urllib.request.urlopen(link) as answer:
            if answer.status == 200:
                return bytes(answer.read())
        time.sleep(1.0)
    raise AssertionError(f"{link} was never made")


def test_a_replay_plays_without_a_server(view: Any, tmp_path: Path) -> None:
    page, _ = lab(view)
    identity = page.evaluate("peel.recording.identity")
    file = tmp_path / "replay.html"
    file.write_bytes(fetch(f"{view[0]}/download/{identity}/replay.html"))
    page.goto(file.as_uri())
    page.wait_for_function("window.peel && peel.stage && peel.stage.frame", timeout=30_000)
    page.evaluate("peel.stage.player.play()")
    page.wait_for_function("peel.stage.player.day > 3", timeout=20_000)
    page.context.close()


def test_a_finished_run_is_the_same_life_again(view: Any, tmp_path: Path) -> None:
    from sim.run import run
    from sim.scenario import PolicyEntry, Scenario

    scenario = Scenario(city="synthetic:2000", years=1, burn_in_years=0.2,
                        policies=(PolicyEntry("solve_shootings", {"start": 14}),))  # fmt: skip
    run(scenario, 5).save(tmp_path)
    with served(str(tmp_path)) as (address, _):
        page = view[1].new_context().new_page()
        page.goto(f"{address}/lab?preset=opened")
        page.wait_for_function(READY, timeout=180_000)
        assert "The same life as the run that was opened" in page.inner_text(".status")
        page.context.close()
