"""How far a sweep is: a line on standard error, and `peel sweep status` from anywhere else."""

from __future__ import annotations

import math
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from experiments.sweep import store
from experiments.sweep.claim import claims, fresh

SELDOM_SECONDS = 10.0


class Watch:
    """One line on standard error: redrawn where a person looks, repeated seldom in a log."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.live = sys.stderr.isatty()
        self._last = 0.0
        self._drawn = False

    def say(self, text: str) -> None:
        """A line of its own."""
        if not self.quiet:
            self._end_line()
            print(f"peel: {text}", file=sys.stderr, flush=True)

    def show(self, told: dict[str, Any]) -> None:
        """How far it is (the keys of a claim's file), a few times a second at most."""
        now = time.monotonic()
        if self.quiet or now - self._last < (0.3 if self.live else SELDOM_SECONDS):
            return
        self._last = now
        text = line(told)
        if self.live:
            columns = shutil.get_terminal_size().columns
            print(f"\r{text[: columns - 1]:<{columns - 1}}", end="", file=sys.stderr, flush=True)
            self._drawn = True
        elif told["ok"] or told["failed"]:
            print(f"peel: {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        self._end_line()

    def _end_line(self) -> None:
        if self._drawn:
            print(file=sys.stderr)
            self._drawn = False


def line(told: dict[str, Any]) -> str:
    """E.g. "[####....] 412 of 1,000 runs, 21 a second, about 28 s left, 3 failed, 2 of 2 busy"."""
    runs, done = told["runs"], told["ok"] + told["failed"]
    bar = f"[{'#' * round(20 * done / max(runs, 1)):<20}]"
    out = [f"{bar} {done:,} of {runs:,} runs"]
    if told.get("rate"):
        out.append(f"{_rate(told['rate'])}")
    left = told.get("seconds_left")
    if left is not None and done < runs:
        out.append(f"about {duration(left)} left")
    if told["failed"]:
        out.append(f"{told['failed']:,} failed")
    if told.get("workers"):
        out.append(f"{told['busy']} of {told['workers']} cores busy")
    return ", ".join(out)


def _rate(rate: float) -> str:
    return f"{rate:.3g} a second" if rate >= 1 else f"{rate * 60:.3g} a minute"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if not math.isfinite(seconds):
        return "an unknown time"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def status(folder: Path) -> dict[str, Any]:
    """What a folder and its clients say; reads names of parts, and no part."""
    import pyarrow.parquet as pq

    folder = Path(folder)
    manifest = store.manifest_of(folder)
    design = store.design_of(folder)
    rows = failed = count = 0
    whole = folder / store.RESULTS
    if whole.exists():
        rows += pq.ParquetFile(whole).metadata.num_rows
    for part in store.parts(folder):
        rows, failed, count = rows + part.rows, failed + part.failed, count + 1
    at_work = [c for c in claims(folder) if fresh(c)]
    return {
        "name": manifest["name"], "digest": manifest["digest"], "runs": design.runs,
        # rows of runs done twice count twice here; the readers see through that
        "finished": min(rows, design.runs), "failed": failed, "parts": count,
        "compacted": whole.exists(),
        "broken": sum(1 for _ in (folder / "broken" / "runs").glob("*.parquet")),
        "bytes": sum(p.stat().st_size for p in folder.rglob("*.parquet")),
        "clients": [
            {k: c.get(k) for k in ("name", "host", "process", "on", "busy", "workers", "rate",
                                   "seconds_left", "runs", "ok", "failed")}
            for c in at_work
        ],
    }  # fmt: skip


def status_lines(told: dict[str, Any]) -> list[str]:
    """For the terminal."""
    done, runs = told["finished"], told["runs"]
    out = [
        f"{told['name']}: {done:,} of {runs:,} runs ({done / max(runs, 1):.0%}), "
        f"{told['failed']:,} failed; {told['parts']:,} parts, {told['bytes'] / 1e6:,.1f} MB"
        + (", compacted" if told["compacted"] else "")
        + (f"; {told['broken']} broken parts set aside" if told["broken"] else "")
    ]
    for one in told["clients"]:
        who = f"  {one['name']}, process {one['process']} on {one['host']}"
        out.append(f"{who}, {one['on'] or 'starting'}: {line(one)}" if one["runs"] else who)
    if not told["clients"]:
        out.append("  nobody is at work here" + ("" if done >= runs else "; --resume goes on"))
    return out
