"""Figures of a single run: one line over time, with what begins and ends marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from viz.figures import ARMS, FAINT, MUTED, STEPS, WIDTH, mark_starts, style, thousands


def course(
    years: np.ndarray[Any, Any],
    values: np.ndarray[Any, Any],
    *,
    unit: str,
    starts: Sequence[tuple[float, str]],
    from_zero: bool,
) -> Figure:
    """One series; `years` and `values` are (points,), `starts` are (day, words)."""
    with style():
        tall = 2.5
        figure = Figure(figsize=(WIDTH, tall))
        ax = figure.add_axes((0.145, 0.4 / tall, 0.83, (tall - 0.4 - 0.3) / tall))
        ax.plot(years, values, color=ARMS[0], linewidth=1.5)
        for when, _ in starts:
            ax.axvline(when / 365.0, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        ax.set_title(unit, loc="left", fontsize=8.5, color=MUTED, pad=5)
        ax.grid(axis="y", color=FAINT, linewidth=0.5)
        ax.set_axisbelow(True)
        ax.set_xlim(0.0, float(years[-1]))
        if from_zero:
            ax.set_ylim(bottom=0.0)
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
        ax.yaxis.set_major_formatter(thousands)
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.set_xlabel("years since the start of the run")
        mark_starts(ax, starts)
    return figure
