"""`peel bench`: speed on this machine."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from experiments import options


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "bench",
        help="measure speed on this machine",
        description="Time the engine against a plain Mesa model of the same rules and, where it is"
        " installed, Starsim. CPU time of one core, medians of several repeats.",
    )
    parser.add_argument("--city", help="city to run (default: district)")
    parser.add_argument("--repeats", type=int, default=3, help="timed repeats (default: 3)")
    parser.add_argument(
        "--full",
        action="store_true",
        help="also a first start with nothing compiled, ten years of the metropolis, 1,000"
        " replicates, all policies at once, and growth to 10 million residents (several minutes, up to"
        " 7 GB)",
    )
    parser.add_argument(
        "--policies",
        action="store_true",
        help="only what policies cost: all switched on against none, their weeks and the command `peel"
        " run` (default: midsize, 5 years; a minute or two)",
    )
    parser.add_argument(
        "--comparison",
        action="store_true",
        help="only how long a comparison takes: 3 arms, 30 paired seeds, 5 years, and its report"
        " (default city: midsize; minutes)",
    )
    options.add(parser, "years", "workers", "replicates", "json", "quiet")
    parser.set_defaults(call=bench_command)


def bench_command(args: argparse.Namespace) -> int:
    """Measure and print."""
    from experiments.bench import bench
    from sim.errors import UserError

    if args.repeats < 1:
        raise UserError(f"--repeats {args.repeats}: expected 1 or more")
    if args.replicates is not None and not args.comparison:
        raise UserError(
            "--replicates: is of --comparison; the other measurements have no seeds to choose"
        )
    if args.city is not None:
        from sim.city import load_spec

        load_spec(args.city)  # a city that isn't there is refused before anything is compiled

    def say(text: str) -> None:
        if not args.quiet:
            print(text, file=sys.stderr)

    if args.policies:
        from experiments.bench_policies import RUN_YEARS, policies_ratio

        length = RUN_YEARS if args.years is None else args.years
        ratio = policies_ratio(args.city or "midsize", max(2, args.repeats), say, length)
        if args.json:
            options.print_json(ratio)
        else:
            print(
                f"`peel run` with all policies takes {ratio['policies_ratio']:.2f} times the CPU time of"
                f" one without any; its weeks alone {ratio['weeks_ratio']:.2f} times"
            )
        return 0
    if args.comparison:
        from experiments.bench_compare import comparison_time

        took = comparison_time(
            args.city or "midsize", args.replicates or 30,
            5.0 if args.years is None else args.years, args.workers,
            say if args.json else print,
        )  # fmt: skip
        if args.json:
            options.print_json(took)
        return 0
    years = 1.0 if args.years is None else args.years
    figures = bench(args.city or "district", years, args.repeats, say, args.full, args.workers)
    if args.json:
        options.print_json(figures)
        return 0
    for name, value in figures.items():
        if value is None or isinstance(value, dict):  # said on the way
            continue
        print(f"{name:26s} {value if isinstance(value, str | int) else _short(value)}")
    return 0


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{v:.2f}" for v in value)
    return f"{value:,.2f}"
