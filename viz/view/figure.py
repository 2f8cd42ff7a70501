"""The figure that is downloaded: four outcomes over time, both arms, the band of many pairs."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from viz.figures import style
from viz.view.arm import SERIES
from viz.view.luck import ROLL, bands, rolled
from viz.view.recording import Recording

SHOWN = (
    ("persons_shot", f"People shot per {ROLL} weeks"), ("legitimacy", "Trust in police, 0 to 1"),
    ("calls", f"Calls per {ROLL} weeks"), ("stops", f"Stops per {ROLL} weeks"),
)  # fmt: skip
COLOURS = {"a": "#0072B2", "b": "#D55E00"}


def make(recording: Recording, store: Any, kind: str) -> bytes:
    """The figure as svg, png or pdf."""
    pairs = store.batch(recording.spec, 0).pairs()
    band = bands(pairs) if len(pairs) >= 5 else None
    with style():
        figure = Figure(figsize=(9.0, 6.0), layout="constrained")
        grid = figure.subplots(2, 2)
        for ax, (name, title) in zip(grid.flat, SHOWN, strict=True):
            _panel(ax, recording, name, title, band)
        grid.flat[0].legend(frameon=False, fontsize=8, loc="upper right")
        note = (
            f"band: middle 90 % of {len(pairs)} pairs" if band is not None else "one pair, no band"
        )
        figure.suptitle(f"One city, twice ({note})", x=0.01, ha="left", fontsize=12)
        figure.text(0.01, -0.02, recording.origin, fontsize=6.5, color="#5f6368", wrap=True)
        out = io.BytesIO()
        when: dict[str, dict[str, Any]] = {
            "svg": {"Date": None, "Creator": "Peel"}, "pdf": {"CreationDate": None},
        }  # fmt: skip
        figure.savefig(out, format=kind, bbox_inches="tight", dpi=160, metadata=when.get(kind))
    return out.getvalue()


def _panel(ax: Any, recording: Recording, name: str, title: str, band: Any) -> None:
    column = SERIES.index(name)
    level = name == "legitimacy"
    first = 0 if level else ROLL - 1
    if band is not None:
        weeks = np.arange(band.shape[1])
        for arm, at in (("a", 0), ("b", 2)):
            low, high = band[at, first:, column], band[at + 1, first:, column]
            ax.fill_between(weeks[first:] / 52, low, high, color=COLOURS[arm], alpha=0.13, lw=0)
    for arm, label, dash in (("a", "without", (0, (5, 2))), ("b", "with", "-")):
        rows = rolled(recording.series(arm))[first:, column]
        years = np.arange(first, first + len(rows)) / 52
        ax.plot(years, rows, color=COLOURS[arm], ls=dash, lw=1.5, label=label)
    for choice in recording.spec.b:
        if choice.start > 0:
            ax.axvline(choice.start / 364, color="#1d1d1f", lw=0.7, ls=":")
    ax.set_title(title, loc="left", fontsize=9.5)
    ax.set_xlabel("years")
    if not level:
        ax.set_ylim(bottom=0)
