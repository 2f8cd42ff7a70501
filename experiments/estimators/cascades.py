"""Cascades of shootings: what a network study would attribute to contagion, and what truly caused
what.

The network study (Green, Horel & Papachristos 2017 [H04, H05]) fits a Hawkes process to the people
of the recorded co-offending network. Person k is shot at the rate

    mu + sum over shot u within 3 steps of k of alpha / steps(u, k)^2 * beta exp(-beta (t - t_u)),

a shooting is attributed to contagion when the sum exceeds mu, and its infector is the largest term.
Shared exposure and homophily go to contagion too: 0.63 is what this estimator says of Chicago, not
a parameter. The true cascades are trees by recorded cause, which no study can see.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

from sim.metrics.cascades import Trees, trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS = 3

__all__ = ["Contagion", "Trees", "contagion", "neighbours", "trees"]


class Contagion(NamedTuple):
    """Counts (to be pooled by adding) and the fitted alpha (per tie) and mean lag (1 / beta,
    days)."""

    shootings: int
    attributed: int
    cascades: int
    lag_sum: float
    alpha: float
    memory_days: float

    @property
    def share(self) -> float:
        return self.attributed / self.shootings if self.shootings else float("nan")


@njit(cache=True)
def _reach(first, near, source, steps, seen, found, dist):  # type: ignore[no-untyped-def]
    """People within `steps` ties of `source` (itself left out); returns how many. `seen` ends as it
    began."""
    head, tail = 0, 1
    found[0], dist[0] = source, 0
    seen[source] = True
    while head < tail:
        node, far = found[head], dist[head]
        head += 1
        if far == steps:
            continue
        for k in range(first[node], first[node + 1]):
            other = near[k]
            if not seen[other]:
                seen[other] = True
                found[tail], dist[tail] = other, far + 1
                tail += 1
    for k in range(tail):
        seen[found[k]] = False
    return tail


@njit(cache=True)
def _exposures(first, near, steps, who, day, events_of, events):  # type: ignore[no-untyped-def]
    """(child, parent, lag, weight) of shootings within reach and earlier, and each shooting's total
    weight.

    `events[events_of[k] : events_of[k + 1]]` are the shootings of person k.
    """
    people = first.size - 1
    seen = np.zeros(people, np.bool_)
    found = np.empty(people, np.int64)
    dist = np.empty(people, np.int64)
    out = np.zeros(who.size)
    total = 0
    for sweep in range(2):
        if sweep == 1:
            child = np.empty(total, np.int64)
            parent = np.empty(total, np.int64)
            lag = np.empty(total)
            weight = np.empty(total)
            total = 0
        for u in range(who.size):
            reached = _reach(first, near, who[u], steps, seen, found, dist)
            mass = 0.0
            for k in range(1, reached):
                share = 1.0 / (dist[k] * dist[k])
                mass += share
                for e in range(events_of[found[k]], events_of[found[k] + 1]):
                    if day[events[e]] > day[u]:
                        if sweep == 1:
                            child[total] = events[e]
                            parent[total] = u
                            lag[total] = day[events[e]] - day[u]
                            weight[total] = share
                        total += 1
            out[u] = mass
    return child, parent, lag, weight, out


@njit(cache=True)
def _fit(child, parent, lag, weight, mass, left, n, exposure, steps):  # type: ignore[no-untyped-def]
    """EM for (mu, alpha, beta); `left` is the time each shooting is followed, `exposure`
    person-days."""
    mu, alpha, beta = 0.5 * n / exposure, 0.005, 1.0 / 150.0
    pull = np.empty(child.size)
    for _ in range(steps):
        rate = np.full(n, mu)
        for p in range(child.size):
            pull[p] = alpha * weight[p] * beta * np.exp(-beta * lag[p])
            rate[child[p]] += pull[p]
        ground, born, born_lag = 0.0, 0.0, 0.0
        for i in range(n):
            ground += mu / rate[i]
        for p in range(child.size):
            given = pull[p] / rate[child[p]]
            born += given
            born_lag += given * lag[p]
        # What each shooting could still do in the time it is followed, and the lags lost beyond it.
        heard, lost = 0.0, 0.0
        for u in range(n):
            gone = np.exp(-beta * left[u])
            heard += mass[u] * (1.0 - gone)
            lost += mass[u] * gone * left[u]
        before = alpha
        mu = ground / exposure
        alpha = born / max(heard, 1e-12)
        beta = min(max(born / max(born_lag + alpha * lost, 1e-9), 1.0 / 2000.0), 1.0)
        if abs(alpha - before) < 1e-9:
            break
    return mu, alpha, beta


def neighbours(a: Ints, b: Ints, n: int) -> tuple[Ints, Ints]:
    """Compressed rows (start, then neighbours) of an undirected graph without loops or doubles."""
    keep = a != b
    ones = np.ones(2 * int(keep.sum()), dtype=np.int8)
    rows = np.concatenate([a[keep], b[keep]])
    columns = np.concatenate([b[keep], a[keep]])
    graph = coo_array((ones, (rows, columns)), shape=(n, n)).tocsr()
    return graph.indptr.astype(np.int64), graph.indices.astype(np.int64)


def contagion(
    ties_a: ArrayLike, ties_b: ArrayLike, target: ArrayLike, day: ArrayLike, last_day: int
) -> Contagion:
    """What a study of the recorded network attributes: shootings of its members on whole days.

    Ties and targets are names of people (any integers); targets outside the network are left out.
    """
    names, code = np.unique(np.concatenate([ties_a, ties_b]), return_inverse=True)
    half = len(np.asarray(ties_a))
    shot = np.asarray(target)
    inside = np.isin(shot, names)
    who = np.searchsorted(names, shot[inside]).astype(np.int64)
    t = np.asarray(day)[inside].astype(np.int64)
    n = len(who)
    if n < 10 or half == 0:
        return Contagion(n, 0, n, 0.0, float("nan"), float("nan"))
    first, near = neighbours(code[:half].astype(np.int64), code[half:].astype(np.int64), len(names))
    by_person = np.argsort(who, kind="stable")
    events_of = np.searchsorted(who[by_person], np.arange(len(names) + 1)).astype(np.int64)
    child, parent, lag, weight, mass = _exposures(first, near, STEPS, who, t, events_of, by_person)
    exposure = float(len(names)) * float(last_day - t.min() + 1)
    left = np.maximum(last_day - t, 0).astype(np.float64)
    mu, alpha, beta = _fit(child, parent, lag, weight, mass, left, n, exposure, 500)
    pull = alpha * weight * beta * np.exp(-beta * lag)
    summed = np.bincount(child, weights=pull, minlength=n)
    caught = summed > mu
    strongest = np.lexsort((pull, child))
    last = np.unique(child[strongest][::-1], return_index=True)
    infector_lag = np.zeros(n)
    infector_lag[last[0]] = lag[strongest][::-1][last[1]]
    attributed = int(caught.sum())
    return Contagion(
        n,
        attributed,
        n - attributed,
        float(infector_lag[caught].sum()),
        float(alpha),
        float(1.0 / beta),
    )
