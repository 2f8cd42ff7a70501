"""Maps of areas: levels in cividis, differences in blue and orange, what luck could do in hatched
grey."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from viz.figures import STEPS, WIDTH, style, thousands

NOTHING = "#e9eaec"
"""Fill of areas whose interval covers zero."""
DIVERGING = LinearSegmentedColormap.from_list(
    "fewer_more", ["#00507d", "#4fa3d1", "#f4f1ea", "#e8935a", "#a34700"]
)


def area_map(
    shapes: Sequence[Sequence[np.ndarray[Any, Any]]],
    values: np.ndarray[Any, Any],
    shown: np.ndarray[Any, Any],
    *,
    label: str,
    diverging: bool,
    better: str = "",
) -> Figure:
    """Areas filled by value; those not `shown` (no clear difference) stay grey and hatched.

    `shapes[a]` lists area a's rings, (k, 2): outlines run anticlockwise, holes clockwise. Blue is
    the better side, where `better` says which ("lower" or "higher"); else it is the lower.
    """
    with style():
        wide, high = _extent(shapes)
        body = min(WIDTH * 0.92 * high / wide, 4.6)
        tall = body + 0.75
        figure = Figure(figsize=(WIDTH, tall))
        ax = figure.add_axes((0.04, 0.7 / tall, 0.92, body / tall))
        known = values[shown & np.isfinite(values)]
        norm, cmap = _scale(known, diverging, better)
        paths = [
            Path.make_compound_path(*(Path(r, closed=True) for r in rings)) for rings in shapes
        ]
        looks: list[tuple[np.ndarray[Any, Any], dict[str, Any]]] = [
            (~shown, {"facecolor": NOTHING, "hatch": "//////"}),
            (shown, {"array": values[shown], "cmap": cmap, "norm": norm}),
        ]
        for here, look in looks:
            mine = [paths[int(i)] for i in np.flatnonzero(here)]
            ax.add_collection(PathCollection(mine, edgecolor="#ffffff", linewidth=0.4, **look))
        ax.set_aspect("equal")
        ax.autoscale_view()
        ax.axis("off")
        _colour_bar(figure, tall, norm, cmap, label)
    return figure


def _extent(shapes: Sequence[Sequence[np.ndarray[Any, Any]]]) -> tuple[float, float]:
    points = np.concatenate([ring for area in shapes for ring in area])
    wide, high = np.ptp(points, axis=0)
    return max(float(wide), 1.0), max(float(high), 1.0)


def _scale(values: np.ndarray[Any, Any], diverging: bool, better: str) -> tuple[Normalize, Any]:
    if diverging:
        colours = DIVERGING.reversed() if better == "higher" else DIVERGING
        reach = float(np.abs(values).max()) if values.size else 1.0
        return Normalize(-(reach or 1.0), reach or 1.0), colours
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    return Normalize(low, high if high > low else low + 1.0), matplotlib.colormaps["cividis"]


def _colour_bar(figure: Figure, tall: float, norm: Normalize, cmap: Any, label: str) -> None:
    bar = figure.add_axes((0.08, 0.46 / tall, 0.84, 0.1 / tall))
    steps = np.linspace(norm.vmin or 0.0, norm.vmax or 1.0, 41)
    # rectangles, not an image: an image inside an SVG blurs in print
    boxes = [[(a, 0), (b, 0), (b, 1), (a, 1)] for a, b in itertools.pairwise(steps)]
    fill = cmap(norm((steps[1:] + steps[:-1]) / 2.0))
    bar.add_collection(PolyCollection(boxes, facecolors=fill, edgecolors=fill, linewidths=0.3))
    bar.set_xlim(steps[0], steps[-1])
    bar.set_ylim(0.0, 1.0)
    bar.set_yticks([])
    for side in ("left", "bottom"):
        bar.spines[side].set_visible(False)
    bar.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    bar.xaxis.set_major_formatter(thousands)
    bar.set_xlabel(label, fontsize=8)
