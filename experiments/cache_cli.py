"""`peel cache`: the burnt-in cities kept on this machine; see `sim.kept_cities`."""

from __future__ import annotations

import argparse
from typing import Any

from experiments import options


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "cache",
        help="show or clear the burnt-in cities kept on this machine",
        description="A city is burnt in once for each set of parameters and seed, and kept, so that"
        " the next run starts at once. PEEL_CACHE_GB bounds what is kept (4 unless set; 0 keeps and"
        " reads nothing), PEEL_CACHE_DIR says where. Clearing costs time, never a result.",
    )
    parser.add_argument("--clear", action="store_true", help="remove all of them")
    options.add(parser, "json")
    parser.set_defaults(call=cache_command)


def cache_command(args: argparse.Namespace) -> int:
    """Show what is kept, or remove it."""
    from sim import kept_cities

    kept = kept_cities.files()
    removed = kept_cities.clear() if args.clear else 0
    data: dict[str, Any] = {
        "folder": str(kept_cities.folder()),
        "cities": len(kept) - removed,
        "bytes": 0 if args.clear else sum(size for _, size, _ in kept),
        "limit_bytes": kept_cities.limit_bytes(),
        "removed": removed,
    }
    if args.json:
        options.print_json(data)
        return 0
    if args.clear:
        print(f"{removed} burnt-in cities removed from {data['folder']}")
        return 0
    limit = data["limit_bytes"] / 1e9
    print(
        f"{data['cities']} burnt-in cities, {data['bytes'] / 1e6:,.0f} MB, in {data['folder']}\n"
        + (f"At most {limit:g} GB are kept." if limit else "Switched off (PEEL_CACHE_GB).")
    )
    return 0
