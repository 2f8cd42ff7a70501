"""What visitors share: a locked cache of recordings, of batches of seeds and of lives, by identity.

Two visitors who ask for the same pair watch one recording. A run that nobody watches any more is
stopped; finished ones stay until others need the room.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from viz.view.jobs import Job, Pool
from viz.view.limits import Limits
from viz.view.recording import Recording
from viz.view.spec import PairSpec


@dataclass
class Batch:
    """Seeds of one pair: weekly series by seed, growing."""

    spec: PairSpec
    identity: str
    seeds: dict[int, Any] = field(default_factory=dict)
    wanted: int = 0
    problem: str = ""
    job: Job | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: str, data: dict[str, Any]) -> None:
        with self.lock:
            if kind == "seed":
                self.seeds[data["seed"]] = data["rows"]
            elif kind == "failed":
                self.problem = data["problem"]

    def pairs(self) -> list[Any]:
        with self.lock:
            return [self.seeds[s] for s in sorted(self.seeds)]


@dataclass
class Life:
    """What a replay told of one person, block or officer."""

    answer: dict[str, Any] | None = None
    problem: str = ""
    job: Job | None = None

    def take(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "life":
            self.answer = data
        elif kind == "failed":
            self.problem = data["problem"]


@dataclass
class Held:
    """A recording, its job, and who watches it."""

    recording: Recording
    job: Job
    watchers: set[str] = field(default_factory=set)
    used: float = 0.0


class Store:
    """The cache; every method may be called from any thread."""

    def __init__(self, limits: Limits, pool: Pool) -> None:
        self.limits, self.pool = limits, pool
        self._lock = threading.RLock()
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._batches: OrderedDict[str, Batch] = OrderedDict()
        self._lives: OrderedDict[tuple[str, str], Life] = OrderedDict()

    def open(self, spec: PairSpec, watcher: str) -> Held:
        """The recording of `spec`, begun if need be. Raises SpecError, RoomFull."""
        identity = spec.identity()
        with self._lock:
            held = self._held.get(identity)
            lost = held is not None and held.recording.ended in ("failed", "stopped")
            if held is not None and lost and not held.watchers:
                del self._held[identity]
                held = None
            if held is None:
                held = self._begin(spec, identity)
                self._held[identity] = held
                self._make_room()
            held.watchers.add(watcher)
            held.used = time.monotonic()
            self._held.move_to_end(identity)
            return held

    def _begin(self, spec: PairSpec, identity: str) -> Held:
        recording = Recording(spec, identity)
        job = {
            "spec": spec, "scenarios": spec.scenarios(), "seconds": self.limits.seconds,
            "residents": self.limits.residents,
        }  # fmt: skip
        return Held(recording, self.pool.submit(Job("pair", job, recording.take)))

    def get(self, identity: str) -> Recording | None:
        """A recording by its identity, or None."""
        with self._lock:
            held = self._held.get(identity)
            return held.recording if held else None

    def recordings(self) -> list[Recording]:
        """All that are kept, last used last."""
        with self._lock:
            return [held.recording for held in self._held.values()]

    def leave(self, identity: str, watcher: str) -> None:
        """`watcher` looks elsewhere: a run that nobody watches stops."""
        with self._lock:
            held = self._held.get(identity)
            if held is None:
                return
            held.watchers.discard(watcher)
            if not held.watchers and not held.job.over.is_set():
                self.pool.stop(held.job)
                del self._held[identity]

    def stop(self, identity: str) -> None:
        """Stop a run; what is recorded is kept."""
        with self._lock:
            held = self._held.get(identity)
        if held is not None and not held.job.over.is_set():
            self.pool.stop(held.job)

    def _make_room(self) -> None:
        for key in list(self._held):
            if len(self._held) <= self.limits.recordings:
                return
            if not self._held[key].watchers and self._held[key].job.over.is_set():
                del self._held[key]

    def batch(self, spec: PairSpec, seeds: int) -> Batch:
        """The first `seeds` seeds of a pair (edits of single events left out)."""
        from dataclasses import replace

        plain = replace(spec, edits=(), seed=0)
        identity = plain.identity()
        with self._lock:
            batch = self._batches.get(identity)
            if batch is None:
                batch = self._batches[identity] = Batch(plain, identity)
                while len(self._batches) > 40:
                    self._batches.popitem(last=False)
            self._batches.move_to_end(identity)
            idle = batch.job is None or batch.job.over.is_set()
            batch.wanted = max(batch.wanted, min(seeds, self.limits.seeds))
            left = [s for s in range(1, batch.wanted + 1) if s not in batch.seeds]
            if idle and left and not batch.problem:
                job = {
                    "scenarios": plain.scenarios(),
                    "seeds": left,
                    "residents": self.limits.residents,
                }
                batch.job = self.pool.submit(Job("luck", job, batch.take, urgent=False))
            return batch

    def life(self, recording: Recording, who: dict[str, Any]) -> Life:
        """A biography by replay."""
        key = (recording.identity, repr(sorted(who.items())))
        with self._lock:
            life = self._lives.get(key)
            if life is None:
                life = self._lives[key] = Life()
                spec = recording.spec
                job = {"spec": spec, "scenarios": spec.scenarios(), "who": who}
                life.job = self.pool.submit(Job("life", job, life.take))
                while len(self._lives) > 200:
                    self._lives.popitem(last=False)
            return life

    def report(self, recording: Recording) -> Life:
        """The compare report of a recording's scenarios, made once."""
        from viz.view.reporting import REPLICATES

        key = (recording.identity, "report")
        with self._lock:
            made = self._lives.get(key)
            if made is None:
                made = self._lives[key] = Life()
                seeds = min(REPLICATES, self.limits.seeds)
                job = {"scenarios": recording.spec.scenarios(), "seeds": seeds}
                made.job = self.pool.submit(Job("report", job, made.take, urgent=False))
            return made

    def counts(self) -> dict[str, int]:
        """For the tests of leaks and the page for teachers."""
        with self._lock:
            return {
                "recordings": len(self._held),
                "watchers": sum(len(h.watchers) for h in self._held.values()),
                "batches": len(self._batches),
                "lives": len(self._lives),
            }
