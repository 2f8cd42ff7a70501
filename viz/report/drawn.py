"""What is said of the parameter sets: where they came from, what became of them, what that leaves
unsaid; and how an effect on the common scale is written."""

from __future__ import annotations

import numpy as np

from experiments import screening
from experiments import uncertainty as doubt
from experiments.comparison import Comparison
from experiments.outcomes import Outcome, describe
from viz.report.words import number, percent

KINDS = {
    "run": "Luck of the runs",
    "parameters": "Parameters",
    "hypotheses": "Rival theories",
    "together": "All together",
}


def notes(comparison: Comparison) -> list[str]:
    """Where the sets came from, what became of them, and what that leaves unsaid."""
    layers = comparison.plan.layers
    out = [
        _fate(comparison, doubt.sets(comparison, layer))
        for layer in ("parameters", "together")
        if any(w.layer == layer for w in comparison.plan.worlds)
    ]
    if layers.parameters and layers.screened and not layers.tried and not out:
        out.append(
            "Parameters: no sets yet; the comparison was interrupted before they were found."
        )
    elif layers.parameters and layers.screened and not out:
        out.append(
            f"Parameters: none of {layers.tried} sets of the declared ranges makes this city, so "
            "nothing can be said of this layer; an ensemble can (--ensemble)."
        )
    if layers.parameters and layers.left_out:
        out.append(f"Set by a scenario, and so not drawn: {', '.join(layers.left_out)}.")
    if layers.parameters and not layers.ensemble:
        out.append(
            "The reference is the city as given, by the model’s own defaults, and no data; the "
            "ranges are what somebody would still defend of each number, not a fit. A calibrated "
            "ensemble (--ensemble) is better founded."
        )
    return out


def _fate(comparison: Comparison, found: doubt.Sets) -> str:
    layers = comparison.plan.layers
    name = KINDS[found.layer]
    n = len(found.kept)
    theories = "with theories drawn too, " if found.layer == "together" else ""
    if layers.ensemble:
        text = f"{name}: {found.planned} sets from {layers.origin}, {theories}{n} of them used."
    elif found.layer == "parameters" and layers.tried:
        text = (
            f"{name}: {found.planned} sets were drawn from {layers.origin} by Latin hypercubes "
            f"(seed {layers.design_seed}) and tried in {comparison.baseline}; {n} make a plausible "
            f"city and are used. {found.aside} make another city, with {_another()}. Of what the "
            "arms would do there, nothing is said."
        )
    else:
        text = f"{name}: {found.planned} sets, {theories}{n} of them used."
        if found.aside:
            text += f" {found.aside} make another city, with {_another()}, and are set aside."
            text += _set_aside(comparison, found)
    if found.broken:
        text += (
            f" Under {found.broken} the model could not go on in {comparison.baseline}, mostly "
            "because violence ran away."
        )
    for arm, n_stopped in found.stopped:
        text += (
            f" Under {n_stopped} sets that make this city {arm} could not go on: each counts as "
            "one that turns its conclusions round."
        )
    if n < doubt.FEWEST:
        text += " Too few to say anything: draw more sets (--draws)."
    return text


def _another() -> str:
    return (
        f"under 1/{screening.FACTOR:g} or over {screening.FACTOR:g} times as many people shot, "
        f"arrests or calls (implausibility above {screening.CUT:g})"
    )


def _set_aside(comparison: Comparison, found: doubt.Sets) -> str:
    """What the first headline's effect is in the sets set aside, so that a reader can judge."""
    if len(found.far) < doubt.FEWEST:
        return ""
    named = [n for n in comparison.plan.headlines if n in comparison.names()]
    if not named:
        return ""
    outcome = describe(named[0])
    told = []
    for arm in comparison.plan.others:
        inside, _ = doubt.effects(comparison, outcome, arm, found.kept)
        outside, _ = doubt.effects(comparison, outcome, arm, found.far)
        a, b = (float(np.nanmean(x)) for x in (inside, outside))
        told.append(f"{arm} {effect(outcome, b)} there against {effect(outcome, a)} in those used")
    return f" Mean effect on {outcome.title}: {'; '.join(told)}."


def effect(outcome: Outcome, x: float, width: float | None = None) -> str:
    """An effect on the common scale, with the digits that an interval of `width` supports."""
    if doubt.scaled(outcome):
        return percent(x)
    if outcome.kind == "share":
        points = number(100 * x, None if width is None else 100 * width, sign=True)
        return f"{points} pts" if points != "0" else "0"
    return number(x, width, sign=True)
