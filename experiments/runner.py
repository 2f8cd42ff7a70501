"""How one city's life is run: by the engine, or by what a test brings instead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol


class Runner(Protocol):
    """How one city's life is run; tests bring their own."""

    def burn_in(self, scenario: Any, seed: int) -> Any: ...

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any: ...

    def warm(self) -> None: ...


class Engine:
    """The real thing. Imports wait until it is used, so that asking for help stays quick."""

    def burn_in(self, scenario: Any, seed: int) -> Any:
        from sim.kept_cities import settled

        return settled(scenario, seed)

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any:
        from sim.run import run

        return run(scenario, seed=seed, burnt=burnt)

    def warm(self) -> None:
        """Compile, or load from the cache, before workers start: they would all do it at once."""
        from sim.run import warm

        warm()


def load_plugins(plugins: Sequence[str]) -> None:
    if plugins:
        from sim.plugins import load

        for path in plugins:
            load(Path(path))
