"""`peel city import --events`: a city file whose violence is the list's, and the table of targets.

Areas' violence is counted from the fitted years only, so that the held-out year stays unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.cities import events as lists
from experiments.cities import points, targets
from experiments.cities.mapping import EventMap
from sim.city.geojson import read_features
from sim.city.importer import Imported, Recorded, import_city
from sim.errors import UserError


@dataclass(frozen=True)
class Brought:
    """What an import of events left: the city file, its figures, and the account of the rows."""

    imported: Imported
    figures: targets.Targets
    files: tuple[Path, Path]
    account: list[str]


def import_events(
    events: Path,
    mapping: EventMap,
    *,
    areas: Path | None = None,
    table: Path | None = None,
    name: str | None = None,
    id_column: str | None = None,
    maps: list[str] | None = None,
    out: Path | None = None,
    block_m: float = 150.0,
    officers_per_1000: float | None = None,
    residents: float | None = None,
    one_in: float = 1.0,
) -> Brought:
    """Read the list, count it by area, write the city file and its targets.

    Without `areas` the areas are made from the points and `residents` is needed; `one_in` N then
    puts one resident in N into the city file, for a city too large to be run often. Raises UserError
    for anything the user can mend; nothing is written unless all of it is good.
    """
    found, report, resolved = lists.read(events, mapping)
    years, _ = targets.windows(found)
    fit = years[:-1] or years
    seen = (found.day >= fit[0].first) & (found.day <= fit[-1].last)
    assert found.lat is not None and found.lon is not None
    lat, lon = found.lat[seen], found.lon[seen]
    notes: list[str] = []
    if areas is not None:
        features = read_features(areas)
    elif residents is None:
        raise UserError(
            "--residents: needed where there are no polygons (--areas), e.g. --residents 620000;"
            " events don't tell how many people live there"
        )
    else:
        if not 200 <= residents <= 12_000_000:
            raise UserError(f"--residents {residents:g}: expected 200 to 12,000,000")
        if not 1.0 <= one_in <= 0.01 * residents:
            raise UserError(f"--one-in {one_in:g}: expected at least 1, and 100 residents left")
        features, notes = points.areas_of(lat, lon, residents / one_in)
        if one_in > 1.0:
            notes.append(
                f"the city file is a copy with one resident in {one_in:g} of {residents:,.0f}:"
                " counts stand for so many times more, rates are as in the city, and what depends"
                " on how thick events lie is not told"
            )
    counts, nowhere = points.counted(features, lat, lon)
    if counts.sum() < 0.5 * max(int(np.isfinite(lat).sum()), 1):
        raise UserError(
            f"{events}: only {counts.sum():,.0f} of {int(np.isfinite(lat).sum()):,} events lie in"
            f" an area of {areas}; are they the same city, and lat and lon the right columns?"
        )
    role = "homicides" if found.kind == "homicides" else "shootings"
    span = f"{fit[0].name}-{fit[-1].name}" if len(fit) > 1 else fit[0].name
    note = f"{role}: {counts.sum():,.0f} of {span} counted by area from {events.name}" + (
        f"; {nowhere:,} lie in no area or have no place" if nowhere else ""
    )
    label = name or events.name.split(".")[0]
    done = import_city(
        areas or events,
        table,
        name=name if areas is not None else label,
        id_column=id_column or (None if areas is not None else "name"),
        maps=maps,
        out=out,
        block_m=block_m,
        officers_per_1000=officers_per_1000,
        features=features,
        recorded=Recorded(role, counts, float(len(fit)), note),
    )
    figures = targets.target_table(
        found,
        report,
        resolved,
        city=done.spec.name,
        digest=done.spec.digest,
        residents=one_in * float(done.spec.residents),
        one_in=one_in,
        notes=[*notes, note],
    )
    files = targets.save(figures, done.path)
    return Brought(done, figures, files, [*report.said(), *notes])
