"""The report of a comparison: one HTML file that says what changed, how surely, and on what
grounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from experiments.comparison import Comparison


def write_report(comparison: Comparison) -> Path:
    """Write `report.html`, `figures/`, `tables/` and `scenarios/` into the comparison's folder."""
    from viz.report.build import write

    return write(comparison)
