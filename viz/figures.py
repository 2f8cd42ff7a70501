"""Figures of comparisons: matplotlib in, an inline SVG that reads well on paper, desktop and
phone out.

Every figure is drawn at one narrow width (a phone shows it nearly life-size; wider pages set
several side by side), with its own units and legend, in colours that colour-blind readers can
tell apart (Okabe & Ito 2008, "Color universal design"; cividis, Nunez, Anderton & Renslow 2018,
PLoS ONE 13(7)). No pyplot: nothing here has global state.
"""

from __future__ import annotations

import html
import io
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

INK, MUTED, FAINT, BASE = "#1d1d1f", "#5f6368", "#d9dce0", "#4a4a4a"
ARMS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (2, 1)), (0, (6, 1.5, 1.5, 1.5)), "-", "-")
MARKS = "osD^vP"
WIDTH = 4.2
"""Inches: 302 SVG units, so that 8.5 point text is still read on a 390 pixel phone."""
_STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 2.5,
    "ytick.major.size": 0.0,
    "text.color": INK,
    "axes.unicode_minus": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "peel",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}
STEPS = [1, 2, 2.5, 5, 10]
_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Picture:
    """A drawn figure with what a reader needs beside it."""

    name: str
    """Also its file name and the start of every id in it."""
    figure: Figure
    title: str
    alt: str
    """What the figure shows, for those who don't see it."""
    note: str = ""
    folded: bool = False
    """Shown only when the reader opens it."""

    @cached_property
    def svg(self) -> str:
        """Inline SVG: named and described, sized by its viewBox, ids of its own."""
        with style():
            buffer = io.StringIO()
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        text = buffer.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
        text = re.sub(r' (width|height)="[\d.]+pt"', "", text, count=2)
        text = text.replace("'DejaVu Sans'", _FONTS)
        text = re.sub(r'id="([^"]+)"', rf'id="{self.name}-\1"', text)
        text = re.sub(r'(url\(|href=")#', rf"\1#{self.name}-", text)
        label = (
            f'role="img" aria-labelledby="{self.name}-t {self.name}-d">'
            f'<title id="{self.name}-t">{html.escape(self.title)}</title>'
            f'<desc id="{self.name}-d">{html.escape(self.alt)}</desc>'
        )
        return text.replace(">", f" {label}", 1).strip()

    def png(self) -> bytes:
        """The same as a PNG, 160 dots per inch."""
        with style():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="png", dpi=160, pil_kwargs={"compress_level": 3})
        return buffer.getvalue()


@dataclass(frozen=True)
class Line:
    """One series with its interval; all of shape (points,). `years` count from the run's start."""

    label: str
    years: np.ndarray[Any, Any]
    mean: np.ndarray[Any, Any]
    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]
    arm: int = -1
    """-1: the baseline; else the arm's place, which fixes colour, dash and mark."""


@dataclass(frozen=True)
class Whisker:
    """One interval; `clear` ones are drawn solid, the others hollow."""

    value: float
    low: float
    high: float
    arm: int
    clear: bool


def colour(arm: int) -> str:
    """The baseline's grey, or the colour of an arm."""
    return BASE if arm < 0 else ARMS[arm % len(ARMS)]


def whiskers(
    rows: Sequence[tuple[str, Sequence[Whisker]]],
    unit: str,
    arms: Sequence[str],
    percent: bool = False,
) -> Figure:
    """Dots with whiskers against a line at zero: a label above each group, one line per arm."""
    step, head = 0.17, 0.23
    heights = [head + step * len(group) for _, group in rows]
    legend = 0.06 + 0.2 * _legend_rows(arms) if len(arms) > 1 else 0.0
    tall = sum(heights) + 0.55 + legend
    with style():
        figure = Figure(figsize=(WIDTH, tall))
        ax = figure.add_axes((0.04, 0.42 / tall, 0.92, (sum(heights) + 0.05) / tall))
        ax.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
        y, drawn = 0.0, []
        for (label, group), height in zip(rows, heights, strict=True):
            ax.text(
                0.0,
                y - 0.13,
                label,
                transform=ax.get_yaxis_transform(),
                va="center",
                weight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
                zorder=4,
            )
            for k, one in enumerate(group):
                drawn.append((one, y - head - step * (k + 0.4)))
                _whisker(ax, *drawn[-1])
            y -= height
            ax.axhline(y, color=FAINT, linewidth=0.5, zorder=0)
        ax.set_ylim(y, 0.0)
        _bounds(ax, [one for one, _ in drawn])
        _mark_cut_ends(ax, drawn)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(unit)
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
        ax.xaxis.set_major_formatter(thousands)
        if percent:
            ax.xaxis.set_major_formatter(lambda x, _: f"{x:+.0f} %".replace("-", "−") if x else "0")
        if len(arms) > 1:
            _legend(figure, [(name, k) for k, name in enumerate(arms)], marks=True)
    return figure


def trajectory(
    lines: Sequence[Line],
    differences: Sequence[Line],
    *,
    unit: str,
    difference_unit: str,
    starts: Sequence[tuple[float, str]],
    from_zero: bool,
) -> Figure:
    """Levels over time above, differences from the baseline below; policy dates marked.

    Bands are 95 % intervals of the mean over seeds; `starts` are (day, words).
    """
    with style():
        names = [line.label for line in lines]
        rows = _legend_rows(names)
        tall = 3.55 + 0.2 * rows
        figure = Figure(figsize=(WIDTH, tall))
        top, bottom = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": (1.6, 1.0), "hspace": 0.32}
        )
        figure.subplots_adjust(
            left=0.145, right=0.975, bottom=0.4 / tall, top=1 - (0.27 + 0.2 * rows) / tall
        )
        for ax, series, title in ((top, lines, unit), (bottom, differences, difference_unit)):
            for line in series:
                _band(ax, line, faint=ax is top and line.arm >= 0)
            for when, _ in starts:
                ax.axvline(
                    when / 365.0, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1
                )
            ax.set_title(title, loc="left", fontsize=8.5, color=MUTED, pad=5)
            ax.grid(axis="y", color=FAINT, linewidth=0.5)
            ax.set_axisbelow(True)
            ax.set_xlim(0.0, max(line.years[-1] for line in (*lines, *differences)))
            ax.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
            ax.yaxis.set_major_formatter(thousands)
            ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        bottom.axhline(0.0, color=INK, linewidth=0.8)
        if from_zero:
            top.set_ylim(bottom=0.0)
        mark_starts(top, starts)
        bottom.set_xlabel("years since the start of the run")
        _legend(figure, [(line.label, line.arm) for line in lines], marks=False)
    return figure


# --- inside -----------------------------------------------------------------------------------


@contextmanager
def style() -> Iterator[None]:
    with matplotlib.rc_context(_STYLE):
        matplotlib.rcParams["hatch.color"] = "#c9ccd1"
        matplotlib.rcParams["hatch.linewidth"] = 0.5
        yield


def _whisker(ax: Axes, one: Whisker, y: float) -> None:
    c = colour(one.arm)
    if np.isfinite(one.low):
        ax.plot(
            [one.low, one.high],
            [y, y],
            color=c,
            linewidth=1.6,
            solid_capstyle="butt",
            zorder=2,
            alpha=1.0 if one.clear else 0.55,
        )
    if np.isfinite(one.value):
        ax.plot(
            [one.value],
            [y],
            MARKS[one.arm % len(MARKS)],
            color=c,
            markersize=4.5,
            zorder=3,
            markerfacecolor=c if one.clear else "white",
        )


def _bounds(ax: Axes, group: Sequence[Whisker]) -> None:
    """Room for every dot; an interval far wider than the rest is cut off at the edge."""
    ends = np.array([(w.value, w.low, w.high) for w in group], dtype=np.float64).ravel()
    ends = np.abs(ends[np.isfinite(ends)])
    if not ends.size or ends.max() == 0.0:
        ax.set_xlim(-1.0, 1.0)
        return
    values = np.abs([w.value for w in group if np.isfinite(w.value)])
    usual = float(np.median(ends[ends > 0.0]))
    reach = min(ends.max(), max(4.0 * usual, 3.0 * values.max())) * 1.08
    low = min((w.low for w in group if np.isfinite(w.low)), default=-reach)
    high = max((w.high for w in group if np.isfinite(w.high)), default=reach)
    ax.set_xlim(
        max(-reach, min(low * 1.08, -0.12 * reach)), min(reach, max(high * 1.08, 0.12 * reach))
    )


def _mark_cut_ends(ax: Axes, drawn: Sequence[tuple[Whisker, float]]) -> None:
    """An arrowhead at the edge, where an interval goes on beyond it."""
    low, high = ax.get_xlim()
    for one, y in drawn:
        for edge, mark, cut in ((low, "<", one.low < low), (high, ">", one.high > high)):
            if cut:
                ax.plot(
                    [edge], [y], mark, color=colour(one.arm), markersize=5, clip_on=False, zorder=3
                )


def thousands(x: float, _: Any = None) -> str:
    """A tick's number as readers write it."""
    text = f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.10g}"
    return text.replace("-", "−")


def _band(ax: Axes, line: Line, faint: bool) -> None:
    c = colour(line.arm)
    dash = "-" if line.arm < 0 else DASHES[line.arm % len(DASHES)]
    if np.isfinite(line.low).any():
        ax.fill_between(
            line.years, line.low, line.high, color=c, alpha=0.1 if faint else 0.17, linewidth=0
        )
    ax.plot(line.years, line.mean, color=c, linewidth=1.5, linestyle=dash)


_CHARACTER = 4.2
"""Points that a character of a mark's words takes, about."""


def mark_starts(ax: Axes, starts: Sequence[tuple[float, str]]) -> None:
    """Words at the dates, on the side that has room, each in the first rows that are free there."""
    low, high = ax.get_xlim()
    figure = ax.get_figure(root=True)
    points = ax.get_position().width * (figure.get_figwidth() if figure else WIDTH) * 72.0
    taken: dict[int, list[tuple[float, float]]] = {}
    for when, text in sorted(starts):
        lines = text.split("\n")
        at = (when / 365.0 - low) / (high - low) * points
        wide = 3.0 + _CHARACTER * max(len(line) for line in lines)
        right = at + wide > points and at > points - at
        left, end = (at - wide, at) if right else (at, at + wide)
        row = 0
        while any(
            left < b + 3.0 and end > a - 3.0
            for k in range(row, row + len(lines))
            for a, b in taken.get(k, [])
        ):
            row += 1
        for k in range(row, row + len(lines)):
            taken.setdefault(k, []).append((left, end))
        ax.annotate(
            text,
            (when / 365.0, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if right else 3, -2 - 10 * row),
            textcoords="offset points",
            ha="right" if right else "left",
            va="top",
            fontsize=7.5,
            color=MUTED,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        )


def _legend_rows(names: Sequence[str]) -> int:
    return math.ceil(len(names) / _legend_columns(names))


def _legend_columns(names: Sequence[str]) -> int:
    longest = max((len(name) for name in names), default=0)
    return 3 if longest <= 11 else 2 if longest <= 22 else 1


def _legend(figure: Figure, entries: Sequence[tuple[str, int]], marks: bool) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for name, arm in entries:
        dash = "-" if arm < 0 else DASHES[arm % len(DASHES)]
        handles.append(
            Line2D(
                [],
                [],
                color=colour(arm),
                linewidth=1.6,
                linestyle="-" if marks else dash,
                marker=MARKS[arm % len(MARKS)] if marks else None,
                markersize=4.5,
                label=name,
            )
        )
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.01, 1.0),
        ncols=_legend_columns([name for name, _ in entries]),
        frameon=False,
        fontsize=8.5,
        borderaxespad=0.2,
        handlelength=1.8,
        columnspacing=1.2,
    )
