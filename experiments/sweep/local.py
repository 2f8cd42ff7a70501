"""Cores of this machine: one process pool of the standard library per worker.

A pool of its own for each worker means that a worker's death (kill -9, out of memory) is that
worker's alone: its pool is made anew and its chunk handed out again, while the others go on.
Workers end with their parent: they hold the reading end of a pipe that nobody writes to.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from experiments.sweep.chunk import AT_WORK, STOP, Chunk, Report, Runner, listen, work
from experiments.workers import one_thread_each
from sim.errors import RunFailed

GRACE_SECONDS = 15.0
"""How long a worker may take to keep what it has finished when it is asked to end."""
MOST_DEATHS = 40
"""Deaths in a row, with nothing finished between, after which the machine itself is at fault."""


class Local:
    """Chunks on so many processes of this machine."""

    def __init__(self, workers: int, runner: Runner) -> None:
        import multiprocessing

        self._context = multiprocessing.get_context("spawn")
        self._reader, self._writer = self._context.Pipe(duplex=False)
        self._runner = runner
        self._lanes: list[ProcessPoolExecutor | None] = [None] * workers
        self._running: dict[Future[Report], tuple[int, Chunk]] = {}
        self._deaths = 0
        self.about = f"{workers} process{'' if workers == 1 else 'es'} of this machine"

    @property
    def slots(self) -> int:
        return len(self._lanes)

    @property
    def busy(self) -> int:
        return len(self._running)

    @property
    def ahead(self) -> int:
        """How many chunks may be out at once."""
        return len(self._lanes)

    def submit(self, chunk: Chunk) -> None:
        used = {lane for lane, _ in self._running.values()}
        lane = next(k for k in range(len(self._lanes)) if k not in used)
        for _ in range(2):  # a pool whose worker died while idle says so only now
            pool = self._lanes[lane]
            if pool is None:
                with one_thread_each():
                    pool = self._lanes[lane] = ProcessPoolExecutor(
                        1, self._context, _begin, (self._reader, self._runner)
                    )
            try:
                with one_thread_each():  # the process itself starts here
                    future = pool.submit(work, chunk)
            except BrokenProcessPool:
                self._lanes[lane] = None
                continue
            self._running[future] = (lane, chunk)
            return
        raise RunFailed("worker processes can't be started on this machine")

    def collect(self, seconds: float) -> tuple[list[Report], list[Chunk]]:
        """Reports that came in within so many seconds, and chunks whose worker died."""
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        reports, lost = [], []
        for future in done:
            lane, chunk = self._running.pop(future)
            try:
                report = future.result()
                reports.append(report)
                self._deaths = 0
                if not report.stopped:
                    continue
            except BrokenProcessPool:
                self._deaths += 1
            # dead, or asked from outside to end: a new process takes the chunk up
            lost.append(chunk)
            pool, self._lanes[lane] = self._lanes[lane], None
            if pool is not None:
                pool.shutdown(wait=False)
        if self._deaths >= MOST_DEATHS:
            raise RunFailed(
                f"{self._deaths} worker processes died in a row; is there memory enough? "
                "(fewer --workers need less)"
            )
        return reports, lost

    def heal(self) -> None:
        """Lanes are made anew as they are needed."""

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()  # workers see the end of the pipe, keep what they have, and end
        end = time.monotonic() + GRACE_SECONDS + 5.0
        if self._running:
            wait(self._running, timeout=GRACE_SECONDS + 5.0)
        for pool in self._lanes:
            if pool is not None:
                pool.shutdown(wait=time.monotonic() < end, cancel_futures=True)
        self._reader.close()


class Here:
    """One chunk after the other in this very process: for debuggers, profilers and tests.

    Nothing outlives the process, so a run can't be given up for taking too long.
    """

    about = "this process"
    slots = busy = ahead = 1

    def __init__(self) -> None:
        self._waiting: list[Chunk] = []

    def submit(self, chunk: Chunk) -> None:
        self._waiting.append(dataclasses.replace(chunk, timeout_seconds=0.0))

    def collect(self, seconds: float) -> tuple[list[Report], list[Chunk]]:
        """Do what was submitted."""
        chunks, self._waiting = self._waiting, []
        return [work(chunk) for chunk in chunks], []

    def heal(self) -> None:
        """There is nothing to be lost."""

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.clear()


def _begin(alive: Any, runner: Runner) -> None:
    listen()
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    runner.warm()


def _end_with(alive: Any) -> None:
    with contextlib.suppress(EOFError, OSError):
        alive.recv_bytes()
    STOP.set()
    end = time.monotonic() + GRACE_SECONDS
    while AT_WORK.is_set() and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.2)  # for the report to be sent, if anybody is there to read it
    os._exit(1)
