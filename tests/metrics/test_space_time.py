"""Incidents, near repeats, branching ratio, maps and weekly rhythm on data with a known answer."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.estimators import hawkes, incidents, kernels, knox, maps, weekly

sys.path.insert(0, str(Path(__file__).parent))
import synthetic_points as points


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_250_101)


def test_victims_of_one_day_and_place_are_one_incident() -> None:
    x = [0.0, 40.0, 80.0, 0.0, 500.0, 10.0]
    day = [3, 3, 3, 4, 3, 3]
    found = incidents.collapse(x, np.zeros(6), day)
    # 0, 40 and 80 m are linked in a chain; another day or 500 m away isn't the same incident.
    assert len(found.day) == 3
    assert sorted(found.victims) == [1, 1, 4]
    assert found.member[0] == found.member[1] == found.member[2] == found.member[5]
    assert incidents.multi_victim(found.victims) == (pytest.approx(1 / 3), pytest.approx(2.0))


def test_incidents_come_in_order_of_day_and_keep_every_victim(rng: np.random.Generator) -> None:
    x, y, day = points.poisson_field(500, rng)
    found = incidents.collapse(x, y, day)
    assert np.all(np.diff(found.day) >= 0)
    assert found.victims.sum() == 500
    assert np.array_equal(found.day[found.member], day)


def test_no_events_are_no_incidents() -> None:
    assert len(incidents.collapse([], [], []).day) == 0


def test_metres_of_a_hundredth_of_a_degree() -> None:
    x, y = incidents.metres([40.0, 40.01], [-75.0, -75.0])
    assert y[1] - y[0] == pytest.approx(1112.0, abs=1.0)
    assert x[1] - x[0] == pytest.approx(0.0, abs=1e-6)


def test_knox_is_one_on_a_poisson_field(rng: np.random.Generator) -> None:
    x, y, day = points.poisson_field(3000, rng)
    found = knox.knox(x, y, day, 400.0, (0, 14), rng, permutations=99)
    assert found.ratio == pytest.approx(1.0, abs=0.15)
    assert found.p > 0.01


def test_knox_is_one_on_lasting_hot_spots(rng: np.random.Generator) -> None:
    x, y, day = points.hot_spots(3000, rng)
    found = knox.knox(x, y, day, 125.0, (0, 14), rng, permutations=99)
    assert found.ratio == pytest.approx(1.0, abs=0.1)


def test_knox_finds_a_planted_near_repeat(rng: np.random.Generator) -> None:
    x, y, day = points.poisson_field(2000, rng)
    echo = rng.permutation(2000)[:100]
    x = np.concatenate([x, x[echo] + 50.0])
    y = np.concatenate([y, y[echo]])
    day = np.concatenate([day, day[echo] + 7])
    found = knox.knox(x, y, day, 125.0, (0, 14), rng, permutations=99)
    assert found.observed >= 100
    assert found.p == pytest.approx(0.01)
    # The excess over chance is the planted hundred.
    assert found.observed - found.expected == pytest.approx(100.0, abs=25.0)


def test_permuting_within_half_years_moves_no_date_out_of_its_half_year(
    rng: np.random.Generator,
) -> None:
    day = rng.integers(0, 1460, size=400)
    half = knox.half_years(day)
    dealt = knox.permute(day, half, rng)
    assert np.array_equal(knox.half_years(dealt), half)
    assert np.array_equal(np.sort(dealt), np.sort(day))
    assert not np.array_equal(dealt, day)


def test_half_year_null_absorbs_drift_of_the_hot_spots(rng: np.random.Generator) -> None:
    # The hot spot moves each half-year: no repeat inside one, but a plain permutation sees one.
    day = np.sort(rng.integers(0, 1460, size=2000))
    centre = 3000.0 * knox.half_years(day)
    x = centre + rng.normal(0.0, 300.0, size=2000)
    y = rng.normal(0.0, 300.0, size=2000)
    plain = knox.knox(x, y, day, 125.0, (0, 14), rng, permutations=49)
    within = knox.knox(x, y, day, 125.0, (0, 14), rng, knox.half_years(day), permutations=49)
    assert plain.ratio > 4.0
    assert within.ratio == pytest.approx(1.0, abs=0.1)


def area_of(x: np.ndarray, y: np.ndarray) -> float:
    return float(maps.cell_counts(x, y, 300.0, (0.0, 0.0)).size) * 300.0**2


@pytest.mark.parametrize("theta", [0.2, 0.4])
def test_hawkes_net_recovers_most_of_a_planted_branching_ratio(
    theta: float, rng: np.random.Generator
) -> None:
    x, y, day = points.hawkes(1400, theta, 10.0, 150.0, rng)
    found = hawkes.net(x, y, day, area_of(x, y), points.DAYS, rng, permutations=3)
    # About 0.6 of the truth by design: what can't be told from a hot spot isn't counted.
    assert 0.4 * theta < found.net < 1.1 * theta
    assert found.fit.lag_days == pytest.approx(10.0, abs=5.0)
    assert found.fit.sigma_m == pytest.approx(150.0, abs=60.0)


@pytest.mark.parametrize("field", [points.poisson_field, points.hot_spots])
def test_hawkes_net_is_nothing_without_contagion(field, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    x, y, day = field(1500, rng)
    found = hawkes.net(x, y, day, area_of(x, y), points.DAYS, rng, permutations=3)
    assert abs(found.net) < 0.04


def test_the_naive_fit_sees_contagion_in_hot_spots(rng: np.random.Generator) -> None:
    x, y, day = points.hot_spots(1500, rng)
    naive = hawkes.fit(x, y, day, area_of(x, y), points.DAYS, gap_days=0, scales_m=(1000.0,))
    assert naive.theta > 0.1


def test_many_incidents_get_the_branching_ratio_that_few_would(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y, day = points.hawkes(1400, 0.3, 10.0, 150.0, rng)
    area = area_of(x, y)
    direct = hawkes.fit(x, y, day, area, points.DAYS)
    monkeypatch.setattr(kernels, "MANY", 100)
    assert hawkes.fit(x, y, day, area, points.DAYS).theta == pytest.approx(direct.theta, abs=5e-4)


def test_hawkes_of_too_few_events_is_not_a_number(rng: np.random.Generator) -> None:
    assert np.isnan(hawkes.net([0.0], [0.0], [1], 1e6, 10.0, rng).net)


def test_gini_of_equal_and_of_one_full_cell() -> None:
    assert maps.gini([5, 5, 5, 5]) == pytest.approx(0.0)
    assert maps.gini([0, 0, 0, 8]) == pytest.approx(0.75)


def test_gini_of_a_line_is_a_third() -> None:
    assert maps.gini(np.arange(1, 2001)) == pytest.approx(1 / 3, abs=1e-3)


def test_sparse_gini_of_maximal_equality_is_nothing() -> None:
    # 30 events in 100 cells can't be more equal than one each: the plain Gini says 0.7.
    counts = np.zeros(100)
    counts[:30] = 1
    assert maps.gini(counts) == pytest.approx(0.7)
    assert maps.sparse_gini(counts) == pytest.approx(0.0, abs=1e-12)


def test_top_share_and_lorenz() -> None:
    counts = np.array([10.0] + [0.5] * 19 + [0.5])
    assert maps.lorenz(counts)[-1] == pytest.approx(1.0)
    assert maps.top_share(counts, 1 / 21) == pytest.approx(0.5)


def test_cells_are_those_near_an_incident() -> None:
    counts = maps.cell_counts([0.0, 50_000.0], [0.0, 0.0], 300.0, (0.0, 0.0))
    # Two discs of 1 km, and none of the 50 km between.
    assert counts.size * 300.0**2 == pytest.approx(2 * np.pi * 1000.0**2, rel=0.15)
    assert counts.sum() == 2


def test_a_random_map_is_as_concentrated_as_chance(rng: np.random.Generator) -> None:
    x, y, _ = points.hot_spots(2000, rng)
    hot, _, _ = maps.concentration(x, y, rng, offsets=3)
    chance, _, _ = maps.concentration(*maps.random_map(x, y, rng), rng, offsets=3)
    assert hot > 1.5 * chance


def test_halves_of_a_lasting_map_agree_and_of_noise_do_not(rng: np.random.Generator) -> None:
    x, y, _ = points.hot_spots(4000, rng)
    u, v, _ = points.poisson_field(4000, rng)
    assert maps.halves(x, y, rng) > 0.95
    # Even rates: the halves agree only on which cells are cut off by the city's edge.
    assert maps.halves(u, v, rng) < 0.75


def test_weekly_counts_leave_out_a_part_of_a_week() -> None:
    assert weekly.weekly_counts([0, 6, 7, 13, 14, 20], 0, 19).tolist() == [2.0, 2.0]


def test_poisson_weeks_with_season_and_trend_have_dispersion_one(rng: np.random.Generator) -> None:
    week = np.arange(520)
    level = 20.0 * np.exp(0.3 * np.sin(2 * np.pi * week / 52.18)) * (1.0 + 0.1 * (week // 52))
    found = weekly.rhythm(rng.poisson(level), "2012-01-01")
    assert found.dispersion == pytest.approx(1.0, abs=0.15)
    assert abs(found.memory[0]) < 0.12


def test_overdispersed_weeks_are_seen(rng: np.random.Generator) -> None:
    counts = rng.poisson(rng.gamma(10.0, 2.0, size=520))  # variance / mean = 3
    assert weekly.rhythm(counts, "2012-01-01").dispersion == pytest.approx(3.0, abs=0.5)


def test_memory_from_week_to_week(rng: np.random.Generator) -> None:
    shock = rng.normal(size=521)
    counts = rng.poisson(50.0 * np.exp(0.3 * (shock[1:] + shock[:-1])))
    assert weekly.rhythm(counts, "2012-01-01").memory[0] > 0.25


def test_summer_over_winter() -> None:
    days = pd.date_range("2012-01-01", "2015-12-31")
    extra = days[days.month.isin([6, 7, 8])]
    summer, winter = weekly.summer_winter(days.append(extra), ("2012-01-01", "2015-12-31"))
    assert summer / winter == pytest.approx(2.0)
