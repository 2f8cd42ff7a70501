"""A city's own list of victims or incidents, read and checked; what is rejected is named.

A row without a place stays in counts and is left out of maps; a row without a date, or with a
value that can't be understood, is rejected, counted by reason and shown by example. Person ids
become random codes in memory as the file is read (a keyed hash whose key is thrown away); nothing
but counts of people leaves this package.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.cities.cells import parsed
from experiments.cities.mapping import EventMap, resolved
from experiments.cities.records import Events, Flags, Ints, Named, Reading
from experiments.cities.victims import victims_of
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Events", "Named", "Reading", "read"]

MOST_BYTES = 500_000_000
MOST_ROWS = 3_000_000


def read(path: Path, given: EventMap) -> tuple[Events, Reading, EventMap]:
    """The events of a CSV (plain or .gz). Raises UserError where the file or the mapping can't be
    right: no such column, or most rows rejected for one reason."""
    header, table, lines, report = _table(path)
    mapping, guessed = resolved(given, header, str(path))
    report.notes += guessed
    kept = _kept(table, mapping)
    report.left_out += int((~kept).sum())
    table, lines = table[kept].reset_index(drop=True), lines[kept]
    if not len(table):
        raise UserError(f"{path}: keep and drop leave no row of {report.rows:,}")
    table, lines = _without_doubles(table, lines, mapping, report)
    good, columns = parsed(table, lines, mapping, report, path)
    events = victims_of(columns, good, mapping, report)
    if not len(events):
        raise UserError(f"{path}: no victim is left; {'; '.join(report.said()[1:4])}")
    return events, report, mapping


# --- the file ---------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise UserError(f"{path}: is a folder; expected a CSV of events")
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path}: larger than {MOST_BYTES // 1_000_000} MB; split it by years")
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; expected a CSV of events") from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path}: byte {error.start} is not UTF-8 text; save the CSV as UTF-8"
        ) from None
    except (OSError, EOFError, ValueError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path}: cannot be read ({error}); expected a CSV of events") from None


def _table(path: Path) -> tuple[list[str], pd.DataFrame, Ints, Reading]:
    """Header, cells as text, the line each row ends on, and the account begun."""
    import pandas as pd

    text = _text(path)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    report = Reading(path.name)
    try:
        header = [name.strip() for name in next(reader, [])]
        if len(header) < 2 or not all(header) or len(set(header)) != len(header):
            raise UserError(
                f"{path}: line 1: expected a header that names each column once,"
                f" got {', '.join(header)[:80]!r}"
            )
        rows, lines, bad, widths = [], [], [], []
        for row in reader:
            if not any(row):
                continue
            report.rows += 1
            if len(row) != len(header):
                bad.append(reader.line_num)
                widths.append(f"{len(row)} cells")
                continue
            rows.append(row)
            lines.append(reader.line_num)
            if len(rows) > MOST_ROWS:
                raise UserError(f"{path}: more than {MOST_ROWS:,} rows; split it by years")
    except csv.Error as error:
        raise UserError(f"{path}: line {reader.line_num}: not a readable CSV ({error})") from None
    report.reject(f"not {len(header)} cells, as in the header", np.array(bad, dtype=int), widths)
    if not rows:
        raise UserError(f"{path}: has no row with {len(header)} cells; expected a row per event")
    frame = pd.DataFrame(rows, columns=header, dtype=object).apply(lambda c: c.str.strip())
    return header, frame, np.array(lines, dtype=np.int64), report


def _kept(table: pd.DataFrame, mapping: EventMap) -> Flags:
    kept = np.ones(len(table), dtype=bool)
    for one in mapping.keep:
        kept &= table[one.column].isin(one.values).to_numpy()
    for one in mapping.drop:
        kept &= ~table[one.column].isin(one.values).to_numpy()
    return kept


def _without_doubles(
    table: pd.DataFrame, lines: Ints, mapping: EventMap, report: Reading
) -> tuple[pd.DataFrame, Ints]:
    if "id" not in mapping.columns:
        return table, lines
    ids = table[mapping.columns["id"].column]
    double = (ids.duplicated() & (ids != "")).to_numpy()
    report.reject("the row's id was there already", lines[double])
    return table[~double].reset_index(drop=True), lines[~double]
