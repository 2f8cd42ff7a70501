"""The view in a real browser: every page loads, plays, leaks nothing, keeps visitors apart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.view.chrome import READY, Seen, axe, chromium, needed, served

pytestmark = pytest.mark.long
TOWN = "preset=synthetic:3000&seed=3&days=182&b=solve_shootings:28-"
DONE = {
    "/": "document.querySelector('.cards')",
    f"/lab?{TOWN}": READY,
    "/learn/was-it-luck": "window.peel && peel.lesson",
    "/levers": "document.querySelector('.band, .alert')",
    f"/luck?{TOWN}": "document.querySelectorAll('circle.dot').length",
    f"/why/b/worst?{TOWN}": "document.querySelector('.why, .alert')",
    "/data": "document.querySelector('h1')",
    "/about": "document.querySelector('table')",
    "/teach": "document.querySelector('.notes')",
}


@pytest.fixture(scope="module")
def view() -> Iterator[tuple[str, Any]]:
    needed()
    with served() as (address, process), chromium() as browser:
        yield address, (browser, process)


@pytest.mark.parametrize("path", DONE, ids=lambda p: p.split("?")[0])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_loads_without_trouble(view: Any, path: str, width: int) -> None:
    address, (browser, _) = view
    context = browser.new_context(viewport={"width": width, "height": 844})
    with closing(context):  # also when it fails: what stays open would count as a leak below
        page = context.new_page()
        seen = Seen.of(page)
        page.goto(address + path)
        page.wait_for_function(DONE[path], timeout=120_000)
        page.wait_for_timeout(300)
        assert seen.trouble == []
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (
            "wider than the screen"
        )
        assert axe(page) == []


def test_the_lab_plays_pauses_steps_and_scrubs_by_keyboard(view: Any) -> None:
    address, (browser, _) = view
    page = browser.new_page()
    seen = Seen.of(page)
    page.goto(f"{address}/lab?{TOWN}")
    page.wait_for_function(READY, timeout=120_000)
    day = "peel.stage.player.day"
    page.keyboard.press("Space")
    page.wait_for_function(f"{day} > 5", timeout=20_000)
    page.keyboard.press("Space")
    stopped = page.evaluate(day)
    page.wait_for_timeout(400)
    assert page.evaluate(day) == stopped
    page.keyboard.press("ArrowRight")
    assert page.evaluate(day) == stopped + 1
    page.keyboard.press("End")
    assert page.evaluate(day) == 181
    page.keyboard.press("Home")
    assert page.evaluate(day) == 0
    page.keyboard.press("d")
    assert page.evaluate("peel.stage.show.view") == "difference"
    page.keyboard.press("?")
    assert page.evaluate("!!document.querySelector('dialog[open]')")
    page.keyboard.press("Escape")
    assert "identical" in page.inner_text(".status").lower()
    assert "pairs" in page.inner_text(".numbers-box"), "a number of one pair stood alone"
    assert seen.trouble == []
    page.close()


def test_a_lever_changed_on_a_later_day_leaves_the_past_alone(view: Any) -> None:
    address, (browser, _) = view
    page = browser.new_page()
    page.goto(f"{address}/lab?{TOWN}&day=100")
    page.wait_for_function(READY, timeout=120_000)
    weeks = "Array.from(peel.recording.series.b.slice(0, 14), (r) => r[0])"
    was, before = page.evaluate(weeks), page.evaluate("peel.recording.identity")
    page.evaluate("peel.stage.player.go(98)")
    page.click(".chip")
    page.fill("input[aria-label='detectives']", "2.5")
    page.click("text=Change from day 98 on")
    page.wait_for_function(f"peel.recording.identity !== '{before}' && {READY}", timeout=120_000)
    assert page.evaluate(weeks) == was
    choices = page.evaluate("peel.spec.b")
    assert [(c["start"], c["end"]) for c in choices] == [(28, 98), (98, None)]
    assert choices[1]["settings"] == {"detectives": 2.5}
    assert "b=" in page.url
    page.close()


def test_a_link_opens_to_the_same_bytes(view: Any) -> None:
    address, (browser, _) = view
    found = []
    for _ in range(2):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/lab?{TOWN}&day=90&layer=calls")
        page.wait_for_function(READY, timeout=120_000)
        found.append(page.evaluate(
            "[peel.recording.identity, peel.stage.player.day, peel.stage.show.layer,"
            " Array.from(peel.stage.frame.b.trust.slice(0, 500)).join()]"
        ))  # fmt: skip
        assert len(page.evaluate("peel.link()")) <= 300
        context.close()
    assert found[0] == found[1]
    assert found[0][1:3] == [90, "calls"]


def test_two_browsers_do_not_see_each_other(view: Any) -> None:
    address, (browser, _) = view
    pages = []
    for seed in (3, 4):
        page = browser.new_context().new_page()
        page.goto(f"{address}/lab?{TOWN.replace('seed=3', f'seed={seed}')}")
        pages.append(page)
    for page in pages:
        page.wait_for_function(READY, timeout=120_000)
    one, two = pages
    one.evaluate("peel.stage.player.go(77); peel.stage.setLayer('turf')")
    one.wait_for_timeout(400)
    state = "[peel.stage.player.day, peel.stage.show.layer, peel.spec.seed]"
    assert one.evaluate(state) == [77, "turf", 3]
    assert two.evaluate(state) == [0, "trust", 4]
    assert one.evaluate("peel.recording.identity") != two.evaluate("peel.recording.identity")
    for page in pages:
        page.context.close()


def test_stop_answers_at_once_and_keeps_what_is_recorded(view: Any) -> None:
    address, (browser, _) = view
    page = browser.new_page()
    page.goto(f"{address}/lab?preset=district&seed=11&days=3640")
    page.wait_for_function("window.peel && peel.recording && peel.recording.weeks > 3",
                           timeout=120_000)  # fmt: skip
    took = page.evaluate(
        "(async () => { const t = performance.now(); await peel.line.ask('stop');"
        " return performance.now() - t; })()"
    )
    assert took < 200
    page.wait_for_function("peel.recording.ended === 'stopped'", timeout=20_000)
    weeks = page.evaluate("peel.recording.weeks")
    assert 3 < weeks < 520
    assert "kept" in page.inner_text(".status")
    page.close()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/lab?preset=nowhere", "no preset or city"),
        ("/lab?preset=district&days=3", "expected a whole number"),
        ("/lab?preset=district&b=solv_shootings", "no policy"),
        ("/why/b/0x123?" + TOWN, "no event of this run"),
        ("/learn/nothing", "no lesson"),
    ],
)
def test_what_is_wrong_is_said_in_words(view: Any, path: str, says: str) -> None:
    address, (browser, _) = view
    page = browser.new_page()
    seen = Seen.of(page)
    page.goto(address + path)
    page.wait_for_selector(".alert", timeout=120_000)
    text = page.inner_text("main")
    assert says in text and "Traceback" not in text
    assert seen.trouble == []
    page.close()


def test_an_address_that_is_nothing_says_so(view: Any) -> None:
    address, (browser, _) = view
    page = browser.new_page()
    page.goto(address + "/nonsense/here")
    assert "There is no page" in page.inner_text("main")
    page.close()


def test_twenty_openings_and_closings_leak_nothing(view: Any) -> None:
    import psutil

    address, (browser, process) = view
    server = psutil.Process(process.pid)

    def cycle() -> None:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/lab?{TOWN}")
        page.wait_for_function(READY, timeout=120_000)
        context.close()

    def settled() -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until and _kernels(address):
            time.sleep(0.3)

    for _ in range(4):
        cycle()
    settled()
    before, threads = server.memory_info().rss, server.num_threads()
    for _ in range(20):
        cycle()
    settled()
    assert _kernels(address) == 0, "kernels of closed pages are alive"
    assert server.num_threads() <= threads + 4
    assert server.memory_info().rss - before < 40e6


def _kernels(address: str) -> int:
    import json
    import urllib.request

    with urllib.request.urlopen(f"{address}/api/alive") as answer:
        return int(json.load(answer)["people"])


def test_a_full_room_says_so_and_lets_in_who_waits(view: Any) -> None:
    browser = view[1][0]
    with served("--people", "1") as (address, _):
        one = browser.new_context()
        first = one.new_page()
        first.goto(f"{address}/lab?{TOWN}")
        first.wait_for_function(READY, timeout=120_000)
        second = browser.new_context().new_page()
        second.goto(f"{address}/lab?{TOWN}")
        said = second.inner_text("main").lower()
        assert "the room is full" in said and "you are next" in said
        one.close()
        second.wait_for_function(READY, timeout=60_000)
        second.context.close()
