"""Who reports, who carries, who drives violence, who is complained about: estimators on people's
tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from experiments.estimators import glm


def trust_slope(
    reported: ArrayLike, legitimacy: ArrayLike, serious: ArrayLike
) -> tuple[float, float]:
    """(change in log odds of reporting per SD of legitimacy, the same for serious against not).

    A logit on victimisations; NaN when everybody or nobody reports. Sources: [L11, L12].
    """
    y = np.asarray(reported, dtype=np.float64)
    trust = np.asarray(legitimacy, dtype=np.float64)
    grave = np.asarray(serious, dtype=np.float64)
    if len(y) < 50 or y.std() == 0 or trust.std() == 0:
        return float("nan"), float("nan")
    z = (trust - trust.mean()) / trust.std()
    columns = [np.ones(len(y)), z]
    if grave.std() > 0:
        columns.append(grave)
    fit = glm.logit(np.column_stack(columns), y)
    return float(fit.beta[1]), float(fit.beta[2]) if len(fit.beta) > 2 else float("nan")


def odds_ratio(yes: ArrayLike, given: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Odds of `yes` among those `given` over the odds among the others (half a person added to each
    cell)."""
    cells = odds_cells(yes, given, weight)
    return float((cells[0] + 0.5) * (cells[3] + 0.5) / ((cells[1] + 0.5) * (cells[2] + 0.5)))


def odds_cells(
    yes: ArrayLike, given: ArrayLike, weight: ArrayLike | None = None
) -> tuple[float, float, float, float]:
    """Weighted counts (yes & given, no & given, yes & not, no & not)."""
    y, g = np.asarray(yes).astype(bool), np.asarray(given).astype(bool)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    return (
        float(w[y & g].sum()),
        float(w[~y & g].sum()),
        float(w[y & ~g].sum()),
        float(w[~y & ~g].sum()),
    )


def top_share(counts: ArrayLike, share_of_people: float = 0.05) -> float:
    """Share of all counts that the most counted `share_of_people` draw, among those with at least
    one."""
    y = np.sort(np.asarray(counts, dtype=np.float64))[::-1]
    y = y[y > 0]
    if len(y) == 0:
        return float("nan")
    curve = np.concatenate([[0.0], np.cumsum(y)])
    return float(np.interp(share_of_people * len(y), np.arange(len(y) + 1), curve) / curve[-1])


def thin(counts: ArrayLike, mean: float, rng: np.random.Generator) -> np.ndarray:
    """Counts thinned at random until those with any have about `mean`; unchanged if they already
    have less.

    Few counts a head look more unequal by chance alone, so skew is compared at the same count.
    """
    y = np.asarray(counts).astype(np.int64)
    low, high = 0.0, 1.0
    positive = y[y > 0]
    if len(positive) == 0 or positive.mean() <= mean:
        return y
    for _ in range(40):
        keep = 0.5 * (low + high)
        left = keep * positive.sum() / np.sum(1.0 - (1.0 - keep) ** positive)
        low, high = (keep, high) if left < mean else (low, keep)
    return np.asarray(rng.binomial(y, 0.5 * (low + high)))


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Rank correlation; NaN for fewer than three values or a constant."""
    x, y = rankdata(np.asarray(a)), rankdata(np.asarray(b))
    if len(x) < 3 or x.std() == 0 or y.std() == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def tenths_ratio(events: ArrayLike, population: ArrayLike) -> float:
    """Rate in the tenth of people who live in the areas with the highest rate, over the lowest
    tenth.

    Areas are ranked by rate and cut at 10 and 90 % of the population (an area on the cut counts in
    part).
    """
    count = np.asarray(events, dtype=np.float64)
    people = np.asarray(population, dtype=np.float64)
    lived_in = people > 0
    count, people = count[lived_in], people[lived_in]
    if len(people) < 2:
        return float("nan")
    order = np.argsort(count / people)
    heads = np.concatenate([[0.0], np.cumsum(people[order])])
    events_to = np.concatenate([[0.0], np.cumsum(count[order])])
    tenth = 0.1 * heads[-1]
    cool = float(np.interp(tenth, heads, events_to))
    hot = float(events_to[-1] - np.interp(heads[-1] - tenth, heads, events_to))
    return hot / cool if cool > 0 else float("inf") if hot > 0 else float("nan")
