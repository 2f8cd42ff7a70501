"""The report of a single run: what came out, over time and by place and group; no comparison.

One run is one possible life of the city. Nothing here has an interval, and nothing is called an
effect.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments import geography, kept
from experiments.outcomes import HEADLINES, Outcome, describe, of_run
from sim.results import RunResult
from viz.figures import Picture
from viz.maps import area_map
from viz.report import grounds
from viz.report.build import environment, put, save_picture
from viz.report.over_time import PERIODS
from viz.report.places import outlines
from viz.report.words import level, number, years
from viz.run_figures import course

MAPPED = ("persons_shot", "stops", "legitimacy")
SERIES = ("homicides", "persons_shot", "legitimacy", "stops", "force", "in_jail")
BY_GROUP = ("persons_shot", "homicides", "stops", "force", "arrests")


@dataclass(frozen=True)
class Line:
    """One outcome of the run, in words."""

    title: str
    unit: str
    value: str
    rate: str
    headline: bool
    recorded: bool


def write(folder: Path, markdown: bool = False) -> Path:
    """Write `report.html`, `figures/` and `tables/` into a run's folder; returns the page's path.

    With `markdown` also `report.md`.

    Raises UserError where the folder holds no whole run.
    """
    run = RunResult.load(folder)
    pictures = [*_over_time(run), *_maps(run, folder)]
    (folder / "figures").mkdir(exist_ok=True)
    for picture in pictures:
        save_picture(folder / "figures", picture)
    _save_tables(folder / "tables", run)
    found = _gather(run, pictures)
    text = environment().get_template("run.html").render(found)
    path = folder / "report.html"
    put(path, text.encode("utf-8"))
    if markdown:
        text = environment(autoescape=False).get_template("run.md").render(found)
        put(folder / "report.md", text.encode("utf-8"))
    return path


# --- inside -----------------------------------------------------------------------------------


def _gather(run: RunResult, pictures: list[Picture]) -> dict[str, Any]:
    s = run.scenario
    lines = _lines(run)
    policies = grounds.policies_of([(s.name, s)])
    end = s.start + timedelta(days=run.days - 1)
    assert run.loaded is not None
    about = run.loaded["run"]
    used = [x.id for p in policies for x in p.sources] + grounds.theory_sources()
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in s.name) or "scenario"
    words = ["peel", "run", f"{name}.toml", "--seed", str(run.seed), "--out", "again"]
    return {
        "name": s.name,
        "about": s.about,
        "city": run.geography.name,
        "residents": f"{run.residents:,}",
        "span": years(run.days),
        "dates": f"{s.start:%-d %B %Y} to {end:%-d %B %Y}",
        "burn_in": years(s.burn_in_days),
        "seed": run.seed,
        "version": about.get("model_version", "?"),
        "hash": run.event_log_hash,
        "headlines": [x for x in lines if x.headline],
        "others": [x for x in lines if not x.headline],
        "over_time": [(p, p.svg) for p in pictures if p.name.startswith("time")],
        "maps": [(p, p.svg) for p in pictures if p.name.startswith("map")],
        "groups": _groups(run),
        "policies": policies,
        "speculative": grounds.speculative(policies),
        "delivered": _delivered(run),
        "rivals": grounds.rivals(),
        "sources": grounds.sources(used),
        "parameters": grounds.parameters(),
        "notes": list(run.geography.notes),
        "scenario_file": f"{name}.toml",
        "toml": s.to_toml(),
        "command": shlex.join(words),
    }


def _lines(run: RunResult) -> list[Line]:
    found = of_run(run.weekly, run.recorded, run.summary)
    heads = run.scenario.headlines or HEADLINES
    span = run.days / 365.0
    people = float(run.weekly["population"].mean()) if "population" in run.weekly else 0.0
    out = []
    order = [*heads, *(n for n in found if n not in heads)]
    for name in order:
        if name not in found:
            continue
        o = describe(name)
        if o.family == "Other" and name not in heads:
            continue
        rate = number(found[name] / people / span * 1e5) if o.count and people > 0 else ""
        title = o.title[0].upper() + o.title[1:]
        out.append(Line(title, o.unit, level(o, found[name]), rate, name in heads, o.recorded))
    return out


def _over_time(run: RunResult) -> list[Picture]:
    both = run.weekly
    fresh = [c for c in run.recorded.columns if c not in both.columns]
    both = both.join(run.recorded[fresh]) if len(run.recorded) == len(both) else both
    marks = _starts(run)
    out = []
    for name in dict.fromkeys((*run.scenario.headlines, *SERIES)):
        if name not in both.columns or len(both) < 8:
            continue
        o = describe(name)
        values = both[name].to_numpy(dtype=np.float64)
        days = 7.0 * (np.arange(values.size) + 1.0)
        if o.count:
            weeks = next((w for w in PERIODS if w * values.mean() >= 5.0), PERIODS[-1])
            whole = values.size // weeks
            if whole < 2:
                continue
            values = values[: whole * weeks].reshape(whole, weeks).sum(axis=1)
            days = 7.0 * weeks * (np.arange(whole) + 0.5)
            unit = f"{o.unit} in {weeks} weeks"
        else:
            unit = f"{o.title}, {o.unit}"
        figure = course(days / 365.0, values, unit=unit, starts=marks, from_zero=o.count)
        title = o.title[0].upper() + o.title[1:]
        alt = (
            f"Line chart of {o.title} over time in this one run: from {number(values[0])} to "
            f"{number(values[-1])}, between {number(values.min())} and {number(values.max())}."
        )
        out.append(Picture(f"time-{name}", figure, f"{title} over time", alt))
    return out


def _starts(run: RunResult) -> list[tuple[float, str]]:
    out = []
    for entry in run.scenario.policies:
        title = entry.name.replace("_", " ")
        if entry.start > 0:
            out.append((float(entry.start), f"{title} starts"))
        if entry.end is not None and 0 < entry.end < run.days:
            out.append((float(entry.end), f"{title} ends"))
    return sorted(out)


def _maps(run: RunResult, folder: Path) -> list[Picture]:
    place = geography.load(folder)
    if place is None and run.geography.polygons:
        geography.keep(run.geography, None, folder)
        place = geography.load(folder)
    shapes = outlines(place) if place else []
    areas = kept.by_year(run.areas, kept.AREA_KEYS)
    if not shapes or areas is None or areas.empty:
        return []
    out = []
    people = areas.groupby("area")["population"].mean()
    for name in MAPPED:
        if name not in areas.columns or len(people) != len(shapes):
            continue
        o = describe(name)
        by = areas.groupby("area")[name]
        values = (
            by.sum() / people.clip(lower=1.0) * 1e5 / (run.days / 365.0) if o.count else by.mean()
        ).to_numpy(dtype=np.float64)
        unit = f"{o.unit} per 100,000 a year" if o.count else o.unit
        figure = area_map(shapes, values, np.isfinite(values), label=unit, diverging=False)
        title = f"{o.title[0].upper()}{o.title[1:]} by area"
        alt = (
            f"Map of {o.title} by area, {unit}: from {number(float(np.nanmin(values)))} to "
            f"{number(float(np.nanmax(values)))}."
        )
        out.append(Picture(f"map-{name}", figure, title, alt))
    return out


def _groups(run: RunResult) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """(group, [(outcome, events, per 100,000 of them a year)])."""
    table = kept.by_year(run.groups, kept.GROUP_KEYS)
    if table is None or table.empty:
        return []
    names = list(run.geography.group_names)
    people = table.groupby(["group", "sex", "age_band"])["population"].mean().groupby("group").sum()
    out = []
    for group, count in people.items():
        text = str(group)
        label = names[int(text)] if text.isdigit() and int(text) < len(names) else text
        mine = table[table["group"] == group]
        rows = []
        for name in BY_GROUP:
            if name in table.columns and count > 0:
                total = float(mine[name].sum())
                rate = total / float(count) * 1e5 / (run.days / 365.0)
                rows.append((_title(describe(name)), number(total), number(rate)))
        out.append((label, rows))
    return out


def _title(o: Outcome) -> str:
    return o.title[0].upper() + o.title[1:]


def _delivered(run: RunResult) -> list[Any]:
    from viz.report.phases import delivered_in

    if run.policies.empty:
        return []
    table = run.policies.assign(arm=run.scenario.name, seed=run.seed)
    return delivered_in(table, [(run.scenario.name, run.scenario)])


def _save_tables(folder: Path, run: RunResult) -> None:
    folder.mkdir(exist_ok=True)
    tables: dict[str, pd.DataFrame] = {
        "weekly": run.weekly,
        "recorded": run.recorded,
        "areas": kept.by_year(run.areas, kept.AREA_KEYS),  # type: ignore[dict-item]
        "groups": kept.by_year(run.groups, kept.GROUP_KEYS),  # type: ignore[dict-item]
        "policies": run.policies,
    }
    for name, table in tables.items():
        if table is None or table.empty:
            continue
        for ending in ("csv", "parquet"):
            temporary = folder / f".{name}"
            if ending == "csv":
                table.to_csv(temporary, index=False)
            else:
                table.to_parquet(temporary, index=False)
            os.replace(temporary, folder / f"{name}.{ending}")
