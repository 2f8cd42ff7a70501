"""Peel: police legitimacy, retaliation and cycles of violence, simulated.

from sim import Scenario, run
run(Scenario(city="village", years=1), seed=1).weekly
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_HOME = {"Scenario": "sim.scenario", "Model": "sim.model", "run": "sim.run", "burn_in": "sim.run",
         "RunResult": "sim.results"}  # fmt: skip


class _Package(ModuleType):
    """`sim.run` is the function, also after something has imported the sub-module of that name."""

    def __getattribute__(self, name: str) -> Any:
        if name in _HOME:
            return getattr(importlib.import_module(_HOME[name]), name)
        return super().__getattribute__(name)


sys.modules[__name__].__class__ = _Package
