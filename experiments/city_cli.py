"""`peel city`: build a synthetic city, import a real one, describe one, or the table to fill."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

from experiments import options
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
    _add_import(verbs)
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


def _add_import(verbs: Any) -> None:
    parser = verbs.add_parser(
        "import",
        help="make a city file from area polygons and a table, or from a list of events",
        description="Make a city file from area polygons (GeoJSON, WGS 84) and, if the polygons'"
        " properties don't say everything, a CSV with one row per area or per area and year. With"
        " --events, a list of victims or incidents says where violence is, and the figures that it"
        " holds are kept beside the city file as targets.",
        epilog="Roles for --map: population, group:NAME, disadvantage (may be repeated), homicides,"
        " shootings, year, id. A column may be a sum (a+b), a ratio (a/b), or reversed (-a)."
        " Roles for --event: date, lat, lon, fatal, cleared, cleared_date, group, person, victim,"
        " suspect, incident, id, victims, deaths; keep and drop say which rows to read.",
    )
    parser.add_argument(
        "--areas",
        type=Path,
        metavar="AREAS.geojson",
        help="polygons, one feature per area (default with --events: squares around the points)",
    )
    _add_events(parser)
    parser.add_argument("--table", type=Path, metavar="TABLE.csv", help="figures of the areas")
    parser.add_argument("--name", help="what to call the city (default: the name of --areas)")
    parser.add_argument(
        "--id",
        dest="id_column",
        metavar="COLUMN",
        help="column that joins polygons and table (default: found by itself)",
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="ROLE=COLUMN",
        help="which column means what; may be repeated",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="city file to write (default: NAME.city.json; .gz compresses)",
    )
    parser.add_argument(
        "--block",
        type=_positive,
        default=150.0,
        metavar="METRES",
        help="side of a block (default 150)",
    )
    parser.add_argument(
        "--officers",
        type=_positive,
        metavar="RATE",
        help="sworn officers per 1,000 residents (default: the parameter's)",
    )
    options.add(parser, "json", "quiet")
    parser.set_defaults(call=import_command)


def _add_events(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--events", type=Path, metavar="EVENTS.csv", help="victims or incidents (CSV, may be .gz)"
    )
    parser.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="ROLE=COLUMN[:VALUE|VALUE]",
        help="which column of --events means what, e.g. cleared=status:arrest; may be repeated",
    )
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE.toml", help="the same as a file (columns, keep, drop)"
    )
    parser.add_argument(
        "--kind",
        choices=("homicides", "shootings"),
        help="what --events lists (default: found out)",
    )
    parser.add_argument(
        "--rows", choices=("victims", "incidents"), help="what a row is (default: a victim)"
    )
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="of the dates, e.g. %%m/%%d/%%Y (default: ISO)"
    )
    parser.add_argument(
        "--residents", type=_residents, metavar="N", help="of the city, where there are no polygons"
    )
    parser.add_argument(
        "--one-in",
        type=_positive,
        metavar="N",
        help="with --residents: a copy with one resident in N, of a city too large to run often",
    )
    parser.add_argument("--source", help="where the events come from, to be named with the figures")
    parser.add_argument(
        "--licence", help="of the events; named with every figure derived from them"
    )


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


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a positive number")
    return number


def _residents(text: str) -> float:
    try:
        number = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        number = 0.0
    if not 200 <= number <= 12_000_000:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number from 200 to 12,000,000")
    return number


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


def import_command(args: argparse.Namespace) -> int:
    """Make a city file; say on stderr what was read from where and assumed."""
    from sim.city.importer import import_city

    if args.events is not None:
        return _import_events(args)
    if args.areas is None:
        raise UserError("peel city import: expected --areas AREAS.geojson, or --events EVENTS.csv")
    only = ("event", "mapping", "kind", "rows", "date_format", "residents", "one_in", "source",
            "licence")  # fmt: skip
    for option in (name for name in only if getattr(args, name)):
        raise UserError(f"--{option.replace('_', '-')}: only with --events EVENTS.csv")
    done = import_city(
        args.areas,
        args.table,
        name=args.name,
        id_column=args.id_column,
        maps=args.map,
        out=args.out,
        block_m=args.block,
        officers_per_1000=args.officers,
    )
    if not args.quiet:
        for note in done.notes:
            print(f"  {note}", file=sys.stderr)
    if args.json:
        options.print_json(
            {
                "city": done.spec.name,
                "file": str(done.path),
                "residents": done.spec.residents,
                "areas": done.spec.areas,
                "groups": {g.name: g.share for g in done.spec.groups},
                "digest": done.spec.digest,
                "notes": done.notes,
            }
        )
        return 0
    print(f"{done.path}: {done.spec.residents:,} residents in {done.spec.areas} areas.")
    print(f"Next: peel city describe {done.path}, or peel run {done.path}")
    return 0


def _import_events(args: argparse.Namespace) -> int:
    """The same from a list of events, with the table of targets."""
    from experiments.cities import mapping
    from experiments.cities.importing import import_events

    given = mapping.from_toml(args.mapping) if args.mapping else mapping.EventMap()
    said = mapping.from_words(args.event)
    said = dataclasses.replace(
        said,
        date_format=args.date_format or "",
        kind=args.kind or "",
        rows=args.rows or "",
        source=args.source or "",
        licence=args.licence or "",
    )
    if args.residents is not None and args.areas is not None:
        raise UserError("--residents: only where there are no --areas, which have their own")
    if args.one_in is not None and args.areas is not None:
        raise UserError("--one-in: only with --residents, where areas are made from the points")
    if args.table is not None and args.areas is None:
        raise UserError("--table: only with --areas, whose areas it describes")
    done = import_events(
        args.events,
        mapping.merged(given, said),
        areas=args.areas,
        table=args.table,
        name=args.name,
        id_column=args.id_column,
        maps=args.map,
        out=args.out,
        block_m=args.block,
        officers_per_1000=args.officers,
        residents=args.residents,
        one_in=args.one_in or 1.0,
    )
    city, figures = done.imported, done.figures
    if not args.quiet:
        for note in [*done.account, *city.notes, *figures.notes]:
            print(f"  {note}", file=sys.stderr)
    if args.json:
        from experiments.cities.targets import as_json

        told = {"city": city.spec.name, "file": str(city.path), "targets": str(done.files[0])}
        more = {"residents": city.spec.residents, "areas": city.spec.areas, "account": done.account}
        options.print_json({**told, **more, "table": as_json(figures)})
        return 0
    from experiments.cities.words import figures_table

    print(figures_table(figures))
    print(f"\n{figures.licence_note}")
    print(f"{city.path}: {city.spec.residents:,} residents in {city.spec.areas} areas;"
          f" figures in {done.files[0].name} and {done.files[1].name}.")  # fmt: skip
    print(f"Next: peel calibrate --city {city.path}")
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
