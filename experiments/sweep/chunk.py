"""What a worker does: a list of runs, kept as they finish.

A chunk is some ten seconds to a minute of runs; those of one burnt-in city lie together, so that it
is burnt in once. Finished runs are flushed into a part every `FLUSH_SECONDS` and at the end. A run
that raises is a row with its error. One that takes longer than it may is written down by a watch,
which then ends the process: compiled code can't be stopped otherwise. If a worker dies (kill -9, out
of memory), its chunk is handed out again, finds the parts already there, and goes carefully: one run
a flush, each announced by a small file; a run that has taken its worker down `TRIES` times is a
failed row too. On SIGTERM what is finished is flushed and the chunk handed back.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from experiments.sweep import store
from experiments.sweep.design import Design
from experiments.sweep.rows import failure_row, result_row, rows_table, series_table
from sim.errors import RunFailed

FLUSH_SECONDS = 30.0
TRIES = 4
TIMED_OUT = 75
"""Exit code of a worker that ended itself because of a run that took too long."""
STOP = threading.Event()
"""Set when this process is to end: by SIGTERM, by its parent's death, by its cluster."""

AT_WORK = threading.Event()
"""Set while a chunk is being worked on."""


class Stopped(Exception):
    """The process is to end; what is finished is kept."""


class Runner(Protocol):
    """How one city's life is run; tests and benchmarks bring their own."""

    def warm(self) -> None: ...

    def burn_in(self, scenario: Any, seed: int, keep: bool) -> Any: ...

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any: ...


class Engine:
    """The real thing. Imports wait until it is used."""

    def warm(self) -> None:
        from sim.run import warm

        warm()

    def burn_in(self, scenario: Any, seed: int, keep: bool) -> Any:
        from sim.kept_cities import settled

        return settled(scenario, seed, progress=_stop_here, keep=keep)

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any:
        from sim.run import run

        return run(scenario, seed, burnt=burnt, progress=_stop_here)


def _stop_here(_share: float) -> None:
    if STOP.is_set():
        raise Stopped


@dataclass(frozen=True)
class Chunk:
    """Runs to be done, in order; small and picklable. Workers read the rest from the folder."""

    folder: str
    session: str
    number: int
    runs: tuple[int, ...]
    digest: str
    timeout_seconds: float
    keep_cities: bool = False
    """Other chunks start from the same burnt-in cities."""
    plugins: tuple[str, ...] = ()
    runner: Runner = field(default_factory=Engine)

    @property
    def prefix(self) -> str:
        return f"{self.session}-{self.number:06d}"


@dataclass(frozen=True)
class Report:
    """What became of a chunk."""

    number: int
    ok: int
    failed: int
    seconds: float
    stopped: bool = False
    full: str = ""
    """Why nothing more can be kept, e.g. a full disk; empty if it can."""
    wrong: str = ""
    """Why this worker can't take part at all (another version); empty if it can."""


def work(chunk: Chunk) -> Report:
    """Do what is missing of a chunk; everything that can go wrong ends in the report."""
    AT_WORK.set()
    try:
        return _work(chunk)
    finally:
        AT_WORK.clear()


def _work(chunk: Chunk) -> Report:
    began = time.perf_counter()
    try:
        _load_plugins(chunk.plugins)
        design = _design(chunk.folder, chunk.digest)
        kept = _Kept(chunk, design)
    except OSError as error:
        return Report(chunk.number, 0, 0, 0.0, full=_full(chunk, error))
    except Exception as error:  # the client says it, and ends
        return Report(chunk.number, 0, 0, 0.0, wrong=f"{type(error).__name__}: {error}")
    stopped, full = False, ""
    try:
        _all(chunk, design, kept)
    except Stopped:
        stopped = True
    except OSError as error:
        full = _full(chunk, error)
    except KeyboardInterrupt:  # only where chunks run in the client's own process
        kept.flush()
        raise
    finally:
        kept.close()
    if not full:
        try:
            kept.flush()
        except OSError as error:
            full = _full(chunk, error)
    seconds = time.perf_counter() - began
    return Report(chunk.number, kept.ok, kept.failed, seconds, stopped, full)


def _full(chunk: Chunk, error: OSError) -> str:
    return f"{chunk.folder}: can't keep results ({error.strerror or error})"


def _all(chunk: Chunk, design: Design, kept: _Kept) -> None:
    past, burnt, spent = None, None, 0.0
    for run in chunk.runs:
        if run in kept.there:
            continue
        if STOP.is_set():
            raise Stopped
        if kept.careful and not kept.announce(run):
            continue
        kept.began(run)
        point, seed = design.point_of(run), design.seed_of(run)
        began = time.perf_counter()
        spent = 0.0
        try:
            scenario = _scenario(design, point)
            if (now := scenario.burn_in_hash(seed)) != past:
                past, burnt = None, None  # one city in memory at a time
                burnt = chunk.runner.burn_in(scenario, seed, chunk.keep_cities)
                past, spent = now, time.perf_counter() - began
            began = time.perf_counter()
            result = chunk.runner.run(scenario, seed, burnt)
            row, series = result_row(scenario.hash(seed), result, design.keep, run)
        except Stopped:
            raise
        except Exception as error:
            row, series = failure_row(error), {}
        trail = {
            "seconds": time.perf_counter() - began,
            "burn_in_seconds": spent,
            "burn_in_from_disk": bool(getattr(burnt, "from_disk", False)),
        }
        kept.add(run, {**row, **trail}, series)


@functools.lru_cache(maxsize=8)
def _design(folder: str, digest: str) -> Design:
    """The folder's design, read once a process; it must be the client's own, on the same model."""
    told = store.manifest_of(Path(folder))
    if told["digest"] != digest:
        raise RunFailed(f"{folder}: the design there is not the one this sweep was begun with")
    store.check_model(Path(folder), told)
    return store.design_of(Path(folder))


@functools.lru_cache(maxsize=64)
def _scenario(design: Design, point: int) -> Any:
    return design.scenario(point)


def _load_plugins(files: tuple[str, ...]) -> None:
    if files:
        from sim.plugins import load

        for file in files:
            load(Path(file))


class _Kept:
    """Finished runs of a chunk: in memory until flushed, then in parts."""

    def __init__(self, chunk: Chunk, design: Design) -> None:
        self.chunk, self.design = chunk, design
        self.folder = Path(chunk.folder)
        self.rows: list[dict[str, Any]] = []
        self.series: dict[str, list[Any]] = {name: [] for name in design.keep}
        self.ok = self.failed = self.sequence = 0
        self.flushed = time.monotonic()
        self.lock = threading.RLock()
        self.run, self.deadline = -1, float("inf")
        self.tries = self.folder / "tries" / store.subfolder(chunk.number)
        self.careful = self._been_here()
        self.there = self._there() if self.careful else set()
        self._end = threading.Event()
        if chunk.timeout_seconds > 0:
            threading.Thread(target=self._watch, daemon=True).start()

    def _there(self) -> set[int]:
        """Runs that an earlier attempt at this chunk has kept; they count as this one's."""
        found: dict[int, str] = {}
        for part in store.parts_of_chunk(self.folder, self.chunk.number, self.chunk.prefix):
            table = store.read_part(part.path, ["run", "status"])
            if table is not None:
                pairs = (table.column(name).to_pylist() for name in ("run", "status"))
                found.update(zip(*pairs, strict=True))
        self.failed = sum(status != store.OK for status in found.values())
        self.ok = len(found) - self.failed
        return set(found)

    def _been_here(self) -> bool:
        """Has a worker begun this chunk and not lived to finish it? (No folder is listed for it.)"""
        self.tries.mkdir(parents=True, exist_ok=True)
        try:
            open(self.tries / f"{self.chunk.prefix}.begun", "x").close()
        except FileExistsError:
            return True
        return False

    def announce(self, run: int) -> bool:
        """Say that a run is begun; False where it has taken down enough workers."""
        name = f"{self.chunk.prefix}.run-{run}."
        if len(list(self.tries.glob(f"{name}*"))) >= TRIES:
            error = RunFailed(
                f"its worker process died {TRIES} times (killed from outside, or out of memory)"
            )
            self.began(run)
            self.add(run, failure_row(error), {})
            return False
        (self.tries / f"{name}{uuid.uuid4().hex[:8]}").touch()
        return True

    def began(self, run: int) -> None:
        """The watch counts from here."""
        with self.lock:
            self.run = run
            if self.chunk.timeout_seconds > 0:
                self.deadline = time.monotonic() + self.chunk.timeout_seconds

    def add(self, run: int, row: dict[str, Any], series: dict[str, Any]) -> None:
        """Keep a finished run, and flush if it is time."""
        with self.lock:
            self.deadline = float("inf")
            point = self.design.point_of(run)
            values = {f"param.{k}": v for k, v in self.design.values(point).items()}
            head = {"run": run, "point": point, "seed": self.design.seed_of(run)}
            trail = {"seconds": 0.0, "burn_in_seconds": 0.0, "burn_in_from_disk": False}
            made = {
                "host": socket.gethostname(), "process": os.getpid(), "finished": time.time()
            }  # fmt: skip
            self.rows.append({**head, **values, **trail, **row, **made})
            for name, table in series.items():
                self.series[name].append(table)
            if row["status"] == store.OK:
                self.ok += 1
            else:
                self.failed += 1
            if self.careful or time.monotonic() - self.flushed > FLUSH_SECONDS:
                self.flush()

    def flush(self) -> None:
        """Write what is in memory as one part; its twins first, so that a row is the last word."""
        with self.lock:
            if not self.rows:
                return
            failed = sum(row["status"] != store.OK for row in self.rows)
            name = store.part_name(self.chunk.prefix, self.sequence, len(self.rows), failed)
            sub = store.subfolder(self.chunk.number)
            for kind, tables in self.series.items():
                if tables:
                    store.write(series_table(tables), self.folder / kind / sub / name)
            store.write(rows_table(self.rows), self.folder / "runs" / sub / name)
            self.sequence += 1
            self.rows.clear()
            for tables in self.series.values():
                tables.clear()
            self.flushed = time.monotonic()

    def close(self) -> None:
        self._end.set()

    def _watch(self) -> None:
        """End the process when a run takes longer than it may; its row is written first."""
        while not self._end.wait(min(1.0, self.chunk.timeout_seconds / 4)):
            with self.lock:
                if time.monotonic() < self.deadline:
                    continue
                minutes = self.chunk.timeout_seconds / 60
                error = TimeoutError(f"not finished after {minutes:.3g} minutes")
                try:
                    self.add(self.run, failure_row(error), {})
                    self.flush()
                finally:
                    os._exit(TIMED_OUT)


def listen() -> None:
    """In a worker's main thread: SIGTERM asks it to end, Ctrl-C is for the client to decide."""
    signal.signal(signal.SIGTERM, lambda *_: STOP.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
