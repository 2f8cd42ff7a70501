"""The process that runs: one per job, forked from a nursery in which everything is compiled.

Importing this module is what the nursery does once (see `viz.view.jobs`); a job then costs no
import and no compilation, and ends with its process, memory and all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from sim.errors import RunFailed, UserError


def work(conn: Connection, kind: str, job: dict[str, Any], plugins: list[str]) -> None:
    """Do one job and tell of it over `conn`; the other side may send anything to have it stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers itself
    for file in plugins:
        from pathlib import Path

        from sim import plugins as loaded

        loaded.load(Path(file))
    asked = threading.Event()
    lock = threading.Lock()

    def listen() -> None:
        with contextlib.suppress(EOFError, OSError):
            conn.recv()
        asked.set()

    threading.Thread(target=listen, daemon=True).start()

    def tell(what: str, data: dict[str, Any]) -> None:
        with lock:
            conn.send((what, data))

    try:
        JOBS[kind](job, tell, asked.is_set)
    except (UserError, RunFailed) as problem:
        tell("failed", {"problem": str(problem)})
    except MemoryError:
        tell("failed", {"problem": "there is not enough memory for this city here"})
    except BrokenPipeError:
        os._exit(0)
    except BaseException as problem:
        said = f"{type(problem).__name__}: {problem}"
        tell("failed", {"problem": said, "details": traceback.format_exc()})
    finally:
        with contextlib.suppress(OSError):
            conn.close()


def _pair(job: dict[str, Any], tell: Any, stop: Callable[[], bool]) -> None:
    from viz.view.pair import record

    record(job["spec"], job["scenarios"], tell, stop, job["seconds"], job["residents"])


def _luck(job: dict[str, Any], tell: Any, stop: Callable[[], bool]) -> None:
    from viz.view.luck import many

    os.nice(5) if hasattr(os, "nice") else None
    many(job["scenarios"], job["seeds"], tell, stop, job["residents"])


def _life(job: dict[str, Any], tell: Any, stop: Callable[[], bool]) -> None:
    from viz.view.lives import follow

    follow(job["spec"], job["scenarios"], job["who"], tell, stop)


def _report(job: dict[str, Any], tell: Any, stop: Callable[[], bool]) -> None:
    from viz.view.reporting import report

    report(job["scenarios"], job["seeds"], tell, stop)


def _nothing(job: dict[str, Any], tell: Any, stop: Callable[[], bool]) -> None:
    """To have the nursery started."""
    tell("done", {})


JOBS: dict[str, Callable[[dict[str, Any], Any, Callable[[], bool]], None]] = {
    "pair": _pair, "luck": _luck, "life": _life, "report": _report, "nothing": _nothing,
}  # fmt: skip


def warm() -> None:
    """Compile or load everything that a recording calls, with a tiny pair."""
    from viz.view.pair import record
    from viz.view.spec import Choice, PairSpec

    tiny = PairSpec("synthetic:400", 0, 28, (), (Choice("solve_shootings"),))
    record(tiny, tiny.scenarios(), lambda what, data: None, lambda: False)
