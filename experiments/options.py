"""Options that mean the same in every command, and output that is whole or absent."""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.errors import UserError


def add(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add the options called `names`, of: seed years replicates workers out json plugin quiet."""
    for name in names:
        kind, line, default = _OPTIONS[name]
        if kind is bool:
            parser.add_argument(f"--{name}", action="store_true", help=line)
        elif name == "plugin":
            parser.add_argument(
                "--plugin", action="append", default=[], metavar="FILE.py", type=Path, help=line
            )
        else:
            parser.add_argument(
                f"--{name}", type=kind, default=default, metavar=name[0].upper(), help=line
            )


def whole(text: str) -> int:
    """A whole number from 0, for --seed."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        much = " of at most 18 digits" if text.isdigit() else ""
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from 0{much}")
    return int(text)


def several(text: str) -> int:
    """A whole number from 1, for --replicates and --workers."""
    number = whole(text)
    if not 1 <= number <= 100_000:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from 1 to 100000")
    return number


def years(text: str) -> float:
    """A positive number of years, at most 50."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= 50:
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is not a number of years above 0, up to 50"
        )
    return number


_OPTIONS: dict[str, tuple[Any, str, Any]] = {
    "seed": (whole, "seed of the random draws, a whole number from 0 (default 1)", 1),
    "years": (years, "years to simulate, in place of the scenario's", None),
    "replicates": (several, "how many seeds to run", None),
    "workers": (several, "how many processes to use (default: one per processor)", None),
    "out": (Path, "folder to write; it must not exist yet", None),
    "json": (bool, "print the result as JSON on stdout", False),
    "plugin": (Path, "Python file with policies or metrics of your own; may be repeated", None),
    "quiet": (bool, "show no progress", False),
}


def load_plugins(files: list[Path]) -> None:
    """Load users' own policies and metrics from the files that --plugin names."""
    if files:
        from sim import plugins

        for file in files:
            plugins.load(file)


def print_json(data: Any) -> None:
    """`data` as strict JSON on stdout; what JSON cannot say (NaN) becomes null."""
    json.dump(_sayable(data), sys.stdout, indent=2, allow_nan=False)
    print()


def _sayable(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _sayable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_sayable(value) for value in data]
    if hasattr(data, "item"):  # a NumPy scalar
        data = data.item()
    return None if isinstance(data, float) and not math.isfinite(data) else data


def refuse_existing(folder: Path | None) -> None:
    """Raise UserError where `folder` cannot become a new folder; to be asked before any work."""
    if folder is None:
        return
    if "\0" in str(folder):
        raise UserError(f"--out {str(folder)!r}: not a folder's name")
    try:
        if folder.exists() or folder.is_symlink():
            raise UserError(
                f"--out {folder}: exists already; name another folder, or remove this one first"
            )
        parent = folder.absolute().parent
        while not parent.exists():
            parent = parent.parent
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            raise UserError(f"--out {folder}: cannot write in {parent}; name another folder")
    except (OSError, ValueError) as problem:
        raise UserError(f"--out {folder}: {problem}") from None


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes `folder` if the block ends well and else is removed."""
    refuse_existing(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        yield work
        work.chmod(0o755)  # mkdtemp's folders are private
        work.rename(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
