"""Importing a place: what it makes of good files, and what it says of bad ones."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.city import build, load_spec
from sim.city.importer import import_city, template
from sim.city.table import identity
from sim.errors import UserError
from tests.city.test_build import check_city, same

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


def fails(tmp_path: Path, areas: Path, table: Path | None = None, **more: Any) -> str:
    """The message that the import fails with; nothing may be left behind."""
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UserError) as caught:
        import_city(areas, table, out=tmp_path / "out.city.json", **more)
    assert sorted(tmp_path.iterdir()) == before
    return str(caught.value)


def test_properties_alone_make_a_city(files: Any, tmp_path: Path) -> None:
    path, _ = files(town())
    done = import_city(path, out=tmp_path / "town.city.json")
    spec = load_spec(tmp_path / "town.city.json")
    assert spec.canonical() == done.spec.canonical() and spec.name == "town"
    city = build(spec, {}, 1)
    check_city(city)
    geography, people, place, _, _ = city
    assert geography.area_names == ["West", "Mid", "East", "Park"]
    assert place.areas["population"].tolist() == [900, 1200, 1500, 0]
    assert geography.group_names == ["white", "black", "other"]
    assert geography.targets == {"homicides": [8.0, 3.0, 1.0, 0.0]}
    r = people.residents
    living = r["status"] == 0
    west = living & (r["area"] == 0)
    assert (r["group"][west] == 1).mean() == pytest.approx(750 / 900, abs=0.02)
    weight = place.areas["violence_weight"]
    assert weight[0] > weight[1] > weight[2]
    assert any("poverty_rate" in note for note in geography.notes)
    # polygons lie where the blocks are: metres, y up
    rings = geography.polygons[0]
    assert rings[0].min() >= -0.1 and rings[0][:, 1].max() == pytest.approx(1112, rel=0.01)
    assert rings[0][:, 0].max() == pytest.approx(839, rel=0.01)  # narrower by cos(latitude)
    middle = geography.polygons[2][0].mean(axis=0)
    assert np.hypot(*(middle - [place.areas.x_m[2], place.areas.y_m[2]])) < 250


def test_compressed_file_is_the_same_city(files: Any, tmp_path: Path) -> None:
    path, _ = files(town())
    plain = import_city(path, out=tmp_path / "a.json", name="t").spec
    packed = import_city(path, out=tmp_path / "a.json.gz", name="t").spec
    assert plain.digest == packed.digest
    assert (
        gzip.decompress((tmp_path / "a.json.gz").read_bytes()) == (tmp_path / "a.json").read_bytes()
    )
    assert same(build(load_spec(tmp_path / "a.json.gz"))[1:], build(plain)[1:])


def test_data_changes_the_digest(files: Any, tmp_path: Path) -> None:
    one = import_city(files(town())[0], out=tmp_path / "a.json").spec
    other = town()
    other["features"][0]["properties"]["population"] = 901
    two = import_city(files(other)[0], out=tmp_path / "a.json").spec
    assert one.canonical() != two.canonical()


def test_long_table_is_summed_by_year_and_joined_without_case(files: Any, tmp_path: Path) -> None:
    areas = town()
    for row in areas["features"]:
        del row["properties"]["homicides"]
    table = "Name,y,shot\nWEST,2019,7\nwest ,2020,9\nMid,2020,2\nNowhere,2020,5\n"
    path, rows = files(areas, table)
    done = import_city(path, rows, out=tmp_path / "t.json")
    assert build(done.spec)[0].targets == {"shootings": [8.0, 1.0, 0.0, 0.0]}
    assert any("Nowhere" in note and "line 5" in note for note in done.notes)


def test_table_brings_everything_and_map_names_it(files: Any, tmp_path: Path) -> None:
    areas = town()
    for row in areas["features"]:
        row["properties"] = {"name": row["properties"]["name"], "code": "x"}
    table = (
        "# a remark\ncode;area name;n2020;pct_a;pct_b;income;kin;hh\n"
        "1;West;900;20;75;20,000;30;100\n2;Mid;1,200;50;50;40,000;20;100\n"
        "3;East;1500;90;5;90,000;9;100\n4;Park;0;0;0;;0;0\n"
    )
    path, rows = files(areas, table)
    for row in areas["features"]:
        row["properties"]["area name"] = row["properties"].pop("name")
    path, rows = files(areas, table)
    done = import_city(
        path,
        rows,
        out=tmp_path / "t.json",
        id_column="area name",
        maps=[
            "population=n2020",
            "group:a=pct_a",
            "group:b=pct_b",
            "disadvantage=-income",
            "disadvantage=kin/hh",
        ],
        officers_per_1000=4.0,
    )
    layout = done.spec.imported
    assert [g.name for g in done.spec.groups] == ["a", "b", "other"]
    assert done.spec.officers_per_1000 == 4.0
    assert layout.area_disadvantage[0] > layout.area_disadvantage[1] > layout.area_disadvantage[2]
    assert any("percentages" in n for n in done.notes)
    assert any("neutral" in n for n in done.notes)
    assert any("-income is unknown" in n for n in done.notes) is False  # only a park lacks it


def test_defaults_are_stated(files: Any, tmp_path: Path) -> None:
    areas = town()
    for row in areas["features"]:
        row["properties"] = {k: row["properties"][k] for k in ("name", "population")}
    done = import_city(files(areas)[0], out=tmp_path / "t.json")
    said = " ".join(done.notes)
    assert "one group" in said and "no column of disadvantage" in said
    assert "no column of homicides or shootings" in said
    check_city(build(done.spec))


def test_hispanics_counted_twice_leave_white(files: Any, tmp_path: Path) -> None:
    areas = town()
    for row in areas["features"]:
        p = row["properties"]
        p["population"], p["white"], p["black"], p["hispanic"] = 1000, 700, 100, 600
    done = import_city(files(areas)[0], out=tmp_path / "t.json")
    shares = {g.name: g.share for g in done.spec.groups}
    assert shares == pytest.approx({"white": 0.3, "black": 0.1, "hispanic": 0.6})


def test_tiny_areas_stay_as_space(files: Any, tmp_path: Path) -> None:
    areas = town()
    areas["features"][3]["properties"]["population"] = 30
    done = import_city(files(areas)[0], out=tmp_path / "t.json")
    assert done.spec.residents == 3600 and any("30 people are left out" in n for n in done.notes)
    assert build(done.spec)[2].areas["population"][3] == 0


def test_an_area_smaller_than_a_block_still_gets_one(files: Any, tmp_path: Path) -> None:
    areas = town()
    tiny = feature("Tiny", 0, population=300, white=300, black=0, poverty_rate=0.1, homicides=0)
    tiny["geometry"]["coordinates"] = [square(5, 0, SIDE / 40)]
    areas["features"].append(tiny)
    done = import_city(files(areas)[0], out=tmp_path / "t.json")
    assert build(done.spec)[2].areas["blocks"][4] == 1
    assert any("smaller than a block" in n for n in done.notes)


def test_multipolygons_and_holes(files: Any, tmp_path: Path) -> None:
    areas = town()
    outer, hole = square(0), [[p[0] + 0.003, p[1] + 0.003] for p in square(0, 0, 0.004)]
    areas["features"][0]["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [[outer, hole], [square(0, 2)]],
    }
    areas["features"].append(
        feature("Hole", 0, population=400, white=1, black=1, poverty_rate=0.2, homicides=0)
    )
    areas["features"][-1]["geometry"]["coordinates"] = [hole]
    done = import_city(files(areas)[0], out=tmp_path / "t.json")
    city = build(done.spec)
    check_city(city)
    blocks = city[2].blocks
    assert city[2].areas["blocks"][4] >= 4
    assert blocks["y"][blocks["area"] == 0].max() > 13


# --- what is refused ---------------------------------------------------------------------------


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


def test_identity_joins_numbers_and_text() -> None:
    assert identity(35) == identity("35.0") == identity(" 35 ")
    assert identity("Rogers  Park") == identity("ROGERS PARK ")
    assert identity(None) == identity("") == identity(True) == ""


def test_template_round_trip(files: Any, tmp_path: Path) -> None:
    path, _ = files(town())
    text, status = template(path)
    assert status["areas"] == 4 and "shootings" in status["missing"]
    assert status["present"]["population"] == "population"
    rows = tmp_path / "rows.csv"
    rows.write_text(text)
    one = import_city(path, rows, out=tmp_path / "a.json").spec
    two = import_city(path, out=tmp_path / "b.json").spec
    for name in ("people", "area"):
        assert np.array_equal(getattr(one.imported, name), getattr(two.imported, name))
    blank, status = template(None)
    assert blank.startswith("#") and status["areas"] == 0 and len(status["missing"]) == 9


def test_commands(peel: Any, files: Any, tmp_path: Path) -> None:
    path, _ = files(town())
    out = tmp_path / "t.city.json"
    said = peel("city", "import", "--areas", path, "--out", out, "--json")
    assert said.code == 0 and json.loads(said.out)["residents"] == 3600
    said = peel("city", "describe", out, "--json")
    data = json.loads(said.out)
    assert said.code == 0 and data["residents"] == 3600 and len(data["areas"]) == 4
    assert peel("city", "describe", out).out.startswith("town")
    summary = tmp_path / "summary.json"
    said = peel("city", "build", "synthetic:500", "--seed", 3, "--out", summary)
    assert said.code == 0 and json.loads(summary.read_text())["seed"] == 3
    assert peel("city", "build", "synthetic:500", "--out", summary).code == 2
    said = peel("city", "template", "--areas", path)
    assert said.code == 0 and "name,population" in said.out and "missing: shootings" in said.err
    said = peel("city", "describe", "vilage")
    assert said.code == 2 and "village" in said.err and "Traceback" not in said.err
    assert peel("city", "import", "--areas", tmp_path / "none").code == 2
    assert peel("city").code == 2
