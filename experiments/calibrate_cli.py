"""`peel calibrate`: fit a city to its own figures, or parameters to the facts of real cities."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

from experiments import options
from sim.errors import UserError

SEEDS, YEARS, WAVES, POINTS, SETS = 2, 3.0, 3, 40, 50
SHARE = 24 / 28
"""Of the facts that a set must pass, unless --at-least says otherwise."""


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "calibrate",
        help="fit a city to its own figures, or parameters to the facts of real cities",
        description="With --city, fit level, clearance, lethality, season and concentration of a"
        " city file to the figures that `peel city import --events` left beside it, on all years"
        " but the last, and hold the fit against the last. Without it, search many parameters at"
        " once for sets that pass the facts of real cities, by history matching in waves: every"
        " set runs the same seeds, what is finished is kept, and sets that fit become an ensemble"
        " for `peel compare --uncertainty parameters`.",
    )
    parser.add_argument(
        "place",
        nargs="?",
        metavar="CITY",
        help="city, scenario or TOML file of the joint calibration (default midsize)",
    )
    parser.add_argument(
        "--city",
        dest="own",
        type=Path,
        metavar="FILE",
        help="fit this city file to the figures beside it instead",
    )
    parser.add_argument(
        "--seeds",
        type=options.several,
        metavar="N",
        help=f"seeds of every set or trial (default {SEEDS}; 3 with --city)",
    )
    parser.add_argument(
        "--burn-in", type=options.years, metavar="YEARS", help="of each run (3 with --city)"
    )
    parser.add_argument(
        "--steps", type=options.several, default=8, metavar="N", help="with --city: most trials"
    )
    options.add(parser, "seed", "years", "workers", "out", "json", "plugin", "quiet")
    parser.add_argument("--resume", action="store_true", help="go on with the folder --out")
    parser.add_argument(
        "--from",
        dest="earlier",
        type=Path,
        metavar="DIR",
        help="begin from another calibration of the same parameters, of fewer facts or seeds: its"
        " points teach, and the best of them are wave 1",
    )
    parser.add_argument("--waves", type=options.several, default=WAVES, metavar="N", help="of sets")
    parser.add_argument(
        "--points", type=options.several, default=POINTS, metavar="N", help="sets per wave"
    )
    parser.add_argument(
        "--parameters", metavar="NAMES", help="with commas (default: those with least evidence)"
    )
    parser.add_argument(
        "--designs", default="plain", metavar="NAMES", help="as in `peel validate` (default plain)"
    )
    parser.add_argument("--hypotheses", metavar="NAMES", help="as in `peel validate`")
    parser.add_argument(
        "--at-least",
        type=options.several,
        metavar="N",
        help="facts that a set must pass; with --resume it may be another number",
    )
    parser.add_argument(
        "--sets", type=options.several, default=SETS, metavar="N", help="fewest in an ensemble"
    )
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="begin nothing after so long; --resume goes on"
    )
    parser.set_defaults(call=run_command)


def run_command(args: argparse.Namespace) -> int:
    """Fit and print."""
    options.load_plugins(args.plugin)
    if args.own is None:
        return fit_jointly(args)
    joint = ("place", "out", "resume", "parameters", "hypotheses", "minutes", "at_least", "earlier")
    words = {"place": "CITY", "earlier": "--from"}
    for name in joint:
        if getattr(args, name):
            word = words.get(name, "--" + name.replace("_", "-"))
            raise UserError(f"--city fits a city to its own figures: {word} has no meaning there")
    from experiments.cities.cli import fit_own

    return fit_own(args)


def fit_jointly(args: argparse.Namespace) -> int:
    """Search, write the sets; exit code 1 where too few fit for an ensemble."""
    from experiments import workers as crew
    from experiments.calibration import kept, sets, waves
    from experiments.calibration.points import FactsOf
    from experiments.calibration.space import USUAL, Space

    if args.out is None:
        raise UserError("--out DIR: needed; what is finished is kept there and can be resumed")
    if args.minutes is not None and not 0 < args.minutes < 1e5:
        raise UserError(f"--minutes {args.minutes:g}: expected a positive number")
    if args.points < 12:
        raise UserError(f"--points {args.points}: expected at least 12, or nothing can be learnt")
    if importlib.util.find_spec("sklearn") is None:
        raise UserError(
            "peel calibrate: emulators need scikit-learn; install Peel with its extra `analysis`"
        )
    names = [n.strip() for n in args.parameters.split(",")] if args.parameters else list(USUAL)
    space = Space.of(names)
    scenario, about, evaluate = _question(args, FactsOf)
    aims, facts = aims_of(about["designs"], scenario.hypotheses)
    at_least = args.at_least or round(SHARE * facts)
    if at_least > facts:
        raise UserError(f"--at-least {at_least}: designs {args.designs} tell only {facts} facts")
    earlier: tuple[kept.Point, ...] = ()
    if args.earlier:
        earlier, before = kept.earlier_points(args.earlier, space, about)
        about["begun_from"] = {"points": len(earlier), **before}
    allowed = facts - at_least
    settings = waves.Settings(
        space, aims, args.waves, args.points, allowed, args.seed, about, earlier
    )
    begun = time.monotonic()

    def tell(text: str) -> None:
        if not args.quiet:
            print(f"peel calibrate: {time.monotonic() - begun:4.0f} s, {text}", file=sys.stderr)

    evaluate.warm()
    found = waves.search(
        settings,
        evaluate,
        args.out,
        resume=args.resume,
        workers=crew.checked(args.workers),
        until=None if args.minutes is None else begun + 60.0 * args.minutes,
        tell=tell,
    )
    ensemble = sets.choose(found, at_least)
    path = sets.write(args.out, found, ensemble, args.sets, about)
    return _report(args, found, ensemble, path)


def _question(args: argparse.Namespace, kind: Any) -> tuple[Any, dict[str, Any], Any]:
    """The scenario, what identifies its runs, and what evaluates a set of parameters."""
    from experiments.facts.designs import DESIGNS
    from experiments.validate import theories_named
    from sim.scenario import Scenario
    from sim.version import MODEL_VERSION

    designs = tuple(word.strip() for word in args.designs.split(","))
    for name in designs:
        if name not in DESIGNS:
            raise UserError(f"--designs: no design {name!r}; there are {', '.join(DESIGNS)}")
    scenario = Scenario.load(args.place or "midsize")
    theories = theories_named(args.hypotheses)
    if theories:
        scenario = scenario.with_changes(hypotheses={**scenario.hypotheses, **theories})
    if args.burn_in:
        scenario = scenario.with_changes(burn_in_years=args.burn_in)
    seeds = tuple(range(args.seed, args.seed + (args.seeds or SEEDS)))
    years = args.years or YEARS
    about = {
        "city": args.place or "midsize",
        "scenario": scenario.canonical()["city"],
        "hypotheses": dict(scenario.hypotheses),
        "burn_in_years": scenario.burn_in_years,
        "years": years,
        "seeds": list(seeds),
        "designs": list(designs),
        "version": MODEL_VERSION,
    }
    plugins = tuple(str(path) for path in args.plugin)
    return scenario, about, kind(scenario, seeds, years, designs, plugins)


def aims_of(designs: list[str], hypotheses: dict[str, str]) -> tuple[tuple[Any, ...], int]:
    """Accepted ranges of the facts all of whose parts these designs tell; and how many facts."""
    from experiments.calibration.emulate import Aim
    from experiments.facts import facts
    from experiments.facts.catalogue import MEASURES

    out, count = [], 0
    for fact in facts():
        if all(set(MEASURES[part.measure].designs) <= set(designs) for part in fact.parts):
            count += 1
            out += [Aim(fact.name, p.name, *p.accepted(hypotheses)) for p in fact.parts]
    if not out:
        raise UserError(f"--designs {','.join(designs)}: no fact is told by these alone")
    return tuple(out), count


def _report(args: argparse.Namespace, found: Any, ensemble: Any, path: Path | None) -> int:
    import json

    record = json.loads((args.out / "provenance.json").read_text(encoding="utf-8"))
    if args.json:
        options.print_json({**record, "path": None if path is None else str(path)})
    else:
        left = ", ".join(f"{share:.1%}" for share in found.left) or "-"
        print(f"{record['points']} sets run, {record['points_that_stopped']} stopped;"
              f" not ruled out, wave by wave: {left}")  # fmt: skip
        print(f"best set: {record['best']} of {len(record['facts'])} facts;"
              f" {record['sets']} sets pass at least {ensemble.at_least}")  # fmt: skip
        for fold in ensemble.folds:
            print(f"  left out {', '.join(fold.left_out)}: pass rate {fold.rate:.0%} in"
                  f" {fold.chosen} sets chosen by the others, {fold.prior:.0%} over the"
                  " prior")  # fmt: skip
        print(record["licence"])
    if not found.complete:
        print(f"peel calibrate: not finished; go on with the same words and --resume --out {args.out}",
              file=sys.stderr)  # fmt: skip
        return 0
    if path is None:
        print(f"peel calibrate: {len(ensemble.points)} sets fit, fewer than {args.sets}: no"
              " ensemble is written; points.csv has every set run", file=sys.stderr)  # fmt: skip
        return 1
    if not args.json:
        print(f"{path}: {len(ensemble.points)} sets. Next: peel compare ... --uncertainty"
              f" parameters --ensemble {path}")  # fmt: skip
    return 0
