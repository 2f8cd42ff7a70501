"""Which column of an event file means what: guessed names, `--event ROLE=COLUMN`, or a TOML file.

Roles: date, lat, lon, fatal, cleared, cleared_date, group, person, victim, suspect, incident, id,
victims, deaths; and, any number of times, keep and drop (which rows to read at all). A role that is
a yes or no may name the values that mean yes: `cleared=status:arrest|exceptional`.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import UserError

ROLES = {
    "date": "day of the event (ISO, or with date_format)",
    "lat": "latitude, degrees (WGS 84)",
    "lon": "longitude, degrees (WGS 84)",
    "fatal": "yes where the victim died",
    "cleared": "yes where the case ended in an arrest",
    "cleared_date": "day of the arrest",
    "group": "the victim's group",
    "person": "an id of the person, used for statistics only",
    "victim": "yes where the row is a victim (files that list suspects too)",
    "suspect": "yes where the row is a named suspect",
    "incident": "an id of the case or incident",
    "id": "an id of the row: a second row with it is rejected",
    "victims": "how many were hit (files with one row per incident)",
    "deaths": "how many of them died (files with one row per incident)",
}
FILTERS = ("keep", "drop")
NEEDED = ("date",)
FLAGS = ("fatal", "cleared", "victim", "suspect")

_GUESSES = {
    "date": (
        "date", "casedate", "incidentdate", "occurdate", "shootingdate", "datetime", "reporteddate",
        "offensedate", "occurred",
    ),
    "lat": ("lat", "latitude", "pointy"),
    "lon": ("lon", "lng", "long", "longitude", "pointx"),
    "fatal": ("fatal", "died", "death", "statisticalmurderflag", "homicide"),
    "cleared": ("cleared", "arrest", "hascourtcase", "solved"),
    "cleared_date": ("cleareddate", "arrestdate", "clearancedate"),
    "group": ("group", "race", "victimrace", "vicrace", "ethnicity", "victimethnicity"),
    "person": ("personuid", "personid", "victimid"),
    "incident": ("incident", "incidentid", "incidentkey", "casenumber", "incidentnum", "caseid"),
    "id": ("uid", "rowid"),
    "victims": ("victims", "nvictims", "numbershot", "hit"),
    "deaths": ("deaths", "killed", "ndead"),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One column, and the values that count as yes (or that keep and drop name); none: any."""

    column: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventMap:
    """Roles of columns, rows to read, and what the file is."""

    columns: dict[str, Source] = field(default_factory=dict)
    keep: tuple[Source, ...] = ()
    drop: tuple[Source, ...] = ()
    date_format: str = ""
    kind: str = ""
    """"homicides" (each victim died, by any means), "shootings", or "" (told by the columns)."""
    rows: str = ""
    """"victims" or "incidents"; empty: victims unless a column counts them."""
    source: str = ""
    licence: str = ""


def from_words(words: Sequence[str]) -> EventMap:
    """From `--event ROLE=COLUMN[:VALUE|VALUE]`, repeated.

    >>> from_words(["fatal=vict_type:HOMICIDE SHOOTING"]).columns["fatal"].values
    ('HOMICIDE SHOOTING',)
    """
    columns: dict[str, Source] = {}
    filters: dict[str, list[Source]] = {name: [] for name in FILTERS}
    for word in words:
        role, equals, rest = word.partition("=")
        role = role.strip()
        if not equals or not rest.strip():
            raise UserError(
                f"--event {word[:60]!r}: expected ROLE=COLUMN, e.g. date=case_date, or"
                " ROLE=COLUMN:VALUE|VALUE, e.g. cleared=status:arrest"
            )
        column, _, values = rest.partition(":")
        one = Source(column.strip(), tuple(v.strip() for v in values.split("|")) if values else ())
        _place(columns, filters, role, one, f"--event {word[:60]}")
    return EventMap(columns, tuple(filters["keep"]), tuple(filters["drop"]))


def from_toml(path: Path) -> EventMap:
    """From a TOML file: `[columns]` role = "column" or {column = ..., yes = [...]}, and at the top
    kind, rows, date_format, source, licence, keep and drop (lists of {column, values})."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; expected a TOML file that maps columns") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UserError(f"{path}: not a readable TOML file ({problem})") from None
    texts = ("kind", "rows", "date_format", "source", "licence")
    for key in data:
        if key not in (*texts, *FILTERS, "columns"):
            near = difflib.get_close_matches(key, (*texts, *FILTERS, "columns"), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(texts)}, columns"
            raise UserError(f"{path}: unknown key {key!r}; {hint}")
    columns: dict[str, Source] = {}
    filters: dict[str, list[Source]] = {name: [] for name in FILTERS}
    table = data.get("columns", {})
    if not isinstance(table, dict):
        raise UserError(f"{path}: columns is {table!r}; expected a table of role = column")
    for role, value in table.items():
        _place(columns, filters, role, _source(value, f"{path}: columns.{role}"), str(path))
    for name in FILTERS:
        rows = data.get(name, [])
        for value in rows if isinstance(rows, list) else [rows]:
            filters[name].append(_source(value, f"{path}: {name}"))
    for key in texts:
        if not isinstance(data.get(key, ""), str):
            raise UserError(f"{path}: {key} is {data[key]!r}; expected text")
    return EventMap(
        columns,
        tuple(filters["keep"]),
        tuple(filters["drop"]),
        **{key: data.get(key, "") for key in texts},
    )


def _source(value: Any, where: str) -> Source:
    if isinstance(value, str):
        return Source(value)
    if isinstance(value, dict) and isinstance(value.get("column"), str):
        known = {"column", "yes", "values"}
        if not set(value) - known:
            values = value.get("yes", value.get("values", []))
            if isinstance(values, list):
                return Source(value["column"], tuple(str(v) for v in values))
    raise UserError(f'{where}: expected "column" or {{column = "...", yes = ["...", ...]}}')


def _place(
    columns: dict[str, Source], filters: dict[str, list[Source]], role: str, one: Source, where: str
) -> None:
    if role in filters:
        if not one.values:
            raise UserError(f"{where}: {role} needs values, e.g. {role}=city:Chicago")
        filters[role].append(one)
    elif role not in ROLES:
        known = (*ROLES, *FILTERS)
        near = difflib.get_close_matches(role, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"
        raise UserError(f"{where}: no role {role!r}; {hint}")
    elif role in columns:
        raise UserError(f"{where}: role {role!r} is named twice")
    else:
        columns[role] = one


def merged(first: EventMap, second: EventMap) -> EventMap:
    """`second` laid over `first`."""
    return EventMap(
        {**first.columns, **second.columns},
        first.keep + second.keep,
        first.drop + second.drop,
        second.date_format or first.date_format,
        second.kind or first.kind,
        second.rows or first.rows,
        second.source or first.source,
        second.licence or first.licence,
    )


def resolved(given: EventMap, header: Sequence[str], where: str) -> tuple[EventMap, list[str]]:
    """The mapping with every column spelt as in the header, gaps filled by usual names; and a note
    for each guess. Raises UserError for a column that isn't there or a role that can't do without.
    """
    by_fold = {name.casefold(): name for name in reversed(header)}

    def found(one: Source, role: str) -> Source:
        name = one.column if one.column in header else by_fold.get(one.column.casefold())
        if name is None:
            near = difflib.get_close_matches(one.column, header, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; columns: {', '.join(header)}"
            raise UserError(f"{where}: no column {one.column!r} (for {role}){hint}")
        return Source(name, one.values)

    columns = {role: found(one, role) for role, one in given.columns.items()}
    used = {one.column for one in columns.values()}
    notes = []
    plain = {_plain(name): name for name in reversed(header)}
    for role, names in _GUESSES.items():
        hit = next((plain[n] for n in names if n in plain and plain[n] not in used), None)
        if role in columns or hit is None:
            continue
        if role in ("victims", "deaths") and given.rows == "victims":
            continue
        columns[role] = Source(hit)
        used.add(hit)
        notes.append(f"column {hit!r} read as {role}; --event {role}=COLUMN says otherwise")
    for role in NEEDED:
        if role not in columns:
            raise UserError(
                f"{where}: no column tells the {role} ({ROLES[role]}); name it with"
                f" --event {role}=COLUMN; columns: {', '.join(header)}"
            )
    if ("lat" in columns) != ("lon" in columns):
        raise UserError(f"{where}: lat and lon come together; only one of them has a column")
    keep = tuple(found(one, "keep") for one in given.keep)
    drop = tuple(found(one, "drop") for one in given.drop)
    whole = merged(given, EventMap(columns))
    return EventMap(
        whole.columns, keep, drop, given.date_format, given.kind, given.rows,
        given.source, given.licence,
    ), notes  # fmt: skip


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def describe(mapping: EventMap) -> Mapping[str, str]:
    """Role -> column, as text for the record."""
    return {
        role: one.column + (f" in {', '.join(one.values)}" if one.values else "")
        for role, one in mapping.columns.items()
    }
