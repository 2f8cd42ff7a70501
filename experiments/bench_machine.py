"""The machine that a bench runs on: what it is, what memory is free, and how soon memory answers."""

from __future__ import annotations

import math
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

Say = Callable[[str], None]


def machine() -> dict[str, Any]:
    """What this was measured on, in words that name nobody's machine."""
    import os
    import platform

    import numba
    import numpy as np

    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
        model = names[0] if names else model
    except OSError:
        pass
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return {
        "processor": model, "cores": os.cpu_count(), "system": platform.system(),
        "python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__,
        "load": load,
    }  # fmt: skip


def free_bytes() -> float:
    """Memory that is free now; infinite where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return float(line.split()[1]) * 1024
    except OSError:
        pass
    return math.inf


def peak_mb() -> float:
    """The most memory this process has held so far, MB."""
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage / (1e6 if sys.platform == "darwin" else 1e3)


def hops(
    say: Say, sizes: Sequence[int] = (20_000, 400_000, 2_700_000, 10_000_000), rounds: int = 5
) -> list[Any]:
    """[residents, ns]: to read and write one 64-byte record at random in a table of so many.

    Medians of rounds in which all sizes have their turn; sizes that would not fit are left out.
    """
    import numpy as np

    sizes = [n for n in sizes if n * 64 < 0.5 * free_bytes()]
    tables = [np.zeros((n, 8)) for n in sizes]
    steps = 2_000_000
    times: list[list[float]] = [[] for _ in sizes]
    for _ in range(rounds):
        for table, each in zip(tables, times, strict=True):
            order = np.random.default_rng(1).integers(0, len(table), steps)
            started = time.process_time()
            _visit(table, order)
            each.append((time.process_time() - started) / steps * 1e9)
    rows = [[n, statistics.median(each)] for n, each in zip(sizes, times, strict=True)]
    for n, ns in rows:
        say(f"a random record of {n:,}: {ns:.1f} ns")
    return rows


def _visit(table: Any, order: Any) -> None:
    """Read and write one number of each row in the order given, compiled."""
    import numba

    if not _visits:

        @numba.njit(nogil=True)
        def visit(table: Any, order: Any) -> None:
            for i in order:
                table[i, 0] += 1.0

        _visits.append(visit)
        visit(table[:1], order[:0])
    _visits[0](table, order)


_visits: list[Any] = []
