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


def open_what(what: str, seed: int, server: Any) -> str:
    """Register it; the path of the page to begin with. Raises UserError for what it can't open."""
    if what in presets():
        return f"/lab?preset={what}"
    folder = Path(what)
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
            f"{what}: neither the folder of a run (run.json) nor of a comparison (report.html)"
        )
    return register(Scenario.load(what), seed, "")


def register(scenario: Scenario, seed: int, said: str, log_hash: str | None = None) -> str:
    """The lab's preset `opened`: A is the scenario without its policies, B the scenario."""
    choices = [Choice.of(entry).as_json() for entry in scenario.policies]
    days = min(3650, max(28, scenario.days // 7 * 7))
    about = {
        "title": scenario.name or scenario.city,
        "question": said or scenario.about or f"{scenario.name or scenario.city}, seed {seed}",
        "city": scenario.city, "seed": seed, "days": days, "b": choices,
        "event_log_hash": log_hash,
    }  # fmt: skip
    open_scenario(NAME, scenario.with_changes(policies=()), about)
    return f"/lab?preset={NAME}"
