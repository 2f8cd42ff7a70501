"""Before a comparison is run: what difference could so many replicates tell from luck?

A small pilot of every arm gives each headline's spread of paired differences. A spread from few
pairs is itself uncertain, so its upper 80 % bound (chi-squared) is used: the promise is meant to
be kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

PILOT = 4
POWER = 0.8


@dataclass(frozen=True)
class Detectable:
    """The smallest true difference that a comparison would see, for one arm and outcome."""

    arm: str
    outcome: str
    unit: str
    baseline: float
    spread: float
    """Of paired differences: upper 80 % bound."""
    difference: float
    relative: float
    """`difference` over the baseline's mean; NaN where that is 0."""


@dataclass(frozen=True)
class Prospect:
    """What `replicates` pairs could detect with a power of 80 % at 95 % confidence."""

    replicates: int
    pilot: int
    rows: tuple[Detectable, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "replicates": self.replicates,
            "pilot_pairs": self.pilot,
            "power": POWER,
            "outcomes": [asdict(row) for row in self.rows],
        }

    def lines(self) -> list[str]:
        """For the terminal."""
        out = [
            f"With {self.replicates} paired seeds, a true difference this large would be told "
            "from luck "
            f"{POWER:.0%} of the time",
            f"(from a pilot of {self.pilot} pairs, spreads taken at their upper 80 % bound):",
            "",
        ]
        for row in self.rows:
            share = f" ({row.relative:.0%} of the baseline)" if math.isfinite(row.relative) else ""
            out.append(f"  {row.arm}: {row.outcome}: {row.difference:,.3g} {row.unit}{share}")
        return out


def detectable_by(
    scenarios: Sequence[Any], replicates: int, *, pilot: int = PILOT, **asked: Any
) -> Prospect:
    """Run the pilot (in a temporary folder) and work out what `replicates` pairs would detect.

    `asked` goes to `experiments.compare`. Raises UserError as that does.
    """
    from scipy import stats

    from experiments.comparing import compare
    from experiments.statistics import detectable
    from sim.errors import UserError

    if replicates < 2:
        raise UserError(f"--replicates {replicates}: at least 2 are needed to see a difference")
    result = compare(scenarios, replicates=pilot, **asked)
    rows = []
    for row in result.differences():
        if not row.headline:
            continue
        r = row.result
        upper = (
            r.spread * math.sqrt((r.n - 1) / stats.chi2.ppf(0.2, r.n - 1)) if r.n > 1 else math.nan
        )
        difference = detectable(upper, replicates, power=POWER)
        relative = difference / abs(r.baseline_mean) if r.baseline_mean else math.nan
        rows.append(
            Detectable(
                row.arm,
                row.outcome.title,
                row.outcome.unit,
                r.baseline_mean,
                upper,
                difference,
                relative,
            )
        )
    return Prospect(replicates, len(result.seeds()), tuple(rows))
