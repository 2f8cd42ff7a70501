"""`peel calibrate`: fit a city to its own figures, or parameters to the facts of real cities."""

from __future__ import annotations

import argparse
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
    from experiments.cities.cli import fit_own

    return fit_own(args)
