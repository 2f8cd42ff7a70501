"""The statistics of comparisons, against scipy and closed forms."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.disparity import unevenness
from experiments.statistics import (
    band,
    detectable,
    discoveries,
    half_width,
    hoover,
    paired,
    paired_columns,
    per_unit,
    replicates_for,
    replicates_needed,
    variance_ratio,
)

values = st.lists(st.floats(10.0, 1000.0), min_size=3, max_size=20)


def two_rows(n=12, effect=-3.0, seed=1, scale=5.0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(100.0, scale, n)
    return shared + rng.normal(0, 1, n), shared + effect + rng.normal(0, 1, n)


def test_t_interval_and_p_value_are_scipys():
    a, b = two_rows()
    ours = paired(a, b)
    theirs = stats.ttest_rel(b, a)
    low, high = theirs.confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((low, high))
    assert ours.p_value == pytest.approx(theirs.pvalue)
    assert ours.chance_lower == pytest.approx(
        stats.ttest_rel(b, a, alternative="less").pvalue, abs=1
    ) and (ours.chance_lower == pytest.approx(1 - stats.ttest_rel(b, a, alternative="less").pvalue))
    assert ours.method == "t" and ours.clear


def test_variance_ratio_of_a_known_correlation():
    # equal variances and correlation r: (1 + 1) / (2 - 2 r) = 1 / (1 - r)
    a = np.array([1.0, -1.0, 1.0, -1.0])
    b = np.array([1.0, -1.0, -1.0, 1.0])
    assert variance_ratio(a, b) == pytest.approx(1.0)
    assert variance_ratio(a, 0.5 * a + 0.5 * b) == pytest.approx((1 + 0.5) / 0.5)
    assert math.isnan(variance_ratio(a, a))
    assert math.isnan(variance_ratio([1.0], [2.0]))


def test_identical_arms_say_so():
    out = paired([3, 5, 2], [3, 5, 2], count=True)
    assert (out.difference, out.low, out.high, out.relative) == (0.0, 0.0, 0.0, 0.0)
    assert out.method == "identical" and not out.clear
    assert out.chance_lower == 0.5 and out.share_lower == 0.5
    assert math.isinf(out.replicates_needed)


def test_one_pair_has_no_interval():
    out = paired([10.0], [8.0])
    assert out.difference == -2.0 and math.isnan(out.low) and math.isnan(out.relative_high)
    assert not out.clear and out.method == "none"


def test_counts_that_agree_by_luck_are_not_certain():
    out = paired([5, 6, 7], [4, 5, 6], count=True)
    assert out.low < -1.0 < out.high
    assert paired([5.0, 6.0, 7.0], [4.0, 5.0, 6.0]).low == pytest.approx(-1.0)  # not events: exact


def test_few_events_are_bootstrapped_and_fieller_is_not_used():
    rng = np.random.default_rng(3)
    a, b = rng.poisson(2.0, 30), rng.poisson(2.0, 30)
    out = paired(a, b, count=True)
    assert out.method == "bootstrap"
    plain = stats.ttest_rel(b, a).confidence_interval(0.95)
    assert out.low == pytest.approx(plain.low, abs=0.2) and out.high == pytest.approx(
        plain.high, abs=0.2
    )
    assert paired(a, b, count=True) == out  # the same draws each time
    assert paired(a * 100, b * 100, count=True).method == "t"


def test_bootstrap_covers_about_95_per_cent():
    rng = np.random.default_rng(11)
    hits = sum(
        (out := paired(rng.poisson(3.0, 12), rng.poisson(2.0, 12), count=True)).low
        <= -1.0
        <= out.high
        for _ in range(300)
    )
    assert 0.91 <= hits / 300 <= 0.99


@given(values, st.floats(-0.5, 0.5), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_relative_interval_covers_zero_exactly_when_the_absolute_one_does(base, effect, seed):
    a = np.asarray(base)
    b = a * (1.0 + effect) + np.random.default_rng(seed).normal(0.0, 5.0, a.size)
    out = paired(a, b)
    assume(math.isfinite(out.relative_low) and min(abs(out.low), abs(out.high)) > 1e-6)
    assert (out.low > 0 or out.high < 0) == (out.relative_low > 0 or out.relative_high < 0)
    assert out.relative_low <= out.relative <= out.relative_high


@given(values, st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_swapping_the_arms_flips_the_sign(base, seed):
    a = np.asarray(base)
    b = a + np.random.default_rng(seed).normal(0.0, 5.0, a.size)
    one, other = paired(a, b), paired(b, a)
    assert one.difference == pytest.approx(-other.difference)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.variance_ratio == pytest.approx(other.variance_ratio)
    assert one.share_lower == pytest.approx(1 - other.share_lower)
    assert one.chance_lower == pytest.approx(1 - other.chance_lower)


@given(values, st.randoms())
@settings(max_examples=40, deadline=None)
def test_order_of_seeds_does_not_matter(base, random):
    pairs = [(x, x * 0.9 + (i % 3)) for i, x in enumerate(base)]
    mixed = random.sample(pairs, len(pairs))
    one, other = (paired(*zip(*rows, strict=True)) for rows in (pairs, mixed))
    assert (one.low, one.high, one.relative_low) == pytest.approx(
        (other.low, other.high, other.relative_low), rel=1e-6, abs=1e-9, nan_ok=True
    )


@given(st.floats(0.1, 5.0), st.floats(0.1, 50.0))
@settings(max_examples=60, deadline=None)
def test_replicates_needed_is_the_smallest_that_excludes_zero(mean, spread):
    n = replicates_needed(mean, spread)
    assume(math.isfinite(n))
    assert half_width(spread, int(n)) < mean
    assert n == 2 or half_width(spread, int(n) - 1) >= mean
    assert replicates_needed(-mean, spread) == n


def test_replicates_needed_has_edges():
    assert math.isinf(replicates_needed(0.0, 1.0))
    assert math.isinf(replicates_needed(1e-9, 1.0))
    assert replicates_needed(1.0, 0.0) == 2
    assert replicates_for(1.0, 1.0) == pytest.approx(7, abs=1)


def test_detectable_has_the_power_it_promises():
    n, spread = 10, 2.0
    shift = detectable(spread, n)
    rng = np.random.default_rng(5)
    d = rng.normal(shift, spread, (4000, n))
    t = d.mean(axis=1) / (d.std(axis=1, ddof=1) / math.sqrt(n))
    assert np.mean(t > stats.t.ppf(0.975, n - 1)) == pytest.approx(0.8, abs=0.025)
    assert math.isinf(detectable(1.0, 1)) and detectable(0.0, 5) == 0.0
    # with many pairs it is the normal formula
    assert detectable(1.0, 5000) == pytest.approx((1.95996 + 0.84162) / math.sqrt(5000), rel=1e-2)


def test_discoveries_keep_order_and_gaps():
    out = discoveries([0.04, math.nan, 0.001])
    assert math.isnan(out[1])
    assert out[[0, 2]] == pytest.approx(stats.false_discovery_control([0.04, 0.001]))
    assert np.isnan(discoveries([math.nan])).all()


def test_cost_per_unit_averted():
    cost, averted = np.full(10, 1000.0), np.array([4.0, 5, 6, 5, 4, 6, 5, 5, 4, 6])
    ratio, low, high = per_unit(cost, averted)
    assert ratio == pytest.approx(200.0) and low < 200.0 < high
    assert all(math.isnan(x) for x in per_unit(cost, averted - 5.0))
    assert all(math.isnan(x) for x in per_unit(cost, -averted))


def test_counts_fall_by_at_most_all_of_them():
    out = paired([40, 60, 55, 45], [1, 60, 1, 1], count=True)
    assert out.relative_low == -1.0 and out.low < -50.0


def test_fewer_events_are_not_called_more_uneven():
    rng = np.random.default_rng(5)
    people = np.array([4000.0, 3000.0, 2000.0, 1000.0])
    risk = people * np.array([1.0, 3.0, 2.0, 1.0])
    risk /= risk.sum()
    true = hoover(risk, people)
    one_by_one, corrected, covered = [], [], 0
    for _ in range(200):
        many, few = rng.poisson(12 * risk, (20, 4)), rng.poisson(6 * risk, (20, 4))
        one_by_one.append(np.nanmean([hoover(x, people) for x in few])
                          - np.nanmean([hoover(x, people) for x in many]))  # fmt: skip
        found = unevenness(many, few, people)
        corrected.append(found.difference)
        covered += found.low <= 0.0 <= found.high
        assert found.baseline_mean == pytest.approx(true, abs=0.15)
    assert np.mean(one_by_one) > 0.04 > 4 * abs(np.mean(corrected)) and covered > 180
    # a true change is seen
    other = rng.poisson(12 * np.array([0.05, 0.8, 0.1, 0.05]), (20, 4))
    assert unevenness(rng.poisson(12 * risk, (20, 4)), other, people).low > 0.1
    assert unevenness(np.zeros((3, 4)), np.ones((3, 4)), people) is None


def test_hoover():
    assert hoover([10, 10], [50, 50]) == 0.0
    assert hoover([10, 0], [50, 50]) == 0.5
    assert math.isnan(hoover([0, 0], [50, 50]))


def test_band_is_the_t_interval_of_the_mean():
    rows = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    mean, low, high = band(rows)
    assert mean.tolist() == [2.0, 5.0] and low[1] == high[1] == 5.0
    assert high[0] - mean[0] == pytest.approx(half_width(1.0, 3))
    assert np.isnan(band(rows[:1])[1]).all()


def test_many_columns_at_once_agree_with_one_by_one():
    rng = np.random.default_rng(2)
    a, b = rng.poisson(30.0, (8, 5)), rng.poisson(28.0, (8, 5))
    b[:, 0] = a[:, 0]
    mean, low, high = paired_columns(a, b, count=True)
    for k in range(5):
        one = paired(a[:, k], b[:, k], count=True)
        assert (mean[k], low[k], high[k]) == pytest.approx((one.difference, one.low, one.high))
    assert np.isnan(paired_columns(a[:1], b[:1])[1]).all()
    with pytest.raises(ValueError):
        paired_columns(a, b[:4])


@pytest.mark.parametrize(
    "a, b", [([], []), ([1.0], [1.0, 2.0]), ([np.nan], [1.0]), ([[1.0]], [[1.0]])]
)
def test_bad_rows_are_refused(a, b):
    with pytest.raises(ValueError):
        paired(a, b)
