"""A worked study as a page: what drives an effect, from a sweep's folder, all figures computed.

`peel sensitivity DIR --effect FACTOR --docs FILE.md` writes it, with its picture beside it. What is
said in words follows from the figures by rules: the strongest factors are those with the largest
standardised slopes; the order of two is called settled only where their intervals do not overlap.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.analysis import asking, discovery, plots, sensitivity
from experiments.outcomes import describe
from experiments.sweep.reading import Sweep
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from experiments.analysis.sensitivity import Indices

STRONGEST = 5


def check(sweep: Sweep, effect: str | None, path: Path) -> None:
    """Raise UserError where no page can be written, so that nothing else is written either:
    without `effect`, for saltelli and morris designs (whose tables are others), for a factor that
    is not a yes or no, and for a `path` that is a folder."""
    if effect is None:
        raise UserError("--docs: name the crossed factor whose effect is studied with --effect")
    if sweep.design.method in ("saltelli", "morris"):
        raise UserError(f"--docs: a {sweep.design.method} design has no slopes; use sobol or latin")
    values = {f.name: f.values for f in sweep.design.factors}.get(effect.removeprefix("param."), ())
    if values and set(values) != {False, True}:
        told = " and ".join(map(str, values))
        raise UserError(f"--docs: {effect} is {told}; expected one that is there or not")
    if path.is_dir():
        raise UserError(f"--docs {path}: is a folder; expected a file, e.g. {path / 'study.md'}")


def write(sweep: Sweep, outcome: str, effect: str, path: Path) -> Path:
    """The page and, beside it, its picture; returns the page.

    Raises UserError as `check` and `asking.indices` do.
    """
    check(sweep, effect, path)
    outcome = outcome.removeprefix("out.")
    found = asking.indices(sweep, outcome, effect)
    cases = asking.cases(sweep, outcome, effect)
    picture = path.parent / "pictures" / f"{path.stem}.png"
    plots.save(plots.indices(found, most=len(found.table)), picture)
    text = page(sweep, outcome, effect, found, cases, f"pictures/{picture.name}")
    path.write_text(text, encoding="utf-8")
    return path


def page(
    sweep: Sweep, outcome: str, effect: str, found: Indices, cases: asking.Cases, picture: str
) -> str:
    """The study in Markdown."""
    name = effect.removeprefix("param.").removeprefix("policy.").replace("_", " ")
    title = describe(outcome).title
    falls = float(cases.means.mean()) < 0
    lines = [
        f"<!-- Written by `peel sensitivity DIR --outcome {outcome} --effect {effect} --docs FILE`;"
        " do not edit. -->",
        "",
        f"# What drives the effect of {name} on {title}",
        "",
        *_design(sweep, name),
        *_effect(sweep, outcome, effect, found, cases, name, title),
        *_table(found.table),
        f"![Standardised regression coefficients of the effect on {title}, with 95 % intervals]"
        f"({picture})",
        "",
        *_reading(found.table, falls),
        *_elsewhere(cases, name, title, falls),
        *_commands(sweep, outcome, effect),
    ]
    return "\n".join(lines).rstrip() + "\n"


# --- inside -----------------------------------------------------------------------------------


def _design(sweep: Sweep, name: str) -> list[str]:
    d = sweep.design
    own = [f for f in d.factors if not f.cross]
    pairs = len(np.unique(d.sample_of))
    seconds = _seconds(sweep)
    cost = f" They took {seconds / 60:.0f} minutes of one core." if seconds > 0 else ""
    return [
        f"{len(own)} numbers of `{d.base.city}` vary over {pairs:,} points of a {d.method} design"
        f" (seed {d.design_seed}). Each point is run without and with {name}, with {d.replicates}"
        f" common seed{'' if d.replicates == 1 else 's'}, for {d.base.years:g} year"
        f"{'' if d.base.years == 1 else 's'} after a burn-in of {d.base.burn_in_years:g}:"
        f" {d.runs:,} runs.{cost} Model state {_state(sweep)}.",
        "",
    ]


def _effect(
    sweep: Sweep, outcome: str, effect: str, found: Indices, cases: asking.Cases, name: str,
    title: str,
) -> list[str]:  # fmt: skip
    means = cases.means
    n = len(means)
    half = 1.96 * float(means.std(ddof=1)) / np.sqrt(n)
    factor = effect.removeprefix("param.")
    runs = sweep.finished
    # the crossed factor is a yes or no, kept as 0 and 1 or false and true
    off = runs[~runs[f"param.{factor}"].astype(bool)]
    base = float(off[f"out.{outcome}"].mean())
    low, high = np.quantile(means, (0.05, 0.95))
    noise = found.noise
    luck = (
        f" Run-to-run luck is {noise.share_of_runs:.0%} of the variance of a single pair's"
        f" difference and {noise.share_of_means:.0%} of that of the means over {noise.seeds} seeds"
        " on which all that follows rests."
        if noise.seeds > 1
        else " With one seed a point, how much of this is luck is unknown."
    )
    return [
        f"Without {name}, {base:,.1f} ({title}) on average over the points. With it the difference"
        f" is {means.mean():+.2f} (95 % interval of that average over points: "
        f"{means.mean() - half:+.2f} to {means.mean() + half:+.2f}); nine in ten points lie between"
        f" {low:+.1f} and {high:+.1f}, luck included.{luck}",
        "",
    ]


def _table(table: pd.DataFrame) -> list[str]:
    lines = [
        "| factor | slope (95 % interval) | first-order index | PAWN |",
        "|---|---|---|---|",
    ]
    for name, row in table.iterrows():
        lines.append(
            f"| `{name}` | {row['slope']:+.2f}"
            f" ({row['slope_low']:+.2f} to {row['slope_high']:+.2f})"
            f" | {row['first']:.2f} ({row['first_low']:.2f} to {row['first_high']:.2f})"
            f" | {row['pawn']:.2f} |"
        )
    lines += [
        "",
        "Slopes are standardised: by how many of its standard deviations the effect moves when a"
        " factor moves by one of its own. PAWN's index of a factor that does nothing is what luck"
        " gives, not 0.",
        "",
    ]
    return lines


def _reading(table: pd.DataFrame, falls: bool) -> list[str]:
    """What follows from the slopes and their intervals, by rule."""
    clear = table[(table["slope_low"] > 0) | (table["slope_high"] < 0)]
    top = clear.head(STRONGEST)
    if top.empty:
        return ["No slope is told from zero: these runs do not say what drives it.", ""]
    told = ", ".join(
        f"`{n}` ({'more' if (row['slope'] < 0) == falls else 'less'} of a"
        f" {'fall' if falls else 'rise'} as it rises)"
        for n, row in top.iterrows()
    )
    lines = [
        f"The {len(top)} with the largest slopes: {told}. {len(clear)} of {len(table)} slopes"
        " exclude zero."
    ]
    strength = table["slope"].abs()
    half = (table["slope_high"] - table["slope_low"]) / 2
    unsettled = [
        f"`{a}` and `{b}`"
        for a, b in zip(top.index[:-1], top.index[1:], strict=True)
        if strength[a] - strength[b] < np.hypot(half[a], half[b])
    ]
    if unsettled:
        lines.append(f"Not settled is the order of {'; '.join(unsettled)}.")
    if len(table) > len(top):
        last, after = top.index[-1], table.index[len(top)]
        lead = strength[last] - strength[after] >= np.hypot(half[last], half[after])
        lines.append(
            f"The lead of the last of them over the next, `{after}`, is"
            f" {'' if lead else 'not '}told from luck."
        )
    lines.append(
        "It is a statement about this model over these ranges, and none about any city: a factor"
        " with a wide range looks important, and the ranges were chosen."
    )
    return [" ".join(lines), ""]


def _elsewhere(cases: asking.Cases, name: str, title: str, falls: bool) -> list[str]:
    """Where the effect is not of the sign that it has on average."""
    means = cases.means
    worse = means >= 0 if falls else means <= 0
    text = (
        f"In {int(worse.sum())} of {len(means):,} points {title} do not"
        f" {'fall' if falls else 'rise'} with {name}."
    )
    if worse.sum() >= 10:
        boxes = discovery.checked(cases.factors, worse, threshold=0.5, smallest=0.05)
        for inside, outside in boxes[:1]:
            text += (
                f" A PRIM box found on half of the points ({inside.line()}) holds"
                f" {outside.coverage:.0%} of such points in the other half, at a density of"
                f" {outside.density:.0%}."
            )
        if not boxes:
            text += " No box of conditions holds them at a density of a half: they are scattered."
    else:
        text += " Too few to look for conditions."
    fine = sensitivity.means_and_noise(cases.values)[1].share_of_means
    if np.isfinite(fine) and fine > 0.2:
        text += f" With {fine:.0%} of the variance luck, some of them would help with more seeds."
    return [text, ""]


def _commands(sweep: Sweep, outcome: str, effect: str) -> list[str]:
    return [
        "To have it again:",
        "",
        "    peel sweep DESIGN.toml --out DIR",
        f"    peel sensitivity DIR --outcome {outcome} --effect {effect} --docs FILE.md",
    ]


def _seconds(sweep: Sweep) -> float:
    """Of all runs and burn-ins, as each worker noted them."""
    trail = sweep.provenance
    columns: list[Any] = [c for c in ("seconds", "burn_in_seconds") if c in trail]
    return float(trail[columns].sum().sum()) if columns else 0.0


def _state(sweep: Sweep) -> str:
    from experiments.sweep.store import manifest_of

    found = manifest_of(sweep.folder)
    return f"{found.get('model_version')}, sources {str(found.get('code_state'))[:12]}"
