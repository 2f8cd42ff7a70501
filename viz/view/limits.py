"""What a visitor may ask for: caps on people, days, sessions and waiting."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """Caps of one server; `--public` has the tighter ones."""

    residents: int = 3_000_000
    days: int = 3650
    sessions: int = 16
    """People in interactive pages at once; the next one is shown a waiting page."""
    jobs: int = 1
    """Worker processes at once."""
    waiting: int = 40
    """Runs that may wait."""
    seconds: float = 900.0
    """A run longer than this stops and keeps what it has."""
    seeds: int = 64
    recordings: int = 24
    """Recordings kept in memory; the least recently used one goes first."""


PUBLIC = Limits(residents=120_000, days=1095, sessions=40, seconds=120.0, seeds=40)


def limits(public: bool, people: int | None = None) -> Limits:
    """The caps of a private server, or of one for a class; `people` replaces the cap on people."""
    base = replace(PUBLIC if public else Limits(), jobs=max(1, (os.cpu_count() or 2) - 1))
    return base if people is None else replace(base, sessions=people)
