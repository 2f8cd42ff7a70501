"""`peel run`: one city's life, with a summary table and, in --out, every table and a picture."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import options
from experiments.interrupts import insistent
from sim.errors import UserError

if TYPE_CHECKING:
    from sim.results import RunResult
    from sim.scenario import Scenario

_SHOWN = (
    "homicides",
    "persons_shot",
    "shooting_incidents",
    "retaliatory_incidents",
    "robberies",
    "stops",
    "force",
    "arrests",
    "legitimacy",
    "fear",
    "carrying_share",
)
"""Weekly series that the printed table draws."""
_BAR = 30  # characters


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "run",
        help="simulate one city's life and summarise it",
        description="Simulate one city's life and summarise it. With --out, a folder holds the"
        " tables (Parquet), run.json, the scenario with every default, and a picture. With"
        " --replicates, many seeds of which only the summaries are kept, and no folder.",
    )
    parser.add_argument(
        "scenario",
        nargs="?",
        default="baseline",
        metavar="SCENARIO",
        help="TOML file, name of a scenario, or a city (default: baseline)",
    )
    options.add(parser, "seed", "years", "replicates", "workers", "out", "json", "plugin", "quiet")
    parser.add_argument(
        "--shared-city",
        action="store_true",
        help="with --replicates: one burnt-in city for all seeds, which then differ in luck alone",
    )
    parser.set_defaults(call=run_command)


def run_command(args: argparse.Namespace) -> int:
    """Run the scenario, keep it where asked, and print what happened."""
    options.refuse_existing(args.out)
    options.load_plugins(args.plugin)
    from experiments.outcomes import check
    from sim.scenario import Scenario

    scenario = Scenario.load(args.scenario)
    check(scenario.headlines, f"scenario {scenario.name!r}, run.headlines")
    if args.years is not None:
        scenario = scenario.with_changes(years=args.years)
    bar = Bar(quiet=args.quiet)
    if args.replicates is not None:
        return many(args, scenario, bar)
    if args.shared_city or args.workers is not None:
        raise UserError(
            "--shared-city and --workers go with --replicates; leave them out, or add it"
        )
    from sim.kept_cities import settled
    from sim.kernel import is_warm
    from sim.run import run

    bar.say(f"{scenario.name}: {scenario.city}, seed {args.seed}")
    if not is_warm():
        bar.say("compiling the engine for this machine, once; it takes about half a minute")
    bar.say(f"burn-in of {_years(scenario.burn_in_years)}, then {_years(scenario.years)}")
    with insistent():
        burnt = settled(scenario, args.seed)
        result = run(scenario, seed=args.seed, burnt=burnt, progress=bar.show)
    bar.close()
    if args.out is not None:
        keep(result, args.out)
    if args.json:
        options.print_json(as_json(result, args.out))
    else:
        print_summary(result)
        if args.out is not None:
            print(f"\nKept in {args.out}: run.json, the tables, picture.png")
    return 0


def _years(count: float) -> str:
    return f"{count:g} year{'' if count == 1 else 's'}"


def many(args: argparse.Namespace, scenario: Scenario, bar: Bar) -> int:
    """`--replicates`: summaries of many seeds; nothing is written."""
    from experiments.lookup import table
    from experiments.replicates import replicate

    if args.out is not None:
        raise UserError("--out keeps one run; with --replicates only summaries are kept, printed")
    count = args.replicates
    bar.say(f"{scenario.name}: {scenario.city}, {count} seeds from {args.seed}")
    with insistent():
        runs = replicate(
            scenario,
            count,
            first_seed=args.seed,
            workers=args.workers,
            shared_city=args.shared_city,
            told=lambda done: bar.show(done / count),
        )
    bar.close()
    if args.json:
        options.print_json(
            {
                "scenario": scenario.name,
                "city": scenario.city,
                "shared_city": args.shared_city,
                "seeds": runs.seeds,
                "run_cpu_seconds": runs.run_seconds,
                "burn_in_cpu_seconds": runs.burn_in_seconds,
                "wall_seconds": runs.wall_seconds,
                "summary": {n: {"mean": m, "low": a, "high": b} for n, m, a, b in runs.rows()},
                "values": {n: runs.values[:, k].tolist() for k, n in enumerate(runs.names)},
            }
        )
        return 0
    city = "one burnt-in city, luck alone differs" if args.shared_city else "a city of its own each"
    print(f"\n{scenario.name}, {count} seeds ({city}), {runs.wall_seconds:.1f} s\n")
    table(
        ("outcome", "mean", "5 %", "95 %"),
        [(n, _figure(m), _figure(low), _figure(high)) for n, m, low, high in runs.rows()],
    )
    return 0


def keep(result: RunResult, folder: Path) -> None:
    """Write the run and its picture to `folder`, which is whole or absent."""
    from experiments import geography
    from experiments.picture import draw

    with options.whole_folder(folder) as work:
        result.save(work)
        if result.burnt is not None:
            geography.keep(result.geography, result.burnt, work)
        draw(result, work / "picture.png")


def as_json(result: RunResult, folder: Path | None) -> dict[str, Any]:
    """What `peel run --json` prints."""
    scenario: Scenario = result.scenario
    return {
        "scenario": scenario.name,
        "city": scenario.city,
        "seed": result.seed,
        "hash": scenario.hash(result.seed),
        "residents": result.residents,
        "days": result.days,
        "seconds": result.seconds,
        "burn_in_seconds": result.burn_in_seconds,
        "burn_in_from_disk": result.burnt is not None and result.burnt.from_disk,
        "event_log_hash": result.event_log_hash,
        "summary": result.summary,
        "out": None if folder is None else str(folder),
    }


def print_summary(result: RunResult) -> None:
    """The summary, and a line of bars for each series that readers look at first."""
    from experiments.lookup import table
    from experiments.picture import whole_weeks

    print(
        f"\n{result.scenario.name}, seed {result.seed}: {result.residents:,} residents,"
        f" {result.days} days in {result.seconds:.2f} s"
        f" (and {result.burn_in_seconds:.2f} s for the burn-in{burnt_before(result)})\n"
    )
    table(("outcome", "value"), [(name, _figure(value)) for name, value in result.summary.items()])
    weekly = whole_weeks(result.weekly)
    shown = [name for name in _SHOWN if name in weekly.columns]
    print()
    table(
        ("by week", "lowest", "highest", "from first week to last"),
        [
            (name, _figure(weekly[name].min()), _figure(weekly[name].max()), bars(weekly[name]))
            for name in shown
        ],
    )
    if len(result.policies):
        print()
        table(("policy", "reached", "cost", "hours and money it got"), delivered(result))
    print(f"\nevent log {result.event_log_hash}")


def delivered(result: RunResult) -> list[tuple[str, ...]]:
    """What each policy delivered in all, and how far hours and money went of what it planned."""
    rows: list[tuple[str, ...]] = []
    for name, one in result.policies.groupby("policy", observed=True):
        last, share = one.iloc[-1], one["funded"].to_numpy(dtype=float)
        short = share < 0.999
        got = "all it planned"
        if short.any():
            got = f"{share[short].mean():.0%} of its plan in {short.sum()} of {len(one)} weeks"
        one_person = last["unit"] == "people" and last["ever_reached"] == 1
        reach = "1 person" if one_person else f"{last['ever_reached']:,.0f} {last['unit']}"
        rows.append((str(name), reach, f"${one['cost'].sum():,.0f}", got))
    return rows


def burnt_before(result: RunResult) -> str:
    """Whether the burnt-in city was read from disk."""
    return ", kept from an earlier run" if result.burnt and result.burnt.from_disk else ""


def bars(series: Any, width: int = 48) -> str:
    """A series as a line of bars from its lowest to its highest value, averaged to `width` bins."""
    values = [float(v) for v in series]
    marks = "▁▂▃▄▅▆▇█" if _speaks_unicode() else "_.-=+*%#"
    bins = min(width, len(values))
    means = []
    for i in range(bins):
        part = values[i * len(values) // bins : (i + 1) * len(values) // bins]
        means.append(sum(part) / len(part))
    if not means or not max(means) > min(means):
        return marks[0] * bins
    low, span = min(means), max(means) - min(means)
    return "".join(marks[min(7, int(8 * (mean - low) / span))] for mean in means)


def _speaks_unicode() -> bool:
    return (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"


def _figure(value: float) -> str:
    """A number as people read it: whole where it is large, three figures where it is small."""
    number = float(value)
    if number != number:
        return "-"  # a share of nothing
    if number.is_integer() or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}"


class Bar:
    """Progress on stderr: a bar where a person watches, a line now and then where a log is kept."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._person = sys.stderr.isatty()
        self._last = time.monotonic()
        self._drawn = False

    def say(self, line: str) -> None:
        """One line of its own."""
        if not self._quiet:
            print(line, file=sys.stderr, flush=True)

    def show(self, share: float) -> None:
        """That `share` (0..1) of the days is past; draws at most a few times a second."""
        now = time.monotonic()
        due = now - self._last >= (0.2 if self._person else 20.0)
        if self._quiet or not (due or (share >= 1.0 and self._person)):
            return
        self._last = now
        if self._person:
            filled = round(_BAR * share)
            bar = f"{'#' * filled}{'.' * (_BAR - filled)}"
            print(f"\r{share:4.0%} {bar}", end="", file=sys.stderr, flush=True)
            self._drawn = True
        else:
            print(f"{share:4.0%} of the days", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._drawn:
            print(file=sys.stderr, flush=True)
            self._drawn = False
