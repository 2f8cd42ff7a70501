"""Pages laid out from the code alone: the day, processes, parameters, evidence, policies, levers, outcomes.

Each function gives the text of one document; `experiments.docs` writes and checks them. What was
measured is in pages of its own (validity, scoreboard, performance).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from experiments.lookup import describe, figures, policy_settings, span


def day() -> str:
    """The order of the day, from the engine's list of steps."""
    from sim.engine import STEPS

    lines = [
        "# The order of the day",
        "",
        "One call, `sim.engine.advance`, lets time pass. Every day these steps run from top to"
        " bottom; the weekly ones run before the first day of each week.",
        "",
    ]
    told = {"sim.engine"}  # modules whose own description has been given
    for number, (title, step, cadence) in enumerate(STEPS, start=1):
        function = getattr(step, "py_func", step)
        module = inspect.getmodule(function)
        lines += [
            f"## {number}. {title[:1].upper()}{title[1:]}",
            "",
            f"{cadence.capitalize()}; `{function.__module__}.{function.__name__}`.",
            "",
            _prose(function.__doc__),
            "",
        ]
        about = _prose(module.__doc__ if module else "")
        if about and function.__module__ not in told:
            told.add(function.__module__)
            lines += [*(f"> {line}".rstrip() for line in about.splitlines()), ""]
    return "\n".join(lines)


def processes() -> str:
    """What is modelled: each process, its sources and limits, and the tests that hold it."""
    import importlib

    from sim.engine import STEPS
    from sim.parameters import all_parameters
    from sim.processes.catalogue import PROCESSES

    steps: dict[str, list[str]] = {}
    for title, step, cadence in STEPS:
        function = getattr(step, "py_func", step)
        steps.setdefault(function.__module__, []).append(f"{title} ({cadence})")
    lines = [
        "# Processes",
        "",
        "What is modelled, on what grounds, and which tests hold it: against what it should come to"
        " by a closed form (theory), and with it frozen, when the policies that it carries must"
        " lose their effect (knock-out). The [order of the day](day.md) says when each runs.",
    ]
    for name, entry in PROCESSES.items():
        module = importlib.import_module(f"sim.processes.{name}")
        rows = [r for r in all_parameters().values() if r.process in entry.reads]
        ids = sorted({i for r in rows for i in r.evidence})
        assumed = sum(1 for r in rows if not r.evidence)
        held = [("Theory", entry.theory), ("Knock-out", entry.knock_out)]
        lines += ["", f"## {entry.title}", "", f"`sim.processes.{name}`.", ""]
        lines += [_prose(module.__doc__), ""]
        if module.__name__ in steps:
            lines += [f"- Steps: {'; '.join(steps[module.__name__])}."]
        if rows:
            lines += [
                f"- [Parameters](parameters.md): {', '.join(f'`{r.name}`' for r in rows)}."
                f" {assumed} of {len(rows)} are assumptions"
                f"{f'; evidence: {_cited(ids)}' if ids else ''}."
            ]
        if entry.policies:
            lines += [f"- Carries: {', '.join(f'`{p}`' for p in entry.policies)}."]
        for label, tests in held:
            said = "; ".join(f"`{test}`" for test in tests) or "none of its own"
            lines += [f"- {label}: {said}."]
    return "\n".join(lines)


def parameters() -> str:
    """Every parameter, by the process that reads it."""
    from sim.parameters import all_parameters

    rows = list(all_parameters().values())
    lines = [
        "# Parameters",
        "",
        "A scenario sets them under `[parameters]`. The range bounds what a scenario may set and is"
        " the prior of sensitivity analyses. Evidence names rows of [the ledger](evidence.md);"
        " “assumption” says that no study backs the default.",
    ]
    for process in sorted({row.process for row in rows}):
        lines += [
            "",
            f"## {process[:1].upper()}{process[1:]}",
            "",
            *_table(
                ("parameter", "default", "range", "unit", "meaning", "evidence"),
                (
                    (
                        f"`{row.name}`",
                        f"{row.default:g}",
                        span(row.low, row.high),
                        row.unit,
                        row.meaning + (f" (disputed: {row.contested})" if row.contested else ""),
                        _cited(row.evidence) or "assumption",
                    )
                    for row in rows
                    if row.process == process
                ),
            ),
        ]
    return "\n".join(lines)


def evidence() -> str:
    """The ledger."""
    from sim.evidence import ledger

    kinds = {
        "mechanism": "What moves what",
        "level": "How things stand",
        "shape": "How violence is patterned",
        "policy": "What evaluations of policies saw",
    }
    lines = [
        "# The evidence ledger",
        "",
        "What studies found, how strong they are and who disputes them. No figure here is an"
        " outcome that the model is told to produce. Strength: experiment (randomised), quasi (a"
        " natural experiment), descriptive (observed), advocacy (from a campaign, or asserted).",
    ]
    for topic, title in kinds.items():
        lines += ["", f"## {title}"]
        for row in ledger().values():
            if row.topic == topic:
                lines += [
                    "",
                    f'<a id="{row.id}"></a>',
                    f"**{row.id}. {row.quantity}** ({row.strength}; {row.checked}): {figures(row)}."
                    f" {row.where_when}. {row.source}."
                    + (f" *Disputed: {row.contested_by}.*" if row.contested_by else ""),
                ]
    return "\n".join(lines)


def policies() -> str:
    """Every policy, reform and harm with its settings and levers."""
    from sim.policies import registry

    kinds = sorted(registry().values(), key=lambda kind: (kind.row, kind.name))
    lines = [
        "# Policies, reforms and harms",
        "",
        "Each is an entry `[[policy]]` of a scenario, with `name`, `start`, `end` and any of its"
        " settings. A policy changes what agents do, for those it reaches; its outcome emerges."
        " [effects.md](effects.md) has what each was found to do in two synthetic cities, side effects"
        " and rival theories included.",
        "",
        "Programmes with places rank who may be asked as staff see them (`targeting_noise`), ask the"
        " first for each free place (`uptake`), and keep them for `months` unless they drop out; places"
        " grow over `ramp_weeks`, and what is left afterwards (`lasts_days`, in proportion to the"
        " stay) halves until a refresher (`refresher_days`, off by default) gives it back. Courses"
        " fade and are refreshed by the same rule. Programmes share officers' hours and money: where"
        " plans exceed `programme_hours` or `programme_budget`, all fall short alike. What each"
        " delivered by week, group and area is in `policies.parquet`.",
    ]
    for kind in kinds:
        lines += [
            "",
            f"## {kind.title}",
            "",
            f"`{kind.name}`, row {kind.row}{', a harm' if kind.harm else ''}."
            f" Evidence: {kind.badge}"
            f"{f' ({_cited(kind.evidence)})' if kind.evidence else ''}"
            f"{'; results are labelled speculative' if kind.speculative else ''}."
            + (f" Disputed: {kind.contested_by}." if kind.contested_by else ""),
            "",
            describe(kind),
            "",
            f"For: {kind.eligible or '-'}. Capacity: {kind.capacity or '-'}."
            f" Cost: {kind.unit_cost or '-'} (prices of {kind.cost_year}).",
            "",
            *_table(
                ("moves", "by default", "range"),
                (
                    (f"`{name}`", at, span(low, high))
                    for name, (at, low, high) in kind.levers.items()
                ),
            ),
            "",
            *_table(
                ("setting", "default", "range", "meaning"),
                (
                    (f"`{s['name']}`", s["default"], span(s["low"], s["high"]), s["meaning"])
                    for s in policy_settings(kind)
                ),
            ),
        ]
    return "\n".join(lines)


def levers() -> str:
    """What policies may move, and how several moves combine."""
    from sim.levers import LEVERS

    return "\n".join(
        [
            "# Levers",
            "",
            "What policies may move. Several policies' moves of one lever combine by its rule, in"
            " no particular order, and a policy that ends gives the lever back exactly.",
            "",
            *_table(
                ("lever", "combined by", "changes nothing at", "bounds", "unit", "meaning"),
                (
                    (
                        f"`{lever.name}`",
                        lever.combiner,
                        f"{lever.neutral:g}",
                        span(lever.low, lever.high),
                        lever.unit,
                        lever.meaning,
                    )
                    for lever in LEVERS.values()
                ),
            ),
        ]
    )


def outcomes() -> str:
    """What a comparison can tell of, by family."""
    from experiments.outcomes import CATALOGUE

    ways = {"lower": "fewer or lower", "higher": "more or higher", "": "neither"}
    lines = [
        "# Outcomes",
        "",
        "What `headlines`, `--headlines` and `--precision` may name, and what the tables of a comparison hold."
        " Counts are added up over the run, levels averaged over its weeks, shares are ratios of sums. Reports"
        " call a difference better or worse only where one way is better for residents. All are of the true"
        " city, but for those marked as recorded: what police or a survey would see of it.",
    ]
    for family in dict.fromkeys(one.family for one in CATALOGUE.values()):
        rows = [one for one in CATALOGUE.values() if one.family == family]
        lines += ["", f"## {family}", ""]
        lines += _table(
            ("name", "what it is", "unit", "kind", "better", ""),
            (
                (
                    f"`{o.name}`",
                    o.title,
                    o.unit,
                    o.kind,
                    ways[o.better],
                    "recorded" if o.recorded else "",
                )
                for o in rows
            ),
        )
    return "\n".join(lines)


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> list[str]:
    """A Markdown table."""
    titles = list(head)
    out = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    for row in rows:
        cells = ("" if cell is None else str(cell).replace("|", "\\|") for cell in row)
        out.append(f"| {' | '.join(cells)} |")
    return out


def _cited(ids: Iterable[str]) -> str:
    return ", ".join(f"[{name}](evidence.md#{name})" for name in ids)


def _prose(doc: str | None) -> str:
    return inspect.cleandoc(doc or "")
