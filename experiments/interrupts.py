"""Ctrl-C that gets through while code is being compiled.

Python raises KeyboardInterrupt in whatever it happens to be doing. While LLVM compiles, that is
often a callback from C, which prints "Exception ignored" and carries on: the Ctrl-C is lost.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_AGAIN_SECONDS = 1.0


@contextmanager
def insistent() -> Iterator[None]:
    """In this block an interrupt is raised again each second until it has left the block.

    Only in the main thread, where Python handles signals, and where the system has timers.
    """
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return

    def interrupt(*_: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        raise KeyboardInterrupt

    # What Python says of a lost exception is noise here: it is raised again.
    said = sys.unraisablehook
    sys.unraisablehook = lambda lost: None if lost.exc_type is KeyboardInterrupt else said(lost)
    before = [(number, signal.signal(number, interrupt)) for number in _SIGNALS]
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before:
            signal.signal(number, handler)
        sys.unraisablehook = said


_SIGNALS = () if sys.platform == "win32" else (signal.SIGINT, signal.SIGALRM)
