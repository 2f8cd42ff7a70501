"""Read area polygons from GeoJSON (RFC 7946), strictly: a bad file says what is wrong where.

Coordinates are degrees of longitude and latitude (WGS 84). Every fault names the feature by its
place in the file (from 1) and its name where it has one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError

LARGEST_BYTES = 300_000_000
MOST_FEATURES = 5_000
REPAIR = "repair it, e.g. with QGIS (Fix geometries) or shapely.make_valid"


@dataclass(frozen=True)
class Feature:
    """One area: properties, and polygons as lists of rings (k, 2) in degrees, outer first."""

    number: int
    properties: dict[str, Any]
    polygons: list[list[NDArray[np.float64]]]


def read_text(path: Path, what: str) -> str:
    """The text of a file, or a UserError that says why there is none."""
    try:
        if path.is_dir():
            raise UserError(f"{path}: is a folder; expected {what}")
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise UserError(
                f"{path}: {size / 1e6:,.0f} MB; expected {what} of at most "
                f"{LARGEST_BYTES // 1_000_000} MB; simplify the polygons or drop columns"
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; expected {what}") from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path}: byte {error.start} is not UTF-8 text; expected {what}; save it as UTF-8"
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); expected {what}") from None


def read_features(path: Path) -> list[Feature]:
    """The polygons of a GeoJSON FeatureCollection, checked; raises UserError for anything amiss."""
    text = read_text(path, "a GeoJSON file of area polygons")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}: line {error.lineno}, column {error.colno}: not JSON ({error.msg}); "
            "expected a GeoJSON FeatureCollection"
        ) from None
    except RecursionError:
        raise UserError(
            f"{path}: nested too deeply; expected a GeoJSON FeatureCollection"
        ) from None
    kind = content.get("type") if isinstance(content, dict) else None
    if kind != "FeatureCollection" or not isinstance(content.get("features"), list):
        got = f"type {kind!r}" if kind else type(content).__name__
        raise UserError(
            f"{path}: got {got}; expected a GeoJSON FeatureCollection with a list of features"
        )
    _check_crs(path, content.get("crs"))
    features = content["features"]
    if not features:
        raise UserError(f"{path}: has no features; expected one polygon per area")
    if len(features) > MOST_FEATURES:
        raise UserError(
            f"{path}: {len(features):,} features; expected at most {MOST_FEATURES:,} areas; "
            "join small areas (blocks, lots) into neighbourhoods or tracts"
        )
    return [_feature(path, i + 1, f) for i, f in enumerate(features)]


def _check_crs(path: Path, crs: Any) -> None:
    """Refuse a stated reference system other than WGS 84 (old GeoJSON could name one)."""
    if crs is None:
        return
    name = ""
    if isinstance(crs, dict) and isinstance(crs.get("properties"), dict):
        name = str(crs["properties"].get("name", ""))
    if name and not any(
        known in name.upper().replace("::", ":") for known in ("CRS84", "4326", "WGS84")
    ):
        raise UserError(
            f"{path}: coordinates are in {name!r}; expected WGS 84 degrees (EPSG:4326); "
            "export the file again in EPSG:4326"
        )


def _feature(path: Path, number: int, feature: Any) -> Feature:
    where = f"{path}: feature {number}"
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise UserError(f"{where}: not a GeoJSON Feature")
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    where += label(properties)
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        raise UserError(f"{where}: has no geometry; expected a Polygon or MultiPolygon")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise UserError(f"{where}: geometry is {kind!r}; expected a Polygon or MultiPolygon")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if (
        not isinstance(parts, list)
        or not parts
        or not all(isinstance(p, list) and p for p in parts)
    ):
        raise UserError(f"{where}: {kind} is empty; expected rings of coordinates")
    polygons = [
        [_ring(f"{where}: ring {j + 1}", ring) for j, ring in enumerate(part)] for part in parts
    ]
    return Feature(number, properties, polygons)


def label(properties: dict[str, Any]) -> str:
    """' ("Rogers Park")' where a property looks like a name, else ''."""
    for key, value in properties.items():
        if (
            isinstance(value, str)
            and value.strip()
            and any(
                word in key.lower() for word in ("name", "community", "neighb", "area", "label")
            )
        ):
            return f' ("{value.strip()[:60]}")'
    return ""


def _ring(where: str, ring: Any) -> NDArray[np.float64]:
    if not isinstance(ring, list) or len(ring) < 4:
        count = len(ring) if isinstance(ring, list) else 0
        raise UserError(
            f"{where}: {count} points; expected at least 4, the last equal to the first"
        )
    points = np.empty((len(ring), 2))
    for k, point in enumerate(ring):
        good = (
            isinstance(point, list)
            and len(point) >= 2
            and all(isinstance(c, int | float) and not isinstance(c, bool) for c in point[:2])
        )
        if not good:
            raise UserError(f"{where}: point {k + 1} is {str(point)[:60]}; expected two numbers")
        try:
            points[k] = point[0], point[1]
        except OverflowError:
            points[k] = np.inf, np.inf
    if not np.isfinite(points).all():
        raise UserError(f"{where}: has a coordinate that is not a finite number; {REPAIR}")
    if (np.abs(points[:, 0]) > 180.0).any() or (np.abs(points[:, 1]) > 89.0).any():
        far = points[np.abs(points).max(axis=1).argmax()].tolist()
        raise UserError(
            f"{where}: point {far} is no longitude and latitude; expected WGS 84 degrees "
            "(EPSG:4326); export the file again in EPSG:4326"
        )
    if (points[0] != points[-1]).any():
        raise UserError(f"{where}: is not closed (first and last point differ); {REPAIR}")
    return points
