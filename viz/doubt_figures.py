"""Figures of doubt: a conclusion under each layer, and which assumptions move it (a tornado)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from viz.figures import FAINT, INK, MUTED, STEPS, WIDTH, style, thousands

LOW, HIGH = "#0072B2", "#D55E00"
"""Colours of an assumption's low and high end."""


@dataclass(frozen=True)
class Bar:
    """One assumption: the effect at its low and at its high end; `sure` bars are filled."""

    label: str
    low_value: str
    high_value: str
    at_low: float
    at_high: float
    sure: bool


def tornado(
    bars: Sequence[Bar], middle: float, unit: str, tick: Callable[[float], str] = thousands
) -> Figure:
    """Bars from the effect at an assumption's low end to that at its high end, largest on top."""
    step = 0.37
    tall = step * len(bars) + 0.85
    with style():
        figure = Figure(figsize=(WIDTH, tall))
        ax = figure.add_axes((0.04, 0.42 / tall, 0.92, step * len(bars) / tall))
        ax.axvline(middle, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        ax.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
        ends = [x for bar in bars for x in (bar.at_low, bar.at_high)] + [0.0, middle]
        room = 0.2 * ((max(ends) - min(ends)) or 1.0)
        ax.set_xlim(min(ends) - room, max(ends) + room)
        for k, bar in enumerate(bars):
            _bar(ax, bar, middle, -k - 0.7)
            ax.text(
                0.0, -k - 0.22, bar.label, transform=ax.get_yaxis_transform(), va="center",
                fontsize=8, weight="bold" if bar.sure else "normal",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8}, zorder=4,
            )  # fmt: skip
            ax.axhline(-k - 1.0, color=FAINT, linewidth=0.5, zorder=0)
        ax.set_ylim(-len(bars), 0.0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
        ax.xaxis.set_major_formatter(lambda x, _: tick(x))
        ax.set_xlabel(unit)
        _ends(figure, tall)
    return figure


def _bar(ax: Axes, bar: Bar, middle: float, y: float) -> None:
    for value, at, colour in (
        (bar.low_value, bar.at_low, LOW),
        (bar.high_value, bar.at_high, HIGH),
    ):
        ax.barh(
            y, at - middle, left=middle, height=0.34, color=colour if bar.sure else "white",
            edgecolor=colour, linewidth=0.8, zorder=2, hatch=None if bar.sure else "////",
        )  # fmt: skip
        right = at > middle or (at == middle and colour == HIGH)
        ax.annotate(
            value, (at, y), xytext=(3 if right else -3, 0), textcoords="offset points",
            ha="left" if right else "right", va="center", fontsize=7.5, color=MUTED, zorder=5,
        )  # fmt: skip


def _ends(figure: Figure, tall: float) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=LOW, label="assumption at its low end"),
        Patch(facecolor=HIGH, label="at its high end"),
    ]
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.01, 1.0), ncols=2, frameon=False,
        fontsize=8, borderaxespad=0.2, handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip
