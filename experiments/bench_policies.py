"""What policies cost: every one of them switched on against none, side by side in one process.

Both arms start from the same burnt-in city and take turns of four weeks, so that whatever else the
machine does falls on both; the figure is the ratio of medians of CPU time. It holds what the
policies themselves do each week and what the city does more because of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

TURN_WEEKS = 4


def policies_ratio(
    city: str = "midsize", turns: int = 8, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """CPU time per week with all policies and with none, and their ratio.

    Keys: city, residents, policies, weeks (timed, of each arm), none_ms_per_week, all_ms_per_week,
    policies_ratio.
    """
    from sim import policies
    from sim.engine import State, advance
    from sim.recording import Recorder
    from sim.run import burn_in, start
    from sim.scenario import PolicyEntry, Scenario

    years = max(1.0, (turns + 1) * TURN_WEEKS * 7 / 365)
    base = Scenario(city=city, years=years, burn_in_years=1.0)
    names = sorted(policies.registry())
    every = base.with_changes(policies=tuple(PolicyEntry(name, {}) for name in names))
    burnt = burn_in(base, 1)
    arms: list[State] = [start(scenario, 1, burnt)[0] for scenario in (base, every)]
    for state in arms:
        state.recorders.append(Recorder(first_day=state.day))
        advance(state, 7 * TURN_WEEKS)  # lists of who is eligible are made
    seconds: list[list[float]] = [[], []]
    for _ in range(turns):
        for state, times in zip(arms, seconds, strict=True):
            begun = time.process_time()
            advance(state, 7 * TURN_WEEKS)
            times.append((time.process_time() - begun) / TURN_WEEKS)
    none, whole = (statistics.median(times) for times in seconds)
    say(
        f"{city}: {none * 1e3:.1f} ms a week without policies, {whole * 1e3:.1f} with all"
        f" {len(names)}: {whole / none:.2f} times"
    )
    return {
        "city": city, "residents": int(arms[0].world.people.residents.size),
        "policies": len(names), "weeks": turns * TURN_WEEKS, "none_ms_per_week": none * 1e3,
        "all_ms_per_week": whole * 1e3, "policies_ratio": whole / none,
    }  # fmt: skip
