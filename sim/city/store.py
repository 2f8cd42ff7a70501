"""City files: one JSON text (gzipped if the name ends in .gz) that holds an imported layout.

Anybody can read one; nothing in it can run. A file is whole or absent: temporary name, then rename.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from sim.city.geography import GroupTrait
from sim.city.layout import Layout
from sim.city.spec import CitySpec, hash_of
from sim.errors import UserError

FORMAT, VERSION = "peel-city", 1
LARGEST_BYTES = 500_000_000


def content_of(
    name: str,
    layout: Layout,
    area_shares: np.ndarray,
    groups: list[GroupTrait],
    officers_per_1000: float | None,
) -> dict[str, Any]:
    """What the file of a city says, as plain data."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "block_m": layout.block_m,
        "width": layout.width,
        "height": layout.height,
        "officers_per_1000": officers_per_1000,
        "groups": [asdict(g) for g in groups],
        "area_names": layout.area_names,
        "area_disadvantage": np.round(layout.area_disadvantage, 4).tolist(),
        "area_shares": np.round(area_shares, 6).tolist(),
        "violence": None if layout.violence is None else np.round(layout.violence, 3).tolist(),
        "targets": layout.targets,
        "notes": layout.notes,
        "x": layout.x.tolist(),
        "y": layout.y.tolist(),
        "area": layout.area.tolist(),
        "people": layout.people.tolist(),
        "disadvantage": np.round(layout.disadvantage, 4).tolist(),
        "polygons": None
        if layout.polygons is None
        else [[ring.tolist() for ring in rings] for rings in layout.polygons],
    }


def write_city(path: Path, content: dict[str, Any]) -> None:
    """Write a city file; refuses to replace a file that is not one."""
    if path.exists() and not _is_city(path):
        raise UserError(
            f"{path}: exists and is not a Peel city file; choose another name with --out"
        )
    data = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    write_whole(path, data)


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` whole or not at all."""
    work = None
    try:
        folder = path.absolute().parent
        if not folder.is_dir():
            raise UserError(f"{path}: there is no folder {folder}; create it first")
        handle, work = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=folder)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.chmod(work, 0o644)
        os.replace(work, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        if work is not None and os.path.exists(work):
            os.unlink(work)


def _is_city(path: Path) -> bool:
    try:
        return path.is_file() and f'"{FORMAT}"' in _text(path)[:200]
    except UserError:
        return False


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UserError(f"{path}: too large for a city file")
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return data.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(
            f"{path}: not a readable city file ({error}); expected one made by `peel city import`"
        ) from None


def read_city(path: Path) -> CitySpec:
    """The city in a file; raises UserError for no city, a damaged one or another version."""
    text = _text(path)
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(
            f"{path}: not a Peel city file; expected one made by `peel city import`"
            + ("; this is GeoJSON: import it first" if "FeatureCollection" in text[:2000] else "")
        )
    if content.get("version") != VERSION:
        raise UserError(
            f"{path}: city file of version {content.get('version')!r}; this Peel reads {VERSION}; "
            "import the city again"
        )
    return spec_of(content, str(path))


def spec_of(content: dict[str, Any], source: str) -> CitySpec:
    """The spec that a file's content describes."""
    try:
        layout = _layout(content)
        groups = tuple(
            GroupTrait(**{f.name: row[f.name] for f in fields(GroupTrait) if f.name in row})
            for row in content["groups"]
        )
        fault = _fault(layout, len(groups))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise UserError(
            f"{source}: damaged city file ({type(error).__name__}: {error}); import the city again"
        ) from None
    if fault:
        raise UserError(f"{source}: damaged city file ({fault}); import the city again")
    if len({g.name for g in groups}) != len(groups):
        raise UserError(f"{source}: two groups have one name; rename one")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return CitySpec(
        name=str(content["name"]),
        residents=int(layout.people.sum()),
        areas=layout.areas,
        block_m=layout.block_m,
        officers_per_1000=content["officers_per_1000"],
        groups=groups,
        source=source,
        digest=hash_of([canonical.encode()]),
        imported=layout,
    )


def _layout(content: dict[str, Any]) -> Layout:
    area = np.array(content["area"], dtype=np.int32)
    shares = np.array(content["area_shares"], dtype=np.float64)
    shares = shares / np.maximum(shares.sum(axis=1), 1e-12)[:, None]
    polygons = content["polygons"]
    return Layout(
        width=int(content["width"]),
        height=int(content["height"]),
        block_m=float(content["block_m"]),
        x=np.array(content["x"], dtype=np.int32),
        y=np.array(content["y"], dtype=np.int32),
        area=area,
        people=np.array(content["people"], dtype=np.int32),
        shares=shares[area],
        disadvantage=np.array(content["disadvantage"], dtype=np.float64),
        area_names=[str(n) for n in content["area_names"]],
        area_disadvantage=np.array(content["area_disadvantage"], dtype=np.float64),
        violence=None
        if content["violence"] is None
        else np.array(content["violence"], dtype=np.float64),
        polygons=None
        if polygons is None
        else [[np.array(ring, dtype=np.float64) for ring in rings] for rings in polygons],
        notes=[str(n) for n in content["notes"]],
        targets={str(k): [float(x) for x in v] for k, v in content["targets"].items()},
    )


def _fault(layout: Layout, groups: int) -> str:
    """What is wrong with a layout, or ''."""
    blocks = layout.x.size
    if blocks == 0 or not 0 < layout.width <= 32_000 or not 0 < layout.height <= 32_000:
        return "no blocks"
    for name in ("y", "area", "people", "disadvantage"):
        if getattr(layout, name).shape != (blocks,):
            return f"{name} has another length than x"
    if (
        layout.x.min() < 0
        or layout.x.max() >= layout.width
        or layout.y.min() < 0
        or layout.y.max() >= layout.height
    ):
        return "a block lies outside the grid"
    if np.unique(layout.y.astype(np.int64) * layout.width + layout.x).size != blocks:
        return "two blocks at one place"
    if (
        (np.diff(layout.area) < 0).any()
        or layout.area.min() < 0
        or layout.area.max() >= layout.areas
    ):
        return "blocks are not sorted by area"
    if np.unique(layout.area).size != layout.areas or not 0 < layout.areas <= 32_000:
        return "an area has no block"
    if layout.people.min() < 0 or layout.people.max() > 30_000:
        return "people of a block outside 0..30,000"
    for name in ("disadvantage", "area_disadvantage"):
        values = getattr(layout, name)
        if not (np.isfinite(values).all() and (values >= 0).all() and (values <= 1).all()):
            return f"{name} outside 0..1"
    if layout.area_disadvantage.shape != (layout.areas,) or layout.shares.shape != (blocks, groups):
        return "areas or groups of another number"
    if not (np.isfinite(layout.shares).all() and (layout.shares >= 0).all()):
        return "shares of groups are not numbers from 0"
    if layout.polygons is not None and not (
        len(layout.polygons) == layout.areas
        and all(
            ring.ndim == 2 and ring.shape[1] == 2 and np.isfinite(ring).all()
            for rings in layout.polygons
            for ring in rings
        )
    ):
        return "polygons are not rings of points for each area"
    if any(len(v) != layout.areas for v in layout.targets.values()):
        return "targets are not one number per area"
    if layout.violence is not None and not (
        layout.violence.shape == (layout.areas,) and (layout.violence >= 0).all()
    ):
        return "violence is not one number from 0 per area"
    return ""
