"""A town to import: four areas in a row, and what the import says when it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.city.importer import import_city
from sim.errors import UserError

SIDE = 0.01  # degrees, about 1.1 km


def square(i: int, j: int = 0, size: float = SIDE) -> list[list[float]]:
    x, y = -87.0 + i * SIDE, 41.0 + j * SIDE
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(name: Any, i: int, j: int = 0, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name, **properties},
        "geometry": {"type": "Polygon", "coordinates": [square(i, j)]},
    }


def town() -> dict[str, Any]:
    """Four areas in a row: poor and mostly black in the west, a park in the east."""
    rows = (
        ("West", 900, 100, 750, 0.5, 8),
        ("Mid", 1200, 600, 400, 0.3, 3),
        ("East", 1500, 1300, 50, 0.1, 1),
        ("Park", 0, 0, 0, 0.2, 0),
    )
    return {
        "type": "FeatureCollection",
        "features": [
            feature(n, i, population=p, white=w, black=b, poverty_rate=d, homicides=h)
            for i, (n, p, w, b, d, h) in enumerate(rows)
        ],
    }


def fails(tmp_path: Path, areas: Path, table: Path | None = None, **more: Any) -> str:
    """The message that the import fails with; nothing may be left behind."""
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UserError) as caught:
        import_city(areas, table, out=tmp_path / "out.city.json", **more)
    assert sorted(tmp_path.iterdir()) == before
    return str(caught.value)
