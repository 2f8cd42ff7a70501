"""Figures as docs/validity.md writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def figure(value: Any, sign: bool = False) -> str:
    if not finite(value):
        return "-"
    if sign:
        return f"{value:+.3g}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def span(value: Any, low: Any = None, high: Any = None, sign: bool = False) -> str:
    text = figure(value, sign)
    if finite(low) and finite(high):
        text += f" ({figure(low, sign)} to {figure(high, sign)})"
    return text


def percent(value: Any) -> str:
    return f"{value:.0%}" if finite(value) else "-"


def seeds_of(board: Mapping[str, Any]) -> str:
    """First and last seed of a board."""
    first = int(board.get("seed", 1))
    return f"{first}-{first + int(board['seeds']) - 1}"
