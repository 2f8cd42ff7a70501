"""Event files of four real cities give the published figures; each is skipped where absent."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from experiments.cities import events, mapping, targets

CITIES = {
    "Baltimore": (
        "baltimore_shootings/persons_2012_2015.csv.gz", "bpd_shootings", 620_175,
        ["date=case_date", "fatal=vict_type:HOMICIDE SHOOTING", "cleared=case_status:CLOSED",
         "group=race", "person=person_uid", "incident=case_number", "victim=description:VICTIM",
         "suspect=description:SUSPECT"],
    ),
    "Chicago": (
        "homicides_25cities/homicides_2007_2015.csv.gz", "wapo_homicide", 2_700_000,
        ["keep=city:Chicago", "cleared=status:arrest", "id=uid"],
    ),
    "Philadelphia": (
        "philadelphia_shootings/victims_2015_2019.csv.gz", "ppd_shootings", 1_560_000,
        ["date=datetime"],
    ),
    "New York": ("newyork_shootings/victims_2006_2016.csv.gz", "nypd_shootings", 8_200_000, []),
}  # fmt: skip


@pytest.mark.parametrize("city", CITIES)
def test_a_real_list(data: Path, city: str) -> None:
    file, source, residents, words = CITIES[city]
    if not (data / file).exists():
        pytest.skip(f"no {file}")
    found, report, resolved = events.read(data / file, mapping.from_words(words))
    table = targets.target_table(
        found, report, resolved, city=city, digest="", residents=float(residents)
    )
    assert report.rejected_rows == 0
    stats = pd.read_csv(data / "city_stats.csv")
    stats = stats[(stats.city == city) & (stats.source == source) & (stats.group == "all")]
    published = stats.set_index("metric").value
    whole = f"{table.years[0]}-{table.years[-1]}"
    for name, metric, tolerance in (
        ("season", "summer_winter_ratio", 0.08),
        ("several victims", "multi_victim_share", 0.002),
        ("weekly dispersion", "weekly_dispersion_detrended_incidents", 0.03),
    ):
        got = next(f for f in table.figures[whole] if f.figure == name)
        assert got.value == pytest.approx(published[metric], abs=tolerance), name
    lethality = table.figure(table.fit, "lethality")
    clearance = table.figure(table.test, "clearance", "fatal shootings")
    assert (lethality is None) == (city == "Chicago")
    assert (clearance is None) == (city in ("Chicago", "New York"))
    if city == "Baltimore":  # the collapse of clearance in 2015
        before = table.figure(table.fit, "clearance", "fatal shootings")
        assert before and clearance and clearance.value < before.value - 0.1
