"""Which parameters are calibrated, and where they may lie: the declared ranges are the priors.

Uniform within the range; on a log scale where its ends differ tenfold or more.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError

Floats = NDArray[np.float64]

USUAL = (
    "dispute_rate", "rivalry_rate", "inertia_rate", "retaliation", "contagion", "grievance_tail",
    "near_home", "late_clearance", "early_clearance", "witness_trust", "suspicion",
    "estrangement", "withdrawal_violence", "bad_good_ratio", "arms_victim",
)  # fmt: skip
"""What moves the facts most and has the least evidence of its own."""
_TENFOLD = 10.0


@dataclass(frozen=True)
class Space:
    """Names and ranges of the calibrated parameters; points are rows in the unit cube."""

    names: tuple[str, ...]
    low: Floats
    high: Floats
    logged: NDArray[np.bool_]

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
        low = np.array([row.low for row in rows], dtype=np.float64)
        high = np.array([row.high for row in rows], dtype=np.float64)
        with np.errstate(divide="ignore"):
            logged = (low > 0) & (high >= _TENFOLD * low)
        return cls(tuple(names), low, high, logged)

    def at(self, unit: Floats) -> list[dict[str, float]]:
        """Parameter values of points (n, d) in the unit cube, to six significant digits."""
        low = np.where(self.logged, np.log(np.maximum(self.low, 1e-300)), self.low)
        high = np.where(self.logged, np.log(np.maximum(self.high, 1e-300)), self.high)
        raw = low + np.asarray(unit) * (high - low)
        values = np.clip(np.where(self.logged, np.exp(raw), raw), self.low, self.high)
        return [
            {
                name: _rounded(value, low_, high_)
                for name, value, low_, high_ in zip(
                    self.names, row, self.low, self.high, strict=True
                )
            }
            for row in values
        ]

    def unit(self, values: Mapping[str, float]) -> Floats:
        """The place of a set of values in the unit cube."""
        out = []
        for name, low, high, logged in zip(
            self.names, self.low, self.high, self.logged, strict=True
        ):
            at = values[name]
            if logged:
                out.append(np.log(at / low) / np.log(high / low))
            else:
                out.append((at - low) / (high - low))
        return np.array(out)


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
