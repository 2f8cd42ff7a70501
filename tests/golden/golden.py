"""One small run, kept: a change of the model that nobody meant shows here first.

Every parameter is written down with the outcomes, so the file moves when the model's mechanisms do
(or the embedded city, its groups included) and not when a default is calibrated. `python -m
tests.golden.update` writes it anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.parameters import all_parameters
from sim.run import run
from sim.scenario import PolicyEntry, Scenario
from tests.contracts.lively import RATES

FILE = Path(__file__).with_name("run.json")
CITY, SEED = "synthetic:3000", 7
COUNTED = (
    "homicides", "persons_shot", "shooting_incidents", "gunfire_incidents", "retaliatory_incidents",
    "linked_incidents", "serious_assaults", "property", "calls", "violent_reported", "stops",
    "guns_found", "force", "arrests", "jailings", "homicides_recorded", "cleared_fatal",
    "cleared_nonfatal", "births", "arrivals", "natural_deaths", "conversations",
)  # fmt: skip
LEVELS = ("legitimacy", "fairness", "effectiveness", "fear", "trauma", "carrying_share")


def parameters(kept: dict[str, float] | None = None) -> dict[str, float]:
    """Those of the file where they still exist and are allowed; else the defaults, and RATES."""
    out = {}
    for name, row in all_parameters().items():
        value = (kept or {}).get(name, RATES.get(name, row.default))
        out[name] = min(max(value, row.low), row.high)
    return out


def outcome(values: dict[str, float]) -> dict[str, Any]:
    """What the golden run gives with these parameters: hash, counts, levels."""
    scenario = Scenario(
        city=CITY,
        years=1.0,
        burn_in_years=1.0,
        parameters=values,
        policies=(PolicyEntry("gang_fellowship", {"start": 182, "ramp_weeks": 0.0}),),
    )
    result = run(scenario, SEED)
    return {
        "event_log_hash": result.event_log_hash,
        "events": len(result.events),
        "counts": {name: int(result.totals[name]) for name in COUNTED},
        "levels": {name: round(float(result.summary[name]), 9) for name in LEVELS},
    }


def load() -> dict[str, Any]:
    """The file: parameters, and the outcome then."""
    out: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return out


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """One line for each outcome that has changed."""
    out = []
    for part in ("counts", "levels"):
        for name in sorted({*then[part], *now[part]}):
            a, b = then[part].get(name), now[part].get(name)
            if a != b:
                out.append(f"{name}: {a} -> {b}")
    for name in ("events", "event_log_hash"):
        if then[name] != now[name]:
            out.append(f"{name}: {then[name]} -> {now[name]}")
    return out
