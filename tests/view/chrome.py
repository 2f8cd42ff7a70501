"""A served view and a real Chromium for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
READY = "window.peel && peel.stage && peel.stage.frame && peel.recording.ended"


def needed() -> None:
    """Skip, saying why, where the browser, its driver or the browser files are missing."""
    pytest.importorskip("playwright", reason="Playwright is not installed")
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    from viz.view import assets

    if lacking := assets.lacking({**assets.PACKAGES, **assets.TEST_PACKAGES}):
        pytest.skip(f"browser files are missing ({', '.join(lacking)}): make view-setup")


@contextmanager
def served(*options: str, kept: str = "10m") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`peel view` in a process of its own; its address and the process. `kept`: for how long the
    place of a lost page is kept, as a page is that is closed before it could say so."""
    words = [sys.executable, "-m", "experiments.cli", "view", "--no-open", "--port", "0", "--json"]
    process = subprocess.Popen([*words, *options], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONUNBUFFERED": "1",
                                    "SOLARA_KERNEL_CULL_TIMEOUT": kept})  # fmt: skip
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("}"):
                break
        yield json.loads(said)["address"].split("/lab")[0].rstrip("/"), process
    finally:
        process.terminate()
        process.wait(15)
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Seen:
    """What a page did that it should not."""

    page: Any
    trouble: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Any, expect: tuple[int, ...] = ()) -> Seen:
        seen = cls(page)
        add = seen.trouble.append
        page.on("console", lambda m: add(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: add(f"error: {e}"))
        page.on("request", lambda r: None if _ours(r.url) else add(f"off the host: {r.url}"))
        page.on("response", lambda r: add(f"{r.status}: {r.url}")
                if r.status >= 400 and r.status not in expect else None)  # fmt: skip
        return seen


def _ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def axe(page: Any) -> list[str]:
    """Serious and critical issues that axe-core finds on the page."""
    from viz.view import assets

    (package,) = assets.TEST_PACKAGES
    page.add_script_tag(path=str(Path(assets.folder()) / package / "axe.min.js"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{v['id']} ({v['impact']}): {[n['target'] for n in v['nodes']][:3]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
