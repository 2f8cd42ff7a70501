"""`python -m viz.view.bench`: what the view costs, measured in headless Chromium, printed.

CPU milliseconds per frame (a day of both maps), of this server process and of all of Chromium's
processes together, for made-up recordings of two sizes that go the same way as real ones; the
answer to a click while playing; first frame, cold and warm; memory per further session; and how
fast `district` is recorded. Wall time on a busy machine is noise, so rates are of CPU time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psutil

from viz.view import settings

CHROMIUM = "/usr/bin/chromium"
SIZES = {
    "100x100, 7,000 agents": (100, 7_000, (5.0, 15.0)),
    "300x300, 63,000 agents": (300, 63_000, (6.0, 22.0)),
}
WEEKS, SEED = 52, 990


def made_up(side: int, agents: int, seed: int) -> Any:
    """A finished recording of `side` x `side` blocks: trust wanders daily, agents move weekly."""
    from viz.view import chunks
    from viz.view.arm import MARK, SERIES
    from viz.view.recording import Recording
    from viz.view.spec import PairSpec

    rng = np.random.default_rng(seed)
    blocks, spec = side * side, PairSpec("synthetic:400", seed, WEEKS * 7)
    recording = Recording(spec, spec.identity())
    at = np.arange(blocks)
    whole = {name: values.astype("<u2").tobytes() for name, values in (
        ("x", at % side), ("y", at // side), ("area", at * 50 // blocks),
        ("beat", at * 80 // blocks), ("people", np.full(blocks, 50)),
    )}  # fmt: skip
    recording.take("shape", {
        "spec": spec.as_json(), "width": side, "height": side, "block_m": 150.0, "blocks": blocks,
        "residents": blocks * 50, "officers": 0, "areas": [str(k) for k in range(50)],
        "groups": ["all"], "gangs": 0, "start": "2025-01-01", "patrol_most": 8.0,
        "series": list(SERIES), **whole, "turf": np.full(blocks, -1, "<i2").tobytes(),
        "before": np.zeros(0, MARK).tobytes(),
    })  # fmt: skip
    trust = {arm: rng.integers(90, 200, blocks) for arm in "ab"}
    for _ in range(WEEKS):
        week = {}
        for arm in "ab":
            days = []
            for _ in range(7):
                trust[arm] = np.clip(trust[arm] + rng.integers(-2, 3, blocks), 60, 230)
                days.append(trust[arm].astype(np.uint8))
            parts = [rng.integers(80, 220, n, dtype=np.uint8) for n in (blocks, 50, 80)]
            marks = rng.integers(0, blocks, agents, dtype=np.uint32)
            marks |= (rng.integers(0, 2, agents, dtype=np.uint32)) << np.uint32(24)
            turf = np.zeros(0, np.int16)
            chunk = chunks.pack(np.stack(days), parts[0], parts[1], parts[2], marks, turf)
            week[arm] = (chunk, rng.random(len(SERIES)).astype(np.float32), b"")
        recording.take("week", week)
    recording.take("done", {"tables": {}, "why": ""})
    return recording


def hold(server: Any, recording: Any) -> None:
    """Put a recording into the store as if it had been run."""
    from viz.view.jobs import Job
    from viz.view.store import Held

    job = Job("nothing", {}, lambda what, data: None)
    job.over.set()
    server.store._held[recording.identity] = Held(recording, job)


@contextmanager
def served() -> Iterator[tuple[Any, str]]:
    """A server on a thread of this process, and its address."""
    import uvicorn

    from viz.view import server as servers

    server = servers.make_server()
    sock = servers.bind("127.0.0.1", 0)
    config = uvicorn.Config(
        servers.make_app(server), log_level="error", ws_per_message_deflate=False,
        ws_ping_interval=None, timeout_graceful_shutdown=1,
    )  # fmt: skip
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    try:
        yield server, f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(5)


def chromium_cpu() -> float:
    """CPU seconds so far of every Chromium process below this one."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name().lower():
                times = process.cpu_times()
                total += times.user + times.system
        except psutil.Error:
            continue
    return total


READY = "window.peel && peel.stage && peel.stage.frame && peel.recording.ended"


def play(page: Any, seconds: float) -> dict[str, float]:
    """Play at full speed: CPU ms per frame of both sides, frames per second, slowest answer."""
    page.evaluate("peel.stage.player.speed = 'max'; peel.stage.player.go(0)")
    page.evaluate("peel.stage.player.play()")
    page.wait_for_timeout(1500)
    frames = page.evaluate("peel.stage.player.stats.frames")
    cpu, own, began = chromium_cpu(), time.process_time(), time.monotonic()
    slowest = 0.0
    while time.monotonic() - began < seconds:
        slowest = max(slowest, page.evaluate(
            "(async () => { const t = performance.now(); await peel.line.ask('block', {block: 5});"
            " return performance.now() - t; })()"
        ))  # fmt: skip
        page.evaluate("peel.stage.player.playing || peel.stage.player.play()")
        page.wait_for_timeout(seconds * 125)
    frames = page.evaluate("peel.stage.player.stats.frames") - frames
    passed = time.monotonic() - began
    return {
        "server_ms": 1000 * (time.process_time() - own) / frames,
        "browser_ms": 1000 * (chromium_cpu() - cpu) / frames,
        "fps": frames / passed, "answer_ms": slowest,
    }  # fmt: skip


def first_frames(browser: Any, address: str) -> tuple[float, float]:
    """Seconds to the first map frame: a browser that knows nothing, then the same again."""
    context = browser.new_context()
    took = []
    for _ in range(2):
        page = context.new_page()
        began = time.monotonic()
        page.goto(address)
        page.wait_for_function(READY, timeout=60_000, polling=20)
        took.append(time.monotonic() - began)
        page.close()
    context.close()
    return took[0], took[1]


def session_mb(browser: Any, address: str, sessions: int) -> float:
    """Megabytes that each further session adds to this process."""
    pages = []

    def more(count: int) -> int:
        for _ in range(count):
            page = browser.new_context().new_page()
            page.goto(address)
            page.wait_for_function(READY, timeout=60_000)
            pages.append(page)
        return int(psutil.Process().memory_info().rss)

    before = more(2)
    after = more(sessions)
    for page in pages:
        page.context.close()
    return (after - before) / sessions / 1e6


def recording_rate() -> float:
    """Days of `district` recorded per second of CPU time, both arms, burn-in apart."""
    from viz.view.pair import record
    from viz.view.spec import Choice, PairSpec

    spec = PairSpec("district", 1, 728, (), (Choice("solve_shootings", 56),))
    marks: list[float] = []
    for _ in range(2):
        marks.clear()
        record(spec, spec.scenarios(), lambda what, data: marks.append(time.process_time())
               if what in ("shape", "week") else None, lambda: False)  # fmt: skip
    return 728 / (marks[-1] - marks[0])


def measure(seconds: float, sessions: int) -> dict[str, Any]:
    """All of it."""
    settings.prepare()
    from playwright.sync_api import sync_playwright

    out: dict[str, Any] = {"record_days_per_second": recording_rate()}
    with served() as (server, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        lab = f"{address}/lab?preset=synthetic:400&seed="
        for k, (name, (side, agents, gates)) in enumerate(SIZES.items()):
            hold(server, made_up(side, agents, SEED + k))
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{lab}{SEED + k}&days={WEEKS * 7}")
            page.wait_for_function(READY, timeout=60_000)
            out[name] = {**play(page, seconds), "gates": gates}
            page.close()
        link = f"{lab}{SEED}&days={WEEKS * 7}"
        out["first_frame_cold_s"], out["first_frame_warm_s"] = first_frames(browser, link)
        out["session_mb"] = session_mb(browser, link, sessions)
        browser.close()
    return out


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m viz.view.bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="playing, each size")
    parser.add_argument("--sessions", type=int, default=8, help="further sessions opened")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not os.path.exists(CHROMIUM):
        print(f"{CHROMIUM} is not there; the benchmark needs it", file=sys.stderr)
        return 2
    got = measure(args.seconds, args.sessions)
    if args.json:
        print(json.dumps(got, indent=1))
        return 0
    print(f"{'':<28}{'server ms':>11}{'browser ms':>12}{'fps':>7}{'worst answer ms':>17}")
    for name in SIZES:
        g = got[name]
        figures = f"{g['server_ms']:>11.2f}{g['browser_ms']:>12.2f}{g['fps']:>7.0f}"
        gates = f"gates {g['gates'][0]:g} + {g['gates'][1]:g} ms"
        print(f"{name:<28}{figures}{g['answer_ms']:>17.0f}   {gates}")
    print(f"first map frame: cold {got['first_frame_cold_s']:.2f} s (gate 6), warm"
          f" {got['first_frame_warm_s']:.2f} s (gate 2.5)")  # fmt: skip
    print(f"each further session: {got['session_mb']:.2f} MB (gate 2)")
    print(
        f"district is recorded at {got['record_days_per_second']:.0f} days a CPU second (gate 100)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
