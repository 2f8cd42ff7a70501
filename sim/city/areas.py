"""What a city knows of its areas: read by role from properties and a table, and completed.

What is missing is replaced by a stated default and noted; what is wrong is a UserError.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.city.layout import Floats, logistic_array, standardised
from sim.city.roles import EVENTS, Column, Found
from sim.city.table import Table, identity
from sim.errors import UserError

LEAST_PEOPLE = 200
DEFAULT_DISADVANTAGE = 0.4


@dataclass(frozen=True)
class Areas:
    """One row per area of the polygons' file, in its order."""

    names: list[str]
    people: NDArray[np.int64]
    groups: list[str]
    shares: Floats  # (A, G)
    disadvantage: Floats  # (A,) 0..1
    violence: Floats | None  # (A,) events on record, whatever the years
    targets: dict[str, list[float]]  # events a year
    notes: list[str]


class Reader:
    """Reads one number per area by role; rows of the table are joined to areas by identity."""

    def __init__(
        self, features: Table, feature_id: str, table: Table | None, table_id: str
    ) -> None:
        self.features, self.table = features, table
        self.ids = [cells.get(feature_id) for cells in features.cells]
        self.names = [str(v).strip() for v in self.ids]
        place = self._places(feature_id)
        self.rows_of: list[list[int]] = [[] for _ in self.ids]
        self.unmatched: list[str] = []
        if table is None:
            return
        for i, cells in enumerate(table.cells):
            key = identity(cells.get(table_id))
            if not key:
                raise UserError(
                    f"{table.places[i]}: column {table_id!r} is empty; expected an area's id"
                )
            if key in place:
                self.rows_of[place[key]].append(i)
            else:
                self.unmatched.append(f"{cells.get(table_id)} ({table.places[i].split(': ')[-1]})")
        if len(self.unmatched) == len(table.cells):
            raise UserError(
                f"{table.name}: no {table_id!r} matches {feature_id!r} of {features.name} (table "
                f"has {str(table.cells[0].get(table_id))!r}, polygons have {self.names[0]!r}); "
                "join by another column with --id COLUMN"
            )

    def _places(self, column: str) -> dict[str, int]:
        out: dict[str, int] = {}
        for i, value in enumerate(self.ids):
            key = identity(value)
            if not key:
                raise UserError(
                    f"{self.features.places[i]}: property {column!r} is empty; "
                    "expected an area's id"
                )
            if key in out:
                raise UserError(
                    f"{self.features.places[i]}: {column} {str(value)!r} is also that of feature "
                    f"{out[key] + 1}; expected each area once; join its polygons into one "
                    "MultiPolygon, or choose another property with --id"
                )
            out[key] = i
        return out

    def years(self, found: Found) -> tuple[Column | None, int]:
        """The table's year column, and how many different years it holds (1 without)."""
        hit = next((c for t, c in found.get("year", []) if t is self.table), None)
        if hit is None or self.table is None:
            return None, 1
        seen = {
            hit.value(cells, place)
            for cells, place in zip(self.table.cells, self.table.places, strict=True)
        }
        if any(math.isnan(y) for y in seen):
            raise UserError(f"{self.table.name}: column {hit.text!r} has an empty year")
        return hit, len(seen)

    def check_rows(self, found: Found) -> None:
        """One row per area, or one per area and year."""
        if self.table is None:
            return
        year, _ = self.years(found)
        for a, rows in enumerate(self.rows_of):
            seen: dict[float, int] = {}
            for i in rows:
                key = year.value(self.table.cells[i], self.table.places[i]) if year else 0.0
                if key in seen:
                    more = f" and year {key:g}" if year else ""
                    hint = "" if year else "; if rows are years, name the column: --map year=COLUMN"
                    raise UserError(
                        f"{self.table.places[i]}: area {self.names[a]!r}{more} is there already "
                        f"({self.table.places[seen[key]].split(': ')[-1]}); expected it once{hint}"
                    )
                seen[key] = i

    def values(self, source: tuple[Table, Column], signed: bool = False) -> Floats:
        """(A,) mean over an area's rows; nan where nothing is known."""
        return self._each(source, signed, lambda v: sum(v) / len(v) if v else math.nan)

    def sums(self, source: tuple[Table, Column]) -> Floats:
        """(A,) sum over an area's rows; 0 where the table has none."""
        return self._each(source, False, lambda v: float(sum(v)))

    def _each(
        self, source: tuple[Table, Column], signed: bool, join: Callable[[list[float]], float]
    ) -> Floats:
        table, column = source
        out = np.full(len(self.ids), math.nan)
        for a in range(len(self.ids)):
            rows = [a] if table is self.features else self.rows_of[a]
            got = [column.value(table.cells[i], table.places[i], signed) for i in rows]
            out[a] = join([v for v in got if not math.isnan(v)])
        return out


def complete(reader: Reader, found: Found, least: int = LEAST_PEOPLE) -> Areas:
    """Areas with everything a city needs; raises UserError where no default would be honest."""
    reader.check_rows(found)
    notes: list[str] = []
    if reader.unmatched:
        notes.append(
            f"{len(reader.unmatched)} rows of the table match no polygon and are left out: "
            + "; ".join(reader.unmatched[:5])
            + ("; ..." if len(reader.unmatched) > 5 else "")
        )
    columns = {r[6:]: reader.values(s[0]) for r, s in found.items() if r.startswith("group:")}
    people = _people(reader, found, columns, notes)
    groups, shares = _shares(reader, columns, people, notes)
    disadvantage = _disadvantage(reader, found, people, notes)
    violence, targets = _violence(reader, found, notes)
    people = _empty_small(people, least, notes)
    return Areas(reader.names, people, groups, shares, disadvantage, violence, targets, notes)


def _people(reader: Reader, found: Found, columns: dict[str, Floats], notes: list[str]) -> Floats:
    if "population" in found:
        people = reader.values(found["population"][0])
    elif columns and max(float(np.nanmax(v)) for v in columns.values()) > 1.0:
        people = np.zeros(len(reader.names))
        for values in columns.values():
            people = people + np.nan_to_num(values)
        notes.append("no column of population: the groups' counts were added up")
    else:
        raise UserError(
            f"{reader.features.name}: no column tells the population of areas; add one called "
            "population, or name it with --map population=COLUMN (`peel city template` lists all)"
        )
    missing = [reader.names[a] for a in np.flatnonzero(np.isnan(people))]
    if missing:
        raise UserError(
            f"population is missing for {len(missing)} of {len(people)} areas, first "
            f"{missing[0]!r}; expected a number for each (0 for a park)"
        )
    if not people.sum() > 0:
        raise UserError("the population of all areas together is 0; expected residents somewhere")
    return people


def _shares(
    reader: Reader, columns: dict[str, Floats], people: Floats, notes: list[str]
) -> tuple[list[str], Floats]:
    if not columns:
        notes.append(
            "no columns of groups: everybody is in one group, so no gap between groups can show"
        )
        return ["resident"], np.ones((people.size, 1))
    names = list(columns)
    counts = np.column_stack([np.nan_to_num(columns[g]) for g in names])
    rows = counts.sum(axis=1)
    settled = people > 0
    if counts.max() <= 1.0:
        unit, scale = "shares", people
    elif (
        rows.max() <= 102.0
        and np.median(rows[settled]) > 40.0
        and np.median(people[settled]) > 204.0
    ):
        unit, scale = "percentages", people / 100.0
    else:
        unit, scale = "counts", np.ones_like(people)
    notes.append(f"columns of groups ({', '.join(names)}) read as {unit}")
    counts = counts * scale[:, None]
    rows = counts.sum(axis=1)
    if not rows.sum() > 0:
        raise UserError(
            "the groups' columns are 0 everywhere; expected counts or shares of residents"
        )
    if {"white", "hispanic"} <= set(names):
        # where Hispanics of any race are counted beside races, the overlap is nearly all white
        white, hispanic = counts[:, names.index("white")], counts[:, names.index("hispanic")]
        twice = np.minimum(np.clip(rows - people, 0.0, None), np.minimum(white, hispanic))
        if twice.sum() > 0.005 * people.sum():
            counts[:, names.index("white")] -= twice
            rows = counts.sum(axis=1)
            notes.append(
                f"groups add up to more than the population: {twice.sum():,.0f} people counted as "
                "white and as Hispanic were taken as Hispanic"
            )
    over = rows > people * 1.02 + 5
    if over.any():
        count = int(over.sum())
        notes.append(
            f"groups add up to more than the population in {count} area{'s' * (count > 1)} (people counted "
            "twice, or another year's population): shares are of the groups' sum there"
        )
    rest = np.maximum(people - rows, 0.0)
    if rest.sum() > 0.002 * people.sum():
        if "other" in names:
            counts[:, names.index("other")] += rest
        else:
            names.append("other")
            counts = np.column_stack([counts, rest])
        notes.append(
            f"{rest.sum():,.0f} residents in none of the groups' columns were put under other"
        )
    summed = counts.sum(axis=1)
    city = counts.sum(axis=0) / counts.sum()
    return names, np.where(summed[:, None] > 0, counts / np.maximum(summed, 1e-12)[:, None], city)


def _disadvantage(reader: Reader, found: Found, people: Floats, notes: list[str]) -> Floats:
    """0..1: the mean of standardised columns, on the scale of the synthetic cities."""
    sources = found.get("disadvantage", [])
    if not sources:
        notes.append(f"no column of disadvantage: {DEFAULT_DISADVANTAGE} everywhere")
        return np.full(people.size, DEFAULT_DISADVANTAGE)
    score = np.zeros(people.size)
    for source in sources:
        values = reader.values(source, signed=True)
        known = ~np.isnan(values)
        needed = ~known & (people >= LEAST_PEOPLE)
        if not known.any():
            raise UserError(f"{source[0].name}: column {source[1].text!r} has no numbers")
        if needed.any():
            first = reader.names[int(np.flatnonzero(needed)[0])]
            notes.append(
                f"{source[1].text} is unknown for {int(needed.sum())} inhabited areas (first "
                f"{first}): the city's mean was taken"
            )
        if len(sources) == 1 and _is_scale(values[known], source[1]):
            mean = float(np.average(values[known], weights=people[known] + 1e-9))
            return np.where(known, values, mean)
        weights = np.where(known, people, 0.0)
        score += np.clip(standardised(np.where(known, values, 0.0), weights), -3.5, 3.5) * known
    score = standardised(score, people) if people.sum() > 0 else score
    return np.round(logistic_array(1.3 * 0.9 * np.clip(score, -3.0, 3.0) - 0.5), 4)


def _is_scale(values: Floats, column: Column) -> bool:
    """A single column called disadvantage and between 0 and 1 is taken as it stands."""
    named = column.text.casefold().startswith("disadvantage") and not column.under
    return named and values.min() >= 0.0 and values.max() <= 1.0


def _violence(
    reader: Reader, found: Found, notes: list[str]
) -> tuple[Floats | None, dict[str, list[float]]]:
    """Events on record per area (of the kind with more), and each kind's yearly mean."""
    targets: dict[str, list[float]] = {}
    best: Floats | None = None
    for role in EVENTS:
        if role not in found:
            continue
        table, column = found[role][0]
        _, years = reader.years(found) if table is reader.table else (None, 1)
        events = np.nan_to_num(reader.sums((table, column)))
        targets[role] = (events / years).tolist()
        over = f"mean of {years} years" if years > 1 else "taken as one year"
        notes.append(
            f"{role}: {events.sum():,.0f} on record, {over}; areas without a row have none"
        )
        if best is None or events.sum() > best.sum():
            best = events
    if best is None:
        notes.append("no column of homicides or shootings: violence follows disadvantage alone")
    elif not best.sum() > 0:
        notes.append("no violence on record: it follows disadvantage alone")
        best = None
    return best, targets


def _empty_small(people: Floats, least: int, notes: list[str]) -> NDArray[np.int64]:
    """Whole residents; areas with a handful (parks, docks) stay as space, their people left out."""
    whole = np.floor(people + 0.5).astype(np.int64)
    inhabited = whole[whole > 0]
    limit = min(float(least), 0.25 * float(np.median(inhabited))) if inhabited.size else 0.0
    small = (whole > 0) & (whole < limit)
    empty = int((whole == 0).sum())
    if small.any():
        notes.append(
            f"{int(small.sum())} areas with fewer than {limit:.0f} residents stay as space without "
            f"residents; their {int(whole[small].sum()):,} people are left out"
        )
        whole[small] = 0
    if empty:
        notes.append(f"{empty} areas have no residents; they stay as space")
    return whole
