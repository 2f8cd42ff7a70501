"""Does a conclusion survive our doubts? Layers, flips, choices among states, what drives it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from experiments import uncertainty as doubt
from experiments.choices import Decisions, decisions
from experiments.comparison import Comparison
from experiments.drivers import Drivers, drivers
from experiments.outcomes import Outcome
from experiments.plan import World
from viz.doubt_figures import Bar, tornado
from viz.figures import Picture, Whisker, whiskers
from viz.report.drawn import KINDS, effect, notes
from viz.report.words import percent

MOST_TORNADOES = 2
"""Headlines per arm that get a tornado: the first ones named."""


@dataclass(frozen=True)
class Conclusion:
    """One headline of one arm under every layer that was run."""

    title: str
    arm: str
    cells: tuple[tuple[str, str, str, str], ...]
    """(layer, effect, interval, verdict)."""
    verdict: str
    """The worst of the layers': flips, may flip, holds or unclear."""
    why: tuple[str, ...]
    """For one that may flip: under what, in words."""


@dataclass(frozen=True)
class ChoiceRow:
    """One arm as a choice in one outcome, in words."""

    outcome: str
    arm: str
    luck: str
    states: str
    regret: str
    worst: str
    span: int


@dataclass(frozen=True)
class Doubt:
    """All that the report says of it."""

    layers: tuple[doubt.Layer, ...]
    kinds: tuple[str, ...]
    conclusions: tuple[Conclusion, ...]
    decisions: Decisions | None
    choices: tuple[ChoiceRow, ...]
    notes: tuple[str, ...]
    drivers: tuple[Drivers, ...]
    driver_notes: tuple[str, ...]


def gather(comparison: Comparison) -> Doubt:
    """Layers, decisions and drivers of a comparison, with their words."""
    layers = doubt.layers(comparison)
    kinds = [k for k in KINDS if any(x.kind == k for x in layers)]
    chosen = decisions(comparison)
    found = _drivers(comparison)
    return Doubt(
        tuple(layers),
        tuple(kinds),
        tuple(_conclusions(layers)),
        chosen,
        tuple(_choices(chosen, comparison)) if chosen else (),
        tuple(notes(comparison)),
        tuple(found),
        tuple(_driver_note(d) for d in found),
    )


def pictures(comparison: Comparison, found: Doubt) -> list[Picture]:
    """One figure of the layers per arm (where more than one was run)."""
    if len(found.kinds) < 2:
        return []
    out = []
    for k, arm in enumerate(comparison.plan.others):
        mine = [x for x in found.layers if x.arm == arm and doubt.scaled(x.outcome)]
        rows = [
            (
                _title(outcome),
                [
                    Whisker(100 * x.mean, 100 * x.low, 100 * x.high, found.kinds.index(x.kind),
                            x.low > 0 or x.high < 0)
                    for kind in found.kinds
                    for x in mine
                    if x.outcome == outcome and x.kind == kind
                ],
            )
            for outcome in dict.fromkeys(x.outcome for x in mine)
        ]  # fmt: skip
        if not rows:
            continue
        names = [KINDS[kind] for kind in found.kinds]
        figure = whiskers(rows, f"% of {comparison.baseline}'s level", names, percent=True)
        said = "; ".join(
            f"{x.outcome.title}, {KINDS[x.kind].lower()}: {effect(x.outcome, x.mean)} "
            f"({effect(x.outcome, x.low)} to {effect(x.outcome, x.high)})"
            for x in mine
        )
        alt = f"Dots with ranges: the effect of {arm} under each kind of doubt. {said}."
        out.append(Picture(f"doubt-{k + 1}", figure, f"{_first(arm)} under each doubt", alt))
    return out


def tornadoes(found: Doubt) -> list[Picture]:
    """Which assumptions drive the headlines."""
    out = []
    for k, d in enumerate(found.drivers):
        bars = [
            Bar(assumption(r.name), _value(r.low_value), _value(r.high_value),
                _axis(d, r.at_low), _axis(d, r.at_high), r.stands_out)
            for r in sorted(d.rows, key=lambda r: -r.swing)
        ]  # fmt: skip
        unit = (
            "effect, % of the baseline" if doubt.scaled(d.outcome) else f"effect, {d.outcome.unit}"
        )
        figure = tornado(bars, _axis(d, d.mean), unit)
        said = "; ".join(
            f"{assumption(r.name)} from {r.low_value:.3g} to {r.high_value:.3g}: "
            f"{effect(d.outcome, r.at_low)} to {effect(d.outcome, r.at_high)}"
            f"{'' if r.stands_out else ' (not told from luck)'}"
            for r in d.rows
        )
        title = f"What drives {d.outcome.title} ({d.arm})"
        alt = f"Tornado chart over {d.sets} parameter sets. {said}."
        out.append(Picture(f"tornado-{k + 1}", figure, title, alt, note=_driver_note(d)))
    return out


def frames(comparison: Comparison, found: Doubt) -> dict[str, pd.DataFrame]:
    """Tables of the layers, choices, drivers and sets."""
    out = {"uncertainty": pd.DataFrame([x.as_dict() for x in found.layers])}
    if found.decisions:
        out["decisions"] = pd.DataFrame([c.as_dict() for c in found.decisions.choices])
    rows = [
        {
            "arm": d.arm, "outcome": d.outcome.name, "assumption": r.name, "lever": r.lever,
            "low_value": r.low_value, "high_value": r.high_value, "effect_at_low": r.at_low,
            "effect_at_high": r.at_high, "rank_correlation": r.correlation,
            "stands_out": r.stands_out, "sets": d.sets,
        }
        for d in found.drivers
        for r in d.rows
    ]  # fmt: skip
    if rows:
        out["drivers"] = pd.DataFrame(rows)
    drawn = [w for w in comparison.plan.worlds if w.drawn]
    if drawn:
        out["sets"] = pd.DataFrame(
            [
                {"set": w.name, "layer": w.layer,
                 "implausibility": _implausibility(comparison, w),
                 **{f"theory.{q}": t for q, t in w.hypotheses.items()},
                 **w.settings, **w.parameters}
                for w in drawn
            ]
        )  # fmt: skip
    return out


def _implausibility(comparison: Comparison, world: World) -> float:
    there = comparison.outcomes_of(comparison.baseline, world.name)
    return doubt.implausible_at(comparison, world) if there else math.nan


def chance(p: float) -> str:
    """A probability, never certain: so few runs can't give it."""
    if not math.isfinite(p):
        return "–"
    return "over 99 %" if p > 0.99 else "under 1 %" if p < 0.01 else f"{100 * p:.0f} %"


# --- inside -----------------------------------------------------------------------------------

_WORST = ("flips", "may flip", "holds", "unclear")


def _conclusions(layers: Sequence[doubt.Layer]) -> list[Conclusion]:
    out = []
    for key in dict.fromkeys((x.arm, x.outcome) for x in layers):
        mine = [x for x in layers if (x.arm, x.outcome) == key]
        if len(mine) < 2:
            continue
        cells = tuple(
            (x.kind, effect(x.outcome, x.mean, x.high - x.low),
             f"{effect(x.outcome, x.low, x.high - x.low)} to "
             f"{effect(x.outcome, x.high, x.high - x.low)}", x.verdict)
            for x in mine
        )  # fmt: skip
        verdict = next(v for v in _WORST if any(x.verdict == v for x in mine))
        if mine[0].verdict == "unclear" and verdict != "flips":
            verdict = "unclear"
        why = tuple(_why(x) for x in mine if x.verdict in ("flips", "may flip"))
        out.append(Conclusion(_title(key[1]), key[0], cells, verdict, why))
    return out


def _why(x: doubt.Layer) -> str:
    if x.kind == "hypotheses":
        turned = round(x.against * (x.worlds - 1))
        if turned:
            return f"its sign turns under {turned} of {x.worlds - 1} rival theories"
        return "it is not clear under every rival theory"
    over = "parameter sets and theories" if x.kind == "together" else "parameter sets"
    return f"the sign is the other one in about {percent(x.against, sign=False)} of {over}"


def _choices(found: Decisions, comparison: Comparison) -> list[ChoiceRow]:
    out = []
    arms = comparison.arms
    for outcome in dict.fromkeys(c.outcome for c in found.choices):
        mine = sorted((c for c in found.choices if c.outcome == outcome), key=lambda c: c.regret)
        for k, c in enumerate(mine):
            regret, worst = (effect(outcome, x).lstrip("+") for x in (c.regret, c.worst_regret))
            out.append(
                ChoiceRow(_title(outcome), c.arm, chance(c.best_by_luck),
                          percent(c.best_in, sign=False), regret, worst, len(arms) if k == 0 else 0)
            )  # fmt: skip
    return out


def _drivers(comparison: Comparison) -> list[Drivers]:
    if len(doubt.sets(comparison, "parameters").kept) < doubt.FEWEST:
        return []
    names = [n for n in comparison.plan.headlines if n in comparison.names()][:MOST_TORNADOES]
    found = [drivers(comparison, arm, name) for arm in comparison.plan.others for name in names]
    return [d for d in found if d is not None]


def _driver_note(d: Drivers) -> str:
    sure = [r for r in d.rows if r.stands_out]
    levers = sum(r.lever for r in d.rows)
    of = f"{levers} levers and {d.tested} parameters" if levers else f"{d.tested} parameters"
    if sure:
        text = f"{len(sure)} of {of} stand{'s' if len(sure) == 1 else ''} out (filled)."
    else:
        text = f"None of {of} stands out from luck (all hatched)."
    if math.isfinite(d.threshold):
        text += (
            f" Over {d.sets} sets a parameter needs a rank correlation above {d.threshold:.2f} to "
            "do so; weaker drivers can't be told."
        )
    return text


def _axis(d: Drivers, x: float) -> float:
    return 100.0 * x if doubt.scaled(d.outcome) else x


def assumption(name: str) -> str:
    """A parameter or lever in words."""
    policy, _, setting = name.rpartition(".")
    words = setting.replace("_", " ")
    return f"{policy.replace('_', ' ')}: {words}" if policy else words


def _value(x: float) -> str:
    return f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}"


def _title(outcome: Outcome) -> str:
    return _first(outcome.title)


def _first(text: str) -> str:
    return text[0].upper() + text[1:]
