"""A city's figures, fit and forecasts as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.cities.figures import Figure
from experiments.cities.fitting import Fit
from experiments.cities.forecast import Held
from experiments.cities.targets import Targets


def number(value: float) -> str:
    """Four significant digits, or "no data"."""
    return f"{value:.4g}" if math.isfinite(value) else "no data"


def cell(one: Figure | None) -> str:
    """ "value (low to high)", or "no data"."""
    if one is None or not math.isfinite(one.value):
        return "no data"
    if not math.isfinite(one.low):
        return number(one.value)
    return f"{number(one.value)} ({number(one.low)} to {number(one.high)})"


def figures_table(targets: Targets) -> str:
    """Figures of the fitted years beside those of the year held out."""
    columns = [targets.fit] + ([targets.test] if targets.test else [])
    keys = dict.fromkeys(one.key for window in columns for one in targets.figures[window])
    head = f"{'figure':18} {'part':30}" + "".join(f" {name:>28}" for name in columns) + "  unit"
    lines = [f"{targets.city}, {targets.kind}", head, "-" * len(head)]
    for name, part in keys:
        held = [targets.figure(window, name, part) for window in columns]
        every = [f for window in columns for f in targets.figures[window] if f.key == (name, part)]
        reason = "" if any(held) else f"  ({every[0].note})"
        cells = "".join(f" {cell(one):>28}" for one in held)
        lines.append(f"{name:18} {part:30}{cells}  {every[0].unit}{reason}")
    return "\n".join(lines)


def fit_table(fit: Fit, targets: Targets) -> str:
    """Targets of the fitted years, what the fit reached, and by which parameters."""
    head = f"{'fitted on ' + targets.fit:34} {'target':>28} {'reached':>9}  parameters"
    lines = [head, "-" * (len(head) + 20)]
    for row in fit.reached:
        name = f"{row['figure']} {row['part']}".strip()
        target = Figure("", "", row["target"], row["low"], row["high"], 0, "")
        moved = ", ".join(f"{p} = {fit.parameters[p]:g}" for p in row["parameters"])
        note = "" if row["fitted"] else "  NOT FITTED"
        note += " (at the edge of its range)" if row["at_edge_of_range"] else ""
        lines.append(f"{name:34} {cell(target):>28} {number(row['reached']):>9}  {moved}{note}")
    return "\n".join([*lines, *(f"{line}" for line in fit.lacking)])


def held_table(rows: Sequence[Held], targets: Targets) -> str:
    """The held-out year: the city, the model, and the naive forecasts."""
    head = (
        f"{'held out: ' + targets.test:18} {'part':30} {'the city':>28} {'the model':>28}"
        f" {'last year':>10} {'mean':>8}  verdict"
    )
    lines = [head, "-" * len(head)]
    for row in rows:
        actual = Figure("", "", row.actual, row.actual_low, row.actual_high, 0, "")
        model = Figure("", "", row.model, row.low, row.high, 0, "")
        words = {True: "inside", False: "OUTSIDE", None: "-"}[row.covered]
        if row.loses_to:
            words += f"; loses to {' and '.join(row.loses_to)}"
        words += f" ({row.note})" if row.note else ""
        lines.append(
            f"{row.figure:18} {row.part:30} {cell(actual):>28} {cell(model):>28}"
            f" {number(row.persistence):>10} {number(row.mean_of_years):>8}  {words}"
        )
    return "\n".join(lines)


def beside_table(rows: Sequence[dict[str, Any]], targets: Targets) -> str:
    """The fitted years: the city beside the model."""
    head = f"{'fitted: ' + targets.fit:18} {'part':30} {'the city':>28} {'the model':>10}"
    lines = [head, "-" * len(head)]
    for row in rows:
        actual = Figure("", "", row["target"], row["low"], row["high"], 0, "")
        lines.append(
            f"{row['figure']:18} {row['part']:30} {cell(actual):>28} {number(row['model']):>10}"
        )
    return "\n".join(lines)
