"""Which column means what: names that cities use, and `--map role=column` where they don't.

Roles: id, population, group:NAME (one per group), disadvantage (any number), homicides, shootings,
year. A column may be a sum (`asian+pacific`), a ratio (`poverty/households`), or reversed
(`-median_income`: more is less disadvantage).
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass

from sim.city.table import Table, identity, number
from sim.errors import UserError

SINGLE = ("id", "population", "homicides", "shootings", "year")
EVENTS = ("homicides", "shootings")

_IDS = (
    "community",
    "name",
    "neighborhood",
    "neighbourhood",
    "area",
    "areaname",
    "tract",
    "geoid",
    "label",
    "district",
    "id",
    "ca",
    "code",
)
_GROUPS = {
    "white": ("white", "whitenh", "nhwhite", "whitealone", "nonhispanicwhite"),
    "black": ("black", "blkafam", "africanamerican", "blackalone", "nhblack", "blacknh", "afam"),
    "hispanic": ("hispanic", "hisplat", "latino", "latinx", "hispaniclatino"),
    "asian": ("asian", "asianalone", "nhasian"),
    "native": ("native", "amindian", "americanindian", "indigenous"),
    "other": ("other", "otherrace", "othergroup", "others"),
}
# a column and what it is divided by where that column exists; "" stands alone (an index or a rate)
_DISADVANTAGE = (
    (
        ("disadvantage", "deprivation", "deprivationindex", "hardshipindex", "hardship", "imd"),
        ("",),
    ),
    (("povertyrate", "pctpoverty", "povertypct", "pctpoor"), ("",)),
    (("poverty", "poor", "belowpoverty"), ("povuniverse", "povertyuniverse", "population")),
    (("unemploymentrate", "pctunemployed"), ("",)),
    (("unemployed",), ("laborforce", "labourforce", "population")),
    (("vacant", "vacanthousing"), ("housing", "housingunits", "units")),
    (("occrent", "renters", "renteroccupied"), ("occupied", "households")),
    (("femalehh18", "femaleheaded", "loneparents"), ("families", "households")),
)
_INCOME = ("medianincome", "medianhouseholdincome", "percapitaincome", "income")
_EVENT_NAMES = {
    "homicides": ("homicides", "homicide", "murders", "murder", "killings"),
    "shootings": ("shootings", "shot", "personsshot", "shootingvictims", "victimsshot"),
}
_YEARS = ("year", "y", "yr")


@dataclass(frozen=True)
class Column:
    """An expression over a table's columns: the sum of `over`, divided by `under`, or reversed."""

    text: str
    over: tuple[str, ...]
    under: str = ""
    reversed: bool = False

    def value(self, cells: dict[str, object], where: str, signed: bool = False) -> float:
        """The number for one row; nan where a cell is empty or the divisor is 0.

        `signed` allows a negative value (an index may be), unless it divides or is a census code
        for "missing" (far below zero).
        """
        out = 0.0
        for name in self.over:
            got = number(cells.get(name), where, name)
            if got < (-1e6 if signed and not self.under else 0.0):
                raise UserError(f"{where}: column {name!r} is {got:g}; expected a number from 0 up")
            out += got
        if self.under:
            divisor = number(cells.get(self.under), where, self.under)
            if divisor < 0.0:
                raise UserError(
                    f"{where}: column {self.under!r} is {divisor:g}; expected a number from 0 up"
                )
            out = out / divisor if divisor > 0 else math.nan
        return -out if self.reversed else out


Found = dict[str, list[tuple[Table, Column]]]


def plain(name: str) -> str:
    """A column's name without case, underscores and spaces."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def parse_map(entries: list[str]) -> dict[str, list[str]]:
    """`role=column` entries by role; raises UserError for a malformed entry or an unknown role."""
    out: dict[str, list[str]] = {}
    for entry in entries:
        role, sign, column = entry.partition("=")
        role, column = role.strip(), column.strip()
        if not sign or not role or not column:
            raise UserError(f"--map {entry}: expected ROLE=COLUMN, for example population=pop2020")
        if role in _GROUPS:
            role = f"group:{role}"
        if role not in (*SINGLE, "disadvantage") and not re.fullmatch(r"group:[\w -]{1,40}", role):
            roles = [*SINGLE, "disadvantage", "group:NAME"]
            near = difflib.get_close_matches(role, roles, n=1)
            hint = (
                f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(roles)}"
            )
            raise UserError(f"--map {entry}: no role {role!r}{hint}")
        if role in out and role != "disadvantage":
            raise UserError(f"--map {entry}: role {role!r} is given twice; join columns with +")
        out.setdefault(role, []).append(column)
    return out


def find_roles(tables: list[Table], given: dict[str, list[str]]) -> tuple[Found, list[str]]:
    """Columns by role, from `given` and else by name, first table first; what was guessed."""
    found: Found = {}
    notes: list[str] = []
    for role, texts in given.items():
        if role != "id":
            found[role] = [_expression(tables, role, text) for text in texts]
    guesses = _guess(tables, groups=not any(r.startswith("group:") for r in found))
    for role, columns in guesses.items():
        if role not in found:
            found[role] = columns
            names = ", ".join(c.text for _, c in columns)
            notes.append(
                f"{role} read from column {names} (by its name; --map {role}=COLUMN to change)"
            )
    return found, notes


def _expression(tables: list[Table], role: str, text: str) -> tuple[Table, Column]:
    body, reverse = (text[1:].strip(), True) if text.startswith("-") else (text, False)
    for table in tables:  # a column may have + or / in its very name
        column = table.column(body)
        if column:
            return table, Column(text, (column,), reversed=reverse)
    over_text, _, under_text = body.partition("/")
    parts = [p.strip() for p in over_text.split("+")]
    for table in tables:
        over = [table.column(p) for p in parts]
        under = table.column(under_text.strip()) if under_text else ""
        if all(over) and under is not None:
            return table, Column(text, tuple(str(c) for c in over), under, reverse)
    known = [c for table in tables for c in table.columns]
    wanted = next(
        (p for p in [*parts, under_text] if p and not any(t.column(p) for t in tables)), text
    )
    near = difflib.get_close_matches(wanted, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"columns are: {', '.join(known[:40])}"
    raise UserError(f"--map {role}={text}: no column {wanted!r}; {hint}")


def _guess(tables: list[Table], groups: bool) -> Found:
    out: Found = {}
    population = _population(tables)
    if population:
        out["population"] = [population]
    wanted: dict[str, tuple[str, ...]] = {**_EVENT_NAMES, "year": _YEARS}
    if groups:
        wanted.update({f"group:{name}": names for name, names in _GROUPS.items()})
    for role, names in wanted.items():
        hit = _first(tables, names)
        if hit:
            out[role] = [(hit[0], Column(hit[1], (hit[1],)))]
    disadvantage = _disadvantage(tables)
    if disadvantage:
        out["disadvantage"] = disadvantage
    return out


def _first(tables: list[Table], names: tuple[str, ...]) -> tuple[Table, str] | None:
    for table in tables:
        for name in names:
            for column in table.filled():
                if plain(column) == name:
                    return table, column
    return None


def _population(tables: list[Table]) -> tuple[Table, Column] | None:
    """The column of residents; of several years the latest."""
    best: tuple[int, Table, str] | None = None
    for table in tables:
        for column in table.filled():
            match = re.fullmatch(
                r"(?:total|tot)?(?:pop|population|residents)(\d{4})?", plain(column)
            )
            if match:
                year = int(match.group(1) or 9999)
                if best is None or year > best[0]:
                    best = (year, table, column)
        if best:
            return best[1], Column(best[2], (best[2],))
    return None


def _disadvantage(tables: list[Table]) -> list[tuple[Table, Column]]:
    out = []
    for names, divisors in _DISADVANTAGE:
        hit = _first(tables, names)
        if not hit:
            continue
        table, column = hit
        if divisors == ("",):
            out.append((table, Column(column, (column,))))
            continue
        under = next((c for d in divisors for c in table.columns if plain(c) == d), None)
        if under is None and "population" in divisors:
            population = _population([table])
            under = population[1].text if population else None
        if under:
            out.append((table, Column(f"{column}/{under}", (column,), under)))
    hit = _first(tables, _INCOME)
    if hit:
        out.append((hit[0], Column(f"-{hit[1]}", (hit[1],), reversed=True)))
    return out


def find_id(features: Table, table: Table | None, asked: str | None) -> tuple[str, str]:
    """The columns that join polygons and table: in the polygons' properties, and in the table."""
    if asked:
        in_features = features.column(asked)
        in_table = table.column(asked) if table else asked
        for got, where in ((in_features, features), (in_table, table)):
            if got is None and where is not None:
                near = difflib.get_close_matches(asked, where.columns, n=1)
                hint = (
                    f"did you mean {near[0]!r}?"
                    if near
                    else (f"it has {', '.join(where.columns[:30]) or 'none'}")
                )
                raise UserError(f"{where.name}: no column {asked!r} to join by (--id); {hint}")
        return str(in_features), str(in_table)
    full = [c for c in features.columns if _identifies(features, c)]
    full.sort(key=lambda c: _IDS.index(plain(c)) if plain(c) in _IDS else len(_IDS))
    if not full:
        for column in features.columns:
            if plain(column) in _IDS and (table is None or table.column(column)):
                return column, str(table.column(column) if table else column)  # told as duplicates
    if table is None:
        full = [c for c in full if plain(c) in _IDS] or full
        if full:
            return full[0], full[0]
        raise UserError(
            f"{features.name}: no property names each feature once; say which one with --id COLUMN"
        )
    for column in full:
        other = table.column(column)
        if other:
            return column, other
    raise UserError(
        f"{table.name}: no column in common with {features.name} that names each area once; "
        f"name it with --id COLUMN (table: {', '.join(table.columns[:20])}; "
        f"polygons: {', '.join(features.columns[:20])})"
    )


def _identifies(table: Table, column: str) -> bool:
    """Names each row once, and is a name or a code rather than a figure that happens to differ."""
    values = [cells.get(column) for cells in table.cells]
    keys = {identity(value) for value in values}
    if "" in keys or len(keys) < len(values):
        return False
    return plain(column) in _IDS or not any(key.replace(".", "", 1).isdigit() for key in keys)
