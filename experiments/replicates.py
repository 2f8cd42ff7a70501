"""Many seeds of one scenario, of which only the summaries are kept: no folder, no tables, no report.

Two ways. By itself each seed is another city: people, ties and gangs are drawn and burnt in anew.
With a shared city all runs start from one burnt-in city and differ in the luck of the run alone,
which is the quicker way and a narrower question: its spread leaves out what differs between cities.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.workers import checked, one_thread_each

if TYPE_CHECKING:
    from sim.engine import State
    from sim.run import Burnt
    from sim.scenario import Scenario

PART = 10  # seeds that a worker takes at a time


@dataclass
class Replicates:
    """Summaries by seed (row) and name (column), and the CPU seconds they took."""

    names: list[str]
    seeds: list[int]
    values: NDArray[np.float64]
    """(seeds, names); NaN where a seed has no such figure (a share of nothing)."""
    run_seconds: float
    """CPU seconds of all runs, weekly means and summaries included, burn-in excluded."""
    burn_in_seconds: float
    """CPU seconds of building and burning in: once per worker where the city is shared."""
    wall_seconds: float
    resident_days: float

    def rows(self) -> list[tuple[str, float, float, float]]:
        """(name, mean, 5 % and 95 % quantile over seeds)."""
        out = []
        for k, name in enumerate(self.names):
            column = self.values[:, k]
            column = column[np.isfinite(column)]
            if column.size:
                low, high = np.quantile(column, (0.05, 0.95))
                out.append((name, float(column.mean()), float(low), float(high)))
        return out


@dataclass(frozen=True)
class Part:
    """Some seeds of a scenario; `city_seed` names the shared city, None where each has its own."""

    scenario: Scenario
    seeds: tuple[int, ...]
    city_seed: int | None
    means: bool
    plugins: tuple[str, ...] = ()


def replicate(
    scenario: Scenario,
    count: int,
    *,
    first_seed: int = 1,
    workers: int | None = None,
    shared_city: bool = False,
    means: bool = True,
    told: Callable[[int], None] | None = None,
) -> Replicates:
    """Run `count` seeds from `first_seed` on and keep their summaries.

    `told` hears how many are done. `means=False` leaves out the weekly means over residents, which
    no summary needs; those at the end are taken either way. Neither `workers` nor the order in which
    they finish changes a figure. Raises UserError, RunFailed.
    """
    started = time.perf_counter()
    seeds = list(range(first_seed, first_seed + count))
    from sim import plugins

    city = first_seed if shared_city else None
    files = tuple(str(one.file) for one in plugins.loaded().values())
    parts = [
        Part(scenario, tuple(seeds[k : k + PART]), city, means, files)
        for k in range(0, count, PART)
    ]
    hands = min(checked(workers), len(parts))
    done: dict[tuple[int, ...], Any] = {}

    def keep(part: Part, result: Any) -> None:
        done[part.seeds] = result
        if told is not None:
            told(sum(len(s) for s in done))

    if hands <= 1:
        for part in parts:
            keep(part, live_part(part))
    else:
        _in_processes(parts, hands, keep)
    each = [done[part.seeds] for part in parts]
    names = each[0][0]
    return Replicates(
        names,
        seeds,
        np.concatenate([values for _, values, _, _, _ in each]),
        sum(e[2] for e in each),
        sum(e[3] for e in each),
        time.perf_counter() - started,
        sum(e[4] for e in each),
    )


def _in_processes(parts: list[Part], workers: int, keep: Callable[[Part, Any], None]) -> None:
    with one_thread_each():
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        try:
            waiting: dict[Future[Any], Part] = {pool.submit(_work, p): p for p in parts}
            while waiting:
                ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    keep(waiting.pop(future), future.result())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _work(part: Part) -> tuple[list[str], NDArray[np.float64], float, float, float]:
    """`live_part` in a process of its own, where what the first part leaves behind (modules, compiled
    code, a shared city) stays: the collector of garbage need not look through it again and again."""
    first = not _warm
    result = live_part(part)
    if first:
        gc.collect()
        gc.freeze()
    return result


_cities: dict[str, Burnt] = {}  # the last shared city of this process
_warm: list[bool] = []


def live_part(part: Part) -> tuple[list[str], NDArray[np.float64], float, float, float]:
    """Names, summaries, CPU seconds of runs and of burn-ins, and resident-days of some seeds."""
    from sim import plugins
    from sim.run import burn_in, run, warm

    for file in part.plugins:
        plugins.load(file)
    if not _warm:
        warm()
        _warm.append(True)
    summaries, running, burning, lived = [], 0.0, 0.0, 0.0
    begun = time.process_time()
    shared = None if part.city_seed is None else _city(part.scenario, part.city_seed)
    for seed in part.seeds:
        city = seed if part.city_seed is None else part.city_seed
        burnt = shared or burn_in(part.scenario, city)
        burnt_in = time.process_time()
        setup = luck(seed) if seed != city else None
        result = run(part.scenario, city, burnt=burnt, means=part.means, setup=setup)
        summaries.append(result.summary)
        burning += burnt_in - begun
        begun = time.process_time()
        running += begun - burnt_in
        lived += result.residents * result.days
        del result  # the next run's city takes the place of this one in memory
    names = list(summaries[0])
    values = np.array([[s[name] for name in names] for s in summaries], dtype=np.float64)
    return names, values, running, burning, lived


def _city(scenario: Scenario, seed: int) -> Burnt:
    """The shared city, burnt in once in this process."""
    from sim.run import burn_in

    name = scenario.burn_in_hash(seed)
    if name not in _cities:
        _cities.clear()
        _cities[name] = burn_in(scenario, seed)
    return _cities[name]


def luck(seed: int) -> Callable[[State], None]:
    """A `setup` of sim.run.run: from the first day on, draws are those of another seed."""

    def change(state: State) -> None:
        from sim.random import run_key

        state.world.clock["seed"] = run_key(seed)

    return change
