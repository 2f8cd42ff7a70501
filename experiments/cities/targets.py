"""A city's own figures beside its city file: `NAME.targets.json` (read by Peel) and `.csv`.

Windows: all whole years, each year, the part that is fitted (all but the last year) and the part
that is held out (the last). No row of the source is kept, and no id.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.cities.figures import Figure, Window, shapes, totals
from experiments.cities.mapping import EventMap, describe
from experiments.cities.records import Events, Reading
from sim.errors import UserError

FORMAT, VERSION = "peel-targets", 1
_LIMITED = re.compile(r"\b(NC|ND|non-?commercial|no-?deriv\w*)\b", re.IGNORECASE)
_UNNAMED = "not named: find out before anything derived from it is published"


@dataclass
class Targets:
    """The empirical target table of a city."""

    city: str
    digest: str
    """Of the city file that the figures stand beside."""
    residents: float | None
    kind: str
    years: list[int]
    fit: str
    test: str
    """Names of the windows; "" where there is only one year."""
    figures: dict[str, list[Figure]]
    """Window -> its figures."""
    source: str = ""
    licence: str = ""
    rows: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    one_in: float = 1.0
    """The city file holds one of so many residents (`residents` are all of them)."""

    def figure(self, window: str, name: str, part: str = "") -> Figure | None:
        """That figure where the source holds it, else None."""
        for one in self.figures.get(window, []):
            if one.key == (name, part) and math.isfinite(one.value):
                return one
        return None

    @property
    def licence_note(self) -> str:
        """What must be said wherever figures derived from the source are shown."""
        name = self.licence or _UNNAMED
        text = f"Figures derived from {self.source or 'the events file'}; licence: {name}."
        if _LIMITED.search(self.licence):
            text += " The licence limits commercial use or adaptation, of derived figures too."
        return text


def windows(events: Events) -> tuple[list[Window], list[str]]:
    """The whole calendar years that the list covers, and notes on what is left out.

    A year is whole when events reach into its first and its last six weeks.
    """
    first, last = int(events.day.min()), int(events.day.max())
    years = []
    for year in range(_year(first), _year(last) + 1):
        one = year_window(year)
        if first <= one.first + 42 and last >= one.last - 42:
            years.append(one)
    if not years:
        raise UserError(
            f"the events run from {np.datetime64(first, 'D')} to {np.datetime64(last, 'D')}: no"
            " whole calendar year; expected at least one"
        )
    covered = Window(years[0].first, years[-1].last)
    outside = int((~covered.mask(events.day)).sum())
    notes = []
    if outside:
        notes.append(f"{outside:,} victims lie outside whole calendar years and are left out")
    return years, notes


def year_window(year: int) -> Window:
    """1 January to 31 December."""
    ends = [np.datetime64(f"{y}-01-01", "D").astype(int) for y in (year, year + 1)]
    return Window(int(ends[0]), int(ends[1]) - 1)


def _year(day: int) -> int:
    return int(str(np.datetime64(day, "D"))[:4])


def target_table(
    events: Events,
    report: Reading,
    mapping: EventMap,
    *,
    city: str,
    digest: str,
    residents: float | None,
    notes: list[str] | None = None,
    one_in: float = 1.0,
) -> Targets:
    """Every figure that the list holds, by window."""
    years, said = windows(events)
    whole = Window(years[0].first, years[-1].last)
    fit = Window(years[0].first, years[-2].last) if len(years) > 1 else whole
    figures: dict[str, list[Figure]] = {}
    for one in dict.fromkeys((whole, fit, *years)):
        figures[one.name] = totals(events, one, residents) + shapes(events, one)
    if len(years) == 1:
        said.append("one year only: nothing can be held out")
    return Targets(
        city=city,
        digest=digest,
        residents=residents,
        kind=events.kind,
        years=[_year(one.first) for one in years],
        fit=fit.name,
        test=years[-1].name if len(years) > 1 else "",
        figures=figures,
        source=mapping.source or report.file,
        licence=mapping.licence,
        rows={
            "read": report.rows,
            "victims": report.victims,
            "left_out": report.left_out,
            "rejected": {reason: count for reason, (count, _) in report.rejected.items()},
            "without_place": report.without_place,
            "columns": dict(describe(mapping)),
        },
        notes=[*said, *(notes or [])],
        one_in=one_in,
    )


# --- files ------------------------------------------------------------------------------------


def stem(city_file: Path) -> Path:
    """The city file's path without .city.json or the like."""
    name = city_file.name
    for end in (".gz", ".json", ".city", ".toml", ".fitted"):
        name = name.removesuffix(end)
    return city_file.with_name(name)


def beside(city_file: Path) -> Path:
    """Where the figures of a city file are kept."""
    at = stem(city_file)
    return at.with_name(f"{at.name}.targets.json")


def save(targets: Targets, city_file: Path) -> tuple[Path, Path]:
    """Write the JSON and the CSV beside the city file, each whole or not at all."""
    from sim.city.store import write_whole

    path = beside(city_file)
    data = {"format": FORMAT, "version": VERSION, **as_json(targets)}
    text = json.dumps(sayable(data), indent=1, allow_nan=False)
    sheet = path.with_suffix(".csv")
    write_whole(sheet, as_csv(targets).encode())
    write_whole(path, text.encode())
    return path, sheet


def as_json(targets: Targets) -> dict[str, Any]:
    data = {k: v for k, v in targets.__dict__.items() if k != "figures"}
    data["licence_note"] = targets.licence_note
    data["figures"] = [
        {"window": window, **one.as_row()}
        for window, rows in targets.figures.items()
        for one in rows
    ]
    return data


def as_csv(targets: Targets) -> str:
    """A spreadsheet's table; remarks say source, licence and what became of the rows."""
    text = io.StringIO()
    remarks = [
        f"{targets.city}: figures of {targets.years[0]}-{targets.years[-1]}",
        targets.licence_note,
        f"rows: {json.dumps(targets.rows, ensure_ascii=False)}",
        *targets.notes,
    ]
    for line in remarks:
        text.write(f"# {line}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["window", "figure", "part", "value", "low", "high", "n", "unit", "note"])
    for window, rows in targets.figures.items():
        for one in rows:
            spans = [_cell(v) for v in (one.value, one.low, one.high)]
            writer.writerow(
                [window, one.figure, one.part, *spans, f"{one.n:g}", one.unit, one.note]
            )
    return text.getvalue()


def _cell(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "no data"


def sayable(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: sayable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [sayable(value) for value in data]
    if hasattr(data, "item"):
        data = data.item()
    return None if isinstance(data, float) and not math.isfinite(data) else data


def find(city_file: str | Path) -> Path | None:
    """The figures beside a city file (or beside a fit to it), if there are any."""
    path = Path(city_file)
    found = beside(path)
    return found if path.is_file() and found.is_file() else None


def load(path: Path, digest: str = "") -> Targets:
    """Read back. Raises UserError for another file, or one that belongs to another city file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise UserError(
                f"{path}: not a table of targets; expected what `peel city import` wrote"
            )
        if data.get("version") != VERSION:
            raise UserError(f"{path}: written in version {data.get('version')!r}; import again")
        figures: dict[str, list[Figure]] = {}
        for row in data["figures"]:
            spans = {
                k: math.nan if row[k] is None else float(row[k]) for k in ("value", "low", "high")
            }
            one = Figure(
                row["figure"], row["part"], **spans, n=row["n"], unit=row["unit"], note=row["note"]
            )
            figures.setdefault(row["window"], []).append(one)
        data["one_in"] = float(data.get("one_in", 1.0))  # older tables are of whole cities
        if not 1.0 <= data["one_in"] < math.inf:
            raise ValueError(f"one_in is {data['one_in']:g}; expected 1 or more")
        fields = {k: data[k] for k in Targets.__dataclass_fields__ if k != "figures"}
        targets = Targets(**fields, figures=figures)
    except UserError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UserError(
            f"{path}: damaged table of targets ({type(problem).__name__}: {problem}); import the"
            " events again"
        ) from None
    if digest and targets.digest != digest:
        raise UserError(
            f"{path}: belongs to another version of the city file; run `peel city import --events`"
            " again"
        )
    return targets
