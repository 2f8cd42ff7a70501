"""The compare report of a pair: twenty pairs by `experiments.compare`, its one-file report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.scenario import Scenario

REPLICATES = 20


def report(
    scenarios: tuple[Scenario, Scenario], seeds: int, tell: Any, stop: Callable[[], bool]
) -> None:
    """Compare and tell the report's HTML. Edits of single events are no part of scenarios."""
    from experiments import compare

    a, b = scenarios
    if a.canonical() == b.canonical():
        raise UserError("both cities are the same: add a policy, and there is something to compare")
    with tempfile.TemporaryDirectory() as scratch:
        arms = [a.with_changes(name="without"), b.with_changes(name="with")]
        out = Path(scratch) / "comparison"
        result = compare(arms, replicates=seeds, workers=1, out=out)
        tell("life", {"html": result.report().read_text(encoding="utf-8")})
    tell("done", {})
