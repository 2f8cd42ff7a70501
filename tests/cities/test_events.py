"""Event files: what is read, what is rejected and named, and what must never be written."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from experiments.cities import events, mapping, targets
from experiments.cities.figures import Window
from experiments.cities.simulated import BY_DENSITY, measured, of_whole
from sim.errors import UserError
from tests.cities import planted
from tests.conftest import Said

Peel = Callable[..., Said]
MAP = mapping.from_words(list(planted.WORDS[1::2]))


def read(path: Path, given: mapping.EventMap = MAP) -> tuple[events.Events, events.Reading]:
    found, report, _ = events.read(path, given)
    return found, report


def test_every_rejected_row_is_counted_and_named(tmp_path: Path) -> None:
    body = planted.rows()
    body[3][0] = "yesterday"
    body[4][1] = "north"
    body[5][1] = "123.4"
    body[6][1:3] = ["44.9", "-93.2"]  # another city
    body[7][3] = "perhaps"
    body[8][1:3] = ["", ""]
    body[9][1:3] = ["0", "0"]
    body[10] = body[10][:5]
    found, report = read(planted.write(tmp_path / "e.csv", body))
    counts = {reason: count for reason, (count, _) in report.rejected.items()}
    assert counts == {
        "not 8 cells, as in the header": 1,
        "no valid date": 1,
        "lat is not a number": 1,
        "lat outside -90..90": 1,
        "more than 150 km from the middle of the others": 1,
        "fatal is neither yes nor no": 1,
    }
    assert report.rows == 600 and len(found) == 594 == report.victims
    assert report.without_place == 2 and int(np.isnan(found.x_m).sum()) == 2
    said = "\n".join(report.said())
    assert "line 5 ('yesterday')" in said and "rejected 1: lat is not a number" in said
    assert report.rows == report.victims + report.left_out + report.rejected_rows


def test_figures_are_those_planted(tmp_path: Path) -> None:
    found, report = read(planted.write(tmp_path / "e.csv", planted.rows()))
    table = targets.target_table(found, report, MAP, city="t", digest="", residents=100_000.0)
    assert (table.fit, table.test, table.years) == ("2010-2011", "2012", [2010, 2011, 2012])
    whole = Window(int(found.day.min()), int(found.day.max())).name
    lethality = table.figure(whole, "lethality")
    clearance = table.figure(whole, "clearance", "fatal shootings")
    level = table.figure(whole, "level", "persons shot")
    season = table.figure(whole, "season", "summer over winter")
    assert lethality and lethality.value == pytest.approx(0.2)
    assert lethality.low < 0.2 < lethality.high and lethality.n == 600
    assert clearance and clearance.value == pytest.approx(1 / 3, abs=0.01)
    assert level and level.value == pytest.approx(200, rel=0.01)
    assert season and season.low < 1.8 < season.high  # the planted wave: (1 + .27) / (1 - .27)
    linked = table.figure(whole, "people", "cases linked by a person")
    assert linked and linked.value == pytest.approx(200 / 600)  # 100 people are in two cases


def test_no_id_reaches_a_file_and_codes_change(tmp_path: Path, peel: Peel) -> None:
    source = planted.write(tmp_path / "e.csv", planted.rows())
    first, second = (read(source)[0].named for _ in range(2))
    assert first is not None and second is not None
    assert not set(first.person.tolist()) & set(second.person.tolist())
    out = tmp_path / "out"
    out.mkdir()
    said = peel("city", "import", "--events", source, *planted.WORDS, "--residents", "100000",
                "--out", out / "t.city.json", "--json")  # fmt: skip
    assert said.code == 0, said.err
    written = [path.read_text() for path in out.iterdir()]
    assert len(written) == 3
    for text in (*written, said.out, said.err):
        assert "PERSON-" not in text and "CASE-" not in text
        assert not any(str(code) in text for code in first.person[:50])
    data = json.loads((out / "t.targets.json").read_text())
    assert not any(
        len(v) > 50 for v in data.values() if isinstance(v, list) and v is not data["figures"]
    )


def test_a_row_per_incident(tmp_path: Path) -> None:
    body = [["2010-01-02", "41", "-87", "3", "1"], ["2010-12-30", "41", "-87.01", "1", "0"]]
    path = planted.write(tmp_path / "i.csv", body, ["date", "lat", "lon", "victims", "deaths"])
    found, _ = read(path, mapping.EventMap())
    assert len(found) == 4 and found.fatal is not None and found.fatal.sum() == 1


def test_suspects_are_not_victims_and_filters_hold(tmp_path: Path) -> None:
    body = [[*row, "VICTIM" if k % 2 else "SUSPECT"] for k, row in enumerate(planted.rows())]
    path = planted.write(tmp_path / "s.csv", body, [*planted.HEADER, "role"])
    words = [*planted.WORDS[1::2], "victim=role:VICTIM", "suspect=role:SUSPECT", "keep=race:blue"]
    found, report = read(path, mapping.from_words(words))
    assert len(found) == 300 and report.left_out == 300
    assert found.named is not None and found.named.suspect.sum() == 150


def test_mapping_from_a_file_and_other_dates(tmp_path: Path) -> None:
    body = planted.rows()
    for row in body:
        year, month, day = row[0].split("-")
        row[0] = f"{month}/{day}/{year}"
    path = tmp_path / "e.csv.gz"
    path.write_bytes(gzip.compress(planted.write(tmp_path / "e.csv", body).read_bytes()))
    toml = tmp_path / "map.toml"
    toml.write_text(
        'kind = "shootings"\ndate_format = "%m/%d/%Y"\nlicence = "CC BY-ND 4.0"\n'
        '[columns]\ndate = "when"\nfatal = "died"\n'
        'cleared = {column = "status", yes = ["arrest"]}\n'
    )
    given = mapping.from_toml(toml)
    found, report, resolved = events.read(path, given)
    assert len(found) == 600 and found.cleared is not None and found.cleared.sum() == 200
    table = targets.target_table(found, report, resolved, city="t", digest="", residents=None)
    assert "limits" in table.licence_note
    assert table.figure(table.fit, "level", "persons shot") is None  # no residents: no data
    with pytest.raises(UserError, match="ISO"):
        events.read(path, mapping.EventMap(given.columns))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--event", "dat=when"], "did you mean 'date'"),
        (["--event", "date=whem"], "did you mean 'when'"),
        (["--event", "date"], "expected ROLE=COLUMN"),
        (["--event", "keep=race"], "needs values"),
        (["--event", "fatal=race"], "neither yes nor no"),
        (["--event", "date=race"], "no valid date"),
        (["--event", "keep=race:purple"], "leave no row"),
        (["--residents", "0"], "not a number"),
        ([], "--residents"),
    ],
)
def test_bad_input_is_told(tmp_path: Path, peel: Peel, words: list[str], told: str) -> None:
    source = planted.write(tmp_path / "e.csv", planted.rows(60))
    base = [] if words[:2] and "date=" in words[1] else ["--event", "date=when"]
    said = peel("city", "import", "--events", source, *base, *words, "--out", tmp_path / "c.json")
    assert said.code == 2 and told in said.err, said.err
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "header"),
        ("a,b\n", "no row"),
        ("a,a\n1,2\n", "each column once"),
        ("date,lat,lon\n2010-01-01,41,-87\n", "whole calendar year"),
    ],
)
def test_broken_files_are_told(tmp_path: Path, peel: Peel, text: str, told: str) -> None:
    source = tmp_path / "e.csv"
    source.write_text(text)
    said = peel("city", "import", "--events", source, "--residents", "1000")
    assert said.code == 2 and told in said.err, said.err
    for path in (tmp_path, tmp_path / "none.csv"):
        assert peel("city", "import", "--events", path, "--residents", "1000").code == 2


def test_areas_from_points_hold_the_people_and_the_fitted_years(tmp_path: Path) -> None:
    from experiments.cities.importing import import_events

    source = planted.write(tmp_path / "e.csv", planted.rows())
    done = import_events(source, MAP, residents=50_000, out=tmp_path / "t.city.json")
    spec = done.imported.spec
    assert spec.residents == pytest.approx(50_000, rel=0.02) and 20 <= spec.areas <= 120
    found, _ = read(source)
    years, _ = targets.windows(found)
    seen = found.day < years[-1].first
    assert sum(spec.imported.targets["shootings"]) * 2 == pytest.approx(int(seen.sum()))
    again = targets.load(targets.beside(done.imported.path), spec.digest)
    assert again.figures.keys() == done.figures.figures.keys()
    with pytest.raises(UserError, match="another version"):
        targets.load(targets.beside(done.imported.path), "other")


def test_twenty_thousand_rows_take_seconds(tmp_path: Path) -> None:
    source = planted.write(tmp_path / "e.csv", planted.rows(20_000, places=2_000))
    read(source)  # compiled code once
    begun = time.process_time()
    found, report = read(source)
    targets.target_table(found, report, MAP, city="t", digest="", residents=1e6)
    assert len(found) == 20_000 and time.process_time() - begun < 20


def test_a_copy_of_one_resident_in_ten_keeps_rates(tmp_path: Path, peel: Peel) -> None:
    source = planted.write(tmp_path / "e.csv", planted.rows())
    tables, sizes = [], []
    for name, more in (("whole", []), ("tenth", ["--one-in", "10"])):
        path = tmp_path / f"{name}.city.json"
        said = peel("city", "import", "--events", source, *planted.WORDS, "--residents", "100000",
                    "--out", path, "--json", *more)  # fmt: skip
        assert said.code == 0, said.err
        sizes.append(json.loads(said.out)["residents"])
        tables.append(targets.load(targets.beside(path)))
    whole, tenth = tables
    # squares with next to nobody are left as space, so a few residents short
    assert sizes == pytest.approx([100_000, 10_000], rel=0.02)
    assert tenth.one_in == 10.0 and whole.one_in == 1.0
    path = targets.beside(tmp_path / "tenth.city.json")
    for wrong in ("0.0", '"ten"'):
        other = tmp_path / "wrong.json"
        other.write_text(path.read_text().replace('"one_in": 10.0', f'"one_in": {wrong}'))
        with pytest.raises(UserError, match="damaged table"):
            targets.load(other)
    level = [t.figure(t.fit, "level", "persons shot") for t in tables]
    assert level[0] and level[1] and level[0].value == pytest.approx(level[1].value, rel=0.02)
    found, _ = read(source)
    window = Window(int(found.day.min()), int(found.day.max()))
    rows = measured(found, window, 10_000.0)
    kept = {one.key: one.value for one in of_whole(rows, 10.0)}
    counted = {one.key: one.value for one in rows}
    key = ("per year", "persons shot")
    assert kept[key] == pytest.approx(10.0 * counted[key])
    assert kept["level", "persons shot"] == counted["level", "persons shot"]
    assert not {name for name, _ in kept} & set(BY_DENSITY)
    assert {name for name, _ in counted} & set(BY_DENSITY)
    said = peel("city", "import", "--events", source, *planted.WORDS, "--residents", "5000",
                "--one-in", "100", "--out", tmp_path / "x.city.json")  # fmt: skip
    assert said.code == 2 and "--one-in" in said.err and not (tmp_path / "x.city.json").exists()
