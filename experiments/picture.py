"""The picture of one run: violence, policing and beliefs by week."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import RunResult

_PANELS = (
    ("Shot, by week", {"persons_shot": "persons shot", "homicides": "homicides"}, 4),
    ("Police, by week", {"stops": "stops", "arrests": "arrests"}, 4),
    ("Beliefs", {"legitimacy": "legitimacy", "fear": "fear", "trauma": "trauma"}, 1),
)
"""Title; column and its label; weeks that the line averages over."""
_COLOURS = ("#1b4965", "#c44536", "#7a9e7e")


def draw(result: RunResult, path: Path) -> None:
    """Write the picture as PNG to `path`. Needs no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    weekly = whole_weeks(result.weekly)
    figure = Figure(figsize=(9.0, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        f"{result.scenario.name}, seed {result.seed}: {result.residents:,} residents", fontsize=12
    )
    for row, (title, columns, weeks) in enumerate(_PANELS, start=1):
        axes = figure.add_subplot(len(_PANELS), 1, row)
        _panel(axes, weekly, columns, weeks)
        axes.set_title(
            title if weeks == 1 else f"{title} (mean of {weeks})", loc="left", fontsize=10
        )
        if row == len(_PANELS):
            axes.set_xlabel("weeks from the start")
    figure.savefig(path, dpi=130)


def whole_weeks(weekly: pd.DataFrame) -> pd.DataFrame:
    """The weeks of seven days: a year's last, of a day or two, would look like a fall in every count."""
    whole = weekly[weekly["days"] == 7]
    return whole if len(whole) else weekly


def _panel(axes: Any, weekly: Any, columns: dict[str, str], weeks: int) -> None:
    """Lines on one axis: each week faint, the rolling mean strong."""
    for colour, (column, label) in zip(_COLOURS, columns.items(), strict=False):
        series = weekly[column]
        if weeks > 1:
            axes.plot(weekly["week"], series, color=colour, alpha=0.2, linewidth=0.8)
            series = series.rolling(weeks, min_periods=1).mean()
        axes.plot(weekly["week"], series, color=colour, label=label, linewidth=1.6)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="upper right", ncols=len(columns))
