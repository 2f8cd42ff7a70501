"""How far a long job is, on standard error."""

from __future__ import annotations

import math
import shutil
import sys
import time


class Progress:
    """One line on standard error: runs finished, and how long the rest may take."""

    def __init__(self, total: int, already: int, enabled: bool) -> None:
        self.total, self.already, self.enabled = total, already, enabled
        self.live = enabled and sys.stderr.isatty()
        self.shown = -1
        self.first: tuple[float, int] | None = None
        self.said = 0.0

    def say(self, text: str) -> None:
        if self.enabled:
            print(f"peel: {text}", file=sys.stderr)

    def at(self, files: int, _jobs: int = 0) -> None:
        """Tell how far it is, where that changed (and seldom, where nobody watches)."""
        if not self.enabled:
            return
        done = min(files, self.total)
        now = time.monotonic()
        if self.first is None and done > self.already:
            self.first = (now, done)
        if done == self.shown or (not self.live and now - self.said < 10.0 and done < self.total):
            return
        self.shown, self.said = done, now
        left = self._left(now, done)
        rest = f", about {_minutes(left)} left" if math.isfinite(left) and done < self.total else ""
        width = 24
        bar = "#" * round(width * done / self.total)
        text = f"[{bar:<{width}}] {done} of {self.total} runs{rest}"
        if self.live:
            columns = shutil.get_terminal_size().columns
            print(f"\r{text[: columns - 1]:<{columns - 1}}", end="", file=sys.stderr, flush=True)
        else:
            print(f"peel: {text}", file=sys.stderr)

    def _left(self, now: float, done: int) -> float:
        """Seconds to the end by the pace since the first run was there, which compiling held up; NaN
        until a dozen runs, or a sixth of all, tell the pace."""
        enough = max(3, min(12, math.ceil(self.total / 6)))
        if self.first is None or done - self.first[1] < enough:
            return math.nan
        return (now - self.first[0]) / (done - self.first[1]) * (self.total - done)

    def close(self) -> None:
        if self.live and self.shown >= 0:
            print(file=sys.stderr)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
