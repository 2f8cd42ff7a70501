"""`peel validate`: a city against the facts of real cities, as a table or as JSON."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from experiments import options

if TYPE_CHECKING:
    from experiments.validate import Score

NO_NOTE = (
    "No reason is known; with few seeds or a small city it may be chance (look at the interval)."
    " Do not lean on this pattern."
)
SEEDS = 20
YEARS = 5.0


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "validate",
        help="score a city against the facts of real cities",
        description="Run a city over many seeds and hold it against 28 facts of real cities, each"
        " measured by the estimator that gave the real figure. A fact passes when each part lies"
        " inside its accepted range. Some facts need runs of their own (an incident, more stops),"
        " which start from the same burnt-in city. A city file with figures of its own beside it"
        " is held against those, and against naive forecasts of its last year.",
    )
    parser.add_argument(
        "city",
        nargs="?",
        default="midsize",
        metavar="CITY",
        help="a city, a scenario or a TOML file (default: midsize)",
    )
    parser.add_argument(
        "--seeds",
        type=options.several,
        default=None,
        metavar="N",
        help=f"how many seeds to run (default {SEEDS}; 5 for a city with figures of its own)",
    )
    options.add(parser, "seed", "years", "workers", "out", "json", "plugin", "quiet")
    parser.add_argument(
        "--hypotheses",
        metavar="NAME",
        help="score under rival theories, e.g. rivalry or violence=rivalry,reporting=dpk; a fact"
        " that a theory denies is held to the theory's own prediction",
    )
    parser.add_argument(
        "--designs",
        metavar="NAMES",
        help="only these kinds of runs: plain, long, shock, local, stops, stops_x4 (default: all)",
    )
    parser.add_argument(
        "--experiments",
        nargs="?",
        const="all",
        metavar="NAMES",
        help="simulate natural experiments instead (all, or names with commas) and hold each"
        " effect against the published one",
    )
    parser.add_argument(
        "--facts",
        action="store_true",
        help="score the facts also where a city file has figures of its own",
    )
    parser.add_argument(
        "--list", action="store_true", help="print the facts and what is accepted, and run nothing"
    )
    parser.set_defaults(call=run_command)


def run_command(args: argparse.Namespace) -> int:
    """Run, score, print; exit code 0 whether or not facts fail (a failed fact is a finding)."""
    options.refuse_existing(args.out)
    options.load_plugins(args.plugin)
    if args.experiments:
        from experiments.natural.cli import run_command as run_experiments

        return run_experiments(args)
    from experiments import validate

    if not (args.list or args.facts or args.hypotheses or args.designs):
        from experiments.cities import cli as cities

        if cities.has_figures(args.city):
            return cities.validate_own(args)
    seeds = args.seeds or SEEDS
    theories = validate.theories_named(args.hypotheses)
    if args.list:
        return list_facts(validate.score([], theories), args.json)
    begun = time.monotonic()
    scores, failures = validate.validate(
        args.city,
        seeds=seeds,
        first_seed=args.seed,
        years=args.years or YEARS,
        workers=args.workers,
        hypotheses=theories,
        designs=args.designs.split(",") if args.designs else None,
        plugins=[str(path) for path in args.plugin],
        tick=None if args.quiet else _Progress(begun),
    )
    seconds = time.monotonic() - begun
    if not args.quiet:
        print(file=sys.stderr)
    for failure in failures:
        print(f"peel: {failure.label} failed: {failure.error}", file=sys.stderr)
    if args.out is not None:
        from sim.scenario import Scenario
        from sim.version import MODEL_VERSION

        scenario = Scenario.load(args.city)
        about = {"city": scenario.city, "seeds": seeds, "seed": args.seed}
        about |= {"hypotheses": {**scenario.hypotheses, **theories}, "name": scenario.name}
        about |= {"parameters": dict(scenario.parameters)}  # those that the scenario moves
        about |= {"years": args.years or YEARS, "seconds": seconds, "version": MODEL_VERSION}
        validate.keep(args.out, scores, about)
    if args.json:
        options.print_json([row.as_json() for row in scores])
    else:
        print(table(scores))
        print(f"\n{summary(scores)} ({seeds} seeds, {seconds:.0f} s)")
        for line in notes(scores):
            print(f"\n{line}")
    return 0


def list_facts(scores: Sequence[Score], as_json: bool) -> int:
    """Print what each fact says, its target, the accepted range and the evidence."""
    if as_json:
        options.print_json([row.as_json() for row in scores])
        return 0
    from experiments.facts import facts

    about = {fact.rank: fact.about for fact in facts()}
    before = 0
    for row in scores:
        if row.rank != before:
            print(f"\n{row.rank} {row.fact}: {about[row.rank]} [{', '.join(row.evidence)}]")
        before = row.rank
        target = f"{row.target:g}" if isinstance(row.target, int | float) else row.target
        print(f"   {row.part}: {row.about}; target {target}, accepted {_accepted(row.accept)}")
    return 0


class _Progress:
    """Seeds done, on one line of stderr, a few times a minute."""

    def __init__(self, begun: float) -> None:
        self.begun, self.shown = begun, 0.0

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self.shown < 2.0 and done < of:
            return
        self.shown = now
        elapsed = f"{now - self.begun:.0f} s"
        print(f"\rpeel validate: {done} of {of} seeds, {elapsed}", end="", file=sys.stderr)


def table(scores: Sequence[Score]) -> str:
    """The scoreboard as text, one line per part of a fact."""
    head = f"{'fact':27} {'part':28} {'value':>9} {'90 % interval':>19} {'accepted':>17}  verdict"
    lines = [head, "-" * len(head)]
    before = 0
    for row in scores:
        name = f"{row.rank:2} {row.fact}" if row.rank != before else ""
        before = row.rank
        span = f"{_number(row.low)} to {_number(row.high)}" if math.isfinite(row.low) else "-"
        word = {True: "pass", False: "FAIL", None: "no data"}[row.passed]
        note = f": {row.reason}" if row.passed is None and row.reason else ""
        lines.append(
            f"{name:27} {row.part:28} {_number(row.value):>9} {span:>19} "
            f"{_accepted(row.accept):>17}  {word}{note}"
        )
    return "\n".join(lines)


def summary(scores: Sequence[Score]) -> str:
    """How many facts pass, fail, and have no data."""
    from experiments.validate import fact_verdicts

    verdicts = list(fact_verdicts(scores).values())
    passed, failed, lacking = (sum(v is w for v in verdicts) for w in (True, False, None))
    text = f"{passed} of {len(verdicts)} facts pass, {failed} fail"
    return f"{text}, {lacking} lack data" if lacking else text


def notes(scores: Sequence[Score]) -> list[str]:
    """For each fact that fails: why, and what it means for who uses the model."""
    from experiments.facts import facts
    from experiments.validate import fact_verdicts

    verdicts = fact_verdicts(scores)
    return [
        f"{fact.rank} {fact.name} fails. {fact.unmet or NO_NOTE}"
        for fact in facts()
        if verdicts.get(fact.rank) is False
    ]


def _accepted(accept: tuple[float | None, float | None]) -> str:
    low, high = accept
    if low is None and high is None:
        return "anything"
    if low is None:
        return f"at most {high:g}"
    if high is None:
        return f"at least {low:g}"
    return f"{low:g} to {high:g}"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
