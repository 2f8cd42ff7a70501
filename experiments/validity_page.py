"""docs/validity.md: why the model may be believed, how far, and what it must not be used for.

Laid out from recorded results (`experiments.recorded`, the scoreboard's boards) and from the tables
of facts; no figure is written by hand, and where nothing was recorded the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments import recorded
from experiments.facts import facts
from experiments.facts.licences import SOURCES, note
from experiments.scoreboard_page import boards, verdicts
from experiments.validity_calibration import calibration
from experiments.validity_cities import cities
from experiments.validity_words import finite, seeds_of, span
from sim.parameters import all_parameters

INTRO = """\
# How far the model can be believed

Five kinds of check, each with what it found wrong: patterns that real cities share, a joint fit of
parameters to them, fits to single cities held against a year they had not seen, natural experiments
simulated with the treatment only, and conclusions under rival theories. `peel docs` lays this page
out from results that commands wrote.

A model that passes all of them can still be wrong about what a policy does in a place. Read its
results as arguments made precise: if these mechanisms hold, then this follows, within this range.
"""

NOT_FOR = (
    ("Picking people", "Agents are synthetic. No score, list or flag of a real person can come from"
     " it, and a city's event list enters as counts only."),
    ("Sending patrols", "Where shootings will be next week is near chance beyond the lasting map:"
     " branching ratios of real cities, net of their own null, are 0.00 to 0.03."),
    ("Forecasting a year's homicides", "A naive forecast (last year again) often comes nearer; see"
     " the cities above. Shocks that aren't given to the model aren't foreseen."),
    ("Evaluating a programme that ran", "Only data on the programme can do that. The model can say"
     " what effect its mechanism could have and how large a study would have to be."),
    ("Judging an officer, a unit or a department", "Officers are drawn, not copied; complaints and"
     " force of the simulation are nobody's record."),
    ("Evidence in court, or in a complaint", "What happened on a day in a place isn't in it."),
    ("Ranking policies whose intervals overlap", "Differences inside the interval, or that flip"
     " between theories, are not findings."),
    ("Setting a budget to the dollar", "Costs are list prices; capacities are assumptions."),
    ("Proving that a group is to blame", "Gaps between groups come out of place, contact and"
     " workload as the model has them; group traits are inputs, not results."),
    ("Settling what scholars dispute", "Rival theories are laid side by side because data don't"
     " choose between them; a model that fits under one of them is no proof of it."),
    ("Answering for the people who live there", "What residents want, and what policing does to"
     " their dignity, is not an outcome here. Ask them."),
    ("Cities unlike those it was held against", "The facts are of large US cities, 2000 to 2020."
     " Elsewhere, and for other kinds of violence, nothing was checked."),
)  # fmt: skip


def validity() -> str:
    """The page's text."""
    parts = [
        INTRO,
        _boards(),
        calibration(),
        cities(),
        _experiments(),
        _theories(),
        _without_data(),
        _not_for(),
        _licences(),
    ]
    return "\n\n".join(part.strip() for part in parts)


# --- the scoreboard -----------------------------------------------------------------------------


def _boards() -> str:
    lines = ["## The scoreboard", ""]
    found = boards()
    if not found:
        return "\n".join([*lines, "No board is recorded; `peel validate midsize` makes one."])
    lines += [
        "28 patterns of real cities, measured on simulated data by the estimator that gave the real"
        " figure; [scoreboard.md](scoreboard.md) has every part, interval and reason.",
        "",
        "| city | theories | seeds | years | pass | fail | no data |",
        "|---|---|---|---|---|---|---|",
    ]
    names = {fact.rank: fact.name for fact in facts()}
    for board in found:
        held = verdicts(board["scores"])
        theories = ", ".join(f"{q}: {t}" for q, t in board.get("hypotheses", {}).items())
        counts = [sum(v is word for v in held.values()) for word in (True, False, None)]
        lines.append(
            f"| {board['city']} | {theories or 'default'} | {seeds_of(board)} |"
            f" {board['years']:g} | {counts[0]} | {counts[1]} | {counts[2]} |"
        )
    lines.append("")
    for board in found:
        failed = [names[rank] for rank, v in verdicts(board["scores"]).items() if v is False]
        theories = ", ".join(board.get("hypotheses", {}).values()) or "default"
        lines.append(f"- {board['city']}, {theories}, fails: {', '.join(failed) or 'none'}.")
    return "\n".join(lines)


# --- experiments and theories -------------------------------------------------------------------


def _experiments() -> str:
    lines = ["## Natural experiments", ""]
    found = recorded.all_of("experiments")
    if not found:
        return "\n".join([*lines, "None is recorded; `peel validate --experiments` makes them."])
    data = found[0]
    rows = data["experiments"]
    words = [row["verdict"] for row in rows]
    lines += [
        "The evaluation's treatment as a scenario, nothing else changed and nothing tuned"
        f" afterwards; {len(data['seeds'])} seeds per arm, Peel {data['model_version']}. An effect"
        " agrees where the two intervals overlap (a published figure without one counts as a"
        f" point). {words.count('agrees')} of {len(words)} agree; the others are misses and stay"
        " in the table. The policies' settings are assumptions of people who knew these studies, so"
        " an agreement is weak evidence; a miss is stronger."
        + (f" {data['remark']}" if data.get("remark") else ""),
        "",
        "| experiment | estimand | simulated (90 %) | published | verdict |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        ids = ", ".join(f"[{i}](evidence.md#{i})" for i in row["evidence"])
        low, high = row["accept"]
        lines.append(
            f"| {row['title']} | {row['part']}, {row['unit']} |"
            f" {span(row['value'], row['low'], row['high'], sign=True)} |"
            f" {span(row['published'], low, high, sign=True)} {ids} | {row['verdict']} |"
        )
    lines.append("")
    seen: set[str] = set()
    for row in rows:
        if row["fact"] not in seen:
            lines.append(f"- {row['title']}. {row['note']}")
        seen.add(row["fact"])
    return "\n".join(lines)


def _theories() -> str:
    lines = ["## What depends on which hypothesis", ""]
    denied: dict[str, list[str]] = {}
    for fact in facts():
        for part in fact.parts:
            for theory in part.by:
                denied.setdefault(theory, []).append(f"{fact.name} ({part.name})")
    lines.append(
        "Rival theories are settings of one model. Facts that a theory denies, and that are held to"
        " its own prediction under it:"
    )
    lines += ["", *(f"- {name}: {', '.join(rows)}." for name, rows in sorted(denied.items())), ""]
    found = recorded.all_of("hypotheses")
    if not found:
        lines.append("No comparison under all theories is recorded.")
        return "\n".join(lines)
    for one in found:
        lines += _flips(one)
    return "\n".join(lines)


def _flips(one: Mapping[str, Any]) -> list[str]:
    rows: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in one["outcomes"]:
        rows.setdefault((row["arm"], row["outcome"]), []).append(row)
    lines = [
        f"One comparison under every theory ({len(one['seeds'])} seeds,"
        f" {one['days'] / 365:g} years, {one['residents']:,} residents; clear: the interval that"
        " `peel compare` gives leaves out 0):",
        "",
        "| arm | outcome | clear and down | clear and up | not clear | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for (arm, outcome), group in rows.items():
        signs: dict[str, list[str]] = {"down": [], "up": [], "not": []}
        for row in group:
            clear = finite(row["low"]) and finite(row["high"]) and row["low"] * row["high"] > 0
            word = ("down" if row["difference"] < 0 else "up") if clear else "not"
            signs[word].append(str(row["world"]))
        if signs["down"] and signs["up"]:
            verdict = "**flips**"
        elif not signs["not"]:
            verdict = "holds in all"
        else:
            verdict = "clear in none" if len(signs["not"]) == len(group) else "clear in some"
        cells = " | ".join(", ".join(signs[w]) for w in ("down", "up", "not"))
        lines.append(f"| {arm} | {outcome} | {cells} | {verdict} |")
    return lines


# --- limits -------------------------------------------------------------------------------------


def _without_data() -> str:
    lines = ["## What has no data", ""]
    found = boards()
    lacking = sorted(
        {
            f"{row['name']} ({row['part']}) on {board['city']}: {row.get('reason') or 'no value'}"
            for board in found
            for row in board["scores"]
            if row["pass"] is None
        }
    )
    lines += [f"- {text}." for text in lacking]
    if found and not lacking:
        lines.append("- On the boards above every fact could be computed on simulated data.")
    weak = [fact.name for fact in facts() if fact.name not in SOURCES]
    lines += [
        f"- Of {len(facts())} facts {len(weak)} rest on published figures alone, which we could not"
        f" recompute: {', '.join(weak)}.",
        *_unheld(),
        "- A fact holds a pattern, not a policy's effect. Effects are held only against the natural"
        " experiments above; every other policy's effect is what its mechanism gives.",
        "- Trust, fear, trauma and contacts are known for residents of the simulation week by week."
        " Of real cities there are surveys of some years and places: no fact holds how these move"
        " within a year.",
    ]
    return "\n".join(lines)


def _unheld() -> list[str]:
    """What of the model's parameters no study backs, counted from their own table."""

    known = all_parameters().values()
    assumed = [row for row in known if not row.evidence]
    backed = {row.process for row in known if row.evidence}
    bare = sorted({row.process for row in assumed} - backed)
    return [
        f"- Of {len(known)} parameters {len(assumed)} are assumptions that no study backs"
        " ([parameters.md](parameters.md) marks them); their ranges are our judgement.",
        f"- Processes without one parameter that a study backs: {', '.join(bare)}. What they say is"
        " a supposition made exact.",
    ]


def _not_for() -> str:
    lines = ["## What it must not be used for", ""]
    return "\n".join([*lines, *(f"- **{head}.** {text}" for head, text in NOT_FOR)])


def _licences() -> str:
    lines = [
        "## Licences of what the targets derive from",
        "",
        note().replace("docs/validity.md lists them by fact", "the table has them by fact"),
        "",
        "| fact | source | licence |",
        "|---|---|---|",
    ]
    for fact in facts():
        for source, licence in SOURCES.get(fact.name, (("published figures", "-"),)):
            lines.append(f"| {fact.rank} {fact.name} | {source} | {licence} |")
    return "\n".join(lines)
