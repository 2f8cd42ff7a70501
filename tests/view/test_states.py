"""What goes wrong is said in words, with what to do, and what there was is kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from sim.errors import UserError
from tests.view.chrome import READY, Seen, chromium, needed, served
from viz.view import channel
from viz.view.jobs import RoomFull
from viz.view.limits import Limits
from viz.view.pair import record
from viz.view.recording import Recording
from viz.view.session import Session
from viz.view.spec import PairSpec

TOWN = "preset=synthetic:3000&seed=3&days=182&b=solve_shootings:28-"


def test_a_run_out_of_time_keeps_its_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is a second further at each look: time is up in the fifth week."""
    clock = SimpleNamespace(monotonic=itertools.count().__next__)
    monkeypatch.setattr("viz.view.pair.time", clock)
    spec = PairSpec("synthetic:400", 1, 364)
    recording = Recording(spec, spec.identity())
    record(spec, spec.scenarios(), recording.take, lambda: False, seconds=30.0)
    assert recording.ended == "time"
    assert recording.weeks == 4
    assert recording.tables["a"]["events"] is not None


def test_a_city_beyond_the_cap_is_refused_before_it_is_built() -> None:
    spec = PairSpec("district", 1, 28)
    with pytest.raises(UserError, match="this server runs cities of up to 1,000"):
        record(spec, spec.scenarios(), lambda *_: None, lambda: False, most_residents=1000)


def test_a_full_queue_is_said_in_words() -> None:
    class Full:
        limits = Limits()

        def open(self, spec: Any, watcher: str) -> Any:
            raise RoomFull

    server: Any = type("Server", (), {"store": Full(), "limits": Limits()})()
    ask = {"ask": "open", "spec": {"preset": "synthetic:400", "seed": 1, "days": 28}}
    answer, _ = channel.respond(Session(server), ask)
    assert "try again in a minute" in answer["error"]


def test_a_page_that_closes_while_its_run_is_being_opened_watches_nothing() -> None:
    class Slow:
        limits, watchers = Limits(), set[str]()

        def open(self, spec: Any, watcher: str) -> Any:
            self.watchers.add(watcher)
            session.close()  # meanwhile, on another thread
            return type("Held", (), {"recording": Recording(spec, spec.identity())})()

        def leave(self, identity: str, watcher: str) -> None:
            self.watchers.discard(watcher)

    server: Any = type("Server", (), {"store": Slow(), "limits": Limits()})()
    session = Session(server)
    ask = {"ask": "open", "spec": {"preset": "synthetic:400", "seed": 1, "days": 28}}
    answer, _ = channel.respond(session, ask)
    assert "closed" in answer["error"]
    assert not server.store.watchers


@pytest.fixture(scope="module")
def view() -> Iterator[tuple[str, Any, Any]]:
    needed()
    with served() as (address, process), chromium() as browser:
        yield address, browser, process


def opened(browser: Any, link: str, **context: Any) -> tuple[Any, Seen]:
    page = browser.new_context(**context).new_page()
    seen = Seen.of(page)
    page.goto(link)
    return page, seen


@pytest.mark.long
def test_an_impossible_setting_is_told_beside_its_field_and_nothing_runs(view: Any) -> None:
    address, browser, _ = view
    page, seen = opened(browser, f"{address}/lab?{TOWN}")
    page.wait_for_function(READY, timeout=120_000)
    before = page.evaluate("peel.recording.identity")
    page.click(".chip")
    page.fill("input[aria-label='detectives']", "99")
    page.click("dialog button.main")
    said = page.inner_text("dialog [role=alert]:not([hidden])")
    assert "detectives" in said and "not between" in said
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "detectives"
    assert page.evaluate("peel.recording.identity") == before
    page.keyboard.press("Escape")
    page.evaluate("peel.recording.ended = 'time'; peel.heard('progress')")
    assert "time for one run here was up" in page.inner_text(".status")
    assert page.is_visible("text=Run it again")
    assert seen.trouble == []
    page.context.close()


@pytest.mark.long
def test_a_worker_that_is_killed_keeps_what_was_recorded(view: Any) -> None:
    import psutil

    address, browser, process = view
    page, seen = opened(browser, f"{address}/lab?preset=district&seed=31&days=3640")
    page.wait_for_function("window.peel && peel.recording && peel.recording.weeks > 3",
                           timeout=180_000)  # fmt: skip
    below = psutil.Process(process.pid).children(recursive=True)
    worker = max(below, key=lambda p: p.cpu_percent(0.2) if p.is_running() else 0.0)
    worker.kill()
    page.wait_for_function("peel.recording.ended", timeout=30_000)
    said = page.inner_text(".status")
    assert "lack of memory" in said and "kept" in said and "Traceback" not in said
    assert page.evaluate("peel.recording.weeks") > 3
    assert page.is_visible("text=Run it again")
    assert seen.trouble == []
    page.context.close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("&v=0", "another version of the view"),
        ("&id=00000000&m=0.0.1", "not the same lives"),
    ],
)
def test_an_old_link_opens_and_says_that_it_is_old(view: Any, more: str, says: str) -> None:
    address, browser, _ = view
    page, seen = opened(browser, f"{address}/lab?{TOWN}{more}")
    page.wait_for_function(READY, timeout=120_000)
    assert says in page.inner_text(".lab")
    assert seen.trouble == []
    page.context.close()


@pytest.mark.long
def test_a_copied_link_names_its_lives_and_opens_without_a_word(view: Any) -> None:
    address, browser, _ = view
    page, _ = opened(browser, f"{address}/lab?{TOWN}&day=60&sel=A:0&view=difference")
    page.wait_for_function(READY, timeout=120_000)
    link = page.evaluate("peel.link()")
    assert "&id=" in link and len(link) <= 300
    again, seen = opened(browser, link)
    again.wait_for_function(READY, timeout=120_000)
    again.wait_for_selector(".inspector h3:has-text('Block 0')", timeout=20_000)
    state = "[peel.stage.player.day, peel.stage.show.view, peel.recording.identity]"
    assert again.evaluate(state) == page.evaluate(state)
    assert "not the same lives" not in again.inner_text(".lab")
    assert seen.trouble == []
    again.context.close()
    page.context.close()


@pytest.mark.long
def test_a_run_in_which_nothing_happened_says_so(view: Any) -> None:
    address, browser, _ = view
    page, seen = opened(browser, f"{address}/lab?preset=synthetic:400&seed=1&days=28")
    page.wait_for_function(READY, timeout=120_000)
    page.wait_for_function("document.querySelector('.causes-box').textContent", timeout=20_000)
    assert "Nothing is changed yet" in page.inner_text(".status")
    assert page.evaluate("peel.recording.events.b.filter((e) => e.kind === 'shooting').length"
                         ) > 0 or "try a larger city" in page.inner_text(".causes-box")  # fmt: skip
    assert seen.trouble == []
    page.context.close()


@pytest.mark.long
def test_a_browser_without_websockets_or_scripts_is_told(view: Any) -> None:
    address, browser, _ = view
    context = browser.new_context()
    context.add_init_script("delete window.WebSocket")
    page = context.new_page()
    page.goto(f"{address}/lab?{TOWN}")
    page.wait_for_selector(".alert", timeout=20_000)
    assert "no WebSocket" in page.inner_text("main")
    context.close()
    page, _ = opened(browser, f"{address}/lab?{TOWN}", java_script_enabled=False)
    assert "needs JavaScript" in page.inner_text("body")
    page.context.close()


@pytest.mark.long
def test_a_server_that_is_gone_leaves_the_page_and_says_so(view: Any) -> None:
    with served() as (address, _):
        page, _ = opened(view[1], f"{address}/lab?{TOWN}")
        page.wait_for_function(READY, timeout=180_000)
    page.wait_for_selector(".banner:not([hidden])", timeout=40_000)
    assert "does not answer" in page.inner_text(".banner")
    page.keyboard.press("End")  # what was recorded can still be looked at
    page.wait_for_timeout(300)
    assert page.evaluate("peel.stage.player.day") == 181
    assert page.is_visible("canvas.map")
    page.context.close()
