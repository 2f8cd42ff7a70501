"""Presets: named starting points of the lab, and runs that were opened on the command line.

A preset is data (`texts/presets.toml`): a question, a city, a seed, policies. The registry of
opened runs is the only thing here that changes, once, before the server starts.
"""

from __future__ import annotations

import threading
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from sim.errors import UserError
from sim.scenario import CITIES, Scenario

_opened: dict[str, tuple[Scenario, dict[str, Any]]] = {}
_lock = threading.Lock()


@cache
def presets() -> dict[str, dict[str, Any]]:
    """Every preset that ships with Peel, by id, in order."""
    text = (files("viz.view") / "texts" / "presets.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


def every() -> dict[str, dict[str, Any]]:
    """Presets and opened runs, by id."""
    with _lock:
        return {**presets(), **{k: v[1] for k, v in _opened.items()}}


def open_scenario(name: str, scenario: Scenario, about: dict[str, Any]) -> None:
    """Make a scenario known to the lab under `name`; `about` is shaped like a preset."""
    with _lock:
        _opened[name] = (scenario, about)


@cache
def _of_city(city: str) -> Scenario:
    return Scenario(city=city, years=1)


def base_scenario(preset: str) -> Scenario:
    """The scenario that a pair changes. Raises UserError for an unknown preset or city."""
    with _lock:
        if preset in _opened:
            return _opened[preset][0]
    known = presets()
    if preset in known:
        return _of_city(str(known[preset]["city"]))
    if preset in CITIES or preset.startswith("synthetic:"):
        return _of_city(preset)
    raise UserError(
        f"no preset or city {preset[:40]!r}: expected one of {', '.join([*known, *CITIES])}"
    )
