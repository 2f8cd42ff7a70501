"""Files of a place to import."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., tuple[Path, Path | None]]:
    """Write a GeoJSON (or text) and maybe a CSV; their paths."""

    def write(areas: Any, table: str | None = None) -> tuple[Path, Path | None]:
        path = tmp_path / "town.geojson"
        path.write_text(areas if isinstance(areas, str) else json.dumps(areas), encoding="utf-8")
        if table is None:
            return path, None
        rows = tmp_path / "rows.csv"
        rows.write_text(table, encoding="utf-8")
        return path, rows

    return write
