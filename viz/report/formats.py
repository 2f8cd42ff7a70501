"""The report in other forms: a PDF by a browser that is there, Markdown, or the tables alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sim.errors import RunFailed, UserError

FORMATS = ("html", "pdf", "md", "csv")
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
PATIENCE = 180.0  # seconds


def browser() -> str | None:
    """A browser that can print without a window, or None."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    return next((path for path in _ELSEWHERE if Path(path).is_file()), None)


def check(form: str) -> None:
    """Raise UserError where `form` is none of `FORMATS`, or can't be made on this machine."""
    if form not in FORMATS:
        raise UserError(f"--format {form}: expected one of {', '.join(FORMATS)}")
    if form == "pdf" and browser() is None:
        raise UserError(
            "--format pdf: needs Chromium, Chrome or Edge on this machine, and none was found; "
            "open report.html in any browser and print it to a file instead"
        )


def pdf(page: Path) -> Path:
    """Print `page` (an HTML file) to a PDF beside it; whole or absent.

    Raises UserError where there is no browser, RunFailed where it fails.
    """
    check("pdf")
    out = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="peel-pdf-") as work:
        made = Path(work) / "report.pdf"
        words = [
            str(browser()), "--headless", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={work}/profile", "--no-pdf-header-footer",
            f"--print-to-pdf={made}", page.resolve().as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.insert(1, "--no-sandbox")  # Chromium refuses to sandbox root
        try:
            subprocess.run(words, check=True, capture_output=True, timeout=PATIENCE)
        except (OSError, subprocess.SubprocessError) as error:
            raise RunFailed(f"{words[0]} could not print {page}: {error}") from error
        if not made.is_file():
            raise RunFailed(f"{words[0]} printed nothing from {page}")
        temporary = out.with_name(f".{out.name}")
        shutil.copyfile(made, temporary)
    os.replace(temporary, out)
    return out
