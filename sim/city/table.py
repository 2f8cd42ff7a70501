"""Tables of areas from CSV, and numbers from cells: a fault names file, line and column."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.city.geojson import read_text
from sim.errors import UserError

MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Table:
    """Rows as read: `cells[i][column]` is text or JSON, `places[i]` says where it stands."""

    name: str
    columns: list[str]
    cells: list[dict[str, Any]]
    places: list[str]

    def filled(self) -> list[str]:
        """Columns with at least one cell that isn't empty."""
        return [c for c in self.columns if any(row.get(c) not in (None, "") for row in self.cells)]

    def column(self, name: str) -> str | None:
        """The column called `name`, whatever its case; None if there is none."""
        for column in self.columns:
            if column == name:
                return column
        return next((c for c in self.columns if c.casefold() == name.casefold()), None)


def read_table(path: Path) -> Table:
    """A CSV (comma, semicolon or tab) with a header; lines that start with # are remarks."""
    text = read_text(path, "a CSV table of areas")
    lines = text.splitlines()
    kept = [
        (i + 1, line) for i, line in enumerate(lines) if line.strip() and not line.startswith("#")
    ]
    if not kept:
        raise UserError(f"{path}: is empty; expected a CSV with a header and one row per area")
    if len(kept) > MOST_ROWS:
        raise UserError(f"{path}: {len(kept):,} rows; expected at most {MOST_ROWS:,}")
    header = kept[0][1]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO("\n".join(line for _, line in kept)), delimiter=delimiter)
    try:
        records = list(reader)
    except csv.Error as error:
        raise UserError(f"{path}: not a readable CSV ({error})") from None
    columns = [c.strip() for c in records[0]]
    if len(records) != len(kept):
        raise UserError(f"{path}: a quoted cell runs over several lines; expected one row per line")
    for i, column in enumerate(columns):
        if not column:
            raise UserError(f"{path}: line {kept[0][0]}: column {i + 1} has no name in the header")
        if column in columns[:i]:
            raise UserError(f"{path}: line {kept[0][0]}: column {column!r} appears twice")
    cells, places = [], []
    for (line, _), record in zip(kept[1:], records[1:], strict=True):
        if len(record) != len(columns):
            raise UserError(
                f"{path}: line {line}: {len(record)} cells; expected {len(columns)}, "
                f"as in the header"
            )
        cells.append({c: v.strip() for c, v in zip(columns, record, strict=True)})
        places.append(f"{path}: line {line}")
    if not cells:
        raise UserError(f"{path}: has a header but no rows; expected one row per area")
    return Table(str(path), columns, cells, places)


def identity(value: Any) -> str:
    """What makes two ids the same: text without case and outer space; 35 and 35.0 are one."""
    if isinstance(value, bool) or value is None:
        return ""
    text = str(value).strip()
    try:
        number = float(text)
        if number.is_integer() and abs(number) < 1e15:
            return str(int(number))
    except ValueError:
        pass
    return " ".join(text.casefold().split())


def number(value: Any, where: str, column: str) -> float:
    """The number in a cell; nan where it is empty. Raises UserError for anything else."""
    if value is None or value == "":
        return math.nan
    got: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        got = float(value)
    elif isinstance(value, str):
        text = value.replace(",", "").replace("\u00a0", "").strip().removesuffix("%")
        try:
            got = float(text)
        except ValueError:
            got = None
    if got is None or not math.isfinite(got):
        raise UserError(
            f"{where}: column {column!r} is {str(value)[:40]!r}; expected a number "
            "(leave the cell empty where it is unknown)"
        )
    return got
