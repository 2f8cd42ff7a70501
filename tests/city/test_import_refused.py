"""Importing a place: what is refused, and what is said of it."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.city import load_spec
from sim.city.importer import import_city
from sim.errors import UserError
from tests.city.town import fails, square, town


def spoilt(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    areas = copy.deepcopy(town())
    change(areas)
    return areas


def geometry(areas: dict[str, Any], value: Any) -> None:
    areas["features"][1]["geometry"] = value


def rings(areas: dict[str, Any], value: Any) -> None:
    areas["features"][1]["geometry"]["coordinates"] = value


def prop(areas: dict[str, Any], key: str, value: Any) -> None:
    areas["features"][1]["properties"][key] = value


BOWTIE = [[-87, 41], [-86.9, 41.1], [-86.9, 41], [-87, 41.1], [-87, 41]]
BAD = {
    "no geometry": (lambda a: geometry(a, None), ("feature 2", "Mid", "no geometry")),
    "a point": (
        lambda a: geometry(a, {"type": "Point", "coordinates": [1, 2]}),
        ("feature 2", "'Point'", "Polygon"),
    ),
    "empty": (lambda a: rings(a, []), ("feature 2", "empty")),
    "not a list": (lambda a: rings(a, "here"), ("feature 2", "empty")),
    "few points": (lambda a: rings(a, [[[1, 2], [3, 4]]]), ("feature 2", "2 points", "at least 4")),
    "unclosed": (lambda a: rings(a, [[*square(1)[:4], [0, 0]]]), ("feature 2", "not closed")),
    "crossing": (lambda a: rings(a, [BOWTIE]), ("feature 2", "Self-intersection", "repair")),
    "flat": (
        lambda a: rings(a, [[[0, 0], [1, 1], [2, 2], [0, 0]]]),
        ("feature 2", "polygon", "repair"),
    ),
    "nan": (
        lambda a: rings(a, [[[float("nan"), 1], *square(1)[1:]]]),
        ("feature 2", "finite"),
    ),
    "text coordinate": (
        lambda a: rings(a, [[["east", 1], *square(1)[1:]]]),
        ("feature 2", "point 1", "two numbers"),
    ),
    "metres": (
        lambda a: rings(a, [[[p[0] * 1e4, p[1] * 1e4] for p in square(1)]]),
        ("feature 2", "WGS 84"),
    ),
    "no features": (lambda a: a.update(features=[]), ("no features",)),
    "a number": (lambda a: a["features"].append(3), ("feature 5", "not a GeoJSON Feature")),
    "other crs": (
        lambda a: a.update(crs={"type": "name", "properties": {"name": "EPSG:3435"}}),
        ("EPSG:3435", "4326"),
    ),
    "same id": (lambda a: prop(a, "name", "west"), ("feature 2", "feature 1", "each area once")),
    "empty id": (lambda a: prop(a, "name", None), ("feature 2", "'name' is empty")),
    "text number": (
        lambda a: prop(a, "population", "many"),
        ("feature 2", "Mid", "population", "'many'", "number"),
    ),
    "negative": (lambda a: prop(a, "population", -5), ("feature 2", "-5", "0 up")),
    "negative events": (lambda a: prop(a, "homicides", -1), ("feature 2", "homicides", "-1")),
    "true": (lambda a: prop(a, "population", True), ("feature 2", "True", "number")),
    "infinite": (lambda a: prop(a, "population", float("inf")), ("feature 2", "inf", "number")),
    "a list": (lambda a: prop(a, "population", [1]), ("feature 2", "[1]", "number")),
    "missing people": (lambda a: prop(a, "population", None), ("population is missing", "Mid")),
    "nobody": (
        lambda a: [f["properties"].update(population=0) for f in a["features"]],
        ("population of all areas", "0"),
    ),
    "too few": (
        lambda a: [f["properties"].update(population=3) for f in a["features"]],
        ("12 residents", "200"),
    ),
    "too many": (
        lambda a: [f["properties"].update(population=9e8) for f in a["features"]],
        ("residents", "12,000,000"),
    ),
    "no people column": (
        lambda a: [
            f["properties"].clear() or f["properties"].update(name=f"n{i}")
            for i, f in enumerate(a["features"])
        ],
        ("population", "--map"),
    ),
    "far": (lambda a: rings(a, [[[p[0] + 90, p[1]] for p in square(1)]]), ("span", "far-off")),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_features_are_named(case: str, files: Any, tmp_path: Path) -> None:
    change, words = BAD[case]
    path, _ = files(spoilt(change))
    message = fails(tmp_path, path)
    for word in words:
        assert word in message
    assert "town.geojson" in message or "population" in message


TEXTS = {
    "not JSON": ("{", ("line 1", "not JSON")),
    "empty file": ("", ("not JSON",)),
    "a list": ("[]", ("got list", "FeatureCollection")),
    "one feature": ('{"type": "Feature"}', ("'Feature'", "FeatureCollection")),
    "features no list": ('{"type": "FeatureCollection", "features": 3}', ("list of features",)),
    "deep": ("[" * 200_000, ("nested", "JSON")),
}


@pytest.mark.parametrize("case", TEXTS)
def test_files_that_are_no_geojson(case: str, files: Any, tmp_path: Path) -> None:
    text, words = TEXTS[case]
    message = fails(tmp_path, files(text)[0])
    assert any(word in message for word in words)


TABLES = {
    "empty": ("", ("is empty",)),
    "only a header": ("name,population\n", ("no rows",)),
    "short row": ("name,homicides\nWest,1\nMid\n", ("line 3", "1 cells", "expected 2")),
    "header twice": ("name,population,population\nWest,1,2\n", ("'population' appears twice",)),
    "nameless column": ("name,,x\nWest,1,2\n", ("column 2", "no name")),
    "text": ("name,homicides\nWest,none\n", ("line 2", "homicides", "'none'", "number")),
    "negative": ("name,homicides\nWest,-3\n", ("line 2", "-3")),
    "row twice": ("name,homicides\nWest,1\nwest,2\n", ("line 3", "West", "line 2", "year")),
    "year twice": (
        "name,year,homicides\nWest,2020,1\nwest,2020,2\n",
        ("line 3", "2020", "expected it once"),
    ),
    "no match": ("name,homicides\nParis,1\n", ("matches", "Paris", "--id")),
    "no shared column": ("place,homicides\nWest,1\n", ("no column in common", "--id", "place")),
    "empty id": ("name,homicides\n,1\n", ("line 2", "empty", "id")),
}


@pytest.mark.parametrize("case", TABLES)
def test_bad_tables_are_named(case: str, files: Any, tmp_path: Path) -> None:
    text, words = TABLES[case]
    path, rows = files(town(), text)
    message = fails(tmp_path, path, rows)
    for word in words:
        assert word in message


def test_bad_options(files: Any, tmp_path: Path) -> None:
    path, _ = files(town())
    for entry, words in (
        ("population", ("ROLE=COLUMN",)),
        ("populaton=x", ("did you mean 'population'",)),
        ("population=pop", ("no column 'pop'", "population")),
        ("disadvantage=poverty_rate/units", ("units",)),
    ):
        message = fails(tmp_path, path, maps=[entry])
        assert all(word in message for word in words), message
    assert "given twice" in fails(tmp_path, path, maps=["population=white", "population=black"])
    assert "nam" in fails(tmp_path, path, id_column="nam")
    assert "--block" in fails(tmp_path, path, block_m=1.0)
    assert "--officers" in fails(tmp_path, path, officers_per_1000=0.0)
    assert "--name" in fails(tmp_path, path, name="a/b")
    assert "no such file" in fails(tmp_path, tmp_path / "none.geojson")
    assert "folder" in fails(tmp_path, tmp_path)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00name")
    assert "UTF-8" in fails(tmp_path, path, binary)
    with pytest.raises(UserError, match="no folder"):
        import_city(path, out=tmp_path / "none" / "t.json")
    with pytest.raises(UserError, match="not a Peel city file"):
        import_city(path, out=path)  # never over the user's own data
    assert json.loads(path.read_text())["type"] == "FeatureCollection"


def test_damaged_city_files(files: Any, tmp_path: Path) -> None:
    good = tmp_path / "t.city.json"
    import_city(files(town())[0], out=good)
    content = json.loads(good.read_text())
    cases: list[tuple[str, Any]] = [
        ("x", content["x"][:-1]),
        ("area", content["area"][::-1]),
        ("people", [-1] * len(content["people"])),
        ("disadvantage", [2.0] * len(content["x"])),
        ("area_shares", [[1.0]]),
        ("width", 2),
        ("version", 99),
        ("format", "other"),
        ("groups", []),
        ("groups", [{"name": "a", "stop_ratio": "x"}] * 3),
        ("violence", [1.0]),
        ("officers_per_1000", "many"),
        ("targets", 3),
        ("y", content["x"]),
        ("polygons", [[[1.0, 2.0]]]),
        ("polygons", content["polygons"][:1]),
    ]
    for key, value in cases:
        bad = tmp_path / "bad.json"
        bad.write_text(json.dumps({**content, key: value}))
        with pytest.raises(UserError):
            load_spec(bad)
    (tmp_path / "cut.json").write_text(good.read_text()[:-40])
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(good.read_bytes())[:-40])
    for name in ("cut.json", "cut.json.gz", "town.geojson"):
        with pytest.raises(UserError, match="city file"):
            load_spec(tmp_path / name)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "features", "geometry", "properties", "coordinates", "crs"]
                ),
                inner
                | st.sampled_from(["Feature", "FeatureCollection", "Polygon", "MultiPolygon"]),
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_refused_kindly(tmp_path_factory: Any, content: Any) -> None:
    folder = tmp_path_factory.mktemp("json")
    path = folder / "any.geojson"
    path.write_text(json.dumps(content))
    fails(folder, path)
    areas = town()
    areas["features"][1]["geometry"] = content
    path.write_text(json.dumps(areas))
    fails(folder, path)


@settings(max_examples=80, deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), max_size=60)
    | st.lists(
        st.lists(st.sampled_from(["West", "Mid", "1", "-1", "", "x", "1e9", '"', "name", "year"])),
        max_size=5,
    ).map(lambda rows: "\n".join(["name,homicides", *(",".join(row) for row in rows)]))
)
def test_any_table_is_read_or_refused_kindly(tmp_path_factory: Any, text: str) -> None:
    folder = tmp_path_factory.mktemp("csv")
    (folder / "town.geojson").write_text(json.dumps(town()))
    (folder / "rows.csv").write_text(text, encoding="utf-8")
    try:
        done = import_city(folder / "town.geojson", folder / "rows.csv", out=folder / "t.json")
    except UserError:
        assert not (folder / "t.json").exists()
    else:
        assert done.spec.residents == 3600
