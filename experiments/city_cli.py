"""`peel city`: build a synthetic city, import a real one, describe one, or the table to fill."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from experiments import options
from experiments.city_import_cli import add_import
from sim.errors import UserError

_CITY = "village, district, midsize, metropolis, synthetic:NUMBER, or a city file"


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "city",
        help="build, import or describe a city",
        description="Build a synthetic city, import a real one from polygons and a table,"
        " or describe either. A city file stands wherever the name of a city does.",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _add_describe(verbs)
    _add_build(verbs)
    add_import(verbs)
    _add_template(verbs)


def _add_describe(verbs: Any) -> None:
    parser = verbs.add_parser(
        "describe",
        help="print a city's population, groups, areas, beats, gangs, officers",
        description="Build a city and print who lives there, its areas, beats, gangs and officers,"
        " and which defaults were taken.",
    )
    parser.add_argument("city", metavar="CITY", help=_CITY)
    options.add(parser, "seed", "json")
    parser.set_defaults(call=describe_command)


def _add_build(verbs: Any) -> None:
    parser = verbs.add_parser(
        "build",
        help="build a city and say how long it took",
        description="Build a city, print its size and the time taken; with --out, write the whole"
        " description as JSON.",
    )
    parser.add_argument("city", metavar="CITY", help=_CITY)
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON file to write")
    options.add(parser, "seed", "json")
    parser.set_defaults(call=build_command)


def _add_template(verbs: Any) -> None:
    parser = verbs.add_parser(
        "template",
        help="write the CSV that a city has to fill in",
        description="Write the CSV that a city has to fill in, one row per area of --areas, and say"
        " what is missing and which defaults would be taken.",
    )
    parser.add_argument("--areas", type=Path, metavar="AREAS.geojson", help="the city's polygons")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.csv",
        help="CSV to write; it must not exist yet (default: stdout)",
    )
    options.add(parser, "json")
    parser.set_defaults(call=template_command)


def _built(args: argparse.Namespace) -> tuple[dict[str, Any], float]:
    """The description of the city asked for, and the seconds that building it took."""
    from sim.city import build, load_spec
    from sim.city.describe import describe

    spec = load_spec(args.city)
    begun = time.perf_counter()
    built = build(spec, {}, args.seed)
    seconds = time.perf_counter() - begun
    return describe(spec, built), seconds


def describe_command(args: argparse.Namespace) -> int:
    """Print a city's description."""
    data, _ = _built(args)
    if args.json:
        options.print_json(data)
    else:
        _print_city(data)
    return 0


def build_command(args: argparse.Namespace) -> int:
    """Build a city, print size and time, and keep the description where asked."""
    if args.out is not None and args.out.exists():
        raise UserError(f"--out {args.out}: exists already; name another file, or remove it first")
    data, seconds = _built(args)
    data = {"seconds": round(seconds, 3), "seed": args.seed, **data}
    if args.out is not None:
        from sim.city.store import write_whole

        write_whole(args.out, json.dumps(data, indent=1).encode())
    if args.json:
        options.print_json(data)
        return 0
    print(
        f"{data['city']}: {data['residents']:,} residents, {len(data['areas'])} areas,"
        f" {data['police']['beats']} beats, {data['police']['officers']:,} officers,"
        f" {data['gangs']['number']} gangs; built in {seconds:.1f} s"
    )
    return 0


def template_command(args: argparse.Namespace) -> int:
    """Write the table to fill in; say what is missing and what would be assumed."""
    from sim.city.importer import template

    if args.out is not None and args.out.exists():
        raise UserError(f"--out {args.out}: exists already; name another file, or remove it first")
    text, status = template(args.areas)
    if args.out is not None:
        from sim.city.store import write_whole

        write_whole(args.out, text.encode())
    if args.json:
        options.print_json({**status, "file": args.out and str(args.out), "csv": text})
        return 0
    if args.out is None:
        print(text, end="")
    for column, source in status["present"].items():
        print(f"  present: {column} (from {source})", file=sys.stderr)
    for column, meaning in status["missing"].items():
        print(f"  missing: {column}: {meaning}", file=sys.stderr)
    return 0


def _print_city(data: dict[str, Any]) -> None:
    police, gangs, ties, blocks = (data[k] for k in ("police", "gangs", "ties", "blocks"))
    width, height = blocks["grid"]
    print(f"{data['city']} ({data['source']}): {data['residents']:,} residents")
    print(
        f"  {len(data['areas'])} areas, {blocks['number']:,} blocks of {blocks['metres']:g} m"
        f" on a grid of {width} x {height}; {blocks['with_market']} with a market"
    )
    ages = data["ages"]
    print(
        f"  below 18: {ages['below_18']:.0%}; males of 15 to 29: {ages['males_15_to_29']:.0%};"
        f" from 65: {ages['from_65']:.0%}"
    )
    print(
        f"  {police['officers']:,} officers ({police['per_1000']:.2f} per 1,000),"
        f" {police['detectives']} of them detectives, {police['beats']} beats"
    )
    print(
        f"  {gangs['number']} gangs, {gangs['members']:,} members,"
        f" {gangs['rivals_per_gang']:.1f} standing rivals each"
    )
    print(
        f"  {ties['friends_mean']:.1f} friends a resident; {ties['recorded_network']:,} in the"
        " recorded co-offending network"
    )
    print("  groups:")
    for name, row in data["groups"].items():
        print(
            f"    {name:<12} {row['share']:6.1%}  stops x{row['stop_ratio']:.1f}"
            f"  force x{row['force_ratio']:.1f}"
        )
    print("  areas, most disadvantaged first:")
    ranked = sorted(data["areas"], key=lambda row: -row["disadvantage"])
    shown = ranked if len(ranked) <= 20 else [*ranked[:10], *ranked[-10:]]
    for i, row in enumerate(shown):
        if len(ranked) > 20 and i == 10:
            print(f"    ... {len(ranked) - 20} more (--json has all)")
        print(
            f"    {row['area'][:28]:<28} {row['residents']:>9,}"
            f"  disadvantage {row['disadvantage']:.2f}  violence x{row['violence_weight']:.2f}"
        )
    print("  notes:")
    for note in data["notes"]:
        print(f"    {note}")
