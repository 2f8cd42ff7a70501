"""From victims to incidents, and from degrees to metres.

Police files list victims. Every near-repeat and branching statistic counts incidents instead:
people hit on one day within 50 m of each other are one incident, or each volley would look like
contagion.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Incidents(NamedTuple):
    """One row per incident, in order of day."""

    x_m: Floats
    y_m: Floats
    day: Ints
    victims: Ints
    """How many people were hit."""
    member: Ints
    """(victims,) the incident of each victim given."""


def metres(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """Local plane coordinates (x east, y north, metres) around the mean point; good to 0.1 % in a
    city."""
    phi = np.asarray(lat, dtype=np.float64)
    theta = np.asarray(lon, dtype=np.float64)
    degree = 111_194.93  # metres along a meridian on a sphere of 6,371 km
    x = (theta - theta.mean()) * degree * np.cos(np.radians(phi.mean()))
    return x, (phi - phi.mean()) * degree


def collapse(x_m: ArrayLike, y_m: ArrayLike, day: ArrayLike, within_m: float = 50.0) -> Incidents:
    """Group victims of one day within `within_m` metres (linked in chains) into incidents.

    An incident stands where its first listed victim stood. Arrays have shape (victims,).
    """
    x = np.asarray(x_m, dtype=np.float64)
    y = np.asarray(y_m, dtype=np.float64)
    t = np.asarray(day).astype(np.int64)
    if len(x) == 0:
        none = np.zeros(0)
        zero = np.zeros(0, dtype=np.int64)
        return Incidents(none, none, zero, zero, zero)
    # Days lie further apart than any link reaches, so one tree finds the pairs of every day.
    tree = cKDTree(np.column_stack([x, y, (t - t.min()) * (4.0 * within_m)]))
    pairs = tree.query_pairs(within_m, output_type="ndarray")
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(x), len(x)))
    count, label = connected_components(graph, directed=False)
    size = np.bincount(label, minlength=count)
    first = np.zeros(count, dtype=np.int64)
    first[label] = t
    order = np.argsort(first, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    lead = np.unique(label, return_index=True)[1][order]
    return Incidents(x[lead], y[lead], first[order], size[order].astype(np.int64), rank[label])


def multi_victim(victims: ArrayLike) -> tuple[float, float]:
    """(share of incidents with several victims, victims per incident)."""
    n = np.asarray(victims)
    if len(n) == 0:
        return float("nan"), float("nan")
    return float((n > 1).mean()), float(n.mean())
