"""Cascades of shootings: what a network study would attribute to contagion, and what truly caused
what.

The network study (Green, Horel & Papachristos 2017 [H04, H05]) fits a Hawkes process to the people
of the recorded co-offending network. Person k is shot at the rate

    mu + sum over shot u within 3 steps of k of alpha / steps(u, k)^2 * beta exp(-beta (t - t_u)),

a shooting is attributed to contagion when the sum exceeds mu, and its infector is the largest term.
Shared exposure and homophily go to contagion too: 0.63 is what this estimator says of Chicago, not
a parameter. The true cascades are trees by recorded cause, which no study can see.

An exponential kernel needs no pairs of shootings: all of one person's are summed up on the day of
the latest, and decay as one from there (Ozaki 1979). So a shooting hears at most once from each
person within its reach, however often that person was shot, and not at all from one last shot more
than `FAINT` memories ago. Work grows with the shootings times the people shot within their reach in
that time: with the years, once they are many memories, and with the city.
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
FAINT = 20.0
"""Memories (1 / beta) after a person's latest shooting from which it is let go. What a shooting loses
by it is at most exp(-FAINT), 2e-9, of what the people let go would have added the day after theirs:
their kernels fall by that factor or more, and the memory is checked at every step of the fit."""
FIRST_MEMORY_DAYS = 150.0
STEPS_MOST = 500

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
def _within(first, near, steps, victims, code):  # type: ignore[no-untyped-def]
    """(start, other, weight, mass): rows of the victims within reach of each victim, as codes, and
    the weight of all people within its reach, shot or not."""
    people = first.size - 1
    seen = np.zeros(people, np.bool_)
    found = np.empty(people, np.int64)
    dist = np.empty(people, np.int64)
    start = np.zeros(victims.size + 1, np.int64)
    mass = np.zeros(victims.size)
    other = np.empty(16 * victims.size, np.int64)
    weight = np.empty(other.size)
    total = 0
    for v in range(victims.size):
        reached = _reach(first, near, victims[v], steps, seen, found, dist)
        if total + reached > other.size:
            room = 2 * (total + reached)
            other = np.concatenate((other[:total], np.empty(room - total, np.int64)))
            weight = np.concatenate((weight[:total], np.empty(room - total)))
        for k in range(1, reached):
            share = 1.0 / (dist[k] * dist[k])
            mass[v] += share
            if code[found[k]] >= 0:
                other[total], weight[total] = code[found[k]], share
                total += 1
        start[v + 1] = total
    return start, other[:total], weight[:total], mass


@njit(cache=True)
def _hearing(start, other, weight, who, day, events, events_of, window):  # type: ignore[no-untyped-def]
    """(rows, parent, weight, looked at): for each shooting, in the order given, the latest earlier
    shooting of every victim within reach, if at most `window` days ago.

    `events[events_of[v] : events_of[v + 1]]` are the shootings of victim v in order of day.
    """
    rows = np.zeros(who.size + 1, np.int64)
    parent = np.empty(16 * who.size, np.int32)
    pull = np.empty(parent.size)
    total, visited = 0, 0
    for i in range(who.size):
        row = start[who[i]], start[who[i] + 1]
        if total + row[1] - row[0] > parent.size:
            room = 2 * (total + row[1] - row[0])
            parent = np.concatenate((parent[:total], np.empty(room - total, np.int32)))
            pull = np.concatenate((pull[:total], np.empty(room - total)))
        for k in range(row[0], row[1]):
            low, high = events_of[other[k]], events_of[other[k] + 1]
            visited += 1
            while low < high:  # the first that isn't before day[i]
                middle = (low + high) // 2
                if day[events[middle]] < day[i]:
                    low = middle + 1
                else:
                    high = middle
            if low > events_of[other[k]] and day[i] - day[events[low - 1]] <= window:
                parent[total], pull[total] = events[low - 1], weight[k]
                total += 1
        rows[i + 1] = total
    return rows, parent[:total], pull[:total], visited


@njit(cache=True)
def _echo(before, day, fade, echo, echo_lag):  # type: ignore[no-untyped-def]
    """Writes what is left of a victim's shootings on the day of each of them, and that times their
    ages: sums over the shooting itself and the same victim's earlier ones (`before`, -1: none)."""
    for i in range(day.size):
        echo[i], echo_lag[i] = 1.0, 0.0
        j = before[i]
        if j >= 0:
            gap = day[i] - day[j]
            echo[i] += fade[gap] * echo[j]
            echo_lag[i] = fade[gap] * (echo_lag[j] + gap * echo[j])


@njit(cache=True)
def _fit(rows, parent, weight, before, day, mass, left, exposure, window, given, steps):  # type: ignore[no-untyped-def]
    """EM for (mu, alpha, beta) from `given`; also what each shooting hears at the last beta, and
    the steps left over if `window` grew too short for beta.

    `left` is the time each shooting is followed, `exposure` person-days.
    """
    mu, alpha, beta = given
    n = day.size
    fade = np.empty(day[-1] - day[0] + 1)
    echo, echo_lag = np.empty(n), np.empty(n)
    while steps > 0 and beta * window >= FAINT:
        for lag in range(fade.size):
            fade[lag] = np.exp(-beta * lag)
        _echo(before, day, fade, echo, echo_lag)
        ground, born, born_lag = 0.0, 0.0, 0.0
        for i in range(n):
            heard, aged = 0.0, 0.0
            for p in range(rows[i], rows[i + 1]):
                j = parent[p]
                lag = day[i] - day[j]
                now = weight[p] * fade[lag]
                heard += now * echo[j]
                aged += now * (echo_lag[j] + lag * echo[j])
            rate = mu + alpha * beta * heard
            ground += mu / rate
            born += alpha * beta * heard / rate
            born_lag += alpha * beta * aged / rate
        # What each shooting could still do in the time it is followed, and the lags lost beyond it.
        reached, lost = 0.0, 0.0
        for u in range(n):
            gone = np.exp(-beta * left[u])
            reached += mass[u] * (1.0 - gone)
            lost += mass[u] * gone * left[u]
        last = alpha
        mu = ground / exposure
        alpha = born / max(reached, 1e-12)
        beta = min(max(born / max(born_lag + alpha * lost, 1e-9), 1.0 / 2000.0), 1.0)
        steps -= 1
        if abs(alpha - last) < 1e-9:
            steps = 0
    return (mu, alpha, beta), steps


@njit(cache=True)
def _attribute(rows, parent, weight, before, day, mu, alpha, beta):  # type: ignore[no-untyped-def]
    """(shootings whose ties outweigh mu, sum of the lags after their infectors)."""
    fade = np.exp(-beta * np.arange(day[-1] - day[0] + 1))
    echo, echo_lag = np.empty(day.size), np.empty(day.size)
    _echo(before, day, fade, echo, echo_lag)
    caught, lag_sum = 0, 0.0
    for i in range(day.size):
        heard, largest, after = 0.0, -1.0, 0
        for p in range(rows[i], rows[i + 1]):
            lag = day[i] - day[parent[p]]
            now = weight[p] * fade[lag]
            heard += now * echo[parent[p]]
            # A victim's latest shooting pulls hardest; among equals the later one is named.
            if now > largest or (now == largest and lag < after):
                largest, after = now, lag
        if alpha * beta * heard > mu:
            caught += 1
            lag_sum += after
    return caught, lag_sum


class _Heard(NamedTuple):
    """Shootings in order of day, and whom they could hear from; victims are numbered from 0."""

    who: Ints
    """(shootings,) the victim."""
    day: Ints
    before: Ints
    """(shootings,) the same victim's shooting before, -1 for none."""
    mass: Floats
    """(shootings,) weight of all people within reach, shot or not."""
    events: Ints
    """Shootings by victim, then by day; those of victim v start at `events_of[v]`."""
    events_of: Ints
    start: Ints
    """Rows of `other` and `weight`: the victims within reach of each victim."""
    other: Ints
    weight: Floats

    @classmethod
    def of(cls, first: Ints, near: Ints, person: Ints, day: Ints) -> _Heard:
        """`first` and `near` are the network's rows; days are sorted."""
        victims, who = np.unique(person, return_inverse=True)
        code = np.full(len(first) - 1, -1, dtype=np.int64)
        code[victims] = np.arange(len(victims))
        events = np.argsort(who, kind="stable")
        before = np.full(len(who), -1, dtype=np.int64)
        again = who[events][1:] == who[events][:-1]
        before[events[1:][again]] = events[:-1][again]
        events_of = np.searchsorted(who[events], np.arange(len(victims) + 1))
        start, other, weight, mass = _within(first, near, STEPS, victims, code)
        return cls(who, day, before, mass[who], events, events_of, start, other, weight)

    def within(self, window_days: int) -> tuple[Ints, Ints, Floats, int]:
        """(rows, shootings heard, weights, looked at) of at most `window_days` ago."""
        heard = self.who, self.day, self.events, self.events_of, window_days
        rows, parent, weight, visited = _hearing(self.start, self.other, self.weight, *heard)
        return rows, parent, weight, int(visited)


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
    order = np.argsort(t, kind="stable")
    who, t = who[order], t[order]
    first, near = neighbours(code[:half].astype(np.int64), code[half:].astype(np.int64), len(names))
    heard = _Heard.of(first, near, who, t)
    exposure = float(len(names)) * float(last_day - t[0] + 1)
    left = np.maximum(last_day - t, 0).astype(np.float64)
    fitted, steps = (0.5 * n / exposure, 0.005, 1.0 / FIRST_MEMORY_DAYS), STEPS_MOST
    while steps > 0:
        window = int(np.ceil(1.5 * FAINT / fitted[2]))  # a memory that grows a little still fits
        rows, parent, weight, _ = heard.within(window)
        found = rows, parent, weight, heard.before, t
        fitted, steps = _fit(*found, heard.mass, left, exposure, window, fitted, steps)
    mu, alpha, beta = fitted
    attributed, lag_sum = _attribute(*found, mu, alpha, beta)
    return Contagion(n, attributed, n - attributed, float(lag_sum), float(alpha), float(1.0 / beta))
