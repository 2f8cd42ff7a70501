"""A real city from polygons and a table: `import_city`; and the table to fill in: `template`.

People are spread over the blocks of their area with the patchiness of a synthetic city, and
disadvantage varies between blocks around the area's own; everything else about blocks is unknown to
an area table, and so assumed. Disadvantage is relative to the city.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.agents.start import Start
from sim.city.areas import Areas, Reader, complete
from sim.city.geography import GroupTrait
from sim.city.geojson import Feature, label, read_features
from sim.city.layout import Floats, Layout, mean_by, smooth_field, spread
from sim.city.raster import Raster, rasterise
from sim.city.roles import Found, find_id, find_roles, parse_map
from sim.city.spec import CitySpec, known_traits
from sim.city.store import content_of, spec_of, write_city
from sim.city.table import Table, read_table
from sim.errors import UserError
from sim.numerics import exp_array
from sim.random import run_key

FULLEST_BLOCK = 30_000


@dataclass(frozen=True)
class Imported:
    """A city read from polygons and a table, and where it was written."""

    spec: CitySpec
    path: Path
    notes: list[str]


@dataclass(frozen=True)
class Recorded:
    """Events counted per area elsewhere, from a list of events; they stand in for any column."""

    role: str
    """"homicides" or "shootings"."""
    counts: Floats
    """(A,) in the order of the areas."""
    years: float
    note: str


def import_city(
    areas: Path,
    table: Path | None = None,
    *,
    name: str | None = None,
    id_column: str | None = None,
    maps: list[str] | None = None,
    out: Path | None = None,
    block_m: float = 150.0,
    officers_per_1000: float | None = None,
    features: list[Feature] | None = None,
    recorded: Recorded | None = None,
) -> Imported:
    """Read, check, rasterise and write a city file; nothing is written unless all of it is good.

    `features` are the areas where they don't come from the file `areas` (which then only names
    them); `recorded` are events of each.
    """
    if not 20.0 <= block_m <= 2000.0:
        raise UserError(f"--block {block_m:g}: expected 20 to 2000 m")
    if officers_per_1000 is not None and not 0.1 <= officers_per_1000 <= 50.0:
        raise UserError(f"--officers {officers_per_1000:g}: expected 0.1 to 50 per 1,000 residents")
    given = parse_map(maps or [])
    if id_column is None and "id" in given:
        id_column = given["id"][0]
    name = (areas.name.split(".")[0] or "city") if name is None else name.strip()
    if not name or len(name) > 100 or any(c in name for c in "/\\:\n"):
        raise UserError(f"--name {name!r}: expected a name without / \\ or :")
    target = out or Path(f"{name}.city.json")
    features = read_features(areas) if features is None else features
    properties = as_table(areas, features)
    rows = read_table(table) if table else None
    reader = Reader(properties, *_joined(properties, rows, id_column))
    found, guessed = find_roles([rows, properties] if rows else [properties], given)
    completed = complete(reader, found)
    if recorded is not None:
        completed = _with_record(completed, recorded)
    if not 200 <= int(completed.people.sum()) <= 12_000_000:
        raise UserError(
            f"{areas}: {int(completed.people.sum()):,} residents in all; expected 200 to 12,000,000"
        )
    raster = rasterise(areas, features, block_m)
    layout = _layout(raster, completed, block_m, guessed)
    groups = _traits(completed, layout.notes)
    content = content_of(name, layout, completed.shares, groups, officers_per_1000)
    write_city(target, content)
    return Imported(spec_of(content, str(target)), target, layout.notes)


def _with_record(areas: Areas, recorded: Recorded) -> Areas:
    """The areas with the violence of a list of events, in place of what a column said."""
    kept = [
        n for n in areas.notes if not n.startswith(("homicides:", "shootings:", "no column of h"))
    ]
    return replace(
        areas,
        violence=recorded.counts if recorded.counts.sum() > 0 else None,
        targets={recorded.role: (recorded.counts / recorded.years).tolist()},
        notes=[*kept, recorded.note],
    )


def as_table(path: Path, features: list[Feature]) -> Table:
    """The polygons' properties as a table."""
    columns = list(dict.fromkeys(key for f in features for key in f.properties))
    return Table(
        str(path),
        columns,
        [dict(f.properties) for f in features],
        [f"{path}: feature {f.number}{label(f.properties)}" for f in features],
    )


def _joined(
    properties: Table, rows: Table | None, asked: str | None
) -> tuple[str, Table | None, str]:
    in_features, in_table = find_id(properties, rows, asked)
    return in_features, rows, in_table


def _layout(raster: Raster, areas: Areas, block_m: float, guessed: list[str]) -> Layout:
    start = Start(run_key(1), {})
    x, y, area = raster.x, raster.y, raster.area
    people = _spread_people(start, raster, areas)
    score = smooth_field(start, "map want near", 0, x, y, 3.0)
    own = mean_by(area, len(areas.names), score, np.ones(x.size))
    # odds of the area's disadvantage, times a patchiness that averages out within the area
    odds = areas.disadvantage / np.maximum(1.0 - areas.disadvantage, 1e-9)
    odds = np.maximum(odds[area], 1e-6) * exp_array(0.4 * (score - own[area]))
    used = sorted({int(a) for a in np.flatnonzero(areas.people > 0)})
    notes = [
        f"imported: {len(used)} inhabited areas of {len(areas.names)}, "
        f"{int(areas.people.sum()):,} residents",
        *guessed,
        *areas.notes,
        *raster.notes,
        "people are spread over the blocks of their area by assumption; disadvantage is relative "
        "to this city",
    ]
    return Layout(
        width=raster.width,
        height=raster.height,
        block_m=block_m,
        x=x,
        y=y,
        area=area,
        people=people,
        shares=areas.shares[area],
        disadvantage=np.round(odds / (1.0 + odds), 4),
        area_names=areas.names,
        area_disadvantage=areas.disadvantage,
        violence=areas.violence,
        polygons=raster.polygons,
        notes=notes,
        targets=areas.targets,
    )


def _spread_people(start: Start, raster: Raster, areas: Areas) -> np.ndarray:
    """(B,) residents per block: patchy within each area, and exactly the area's number in all."""
    x, y = raster.x, raster.y
    weight: Floats = exp_array(0.4 * smooth_field(start, "map density", 0, x, y, 4.0))
    empty = start.uniforms("map empty", x.size)[:, 0] < 0.05
    out = np.zeros(x.size, dtype=np.int32)
    edges = np.searchsorted(raster.area, np.arange(len(areas.names) + 1))
    for a, number in enumerate(areas.people.tolist()):
        mine = slice(int(edges[a]), int(edges[a + 1]))
        here = np.where(empty[mine], 0.0, weight[mine])
        out[mine] = spread(here if here.any() else weight[mine], number)
        if number > 0 and out[mine].max() > FULLEST_BLOCK:
            raise UserError(
                f"area {areas.names[a]!r}: {number:,} residents on {here.size} blocks; "
                f"expected at most {FULLEST_BLOCK:,} a block; are polygons and table the same city?"
            )
    return out


def _traits(areas: Areas, notes: list[str]) -> list[GroupTrait]:
    """Traits of the groups: those of the known group of that name, else neutral ones."""
    known = known_traits()
    weights = areas.people / max(1, int(areas.people.sum()))
    shares = (areas.shares * weights[:, None]).sum(axis=0)
    unknown = [g for g in areas.groups if g not in known]
    if unknown:
        notes.append(
            f"no traits are known for {', '.join(unknown)}: neutral ones were taken (no excess of "
            "stops or force); edit `groups` in the city file to say otherwise"
        )
    notes.append(
        "traits of groups (confidence, stop and force ratios, media reach) are defaults, not local"
    )
    return [
        replace(
            known.get(g, GroupTrait(g, officer_share=min(float(s), 1.0))), share=round(float(s), 6)
        )
        for g, s in zip(areas.groups, shares, strict=True)
    ]


TEMPLATE = (
    ("population", True, "residents of the area; 0 for a park or harbour"),
    (
        "white",
        False,
        "residents of this group, as counts or as shares; rename or add columns freely "
        "and name them with --map group:NAME=COLUMN; default: everybody in one group",
    ),
    ("black", False, "see white"),
    ("hispanic", False, "see white"),
    ("asian", False, "see white"),
    ("other", False, "see white; residents in no column are put here"),
    (
        "disadvantage",
        False,
        "any index, rate or share where more is worse (poverty, unemployment, "
        "vacancy); several may be given with --map disadvantage=COLUMN; default: 0.4 everywhere",
    ),
    (
        "homicides",
        False,
        "homicides a year, or one row per area and year with a column `year`; "
        "default: violence follows disadvantage",
    ),
    ("shootings", False, "persons shot a year, fatal or not; preferred to homicides where known"),
)


def template(areas: Path | None) -> tuple[str, dict[str, Any]]:
    """The CSV that a city fills in, and what is `missing` with the default that would be taken.

    With polygons, one row per area, filled with what their properties already say.
    """
    missing = {column: text for column, _, text in TEMPLATE}
    found: Found = {}
    reader: Reader | None = None
    if areas is not None:
        features = read_features(areas)
        properties = as_table(areas, features)
        in_features, _ = find_id(properties, None, None)
        reader = Reader(properties, in_features, None, in_features)
        found, _ = find_roles([properties], {})
    text = io.StringIO()
    text.write(
        "# Fill in a row per area, then: peel city import --areas AREAS.geojson --table THIS.csv\n"
    )
    text.write(
        "# Lines that start with # are remarks. Leave a cell empty where the figure is unknown.\n"
    )
    for column, needed, meaning in TEMPLATE:
        text.write(f"# {column} ({'needed' if needed else 'optional'}): {meaning}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id" if reader is None else in_features, *(c for c, _, _ in TEMPLATE)])
    if reader is None:
        writer.writerow(["Example area", 12000, 4000, 5000, 2500, 300, 200, 0.45, 2, 9])
        return text.getvalue(), {"areas": 0, "missing": missing, "present": {}}
    values: dict[str, list[str]] = {}
    present: dict[str, str] = {}
    for column, _, _ in TEMPLATE:
        role = column if column in found else f"group:{column}"
        if role not in found:
            continue
        present[column] = ", ".join(c.text for _, c in found[role])
        missing.pop(column)
        if column == "disadvantage" and len(found[role]) > 1:
            continue  # the import combines several columns itself
        got = reader.values(found[role][0], signed=column == "disadvantage")
        values[column] = ["" if np.isnan(v) else f"{v:.6g}" for v in got]
    for a, area_name in enumerate(reader.names):
        writer.writerow(
            [area_name, *(values.get(c, [""] * len(reader.names))[a] for c, _, _ in TEMPLATE)]
        )
    return text.getvalue(), {"areas": len(reader.names), "missing": missing, "present": present}
