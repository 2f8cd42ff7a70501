"""The city's map as a comparison keeps it: names, polygons where there are any, else areas by
block.

Areas are the same places in every run of a city, so one `geography.json` serves a whole comparison.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = "geography.json"
Ring = NDArray[np.float64]


@dataclass(frozen=True)
class Map:
    """`polygons[a]` lists area a's rings, (k, 2) metres, y up; `raster` is (height, width), row 0
    south, the area of each block or -1. Either may be missing."""

    name: str
    area_names: tuple[str, ...]
    group_names: tuple[str, ...]
    block_m: float
    polygons: tuple[tuple[Ring, ...], ...] | None
    raster: NDArray[np.int64] | None
    notes: tuple[str, ...]


def keep(geography: Any, burnt: Any, folder: Path) -> None:
    """Write the map once; whoever comes later finds it there."""
    path = folder / FILE
    if path.exists():
        return
    polygons = getattr(geography, "polygons", None)
    raster = None if polygons else _raster(geography, burnt)
    data = {
        "name": geography.name,
        "area_names": list(geography.area_names),
        "group_names": list(geography.group_names),
        "block_m": float(geography.block_m),
        "polygons": polygons
        and [[np.round(ring, 1).tolist() for ring in area] for area in polygons],
        "raster": None if raster is None else raster.tolist(),
        "notes": list(geography.notes),
    }
    temporary = path.with_name(f".{FILE}.{os.getpid()}")
    temporary.write_text(json.dumps(data), encoding="utf-8")
    os.replace(temporary, path)


def load(folder: Path) -> Map | None:
    """The map of a comparison's folder, or None where there is none (or a damaged one)."""
    try:
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    polygons = data["polygons"]
    return Map(
        data["name"],
        tuple(data["area_names"]),
        tuple(data["group_names"]),
        data["block_m"],
        polygons and tuple(tuple(np.asarray(ring) for ring in area) for area in polygons),
        None if data["raster"] is None else np.asarray(data["raster"], dtype=np.int64),
        tuple(data["notes"]),
    )


def _raster(geography: Any, burnt: Any) -> NDArray[np.int64] | None:
    """Area of each block, from the built city that the run started from."""
    world = getattr(burnt, "world", burnt)
    place = getattr(world, "place", None)
    if place is None:
        return None
    blocks = place.blocks
    out = np.full((geography.height, geography.width), -1, dtype=np.int64)
    lived_in = blocks["count"] > 0
    out[blocks["y"][lived_in], blocks["x"][lived_in]] = blocks["area"][lived_in]
    return out
