"""What policies cost: every one of them switched on against none, side by side in one process.

Both arms start from the same burnt-in city and take turns, so that whatever else the machine does
falls on both; figures are ratios of medians of CPU time. Timed twice: the command `peel run`, as
people wait for it (burn-in, which both share and which is kept, apart), and the weeks by themselves,
which hold what the policies do each week and what the city does more because of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

TURN_WEEKS = 4
RUN_YEARS = 5.0
RUNS = 3


def policies_ratio(
    city: str = "midsize", turns: int = 8, say: Callable[[str], None] = print,
    run_years: float = RUN_YEARS,
) -> dict[str, Any]:  # fmt: skip
    """CPU time with all policies and with none, of the command and per week, and the ratios.

    Keys: city, residents, policies, years (of a run), none_run_seconds, all_run_seconds,
    policies_ratio (of commands), weeks (timed by themselves, of each arm), none_ms_per_week,
    all_ms_per_week, weeks_ratio.
    """
    from sim import policies
    from sim.run import burn_in
    from sim.scenario import PolicyEntry, Scenario

    years = max(run_years, (turns + 1) * TURN_WEEKS * 7 / 365)
    base = Scenario(city=city, years=years, burn_in_years=1.0)
    names = sorted(policies.registry())
    every = base.with_changes(policies=tuple(PolicyEntry(name, {}) for name in names))
    burnt = burn_in(base, 1)
    arms = (base, every)
    residents, (none, whole) = weeks_seconds(arms, burnt, turns)
    say(
        f"{city}: {none * 1e3:.1f} ms a week without policies, {whole * 1e3:.1f} with all"
        f" {len(names)}: {whole / none:.2f} times"
    )
    say(f"peel run {city}, {run_years:g} years, in processes of their own ...")
    short, long = commands_seconds([one.with_changes(years=run_years) for one in arms])
    say(
        f"peel run {city}, {run_years:g} years, kept: {short:.1f} s of CPU without policies, {long:.1f}"
        f" with all: {long / short:.2f} times"
    )
    return {
        "city": city, "residents": residents, "policies": len(names), "years": run_years,
        "none_run_seconds": short, "all_run_seconds": long, "policies_ratio": long / short,
        "weeks": turns * TURN_WEEKS, "none_ms_per_week": none * 1e3,
        "all_ms_per_week": whole * 1e3, "weeks_ratio": whole / none,
    }  # fmt: skip


def weeks_seconds(arms: Sequence[Any], burnt: Any, turns: int) -> tuple[int, list[float]]:
    """(residents, seconds of CPU a week of each arm), the arms in turns of four weeks."""
    from sim.engine import State, advance
    from sim.recording import Recorder
    from sim.run import start

    states: list[State] = [start(scenario, 1, burnt)[0] for scenario in arms]
    for state in states:
        state.recorders.append(Recorder(first_day=state.day))
        advance(state, 7 * TURN_WEEKS)  # lists of who is eligible are made
    seconds: list[list[float]] = [[] for _ in arms]
    for _ in range(turns):
        for state, times in zip(states, seconds, strict=True):
            begun = time.process_time()
            advance(state, 7 * TURN_WEEKS)
            times.append((time.process_time() - begun) / TURN_WEEKS)
    residents = int(states[0].world.people.residents.size)
    return residents, [statistics.median(times) for times in seconds]


def commands_seconds(arms: Sequence[Any]) -> list[float]:
    """Seconds of CPU that `peel run --out` of each arm takes, its burnt-in city kept from before."""
    from experiments.bench_starts import seconds_of

    seconds: list[list[float]] = [[] for _ in arms]
    with TemporaryDirectory(prefix="peel-bench-") as folder:
        top = Path(folder)
        own = {"PEEL_CACHE_DIR": str(top / "cities")}
        files = [top / f"arm-{k}.toml" for k in range(len(arms))]
        for path, scenario in zip(files, arms, strict=True):
            path.write_text(scenario.to_toml(), encoding="utf-8")
        for turn in range(RUNS + 1):
            for k, path in enumerate(files):
                words = ["run", str(path), "--out", str(top / f"run-{turn}-{k}"), "--quiet"]
                _, cpu = seconds_of(words, own)
                if turn:  # the first burns the city in, and keeps it
                    seconds[k].append(cpu)
    return [statistics.median(times) for times in seconds]
