"""Which parameters are calibrated, and where they may lie: the declared ranges are the priors.

The prior is that of drawn sets everywhere else (`experiments.ensemble.Range`): half of the mass on
either side of the default, falling to nothing at the range's ends. A place in the unit cube is the
vector of its quantiles, so a default stands at 0.5.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.ensemble import Range
from sim.errors import UserError

Floats = NDArray[np.float64]

USUAL = (
    "dispute_rate", "rivalry_rate", "inertia_rate", "retaliation", "contagion", "grievance_tail",
    "near_home", "late_clearance", "early_clearance", "witness_trust", "suspicion",
    "estrangement", "withdrawal_violence", "bad_good_ratio", "arms_victim",
)  # fmt: skip
"""What moves the facts most and has the least evidence of its own."""


@dataclass(frozen=True)
class Space:
    """Names and ranges of the calibrated parameters; points are rows in the unit cube."""

    ranges: tuple[Range, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.ranges)

    @classmethod
    def of(cls, names: Sequence[str] = USUAL) -> Space:
        """From the declared ranges. Raises UserError for a name that is no parameter, or twice."""
        from sim.parameters import all_parameters

        known = all_parameters()
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else "; see `peel parameters`"
                raise UserError(f"--parameters: no parameter {name!r}{hint}")
        if not names or len(set(names)) != len(names):
            raise UserError("--parameters: expected at least one name, each once")
        rows = [known[name] for name in names]
        return cls(tuple(Range(row.name, row.default, row.low, row.high) for row in rows))

    def at(self, unit: Floats) -> list[dict[str, float]]:
        """Parameter values of points (n, d) in the unit cube, to six significant digits."""
        return [
            {
                row.name: _rounded(row.at(float(u)), row.low, row.high)
                for row, u in zip(self.ranges, point, strict=True)
            }
            for point in np.atleast_2d(unit)
        ]

    def scaled(self, unit: Floats) -> Floats:
        """The same points (n, d) as shares of the way through each range, 0 to 1, on its own scale
        (log or linear): what emulators see, for figures are smoother in values than in quantiles.
        """
        u = np.atleast_2d(unit)
        middle = np.array([row.share(row.default) for row in self.ranges])
        below = middle * np.sqrt(2.0 * np.minimum(u, 0.5))
        above = 1.0 - (1.0 - middle) * np.sqrt(2.0 * (1.0 - np.maximum(u, 0.5)))
        return np.asarray(np.where(u < 0.5, below, above))

    def unit(self, values: Mapping[str, float]) -> Floats:
        """The place of a set of values in the unit cube."""
        return np.array([row.place(values[row.name]) for row in self.ranges])


def _rounded(value: float, low: float, high: float) -> float:
    return min(max(float(f"{value:.6g}"), float(low)), float(high))


def latin(dimensions: int, count: int, seed: int) -> Floats:
    """A Latin hypercube, (count, dimensions), optimised for even spread."""
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(dimensions, optimization="random-cd", rng=_generator(seed))
    return np.asarray(sampler.random(count))


def sobol(dimensions: int, count: int, seed: int) -> Floats:
    """Many even candidates: the first `count` of a scrambled Sobol sequence's power of two."""
    from scipy.stats import qmc

    power = int(np.ceil(np.log2(max(count, 2))))
    sampler = qmc.Sobol(dimensions, scramble=True, rng=_generator(seed))
    return np.asarray(sampler.random_base2(power)[:count])


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))
