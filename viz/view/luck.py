"""The same pair over many seeds: what is luck, and what is not.

Each seed is a whole pair (burn-in included) run as `peel compare` runs it; kept are each arm's
weekly counts and levels. Intervals are of the seeds' distribution of B - A, not of its mean, where
it says "of pairs"; the mean's own interval is Student's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from viz.view.arm import COUNTS, LEVELS, SERIES

MORE_IS_WORSE = (
    "persons_shot", "homicides", "shooting_incidents", "retaliatory_incidents", "robberies",
    "serious_assaults", "force", "fear", "trauma", "in_jail", "complaints", "gang_members",
    "response_minutes",
)  # fmt: skip
LESS_IS_WORSE = ("legitimacy", "arrests_shooting", "cleared_fatal", "cleared_nonfatal", "mediated")
WORSE = dict.fromkeys(MORE_IS_WORSE, 1) | dict.fromkeys(LESS_IS_WORSE, -1)
"""1: more is worse; -1: less is. Others (calls, stops, arrests) are neither by themselves."""


def many(
    scenarios: tuple[Scenario, Scenario], seeds: Sequence[int], tell: Any,
    stop: Callable[[], bool], residents: int = 3_000_000,
) -> None:  # fmt: skip
    """Run the pair for each seed and tell its weekly series, (weeks, SERIES) of both arms."""
    from viz.view.pair import check_size

    check_size(scenarios[0], residents)
    for seed in seeds:
        if stop():
            break
        tell("seed", {"seed": seed, "rows": weekly(scenarios, seed)})
    tell("done", {})


def weekly(
    scenarios: tuple[Scenario, Scenario], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both arms' weekly series of one seed."""
    from sim.run import run
    from viz.view.arm import burnt_city

    burnt = burnt_city(scenarios[0], seed)
    out = []
    for scenario in scenarios:
        same = scenario.burn_in_hash(seed) == burnt.identity
        used = burnt if same else burnt_city(scenario, seed)
        result = run(scenario, seed, burnt=used)
        true, known = result.weekly, result.recorded
        full = (true["days"] == 7).to_numpy()
        columns = [
            (true if n in true else known)[n].to_numpy(dtype=np.float32)[full] for n in SERIES
        ]
        out.append(np.stack(columns, axis=1))
    return out[0], out[1]


def totals(rows: NDArray[np.float32], weeks: int | None = None) -> dict[str, float]:
    """Sums of counts, last value of levels, of the first `weeks` weeks."""
    rows = rows[:weeks].astype(np.float64)
    return {
        name: float(rows[:, k].sum() if name in COUNTS else rows[-1, k])
        for k, name in enumerate(SERIES)
    }


def spread(pairs: Sequence[tuple[float, float]], name: str) -> dict[str, Any]:
    """What many pairs say of one outcome: differences, their spread, the share that is worse.

    `low` and `high` hold the middle 90% of pairs; `mean_low` and `mean_high` are the 95% interval
    of the mean difference. Fewer than 5 pairs have none of these.
    """
    a = np.asarray([p[0] for p in pairs], dtype=np.float64)
    b = np.asarray([p[1] for p in pairs], dtype=np.float64)
    d = b - a
    out: dict[str, Any] = {
        "outcome": name, "n": int(d.size), "differences": d.tolist(),
        "a": float(a.mean()) if d.size else None, "b": float(b.mean()) if d.size else None,
        "better": -WORSE.get(name, 0), "level": name in LEVELS,
    }  # fmt: skip
    if d.size >= 5:
        from scipy import stats

        half = float(stats.t.ppf(0.975, d.size - 1) * d.std(ddof=1) / np.sqrt(d.size))
        low, high = np.quantile(d, [0.05, 0.95])
        out |= {
            "mean": float(d.mean()), "median": float(np.median(d)), "low": float(low),
            "high": float(high), "mean_low": float(d.mean()) - half,
            "mean_high": float(d.mean()) + half,
        }  # fmt: skip
        if sign := WORSE.get(name, 0):
            out["worse"] = float((d * sign > 0).mean())
            out["same"] = float((d == 0).mean())
    return out


ROLL = 4  # weeks that a count is summed over in charts (static/js/chart.js draws the same)


def bands(pairs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> NDArray[np.float32]:
    """5th and 95th percentiles by week of A, B, B - A as charts draw them: (6, weeks, SERIES)."""
    weeks = min(min(len(a), len(b)) for a, b in pairs)
    a = np.stack([rolled(p[0][:weeks]) for p in pairs])
    b = np.stack([rolled(p[1][:weeks]) for p in pairs])
    out = [np.quantile(x, q, axis=0) for x in (a, b, b - a) for q in (0.05, 0.95)]
    return np.stack(out).astype(np.float32)


def rolled(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Counts summed over the last ROLL weeks (fewer at the beginning), levels as they are."""
    out = rows.astype(np.float64)
    number = len(COUNTS)
    sums = np.cumsum(out[:, :number], axis=0)
    out[:, :number] = sums
    out[ROLL:, :number] = sums[ROLL:] - sums[:-ROLL]
    return out
