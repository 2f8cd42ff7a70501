"""On what grounds: each policy's badge and sources, what was changed, which defaults are
assumptions."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from experiments.comparison import Comparison

BADGES = {
    "experiment": "randomised experiments",
    "quasi": "natural experiments and matched comparisons",
    "descriptive": "descriptions without a comparison group",
    "advocacy": "claims by advocates",
    "none": "no estimate",
}


@dataclass(frozen=True)
class Source:
    """One row of the evidence ledger, as printed."""

    id: str
    quantity: str
    value: str
    where: str
    source: str
    strength: str
    contested: str
    checked: str


@dataclass(frozen=True)
class PolicyGrounds:
    """One policy of one arm."""

    arm: str
    title: str
    name: str
    badge: str
    badge_words: str
    speculative: bool
    harm: bool
    about: str
    facts: tuple[tuple[str, str], ...]
    """What it is by its own account: who is eligible, capacity, cost of a unit."""
    contested: str
    settings: tuple[tuple[str, str], ...]
    levers: tuple[tuple[str, str, str], ...]
    """(lever, move at full dose, range)."""
    dates: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Changed:
    """A parameter that an arm sets."""

    arm: str
    name: str
    value: str
    default: str
    range: str
    unit: str
    evidence: tuple[str, ...]


def policies(comparison: Comparison) -> list[PolicyGrounds]:
    """Every policy of every arm."""
    return policies_of([(arm.name, arm.scenario) for arm in comparison.plan.arms])


def policies_of(arms: list[tuple[str, Any]]) -> list[PolicyGrounds]:
    """The same for (arm, scenario) pairs."""
    if not any(scenario.policies for _, scenario in arms):
        return []
    from sim.policies import registry

    known = registry()
    return [
        _policy(name, scenario, entry, known.get(entry.name))
        for name, scenario in arms
        for entry in scenario.policies
    ]


def speculative(found: list[PolicyGrounds]) -> list[str]:
    """Names of the policies for which no study gives an estimate."""
    return list(dict.fromkeys(p.title.lower() for p in found if p.speculative))


def changed(comparison: Comparison) -> list[Changed]:
    """Every parameter that an arm sets away from its default."""
    from sim.parameters import all_parameters

    known = all_parameters()
    out = []
    for arm in comparison.plan.arms:
        for name, value in arm.scenario.parameters.items():
            row = known[name]
            out.append(
                Changed(
                    arm.name,
                    name,
                    f"{value:g}",
                    f"{row.default:g}",
                    f"{row.low:g} to {row.high:g}",
                    row.unit,
                    row.evidence,
                )
            )
    return out


def hypotheses(comparison: Comparison) -> list[tuple[str, str]]:
    """(question, theory in force) of the baseline; arms that differ are named."""
    from sim.hypotheses import resolve

    chosen = {arm.name: resolve(arm.scenario.hypotheses) for arm in comparison.plan.arms}
    base = chosen[comparison.baseline]
    out = []
    for question, theory in base.items():
        others = [f"{name}: {c[question]}" for name, c in chosen.items() if c[question] != theory]
        out.append((question, f"{theory}{' (' + '; '.join(others) + ')' if others else ''}"))
    return out


RIVALS: dict[str, tuple[str, dict[str, tuple[str, tuple[str, ...]]]]] = {
    "violence": (
        "What moves violence",
        {
            "blend": ("every part at its default", ()),
            "rivalry": ("standing rivalries and habit decide who attacks whom", ("H06",)),
            "contagion": ("exposure to shot ties spreads violence", ("H04",)),
            "background": ("place and propensity explain nearly all", ("H02",)),
        },
    ),
    "reporting": (
        "Whether lost trust silences callers",
        {
            "default": ("a little, and after nationally known incidents", ("S04", "L11")),
            "dpk": ("yes: a beating that one’s own city hears of silences callers", ("S01", "S02")),
            "zoorob": ("no: neither incidents nor trust move calls", ("S01", "L11")),
            "salient-only": ("only nationally known incidents do", ("S04",)),
        },
    ),
    "withdrawal": (
        "Whether police pull back after scrutiny",
        {"on": ("they do", ("M07",)), "off": ("they don’t", ("M07",))},
    ),
}
"""Question -> its words, and what each side says with its sources (see sim.hypotheses)."""


def rivals() -> list[tuple[str, list[tuple[str, str, tuple[str, ...]]]]]:
    """Each contested question with all its sides: (question, [(theory, what it says, ids)])."""
    from sim.hypotheses import PRESETS

    out = []
    for question, theories in PRESETS.items():
        words, sides = RIVALS.get(question, (question, {}))
        out.append((words, [(name, *sides.get(name, ("", ()))) for name in theories]))
    return out


def theory_sources() -> list[str]:
    """Ids of the sources that the sides rest on."""
    return [i for _, sides in rivals() for _, _, ids in sides for i in ids]


def parameters() -> dict[str, list[tuple[str, str, str, str, str]]]:
    """Defaults by grounds: "assumption" and "evidence"; (name, meaning, default, range,
    sources)."""
    from sim.parameters import all_parameters

    out: dict[str, list[tuple[str, str, str, str, str]]] = {"assumption": [], "evidence": []}
    for row in all_parameters().values():
        sources = ", ".join(row.evidence) + (
            f"; disputed: {row.contested}" if row.contested else ""
        )
        kind = "evidence" if row.evidence else "assumption"
        where = f"{row.low:g} to {row.high:g} {row.unit}"
        out[kind].append((row.name, row.meaning, f"{row.default:g}", where, sources))
    return out


def sources(ids: list[str]) -> list[Source]:
    """Ledger rows by id, in order, each once; ids the ledger lacks are left out."""
    from sim.evidence import ledger

    rows = ledger()
    return [_source(rows[i]) for i in dict.fromkeys(ids) if i in rows]


def _source(row: Any) -> Source:
    value = row.value if isinstance(row.value, str) else f"{row.value:g}"
    if row.low is not None and row.high is not None and row.low != row.high:
        value += f" ({row.low:g} to {row.high:g})"
    return Source(
        row.id,
        row.quantity,
        f"{value} {row.unit}".strip(),
        row.where_when,
        row.source,
        row.strength,
        row.contested_by,
        row.checked,
    )


def _policy(arm: str, scenario: Any, entry: Any, kind: Any) -> PolicyGrounds:
    from sim.scenario_checks import resolved_settings

    badge = str(getattr(kind, "badge", "none"))
    first = scenario.date_of(entry.start)
    until = "" if entry.end is None else f" until {scenario.date_of(entry.end)}"
    doc = textwrap.dedent("    " + (getattr(kind, "__doc__", "") or "").strip())
    about = " ".join(doc.split("\n\n")[0].split())
    settings = {**resolved_settings(entry)}
    return PolicyGrounds(
        arm=arm,
        title=str(getattr(kind, "title", "") or entry.name.replace("_", " ")),
        name=entry.name,
        badge=badge,
        badge_words=BADGES.get(badge, badge),
        speculative=bool(getattr(kind, "speculative", badge == "none")),
        harm=bool(getattr(kind, "harm", False)),
        about=about,
        facts=_facts(kind),
        contested=str(getattr(kind, "contested_by", "")),
        settings=tuple((k.replace("_", " "), _setting(v)) for k, v in settings.items()),
        levers=tuple(
            (lever, f"{move:g}", f"{low:g} to {high:g}")
            for lever, (move, low, high) in dict(getattr(kind, "levers", {})).items()
        ),
        dates=f"from {first}{until}",
        sources=tuple(sources(list(getattr(kind, "evidence", ())))),
    )


def _facts(kind: Any) -> tuple[tuple[str, str], ...]:
    told = [
        ("Eligible", getattr(kind, "eligible", "")),
        ("Capacity", getattr(kind, "capacity", "")),
        ("Cost", getattr(kind, "unit_cost", "")),
    ]
    return tuple((label, str(text)) for label, text in told if text)


def _setting(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value))
    return str(value)
