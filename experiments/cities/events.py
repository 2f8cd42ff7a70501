"""A city's own list of victims or incidents, read and checked; what is rejected is named.

A row without a place stays in counts and is left out of maps; a row without a date, or with a
value that can't be understood, is rejected, counted by reason and shown by example. Person ids
become random codes in memory as the file is read (a keyed hash whose key is thrown away); nothing
but counts of people leaves this package.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.cities.mapping import EventMap, Source, resolved
from experiments.estimators.incidents import metres
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_BYTES = 500_000_000
MOST_ROWS = 3_000_000
FAR_M = 150_000.0
EXAMPLES = 3
_YES = frozenset(
    {"1", "1.0", "y", "yes", "true", "t", "fatal", "homicide", "closed", "cleared", "arrest"}
)
_NO = frozenset(
    {"0", "0.0", "n", "no", "false", "f", "nonfatal", "non-fatal", "non fatal", "open", "uncleared"}
)


@dataclass(frozen=True)
class Named:
    """Who is named in which case, as codes without meaning: for overlap of people only."""

    case: Ints
    person: Ints
    suspect: Flags
    day: Ints
    x_m: Floats
    y_m: Floats


@dataclass(frozen=True)
class Events:
    """One row per victim, in order of day. What a source doesn't hold is None."""

    kind: str
    """"homicides": victims who died, by any means; "shootings": people shot."""
    day: Ints
    """Days since 1 January 1970."""
    x_m: Floats
    y_m: Floats
    """Metres; NaN where the place isn't known."""
    fatal: Flags | None = None
    cleared: Floats | None = None
    """1 cleared, 0 open, NaN unknown."""
    wait_days: Floats | None = None
    """Days to the arrest; NaN where there was none."""
    group: Ints | None = None
    """Index into `group_names`; -1 unknown."""
    group_names: tuple[str, ...] = ()
    named: Named | None = None
    lat: Floats | None = None
    lon: Floats | None = None

    def __len__(self) -> int:
        return len(self.day)


@dataclass
class Reading:
    """What became of each row of the file."""

    file: str
    rows: int = 0
    victims: int = 0
    left_out: int = 0
    """Rows that keep and drop, or the role victim, leave out as asked."""
    without_place: int = 0
    rejected: dict[str, list[Any]] = field(default_factory=dict)
    """Reason -> [count, examples]."""
    notes: list[str] = field(default_factory=list)

    def reject(self, reason: str, lines: Ints, values: Sequence[str] | None = None) -> None:
        """Count rows at these lines of the file; `values` are shown unless they may name people."""
        if not len(lines):
            return
        shown = [
            f"line {line}" + (f" ({str(values[i])[:30]!r})" if values is not None else "")
            for i, line in enumerate(lines[:EXAMPLES].tolist())
        ]
        entry = self.rejected.setdefault(reason, [0, []])
        entry[0] += len(lines)
        entry[1] = (entry[1] + shown)[:EXAMPLES]

    @property
    def rejected_rows(self) -> int:
        return sum(int(count) for count, _ in self.rejected.values())

    def said(self) -> list[str]:
        """The account in words, a line per reason."""
        lines = [
            f"{self.file}: {self.rows:,} rows; {self.victims:,} victims read,"
            f" {self.left_out:,} rows left out as asked, {self.rejected_rows:,} rejected"
        ]
        for reason, (count, examples) in self.rejected.items():
            lines.append(f"rejected {count:,}: {reason}; e.g. {', '.join(examples)}")
        if self.without_place:
            lines.append(
                f"{self.without_place:,} victims without a place count in totals, not on maps"
            )
        return [*lines, *self.notes]


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
    good, columns = _parsed(table, lines, mapping, report, path)
    events = _events(columns, good, mapping, report)
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


# --- the cells --------------------------------------------------------------------------------


def _parsed(
    table: pd.DataFrame, lines: Ints, mapping: EventMap, report: Reading, path: Path
) -> tuple[Flags, dict[str, Any]]:
    """Which rows are good, and the columns by role. The first reason found rejects a row."""
    good = np.ones(len(table), dtype=bool)

    def refuse(bad: Flags, reason: str, column: str) -> None:
        nonlocal good
        bad = bad & good
        values = table[column].to_numpy()[bad][:EXAMPLES]
        report.reject(reason, lines[bad], list(values))
        if bad.sum() > 0.5 * len(table):
            raise UserError(
                f"{path}: {bad.sum():,} of {len(table):,} rows: {reason} (e.g. line"
                f" {lines[bad][0]}: {str(values[0])[:40]!r}); {_advice(reason, column)}"
            )
        good = good & ~bad

    out: dict[str, Any] = {}
    column = mapping.columns["date"].column
    out["day"], bad = _days(table[column], mapping.date_format)
    refuse(bad, "no valid date", column)
    out["lat"], out["lon"] = _places(table, mapping, refuse, good)
    for role in FLAG_ROLES:
        if role in mapping.columns:
            out[role], bad = _flags(table, mapping.columns[role])
            if role == "suspect" or (role == "victim"):
                bad &= False  # what isn't said to be one is not one
            refuse(bad, f"{role} is neither yes nor no", mapping.columns[role].column)
    for role in ("victims", "deaths"):
        if role in mapping.columns:
            out[role], bad = _counts(table[mapping.columns[role].column], role)
            refuse(bad, f"{role} is not a whole number from 0 to 200", mapping.columns[role].column)
    if "cleared_date" in mapping.columns:
        column = mapping.columns["cleared_date"].column
        closed, bad = _days(table[column], mapping.date_format)
        empty = (table[column] == "").to_numpy()
        refuse(bad & ~empty, "no valid date of clearance", column)
        wait = np.where(empty | bad, np.nan, closed - out["day"])
        refuse(np.nan_to_num(wait) < 0, "cleared before it happened", column)
        out["wait"] = wait
    for role in ("group", "incident", "person"):
        if role in mapping.columns:
            out[role] = table[mapping.columns[role].column].to_numpy(dtype=object)
    return good, out


FLAG_ROLES = ("fatal", "cleared", "victim", "suspect")


def _advice(reason: str, column: str) -> str:
    if "date" in reason:
        return "dates are read as ISO (2015-01-31); say otherwise with --date-format, e.g. %m/%d/%Y"
    if "yes nor no" in reason:
        role = reason.split()[0]
        return f"name the values that mean yes: --event '{role}={column}:VALUE|VALUE'"
    return f"is {column!r} the right column?"


def _days(column: pd.Series, form: str) -> tuple[Ints, Flags]:
    import pandas as pd

    try:
        dates = pd.to_datetime(
            column, errors="coerce", format=form or "ISO8601", utc=bool(not form)
        )
    except ValueError as problem:
        raise UserError(f"--date-format {form!r}: {problem}") from None
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    bad = (dates.isna() | (dates.dt.year < 1900) | (dates.dt.year > 2100)).to_numpy()
    days = dates.fillna(pd.Timestamp(0)).dt.floor("D") - pd.Timestamp(0)
    return days.dt.days.to_numpy().astype(np.int64), bad


def _places(
    table: pd.DataFrame, mapping: EventMap, refuse: Any, good: Flags
) -> tuple[Floats, Floats]:
    import pandas as pd

    if "lat" not in mapping.columns:
        nowhere = np.full(len(table), np.nan)
        return nowhere, nowhere.copy()
    out = []
    empty = np.zeros(len(table), dtype=bool)
    for role, most in (("lat", 90.0), ("lon", 180.0)):
        column = mapping.columns[role].column
        text = table[column]
        blank = text.str.casefold().isin(["", "na", "nan", "null", "none"]).to_numpy()
        value = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
        refuse(~blank & ~np.isfinite(value), f"{role} is not a number", column)
        refuse(np.abs(np.nan_to_num(value)) > most, f"{role} outside -{most:g}..{most:g}", column)
        empty |= blank
        out.append(value)
    lat, lon = out
    zero = (lat == 0.0) & (lon == 0.0)  # geocoders write "unknown" so
    empty |= zero
    lat, lon = np.where(empty, np.nan, lat), np.where(empty, np.nan, lon)
    known = np.isfinite(lat) & np.isfinite(lon)
    if known.any():
        mid_lat, mid_lon = np.median(lat[known]), np.median(lon[known])
        dy = (lat - mid_lat) * 111_195.0
        dx = (lon - mid_lon) * 111_195.0 * np.cos(np.radians(mid_lat))
        far = np.nan_to_num(np.hypot(dx, dy)) > FAR_M
        column = mapping.columns["lat"].column
        refuse(far, f"more than {FAR_M / 1000:g} km from the middle of the others", column)
    return lat, lon


def _flags(table: pd.DataFrame, one: Source) -> tuple[Floats, Flags]:
    """1 yes, 0 no, NaN where the cell is empty; and cells that are neither."""
    text = table[one.column]
    if one.values:
        yes = text.isin(one.values).to_numpy()
        return yes.astype(np.float64), np.zeros(len(text), dtype=bool)
    plain = text.str.casefold()
    yes, no = plain.isin(_YES).to_numpy(), plain.isin(_NO).to_numpy()
    empty = (plain == "").to_numpy()
    value = np.where(yes, 1.0, np.where(no, 0.0, np.nan))
    return value, ~(yes | no | empty)


def _counts(column: pd.Series, role: str) -> tuple[Ints, Flags]:
    import pandas as pd

    value = pd.to_numeric(column.replace("", "1" if role == "victims" else "0"), errors="coerce")
    number = value.to_numpy(dtype=np.float64)
    bad = ~np.isfinite(number) | (number < 0) | (number > 200) | (number != np.floor(number))
    return np.where(bad, 0, number).astype(np.int64), bad


# --- victims ----------------------------------------------------------------------------------


def _events(columns: dict[str, Any], good: Flags, mapping: EventMap, report: Reading) -> Events:
    kept = {name: values[good] for name, values in columns.items()}
    by_incident = mapping.rows == "incidents" or (not mapping.rows and "victims" in kept)
    suspect = kept["suspect"] == 1.0 if "suspect" in kept else None
    is_victim = np.ones(int(good.sum()), dtype=bool)
    if "victim" in kept:
        is_victim = kept["victim"] == 1.0
    elif suspect is not None:
        is_victim = ~suspect
    lat, lon = kept["lat"], kept["lon"]
    x, y = _metres(lat, lon)
    named = _named(kept, x, y, suspect, is_victim)
    report.left_out += int((~is_victim).sum())
    times = np.ones(int(is_victim.sum()), dtype=np.int64)
    if by_incident:
        times = kept["victims"][is_victim] if "victims" in kept else times
        if "deaths" in kept:
            times = np.maximum(times, kept["deaths"][is_victim])
    pick = np.repeat(np.flatnonzero(is_victim), times)
    pick = pick[np.argsort(kept["day"][pick], kind="stable")]
    fatal = _fatal(kept, pick, is_victim, times, by_incident)
    kind = _kind(mapping, fatal, report)
    group, names = _groups(kept["group"][pick]) if "group" in kept else (None, ())
    wait = kept["wait"][pick] if "wait" in kept else None
    cleared = kept["cleared"][pick] if "cleared" in kept else None
    if cleared is None and wait is not None:
        cleared = np.isfinite(wait).astype(np.float64)
    report.victims = len(pick)
    report.without_place = int((~np.isfinite(x[pick])).sum())
    return Events(
        kind,
        kept["day"][pick],
        x[pick],
        y[pick],
        np.ones(len(pick), dtype=bool) if kind == "homicides" else fatal,
        cleared,
        wait,
        group,
        names,
        named,
        lat[pick],
        lon[pick],
    )


def _kind(mapping: EventMap, fatal: Flags | None, report: Reading) -> str:
    if mapping.kind:
        return mapping.kind
    if fatal is None:
        report.notes.append(
            "nothing tells who died: each row is taken as a homicide; --kind shootings says that"
            " they are people shot"
        )
        return "homicides"
    return "shootings"


def _metres(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(lat) & np.isfinite(lon)
    x, y = np.full(len(lat), np.nan), np.full(len(lat), np.nan)
    if known.any():
        x[known], y[known] = metres(lat[known], lon[known])
    return x, y


def _fatal(
    kept: dict[str, Any], pick: Ints, is_victim: Flags, times: Ints, by_incident: bool
) -> Flags | None:
    if by_incident and "deaths" in kept:
        deaths = kept["deaths"][is_victim]
        place = np.concatenate([np.arange(n) for n in times]) if len(times) else np.zeros(0)
        died = place < np.repeat(deaths, times)
        day = np.repeat(kept["day"][is_victim], times)
        return np.asarray(died[np.argsort(day, kind="stable")])
    if "fatal" not in kept:
        return None
    return np.asarray(kept["fatal"][pick] == 1.0)


def _groups(labels: NDArray[Any]) -> tuple[Ints, tuple[str, ...]]:
    """Codes and names; an empty cell or "unknown" is -1."""
    plain = [str(label).strip().casefold() for label in labels]
    names = sorted({name for name in plain if name and name not in ("unknown", "u", "na", "nan")})
    place = {name: k for k, name in enumerate(names)}
    return np.array([place.get(name, -1) for name in plain], dtype=np.int64), tuple(names)


def _named(
    kept: dict[str, Any], x: Floats, y: Floats, suspect: Flags | None, is_victim: Flags
) -> Named | None:
    """Codes of cases and people, drawn by a keyed hash whose key is gone when this returns."""
    if "person" not in kept or "incident" not in kept:
        return None
    salt = secrets.token_bytes(32)
    role = np.zeros(len(x), dtype=bool) if suspect is None else suspect
    known = np.array(
        [bool(p) and bool(c) for p, c in zip(kept["person"], kept["incident"], strict=True)]
    )
    known &= np.isfinite(x) & (is_victim | role)
    person = np.array([_code(salt, b"p", text) for text in kept["person"][known]], dtype=np.int64)
    case = np.array([_code(salt, b"c", text) for text in kept["incident"][known]], dtype=np.int64)
    return Named(case, person, role[known], kept["day"][known], x[known], y[known])


def _code(salt: bytes, kind: bytes, text: str) -> int:
    digest = hashlib.blake2b(text.encode(), key=salt, person=kind, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
