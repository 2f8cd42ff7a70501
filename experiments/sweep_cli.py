"""`peel sweep`: thousands of runs from a design file, resumed without loss or doubles."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from experiments import options
from sim.errors import UserError

TERMINATED = 143
"""Exit code after SIGTERM: what was finished is kept, and there is more to do."""
WORDS = ("status", "compact", "one")


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "sweep",
        help="run a design of many scenarios and seeds, here or on a cluster",
        description="Run every point of DESIGN.toml with every seed. Killing anything at any moment"
        " loses at most half a minute of runs; --resume completes what is missing.",
        epilog="peel sweep status DIR shows how far a sweep is; peel sweep compact DIR gathers its"
        " parts into few files; peel sweep one DIR RUN runs one of its runs again, here.",
    )
    parser.add_argument("design", metavar="DESIGN.toml", help="the design; or status, compact, one")
    parser.add_argument("more", nargs="*", metavar="DIR", help=argparse.SUPPRESS)
    options.add(parser, "out")
    parser.add_argument(
        "--on",
        default="local",
        metavar="WHERE",
        help="local (this machine's processors, the default), slurm, or tcp://HOST:PORT of a Dask"
        " scheduler; here: in this process, for debuggers",
    )
    options.add(parser, "workers")
    parser.add_argument("--resume", action="store_true", help="complete what is missing in --out")
    parser.add_argument(
        "--retry-failed", action="store_true", help="with --resume: run failed runs again too"
    )
    parser.add_argument(
        "--shards",
        type=options.several,
        metavar="N",
        help="write a Slurm job array of N tasks into --out; with --shard, run one of them",
    )
    parser.add_argument("--shard", type=options.whole, metavar="I", help="run shard I, from 0")
    parser.add_argument(
        "--profile", type=Path, metavar="FILE.toml", help="a [cluster] table for --on slurm"
    )
    parser.add_argument(
        "--plan", action="store_true", help="check the design, say what it takes, and stop"
    )
    options.add(parser, "json", "quiet", "plugin")
    parser.set_defaults(call=sweep_command)


def sweep_command(args: argparse.Namespace) -> int:
    """Run a sweep, or say how one is."""
    if args.design in WORDS and not Path(args.design).exists():
        return _about(args)
    if args.more:
        raise UserError(f"peel sweep {args.design}: what is {args.more[0]!r}? Expected one design")
    from experiments.sweep import cluster_table, design, estimate, shards

    if args.on not in ("local", "here", "slurm") and "://" not in args.on:
        raise UserError(f"--on {args.on}: expected local, here, slurm, or tcp://HOST:PORT")
    shards.check(args.shards, args.shard, args.on)
    if args.out is None and not args.plan:
        raise UserError("peel sweep: name the folder for results with --out DIR")
    options.load_plugins(args.plugin)
    asked = design.read(args.design)
    table = {**asked.cluster, **(cluster_table.profile(args.profile) if args.profile else {})}
    told = estimate.estimate(asked)
    if not args.quiet and not args.json and args.shard is None:
        print("\n".join(told.lines()), file=sys.stdout if args.plan else sys.stderr)
    if args.plan:
        if args.json:
            options.print_json({"design": asked.digest, **told.to_dict()})
        return 0
    if args.shards is not None and args.shard is None:
        return _script(args, asked, table, told.memory_mb)
    return _run(args, asked, table)


def _run(args: argparse.Namespace, asked: Any, table: dict[str, Any]) -> int:
    from experiments.interrupts import insistent
    from experiments.sweep import drive
    from experiments.sweep.watching import Watch

    watch = Watch(args.quiet)
    try:
        with insistent():
            outcome = drive.sweep(
                asked, args.out, on=args.on, workers=args.workers, resume=args.resume,
                retry_failed=args.retry_failed, shards=args.shards, shard=args.shard,
                cluster=table, plugins=[str(p.resolve()) for p in args.plugin],
                runner=RUNNER, watch=watch,
            )  # fmt: skip
    except KeyboardInterrupt as ended:
        watch.close()
        print(
            f"\npeel: interrupted; what finished is kept in {args.out}. The same command with "
            "--resume completes the rest",
            file=sys.stderr,
        )
        return TERMINATED if isinstance(ended, drive.Ended) else 130
    if args.json:
        options.print_json({**vars(outcome), "complete": outcome.complete})
    elif not args.quiet:
        rate = f", {outcome.fresh / outcome.seconds:.3g} a second" if outcome.fresh else ""
        print(
            f"{outcome.ok:,} of {outcome.runs:,} runs finished, {outcome.failed:,} failed "
            f"({outcome.fresh:,} now, in {outcome.seconds:.0f} s{rate}): {outcome.folder}"
        )
    if outcome.failed:
        _tell_failures(args.out)
    return 1 if outcome.failed else 0


RUNNER: Any = None
"""Tests put their own stand-in for the engine here."""


def _script(args: argparse.Namespace, asked: Any, table: dict[str, Any], memory_mb: float) -> int:
    from experiments.sweep import shards, store

    store.begin(asked, args.out, args.resume)
    path = shards.write_script(
        Path(args.design), args.out, args.shards, table, memory_mb, args.plugin
    )
    if args.json:
        options.print_json({"script": str(path), "shards": args.shards})
    else:
        print(f"Submit it with: sbatch {path}\nThen: peel sweep status {args.out}")
    return 0


def _about(args: argparse.Namespace) -> int:
    """status DIR, compact DIR, one DIR RUN."""
    expected = 2 if args.design == "one" else 1
    if len(args.more) != expected:
        raise UserError(
            f"peel sweep {args.design}: expected {'DIR RUN' if expected == 2 else 'DIR'}"
        )
    folder = Path(args.more[0])
    options.load_plugins(args.plugin)
    if args.design == "one":
        return _one(args, folder, args.more[1])
    if args.design == "compact":
        from experiments.sweep.compacting import compact

        told = compact(folder)
        if args.json:
            options.print_json(told)
        else:
            files = f"{told['files']} file{'' if told['files'] == 1 else 's'}"
            print(f"parts gathered: {told['parts']:,}, into {files} in {folder}")
        return 0
    from experiments.sweep.watching import status, status_lines

    told = status(folder)
    if args.json:
        options.print_json(told)
    else:
        print("\n".join(status_lines(told)))
    return 0


def _one(args: argparse.Namespace, folder: Path, text: str) -> int:
    """Run one run of a sweep here, to see what is wrong with it or to look at it closely."""
    from experiments.sweep import store
    from sim.run import run

    number = options.whole(text) if text.isascii() and text.isdigit() else -1
    design = store.design_of(folder)
    if not 0 <= number < design.runs:
        raise UserError(f"peel sweep one: run {text}: expected 0 to {design.runs - 1}")
    store.check_model(folder, store.manifest_of(folder))
    scenario, seed = design.scenario(design.point_of(number)), design.seed_of(number)
    print(f"run {number}: {design.values(design.point_of(number))}, seed {seed}", file=sys.stderr)
    from experiments import run_cli

    result = run(scenario, seed)
    if args.out is not None:
        run_cli.keep(result, args.out)
    if args.json:
        options.print_json(run_cli.as_json(result, args.out))
    else:
        run_cli.print_summary(result)
    return 0


def _tell_failures(folder: Path) -> None:
    from experiments.sweep.reading import Sweep

    bad = Sweep(folder).failures
    for row in bad.head(5).itertuples():
        first = str(row.error).splitlines()[0][:200]
        print(f"failed: run {row.run}, seed {row.seed}: {first}\n        {row.reproduce}",
              file=sys.stderr)  # fmt: skip
    if len(bad) > 5:
        print(f"and {len(bad) - 5} more: experiments.load(DIR).failures", file=sys.stderr)
