"""Many jobs on the cores of one machine, none of which can take finished work down with it.

A job is one seed with all its arms, run in a worker process of its own (spawned, never forked),
which writes each finished run to disk itself; the parent holds no results, so nothing is lost
when a worker, the parent or the machine dies. If a worker dies, the jobs that were under way are
tried again, and a job that has brought its worker down `TRIES` times is given up and reported.
Workers ignore Ctrl-C and end when their parent does: they hold the reading end of a pipe that
nobody writes to.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sim.errors import RunFailed, UserError

TRIES = 3
ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Failure:
    """A run that ended in an error, which is a result like any other: the rest goes on."""

    label: str
    error: str


def told(error: BaseException) -> str:
    """An error in one line, with the place in a user's own policy or plug-in where it arose."""
    from sim import plugins

    return plugins.told(error)


class Job(Protocol):
    """Picklable work: calling it does everything still missing and returns what failed."""

    @property
    def label(self) -> str: ...

    def __call__(self, done: Callable[[], None] | None = None) -> list[Failure]: ...


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def perform(jobs: Sequence[Job], workers: int, tick: Callable[[], None]) -> list[Failure]:
    """Do all jobs with that many processes (1: in this one); `tick` is called a few times a second.

    Raises UserError as soon as a job does, and KeyboardInterrupt at once on Ctrl-C: what was
    running is dropped, what was finished is on disk. Worker deaths are retried, then reported as
    failures.
    """
    if workers <= 1 or len(jobs) <= 1:
        failures: list[Failure] = []
        for job in jobs:
            failures += job(tick)
            tick()
        return failures
    with one_thread_each():
        return _in_processes(jobs, min(workers, len(jobs)), tick)


def _in_processes(jobs: Sequence[Job], workers: int, tick: Callable[[], None]) -> list[Failure]:
    waiting = deque(jobs)
    tries: dict[str, int] = {}
    failures: list[Failure] = []
    while waiting:
        with _Crew(workers) as crew:
            under_way = _work_through(crew, waiting, workers, failures, tick)
        # a worker died: everything under way is suspect, and is tried alone from its second time on
        for job in under_way:
            tries[job.label] = tries.get(job.label, 0) + 1
            if tries[job.label] >= TRIES:
                failures.append(Failure(job.label, f"its worker process died {TRIES} times"))
            else:
                waiting.append(job)
        if under_way:
            workers = 1 if max(tries.values()) > 1 else workers
    return failures


def _work_through(
    crew: _Crew,
    waiting: deque[Job],
    workers: int,
    failures: list[Failure],
    tick: Callable[[], None],
) -> list[Job]:
    """Feed the crew until all is done (returns []) or a worker dies (returns what was under
    way)."""
    running: dict[Future[list[Failure]], Job] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                future = crew.submit(waiting[0])  # if this raises, the job still waits
                running[future] = waiting.popleft()
            done, _ = wait(running, timeout=0.3, return_when=FIRST_COMPLETED)
            tick()
            for future in done:
                failures += future.result()  # BrokenProcessPool, UserError, RunFailed, ...
                del running[future]
    except BrokenProcessPool:
        for future in [f for f in running if _finished(f)]:
            failures += future.result()
            del running[future]
        return list(running.values())
    return []


def _finished(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


class _Crew:
    """A process pool that ends at once, with its parent, or when asked."""

    def __init__(self, workers: int) -> None:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        self._reader, self._writer = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_begin, initargs=(self._reader,)
        )

    def submit(self, job: Job) -> Future[list[Failure]]:
        return self._pool.submit(_do, job)

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._writer.close()  # workers see the end of the pipe and stop in the middle of a run
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._writer.close()
        self._reader.close()


def _begin(alive: Any) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()


def _end_with(alive: Any) -> None:
    try:
        alive.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _do(job: Job) -> list[Failure]:
    return job(None)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """For processes to start in. They inherit the environment: one thread each, or cores are shared
    out twice."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        with _bare_script_set_aside():
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _bare_script_set_aside() -> Iterator[None]:
    """A spawned process first imports the user's script, which starts everything again (and dies of
    it) where no `if __name__ == "__main__":` stands in it. Jobs need nothing of such a script: its
    path is hidden while processes start. One with that line is imported as ever, so that workers
    know the policies it registers."""
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    if main is None or path is None or _minds_its_name(path):
        yield
        return
    from sim.policies import registry

    own = [name for name, kind in registry().items() if kind.__module__ == "__main__"]
    if own:
        raise UserError(
            f"{path}: workers can't know {', '.join(own)}: put what the script does, but for classes and"
            ' functions, below a line `if __name__ == "__main__":`, or load the file that holds them with'
            " sim.plugins.load()"
        )
    spec = getattr(main, "__spec__", None)
    main.__spec__ = None
    del main.__file__
    try:
        yield
    finally:
        main.__file__, main.__spec__ = path, spec


def _minds_its_name(path: str) -> bool:
    try:
        return "__name__" in Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):  # no script that could be run again
        return True


def checked(workers: int | None) -> int:
    """That many workers, or all cores; UserError below 1."""
    if workers is None:
        return cores()
    if workers < 1:
        raise UserError(f"workers = {workers}: expected a whole number of at least 1")
    return workers


__all__ = ["Failure", "Job", "RunFailed", "checked", "cores", "perform"]
