"""What `peel view` was given: a scenario, a city, or a folder of results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.scenario import Scenario
from viz.view.presets import open_scenario, presets
from viz.view.spec import Choice

NAME = "opened"


def open_what(what: str, seed: int, server: Any, row: str | None = None) -> str:
    """Register it; the path of the page to begin with. Raises UserError for what it can't open.

    `row` names a run of a sweep's folder.
    """
    folder = Path(what)
    if (folder / "sweep.json").is_file():
        return open_row(folder, row)
    if row is not None:
        raise UserError(f"{what}: --row {row} is for the folder of a sweep, which this is not")
    if what in presets():
        return f"/lab?preset={what}"
    if folder.is_dir():
        if (folder / "run.json").is_file():
            about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            scenario = Scenario.from_toml(about["scenario_toml"], str(folder / "run.json"))
            said = f"The run in {folder.name}, seed {about['seed']}"
            return register(scenario, int(about["seed"]), said, about.get("event_log_hash"))
        report = folder / "report.html"
        if report.is_file():
            server.reports[folder.name] = report
            return "/data"
        raise UserError(
            f"{what}: neither the folder of a run (run.json), of a comparison (report.html), nor"
            " of a sweep (sweep.json)"
        )
    return register(Scenario.load(what), seed, "")


def open_row(folder: Path, row: str | None) -> str:
    """One run of a sweep, by its number or the id in its row."""
    from experiments.sweep.reading import Sweep

    sweep = Sweep(folder)
    design, last = sweep.design, sweep.design.runs - 1
    if row is None:
        raise UserError(f"{folder}: a sweep has many runs: name one with --row (0 to {last})")
    found = sweep.table(["run", "id", "event_log_hash"]).to_pylist() if sweep.files else []
    number = int(row) if row.isascii() and row.isdigit() and len(row) < 16 else -1
    if not 0 <= number <= last:  # an id may be all digits
        number = next((r["run"] for r in found if row and r["id"] == row), -1)
    if not 0 <= number <= last:
        raise UserError(
            f"{folder}: --row {row}: expected a run from 0 to {last}, or the id of a finished one"
        )
    point, seed = design.point_of(number), design.seed_of(number)
    values = ", ".join(f"{k} {_short(v)}" for k, v in design.values(point).items())
    said = f"Run {number} of the sweep {folder.name}: {values}, seed {seed}"
    log = next((r["event_log_hash"] for r in found if r["run"] == number), None)
    return register(design.scenario(point), seed, said, log or None)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def register(scenario: Scenario, seed: int, said: str, log_hash: str | None = None) -> str:
    """The lab's preset `opened`: A is the scenario without its policies, B the scenario.

    `log_hash` is the event log's of the run that is opened: the lab says whether B has the same.
    """
    choices = [Choice.of(entry).as_json() for entry in scenario.policies]
    days = min(3650, max(28, scenario.days))
    about = {
        "title": scenario.name or scenario.city,
        "question": said or scenario.about or f"{scenario.name or scenario.city}, seed {seed}",
        "city": scenario.city, "seed": seed, "days": days, "b": choices,
        "event_log_hash": log_hash if days == scenario.days else None,
    }  # fmt: skip
    open_scenario(NAME, scenario.with_changes(policies=()), about)
    return f"/lab?preset={NAME}"
