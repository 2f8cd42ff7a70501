"""What a network study attributes: the figures of all pairs of shootings, and the work counted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from experiments.estimators import cascades

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PEOPLE = 200


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_250_103)


def ring(people: int) -> tuple[Ints, Ints]:
    """Everyone tied to the next and the one after: 12 people within 3 steps of each."""
    one = np.arange(people)
    return np.tile(one, 2), np.concatenate([(one + 1) % people, (one + 2) % people])


def outbreak(days: int, seeds: int, memory: float, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """(people shot, days), in no order: `seeds` shootings that breed 0.6 each among the next
    four."""
    shot = [(int(k), float(d)) for k, d in rng.uniform(0, [PEOPLE, days], size=(seeds, 2))]
    for k, day in shot:  # grows while it is read
        for step in (-2, -1, 1, 2):
            when = day + rng.exponential(memory)
            if rng.random() < 0.15 and when < days:
                shot.append(((k + step) % PEOPLE, when))
    target, day = np.array(shot).T
    mixed = rng.permutation(len(shot))
    return target[mixed].astype(np.int64), day[mixed].astype(np.int64)


def by_all_pairs(a: Ints, b: Ints, target: Ints, day: Ints, last_day: int) -> tuple[float, ...]:
    """(attributed, sum of lags, alpha, memory) with every pair of shootings weighed at every
    step."""
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(PEOPLE, PEOPLE))
    steps = shortest_path(graph, directed=False, unweighted=True)
    weight = np.where((steps > 0) & (steps <= cascades.STEPS), 1.0 / np.maximum(steps, 1) ** 2, 0.0)
    mass = weight.sum(axis=1)[target]
    lag = (day[:, None] - day).astype(float)  # of each shooting (row) after each other
    share = np.where(lag > 0, weight[target][:, target], 0.0)
    exposure, left = PEOPLE * (last_day - day.min() + 1.0), last_day - day
    mu, alpha, beta = 0.5 * len(day) / exposure, 0.005, 1.0 / 150.0
    for _ in range(500):
        pull = alpha * beta * share * np.exp(-beta * np.maximum(lag, 0.0))
        rate = mu + pull.sum(axis=1)
        given = pull / rate[:, None]
        gone = np.exp(-beta * left)
        before, born = alpha, given.sum()
        mu, alpha = (mu / rate).sum() / exposure, born / (mass * (1.0 - gone)).sum()
        lost = alpha * (mass * gone * left).sum()
        beta = min(max(born / ((given * lag).sum() + lost), 1.0 / 2000.0), 1.0)
        if abs(alpha - before) < 1e-9:
            break
    pull = alpha * beta * share * np.exp(-beta * np.maximum(lag, 0.0))
    caught = pull.sum(axis=1) > mu
    lags = lag[np.arange(len(day)), pull.argmax(axis=1)]
    return float(caught.sum()), float(lags[caught].sum()), float(alpha), float(1.0 / beta)


# A few years, in which nothing is let go; a hundred with a memory of a month, in which most is; and
# a memory that outgrows the days first looked back.
@pytest.mark.parametrize(
    ("days", "seeds", "memory"), [(1500, 250, 60.0), (36_500, 350, 30.0), (9000, 300, 500.0)]
)
def test_attribution_is_that_of_all_pairs(
    days: int, seeds: int, memory: float, rng: np.random.Generator
) -> None:
    a, b = ring(PEOPLE)
    target, day = outbreak(days, seeds, memory, rng)
    day[:40] = day[40:80]  # shootings on one day aren't each other's
    target[:20] = target[40:60]  # nor a person's own
    found = cascades.contagion(a, b, target, day, days)
    attributed, lag_sum, alpha, memory_days = by_all_pairs(a, b, target, day, days)
    assert 0.2 * len(day) < attributed < len(day)
    assert (found.attributed, found.lag_sum) == (attributed, lag_sum)
    assert found.alpha == pytest.approx(alpha, rel=1e-6)
    assert found.memory_days == pytest.approx(memory_days, rel=1e-6)


def test_what_is_let_go_is_less_than_the_bound_stated(rng: np.random.Generator) -> None:
    a, b = ring(PEOPLE)
    target, day = outbreak(20_000, 600, 40.0, rng)
    heard = in_order(a, b, target, day)
    beta, window = 1.0 / 40.0, int(40.0 * cascades.FAINT)
    assert len(heard.within(window)[1]) < 0.5 * len(heard.within(20_000)[1])
    near, far = (pulls(heard, heard.within(days), beta) for days in (window, 20_000))
    most = np.exp(-cascades.FAINT) * pulls(heard, heard.within(20_000), 0.0)
    assert np.all(far - near <= most * (1.0 + 1e-9) + 1e-15 * far)
    assert np.any(far > near)


def in_order(a: Ints, b: Ints, target: Ints, day: Ints) -> cascades._Heard:
    order = np.argsort(day, kind="stable")
    first, near = cascades.neighbours(a, b, int(a.max()) + 1)
    return cascades._Heard.of(first, near, target[order], day[order])


def pulls(heard: cascades._Heard, found: tuple[Ints, Ints, Floats, int], beta: float) -> Floats:
    """What each shooting hears, over alpha times beta."""
    rows, parent, weight, _ = found
    day, n = heard.day, len(heard.day)
    echo, echo_lag = np.empty(n), np.empty(n)
    cascades._echo(heard.before, day, np.exp(-beta * np.arange(20_001)), echo, echo_lag)
    child = np.repeat(np.arange(n), np.diff(rows))
    pull = weight * np.exp(-beta * (day[child] - day[parent])) * echo[parent]
    return np.bincount(child, weights=pull, minlength=n)


def test_twice_the_years_or_twice_the_city_are_twice_the_work(rng: np.random.Generator) -> None:
    def work(people: int, shootings: int, days: int) -> tuple[int, int]:
        """(heard by the shootings, looked at for it), of 1,000 days back."""
        target, day = rng.integers(0, [people, days], size=(shootings, 2)).T
        found = in_order(*ring(people), target, day).within(1000)
        return len(found[1]), found[3]

    once = work(1000, 2000, 4000)
    for more in (work(1000, 4000, 8000), work(2000, 4000, 4000)):
        assert 1.8 < more[0] / once[0] < 2.2
        assert 1.8 < more[1] / once[1] < 2.3
    # All pairs within reach would be twice as many a shooting in twice the years.
    assert once[0] < 0.5 * (2000 * 2000 / 2) * 12 / 1000


def test_a_deadlier_network_is_heard_by_person(rng: np.random.Generator) -> None:
    work = []
    for shootings in (4000, 16_000):
        target, day = rng.integers(0, [PEOPLE, 4000], size=(shootings, 2)).T
        work.append(len(in_order(*ring(PEOPLE), target, day).within(4000)[1]) / shootings)
    assert work[0] < work[1] <= 12.0  # the people within reach, however often they are shot
    assert work[1] < 1.1 * work[0]
