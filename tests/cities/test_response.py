"""The response that a fit learns from its trials: known answers, and better than single secants."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.cities import response

ASSUMED = np.array([1.6, 1.0, -0.4])
SLACK = np.full(3, 0.04)
LOW, HIGH = np.full(3, -2.0), np.full(3, 2.0)


def test_planes_find_slopes_that_were_planted() -> None:
    rng = np.random.default_rng(4)
    true = np.array([[1.3, 0.1, 0.0], [-0.1, 0.8, 0.05], [0.2, 0.0, -0.5]])
    at = np.array([0.2, -0.3, 0.1])
    turns = list(rng.uniform(-0.5, 0.5, (40, 3)))
    misses = [true @ (x - at) + rng.normal(0, 0.01, 3) for x in turns]
    level, slopes = response.planes(turns, misses, ASSUMED, at)
    assert level == pytest.approx(np.zeros(3), abs=0.02)
    assert slopes == pytest.approx(true, abs=0.08)
    assert response.aim(level, slopes, SLACK, at, LOW, HIGH) == pytest.approx(at, abs=0.06)


def test_one_trial_leaves_what_was_assumed() -> None:
    miss = np.array([0.3, np.nan, 0.1])
    level, slopes = response.planes([np.zeros(3)], [miss], ASSUMED, np.zeros(3))
    assert slopes == pytest.approx(np.diag(ASSUMED), abs=1e-6)
    assert level == pytest.approx([0.3, 0.0, 0.1], abs=1e-3)
    x = response.aim(level, slopes, SLACK, np.zeros(3), LOW, HIGH)
    assert x == pytest.approx(-np.array([0.3, 0.0, 0.1]) / ASSUMED, abs=0.02)


def test_bounds_hold_and_a_shut_knob_stays() -> None:
    low, high = np.array([-0.1, 0.0, -1.0]), np.array([0.1, 0.0, 1.0])
    x = response.aim(np.array([1.0, 1.0, 0.1]), np.diag(ASSUMED), SLACK, np.zeros(3), low, high)
    assert x[0] == pytest.approx(-0.1, abs=1e-6) and abs(x[1]) < 1e-6 and 0.1 < x[2] < 0.4


def test_misses_shrink_in_spite_of_luck_and_cross_effects() -> None:
    """Of 60 random cities, nearly all end within twice the luck of a trial after eight trials."""
    near = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        true = np.diag(ASSUMED * rng.uniform(0.5, 1.5, 3)) + rng.normal(0, 0.12, (3, 3))
        at, x = rng.uniform(-0.6, 0.6, 3), np.zeros(3)
        turns, misses = [], []
        for _ in range(8):
            miss = np.expm1(0.5 * true @ (x - at)) * 2.0 + rng.normal(0, 0.02, 3)
            turns.append(x)
            misses.append(miss)
            best = int(np.argmin([np.max(np.abs(m)) for m in misses]))
            level, slopes = response.planes(turns, misses, ASSUMED, turns[best])
            x = response.aim(level, slopes, SLACK, turns[best], LOW, HIGH)
        near += min(float(np.max(np.abs(m))) for m in misses) < 0.04
    assert near >= 54
