"""Recording: a pair as the server holds it. It only ever grows, and is frozen when the run is over.

Weeks are bytes that are passed on to browsers as they are. Every reader takes a snapshot of lengths
under the lock; nothing handed out is ever changed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.version import MODEL_VERSION
from viz.view.arm import MARK, SERIES
from viz.view.spec import PairSpec

if TYPE_CHECKING:
    from sim.explain import Causes


LICENCE = "Results of Peel may be used freely (CC0); the program is under the MIT licence."


@dataclass
class Recording:
    """Frames, series and events of both arms of `spec`."""

    spec: PairSpec
    identity: str
    shape: dict[str, Any] | None = None
    stage: str = "waiting for a worker; the very first one compiles the model, about a minute"
    parted: dict[str, Any] | None = None
    """The first day on which anybody's life differs between the arms, and whose."""
    ended: str | None = None
    """None: under way. "": whole. "stopped", "time" or "failed": a part, see `problem`."""
    problem: str = ""
    details: str = ""
    tables: dict[str, Any] = field(default_factory=dict)
    _chunks: dict[str, list[bytes]] = field(default_factory=lambda: {"a": [], "b": []})
    _series: dict[str, list[NDArray[np.float32]]] = field(
        default_factory=lambda: {"a": [], "b": []}
    )
    _events: dict[str, list[bytes]] = field(default_factory=lambda: {"a": [], "b": []})
    _lock: threading.Lock = field(default_factory=threading.Lock)
    changed: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        """One line that says where a file made of this is from."""
        return (
            f"Peel {MODEL_VERSION}, pair {self.identity}, seed {self.spec.seed}. One pair of"
            f" synthetic lives, not a forecast. {LICENCE}"
        )

    def take(self, kind: str, data: dict[str, Any]) -> None:
        """One message of the worker."""
        with self._lock:
            if kind == "week":
                for arm in ("a", "b"):
                    chunk, series, events = data[arm]
                    same = arm == "b" and data["b"] is data["a"]
                    self._chunks[arm].append(self._chunks["a"][-1] if same else chunk)
                    self._series[arm].append(series)
                    self._events[arm].append(events)
            elif kind == "shape":
                self.shape, self.stage = data, "recording"
            elif kind == "stage":
                self.stage = data["text"]
            elif kind == "parted":
                self.parted = data
            elif kind == "done":
                self.tables, self.ended = data["tables"], data["why"]
            elif kind == "failed" and self.ended is None:
                self.ended = data.get("why", "failed")
                self.problem, self.details = data["problem"], data.get("details", "")
        self.changed.set()

    @property
    def weeks(self) -> int:
        """Weeks recorded of both arms."""
        with self._lock:
            return len(self._chunks["b"])

    def chunks(self, first: int, count: int) -> list[tuple[bytes, bytes]]:
        """Both arms' weeks from `first`, at most `count` of those there are."""
        with self._lock:
            last = min(first + count, len(self._chunks["b"]))
            return [(self._chunks["a"][k], self._chunks["b"][k]) for k in range(first, last)]

    def series(self, arm: str, first: int = 0) -> NDArray[np.float32]:
        """(weeks from `first`, SERIES)."""
        with self._lock:
            rows = self._series[arm][first:]
        return np.stack(rows) if rows else np.zeros((0, len(SERIES)), dtype=np.float32)

    def events(self, arm: str, first: int = 0) -> bytes:
        """MARK records of the weeks from `first`."""
        with self._lock:
            return b"".join(self._events[arm][first:])

    def marks(self, arm: str) -> NDArray[Any]:
        """The same as an array, from the first week."""
        return np.frombuffer(self.events(arm), dtype=MARK)

    @cached_property
    def causes(self) -> dict[str, Causes]:
        """The causes in each arm; the run must be over."""
        from sim.explain import Causes

        shape = self.shape or {}
        return {
            arm: Causes(t["events"], t["before"], shape["areas"], shape["groups"])
            for arm, t in self.tables.items()
        }

    def totals(self, arm: str, weeks: int | None = None) -> dict[str, float]:
        """Sums of counts and the last value of levels over the first `weeks` weeks."""
        from viz.view.arm import COUNTS

        rows = self.series(arm)[:weeks].astype(np.float64)
        if not len(rows):
            return {}
        return {
            name: float(rows[:, k].sum() if name in COUNTS else rows[-1, k])
            for k, name in enumerate(SERIES)
        }
