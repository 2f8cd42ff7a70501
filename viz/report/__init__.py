"""The report of a comparison: one HTML file that says what changed, how surely, and on what
grounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from experiments.comparison import Comparison


def write_report(comparison: Comparison, form: str = "html") -> Path:
    """Write `report.html`, `figures/`, `tables/` and `scenarios/` into the comparison's folder.

    `form`: html, pdf, md or csv (see `viz.report.build.write`).
    """
    from viz.report.build import write

    return write(comparison, form)


def write_run_report(folder: Path, form: str = "html") -> Path:
    """Write the report of a single run into its folder. Raises UserError where there is none."""
    from viz.report import formats, one_run

    formats.check(form)
    page = one_run.write(folder, markdown=form == "md")
    if form == "csv":
        return folder / "tables"
    if form == "md":
        return folder / "report.md"
    return formats.pdf(page) if form == "pdf" else page
