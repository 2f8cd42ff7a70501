"""The points of a design: sampled or listed, with crossed factors laid over each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.sweep import sampling
from experiments.sweep.factors import Factor
from sim.errors import UserError
from sim.scenario import is_number
from sim.words import nearest, shown


def sampled(
    method: str, factors: tuple[Factor, ...], size: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points and the sampled point of each, crossed factors laid over every sampled point."""
    own = [k for k, f in enumerate(factors) if not f.cross]
    if method == "grid":
        rows = sampling.grid([len(factors[k].values) for k in own]).astype(np.float64)
    else:
        unit = sampling.unit_points(method, size, len(own), seed)
        rows = np.empty_like(unit)
        for j, k in enumerate(own):
            f = factors[k]
            if f.values:
                n = len(f.values)
                rows[:, j] = np.minimum((unit[:, j] * n).astype(np.int64), n - 1)
            else:
                rows[:, j] = [float(f.at(u)) for u in unit[:, j].tolist()]
    return _crossed(factors, own, rows)


def _crossed(
    factors: tuple[Factor, ...], own: list[int], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    others = [k for k in range(len(factors)) if k not in own]
    arms = sampling.grid([len(factors[k].values) for k in others])
    points = np.empty((len(rows) * len(arms), len(factors)))
    points[:, own] = np.repeat(rows, len(arms), axis=0)
    points[:, others] = np.tile(arms, (len(rows), 1))
    return points, np.repeat(np.arange(len(rows)), len(arms))


def listed(
    factors: tuple[Factor, ...], given: list[dict[str, Any]], where: str
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    own = [k for k, f in enumerate(factors) if not f.cross]
    if not given:
        raise UserError(f"{where}: method = 'list' needs [[point]] tables")
    names = {factors[k].name: k for k in own}
    rows = np.empty((len(given), len(own)))
    for n, point in enumerate(given):
        here = f"{where}: point {n + 1}"
        for key in point:
            if key not in names:
                raise UserError(f"{here}: no factor {shown(key)}{nearest(str(key), names)}")
        for j, k in enumerate(own):
            factor = factors[k]
            if factor.name not in point:
                raise UserError(f"{here}: says nothing of {factor.name}; every point names all")
            rows[n, j] = _position(factor, point[factor.name], here)
    return _crossed(factors, own, rows)


def _position(factor: Factor, value: Any, where: str) -> float:
    if factor.numeric:
        if not is_number(value) or not factor.low <= value <= factor.high:
            raise UserError(
                f"{where}: {factor.name} = {shown(value)}: expected {factor.low:g} to "
                f"{factor.high:g}"
            )
        return float(value)
    if value not in factor.values:
        raise UserError(
            f"{where}: {factor.name} = {shown(value)}: expected one of "
            f"{', '.join(map(str, factor.values))}"
        )
    return float(factor.values.index(value))
