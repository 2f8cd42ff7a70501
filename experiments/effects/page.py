"""The document: docs/effects.md, with its seeds, intervals, cities and version."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from experiments.effects.arms import ADDED, DEFAULT, ENDED, Arm, Setup, model_digest
from experiments.effects.findings import Cell, Finding, seen
from experiments.effects.work import OUTCOMES
from experiments.outcomes import describe
from experiments.statistics import Difference

FEWEST_PAIRS = 3
"""Pairs under the default theories from which the larger city has the last word."""
MARK = "<!-- Written by `peel effects`; run it again instead of editing. -->"
_TITLES = {
    "treated_arrests": "arrests of those reached", "treated_shot": "people reached who were shot",
    "treated_shooters": "shootings by people reached", "place_shot": "people shot where it works",
}  # fmt: skip


def write(path: Path, text: str) -> None:
    """Replace the document whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def page(stages: Sequence[Sequence[Finding]], worlds: Sequence[str], command: str) -> str:
    """The whole document; each stage holds one city's findings, the screen first."""
    lines = [
        MARK,
        "",
        "# What each policy does to what it was not meant for",
        "",
        *_preface(command),
    ]
    stages = [stage for stage in stages if stage]
    lines += ["## Where the figures come from", "", *_origins(stages, worlds), ""]
    lines += ["## At a glance", "", *_glance(stages), ""]
    lines += ["## Held against what was seen", "", *_seen(stages), ""]
    lines += ["## Policy by policy", ""]
    for arm in _arms(stages):
        lines += _section(arm, stages, worlds)
    return "\n".join(lines).rstrip() + "\n"


def _preface(command: str) -> list[str]:
    return [
        "Each policy alone, at its default settings, against the same city without it: the same",
        "seeds, so the same people and the same draws until the policy touches something. Harms",
        "also the other way round: ended on the first day in a city that has had them since the",
        "burn-in began, against the same city that keeps them. Figures are totals of the run,",
        "levels (legitimacy, trauma) those of its last day, with 95 % intervals over pairs of runs.",
        "",
        "A figure in **bold** excludes no change. *Measurable* is stricter: it also holds when the",
        f"{len(OUTCOMES)} outcomes of a policy are looked at together (Benjamini-Hochberg, 5 %).",
        "With hundreds of figures some bold ones are chance. Where nothing is measurable the table",
        "says so; that is a statement about these runs, not about the world.",
        "",
        f"Written by `{command}`.",
        "",
    ]  # fmt: skip


def _origins(stages: Sequence[Sequence[Finding]], worlds: Sequence[str]) -> list[str]:
    from sim.version import MODEL_VERSION

    lines = [f"Model {MODEL_VERSION}, sources {model_digest()}. Theories: {', '.join(worlds)}.", ""]
    lines += [
        "| city | years | burn-in | policies | pairs under each theory |",
        "|---|---|---|---|---|",
    ]
    for stage in stages:
        setup = stage[0].setup
        counts = []
        for world in worlds:
            pairs = [found.pairs.get(world, 0) for found in stage]
            counts.append(
                f"{world}: {min(pairs)}" + (f" to {max(pairs)}" if max(pairs) > min(pairs) else "")
            )
        policies = len({found.arm.policy for found in stage})
        lines.append(
            f"| {setup.city} | {setup.years:g} | {setup.burn_in_years:g} years | {policies} |"
            f" {', '.join(counts)} |"
        )
    return lines


def _glance(stages: Sequence[Sequence[Finding]]) -> list[str]:
    lines = [
        f"From the larger city where it has {FEWEST_PAIRS} pairs or more, else from the first.", "",
        "| policy | city | measurably moves | theories disagree about |", "|---|---|---|---|",
    ]  # fmt: skip
    for arm in _arms(stages):
        found = last_word(stages, arm)
        assert found is not None
        moves = [f"{name} {_figure(name, found.cells[name, DEFAULT].result)}"
                 for name in found.measurable()]  # fmt: skip
        flips = [f"{name} ({'; '.join(said)})" for name in OUTCOMES if (said := found.flips(name))]
        lines.append(
            f"| {_name(arm)} | {found.setup.city} |"
            f" {', '.join(moves) or 'nothing measurable'} | {', '.join(flips)} |"
        )
    return lines


def last_word(stages: Sequence[Sequence[Finding]], arm: Arm) -> Finding | None:
    """The finding of the larger city, where it has pairs enough; else the one with most pairs."""
    some = [found for stage in stages for found in stage if found.arm == arm]
    enough = [found for found in some if found.pairs.get(DEFAULT, 0) >= FEWEST_PAIRS]
    if enough:
        return enough[-1]
    return max(some, key=lambda found: found.pairs.get(DEFAULT, 0), default=None)


def _seen(stages: Sequence[Sequence[Finding]]) -> list[str]:
    lines = [
        "Only where an evaluation speaks of those treated or of the place. Nothing in this column",
        "goes into the model; where the two differ, the difference is left standing.",
        "",
        "| policy | figure | seen | simulated (95 %) | city | |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in seen():
        found = last_word(stages, Arm(row.policy, ADDED))
        if found is None:
            continue
        mine = row.simulated(found)
        said = "none counted" if mine is None else _range(*mine, points=row.points)
        unit = " points" if row.points else " %"
        links = ", ".join(f"[{i}](evidence.md#{i})" for i in row.evidence)
        lines.append(
            f"| {row.policy} | {_TITLES.get(row.figure, describe(row.figure).title)} |"
            f" {100 * row.low:.0f} to {100 * row.high:.0f}{unit}: {row.about} ({links}) | {said} |"
            f" {found.setup.city} | {row.verdict(found)} |"
        )
    return lines


def _section(arm: Arm, stages: Sequence[Sequence[Finding]], worlds: Sequence[str]) -> list[str]:
    from sim.policies import registry

    kind = registry()[arm.policy]
    ended = arm.mode == ENDED
    lines = [f"### {kind.title}{', ended' if ended else ''}", ""]
    about = [f"`{arm.policy}`, row {kind.row}", f"evidence: {kind.badge}"]
    about += ["a harm"] * kind.harm + ["**speculative: no estimate exists**"] * kind.speculative
    lines += ["; ".join(about) + ".", ""]
    for stage in stages:
        for found in stage:
            if found.arm == arm:
                lines += _table(found, worlds)
    return lines


def _table(found: Finding, worlds: Sequence[str]) -> list[str]:
    there = [world for world in worlds if found.pairs.get(world)]
    city = found.setup.city
    if not there:
        return [f"{city}: not run.", ""]
    pairs = ", ".join(f"{found.pairs[world]} pairs under {world}" for world in there)
    cost = "" if found.arm.mode == ENDED else f" Cost: ${found.cost:,.0f} a year."
    lines = [f"**{city}** ({pairs}).{cost}", ""]
    shown = [n for n in OUTCOMES if any(_clear(found, n, world) for world in there)]
    if shown:
        lines += [
            f"| outcome | without | {' | '.join(there)} | |",
            "|---|" + "---|" * (len(there) + 2),
        ]
        for name in shown:
            base = found.cells.get((name, DEFAULT)) or found.cells[name, there[0]]
            row = [_cell(name, found.cells.get((name, world))) for world in there]
            lines.append(
                f"| {describe(name).title} | {_level(name, base.result.baseline_mean)} |"
                f" {' | '.join(row)} | {'; '.join(found.flips(name))} |"
            )
        lines.append("")
    quiet = [describe(n).title for n in OUTCOMES if n not in shown]
    if not found.measurable():
        lines += [f"Under the default theories nothing measurable.{_reach(found)}", ""]
    if quiet and shown:
        lines += [f"No clear change under any theory: {', '.join(quiet)}.", ""]
    if found.treated:
        told = [
            f"{_TITLES[name]} {_range(r.relative, r.relative_low, r.relative_high)}"
            f" (of {r.baseline_mean:,.1f})"
            for name, r in found.treated.items()
        ]
        whom = (
            f"Those reached in the first half year ({found.people:,.0f}): " if found.people else ""
        )
        lines += [f"{whom}{'; '.join(told)}.", ""]
    return lines


def _reach(found: Finding) -> str:
    """How large a change of the first outcome could have been missed."""
    cell = found.cells.get(("persons_shot", DEFAULT))
    if cell is None or not math.isfinite(cell.result.relative_low):
        return ""
    r = cell.result
    return f" People shot: {_range(r.relative, r.relative_low, r.relative_high)}."


def _clear(found: Finding, name: str, world: str) -> bool:
    cell = found.cells.get((name, world))
    return cell is not None and cell.clear


def _cell(name: str, cell: Cell | None) -> str:
    if cell is None:
        return "not run"
    text = _figure(name, cell.result)
    return f"**{text}**" if cell.clear else text


def _figure(name: str, result: Difference) -> str:
    """A count's relative change, or a level's change, with its interval."""
    if result.method == "identical":
        return "same"
    if describe(name).count:
        if math.isfinite(result.low) and not math.isfinite(result.relative_low):  # few events
            return f"{result.difference:+,.1f} a run ({result.low:+,.1f} to {result.high:+,.1f})"
        return _range(result.relative, result.relative_low, result.relative_high)
    points = describe(name).kind == "share"
    return _range(result.difference, result.low, result.high, points=points, level=not points)


def _range(value: float, low: float, high: float, points: bool = False, level: bool = False) -> str:
    if not math.isfinite(value):
        return "no figure"
    known = math.isfinite(low) and math.isfinite(high)
    if level:
        form = f"+.{_decimals(high - low, 4, 7)}f"
        return f"{value:{form}} ({low:{form}} to {high:{form}})" if known else f"{value:{form}}"
    low, high = 100 * low, 100 * high
    form = f"+.{_decimals(high - low, 1, 4)}f"
    said = f"{100 * value:{form}}{' points' if points else ' %'}"
    return f"{said} ({low:{form}} to {high:{form}})" if known else f"{said} (no interval)"


def _decimals(width: float, fewest: int, most: int) -> int:
    """Decimals with which an interval of this width doesn't read as one figure.

    >>> _decimals(0.9, 1, 4), _decimals(0.03, 1, 4)
    (1, 2)
    """
    if not (math.isfinite(width) and width > 0.0):
        return fewest
    return min(max(math.ceil(-math.log10(width / 2.0)), fewest), most)


def _level(name: str, value: float) -> str:
    if describe(name).count:
        return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
    return f"{100 * value:.1f} %" if describe(name).kind == "share" else f"{value:.3f}"


def _arms(stages: Sequence[Sequence[Finding]]) -> list[Arm]:
    return list(dict.fromkeys(found.arm for stage in stages for found in stage))


def _name(arm: Arm) -> str:
    return f"{arm.policy}{' (ended)' if arm.mode == ENDED else ''}"


def measurable(findings: Sequence[Finding]) -> list[str]:
    """Policies that measurably move something under any theory."""
    return list(
        dict.fromkeys(
            found.arm.policy
            for found in findings
            if any(cell.measurable for cell in found.cells.values())
        )
    )


__all__ = ["MARK", "Setup", "measurable", "page", "write"]
