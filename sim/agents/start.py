"""Keyed draws for building a city: arrays of uniforms, normals and names for a purpose.

A build draws by (seed, purpose, row), so a purpose can be added without moving another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.kernel import kernel
from sim.numerics import _log_array, exp_array, normal
from sim.parameters import all_parameters
from sim.random import stream, words

Floats: TypeAlias = NDArray[np.float64]
_UNIT = 1.0 / 4294967296.0


@kernel
def _fill(key, who, ordinal, purpose, uniforms, names):
    """Uniforms (n, 4) and names (n,) of `who`; either output may be empty."""
    for i in range(who.size):
        a, b, c, d = words(key, who[i], ordinal, purpose)
        if uniforms.shape[0] > 0:
            uniforms[i, 0] = (a + 0.5) * _UNIT
            uniforms[i, 1] = (b + 0.5) * _UNIT
            uniforms[i, 2] = (c + 0.5) * _UNIT
            uniforms[i, 3] = (d + 0.5) * _UNIT
        if names.shape[0] > 0:
            names[i] = (a << np.uint64(32)) | b | np.uint64(1)


@dataclass(frozen=True)
class Start:
    """Where a build gets its chance and its parameters from."""

    key: np.uint64
    values: Mapping[str, float]

    def value(self, name: str) -> float:
        """The parameter's value in force: as given, else its default."""
        got = self.values.get(name) if hasattr(self.values, "get") else None
        return float(all_parameters()[name].default if got is None else got)

    def uniforms(self, name: str, who: int | NDArray[np.integer], ordinal: int = 0) -> Floats:
        """(n, 4) uniforms in (0, 1) for rows 0..n-1, or for the rows given."""
        rows = _rows(who)
        out = np.empty((rows.size, 4), dtype=np.float64)
        _fill(self.key, rows, ordinal, stream(name), out, np.empty(0, dtype=np.uint64))
        return out

    def names(self, name: str, number: int) -> NDArray[np.uint64]:
        """(n,) 64-bit names, never 0."""
        out = np.empty(number, dtype=np.uint64)
        _fill(self.key, _rows(number), 0, stream(name), np.empty((0, 4)), out)
        return out

    def purpose(self, name: str) -> int:
        """The random stream of a purpose, for compiled code."""
        return stream(name)


def _rows(who: int | NDArray[np.integer]) -> NDArray[np.uint64]:
    if isinstance(who, np.ndarray):
        return who.astype(np.uint64)
    return np.arange(who, dtype=np.uint64)


def lognormal(u: Floats, sigma: float) -> Floats:
    """Lognormal with mean 1 from uniforms: exp(sigma z - sigma**2 / 2)."""
    out: Floats = exp_array(sigma * normal(u) - 0.5 * sigma * sigma)
    return out


def exponentials(u: Floats) -> Floats:
    """Unit exponentials from uniforms."""
    out: Floats = -_log_array(np.ascontiguousarray(u, dtype=np.float64))
    return out


def power(base: Floats, exponent: float) -> Floats:
    """base ** exponent for positive numbers, from our own logarithm and exponential."""
    out: Floats = exp_array(exponent * _log_array(np.ascontiguousarray(base, dtype=np.float64)))
    return out
