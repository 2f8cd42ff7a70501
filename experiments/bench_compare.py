"""How long a council's comparison takes: three arms, paired seeds, burn-in shared, and its report.

Arms: the city as it is, the gang fellowship, mass pat-downs, both from the first day. Wall time,
since that is what people wait for; building and burning in each city are in it, compiling is not.
Runs go to a temporary folder, and nothing of an earlier run is used.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

POLICIES = ("gang_fellowship", "mass_patdowns")


def comparison_time(
    city: str = "midsize",
    replicates: int = 30,
    years: float = 5.0,
    workers: int | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Seconds of the comparison and of its report.

    Keys: city, residents, arms, replicates, years, workers, seconds, report_seconds,
    report_cpu_seconds, report_mb, variance_ratios (of the headlines, first policy arm).
    """
    from experiments.comparing import compare
    from experiments.workers import checked
    from sim.run import warm
    from sim.scenario import PolicyEntry, Scenario

    base = Scenario(city=city, years=years, name="baseline")
    arms = [
        base,
        *(base.with_changes(name=p, policies=(PolicyEntry(p, {"start": 0}),)) for p in POLICIES),
    ]
    warm()
    hands = checked(workers)
    with tempfile.TemporaryDirectory(prefix="peel-bench-") as folder, _no_kept_cities(folder):
        begun = time.perf_counter()
        result = compare(arms, replicates=replicates, workers=hands, out=Path(folder) / "out")
        compared, worked = time.perf_counter(), time.process_time()
        page = result.report()
        done, drawn = time.perf_counter(), time.process_time()
        size = page.stat().st_size
        heads = [r for r in result.differences() if r.headline and r.arm == POLICIES[0]]
        residents = int(result.runs["residents"].iloc[0])
    out = {
        "city": city, "residents": residents, "arms": len(arms), "replicates": replicates,
        "years": years, "workers": hands, "seconds": compared - begun,
        "report_seconds": done - compared, "report_cpu_seconds": drawn - worked,
        "report_mb": size / 1e6,
        "variance_ratios": {r.outcome.name: r.result.variance_ratio for r in heads},
    }  # fmt: skip
    say(
        f"{city}: {len(arms)} arms x {replicates} seeds x {years:g} years on {hands} processes:"
        f" {out['seconds']:.0f} s; the report: {out['report_seconds']:.1f} s"
    )
    return out


class _no_kept_cities:
    """Cities burnt in before are not used while it holds (workers inherit the environment)."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        self.before = os.environ.get("PEEL_CACHE_DIR")
        os.environ["PEEL_CACHE_DIR"] = self.folder

    def __exit__(self, *_: object) -> None:
        if self.before is None:
            os.environ.pop("PEEL_CACHE_DIR", None)
        else:
            os.environ["PEEL_CACHE_DIR"] = self.before
