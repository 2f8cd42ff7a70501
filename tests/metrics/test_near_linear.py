"""Estimators whose work grows with the events: the figures of the exact way, and the work
counted."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from experiments.estimators import clearance, hawkes, kernels, knox, near, persons, relational

sys.path.insert(0, str(Path(__file__).parent))
import synthetic_points as points

Floats = points.Floats
Ints = points.Ints


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_250_102)


def strip(n: int, rng: np.random.Generator) -> tuple[Floats, Floats, Ints]:
    """n events at one density on a strip that grows with them, over four years."""
    x = rng.uniform(0.0, 12.0 * n, size=n)
    return x, rng.uniform(0.0, 6000.0, size=n), rng.integers(0, points.DAYS, size=n)


def every_pair(
    x: Floats, y: Floats, day: Ints, within_m: float, lags: tuple[int, int]
) -> list[tuple[int, int]]:
    """(late, early) by looking at everything, in the order promised."""
    order = np.argsort(day, kind="stable")
    found = []
    for i in range(len(day)):
        for j in range(i):
            a, b = order[i], order[j]
            close = (x[a] - x[b]) ** 2 + (y[a] - y[b]) ** 2 <= within_m**2
            if close and lags[0] <= day[a] - day[b] <= lags[1]:
                found.append((int(a), int(b)))
    return found


@pytest.mark.parametrize("lags", [(1, 60), (0, 14), (15, 28)])
def test_close_pairs_are_those_found_by_looking_at_all(
    lags: tuple[int, int], rng: np.random.Generator
) -> None:
    x, y, day = points.hot_spots(500, rng)
    x[0] = 9e8  # one address gone astray costs nothing
    found = near.close_pairs(x, y, day, 700.0, lags)
    expected = every_pair(x, y, day, 700.0, lags)
    assert expected
    assert list(zip(found.late.tolist(), found.early.tolist(), strict=True)) == expected
    assert np.array_equal(found.lag, day[found.late] - day[found.early])


def test_places_exactly_as_far_apart_as_asked_are_pairs(rng: np.random.Generator) -> None:
    x, y = 100.0 * rng.integers(0, 30, size=(2, 400))
    day = rng.integers(0, 60, size=400)
    found = near.close_pairs(x + 0.1, y + 0.3, day, 300.0, (0, 60))
    tree = cKDTree(np.column_stack([x, y])).query_pairs(300.001, output_type="ndarray")
    assert len(found.late) == pytest.approx(len(tree), abs=0.02 * len(tree))
    exact = near.close_pairs(x, y, day, 300.0, (0, 60))
    assert len(exact.late) == len(tree)


@pytest.mark.parametrize("n", [0, 1])
def test_one_event_has_no_pairs(n: int) -> None:
    found = near.close_pairs(np.zeros(n), np.zeros(n), np.zeros(n), 10.0, (0, 1))
    assert len(found.late) == 0
    assert found.visited == 0


def test_twice_the_ground_or_twice_the_years_are_twice_the_work(rng: np.random.Generator) -> None:
    def work(x: Floats, y: Floats, day: Ints) -> int:
        return near.close_pairs(x, y, day, 1500.0, (1, 60)).visited

    once, twice = work(*strip(2000, rng)), work(*strip(4000, rng))
    assert 1.8 < twice / once < 2.3
    x, y, day = strip(2000, rng)
    u, v, later = strip(2000, rng)
    longer = np.concatenate([day, later + points.DAYS])
    years = work(np.concatenate([x, u]), np.concatenate([y, v]), longer)
    assert 1.8 < years / once < 2.3
    # Everything within 60 days, as it was, would be many times that.
    assert once < 0.5 * 2000 * 2000 * 60 / points.DAYS


def test_knox_counts_what_all_pairs_in_space_would(rng: np.random.Generator) -> None:
    x, y, day = points.hot_spots(800, rng)
    half = knox.half_years(day)
    pairs = cKDTree(np.column_stack([x, y])).query_pairs(400.0, output_type="ndarray")

    def count(dates: Ints) -> int:
        lag = np.abs(dates[pairs[:, 0]] - dates[pairs[:, 1]])
        return int(((lag >= 15) & (lag <= 28)).sum())

    for strata in (half, None):
        found = knox.knox(
            x, y, day, 400.0, (15, 28), np.random.default_rng(5), strata, permutations=9
        )
        same = np.random.default_rng(5)
        assert found.observed == count(day)
        assert found.permuted.tolist() == [count(knox.permute(day, strata, same)) for _ in range(9)]
    # Pairs years apart, which no permutation within half-years brings together, aren't kept.
    assert len(knox._possible(x, y, day, 400.0, 28, half).late) < 0.5 * len(pairs)


def test_aftermath_and_overlap_count_what_all_pairs_in_space_would(
    rng: np.random.Generator,
) -> None:
    x, y, day = points.hot_spots(600, rng)
    cleared = rng.random(600) < 0.5
    found = clearance.aftermath(x, y, day, cleared, 0, points.DAYS, 800.0, 365)
    close = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= 800.0**2
    lag = day - day[:, None]
    after = (close & (lag > 0) & (lag <= 365)).sum(axis=1)
    whole = (day >= 365) & (day + 365 <= points.DAYS)
    assert found.after_open == pytest.approx(after[whole & ~cleared].mean())
    assert found.open_cases == int((whole & ~cleared).sum())
    person = rng.integers(0, 200, size=600)
    joined = persons.overlap(np.arange(600), person, np.zeros(600, bool), day, x, y, 400.0, 14)
    expected = every_pair(x, y, day, 400.0, (0, 14))
    assert joined.near_pairs == len(expected)
    assert joined.near_pairs_sharing == sum(bool(person[a] == person[b]) for a, b in expected)


@pytest.mark.parametrize("scale_m", [100.0, 600.0, 1500.0])
def test_cells_moments_give_the_sums_added_one_by_one(
    scale_m: float, rng: np.random.Generator
) -> None:
    x, y, day = points.hot_spots(1500, rng)
    day.sort()
    scales = np.array([scale_m])
    for dates, gap in ((day, 60), (np.zeros_like(day), 0)):
        added = kernels.direct_recent_sums(x, y, dates, gap, scales)[:, 0]
        read, _ = kernels.moment_sums(x, y, dates, gap, scale_m)
        # To a thousandth; where hardly anything is near, the two ways of cutting a kernel at 4
        # standard deviations differ by more than that of next to nothing.
        beside = 1.0 / (2.0 * np.pi * scale_m**2)
        little = 1e-3 * (beside + added.mean())
        assert read == pytest.approx(added, rel=1e-3, abs=little)
        assert abs(read.sum() / added.sum() - 1.0) < 5e-4
    assert kernels.direct_sums(x, y, 4.0 * scale_m, scales)[:, 0] == pytest.approx(added)


def test_one_pair_is_read_to_a_thousandth_of_the_peak_wherever_it_lies(
    rng: np.random.Generator,
) -> None:
    peak = 1.0 / (2.0 * np.pi * 100.0**2)
    for dx, dy in rng.uniform(-380.0, 380.0, size=(300, 2)):
        x, y = np.array([0.0, dx, 1000.0]), np.array([0.0, dy, 1000.0])
        read, _ = kernels.moment_sums(x, y, np.zeros(3, dtype=np.int64), 0, 100.0)
        exact = peak * np.exp(-(dx**2 + dy**2) / (2.0 * 100.0**2))
        assert abs(read[0] - exact) < 1e-3 * peak


def test_a_denser_city_reads_no_more_cells_an_incident(rng: np.random.Generator) -> None:
    work = []
    for n in (4000, 16_000):
        x, y = rng.uniform(0.0, 6000.0, size=(2, n))
        day = np.sort(rng.integers(0, 365, size=n))
        work.append(kernels.moment_sums(x, y, day, 60, 1500.0)[1] / n)
    assert work[1] < 1.1 * work[0]
    assert work[0] < 0.5 * 4000 * 120 / 365  # fewer than the incidents that they stand for


def em_over_all_pairs(
    maps: Floats, days: float, day: Ints, square: Floats, steps: int
) -> tuple[float, float, float, Floats]:
    """(theta, lag, sigma, offspring) with every pair of the reach weighed at every step."""
    n, reach_m, reach_days = len(day), hawkes.REACH_M, hawkes.REACH_DAYS
    lag = day[:, None] - day
    pair = (lag >= 1) & (lag <= reach_days) & (square <= reach_m**2)
    weights = np.full(maps.shape[1], 1.0 / maps.shape[1])
    theta, mean, sigma = 0.1, 15.0, 200.0
    for _ in range(steps):
        two = 2.0 * sigma**2
        mass = np.exp(-np.arange(1, reach_days + 1) / mean).sum()
        mass *= np.pi * two * (1.0 - np.exp(-(reach_m**2) / two))
        pull = np.where(pair, theta / mass * np.exp(-np.abs(lag) / mean - square / two), 0.0)
        ground = (1.0 - theta) * n / days * weights * maps
        rate = pull.sum(axis=1) + ground.sum(axis=1)
        given = pull / rate[:, None]
        born = given.sum()
        before, theta = theta, born / n
        weights = (ground / rate[:, None]).sum(axis=0)
        weights /= weights.sum()
        mean = (given * lag).sum() / born
        sigma = max(np.sqrt((given * square).sum() / (2.0 * born)), hawkes.FLOOR_M)
        if abs(theta - before) < 1e-7:
            break
    return theta, mean, sigma, given.sum(axis=0)


def test_breeding_by_the_nearest_is_that_of_all_pairs(rng: np.random.Generator) -> None:
    x, y, day = points.hawkes(700, 0.3, 10.0, 60.0, rng)
    order = np.argsort(day, kind="stable")
    x, y, day = x[order], y[order], day[order]
    area, steps = points.SIDE_M**2, 200
    found = hawkes.fit(x, y, day, area, points.DAYS, gap_days=0, scales_m=(400.0,), steps=steps)
    sums = kernels.all_sums(x, y, np.array([400.0]))[:, 0] / (len(day) - 1.0)
    maps = np.column_stack([sums, np.full(len(day), 1.0 / area)])
    square = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    theta, lag, sigma, offspring = em_over_all_pairs(maps, points.DAYS, day, square, steps)
    assert found.theta == pytest.approx(theta, rel=1e-7)
    assert found.lag_days == pytest.approx(lag, rel=1e-7)
    assert found.sigma_m == pytest.approx(sigma, rel=1e-7)
    assert found.offspring == pytest.approx(offspring, abs=1e-7)


def test_an_em_step_reads_what_is_near_on_the_scale_of_breeding(rng: np.random.Generator) -> None:
    def read(n: int, steps: int) -> tuple[int, int]:
        """(pairs read in so many steps, pairs there are), one in three bred within 40 m."""
        x, y, day = strip(n, rng)
        third = n // 3
        x[:third], y[:third] = x[-third:] + rng.normal(0, 40.0, third), y[-third:]
        day[:third] = day[-third:] + rng.integers(1, 20, third)
        order = np.argsort(day, kind="stable")
        x, y, day = x[order], y[order], day[order]
        pairs = near.close_pairs(x, y, day, hawkes.REACH_M, (1, hawkes.REACH_DAYS))
        rows = np.searchsorted(pairs.late, np.arange(n + 1))
        sorted_pairs = hawkes._nearest_first(rows, pairs.early, pairs.lag, pairs.square)
        maps, reach = np.full((n, 1), 1.0 / (72_000.0 * n)), (hawkes.REACH_M, hawkes.REACH_DAYS)
        found = hawkes._em(maps, points.DAYS, rows, *sorted_pairs, *reach, hawkes.FLOOR_M, steps)
        return found[-1], len(pairs.late)

    (first, pairs), (later, _), (twice, _) = read(2000, 1), read(2000, 9), read(4000, 9)
    assert 0.8 * pairs < first <= pairs  # the first step takes breeding to be wide
    assert later < 9 * 0.5 * pairs
    assert 1.8 < twice / later < 2.2


def by_all_pairs(
    a: Ints, b: Ints, day: Ints, rival: Floats, beta: Floats, fade: float
) -> tuple[Floats, Floats]:
    """Gradient and information with every ordered pair of gangs weighed at every attack."""
    off = ~np.eye(len(rival), dtype=bool)
    heat = np.zeros(rival.shape)
    gradient, information = np.zeros(3), np.zeros((3, 3))
    for e in range(len(a)):
        if e:
            heat *= np.exp(-(day[e] - day[e - 1]) / fade)
        x = np.stack([rival, np.log1p(heat), np.log1p(heat.T)])
        w = np.exp(np.tensordot(beta, x, 1))[off]
        z = x[:, off]
        mean = z @ w / w.sum()
        gradient += x[:, a[e], b[e]] - mean
        information += (z * w) @ z.T / w.sum() - np.outer(mean, mean)
        heat[a[e], b[e]] += 1.0
    return gradient, information


def attacks(gangs: int, n: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Attacks of gangs on those next to them in a ring."""
    a = rng.integers(0, gangs, size=n)
    b = (a + rng.choice([-2, -1, 1, 2], size=n)) % gangs
    return a, b, np.sort(rng.integers(0, 365, size=n))


def test_attacks_weighed_by_dyad_give_the_terms_of_all_pairs(rng: np.random.Generator) -> None:
    a, b, day = attacks(15, 300, rng)
    rival = (rng.random((15, 15)) < 0.2).astype(float)
    beta = np.array([1.5, 0.7, -0.4])
    held = relational._by_dyad(a, b, day.astype(float), rival)
    gradient, information, _ = relational._terms(held, beta, 180.0)
    g, i = by_all_pairs(a, b, day, rival, beta, 180.0)
    assert gradient == pytest.approx(g, rel=1e-9, abs=1e-9)
    assert information == pytest.approx(i, rel=1e-9, abs=1e-9)


def test_twice_the_gangs_and_attacks_are_twice_the_work(rng: np.random.Generator) -> None:
    work = []
    for gangs, n in ((100, 3000), (200, 6000)):
        a, b, day = attacks(gangs, n, rng)
        held = relational._by_dyad(a, b, day.astype(float), np.zeros((gangs, gangs)))
        work.append(relational._terms(held, np.zeros(3), 180.0)[2])
    assert work[1] / work[0] == pytest.approx(2.0, abs=0.1)
    assert work[0] < 0.02 * 3000 * 100 * 99
