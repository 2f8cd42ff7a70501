"""`peel policies`, `peel evidence`, `peel parameters`: what can be changed, on what evidence."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import itertools
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments import options
from sim.errors import UserError
from sim.words import nearest, sharing_a_word

if TYPE_CHECKING:
    from sim.evidence import Evidence
    from sim.parameters import Parameter
    from sim.policies import Policy


def add_parsers(subparsers: Any) -> None:
    """Add the three commands to `peel`."""
    for name, what, line, call in (
        ("policies", "NAME", "list the policies, reforms and harms, or describe one", _policies),
        ("evidence", "ID", "list the evidence ledger, or show one row", _evidence),
        ("parameters", "NAME", "list the parameters, or describe one", _parameters),
    ):
        parser = subparsers.add_parser(name, help=line, description=line)
        parser.add_argument("name", nargs="?", metavar=what, help="the one to describe")
        options.add(parser, "json", "plugin", "quiet")
        parser.set_defaults(call=call)


# Policies.


def policy_row(kind: type[Policy]) -> dict[str, Any]:
    """What `peel policies --json` says of one policy class."""
    return {
        "name": kind.name,
        "row": kind.row,
        "harm": kind.harm,
        "title": kind.title,
        "eligible": kind.eligible,
        "levers": {name: list(move) for name, move in kind.levers.items()},
        "badge": kind.badge,
        "evidence": list(kind.evidence),
        "contested_by": kind.contested_by,
        "speculative": kind.speculative,
        "lasting": kind.lasting,
        "capacity": kind.capacity,
        "unit_cost": kind.unit_cost,
        "cost_year": kind.cost_year,
        "settings": policy_settings(kind),
        "description": describe(kind),
    }


def policy_settings(kind: type[Policy]) -> list[dict[str, Any]]:
    """Each setting of a policy: name, type, default, range (None: no bound) and meaning."""
    meanings = _attribute_docs(kind)
    bounds = {"dose": (0.0, 2.0), **kind.bounds}
    out = []
    for field in dataclasses.fields(kind):
        if field.name in kind.unread:
            continue
        low, high = bounds.get(field.name, (None, None))
        out.append(
            {
                "name": field.name,
                "type": str(field.type),
                "default": getattr(kind, field.name, None),
                "low": low,
                "high": high,
                "meaning": meanings.get(field.name, ""),
            }
        )
    return out


def describe(kind: type[Policy]) -> str:
    """What a policy does and on what grounds: its module's docstring, or else its own."""
    module = inspect.getmodule(kind)
    return inspect.cleandoc((module.__doc__ if module else "") or kind.__doc__ or "")


def _attribute_docs(kind: type[Any]) -> dict[str, str]:
    """The sentence below each field, where there is one, base classes included."""
    out: dict[str, str] = {}
    for one in reversed(kind.__mro__[:-1]):
        try:
            body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        except (OSError, TypeError, SyntaxError):
            continue  # its source is not at hand
        for field, below in itertools.pairwise(getattr(body, "body", [])):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                    value=ast.Constant(value=str(text))
                ):
                    out[name] = " ".join(text.split())
    return out


def _policies(args: argparse.Namespace) -> int:
    from sim.policies import registry

    options.load_plugins(args.plugin)
    known = registry()
    if args.name is not None and args.name not in known:
        raise UserError(f"no policy {args.name!r}{_titled(args.name, known)}")
    rows = [policy_row(kind) for name, kind in known.items() if args.name in (None, name)]
    rows.sort(key=lambda row: (row["row"], row["name"]))
    if args.json:
        options.print_json(rows)
    elif args.name is None:
        table(
            ("row", "policy", "", "evidence", "what it is"),
            [
                (row["row"], row["name"], "harm" if row["harm"] else "", row["badge"], row["title"])
                for row in rows
            ],
        )
        print("\n`peel policies NAME` shows a policy's settings, levers and sources.")
    else:
        _show_policy(rows[0])
    return 0


def _titled(asked: str, known: Mapping[str, type[Policy]]) -> str:
    """A message's tail: the nearest name, or policies whose names or titles share a word with `asked`."""
    hint = nearest(asked, known)
    if "did you mean '" in hint:
        return hint
    texts = {name: f"{name} {kind.title}" for name, kind in known.items()}
    alike = sharing_a_word(asked, texts)
    return (
        f"; did you mean one of: {', '.join(alike)}?"
        if alike
        else f"{hint}; `peel policies` lists them"
    )


def _show_policy(row: dict[str, Any]) -> None:
    kind = "a harm; switching it on makes it worse" if row["harm"] else "a policy"
    print(f"{row['name']} (row {row['row']}, {kind}): {row['title']}\n")
    print(wrapped(row["description"]))
    print(f"\nEvidence: {row['badge']}{'; results are labelled speculative' * row['speculative']}")
    if row["contested_by"]:
        print(wrapped(f"Disputed: {row['contested_by']}"))
    _show_rows(row["evidence"])
    print()
    cost = f"{row['unit_cost'] or '-'} (prices of {row['cost_year']})"
    for label, said in (
        ("eligible", row["eligible"]),
        ("capacity", row["capacity"]),
        ("unit cost", cost),
    ):
        print(wrapped(said or "-", f"{label:<10} "))
    print()
    table(
        ("moves", "by default", "range"),
        [(name, at, span(low, high)) for name, (at, low, high) in row["levers"].items()],
    )
    print()
    table(
        ("setting", "default", "range", "meaning"),
        [
            (
                setting["name"],
                setting["default"],
                span(setting["low"], setting["high"]),
                setting["meaning"],
            )
            for setting in row["settings"]
        ],
        whole=True,
    )


# Evidence.


def _evidence(args: argparse.Namespace) -> int:
    from sim import evidence

    if args.name is None:
        rows = list(evidence.ledger().values())
        if args.json:
            options.print_json([dataclasses.asdict(row) for row in rows])
        else:
            table(
                ("id", "strength", "", "what was measured"),
                [(r.id, r.strength, "disputed" * r.contested, r.quantity) for r in rows],
            )
            print("\n`peel evidence ID` shows a row with its figures, source and critics.")
        return 0
    row = evidence.get(args.name)
    if args.json:
        options.print_json(dataclasses.asdict(row) | {"used_by": used_by(row.id)})
    else:
        _show_evidence(row)
    return 0


def used_by(row_id: str) -> dict[str, list[str]]:
    """The parameters and policies that name a row of the ledger."""
    from sim.parameters import all_parameters
    from sim.policies import registry

    return {
        "parameters": [p.name for p in all_parameters().values() if row_id in p.evidence],
        "policies": [name for name, kind in registry().items() if row_id in kind.evidence],
    }


def figures(row: Evidence) -> str:
    """A row's value, range and unit on one line."""
    value = f"{row.value:g}" if isinstance(row.value, float) else row.value
    among = f" ({span(row.low, row.high)})" if row.low is not None else ""
    return f"{value}{among}, {row.unit}"


def _show_evidence(row: Evidence) -> None:
    print(f"{row.id} ({row.topic}): {row.quantity}\n")
    checked = "checked against the source" if row.checked == "verified" else row.checked
    for label, text in (
        ("found", figures(row)),
        ("where", row.where_when),
        ("source", row.source),
        ("strength", f"{row.strength}, {checked}"),
        ("disputed", row.contested_by or "by nobody we know of"),
    ):
        print(wrapped(text, f"  {label:<9} "))
    for what, names in used_by(row.id).items():
        if names:
            print(wrapped(", ".join(names), f"  {what:<10} "))


def _show_rows(ids: Iterable[str]) -> None:
    from sim.evidence import get

    for row in map(get, ids):
        print(wrapped(f"{row.quantity}: {figures(row)}. {row.source}.", f"  [{row.id}] "))


# Parameters.


def parameter_row(row: Parameter) -> dict[str, Any]:
    """What `peel parameters --json` says of one parameter."""
    return dataclasses.asdict(row) | {"strength": row.strength}


def _parameters(args: argparse.Namespace) -> int:
    from sim.parameters import all_parameters

    known = all_parameters()
    if args.name is not None and args.name not in known:
        raise UserError(f"no parameter {args.name!r}{nearest(args.name, known)}")
    rows = [row for name, row in known.items() if args.name in (None, name)]
    if args.json:
        options.print_json([parameter_row(row) for row in rows])
    elif args.name is None:
        table(
            ("parameter", "default", "range", "unit", "meaning"),
            [(r.name, r.default, span(r.low, r.high), r.unit, r.meaning) for r in rows],
        )
        print("\n`peel parameters NAME` shows what reads a parameter and on what evidence.")
    else:
        _show_parameter(rows[0])
    return 0


def _show_parameter(row: Parameter) -> None:
    print(f"{row.name}: {row.meaning}\n")
    print(f"  default   {row.default:g} {row.unit}, range {span(row.low, row.high)}")
    print(f"  read by   {row.process}")
    if row.contested:
        print(wrapped(row.contested, "  disputed  "))
    if row.evidence:
        _show_rows(row.evidence)
    else:
        print("  evidence  none: an assumption")


# Text.


def span(low: float | None, high: float | None) -> str:
    """A range in words; empty where there is none."""
    return "" if low is None or high is None else f"{low:g} to {high:g}"


def wrapped(text: str, first: str = "") -> str:
    """`text` in lines that fit the terminal; paragraphs kept, later lines under `first`."""
    width = max(50, min(100, shutil.get_terminal_size().columns))
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(
        textwrap.fill(part, width, initial_indent=first, subsequent_indent=" " * len(first))
        for part in paragraphs
    )


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], whole: bool = False) -> None:
    """Print aligned columns; the last one is cut where the terminal ends, or (`whole`) goes on below."""
    cells = [tuple(map(str, head)), *(tuple(_cell(c) for c in row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head) - 1)]
    screen = max(60, shutil.get_terminal_size((120, 40)).columns)
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        first, line = f"{line}  ", f"{line}  {row[-1]}".rstrip()
        if whole and row[-1]:
            width = max(screen, len(first) + 30)
            print(
                textwrap.fill(
                    row[-1], width, initial_indent=first, subsequent_indent=" " * len(first)
                )
            )
        else:
            print(line if len(line) <= screen else f"{line[: screen - 3]}...")


def _cell(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
