"""The page docs/scoreboard.md: boards as `peel validate` recorded them, and what each miss means.

A board is the `validate.json` of a run kept with `peel validate --out`, shipped in
`experiments/facts/boards`; this module only lays it out, so no figure is written by hand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from experiments import recorded

__all__ = ["boards", "scoreboard", "verdicts"]

INTRO = """\
# The scoreboard

What Peel's synthetic city shows of 28 facts of real cities, each computed by the estimator that gave
the real figure. A fact passes when each of its parts lies inside the accepted range and the 90 %
interval overlaps it. Ranges were fixed before any run. A fact that a hypothesis denies is held to that
hypothesis's own prediction. Make a board of your own with `peel validate CITY --out DIR`.

A pass says that the city looks like real ones in that respect at the defaults. It doesn't say that the
model predicts what a policy does. Parameters were moved while looking at the seeds named as tuned on;
other boards are of seeds that nobody had looked at before.
"""


def boards() -> list[dict[str, Any]]:
    """The recorded boards, in order of file name."""
    return [
        json.loads(f.read_text(encoding="utf-8")) for f in sorted(recorded.boards().glob("*.json"))
    ]


def scoreboard() -> str:
    """The page's text."""
    found = boards()
    parts = [INTRO]
    for board in found:
        parts += [_heading(board), _table(board["scores"]), _misses(board["scores"])]
    return "\n\n".join(part.strip() for part in parts if part)


def verdicts(scores: Iterable[Mapping[str, Any]]) -> dict[int, bool | None]:
    """Rank -> whether every part passes; None where a part has no data and none fails."""
    out: dict[int, bool | None] = {}
    for row in scores:
        before = out.get(row["fact"], True)
        if before is False or row["pass"] is False:
            out[row["fact"]] = False
        else:
            out[row["fact"]] = None if before is None or row["pass"] is None else True
    return out


def _heading(board: Mapping[str, Any]) -> str:
    found = list(verdicts(board["scores"]).values())
    theories = ", ".join(f"{q}: {t}" for q, t in board.get("hypotheses", {}).items())
    first, seeds = board["seed"], board["seeds"]
    title = board.get("title") or f"{board['city']}{', ' + theories if theories else ''}"
    lines = [
        f"## {title}",
        "",
        f"{sum(v is True for v in found)} of {len(found)} facts pass,"
        f" {sum(v is False for v in found)} fail,"
        f" {sum(v is None for v in found)} lack data. City {board['city']},"
        f" seeds {first} to {first + seeds - 1}, {board['years']:g} years after the burn-in,"
        f" Peel {board['version']}, {board['seconds']:.0f} s"
        f" ({'hypotheses ' + theories if theories else 'default hypotheses'}).",
    ]
    if board.get("remark"):
        lines += ["", board["remark"]]
    return "\n".join(lines)


def _table(scores: Iterable[Mapping[str, Any]]) -> str:
    lines = [
        "| fact | part | value | 90 % interval | accepted | verdict |",
        "|---|---|---|---|---|---|",
    ]
    before = 0
    for row in scores:
        name = f"{row['fact']} {row['name']}" if row["fact"] != before else ""
        before = row["fact"]
        span = f"{_figure(row['low'])} to {_figure(row['high'])}" if row["low"] is not None else ""
        word = {True: "pass", False: "**fail**", None: "no data"}[row["pass"]]
        lines.append(
            f"| {name} | {row['part']} | {_figure(row['value'])} | {span} |"
            f" {_accepted(row['accept'])} | {word} |"
        )
    return "\n".join(lines)


def _misses(scores: Iterable[Mapping[str, Any]]) -> str:
    """Why each failing fact fails and what that means, from the table of facts."""
    from experiments.facts import facts
    from experiments.validate_cli import NO_NOTE

    found = verdicts(scores)
    lines = [
        f"- {fact.rank} {fact.name}: {fact.unmet or NO_NOTE}"
        for fact in facts()
        if found.get(fact.rank) is False
    ]
    return "\n".join(["What fails, and what it means for you:", "", *lines]) if lines else ""


def _accepted(accept: list[float | None]) -> str:
    low, high = accept
    if low is None and high is None:
        return "anything"
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"


def _figure(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
