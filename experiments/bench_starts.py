"""How long people wait for the first answer: the first run on a machine, the next ones, and `--help`.

Each command is a process of its own, with folders for compiled code and kept cities that are empty
before the first run and gone afterwards. Wall time is what people wait for; CPU time is what it would
be on a machine with nothing else to do.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

from sim.errors import RunFailed

COMMAND = "import sys; from experiments.cli import main; sys.exit(main(sys.argv[1:]))"


def starts(
    say: Callable[[str], None], city: str = "district", years: float = 1.0, again: int = 3
) -> dict[str, Any]:
    """Seconds of `peel run CITY --years YEARS` cold, then warm, and of `peel --help`.

    Keys: city, years, and for each of cold, warm and help a dict of wall_seconds and cpu_seconds
    (cold: of one run; the others: medians of `again`). Raises RunFailed where a command fails.
    """
    out: dict[str, Any] = {"city": city, "years": years}
    run = ["run", city, "--years", f"{years:g}", "--quiet", "--json"]
    with tempfile.TemporaryDirectory(prefix="peel-bench-") as folder:
        own = {"NUMBA_CACHE_DIR": folder, "PEEL_CACHE_DIR": os.path.join(folder, "cities")}
        for name, words, times in (
            ("cold", run, 1),
            ("warm", run, again),
            ("help", ["--help"], again),
        ):
            each = [seconds_of(words, own) for _ in range(times)]
            out[name] = {
                "wall_seconds": statistics.median(wall for wall, _ in each),
                "cpu_seconds": statistics.median(cpu for _, cpu in each),
            }
            say(
                f"peel {' '.join(w for w in words if w not in ('--quiet', '--json'))}, {name}:"
                f" {out[name]['wall_seconds']:.2f} s, {out[name]['cpu_seconds']:.2f} s of CPU"
            )
    return out


def seconds_of(words: Sequence[str], own: dict[str, str]) -> tuple[float, float]:
    """(wall, CPU) seconds of one `peel` command in a process of its own."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words], env={**os.environ, **own}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RunFailed(f"peel {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu
