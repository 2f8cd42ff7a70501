"""Does a conclusion survive the rival theories? Each headline under each world, flips marked."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.comparison import Comparison, Row, flips
from viz.report.words import change, interval


@dataclass(frozen=True)
class UnderTheories:
    """One headline of one arm in every world."""

    title: str
    arm: str
    cells: tuple[tuple[str, str, str, str], ...]
    """(world, difference, interval, verdict)."""
    verdict: str
    """"flips", "holds in all", "clear in some" or "clear in none"."""


def table(comparison: Comparison) -> list[UnderTheories]:
    """Empty where only one world was run."""
    worlds = comparison.worlds()
    if len(worlds) < 2:
        return []
    names = [n for n in comparison.plan.headlines if n in comparison.names()]
    by_key: dict[tuple[str, str], list[Row]] = {}
    for world in worlds:
        for row in comparison.differences(world, names):
            by_key.setdefault((row.outcome.name, row.arm), []).append(row)
    return [_one(rows) for rows in by_key.values()]


def _one(rows: list[Row]) -> UnderTheories:
    first = rows[0]
    clear = [row for row in rows if row.result.clear]
    if flips(rows):
        verdict = "flips"
    elif len(clear) == len(rows):
        verdict = "holds in all"
    else:
        verdict = "clear in some" if clear else "clear in none"
    cells = tuple(
        (
            row.world,
            change(row.outcome, row.result.difference, row.result.high - row.result.low),
            interval(row.outcome, row),
            row.verdict,
        )
        for row in rows
    )
    title = first.outcome.title[0].upper() + first.outcome.title[1:]
    return UnderTheories(title, first.arm, cells, verdict)
