"""`peel calibrate`: fit a city to its own figures, or parameters to the facts of real cities."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from experiments import options
from sim.errors import UserError


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "calibrate",
        help="fit a city to its own figures, or parameters to the facts of real cities",
        description="With --city, fit level, clearance, lethality, season and concentration of a"
        " city file to the figures that `peel city import --events` left beside it, on all years"
        " but the last, and hold the fit against the last.",
    )
    parser.add_argument(
        "--city",
        dest="own",
        type=Path,
        metavar="FILE",
        help="a city file with figures of its own beside it",
    )
    parser.add_argument(
        "--seeds", type=options.several, default=None, metavar="N", help="seeds per trial"
    )
    parser.add_argument(
        "--steps",
        type=options.several,
        default=8,
        metavar="N",
        help="at most so many trials with --city (default 8)",
    )
    parser.add_argument(
        "--burn-in",
        type=options.years,
        default=None,
        metavar="YEARS",
        help="burn-in of each run (default: 3 with --city)",
    )
    options.add(parser, "seed", "workers", "json", "plugin", "quiet")
    parser.set_defaults(call=run_command)


def run_command(args: argparse.Namespace) -> int:
    """Fit and print."""
    options.load_plugins(args.plugin)
    if args.own is None:
        raise UserError("peel calibrate: expected --city FILE")
    return fit_own(args)


def fit_own(args: argparse.Namespace) -> int:
    """Fit a city to its own figures; print the fit and the held-out year."""
    from experiments.cities import own, words

    if not args.own.is_file():
        raise UserError(f"--city {args.own}: no such file; expected a city file")
    seeds = range(args.seed, args.seed + (args.seeds or 3))
    begun = time.monotonic()

    def tell(text: str) -> None:
        if not args.quiet:
            print(f"peel calibrate: {time.monotonic() - begun:4.0f} s, {text}", file=sys.stderr)

    done = own.calibrate_city(
        str(args.own),
        seeds=seeds,
        workers=own.cores_for(seeds, args.workers),
        burn_in=args.burn_in or own.BURN_IN_YEARS,
        steps=args.steps,
        tell=tell,
    )
    if args.json:
        options.print_json({**done.as_json(), "seconds": time.monotonic() - begun})
        return 0
    assert done.fit is not None
    print(words.fit_table(done.fit, done.targets))
    if done.held:
        from experiments.cities.forecast import verdict

        print(f"\n{words.held_table(done.held, done.targets)}\n\n{verdict(done.held)}")
    print(f"{done.targets.licence_note}")
    file = own.fitted_file(done.scenario.city)
    print(f"{file}: the fit, a scenario. Next: peel validate {file}")
    return 0
