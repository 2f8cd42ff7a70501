"""A class of thirty in real browsers: one run for all, each on their own day, memory given back."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.request
from typing import Any

import pytest

from tests.view.chrome import READY, Seen, chromium, needed, served

pytestmark = pytest.mark.long
CLASS, FEW = 30, 5
KEPT = "5s"
"""A page that a busy browser closes before it could say so is lost, and its place kept so long."""
TOWN = "preset=synthetic:3000&seed=3&days=182&b=solve_shootings:28-"
SLOW = "preset=district&days=1092&seed="
LIGHT = {"width": 480, "height": 600}


def alive(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/api/alive") as answer:
        return dict(json.load(answer))


def busiest(pid: int) -> float:
    """CPU per cent of the busiest process below `pid`."""
    import psutil

    found = [0.0]
    for child in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found.append(child.cpu_percent(0.3))
    return max(found)


def empty(address: str, seconds: float = 60.0) -> dict[str, Any]:
    """Wait until nobody is inside any more, nor listens: a line closes a moment after its page, or
    KEPT later where the page could not say that it closes."""
    until = time.monotonic() + seconds
    while True:
        now = alive(address)
        if not (now["people"] or now["watchers"]) or time.monotonic() >= until:
            return now
        time.sleep(0.3)


def test_a_class_of_thirty_shares_one_run_and_leaves_nothing() -> None:
    needed()
    import psutil

    few = ("--public", "--people", str(CLASS))
    with served(*few, kept=KEPT) as (address, process), chromium() as browser:
        server = psutil.Process(process.pid)

        def open_one(link: str) -> Any:
            page = browser.new_context(viewport=LIGHT).new_page()
            page.goto(f"{address}/lab?{link}")
            return page

        first = open_one(TOWN)
        seen = Seen.of(first)
        first.wait_for_function(READY + " && peel.n >= 20", timeout=180_000)
        pages = [first]
        rss = {}
        for count in (FEW, CLASS):  # the first few load what all share
            pages += [open_one(TOWN) for _ in range(count - len(pages))]
            for page in pages:
                page.wait_for_function(READY + " && peel.n >= 20", timeout=180_000)
            rss[count] = server.memory_info().rss
        inside = alive(address)
        assert inside["people"] == CLASS
        assert inside["recordings"] == 1, "the same link asked for more than one run"
        assert inside["watchers"] == CLASS
        per_session = (rss[CLASS] - rss[FEW]) / (CLASS - FEW) / 1e6
        print(f"each of {CLASS} sessions: {per_session:.2f} MB")
        assert per_session < 2.0

        late = browser.new_context(viewport=LIGHT).new_page()
        late.goto(f"{address}/lab?{TOWN}")
        assert "the room is full" in late.inner_text("main").lower()
        late.context.close()

        for k, page in enumerate(pages):
            page.evaluate(f"peel.stage.player.go({5 * k})")
        days = [page.evaluate("peel.stage.player.day") for page in pages]
        assert days == [5 * k for k in range(CLASS)], "one pupil moved another's city"
        answers = sorted(page.evaluate(
            "(async () => { const t = performance.now(); await peel.line.ask('block', {block: 5});"
            " return performance.now() - t; })()"
        ) for page in pages)  # fmt: skip
        print(f"an answer, of thirty: median {answers[15]:.0f} ms, worst {answers[-1]:.0f} ms")
        assert answers[15] < 300
        assert seen.trouble == []

        for page in pages:
            page.context.close()
        left = empty(address)
        assert left["people"] == 0 and left["watchers"] == 0
        for page in [open_one(TOWN) for _ in range(3)]:  # what is left is reused, not added to
            page.wait_for_function(READY, timeout=180_000)
            page.context.close()
        empty(address)
        grown = (server.memory_info().rss - rss[CLASS]) / 1e6
        print(f"after all have left and three came: {grown:+.1f} MB")
        assert grown < 4.0, "memory of those who left was not there for those who came"


def test_who_waits_for_a_worker_is_told_their_place_and_a_run_nobody_watches_ends() -> None:
    needed()
    with served("--public", kept=KEPT) as (address, process), chromium() as browser:
        pages = []
        for seed in (21, 22, 23):
            page = browser.new_context(viewport=LIGHT).new_page()
            page.goto(f"{address}/lab?{SLOW}{seed}")
            page.wait_for_function("window.peel && peel.recording && peel.recording.identity",
                                   timeout=120_000)  # fmt: skip
            pages.append(page)
        pages[2].wait_for_function(
            "document.querySelector('.status').textContent.includes('ahead of you')",
            timeout=60_000,
        )
        said = pages[2].inner_text(".status")
        assert "2 ahead of you, about" in said or "1 ahead of you, about" in said
        for page in pages:
            page.context.close()
        until = time.monotonic() + 60
        while alive(address)["recordings"] and time.monotonic() < until:
            time.sleep(0.2)
        assert alive(address)["recordings"] == 0, "a run that nobody watches was kept"
        while (busy := busiest(process.pid)) > 50 and time.monotonic() < until:
            time.sleep(0.5)
        assert busy <= 50, "a worker is still running for nobody"
