"""How cost grows with the city: sizes side by side, round by round, so that ratios are of one moment.

On a shared machine memory answers a third slower in one minute than in the next. Cities timed one
after another would each meet another minute, and their exponent would be of the minutes as much as of
the cities. So all cities are built first and then live a few weeks each, in turn, several times over:
each round has an exponent of its own, and their median is the figure.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from experiments.bench_machine import free_bytes

Say = Callable[[str], None]
SIZES = (20_000, 100_000, 400_000, 1_000_000, 2_700_000, 10_000_000)
"""Residents of the cities whose cost is compared, as far as memory goes."""
LINEAR_FROM = 390_000  # residents; smaller cities have much of their tables in caches
BYTES_PER_RESIDENT = 700  # at the peak, while a large city is built
MOST_WEEKS = 26  # of one city in one round
RESIDENT_WEEKS = 40_000_000  # of each city in one round, where that is fewer weeks


def growth(say: Say, sizes: Sequence[int] = SIZES, rounds: int = 15) -> dict[str, Any]:
    """Cost per day by size of city, and the exponent of cost from LINEAR_FROM residents up.

    Keys: `ns_by_residents`, pairs of residents and the median ns per resident-day; `exponent`, the
    median of those of `exponents`, one a round (None where fewer than two cities are large enough);
    `left_out`, the sizes that would not fit in the memory that is free.
    """
    cities, skipped = [], []
    for size in sizes:
        if size * BYTES_PER_RESIDENT > free_bytes():
            skipped.append(size)
            say(f"synthetic:{size}: left out, too large for the memory that is free")
            continue
        cities.append(_settled(size, rounds))
        say(f"synthetic:{size}: {_residents(cities[-1]):,} residents, built")
    costs = []
    for number in range(rounds if cities else 0):
        costs.append([_live(city) for city in cities])
        say(
            f"round {number + 1} of {rounds}: "
            + ", ".join(f"{ns:.2f}" for ns in costs[-1])
            + " ns per resident-day"
        )
    people = [_residents(city) for city in cities]
    exponents = []
    for row in costs:
        large = [(n, ns) for n, ns in zip(people, row, strict=True) if n >= LINEAR_FROM]
        if len(large) > 1:
            exponents.append(slope(large))
    exponent = statistics.median(exponents) if exponents else None
    if exponent is not None:
        say(
            f"cost grows as residents to the power {exponent:.3f} from 400,000 up"
            f" ({min(exponents):.3f} to {max(exponents):.3f} by round)"
        )
    return {
        "ns_by_residents": [
            [n, statistics.median(row[k] for row in costs)] for k, n in enumerate(people)
        ],
        "left_out": skipped,
        "exponent": exponent,
        "exponents": exponents,
    }


def weeks_of(residents: int) -> int:
    """Weeks that a city of this size lives in one round."""
    return min(MOST_WEEKS, max(4, round(RESIDENT_WEEKS / residents)))


def slope(rows: Sequence[tuple[int, float]]) -> float:
    """Exponent of total cost: least squares of log(residents x ns) on log(residents); two rows or more."""
    x = [math.log(n) for n, _ in rows]
    y = [math.log(n * ns) for n, ns in rows]
    mx, my = statistics.fmean(x), statistics.fmean(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum(
        (a - mx) ** 2 for a in x
    )


def _settled(size: int, rounds: int) -> Any:
    """A city of this size after a year, with a calendar long enough for all rounds."""
    from sim.engine import advance
    from sim.recording import Recorder
    from sim.run import prepare
    from sim.scenario import Scenario

    years = 2 + rounds * MOST_WEEKS / 52
    state, _ = prepare(Scenario(city=f"synthetic:{size}", years=years, burn_in_years=0.0), 1)
    state.recorders.append(Recorder(first_day=0, means=False))
    advance(state, 364)
    return state


def _residents(state: Any) -> int:
    return int(state.world.people.residents.size)


def _live(state: Any) -> float:
    """ns per resident-day of the city's next weeks, weekly means included."""
    from sim.engine import advance
    from sim.recording import Recorder

    days = 7 * weeks_of(_residents(state))
    state.recorders[:] = [Recorder(first_day=state.day)]
    started = time.process_time()
    advance(state, days)
    return (time.process_time() - started) / days / _residents(state) * 1e9
