"""A picture of each answer, with matplotlib; one function per question, each returns the figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from experiments.analysis.discovery import Found
    from experiments.analysis.sensitivity import Indices
    from experiments.analysis.surface import Surface

_DARK, _LIGHT, _RED = "#23415a", "#8fb3cc", "#b5482f"


def figure(width: float = 7.0, height: float = 4.0) -> tuple[Figure, Any]:
    """An empty picture that needs no screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return made, axes


def save(made: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made.savefig(path, dpi=150)


def indices(found: Indices, most: int = 15) -> Figure:
    """Bars with intervals, strongest factor at the top."""
    table = found.table.head(most).iloc[::-1]
    made, axes = figure(height=1.2 + 0.32 * len(table))
    pairs = {"sobol": ("first", "total"), "given data": ("slope",), "morris": ("mu_star",)}
    names = pairs[found.method]
    at = np.arange(len(table))
    for j, name in enumerate(names):
        place = at + (0.2 if len(names) > 1 else 0.0) * (1 - 2 * j)
        axes.barh(
            place, table[name], height=0.38 if len(names) > 1 else 0.6,
            color=(_LIGHT, _DARK)[j] if len(names) > 1 else _DARK, label=name.replace("_", " "),
        )  # fmt: skip
        axes.hlines(place, table[f"{name}_low"], table[f"{name}_high"], color="black", lw=1)
    axes.set_yticks(at, [str(n) for n in table.index])
    axes.set_title(found.outcome, loc="left", fontsize=10)
    axes.axvline(0, color="black", lw=0.6)
    if len(names) > 1:
        axes.legend(frameon=False, fontsize=8)
    else:
        axes.set_xlabel(
            {
                "morris": "mean absolute effect of a factor's whole range (mu*)",
                "given data": "standardised regression coefficient",
            }[found.method]
        )
    return made


def peeling(found: Found) -> Figure:
    """Coverage against density along the way to a box; the box chosen is marked."""
    made, axes = figure(5.5, 4.5)
    path = found.trajectory
    dots = axes.scatter(path["coverage"], path["density"], c=path["restricted"], cmap="viridis",
                        s=22)  # fmt: skip
    axes.scatter([found.box.coverage], [found.box.density], s=110, facecolors="none",
                 edgecolors=_RED, linewidths=1.8)  # fmt: skip
    axes.set_xlabel("coverage")
    axes.set_ylabel("density")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    made.colorbar(dots, ax=axes, label="factors restricted")
    return made


def regrets(lost: pd.DataFrame, unit: str = "") -> Figure:
    """How regret spreads over worlds, one line per option."""
    made, axes = figure()
    share = np.linspace(0, 1, len(lost))
    for name in lost.columns:
        axes.step(np.sort(lost[name].to_numpy()), share, where="post", label=_label(name))
    axes.set_xlabel(f"regret{f' ({unit})' if unit else ''}")
    axes.set_ylabel("share of worlds with no more")
    axes.legend(frameon=False, fontsize=8)
    return made


def contours(of: Surface, first: str, second: str, title: str = "") -> Figure:
    """The emulator over two factors, the others at their middle."""
    from experiments.analysis.surface import grid

    frame = grid(of, first, second)
    side = round(len(frame) ** 0.5)
    made, axes = figure(5.5, 4.5)
    shape = (side, side)
    filled = axes.contourf(
        frame[first].to_numpy().reshape(shape), frame[second].to_numpy().reshape(shape),
        frame["mean"].to_numpy().reshape(shape), levels=12, cmap="viridis",
    )  # fmt: skip
    made.colorbar(filled, ax=axes)
    axes.set_xlabel(first)
    axes.set_ylabel(second)
    axes.set_title(f"{title}\n(error {of.error.rmse:.3g}, R2 {of.error.r2:.2f})".strip(),
                   loc="left", fontsize=9)  # fmt: skip
    return made


def _label(name: Any) -> str:
    return ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)
