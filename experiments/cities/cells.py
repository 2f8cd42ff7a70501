"""From cells of text to dates, places, flags and counts by role; a row that can't be understood is
rejected by the first reason found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.cities.mapping import FLAGS, EventMap, Source
from experiments.cities.records import EXAMPLES, Flags, Floats, Ints, Reading
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

FAR_M = 150_000.0
_YES = frozenset(
    {"1", "1.0", "y", "yes", "true", "t", "fatal", "homicide", "closed", "cleared", "arrest"}
)
_NO = frozenset(
    {"0", "0.0", "n", "no", "false", "f", "nonfatal", "non-fatal", "non fatal", "open", "uncleared"}
)


def parsed(
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
    for role in FLAGS:
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
