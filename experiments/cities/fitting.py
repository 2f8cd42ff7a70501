"""A fit of few parameters to a city's own figures: level, clearance, lethality, season, map.

Each figure that the source holds has one parameter that moves it most (`knobs_of`). All are moved
together on transformed scales (logs of rates and ratios) to where the response learnt from every
trial so far (`response.py`) puts the targets. Every trial runs the same seeds, so with the same
seeds the fit is the same anywhere. What wasn't reached is said, and so is a parameter that ended
at the edge of its range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.cities import response
from experiments.cities.figures import Figure, Window
from experiments.cities.simulated import TAIL_YEARS, pooled, simulate
from experiments.cities.targets import Targets, year_window
from sim.errors import RunFailed, UserError

Floats = NDArray[np.float64]
FIT_YEARS = 2
STEPS = 8
LARGEST_STEP = 0.9
CLOSE = 0.04
"""On the transformed scale: about 4 %."""


@dataclass(frozen=True)
class Knob:
    """A figure, and the parameter (or those in step) that fits it.

    `slope` is the assumed change of the transformed figure per change of the transformed parameter.
    """

    figure: str
    part: str
    parameters: tuple[str, ...]
    slope: float
    linear: bool = False
    """The parameter moves on its own scale and not on the scale of logs."""


def knobs_of(targets: Targets) -> tuple[list[Knob], list[str]]:
    """The knobs whose figures the source holds, and why the others aren't fitted."""
    shot = targets.kind == "shootings"
    rates = ("dispute_rate", "rivalry_rate", "inertia_rate")
    wanted = [
        Knob("level", "persons shot" if shot else "homicides", rates, 1.6),
        Knob("lethality", "", ("lethality",), 1.0),
        Knob("clearance", "fatal shootings" if shot else "homicides", ("clearance_factor",), 0.7),
        Knob("clearance", "fatal over non-fatal", ("priority_nonfatal",), -0.35),
        Knob("season", "summer over winter", ("season_amplitude",), 1.7, linear=True),
        concentration_knob(targets),
    ]
    out, lacking = [], []
    for knob in wanted:
        if targets.figure(targets.fit, knob.figure, knob.part) is not None:
            out.append(knob)
        else:
            lacking.append(f"{knob.figure} {knob.part}".strip() + ": no data, so not fitted")
    return out, lacking


def concentration_knob(targets: Targets) -> Knob:
    """Concentration at the largest count, up to 1,000, that source and trials have."""
    level = next(f for f in targets.figures[targets.fit] if f.figure == "per year")
    reach = 0.7 * level.value / targets.one_in * min(FIT_YEARS, max(len(targets.years) - 1, 1))
    for count in (1000, 500, 250):
        part = f"at {count} incidents"
        if count <= reach and targets.figure(targets.fit, "concentration", part) is not None:
            break
    return Knob("concentration", part, ("violence_by_people",), 0.15, linear=True)


@dataclass
class Trial:
    """One set of parameters and what came of it."""

    parameters: dict[str, float]
    figures: dict[str, float]
    """"figure part" -> mean over seeds."""
    worst: float
    """Largest miss on the transformed scale."""


@dataclass
class Fit:
    """The fit: parameters, trials, what each knob reached, and what could not be fitted."""

    parameters: dict[str, float]
    trials: list[Trial]
    reached: list[dict[str, Any]]
    lacking: list[str]
    seeds: tuple[int, ...]
    settings: dict[str, Any] = field(default_factory=dict)


def scenario_for(city: str, targets: Targets, base: Any, *, test: bool, burn_in: float) -> Any:
    """The city's scenario with a calendar that ends with the fitted years, or with the held-out
    one, and half a year more in which cases may still be cleared."""
    last = targets.years[-1] if test or not targets.test else targets.years[-2]
    years = min(FIT_YEARS, len(targets.years) - 1 if targets.test else 1) + (1 if test else 0)
    first = last - years + 1
    days = year_window(last).last - year_window(first).first + 1
    return base.with_changes(
        city=city,
        start=date(first, 1, 1),
        years=days / 365 + TAIL_YEARS,
        burn_in_years=burn_in,
    )


def fit_window(scenario: Any, targets: Targets, *, test: bool) -> Window:
    """The simulated years that stand for the fitted ones."""
    first = year_window(scenario.start.year).first
    last = targets.years[-2] if targets.test else targets.years[-1]
    return Window(first, year_window(last).last)


def fit_city(
    scenario: Any,
    targets: Targets,
    *,
    seeds: Sequence[int],
    folder: Path,
    workers: int = 1,
    steps: int = STEPS,
    runner: Any = None,
    tell: Callable[[str], None] = lambda text: None,
    tick: Callable[[], None] | None = None,
) -> Fit:
    """Move the knobs until each figure is near enough: 4 %, or half the source's interval.

    `scenario` comes from `scenario_for`. Raises UserError where the source holds nothing to fit,
    RunFailed where runs fail.
    """
    from sim.parameters import all_parameters

    knobs, lacking = knobs_of(targets)
    if not knobs:
        raise UserError(f"{targets.city}: the source holds no figure that could be fitted")
    known, values = all_parameters(), scenario.values()
    lows = np.array([_span(k, known, values)[0] for k in knobs])
    highs = np.array([_span(k, known, values)[1] for k in knobs])
    target = np.array([math.log(_target(targets, k).value) for k in knobs])
    slack = np.array([_slack(_target(targets, k)) for k in knobs])
    window = fit_window(scenario, targets, test=False)
    x = np.clip(np.zeros(len(knobs)), lows, highs)
    slopes = np.array([k.slope for k in knobs])
    trials: list[Trial] = []
    turns: list[Floats] = []
    misses: list[Floats] = []
    best: tuple[float, Floats] | None = None
    for step in range(steps):
        settings = _settings(knobs, x, values)
        y, figures = _trial(scenario, settings, knobs, window, targets, seeds,
                            folder / f"trial-{step}", workers, runner, tick)  # fmt: skip
        miss = y - target  # NaN: a figure that this trial had too few events for
        worst = float(np.nanmax(np.abs(miss) / slack))
        trials.append(Trial(settings, figures, float(np.nanmax(np.abs(miss)))))
        turns.append(x)
        misses.append(miss)
        tell(f"trial {step + 1}: largest miss {trials[-1].worst:.1%}, {_said(knobs, figures)}")
        if best is None or worst < best[0]:
            best = (worst, x)
        if worst <= 1.0:
            break
        centre = best[1]
        level, learnt = response.planes(turns, misses, slopes, centre)
        near = np.maximum(lows, centre - LARGEST_STEP), np.minimum(highs, centre + LARGEST_STEP)
        x = response.aim(level, learnt, slack, centre, *near)
        if any(np.allclose(x, before, atol=1e-4) for before in turns):
            break
    assert best is not None
    settings = _settings(knobs, best[1], values)
    done = next(t for t in trials if t.parameters == settings)
    reached = [
        _reached(k, targets, done, best[1][i] <= lows[i] + 1e-9 or best[1][i] >= highs[i] - 1e-9)
        for i, k in enumerate(knobs)
    ]
    return Fit(settings, trials, reached, lacking, tuple(seeds))


def _target(targets: Targets, knob: Knob) -> Figure:
    found = targets.figure(targets.fit, knob.figure, knob.part)
    assert found is not None
    return found


def _slack(target: Figure) -> float:
    """How near is near enough: 4 %, or half the source's own interval where that is wider."""
    if not (math.isfinite(target.low) and math.isfinite(target.high)) or target.low <= 0:
        return CLOSE
    return max(CLOSE, 0.25 * math.log(target.high / target.low))


def _span(knob: Knob, known: Mapping[str, Any], values: Mapping[str, float]) -> tuple[float, float]:
    """How far the knob may turn from where it stands, on its own scale."""
    spans = []
    for name in knob.parameters:
        row, at = known[name], values[name]
        if knob.linear:
            spans.append((row.low - at, row.high - at))
        else:
            low = math.log(max(row.low, 1e-3 * row.high) / at)
            spans.append((min(low, 0.0), max(math.log(row.high / at), 0.0)))
    return max(s[0] for s in spans), min(s[1] for s in spans)


def _settings(knobs: Sequence[Knob], x: Floats, values: Mapping[str, float]) -> dict[str, float]:
    out = {}
    for knob, turn in zip(knobs, x.tolist(), strict=True):
        for name in knob.parameters:
            moved = values[name] + turn if knob.linear else values[name] * math.exp(turn)
            out[name] = float(f"{moved:.6g}")
    return out


def _trial(
    scenario: Any, settings: dict[str, float], knobs: Sequence[Knob], window: Window,
    targets: Targets, seeds: Sequence[int], folder: Path, workers: int, runner: Any,
    tick: Callable[[], None] | None,
) -> tuple[Floats, dict[str, float]]:  # fmt: skip
    trial = scenario.with_changes(parameters={**scenario.parameters, **settings})
    found, failures = simulate(trial, seeds, [window], targets.kind, folder,
                               workers=workers, runner=runner, tick=tick,
                               one_in=targets.one_in)  # fmt: skip
    if len(found) < len(seeds):
        told = failures[0].error if failures else "a run left nothing"
        raise RunFailed(f"calibrate: a trial failed ({told}); parameters {settings}")
    means = pooled([rows[window.name] for rows in found.values()])
    y = []
    for knob in knobs:
        got = means.get((knob.figure, knob.part))
        if got is None and knob.figure == "level":
            raise RunFailed(f"calibrate: a trial gave no level; parameters {settings}")
        y.append(math.nan if got is None else math.log(max(got[0], 1e-4)))
    return np.array(y), {f"{k[0]} {k[1]}".strip(): v[0] for k, v in means.items()}


def _said(knobs: Sequence[Knob], figures: Mapping[str, float]) -> str:
    names = [(k.figure, f"{k.figure} {k.part}".strip()) for k in knobs]
    return ", ".join(f"{short} {figures[name]:.3g}" for short, name in names if name in figures)


def _reached(knob: Knob, targets: Targets, done: Trial, at_edge: bool) -> dict[str, Any]:
    target = _target(targets, knob)
    value = done.figures.get(f"{knob.figure} {knob.part}".strip(), math.nan)
    miss = abs(math.log(value / target.value)) if value > 0 else math.inf
    return {
        "figure": knob.figure,
        "part": knob.part,
        "parameters": list(knob.parameters),
        "target": target.value,
        "low": target.low,
        "high": target.high,
        "reached": value,
        "fitted": bool(miss <= _slack(target)),
        "at_edge_of_range": bool(at_edge),
    }
