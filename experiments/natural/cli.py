"""What `peel validate --experiments` does, and prints."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence

from experiments import options
from experiments import workers as crew
from experiments.natural.running import Outcome, chosen, simulate

SEEDS = 8


def run_command(args: argparse.Namespace) -> int:
    """Run the natural experiments and print both effects; exit code 0 also where they miss."""
    names = [] if args.experiments == "all" else [n.strip() for n in args.experiments.split(",")]
    chosen(names)
    seeds = range(args.seed, args.seed + (args.seeds or SEEDS))
    begun = time.monotonic()

    def tick(done: int, of: int) -> None:
        if not args.quiet:
            text = f"\rpeel validate: {done} of {of} seeds, {time.monotonic() - begun:.0f} s"
            print(text, end="", file=sys.stderr)

    rows, failures = simulate(names, seeds=seeds, workers=crew.checked(args.workers), tick=tick)
    if not args.quiet:
        print(file=sys.stderr)
    for failure in failures:
        print(f"peel: {failure.label} failed: {failure.error}", file=sys.stderr)
    if args.out is not None:
        from experiments.cities.targets import sayable
        from sim.version import MODEL_VERSION

        data = {
            "model_version": MODEL_VERSION,
            "seeds": list(seeds),
            "seconds": round(time.monotonic() - begun),
            "experiments": [row.as_json() for row in rows],
        }
        with options.whole_folder(args.out) as work:
            text = json.dumps(sayable(data), indent=1, allow_nan=False)
            (work / "experiments.json").write_text(text, encoding="utf-8")
    if args.json:
        options.print_json([row.as_json() for row in rows])
    else:
        print(table(rows))
    return 0


def table(rows: Sequence[Outcome]) -> str:
    """Both effects side by side."""
    head = f"{'experiment':17} {'estimand':34} {'simulated (90 %)':>28} {'published':>26}  verdict"
    lines = [head, "-" * len(head)]
    for row in rows:
        ours = f"{_n(row.value)} ({_n(row.low)} to {_n(row.high)})"
        theirs = _n(row.published)
        if row.published_low is not None:
            theirs += f" ({_n(row.published_low)} to {_n(row.published_high)})"
        lines.append(
            f"{row.experiment:17} {row.part:34} {ours:>28} {theirs:>26}  {row.verdict}"
            f" [{row.evidence}]"
        )
    return "\n".join(lines)


def _n(value: float | None) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:+.3f}"
