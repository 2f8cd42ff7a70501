"""`peel city import`: a city file from area polygons and a table, or from a list of events."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from experiments import options
from sim.errors import UserError


def add_import(verbs: Any) -> None:
    """Add the verb to `peel city`."""
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
        help="city file to write, in place of any there (default: NAME.city.json; .gz compresses)",
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
