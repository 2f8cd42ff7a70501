"""Under which conditions does something happen? PRIM boxes, and leaves of a tree.

PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010 for scenarios): from the whole space, peel off a
thin slice of one factor at a time, each time the one that makes cases of interest denser among what
is left for the fewest cases lost, then paste slices back while that makes them denser still. Cases
inside a box found are taken out before the next is looked for. As in the EMA Workbench:

- coverage: cases of interest in the box / all cases of interest;
- density: cases of interest in the box / cases in the box;
- mass: cases in the box / all cases;
- quasi p of a restriction: the chance of a density as high without it (one-sided binomial test).

Boxes found on the cases that are then counted flatter themselves: `checked` holds them against
cases that had no part in finding them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """Limits of the factors that a box restricts, and what is inside it."""

    limits: Mapping[str, Any]
    """Factor -> (low, high), or a frozenset of the values that are left."""
    coverage: float
    density: float
    mass: float
    inside: int
    of_interest: int
    quasi_p: Mapping[str, float] = field(default_factory=dict)

    def contains(self, x: pd.DataFrame) -> Bools:
        """Which rows lie inside."""
        inside = np.ones(len(x), dtype=bool)
        for name, limit in self.limits.items():
            inside &= _within(x[name], limit)
        return inside

    def line(self) -> str:
        """For people."""
        parts = []
        for name, limit in self.limits.items():
            if isinstance(limit, frozenset):
                parts.append(f"{name} is {' or '.join(sorted(map(str, limit)))}")
            else:
                parts.append(f"{limit[0]:.4g} <= {name} <= {limit[1]:.4g}")
        return (
            f"{' and '.join(parts) or 'everywhere'}: coverage {self.coverage:.0%}, density "
            f"{self.density:.0%}, mass {self.mass:.0%}"
        )


@dataclass(frozen=True)
class Found:
    """A box, and the trajectory of peeling and pasting that led to it (columns as for Box)."""

    box: Box
    trajectory: pd.DataFrame


def prim(
    x: pd.DataFrame, interest: Sequence[bool] | Bools, *, boxes: int = 1, threshold: float = 0.8,
    peel: float = 0.05, paste: float = 0.05, smallest: float = 0.05,
) -> list[Found]:  # fmt: skip
    """Up to `boxes` boxes of at least `threshold` density; fewer where there are none.

    `x`: one column per factor (numbers, truth values or names); `interest`: which cases are of
    interest; `peel`, `paste`: shares of the cases in the box; `smallest` mass of a box.
    Raises UserError for missing values, and where no case or every case is of interest.
    """
    y = _interest(x, interest)
    left = np.ones(len(x), dtype=bool)
    out: list[Found] = []
    for _ in range(boxes):
        if y[left].mean() in (0.0, 1.0) or left.mean() < smallest:
            break
        found = _one_box(x, y, left, peel, paste, smallest, threshold)
        if found is None:
            break
        out.append(found)
        left &= ~found.box.contains(x)
    return out


def measured(x: pd.DataFrame, interest: Sequence[bool] | Bools, limits: Mapping[str, Any]) -> Box:
    """Coverage, density and mass of given limits, for cases of one's own."""
    y, every = np.asarray(interest, dtype=bool), np.ones(len(x), dtype=bool)
    return _with_p(x, y, every, _box(x, y, every, limits))


def checked(
    x: pd.DataFrame, interest: Sequence[bool] | Bools, *, seed: int = 1, share: float = 0.5,
    **options: Any,
) -> list[tuple[Box, Box]]:  # fmt: skip
    """Boxes found on one part of the cases, and the same limits measured on the rest."""
    y = _interest(x, interest)
    order = np.random.default_rng(seed).permutation(len(x))
    train = np.zeros(len(x), dtype=bool)
    train[order[: round(share * len(x))]] = True
    pairs = []
    for found in prim(x[train], y[train], **options):
        pairs.append((found.box, measured(x[~train], y[~train], found.box.limits)))
    return pairs


def cart(
    x: pd.DataFrame, interest: Sequence[bool] | Bools, *, smallest: float = 0.05, depth: int = 4
) -> list[Box]:
    """Leaves of a classification tree (CART, scikit-learn) in which most cases are of interest, as
    boxes, the one that covers most first.

    Raises UserError as `prim` does, and where scikit-learn is missing.
    """
    y = _interest(x, interest)
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError:
        raise UserError("CART needs scikit-learn: install peel-sim[analysis]") from None
    numbers, codes = _coded(x)
    tree = DecisionTreeClassifier(
        max_depth=depth, min_samples_leaf=max(int(smallest * len(x)), 1), random_state=0
    ).fit(numbers, y)
    out = []
    for limits in _leaves(tree.tree_, list(x.columns), numbers, codes):
        box = _box(x, y, np.ones(len(x), dtype=bool), limits)
        if box.inside and box.density > 0.5:
            out.append(box)
    return sorted(out, key=lambda b: -b.coverage)


# --- inside -----------------------------------------------------------------------------------


def _interest(x: pd.DataFrame, interest: Any) -> Bools:
    y = np.asarray(interest, dtype=bool)
    if len(y) != len(x):
        raise UserError(f"{len(x)} cases and {len(y)} answers: expected one each")
    if x.isna().to_numpy().any():
        raise UserError("some cases lack a factor's value")
    if not y.any() or y.all():
        raise UserError(
            f"{int(y.sum())} of {len(y)} cases are of interest; a condition can be found only where "
            "some are and some are not"
        )
    return y


def _within(column: pd.Series, limit: Any) -> Bools:
    if isinstance(limit, frozenset):
        return np.asarray(column.isin(list(limit)))
    values = column.to_numpy()
    return np.asarray((values >= limit[0]) & (values <= limit[1]))


def _named(column: pd.Series) -> bool:
    """Named values rather than numbers."""
    return column.dtype.kind not in "iuf"


def _box(x: pd.DataFrame, y: Bools, among: Bools, limits: Mapping[str, Any]) -> Box:
    """A box's figures: coverage of all of interest, density and mass of those still `among`."""
    inside = among.copy()
    for name, limit in limits.items():
        inside &= _within(x[name], limit)
    hits, n = int(y[inside].sum()), int(inside.sum())
    return Box(
        dict(limits), hits / max(int(y.sum()), 1), hits / n if n else 0.0, n / len(x), n, hits
    )


def _one_box(
    x: pd.DataFrame, y: Bools, among: Bools, peel: float, paste: float, smallest: float,
    threshold: float,
) -> Found | None:  # fmt: skip
    import pandas as pd

    limits: dict[str, Any] = {}
    inside = among.copy()
    path = [_box(x, y, among, limits)]
    while True:
        step = _best_peel(x, y, inside, limits, peel, smallest * len(x))
        if step is None:
            break
        name, limit, inside = step
        limits = {**limits, name: limit}
        path.append(_box(x, y, among, limits))
    for step_limits in _pastes(x, y, among, limits, paste):
        path.append(_box(x, y, among, step_limits))
    rows = pd.DataFrame(
        [{"coverage": b.coverage, "density": b.density, "mass": b.mass,
          "restricted": len(b.limits), "inside": b.inside} for b in path]
    )  # fmt: skip
    good = [b for b in path if b.density >= threshold and b.limits]
    if not good:
        return None
    best = max(good, key=lambda b: (b.coverage, b.density, -len(b.limits)))
    best = _without_idle(x, y, among, best)
    return Found(_with_p(x, y, among, best), rows)


def _best_peel(
    x: pd.DataFrame, y: Bools, inside: Bools, limits: dict[str, Any], peel: float, least: float
) -> tuple[str, Any, Bools] | None:
    """The slice whose removal raises density most, per case taken off (EMA's default objective)."""
    n, now = int(inside.sum()), float(y[inside].mean())
    best: tuple[float, float, str, Any, Bools] | None = None
    for name in x.columns:
        for limit in _slices(x[name], inside, limits.get(name), peel):
            rest = inside & _within(x[name], limit)
            m = int(rest.sum())
            if m == n or m < least:
                continue
            gain = (float(y[rest].mean()) - now) / (n - m)
            key = (gain, float(m))
            if best is None or key > best[:2]:
                best = (*key, name, limit, rest)
    if best is None or best[0] < 0.0:
        return None
    return best[2], best[3], best[4]


def _slices(column: pd.Series, inside: Bools, limit: Any, peel: float) -> list[Any]:
    """What is left of a factor when a slice at either end, or one named value, is taken off."""
    if _named(column):
        have = frozenset(column[inside].unique()) if limit is None else limit
        return [have - {value} for value in sorted(have, key=str)] if len(have) > 1 else []
    values = column.to_numpy()[inside]
    low, high = (float(values.min()), float(values.max())) if limit is None else limit
    return [(quantile(values, peel), high), (low, quantile(values, 1.0 - peel))]


def quantile(values: Any, share: float) -> float:
    """Halfway between the values at the quantile and the next one inwards, as EMA's PRIM takes it.

    >>> quantile(list(range(10)), 0.05), quantile([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9], 0.95)
    (0.5, 8.5)
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    place = (len(ordered) - 1) * share
    if share > 0.5:
        at = ordered[int(np.ceil(place))]
        below = ordered[ordered < at]
        return float((below[-1] + at) / 2 if below.size else at)
    at = ordered[int(np.floor(place))]
    above = ordered[ordered > at]
    return float((above[0] + at) / 2 if above.size else at)


def _pastes(
    x: pd.DataFrame, y: Bools, among: Bools, limits: dict[str, Any], paste: float
) -> list[dict[str, Any]]:
    """Widen limits by slices for as long as density does not fall."""
    out: list[dict[str, Any]] = []
    while True:
        now = _box(x, y, among, limits)
        best: tuple[float, dict[str, Any]] | None = None
        for name in limits:
            for wider in _wider(x, among, limits, name, paste):
                box = _box(x, y, among, wider)
                if (
                    box.inside > now.inside
                    and box.density >= now.density
                    and (best is None or box.density > best[0])
                ):
                    best = (box.density, wider)
        if best is None:
            return out
        limits = best[1]
        out.append(limits)


def _wider(
    x: pd.DataFrame, among: Bools, limits: dict[str, Any], name: str, paste: float
) -> list[dict[str, Any]]:
    rest = {k: v for k, v in limits.items() if k != name}
    near = among.copy()
    for other, limit in rest.items():
        near &= _within(x[other], limit)
    column, limit = x[name], limits[name]
    if isinstance(limit, frozenset):
        more = frozenset(column[near].unique()) - limit
        return [{**limits, name: limit | {value}} for value in sorted(more, key=str)]
    values = np.sort(column.to_numpy()[near].astype(float))
    count = max(int(paste * ((values >= limit[0]) & (values <= limit[1])).sum()), 1)
    below, above = values[values < limit[0]], values[values > limit[1]]
    out = []
    if below.size:
        out.append({**limits, name: (float(below[-count:][0]), limit[1])})
    if above.size:
        out.append({**limits, name: (limit[0], float(above[:count][-1]))})
    return out


def _without_idle(x: pd.DataFrame, y: Bools, among: Bools, box: Box) -> Box:
    """Drop restrictions that keep nothing out."""
    limits = dict(box.limits)
    for name in list(limits):
        rest = {k: v for k, v in limits.items() if k != name}
        wider = _box(x, y, among, rest)
        if wider.inside == box.inside:
            limits = rest
    return _box(x, y, among, limits)


def _with_p(x: pd.DataFrame, y: Bools, among: Bools, box: Box) -> Box:
    """Each restriction's quasi p: the box without it, and a one-sided binomial test."""
    from scipy.stats import binom

    found = {}
    for name in box.limits:
        rest = {k: v for k, v in box.limits.items() if k != name}
        wider = _box(x, y, among, rest)
        # as many hits or more in so many cases, at the density that the box has without it
        found[name] = float(binom.sf(box.of_interest - 1, box.inside, wider.density))
    return Box(box.limits, box.coverage, box.density, box.mass, box.inside, box.of_interest, found)


def _coded(x: pd.DataFrame) -> tuple[Floats, dict[str, list[Any]]]:
    """Numbers for a tree: names as places in a sorted list."""
    columns, codes = [], {}
    for name in x.columns:
        if _named(x[name]):
            codes[name] = sorted(x[name].unique(), key=str)
            places = {value: k for k, value in enumerate(codes[name])}
            columns.append(x[name].map(places).to_numpy(dtype=float))
        else:
            columns.append(x[name].to_numpy(dtype=float))
    return np.column_stack(columns), codes


def _leaves(
    tree: Any, names: list[str], numbers: Floats, codes: dict[str, list[Any]]
) -> list[dict[str, Any]]:
    """Limits of every leaf."""
    out = []
    low, high = numbers.min(axis=0), numbers.max(axis=0)

    def walk(node: int, bounds: dict[int, tuple[float, float]]) -> None:
        if tree.children_left[node] < 0:
            limits: dict[str, Any] = {}
            for k, (a, b) in bounds.items():
                if names[k] in codes:
                    kept = [v for place, v in enumerate(codes[names[k]]) if a <= place <= b]
                    limits[names[k]] = frozenset(kept)
                else:
                    limits[names[k]] = (a, b)
            out.append(limits)
            return
        k, cut = int(tree.feature[node]), float(tree.threshold[node])
        a, b = bounds.get(k, (float(low[k]), float(high[k])))
        walk(int(tree.children_left[node]), {**bounds, k: (a, cut)})
        walk(int(tree.children_right[node]), {**bounds, k: (float(np.nextafter(cut, np.inf)), b)})

    walk(0, {})
    return out
