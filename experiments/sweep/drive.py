"""The client of a sweep: what is missing, handed out until nothing is.

It holds numbers of runs and counts, never results: workers write those. Chunks are cut as they are
handed out, from an order in which runs of one burnt-in city follow each other; how long the last
ones took says how many runs the next gets.
"""

from __future__ import annotations

import shutil
import signal
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.sweep import store
from experiments.sweep.chunk import Chunk, Engine, Report, Runner
from experiments.sweep.claim import WHOLE, Claim, shard_name
from experiments.sweep.design import Design
from experiments.sweep.estimate import Estimate, estimate, timeout_seconds
from sim.errors import RunFailed

CHUNK_SECONDS, LONGEST_CHUNK_SECONDS = 20.0, 60.0
FEW_CHUNKS = 10_000
"""Of a sweep that would take more, chunks are longer, up to a minute."""
LEAST_SECONDS = 2.0
MOST_IN_CHUNK = 5000
FEW_PASTS = 64
"""Burnt-in cities of a design up to which all are kept on disk, for the next sweep too."""


class Ended(KeyboardInterrupt):
    """SIGTERM: end as on Ctrl-C, with another exit code."""


class Place(Protocol):
    """Where chunks run."""

    about: str

    @property
    def slots(self) -> int: ...
    @property
    def busy(self) -> int: ...
    @property
    def ahead(self) -> int: ...
    def submit(self, chunk: Chunk) -> None: ...
    def collect(self, seconds: float) -> tuple[list[Report], list[Chunk]]: ...
    def heal(self) -> None: ...
    def __enter__(self) -> Any: ...
    def __exit__(self, *_: object) -> None: ...


@dataclass
class Outcome:
    """How a sweep, or a client's part of it, ended."""

    folder: str
    runs: int
    ok: int
    failed: int
    fresh: int
    """Runs done by this client."""
    seconds: float

    @property
    def complete(self) -> bool:
        return self.ok + self.failed >= self.runs


def sweep(
    design: Design,
    folder: Path | str,
    *,
    on: str = "local",
    workers: int | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    shards: int | None = None,
    shard: int | None = None,
    cluster: dict[str, Any] | None = None,
    plugins: Sequence[str] = (),
    runner: Runner | None = None,
    watch: Any = None,
) -> Outcome:
    """Run what is missing of a design, anywhere, losing nothing that finished.

    `on`: "local" (processes of this machine), "here" (this process: for debuggers), "slurm", or
    the address of a Dask scheduler; `workers`: processes, or Slurm jobs; `shards`, `shard`:
    only that part, on this machine.
    `watch` is told how far it is (see `experiments.sweep.watching`).

    Raises UserError for what the user can mend, RunFailed where nothing more can be kept (a full
    disk), KeyboardInterrupt on Ctrl-C and its kind `Ended` on SIGTERM: what finished is kept.
    """
    folder = Path(folder)
    engine = runner or Engine()
    told = estimate(design)
    store.begin(design, folder, resume, join=shard is not None)
    name = WHOLE if shards is None or shard is None else shard_name(shards, shard)
    with Claim(folder, name) as claim, _ending():
        found = store.done(folder, design.runs, mend=shard is None)
        wanted = found.state == 0
        if retry_failed:
            wanted |= found.state == 2
        if shards is not None and shard is not None:
            mine = np.zeros(design.runs, dtype=bool)
            mine[_order(design, np.arange(design.runs))[_slice(design.runs, shards, shard)]] = True
            wanted &= mine
        missing = np.flatnonzero(wanted)
        hand = _Hand(design, folder, told, missing, tuple(plugins), engine)
        progress = _Progress(design.runs, found, claim, watch)
        if found.broken:
            progress.say(f"{found.broken} broken parts set aside; their runs are done again")
        if missing.size:
            progress.say("getting ready (the first run on a machine compiles for a while)")
            engine.warm()
            with _place(on, workers, cluster or dict(design.cluster), told, folder, engine,
                        missing.size) as place:  # fmt: skip
                progress.at_work(place)
                _work(hand, place, progress, claim)
        if shard is None:
            shutil.rmtree(folder / "tries", ignore_errors=True)
        return progress.outcome(folder)


def _work(hand: _Hand, place: Place, progress: _Progress, claim: Claim) -> None:
    """Hand out chunks until nothing is left."""
    out = 0
    while hand.left or out:
        while hand.left and out < place.ahead:
            chunk = hand.next(place.slots)
            if chunk is None:
                break
            place.submit(chunk)
            out += 1
        reports, lost = place.collect(0.5)
        out -= len({r.number for r in reports} | {c.number for c in lost})
        for report in reports:
            if report.wrong:
                raise RunFailed(f"a worker can't take part: {report.wrong}")
            if report.full:
                raise RunFailed(report.full)
            if not report.stopped:  # else its chunk comes again, and finds what is there
                hand.learn(report)
                progress.add(report)
        for chunk in lost:
            hand.again(chunk)
        claim.check()
        place.heal()
        progress.show(place)


class _Hand:
    """Runs still to be handed out, cut into chunks of a fitting length."""

    def __init__(
        self, design: Design, folder: Path, told: Estimate, missing: NDArray[np.int64],
        plugins: tuple[str, ...], runner: Runner,
    ) -> None:  # fmt: skip
        self.design, self.folder = design, folder.resolve()
        self.plugins, self.runner = plugins, runner
        self.session = uuid.uuid4().hex[:8]
        self.timeout = timeout_seconds(design, told)
        self.order = _order(design, missing)
        self.ends = _ends_of_cities(design, self.order)
        self.at = 0
        self.number = 0
        self.back: deque[Chunk] = deque()
        self.few = np.unique(design.past_of).size * design.replicates <= FEW_PASTS
        burn_ins = max(self.ends.size, 1)
        # before anything has run: the estimate, burn-ins shared out over their runs
        self.seconds = told.seconds_per_run + told.seconds_per_burn_in * min(
            burn_ins / max(self.order.size, 1), 1.0
        )
        self.measured = False
        self._burning: dict[int, int] = {}

    @property
    def left(self) -> bool:
        return bool(self.back) or self.at < self.order.size

    def next(self, slots: int) -> Chunk | None:
        """The next chunk, for so many workers."""
        if self.back:
            return self.back.popleft()
        left = self.order.size - self.at
        if left <= 0:
            return None
        seconds = max(CHUNK_SECONDS, self.order.size * self.seconds / FEW_CHUNKS)
        seconds = min(seconds, LONGEST_CHUNK_SECONDS) if self.measured else CHUNK_SECONDS / 8
        wanted = max(int(seconds / max(self.seconds, 1e-6)), 1)
        # near the end smaller ones, so that all workers end together
        least = int(LEAST_SECONDS / max(self.seconds, 1e-6))
        wanted = max(min(wanted, MOST_IN_CHUNK, max(-(-left // (2 * slots)), least)), 1)
        end = self.at + wanted
        k = int(np.searchsorted(self.ends, self.at, side="right"))
        city_end = int(self.ends[k])
        split = False
        if end < city_end:
            split = True
        else:  # whole cities, as many as fit
            fitting = int(np.searchsorted(self.ends, end, side="right")) - 1
            end = int(self.ends[max(fitting, k)])
        runs = tuple(self.order[self.at : end].tolist())
        starts_city = self.at == 0 or self.at in self.ends
        if split and starts_city and not self.few:
            runs = runs[:1]  # burns the city in and keeps it, for the chunks that follow
        self.at += len(runs)
        keep = self.few or split or not starts_city
        self.number += 1
        return Chunk(
            str(self.folder), self.session, self.number - 1, runs, self.design.digest, self.timeout,
            keep, self.plugins, self.runner,
        )  # fmt: skip

    def again(self, chunk: Chunk) -> None:
        """Hand out a chunk once more; what of it is there is left alone."""
        self.back.append(chunk)

    def learn(self, report: Report) -> None:
        """How long runs take, burn-in included."""
        runs = report.ok + report.failed
        if runs:
            took = report.seconds / runs
            self.seconds = took if not self.measured else 0.7 * self.seconds + 0.3 * took
            self.measured = True


def _order(design: Design, runs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Runs with those of one burnt-in city next to each other, seeds in order."""
    point, replicate = np.divmod(runs, design.replicates)
    past = design.past_of[point]
    own = design.sample_of[point] if not design.common_seeds else np.zeros_like(point)
    return runs[np.lexsort((point, replicate, own, past))]


def _ends_of_cities(design: Design, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in `order` at which a run's burnt-in city is another one than the run's before."""
    if not order.size:
        return np.zeros(0, dtype=np.int64)
    point, replicate = np.divmod(order, design.replicates)
    past = design.past_of[point]
    own = design.sample_of[point] if not design.common_seeds else np.zeros_like(point)
    changes = (np.diff(past) != 0) | (np.diff(replicate) != 0) | (np.diff(own) != 0)
    return np.append(np.flatnonzero(changes) + 1, order.size)


def _slice(runs: int, shards: int, shard: int) -> slice:
    return slice(runs * shard // shards, runs * (shard + 1) // shards)


def _place(
    on: str, workers: int | None, table: dict[str, Any], told: Estimate, folder: Path,
    runner: Runner, missing: int,
) -> Place:  # fmt: skip
    if on == "here":
        from experiments.sweep.local import Here

        return Here()
    if on == "local":
        from experiments import workers as crew
        from experiments.sweep.local import Local

        return Local(min(crew.checked(workers), missing), runner)
    from experiments.sweep import cluster

    if on == "slurm":
        if workers is not None:
            table = {**table, "jobs": workers}
        return cluster.on_slurm(table, told.memory_mb, folder.resolve(), runner)
    return cluster.at_address(on, runner)


@contextmanager
def _ending() -> Iterator[None]:
    """SIGTERM ends the client as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: Any) -> None:
        raise Ended

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Progress:
    """Counts, told to the screen and to the claim's file."""

    def __init__(self, runs: int, found: store.Done, claim: Claim, watch: Any) -> None:
        self.runs, self.ok, self.failed = runs, found.ok, found.failed
        self.fresh, self.claim, self.watch = 0, claim, watch
        self.began = time.monotonic()
        self.recent: deque[tuple[float, int]] = deque([(self.began, 0)], maxlen=200)
        self.about = ""
        self._tell(0, 0)

    def say(self, text: str) -> None:
        if self.watch is not None:
            self.watch.say(text)

    def at_work(self, place: Place) -> None:
        self.about = place.about
        self.say(f"on {place.about}")
        self.began = time.monotonic()
        self.recent = deque([(self.began, 0)], maxlen=200)

    def add(self, report: Report) -> None:
        self.ok += report.ok
        self.failed += report.failed
        self.fresh += report.ok + report.failed
        self.recent.append((time.monotonic(), self.fresh))

    @property
    def rate(self) -> float:
        """Runs a second, over the last hundred or so chunks."""
        when, count = self.recent[0]
        spent = time.monotonic() - when
        return (self.fresh - count) / spent if spent > 0 else 0.0

    def show(self, place: Place) -> None:
        self._tell(place.busy, place.slots)

    def _tell(self, busy: int, slots: int) -> None:
        left = max(self.runs - self.ok - self.failed, 0)
        self.claim.told = {
            "runs": self.runs, "ok": self.ok, "failed": self.failed, "rate": self.rate,
            "seconds_left": left / self.rate if self.rate > 0 else None,
            "busy": busy, "workers": slots, "on": self.about,
        }  # fmt: skip
        if self.watch is not None:
            self.watch.show(self.claim.told)

    def outcome(self, folder: Path) -> Outcome:
        state = store.done(folder, self.runs)
        if self.watch is not None:
            self.watch.close()
        return Outcome(str(folder), self.runs, state.ok, state.failed, self.fresh,
                       time.monotonic() - self.began)  # fmt: skip
