"""The pool of workers: a queue with places, one process per job, an end within 200 ms.

A nursery process (multiprocessing's fork server, where there is one) compiles everything once;
each job is forked from it. Threads here only move messages from a worker's pipe to whoever holds
the job.
"""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from viz.view.limits import Limits

GRACE_SECONDS = 0.15
Take = Callable[[str, dict[str, Any]], None]


@dataclass
class Job:
    """Something a worker does; `take` gets its messages, on the pool's thread."""

    kind: str
    data: dict[str, Any]
    take: Take
    urgent: bool = True
    """Pairs that somebody watches go before seeds that somebody waits for."""
    began: float | None = None
    over: threading.Event = field(default_factory=threading.Event)
    process: Any = None
    _asked: bool = False
    _pipe: Any = None


class RoomFull(Exception):
    """More jobs wait than this server takes."""


class Pool:
    """Runs jobs, at most `limits.jobs` at once; the rest wait in order."""

    def __init__(self, limits: Limits, plugins: list[str] | None = None) -> None:
        self.limits, self.plugins = limits, plugins or []
        method = "forkserver" if "forkserver" in mp.get_all_start_methods() else "spawn"
        self._context: Any = mp.get_context(method)
        if method == "forkserver":
            self._context.set_forkserver_preload(["viz.view.nursery"])
        self._lock = threading.Condition()
        self._waiting: list[Job] = []
        self._running: list[Job] = []
        self._closed = False
        self.mean_seconds = 4.0
        threading.Thread(target=self._dispatch, daemon=True, name="peel-pool").start()

    def warm(self) -> None:
        """Start the nursery, so that the first visitor doesn't wait for it."""
        self.submit(Job("nothing", {}, lambda what, data: None))

    def submit(self, job: Job) -> Job:
        """Put a job in the queue. Raises RoomFull where too many wait."""
        with self._lock:
            if len(self._waiting) >= self.limits.waiting:
                raise RoomFull
            at = len(self._waiting)
            if job.urgent:
                at = next((k for k, j in enumerate(self._waiting) if not j.urgent), at)
            self._waiting.insert(at, job)
            self._lock.notify_all()
        return job

    def place(self, job: Job) -> tuple[int, float]:
        """How many jobs are ahead of a waiting one, and about how many seconds that takes."""
        with self._lock:
            if job not in self._waiting:
                return 0, 0.0
            ahead = self._waiting.index(job) + len(self._running)
            return ahead, ahead * self.mean_seconds / max(1, self.limits.jobs)

    def stop(self, job: Job) -> None:
        """Ask a job to stop with what it has, and end its process if it doesn't answer."""
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)
                job.over.set()
                job.take("failed", {"why": "stopped", "problem": "stopped before it began"})
                return
            job._asked = True
            pipe = job._pipe
        if pipe is not None:
            with contextlib.suppress(OSError, ValueError):
                pipe.send("stop")
        threading.Thread(target=self._end, args=(job,), daemon=True).start()

    def close(self) -> None:
        """End everything."""
        with self._lock:
            self._closed = True
            jobs = [*self._running]
            self._waiting.clear()
            self._lock.notify_all()
        for job in jobs:
            if job.process is not None and job.process.is_alive():
                job.process.terminate()

    def _end(self, job: Job) -> None:
        if not job.over.wait(GRACE_SECONDS + (2.0 if job.kind == "pair" else 0.0)):
            process = job.process
            if process is not None and process.is_alive():
                process.terminate()

    def _dispatch(self) -> None:
        while True:
            with self._lock:
                while not self._closed and (
                    not self._waiting or len(self._running) >= self.limits.jobs
                ):
                    self._lock.wait()
                if self._closed:
                    return
                job = self._waiting.pop(0)
                self._running.append(job)
            threading.Thread(target=self._run, args=(job,), daemon=True).start()

    def _run(self, job: Job) -> None:
        from viz.view import worker

        job.began = time.monotonic()
        ended = False
        here, there = self._context.Pipe()
        try:
            process = self._context.Process(
                target=worker.work, args=(there, job.kind, job.data, self.plugins), daemon=True
            )
            process.start()
            there.close()
            job.process, job._pipe = process, here
            if job._asked:
                here.send("stop")
            while True:
                what, data = here.recv()
                ended = ended or what in ("done", "failed")
                job.take(what, data)
        except (EOFError, OSError):
            pass
        finally:
            with contextlib.suppress(OSError):
                here.close()
            if job.process is not None:
                job.process.join(1.0)  # its exit code tells how it ended
            if not ended:
                job.take("failed", _died(job))
            job.over.set()
            with self._lock:
                self._running.remove(job)
                took = time.monotonic() - job.began
                self.mean_seconds = 0.7 * self.mean_seconds + 0.3 * took
                self._lock.notify_all()


def _died(job: Job) -> dict[str, Any]:
    """Words for a worker that ended without a word."""
    if job._asked:
        return {"why": "stopped", "problem": "stopped; what was recorded is kept"}
    code = job.process.exitcode if job.process is not None else None
    if code in (-9, 137):
        said = (
            "the system ended this run, most likely for lack of memory; what was recorded is kept."
            " Try a smaller city"
        )
    else:
        said = f"the run's process ended by itself (exit code {code}); what was recorded is kept"
    return {"problem": said}
