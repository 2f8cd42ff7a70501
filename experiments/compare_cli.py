"""`peel compare` and `peel report`: arms paired by seed, a table of headlines, and
`report.html`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import options
from sim.errors import UserError

if TYPE_CHECKING:
    from experiments.comparison import Comparison, Row

REPLICATES = 10
_WORLDS = ("hypotheses", "uncertainty", "draws", "design_seed", "ensemble", "whole_ranges")
"""Options about worlds beyond the scenarios as given, which a pilot does without."""


def add_parsers(subparsers: Any) -> None:
    """Add the two commands to `peel`."""
    _add_compare(subparsers)
    report = subparsers.add_parser(
        "report",
        help="rebuild the report of a comparison or a run, or take its scenarios out",
        description="Write report.html, figures/ and tables/ of a comparison, or of a single run, "
        "anew, running nothing. With --extract, take the scenarios out of a report instead.",
    )
    report.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="folder that `peel compare` or `peel run --out` wrote (with --extract: or a "
        "report.html)",
    )
    _add_format(report)
    report.add_argument(
        "--extract",
        type=Path,
        metavar="FOLDER",
        help="write the scenarios that the report holds into FOLDER, ready to run",
    )
    options.add(report, "json", "quiet", "plugin")
    report.set_defaults(call=report_command)


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("html", "pdf", "md", "csv"),
        default="html",
        help="html (the default); pdf (printed by a browser on this machine); md; csv: tables only",
    )


def _add_compare(subparsers: Any) -> None:
    compare = subparsers.add_parser(
        "compare",
        help="run scenarios paired by seed and write a report of their differences",
        description="Run two or more scenarios with the same seeds, seed by seed from the same "
        "burnt-in"
        " city, and write report.html. Ctrl-C keeps what finished; --resume completes it.",
    )
    compare.add_argument(
        "scenarios",
        nargs="+",
        metavar="SCENARIO",
        help="TOML file, name of a scenario, or a city; the first is the baseline, and after a"
        " bare city scenarios named from the library are laid in it",
    )
    compare.add_argument(
        "--baseline", metavar="S", help="another scenario to hold the rest against"
    )
    options.add(compare, "replicates", "workers", "seed", "years", "out")
    compare.add_argument(
        "--hypotheses",
        metavar="all|Q,..",
        help="repeat every arm under each rival theory: of all questions, or of those named",
    )
    compare.add_argument(
        "--uncertainty",
        metavar="LAYER,..",
        help="doubt to lay over the luck of runs: run, parameters, hypotheses or all",
    )
    compare.add_argument(
        "--draws",
        type=options.several,
        metavar="N",
        help="parameter sets of that layer (default 32), each run with two seeds",
    )
    compare.add_argument(
        "--ensemble",
        default="",
        metavar="TABLE",
        help="CSV or Parquet of parameter sets, as `peel calibrate` writes (default: the city's "
        "own where one ships, else the declared ranges)",
    )
    compare.add_argument(
        "--design-seed",
        type=options.whole,
        default=1,
        metavar="N",
        help="seed of the design that draws the sets (default 1)",
    )
    compare.add_argument(
        "--whole-ranges",
        action="store_true",
        help="with the declared ranges: run sets that make quite another city too, and set them "
        "aside afterwards (default: try sets in the baseline, keep those that make this city)",
    )
    compare.add_argument(
        "--headlines",
        metavar="OUTCOME,..",
        help="outcomes named in advance; all others are marked exploratory",
    )
    compare.add_argument(
        "--precision",
        metavar="W:OUTCOME",
        help="add seeds until the interval is +- W times the baseline's mean, e.g. 0.1:homicides",
    )
    compare.add_argument(
        "--most", type=options.several, default=200, metavar="R", help="seeds --precision may reach"
    )
    compare.add_argument(
        "--plan",
        action="store_true",
        help="run a small pilot, then say what difference the replicates could detect, and stop",
    )
    compare.add_argument("--resume", action="store_true", help="complete what is missing in --out")
    compare.add_argument("--events", action="store_true", help="keep the event tables too (large)")
    _add_format(compare)
    options.add(compare, "json", "quiet", "plugin")
    compare.set_defaults(call=compare_command)


def compare_command(args: argparse.Namespace) -> int:
    """Run the comparison, write the report, print the headlines."""
    from experiments import comparing

    _check(args)
    asked: dict[str, Any] = {
        "baseline": args.baseline,
        "seed": args.seed,
        "years": args.years,
        "hypotheses": args.hypotheses,
        "uncertainty": args.uncertainty,
        "draws": args.draws,
        "design_seed": args.design_seed,
        "ensemble": args.ensemble,
        "whole_ranges": args.whole_ranges,
        "headlines": tuple(filter(None, (args.headlines or "").split(","))),
        "workers": args.workers,
        "plugins": [str(path) for path in args.plugin],
        "progress": not args.quiet,
    }
    replicates = args.replicates or REPLICATES
    if args.plan:
        return _plan(args, asked, replicates)
    options.load_plugins(args.plugin)
    out = args.out or _default_folder(args, asked, replicates)
    try:
        result = comparing.compare(
            args.scenarios,
            replicates=replicates,
            precision=args.precision,
            most=args.most,
            out=out,
            resume=args.resume,
            events=args.events,
            **asked,
        )
    except KeyboardInterrupt:
        return _interrupted(out)
    path = result.report(args.format)
    _tell(result, path, args.json)
    return 1 if result.failures else 0


def report_command(args: argparse.Namespace) -> int:
    """Rebuild the report of a folder, or take its scenarios out."""
    options.load_plugins(args.plugin)
    if args.extract is not None:
        return _extract(args)
    if (args.folder / "run.json").is_file() and not (args.folder / "compare.json").exists():
        from viz.report import write_run_report

        path = write_run_report(args.folder, args.format)
        if args.json:
            options.print_json({"folder": str(args.folder), "report": str(path)})
        else:
            print(f"Report: {path}")
        return 0
    from experiments.comparison import Comparison

    result = Comparison.load(args.folder)
    path = result.report(args.format)
    _tell(result, path, args.json)
    return 0


def _extract(args: argparse.Namespace) -> int:
    from viz.report.extract import write

    paths = write(args.folder, args.extract)
    if args.json:
        options.print_json({"scenarios": [str(path) for path in paths]})
        return 0
    for path in paths:
        print(path)
    return 0


def headline_lines(rows: list[Row]) -> list[str]:
    """A plain table: outcome, baseline, arm, difference with its interval, verdict."""
    head = ("outcome", "arm", "baseline", "mean", "difference (95 % interval)", "")
    body = [
        (
            row.outcome.title,
            row.arm,
            _number(row.result.baseline_mean),
            _number(row.result.mean),
            _between(row),
            _verdict(row),
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in (head, *body)) for i in range(len(head))]
    return [
        "  ".join(
            cell.rjust(w) if i in (2, 3) else cell.ljust(w)
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, *body)
    ]


# --- inside -----------------------------------------------------------------------------------


def _check(args: argparse.Namespace) -> None:
    """What can be refused before anything heavy is imported or compiled."""
    if args.resume and args.out is None:
        raise UserError("--resume: name the folder to complete with --out DIR")
    if not args.resume and not args.plan:
        options.refuse_existing(args.out)
    if args.format == "pdf":
        from viz.report.formats import check

        check("pdf")
    if args.precision:
        from experiments.comparing import precision_goal

        precision_goal(args.precision)


def _default_folder(args: argparse.Namespace, asked: dict[str, Any], replicates: int) -> Path:
    """out/compare-<digits of the plan>: another question, another folder."""
    from experiments import plan
    from experiments.comparing import layers_of

    known = ("baseline", "seed", "years", "hypotheses", "headlines")
    how = ("uncertainty", "draws", "design_seed", "ensemble", "whole_ranges")
    digest = plan.plan(
        args.scenarios,
        replicates=replicates,
        layers=layers_of(**{k: asked[k] for k in how}),
        **{k: asked[k] for k in known},
    ).digest()
    folder = Path("out") / f"compare-{digest[:8]}"
    options.refuse_existing(folder)
    return folder


def _interrupted(out: Path) -> int:
    kept = len(list((out / "runs").glob("*.zip")))
    print(
        f"\npeel: interrupted; {kept} finished run{'' if kept == 1 else 's'} kept in {out}. The "
        "same "
        f"command with --out {out} --resume completes the rest; `peel report {out}` shows what is "
        "there",
        file=sys.stderr,
    )
    return 130


def _tell(result: Comparison, path: Path, as_json: bool) -> None:
    if as_json:
        options.print_json({**result.to_dict(), "report": str(path)})
        return
    rows = [row for row in result.differences() if row.headline]
    rows.sort(key=lambda row: result.plan.headlines.index(row.outcome.name))
    for line in headline_lines(rows):
        print(line)
    pairs = len(result.seeds())
    days = int(result.runs["days"].iloc[0])
    print(
        f"\n{pairs} paired seed{'' if pairs == 1 else 's'}; baseline: {result.baseline}. Counts are of {days}"
        " days in the whole city."
    )
    if result.plan.layers.asked == ("run",):
        print(
            "Intervals carry the luck of the runs only; --uncertainty all adds doubt about parameters and theories."
        )
    if not result.complete:
        print("Not all runs of the plan are there; complete them with --resume.")
    for failure in result.failures:
        print(f"failed: {failure['label']}: {failure['error']}", file=sys.stderr)
    print(f"Report: {path}")


def _plan(args: argparse.Namespace, asked: dict[str, Any], replicates: int) -> int:
    from experiments import planning

    found = planning.detectable_by(
        args.scenarios, replicates, **{k: v for k, v in asked.items() if k not in _WORLDS}
    )
    if args.json:
        options.print_json(found.to_dict())
    else:
        print("\n".join(found.lines()))
    return 0


def _verdict(row: Row) -> str:
    said = {"unclear": "no clear difference", "same": "identical"}.get(row.verdict, row.verdict)
    return f"{said} (by less than 1 %)" if row.result.clear and row.trifling else said


def _between(row: Row) -> str:
    r = row.result
    if r.method == "identical":
        return "0"
    return f"{_signed(r.difference)} ({_signed(r.low)} to {_signed(r.high)})"


def _number(x: float) -> str:
    return "-" if x != x else f"{x:,.0f}" if abs(x) >= 100 else _plain(x)


def _signed(x: float) -> str:
    return "?" if x != x else f"{x:+,.0f}" if abs(x) >= 100 else ("+" if x > 0 else "") + _plain(x)


def _plain(x: float) -> str:
    """Three figures, six decimals at most, never in powers of ten.

    >>> _plain(-8.47e-05), _plain(1.333), _plain(0.0)
    ('-0.000085', '1.33', '0')
    """
    text = f"{x:.3g}"
    if "e" in text:
        text = f"{x:.6f}"
    return text if float(text) else "0"
