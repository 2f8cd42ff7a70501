"""The same estimators on the real event lists give the published figures of those cities."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.estimators import clearance, hawkes, incidents, knox, maps, people, persons, weekly

DATA = Path(os.environ.get("PEEL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not (DATA / "city_stats.csv").exists(), reason=f"no real data at {DATA} (set PEEL_DATA)"
)

SOURCES = {
    "Baltimore": "bpd_shootings",
    "Philadelphia": "ppd_shootings",
    "Chicago": "wapo_homicide",
}


def victims(city: str) -> pd.DataFrame:
    """One row per victim: date, x, y (metres), day (from 1 January of the first year), cleared."""
    if city == "Baltimore":
        rows = pd.read_csv(DATA / "baltimore_shootings/persons_2012_2015.csv.gz", low_memory=False)
        rows = rows[rows.description == "VICTIM"].rename(columns={"case_date": "date"})
        cleared = rows.case_status == "CLOSED"
    elif city == "Philadelphia":
        rows = pd.read_csv(DATA / "philadelphia_shootings/victims_2015_2019.csv.gz")
        rows = rows.rename(columns={"datetime": "date"})
        cleared = rows.has_court_case == 1
    else:
        rows = pd.read_csv(DATA / "homicides_25cities/homicides_2007_2015.csv.gz")
        rows = rows[rows.city == city]
        cleared = rows.status == "arrest"
    rows = rows.assign(cleared=cleared, date=pd.to_datetime(rows.date).dt.normalize())
    rows = rows[rows.lat.notna()].copy()
    rows["x"], rows["y"] = incidents.metres(rows.lat, rows.lon)
    rows["day"] = (rows.date - pd.Timestamp(rows.date.min().year, 1, 1)).dt.days
    return rows


@pytest.fixture(scope="module", params=sorted(SOURCES))
def city(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, incidents.Incidents, pd.DataFrame]:
    """(victims, incidents, published figures of that city and source)."""
    rows = victims(request.param)
    stats = pd.read_csv(DATA / "city_stats.csv")
    stats = stats[(stats.city == request.param) & (stats.source == SOURCES[request.param])]
    return rows, incidents.collapse(rows.x, rows.y, rows.day), stats


def published(stats: pd.DataFrame, metric: str, group: str = "all") -> float:
    return float(stats[(stats.metric == metric) & (stats.group == group)].value.iloc[0])


def test_incidents(city) -> None:  # type: ignore[no-untyped-def]
    _, found, stats = city
    share, per_incident = incidents.multi_victim(found.victims)
    assert len(found.day) == published(stats, "n_incidents")
    assert share == pytest.approx(published(stats, "multi_victim_share"), abs=1e-4)
    assert per_incident == pytest.approx(published(stats, "victims_per_incident"), abs=1e-3)


def test_near_repeats(city) -> None:  # type: ignore[no-untyped-def]
    _, found, stats = city
    rng = np.random.default_rng(1)
    half = knox.half_years(found.day)
    for distance, lags in ((125, (0, 14)), (400, (15, 28))):
        metric = f"knox_ratio_{distance}m_{lags[0]}-{lags[1]}d"
        row = stats[(stats.metric == metric) & (stats.group == "null_halfyear")].iloc[0]
        got = knox.knox(found.x_m, found.y_m, found.day, distance, lags, rng, half, permutations=99)
        assert got.observed == pytest.approx(row.n, rel=0.02)
        assert got.ratio == pytest.approx(row.value, abs=0.06)


def test_map(city) -> None:  # type: ignore[no-untyped-def]
    _, found, stats = city
    rng = np.random.default_rng(1)
    top, plain, adjusted = maps.concentration(found.x_m, found.y_m, rng)
    assert top == pytest.approx(published(stats, "share_in_top_300m_top5pct_cells"), abs=0.015)
    assert plain == pytest.approx(published(stats, "gini_300m"), abs=0.01)
    assert adjusted == pytest.approx(published(stats, "gini_adj_300m"), abs=0.015)


def test_rhythm(city) -> None:  # type: ignore[no-untyped-def]
    rows, found, stats = city
    first = pd.Timestamp(rows.date.min().year, 1, 1)
    counts = weekly.weekly_counts(found.day, 0, int(rows.day.max()))
    got = weekly.rhythm(counts, first)
    assert got.dispersion == pytest.approx(
        published(stats, "weekly_dispersion_detrended_incidents"), abs=5e-3
    )
    assert got.memory[0] == pytest.approx(published(stats, "weekly_acf_lag1_incidents"), abs=5e-3)
    dates = pd.DatetimeIndex(first + pd.to_timedelta(found.day, unit="D"))
    summer, winter = weekly.summer_winter(dates, (str(first), f"{rows.date.max().year}-12-31"))
    assert summer / winter == pytest.approx(published(stats, "summer_winter_ratio"), abs=0.03)


def test_aftermath_of_cleared_and_open_cases(city) -> None:  # type: ignore[no-untyped-def]
    rows, found, stats = city
    shut = np.zeros(len(found.day), dtype=bool)
    np.logical_or.at(shut, found.member, rows.cleared.to_numpy())
    span = (int(found.day.min()), int(found.day.max()))
    got = clearance.aftermath(found.x_m, found.y_m, found.day, shut, *span)
    row = published(stats, "did_after_before_open_vs_cleared", "800m_365d")
    assert got.ratio == pytest.approx(row, abs=5e-3)


def test_branching_ratio(city) -> None:  # type: ignore[no-untyped-def]
    _, found, stats = city
    area = maps.cell_counts(found.x_m, found.y_m, 300.0, (0.0, 0.0)).size * 300.0**2
    span = float(found.day.max() - found.day.min() + 1)
    rng = np.random.default_rng(1)
    got = hawkes.net(found.x_m, found.y_m, found.day, area, span, rng, permutations=2)
    row = stats[(stats.metric == "hawkes_theta_net") & (stats.group == "multiscale")].iloc[0]
    assert got.fit.theta == pytest.approx(published(stats, "hawkes_theta", "multiscale"), abs=0.01)
    assert got.net == pytest.approx(row.value, abs=0.015)


def test_workload_across_25_cities() -> None:
    rows = pd.read_csv(DATA / "homicides_25cities/homicides_2007_2015.csv.gz")
    rows["year"] = pd.to_datetime(rows.date).dt.year
    rows["arrest"] = rows.status == "arrest"
    panel = rows.groupby(["city", "year"]).agg(n=("uid", "size"), clear=("arrest", "mean"))
    panel = panel.reset_index()
    slope = clearance.workload_slope(panel.clear, panel.n, panel.city, panel.year)
    assert slope == pytest.approx(-1.537, abs=5e-3)


def test_people_who_join_cases_in_baltimore() -> None:
    rows = pd.read_csv(DATA / "baltimore_shootings/persons_2012_2015.csv.gz", low_memory=False)
    rows = rows[rows.description.isin(["VICTIM", "SUSPECT"])]
    x, y = incidents.metres(rows.lat, rows.lon)
    vague = (rows.name_is_vague == 1) | rows.person_uid.isna()
    # A vague name joins nobody: each is a person of their own.
    person = np.where(vague, [f"vague {k}" for k in range(len(rows))], rows.person_uid)
    day = (pd.to_datetime(rows.case_date) - pd.Timestamp("2012-01-01")).dt.days
    got = persons.overlap(rows.case_number, person, rows.description == "SUSPECT", day, x, y)
    assert got.linked_cases / got.cases == pytest.approx(0.187, abs=0.001)
    assert got.near_pairs_sharing / got.near_pairs == pytest.approx(0.0296, abs=0.001)
    assert got.suspects_also_victims / got.suspects == pytest.approx(0.122, abs=0.001)
    assert np.median(got.lags) == pytest.approx(190.0, abs=10.0)


def test_trust_follows_homicide_across_chicago() -> None:
    trust = pd.read_csv(DATA / "chicago_trust/police_sentiment_2017_2019.csv")
    trust["community"] = trust.community.str.upper()
    mean = trust.groupby("community").trust.mean()
    deaths = pd.read_csv(DATA / "area_tables/chicago_homicides_by_community_year_2007_2015.csv")
    count = deaths.groupby(deaths.community.str.upper()).homicides.sum()
    both = pd.concat([mean, count], axis=1).fillna(0.0)
    # The published figure (-0.71) is by rate; counts alone already rank areas much the same.
    assert people.spearman(both.trust, both.homicides) < -0.55
