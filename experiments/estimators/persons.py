"""Cases joined by people: who is named in one shooting and again in another (victim or arrested
suspect).

In Baltimore 2012-2015 19 % of cases join another through a person, at a median of half a year,
while only 3 % of near pairs share anyone: the loop runs through people more than through corners.
The named suspect of a case is known only where somebody was arrested, in the data as in the
simulation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from experiments.estimators.near import close_pairs

Ints = NDArray[np.int64]


class Overlap(NamedTuple):
    """Counts behind the shares, so that runs can be pooled by adding."""

    cases: int
    linked_cases: int
    near_pairs: int
    near_pairs_sharing: int
    suspects: int
    suspects_also_victims: int
    lags: Ints
    """Days between consecutive cases of one person, one entry per pair of cases."""


def _codes(labels: ArrayLike) -> tuple[Ints, int]:
    names, code = np.unique(np.asarray(labels), return_inverse=True)
    return code.astype(np.int64), len(names)


def _consecutive(case: Ints, person: Ints, day: Ints) -> Ints:
    """(links, 2) consecutive cases of each person, each pair of cases once; `day` is by case."""
    order = np.lexsort((case, day[case], person))
    c, p = case[order], person[order]
    same = (p[1:] == p[:-1]) & (c[1:] != c[:-1])
    links = np.column_stack([c[:-1][same], c[1:][same]])
    return np.unique(links, axis=0) if len(links) else links.reshape(0, 2)


def overlap(
    case: ArrayLike,
    person: ArrayLike,
    suspect: ArrayLike,
    day: ArrayLike,
    x_m: ArrayLike,
    y_m: ArrayLike,
    within_m: float = 400.0,
    within_days: int = 14,
) -> Overlap:
    """Overlap of people between cases; one row per person named in a case.

    `suspect` is True for an arrested or named suspect and False for a victim. Day and place are the
    case's.
    """
    role = np.asarray(suspect).astype(bool)
    cases, n = _codes(case)
    people, m = _codes(person)
    lead = np.unique(cases, return_index=True)[1]
    t = np.asarray(day).astype(np.int64)[lead]
    points = np.column_stack(
        [np.asarray(x_m, dtype=float)[lead], np.asarray(y_m, dtype=float)[lead]]
    )
    both = np.unique(np.column_stack([cases, people]), axis=0)
    cases, people_of = both[:, 0], both[:, 1]
    links = _consecutive(cases, people_of, t)
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(n, n))
    label = connected_components(graph, directed=False)[1]
    linked = int((np.bincount(label)[label] > 1).sum())
    shared = _near(points, t, within_m, within_days, cases, people_of)
    victims = np.zeros(m, dtype=bool)
    victims[people[~role]] = True
    named = np.unique(people[role])
    lags = np.abs(t[links[:, 1]] - t[links[:, 0]])
    return Overlap(n, linked, *shared, len(named), int(victims[named].sum()), lags)


def _near(
    points: NDArray[np.float64],
    day: Ints,
    within_m: float,
    within_days: int,
    case: Ints,
    person: Ints,
) -> tuple[int, int]:
    """(pairs of cases close in space and time, those of them that share a person)."""
    pairs = close_pairs(points[:, 0], points[:, 1], day, within_m, (0, within_days))
    if not len(pairs.late):
        return 0, 0
    shape = (len(day), int(person.max()) + 1)
    named = coo_array((np.ones(len(case)), (case, person)), shape=shape).tocsr()
    common = named[pairs.late].multiply(named[pairs.early]).sum(axis=1)
    return len(pairs.late), int((np.asarray(common).ravel() > 0).sum())


def shot_inside(target: ArrayLike, members: ArrayLike) -> float:
    """Share of people shot who belong to `members` (the recorded co-offending network)."""
    shot = np.asarray(target)
    return float(np.isin(shot, np.asarray(members)).mean()) if len(shot) else float("nan")
