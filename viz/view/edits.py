"""What if this case had been solved, or never had been? Changes of one case in a replay.

`solve` raises the cumulative hazard of the case's clearance past its threshold on the morning after
it was opened, so that the day's investigation clears it by its own rules: arrest if the offender is
still there, what the neighbourhood and the victim's side conclude, and all that follows. `unsolve`
suppresses the clearance by name. Neither touches any other record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sim.random import child_key, stream
from sim.run import Burnt

_CASE = stream(
    "investigation.case"
)  # the stream that names clearances (sim.processes.investigation)


def hold_open(keys: Iterable[int]) -> Callable[[Any], None]:
    """A daily hook of the engine that has these cases cleared on the first day they are open."""
    wanted = np.asarray(sorted(keys), dtype=np.uint64)

    def hook(state: Any) -> None:
        cases = state.world.flow.cases
        used = int(state.world.clock["cases"][0])
        rows = np.flatnonzero(np.isin(cases["key"][:used], wanted))
        for row in rows:
            if cases["opened"][row] >= 0 and cases["closed"][row] < 0:
                cases["hazard"][row] = float(cases["threshold"][row]) + 1.0

    return hook


def never_solved(burnt: Burnt, seed: int, key: int) -> int:
    """The name of the clearance of the case about event `key`; suppressed, it never comes."""
    run_seed = np.uint64(burnt.world.clock["seed"][0])
    return int(child_key(run_seed, np.uint64(key), 1, _CASE))
