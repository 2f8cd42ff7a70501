"""Importing a place: what it makes of good files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.city import build, load_spec
from sim.city.importer import import_city, template
from sim.city.table import identity
from tests.city.test_build import check_city, same
from tests.city.town import SIDE, feature, square, town


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
