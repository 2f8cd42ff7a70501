"""Cascades by true cause: trees of shootings, their sizes, depths and delays.

What no study can see: each event's row names the event that caused it. A network study attributes
far more to contagion than has a parent here, a space-time study far less; all three are printed
side by side (`experiments.estimators.cascades`, `experiments.estimators.hawkes`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim.metrics.base import Result

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Trees(NamedTuple):
    """The tree of each event, its depth in the tree (0: a root), and its delay after its parent."""

    root: Ints
    depth: Ints
    delay_days: Floats
    """NaN for roots."""

    @property
    def sizes(self) -> Ints:
        """Events per tree, shape (trees,)."""
        return np.bincount(np.unique(self.root, return_inverse=True)[1])

    @property
    def share_with_parent(self) -> float:
        return float((self.depth > 0).mean()) if len(self.depth) else float("nan")


def trees(event: ArrayLike, cause: ArrayLike, day: ArrayLike) -> Trees:
    """Follow the causes of events (ids, 64 bits); a cause of 0 or one that isn't listed makes a
    root.

    Raises ValueError where an event is its own ancestor.
    """
    ids = np.asarray(event, dtype=np.uint64)
    causes = np.asarray(cause, dtype=np.uint64)
    t = np.asarray(day).astype(np.float64)
    n = len(ids)
    if n == 0:
        none = np.zeros(0, dtype=np.int64)
        return Trees(none, none, np.zeros(0))
    order = np.argsort(ids)
    place = order[np.minimum(np.searchsorted(ids[order], causes), n - 1)]
    parent = np.where((causes != 0) & (ids[place] == causes), place, -1)
    root, depth, step = np.arange(n), np.zeros(n, dtype=np.int64), parent.copy()
    # Each pass climbs one generation; a cascade is seldom more than a dozen deep.
    while np.any(step >= 0):
        up = step >= 0
        root[up] = step[up]
        depth[up] += 1
        if depth.max() > n:
            raise ValueError("causes run in a circle: an event can't be its own ancestor")
        step = np.where(up, parent[np.maximum(step, 0)], -1)
    delay = np.where(parent >= 0, t - t[np.maximum(parent, 0)], np.nan)
    return Trees(root, depth, delay)


def shooting_trees(result: Result) -> Trees:
    """Trees of shooting incidents: an incident's id and cause are those of its first victim's row.

    Victims of one volley share an incident, so they count once and aren't each other's offspring.
    """
    rows = result.events[result.events["kind"] == "shooting"].sort_values("day", kind="stable")
    first = rows.drop_duplicates("incident")
    # A cause may name any victim's row of the earlier incident: read it as that incident's first.
    leader = pd.Series(first["id"].to_numpy(), index=first["incident"].to_numpy())
    of_row = pd.Series(leader.reindex(rows["incident"]).to_numpy(), index=rows["id"].to_numpy())
    of_row = of_row[~of_row.index.duplicated()]
    causes = first["cause"].to_numpy(dtype=np.uint64)
    known = np.isin(causes, of_row.index.to_numpy())
    parents = causes.copy()
    parents[known] = of_row.reindex(causes[known]).to_numpy(dtype=np.uint64)
    own = parents == first["id"].to_numpy(dtype=np.uint64)
    return trees(first["id"], np.where(own, 0, parents), first["day"])


class ShareWithParent:
    """True share of shooting incidents that an earlier shooting caused."""

    name = "share_with_parent"
    unit = "share"

    def measure(self, result: Result) -> float:
        return shooting_trees(result).share_with_parent


class MeanCascade:
    """Shooting incidents per true cascade, lone ones included."""

    name = "mean_cascade_size"
    unit = "incidents"

    def measure(self, result: Result) -> float:
        sizes = shooting_trees(result).sizes
        return float(sizes.mean()) if len(sizes) else float("nan")


class MedianDelay:
    """Median days between a shooting incident and the one that caused it."""

    name = "median_cascade_delay"
    unit = "days"

    def measure(self, result: Result) -> float:
        delay = shooting_trees(result).delay_days
        delay = delay[np.isfinite(delay)]
        return float(np.median(delay)) if len(delay) else float("nan")


class CascadeSizes:
    """How many true cascades of each size there are, and how deep the deepest of them is."""

    name = "cascade_sizes"
    unit = "cascades"

    def measure(self, result: Result) -> pd.DataFrame:
        found = shooting_trees(result)
        code = np.unique(found.root, return_inverse=True)[1]
        table = pd.DataFrame({"size": np.bincount(code)[code], "depth": found.depth, "tree": code})
        deepest = table.groupby("size").agg(cascades=("tree", "nunique"), depth=("depth", "max"))
        return deepest.reset_index()
