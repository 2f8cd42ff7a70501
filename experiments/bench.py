"""peel bench: how fast the engine is here, against other ways to simulate a city's days.

Figures are CPU time per resident and day, medians of several repeats in one run, so that ratios hold
on a noisy machine. What is timed is simulation with its weekly passes over residents; building and
burning in are timed apart and said. `full` adds what takes minutes: ten years of the metropolis, a
thousand replicates of 20,000 residents, and how cost grows from 400,000 residents up.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

from experiments.bench_machine import hops, machine, peak_mb

Say = Callable[[str], None]


def bench(
    city: str = "district", years: float = 1.0, repeats: int = 3, say: Say = print,
    full: bool = False, workers: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Measure; returns the figures that `peel bench --json` prints.

    Keys: resident_days_per_second, ns_per_resident_day, mesa_ratio, starsim_ratio (None where
    Starsim is not installed), peak_rss_mb, compile_seconds, build_seconds, burn_in_seconds; with
    `full` also starts, metropolis, replicates, growth, memory and policies.
    """
    from sim.kernel import is_warm
    from sim.run import warm

    cold = not is_warm()
    started = time.perf_counter()
    warm()
    compiling = time.perf_counter() - started
    say(f"engine {'compiled' if cold else 'loaded'} in {compiling:.1f} s")
    engine = city_seconds(city, years, repeats, say)
    per_day = engine["ns_per_resident_day"] * 1e-9
    figures: dict[str, Any] = {
        **engine,
        "resident_days_per_second": 1.0 / per_day,
        "peak_rss_mb": peak_mb(),
        "compile_seconds": compiling,
        **peers(per_day, say),
        "machine": machine(),
    }
    if full:
        from experiments.bench_growth import growth
        from experiments.bench_policies import policies_ratio
        from experiments.bench_starts import starts

        figures["starts"] = starts(say)
        figures["memory"] = hops(say)
        figures["metropolis"] = city_seconds("metropolis", 10.0, 1, say)
        figures["metropolis"]["peak_rss_mb"] = peak_mb()
        figures["replicates"] = replicates_seconds(say, workers=workers)
        figures["growth"] = growth(say)
        figures["policies"] = policies_ratio(say=say)
    return figures


def peers(per_day: float, say: Say) -> dict[str, Any]:
    """Ratios of other simulators' time per agent and day to `per_day` seconds of ours."""
    plain = plain_mesa_seconds_per_agent_day()
    say(
        f"plain Mesa model, 2,000 agents: {plain * 1e6:.1f} us per agent-day,"
        f" {plain / per_day:,.0f} times ours"
    )
    other = starsim_seconds_per_agent_day()
    if other is None:
        say("Starsim is not installed: no figure (pip install starsim to have one)")
    else:
        say(
            f"Starsim, daily run of 100,000: {other * 1e9:.0f} ns per agent-day,"
            f" {other / per_day:,.0f} times ours"
        )
    return {
        "mesa_us_per_agent_day": plain * 1e6,
        "mesa_ratio": plain / per_day,
        "starsim_ns_per_agent_day": None if other is None else other * 1e9,
        "starsim_ratio": None if other is None else other / per_day,
    }


def city_seconds(city: str, years: float, repeats: int, say: Say) -> dict[str, Any]:
    """CPU seconds of `years` of a city, `repeats` times on end, weekly means included."""
    from sim.engine import advance
    from sim.recording import Recorder
    from sim.run import prepare
    from sim.scenario import Scenario

    started = time.process_time()
    scenario = Scenario(city=city, years=max(min(years * repeats + 2, 49.0), 1), burn_in_years=0.0)
    state, _ = prepare(scenario, 1)
    building = time.process_time() - started
    started = time.process_time()
    state.recorders.append(Recorder(first_day=0, means=False))
    advance(state, 364)  # a short burn-in: caches and caseloads fill
    burning = time.process_time() - started
    residents = int(state.world.people.residents.size)
    days = max(7, round(years * 365 / 7) * 7)
    seconds = []
    events = 0
    for _ in range(repeats):
        recorder = Recorder(first_day=state.day)
        state.recorders[:] = [recorder]
        started = time.process_time()
        advance(state, days)
        seconds.append(time.process_time() - started)
        events += happened(recorder)
    per_day = statistics.median(seconds) / days / residents
    say(
        f"{city}: {residents:,} residents, {days} days: {statistics.median(seconds):.2f} s,"
        f" {per_day * 1e9:.2f} ns per resident-day (built in {building:.1f} s, a year of burn-in"
        f" {burning:.1f} s)"
    )
    return {
        "city": city,
        "residents": residents,
        "days": days,
        "repeats": repeats,
        "seconds_each": seconds,
        "ns_per_resident_day": per_day * 1e9,
        "events_per_resident_year": events / repeats / days * 365.0 / residents,
        "ns_per_event": statistics.median(seconds) * 1e9 / max(events / repeats, 1.0),
        "build_seconds": building,
        "burn_in_seconds": burning,
    }


EVENTS = (
    "service_calls", "stops", "property", "disorder", "sales", "simple_assaults", "robberies",
    "domestic", "sexual", "serious_assaults", "gunfire_incidents", "persons_shot", "conversations",
    "births", "arrivals", "departures", "natural_deaths",
)  # fmt: skip
"""What is counted as one event each: whatever happened to a resident, with all that followed."""


def happened(recorder: Any) -> int:
    """Events of EVENTS that a recorder's weeks counted."""
    from sim.measures import PLACE_MEASURES

    columns = [PLACE_MEASURES.index(name) for name in EVENTS]
    return int(sum(int(week[:, columns].sum()) for week in recorder.area_counts))


def replicates_seconds(
    say: Say, count: int = 1000, city: str = "synthetic:20000", years: float = 5.0,
    workers: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Seconds of many short runs, of which only summaries are kept: a shared city, then a city each.

    A tenth as many are run where each seed has a city of its own.
    """
    from experiments.replicates import replicate
    from sim.scenario import Scenario

    scenario = Scenario(city=city, years=years)
    found: dict[str, Any] = {"city": city, "years": years}
    for shared, n in ((True, count), (False, max(1, count // 10))):
        runs = replicate(scenario, n, workers=workers, shared_city=shared)
        name = "shared_city" if shared else "own_city"
        found[name] = {
            "count": n,
            "wall_seconds": runs.wall_seconds,
            "run_cpu_seconds": runs.run_seconds,
            "burn_in_cpu_seconds": runs.burn_in_seconds,
            "ns_per_resident_day": runs.run_seconds / runs.resident_days * 1e9,
        }
        say(
            f"{n} replicates of {city} x {years:g} years, {'one' if shared else 'each its own'}"
            f" city: {runs.wall_seconds:.1f} s ({runs.run_seconds:.1f} s of CPU for the runs,"
            f" {runs.burn_in_seconds:.1f} s for cities and burn-in)"
        )
    return found


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
    import starsim as ss  # type: ignore[import-not-found]

    sim = ss.Sim(
        n_agents=agents, start="2025-01-01", dur=ss.days(days), dt=ss.days(1), diseases=ss.SIS(),
        networks=ss.RandomNet(), verbose=0,
    )  # fmt: skip
    sim.init()
    started = time.process_time()
    sim.run()
    return (time.process_time() - started) / agents / days
