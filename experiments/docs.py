"""`peel docs`: documents whose truth is the code: the day, processes, parameters, policies, levers.

Together they follow the ODD protocol (Grimm and co-authors 2020) where it asks for processes,
parameters and their sources; a test fails when the files in docs/ are no longer what the code says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments import options
from experiments.code_pages import day, evidence, levers, outcomes, parameters, policies, processes
from sim.errors import UserError

MARK = "<!-- Written by `peel docs` from the code; edit the code instead. -->"


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "docs",
        help="write the documents that are generated from the code",
        description="Write the documents that are generated from the code, over their last ones.",
    )
    parser.add_argument("folder", nargs="?", default=Path("docs"), type=Path, metavar="DIR")
    parser.add_argument("--check", action="store_true", help="only say which are out of date")
    parser.add_argument(
        "--record",
        action="append",
        default=[],
        type=Path,
        metavar="FILE.json",
        help="first keep this result of a command for docs/validity.md; may be repeated",
    )
    options.add(parser, "json", "quiet")
    parser.set_defaults(call=docs_command)


def docs_command(args: argparse.Namespace) -> int:
    """Write or check the documents in a folder."""
    from experiments.recorded import record

    def say(text: str) -> None:
        if not args.quiet:
            print(f"peel: {text}", file=sys.stderr)

    for source in args.record:
        record(source, say=say)
    stale = stale_in(args.folder)
    if not args.check:
        for name in stale:
            _refuse_foreign(args.folder / name)
        write(args.folder)
    if args.json:
        options.print_json(
            {"folder": str(args.folder), "stale" if args.check else "written": stale}
        )
    elif stale:
        print(f"{'Out of date' if args.check else 'Written'}: {', '.join(stale)}")
    else:
        print(f"The documents in {args.folder} are what the code says.")
    return 1 if args.check and stale else 0


def documents() -> dict[str, str]:
    """File name -> text of every generated document."""
    return {name: f"{MARK}\n\n{page().strip()}\n" for name, page in _PAGES.items()}


def stale_in(folder: Path) -> list[str]:
    """The documents that are missing from `folder` or differ from what the code says."""
    return [name for name, text in documents().items() if _read(folder / name) != text]


def write(folder: Path) -> None:
    """Write every document into `folder`; each file is replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        part = folder / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / name)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as problem:
        raise UserError(f"{path}: cannot be read: {problem}") from None


def _refuse_foreign(path: Path) -> None:
    text = _read(path)
    if text is not None and not text.startswith(MARK):
        raise UserError(f"{path}: not written by `peel docs`; name another folder, or move it away")


# Pages laid out elsewhere; those of recorded results are imported when they are asked for.


def validity() -> str:
    """How far the model can be believed, from recorded results."""
    from experiments.validity_page import validity as page

    return page()


def performance() -> str:
    """docs/performance.md (see experiments.performance_page)."""
    from experiments.performance_page import page

    return page()


def scoreboard() -> str:
    """Recorded boards of facts, and what each miss means."""
    from experiments.scoreboard_page import scoreboard as page

    return page()


_PAGES: dict[str, Callable[[], str]] = {
    "scoreboard.md": scoreboard,
    "day.md": day,
    "processes.md": processes,
    "parameters.md": parameters,
    "policies.md": policies,
    "levers.md": levers,
    "outcomes.md": outcomes,
    "evidence.md": evidence,
    "validity.md": validity,
    "performance.md": performance,
}
