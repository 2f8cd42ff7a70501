"""Real places, where their files are at hand: Chicago and Baltimore by neighbourhood."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.city import build, load_spec
from sim.city.importer import import_city, template
from tests.city.test_build import check_city

CHICAGO = "chicago_geography/community_areas_acs2014.geojson"
HOMICIDES = "area_tables/chicago_homicides_by_community_year_2007_2015.csv"
BALTIMORE = "baltimore_geography/neighborhoods_census2010.geojson"
SHOOTINGS = "area_tables/baltimore_shootings_by_neighborhood_year_2012_2015.csv"


def test_chicago(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "chicago.city.json"
    done = import_city(data / CHICAGO, data / HOMICIDES, out=path, officers_per_1000=4.4)
    spec = load_spec(path)
    assert spec.areas == 77 and 2.70e6 < spec.residents < 2.75e6
    shares = {g.name: g.share for g in spec.groups}
    # the census counts white Hispanics twice; without them Chicago is a third white
    assert shares["white"] == pytest.approx(0.32, abs=0.03)
    assert shares["black"] == pytest.approx(0.32, abs=0.03)
    assert shares["hispanic"] == pytest.approx(0.29, abs=0.03)
    layout = spec.imported
    # land of 590 km2 in blocks of 150 m
    assert layout.x.size * 0.0225 == pytest.approx(595, rel=0.03)
    assert sum(layout.targets["homicides"]) == pytest.approx(457, abs=1)
    names = [n.upper() for n in layout.area_names]
    d = dict(zip(names, layout.area_disadvantage, strict=True))
    assert d["ENGLEWOOD"] > 0.8 and d["LINCOLN PARK"] < 0.2
    assert not [n for n in done.notes if "match no polygon" in n]


@pytest.mark.long
def test_chicago_builds_whole(data: Path, tmp_path: Path) -> None:
    spec = import_city(data / CHICAGO, data / HOMICIDES, out=tmp_path / "c.json").spec
    begun = time.perf_counter()
    city = build(spec)
    assert time.perf_counter() - begun < 60
    check_city(city)
    weight = city[2].areas["violence_weight"]
    people = city[2].areas["population"]
    rate = np.array(spec.imported.targets["homicides"]) / people
    assert np.corrcoef(np.argsort(np.argsort(weight)), np.argsort(np.argsort(rate)))[0, 1] > 0.85


def test_baltimore(data: Path, tmp_path: Path) -> None:
    done = import_city(data / BALTIMORE, data / SHOOTINGS, out=tmp_path / "b.json")
    assert done.spec.areas == 278
    said = " ".join(done.notes)
    assert "Vacant/Housing" in said and "stay as space" in said
    city = build(done.spec)
    check_city(city)
    population = city[2].areas["population"]
    assert (population == 0).sum() == 30 and population.sum() == done.spec.residents
    assert sum(city[0].targets["shootings"]) == pytest.approx(650, abs=1)


def test_template_says_what_baltimore_lacks(data: Path) -> None:
    text, status = template(data / BALTIMORE)
    assert status["areas"] == 278 and {"homicides", "shootings"} <= set(status["missing"])
    assert text.count("\n") > 280
    assert "population" in status["present"]


def test_philadelphia_without_population_is_told(data: Path, tmp_path: Path) -> None:
    from sim.errors import UserError

    polygons: Any = data / "philadelphia_shootings/neighborhoods.geojson"
    with pytest.raises(UserError, match="population"):
        import_city(polygons, out=tmp_path / "p.json")
    assert not list(tmp_path.iterdir())
