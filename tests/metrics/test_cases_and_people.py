"""Clearance, regressions, cascades, who attacks whom, and people's tables, each with a known
answer."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.estimators import cascades, clearance, glm, people, persons, relational


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_poisson_regression_recovers_planted_coefficients(rng: np.random.Generator) -> None:
    x = rng.normal(size=(20_000, 2))
    y = rng.poisson(np.exp(0.5 + 0.3 * x[:, 0] - 0.2 * x[:, 1]))
    fit = glm.poisson(np.column_stack([np.ones(len(x)), x]), y)
    assert fit.beta == pytest.approx([0.5, 0.3, -0.2], abs=4 * fit.error.max())


def test_logit_on_a_table_is_the_log_odds_ratio() -> None:
    y = np.repeat([1, 0, 1, 0], [30, 10, 20, 40])
    given = np.repeat([1, 1, 0, 0], [30, 10, 20, 40])
    fit = glm.logit(np.column_stack([np.ones(100), given]), y)
    assert fit.beta[1] == pytest.approx(np.log(30 * 40 / (10 * 20)), abs=1e-4)
    assert fit.error[1] == pytest.approx(np.sqrt(1 / 30 + 1 / 10 + 1 / 20 + 1 / 40), abs=1e-3)


def test_panel_slope_ignores_unit_and_time_effects(rng: np.random.Generator) -> None:
    unit, time = np.repeat(np.arange(20), 8), np.tile(np.arange(8), 20)
    x = rng.normal(size=160) + 3.0 * unit
    y = 0.7 * x + 5.0 * unit - 2.0 * time
    assert glm.panel_slope(y, x, unit, time) == pytest.approx(0.7, abs=1e-6)
    assert np.isnan(glm.panel_slope(y, unit, unit, time))


def test_clearance_of_exponential_cases_is_kaplan_meier(rng: np.random.Generator) -> None:
    opened = rng.integers(0, 1000, size=20_000)
    wait = rng.exponential(300.0, size=20_000)
    cleared = np.where(wait < 2000, opened + wait.astype(int), -1)
    done, at_risk = clearance.cleared_within(opened, cleared, 1000, 365)
    assert clearance.share_cleared(done, at_risk) == pytest.approx(
        1 - np.exp(-366 / 300), abs=0.015
    )
    # The share cleared within a year by the record's end is too low: late cases had less time.
    assert ((cleared <= 1000) & (wait <= 365)).mean() < 0.66
    assert clearance.share_cleared(done, at_risk, 2) == pytest.approx(1 - np.exp(-0.01), abs=0.004)


def test_clearance_without_cases_is_not_a_number() -> None:
    assert np.isnan(clearance.share_cleared(*clearance.cleared_within([], [], 10, 5)))


def test_aftermath_is_one_when_clearing_changes_nothing(rng: np.random.Generator) -> None:
    x, y = rng.uniform(0, 6000, size=(2, 4000))
    day = rng.integers(0, 1460, size=4000)
    found = clearance.aftermath(x, y, day, rng.random(4000) < 0.4, 0, 1459)
    assert found.ratio == pytest.approx(1.0, abs=0.03)
    assert found.open_cases + found.cleared_cases == ((day >= 365) & (day + 365 <= 1459)).sum()


def test_aftermath_sees_blocks_that_ignite_after_unsolved_cases(rng: np.random.Generator) -> None:
    x, y = rng.uniform(0, 12_000, size=(2, 2000))
    day = rng.integers(0, 1460, size=2000)
    shut = rng.random(2000) < 0.5
    spark = np.repeat(np.flatnonzero(~shut), 4)
    place = np.column_stack([x, y])[spark] + rng.normal(0, 200, size=(len(spark), 2))
    x, y = np.concatenate([x, place[:, 0]]), np.concatenate([y, place[:, 1]])
    day = np.concatenate([day, day[spark] + rng.integers(1, 300, size=len(spark))])
    shut = np.concatenate([shut, np.ones(len(spark), dtype=bool)])
    keep = day < 1460
    found = clearance.aftermath(x[keep], y[keep], day[keep], shut[keep], 0, 1459)
    assert found.ratio > 1.1


def test_workload_slope_in_points_per_tenth_more_homicides() -> None:
    city, year = np.repeat(np.arange(5), 6), np.tile(np.arange(6), 5)
    homicides = 100.0 + 10.0 * ((3 * city + 5 * year) % 7)
    clear = 0.5 + 0.02 * city - 0.01 * year - 0.15 * np.log(homicides)
    slope = clearance.workload_slope(clear, homicides, city, year)
    assert slope == pytest.approx(-100 * 0.15 * np.log(1.1), abs=1e-6)


def test_person_overlap_on_a_hand_made_list() -> None:
    # Victim 1 of case A is the suspect of case B, 10 days later and 100 m away; case C stands
    # alone.
    case = ["A", "A", "B", "B", "C"]
    person = [1, 2, 3, 1, 4]
    suspect = [False, True, False, True, False]
    day = [0, 0, 10, 10, 400]
    x = [0.0, 0.0, 100.0, 100.0, 90.0]
    found = persons.overlap(case, person, suspect, day, x, np.zeros(5))
    assert (found.cases, found.linked_cases) == (3, 2)
    assert (found.near_pairs, found.near_pairs_sharing) == (1, 1)
    assert (found.suspects, found.suspects_also_victims) == (2, 1)
    assert found.lags.tolist() == [10]


def test_consecutive_cases_of_one_person_make_a_chain_not_a_clique() -> None:
    found = persons.overlap([1, 2, 3], [9, 9, 9], [False] * 3, [0, 50, 170], [0.0] * 3, [0.0] * 3)
    assert sorted(found.lags.tolist()) == [50, 120]
    assert found.linked_cases == 3


def random_ties(n: int, degree: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    count = int(n * degree / 2)
    return rng.integers(0, n, size=count), rng.integers(0, n, size=count)


def test_no_contagion_in_a_network_is_not_attributed(rng: np.random.Generator) -> None:
    a, b = random_ties(4000, 4.0, rng)
    target, day = rng.integers(0, 4000, size=600), rng.integers(0, 2000, size=600)
    found = cascades.contagion(a, b, target, day, 2000)
    assert found.alpha < 0.01
    assert found.share < 0.25


def test_planted_contagion_in_a_network_is_found(rng: np.random.Generator) -> None:
    n, days = 4000, 2000
    a, b = random_ties(n, 4.0, rng)
    first, near = cascades.neighbours(a, b, n)
    shot = [(int(k), int(d)) for k, d in rng.integers(0, [n, days], size=(250, 2))]
    head = 0
    while head < len(shot):
        k, day = shot[head]
        head += 1
        for other in near[first[k] : first[k + 1]]:
            when = day + int(rng.exponential(100.0)) + 1
            if rng.random() < 0.12 and when < days:
                shot.append((int(other), when))
    found = cascades.contagion(a, b, [k for k, _ in shot], [d for _, d in shot], days)
    born = 1.0 - 250 / len(shot)
    # A shooting counts as caught as soon as ties outweigh the ground rate: more than were, by
    # design.
    assert born < found.share < born + 0.3
    assert found.memory_days == pytest.approx(100.0, abs=50.0)
    assert found.cascades == found.shootings - found.attributed


def test_targets_outside_the_network_are_left_out(rng: np.random.Generator) -> None:
    a, b = random_ties(50, 4.0, rng)
    found = cascades.contagion(a, b, rng.integers(50, 99, size=40), np.arange(40), 50)
    assert found.shootings == 0


def test_trees_by_true_cause() -> None:
    # 1 -> 2 -> 4, 1 -> 3; 5 alone; 6's cause isn't in the list, so it is a root.
    found = cascades.trees([4, 1, 2, 3, 5, 6], [2, 0, 1, 1, 0, 99], [30, 0, 10, 20, 5, 6])
    assert sorted(found.sizes.tolist()) == [1, 1, 4]
    assert found.depth.tolist() == [2, 0, 1, 1, 0, 0]
    assert found.delay_days[0] == 20.0
    assert found.share_with_parent == pytest.approx(0.5)
    assert np.isnan(cascades.trees([], [], []).share_with_parent)


def test_branching_process_has_the_expected_cluster_size(rng: np.random.Generator) -> None:
    event, cause, day = list(range(1, 2001)), [0] * 2000, [0] * 2000
    head = 0
    while head < len(event):
        for _ in range(rng.poisson(0.4)):
            cause.append(event[head])
            event.append(len(event) + 1)
            day.append(day[head] + 1)
        head += 1
    assert cascades.trees(event, cause, day).sizes.mean() == pytest.approx(1 / 0.6, abs=0.12)


def attacks(rng: np.random.Generator, beta: tuple[float, float, float]) -> relational.Weights:
    """900 attacks among 12 gangs drawn from the model itself."""
    rivals = np.triu(rng.random((12, 12)) < 0.2, 1)
    rivals = (rivals | rivals.T).astype(float)
    heat = np.zeros((12, 12))
    day = np.sort(rng.integers(0, 1825, size=900))
    pairs, before = [], 0
    for t in day:
        heat *= np.exp(-(t - before) / relational.FADE_DAYS)
        before = t
        score = beta[0] * rivals + beta[1] * np.log1p(heat) + beta[2] * np.log1p(heat.T)
        weight = np.exp(score) * (1 - np.eye(12))
        k = rng.choice(144, p=(weight / weight.sum()).ravel())
        pairs.append((k // 12, k % 12))
        heat[k // 12, k % 12] += 1
    a, b = np.array(pairs).T
    return relational.weights(a, b, day, rivals)


def test_relational_weights_recover_the_planted_ones(rng: np.random.Generator) -> None:
    found = attacks(rng, (1.5, 0.9, 0.3))
    got = np.array([found.rivalry, found.inertia, found.reciprocity])
    assert np.all(np.abs(got - [1.5, 0.9, 0.3]) < 4 * found.errors)
    assert np.isnan(relational.weights([0], [1], [0], np.zeros((2, 2))).rivalry)


def test_trust_slope_per_standard_deviation(rng: np.random.Generator) -> None:
    trust = rng.normal(0.5, 0.2, size=40_000)
    serious = rng.random(40_000) < 0.3
    chance = 1 / (1 + np.exp(-(-0.5 + 0.1 * (trust - 0.5) / 0.2 + 0.8 * serious)))
    slope, severity = people.trust_slope(rng.random(40_000) < chance, trust, serious)
    assert slope == pytest.approx(0.1, abs=0.04)
    assert severity == pytest.approx(0.8, abs=0.08)
    assert np.isnan(people.trust_slope(np.ones(100), trust[:100], serious[:100])[0])


def test_odds_ratio_with_and_without_weights() -> None:
    yes, given = np.repeat([1, 0, 1, 0], [30, 70, 100, 900]), np.repeat([1, 0], [100, 1000])
    assert people.odds_ratio(yes, given) == pytest.approx(30 * 900 / (70 * 100), rel=0.03)
    half = np.where(given == 1, 1.0, 2.0)
    assert people.odds_ratio(yes, given, half) == pytest.approx(30 * 900 / (70 * 100), rel=0.03)


def test_top_share_of_equal_and_of_skewed_counts() -> None:
    assert people.top_share(np.full(100, 3)) == pytest.approx(0.05)
    assert people.top_share([0, 0, 81] + [1] * 19) == pytest.approx(0.81)


def test_thinning_keeps_the_share_of_equal_officers_and_reaches_the_mean(
    rng: np.random.Generator,
) -> None:
    counts = rng.poisson(20.0, size=5000)
    thinned = people.thin(counts, 4.85, rng)
    assert thinned[thinned > 0].mean() == pytest.approx(4.85, abs=0.1)
    assert np.array_equal(people.thin(thinned, 10.0, rng), thinned)


def test_tenths_ratio_counts_people_not_areas() -> None:
    # Ten areas of 100 people with rates 1..10: the hottest tenth over the coolest is 10.
    assert people.tenths_ratio(np.arange(1, 11) * 100, np.full(10, 100)) == pytest.approx(10.0)
    assert people.tenths_ratio([5, 0], [100, 100]) == float("inf")
    assert np.isnan(people.tenths_ratio([], []))


def test_spearman_is_blind_to_scale() -> None:
    assert people.spearman([1, 2, 3, 4], [1, 8, 27, 64]) == pytest.approx(1.0)
    assert np.isnan(people.spearman([1, 1, 1], [1, 2, 3]))
