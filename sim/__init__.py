"""Peel: police legitimacy, retaliation and cycles of violence, simulated.

from sim import Scenario, run
run(Scenario(city="village", years=1), seed=1).weekly
"""

from __future__ import annotations

from typing import Any

_HOME = {"Scenario": "sim.scenario", "Model": "sim.model", "run": "sim.run", "burn_in": "sim.run",
         "RunResult": "sim.results"}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        import importlib

        value = getattr(importlib.import_module(_HOME[name]), name)
        globals()[name] = value  # a sub-module of the same name must not take its place
        return value
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
