"""A city's figures, fit and forecasts as text."""

from __future__ import annotations

import math

from experiments.cities.figures import Figure
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
