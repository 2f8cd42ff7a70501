"""peel bench: how fast the engine is here, against other ways to simulate a city's days.

Figures are per resident and day, medians of several repeats in one run, so that ratios hold on a
noisy machine. What is timed is simulation with its weekly passes over everybody; building and
burning in are timed apart and said.
"""

from __future__ import annotations

import importlib.util
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any


def bench(
    city: str = "district", years: float = 1.0, repeats: int = 3, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Measure; returns the figures that `peel bench --json` prints.

    Keys: resident_days_per_second, ns_per_resident_day, mesa_ratio, starsim_ratio (None where
    Starsim is not installed), peak_rss_mb, compile_seconds, build_seconds, burn_in_seconds.
    """
    from sim.engine import advance
    from sim.kernel import is_warm
    from sim.recording import Recorder
    from sim.run import prepare, warm
    from sim.scenario import Scenario

    cold = not is_warm()
    started = time.perf_counter()
    warm()
    compiling = time.perf_counter() - started
    say(f"engine {'compiled' if cold else 'loaded'} in {compiling:.1f} s")
    scenario = Scenario(city=city, years=max(years * repeats + 1, 1), burn_in_years=0.0)
    started = time.perf_counter()
    state, _ = prepare(scenario, 1)
    building = time.perf_counter() - started
    started = time.perf_counter()
    advance(state, 364)  # a short burn-in: caches and caseloads fill
    burning = time.perf_counter() - started
    residents = int(state.world.people.residents.size)
    state.recorders.append(Recorder(first_day=state.day))
    days = max(7, round(years * 52) * 7)
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        advance(state, days)
        seconds.append(time.process_time() - started)
        state.recorders[-1] = Recorder(first_day=state.day)
    per_day = statistics.median(seconds) / days / residents
    say(f"{city}: {residents:,} residents, {days} days: {per_day * 1e9:.2f} ns per resident-day")
    plain = plain_mesa_seconds_per_agent_day()
    say(
        f"plain Mesa model, 2,000 agents: {plain * 1e6:.1f} us per agent-day, {plain / per_day:,.0f} times ours"
    )
    other = starsim_seconds_per_agent_day()
    if other is None:
        say("Starsim is not installed: no figure (pip install starsim to have one)")
    else:
        say(
            f"Starsim, daily run of 100,000: {other * 1e9:.0f} ns per agent-day, {other / per_day:,.0f} times ours"
        )
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "city": city,
        "residents": residents,
        "days": days,
        "repeats": repeats,
        "resident_days_per_second": 1.0 / per_day,
        "ns_per_resident_day": per_day * 1e9,
        "seconds_each": seconds,
        "mesa_ratio": plain / per_day,
        "starsim_ratio": None if other is None else other / per_day,
        "peak_rss_mb": usage / (1e6 if sys.platform == "darwin" else 1e3),
        "compile_seconds": compiling,
        "build_seconds": building,
        "burn_in_seconds": burning,
    }


def plain_mesa_seconds_per_agent_day(agents: int = 2000, days: int = 10) -> float:
    """Median CPU seconds per agent and day of experiments.plain_mesa.City."""
    from experiments.plain_mesa import City

    city = City(residents=agents)
    times = []
    for _ in range(days):
        started = time.process_time()
        city.step()
        times.append(time.process_time() - started)
    return statistics.median(times) / agents


def starsim_seconds_per_agent_day(agents: int = 100_000, days: int = 60) -> float | None:
    """CPU seconds per agent and day of a daily Starsim epidemic on a random network, or None."""
    if importlib.util.find_spec("starsim") is None:
        return None
    import starsim as ss

    sim = ss.Sim(
        n_agents=agents, start="2025-01-01", dur=ss.days(days), dt=ss.days(1), diseases=ss.SIS(),
        networks=ss.RandomNet(), verbose=0,
    )  # fmt: skip
    sim.init()
    started = time.process_time()
    sim.run()
    return (time.process_time() - started) / agents / days
