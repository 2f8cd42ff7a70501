"""Exponential, logarithm, normal quantiles and counts against exact arithmetic and scipy."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import special, stats

from sim.numerics import clip, exp_, exp_array, exponential, halved, log_, logistic, normal, poisson


def exact(name: str, x: float) -> Decimal:
    """e**x or ln x of a double to 40 digits."""
    with localcontext() as context:
        context.prec = 40
        return getattr(Decimal(x), name)()


def relative_error(got: float, want: Decimal) -> float:
    with localcontext() as context:
        context.prec = 40
        return float(abs((Decimal(got) - want) / want))


def test_exp_is_exact_to_two_units_of_the_fifteenth_digit() -> None:
    xs = np.concatenate(
        [np.linspace(-700.0, 700.0, 1501), np.linspace(-1.0, 1.0, 401), [0.0, 1e-300, -1e-17, 5e-9]]
    )
    worst = max(relative_error(exp_(float(x)), exact("exp", float(x))) for x in xs)
    assert worst < 2e-15
    assert exp_(0.0) == 1.0 and exp_(-701.0) == 0.0 and exp_(1e6) == exp_(700.0)
    assert exp_array(xs).tolist() == [exp_(float(x)) for x in xs]


def test_exp_never_falls() -> None:
    xs = np.linspace(-3.0, 3.0, 200_001)
    assert (np.diff(exp_array(xs)) >= 0.0).all()


def test_log_is_exact_to_one_unit_of_the_fourteenth_digit() -> None:
    xs = np.concatenate([10.0 ** np.linspace(-300, 300, 601), np.linspace(0.5, 2.0, 301)])
    worst = max(
        relative_error(log_(float(x)), exact("ln", float(x))) if x != 1.0 else abs(log_(1.0))
        for x in xs
    )
    assert worst < 1e-14
    assert log_(1.0) == 0.0


def test_log_undoes_exp() -> None:
    for x in np.linspace(-50.0, 50.0, 201):
        assert log_(exp_(float(x))) == pytest.approx(float(x), rel=1e-13, abs=1e-13)


def test_logistic_is_scipys() -> None:
    xs = np.linspace(-40.0, 40.0, 801)
    got = np.array([logistic(float(x)) for x in xs])
    assert np.allclose(got, special.expit(xs), rtol=1e-14, atol=0.0)
    assert logistic(0.0) == 0.5


def test_normal_is_the_quantile_of_the_normal() -> None:
    u = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 20_001), [2.3e-10, 0.02425, 0.97575]])
    want = special.ndtri(u)
    got = normal(u)
    assert np.abs(got - want).max() < 1e-8
    far = np.abs(want) > 1e-3
    assert (np.abs(got / want - 1.0)[far]).max() < 1.2e-9
    assert np.allclose(normal(u[:50]), -normal(1.0 - u[:50]), atol=1e-8)


@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0, 7.5, 16.0, 30.0])
def test_poisson_inverts_the_distribution(rate: float) -> None:
    u = (np.arange(4000) + 0.5) / 4000
    got = np.array([poisson(rate, float(x)) for x in u])
    assert got.tolist() == stats.poisson.ppf(u, rate).astype(int).tolist()
    assert (np.diff(got) >= 0).all()


def test_exponential_halving_and_clip() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    assert np.allclose([exponential(float(x)) for x in u], -np.log(u), rtol=1e-13)
    for half_life in (1.0, 90.0, 420.0):
        assert halved(half_life, half_life) == pytest.approx(0.5, rel=1e-15)
        assert halved(3 * half_life, half_life) == pytest.approx(0.125, rel=1e-15)
        assert halved(0, half_life) == 1.0 and halved(-5, half_life) == 1.0
    assert [clip(x, 0.0, 1.0) for x in (-1.0, 0.3, 2.0)] == [0.0, 0.3, 1.0]
