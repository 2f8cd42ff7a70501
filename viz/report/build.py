"""Gathers what the report says, renders the template, and saves figures and tables beside it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from experiments.comparison import Comparison, Row
from viz.figures import Picture
from viz.report import (
    cost,
    doubt,
    drawn,
    formats,
    grounds,
    groups,
    headlines,
    over_time,
    phases,
    places,
    theories,
    uneven,
)
from viz.report.words import joined, number, percent, years

LARGEST = 5_000_000
"""Bytes; figures are dropped from the page (they stay in figures/) rather than go beyond."""


def write(comparison: Comparison, form: str = "html") -> Path:
    """Write the report and what goes with it; returns the path of the page, or of what was asked.

    `form`: html, pdf or md (beside report.html), or csv (the tables alone, and their folder).
    """
    formats.check(form)
    folder = comparison.folder
    rows = comparison.differences()
    scenarios = save_scenarios(comparison)
    found = gather(comparison, rows, scenarios)
    if form == "csv":
        _save_tables(folder / "tables", comparison, found)
        return folder / "tables"
    pictures = [p for part in found["pictures"].values() for p in part]
    _save_pictures(folder / "figures", pictures)
    _save_tables(folder / "tables", comparison, found)
    text = render(found)
    path = folder / "report.html"
    put(path, text.encode("utf-8"))
    if form == "md":
        put(folder / "report.md", markdown(found).encode("utf-8"))
        return folder / "report.md"
    return formats.pdf(path) if form == "pdf" else path


def gather(
    comparison: Comparison, rows: Sequence[Row], scenarios: dict[str, str]
) -> dict[str, Any]:
    """Everything the template prints."""
    heads = [name for name in comparison.plan.headlines if name in comparison.names()]
    policies = grounds.policies(comparison)
    speculative = grounds.speculative(policies)
    areas = places.tables(comparison, _mapped(heads))
    people = groups.breakdowns(comparison)
    dot = headlines.picture(comparison, rows)
    changed = grounds.changed(comparison)
    doubts = doubt.gather(comparison)
    falls = uneven.table(comparison, people)
    stretch_titles, stretches = phases.windows(comparison, heads)
    used = [s.id for p in policies for s in p.sources]
    used += [i for x in changed for i in x.evidence]
    used += [u.evidence for u in cost.UNIT_COSTS]
    used += grounds.theory_sources()
    return {
        "c": comparison,
        "facts": _facts(comparison),
        "arms": headlines.arms(comparison, rows),
        "summary": headlines.summary(rows, doubts),
        "how_sure": headlines.how_sure(comparison, rows, doubts),
        "change_our_mind": headlines.change_our_mind(comparison, rows, speculative, doubts),
        "disputed": headlines.disputed(policies),
        "doubts": doubts,
        "headline_rows": headlines.table([r for r in rows if r.headline]),
        "explored": headlines.table([r for r in rows if not r.headline]),
        "pictures": {
            "headlines": [dot] if dot else [],
            "doubt": doubt.pictures(comparison, doubts),
            "drivers": doubt.tornadoes(doubts),
            "time": over_time.pictures(comparison, heads),
            "places": places.pictures(comparison, areas),
            "people": groups.pictures(comparison, people),
        },
        "delivered": phases.delivered(comparison),
        "ceilings": phases.ceilings(comparison),
        "stretch_titles": stretch_titles,
        "stretches": stretches,
        "falls": falls,
        "who": uneven.who(comparison, people),
        "areas": areas,
        "nowhere": places.nowhere(areas),
        "breakdowns": groups.by_outcome(people),
        "money": cost.spent(comparison),
        "unit_costs": cost.unit_cost_rows(),
        "named_worlds": comparison.worlds(),
        "price_year": cost.PRICE_YEAR,
        "kind_words": drawn.KINDS,
        "cost_note": cost.summary(comparison),
        "theories": theories.table(comparison),
        "policies": policies,
        "changed": changed,
        "hypotheses": grounds.hypotheses(comparison),
        "rivals": grounds.rivals(),
        "parameters": grounds.parameters(),
        "sources": grounds.sources(used),
        "speculative": speculative,
        "scenarios": scenarios,
        "command": command(comparison, scenarios),
        "frames": {
            "differences": comparison.table(),
            "areas": places.frame(places.every(comparison), comparison.map),
            "uneven": uneven.frame(falls),
            **doubt.frames(comparison, doubts),
            "groups": groups.frame(people),
            "runs": comparison.runs,
        },
    }


def environment(autoescape: bool = True) -> Any:
    """Where the templates are and what they may call."""
    import jinja2

    loader = jinja2.FileSystemLoader(str(resources.files("viz.report") / "templates"))
    out = jinja2.Environment(
        loader=loader,
        autoescape=autoescape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    out.globals.update(number=number, percent=percent)
    out.filters["breakable"] = breakable
    return out


def breakable(name: str) -> Any:
    """A name that lines may break after each _ and dot of, and that is copied as it is."""
    return Markup(re.sub(r"([_.])", r"\1<wbr>", str(escape(name))))


def markdown(found: dict[str, Any]) -> str:
    """The findings, tables and scenarios as Markdown, without figures."""
    return str(environment(autoescape=False).get_template("report.md").render(found))


def render(found: dict[str, Any]) -> str:
    """The page, below `LARGEST` bytes: the least needed figures give way first."""
    template = environment().get_template("report.html")
    svgs = {part: [(p, p.svg) for p in pictures] for part, pictures in found["pictures"].items()}
    dropped = 0
    while True:
        text = str(template.render({**found, "drawn": svgs, "dropped": dropped}))
        largest = [part for part in ("places", "people", "time", "drivers") if svgs[part]]
        if len(text.encode()) < LARGEST or not largest:
            return text
        svgs[largest[0]].pop()
        dropped += 1


def save_scenarios(comparison: Comparison) -> dict[str, str]:
    """Write each arm's scenario as TOML; returns file name -> text, in the order of the arms."""
    folder = comparison.folder / "scenarios"
    folder.mkdir(exist_ok=True)
    out: dict[str, str] = {}
    for arm in comparison.plan.arms:
        safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in arm.name) or "arm"
        name = f"{safe}.toml"
        if name in out:
            name = f"{safe}-{len(out)}.toml"
        out[name] = arm.scenario.to_toml()
        put(folder / name, out[name].encode("utf-8"))
    return out


def command(comparison: Comparison, scenarios: dict[str, str]) -> str:
    """The command that runs the same comparison from the saved scenario files."""
    plan = comparison.plan
    words = ["peel", "compare", *(f"scenarios/{name}" for name in scenarios)]
    if plan.baseline != plan.arms[0].name:
        words += ["--baseline", plan.baseline]
    words += ["--replicates", str(len(plan.seeds)), "--seed", str(min(plan.seeds))]
    questions = dict.fromkeys(
        q for w in plan.worlds if w.layer == "hypothesis" for q in w.hypotheses
    )
    if len(plan.layers.asked) > 1:
        words += ["--uncertainty", ",".join(plan.layers.asked[1:])]
        if plan.layers.parameters:
            words += ["--draws", str(plan.layers.draws)]
            words += ["--design-seed", str(plan.layers.design_seed)]
        if plan.layers.ensemble:
            words += ["--ensemble", plan.layers.ensemble]
        if plan.layers.whole_ranges:
            words.append("--whole-ranges")
    if questions and "hypotheses" not in plan.layers.asked:
        words += ["--hypotheses", ",".join(questions)]
    words += ["--headlines", ",".join(plan.headlines), "--out", "again"]
    return shlex.join(words)


def _facts(comparison: Comparison) -> dict[str, Any]:
    scenario = comparison.plan.arms[0].scenario
    days = int(comparison.runs["days"].iloc[0])
    end = scenario.start + timedelta(days=days - 1)
    place = comparison.map
    return {
        "title": f"{joined(list(comparison.plan.others))} against {comparison.baseline}",
        "city": place.name if place else scenario.city,
        "residents": f"{int(comparison.runs['residents'].iloc[0]):,}",
        "span": years(days),
        "dates": f"{scenario.start:%-d %B %Y} to {end:%-d %B %Y}",
        "burn_in": years(scenario.burn_in_days),
        "pairs": len(comparison.seeds()),
        "seeds": _ranges(comparison.seeds()),
        "version": comparison.manifest.get("model_version", "?"),
        "notes": list(place.notes) if place else [],
        "synthetic": scenario.city in ("village", "district", "midsize", "metropolis")
        or scenario.city.startswith("synthetic:"),
    }


def _ranges(seeds: Sequence[int]) -> str:
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return joined([str(s) for s in seeds])


def _mapped(heads: list[str]) -> list[str]:
    return list(dict.fromkeys([n for n in (*heads, *places.MAPPED) if n in places.MAPPED]))


def save_picture(folder: Path, picture: Picture) -> None:
    """Write `picture` as SVG and PNG."""
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{picture.svg}\n'
    put(folder / f"{picture.name}.svg", text.encode("utf-8"))
    put(folder / f"{picture.name}.png", picture.png())


def _save_pictures(folder: Path, pictures: Sequence[Picture]) -> None:
    folder.mkdir(exist_ok=True)
    for picture in pictures:
        save_picture(folder, picture)


def _save_tables(folder: Path, comparison: Comparison, found: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    tables: dict[str, pd.DataFrame] = dict(found["frames"])
    for world in comparison.worlds()[1:]:
        tables["differences"] = pd.concat(
            [tables["differences"], comparison.table(world)], ignore_index=True
        )
    for name in ("weekly", "recorded", "policies"):
        tables[name] = comparison.tables(name)
    for name, table in tables.items():
        if table.empty:
            continue
        temporary = folder / f".{name}"
        table.to_csv(temporary, index=False)
        os.replace(temporary, folder / f"{name}.csv")
        table.to_parquet(temporary, index=False)
        os.replace(temporary, folder / f"{name}.parquet")


def put(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_bytes(data)
    os.replace(temporary, path)
