"""docs/performance.md: how fast, how large, and what bounds it, from a recorded `peel bench --full`.

No measured figure is written by hand; what was not measured is left out and named. The lines of memory that an
event touches are counted (by reading) from the tables of `sim.world` and the processes that read them.
"""

from __future__ import annotations

from typing import Any

from experiments import recorded

LINES = (
    ("candidate by weight: stops, offences, quarrels", "alias slot, resident", 2),
    ("any other candidate", "resident", 1),
    ("call for service", "candidate; life; block, beat, officer (2), field, counts", 8),
    ("police-initiated contact", "candidate; life, block, beat, officer (2), field, counts", 9),
    ("conversation", "candidate; start of ties, a tie, the other resident", 4),
    ("offence with a victim", "candidate; life; block, member; the victim's resident and life; counts", 8),
    ("a bad contact told", "start of ties, ties, four residents", 6),
    ("move, death", "candidate; life; calendar; later the household", 5),
    ("shooting", "all ties of the victim, household, case, log, calendar", 60),
)  # fmt: skip
"""(event, what it reads or writes, lines of 64 bytes, about)."""

STARTS = (("cold", ", nothing compiled yet"), ("warm", ", from then on"), ("help", ""))

BOUND = """\
## What bounds it

Work goes with events, not with residents: nobody is visited on a day on which nothing may happen to
them. What fades (beliefs, fear, trauma, arms) is stored with the day it was written and worked out
when read. Candidates are drawn ahead of time from static weights (thinning), several in flight, and
the records they need are asked for sixteen candidates early. Whom an offence will meet is a record after
a record after a record: these are asked for over some dozens of candidates at a time. What is left is
mostly waiting for lines of memory, each 64 bytes; a resident's first record is exactly one.

Work per event does not grow with the city; what an event waits for does. Beyond the last cache each line
costs more, and in a city of millions also the way to it (the processor's tables of pages, twice on a virtual
machine).

In a small city, where memory answers at once, the weekly pass over residents is the largest part:
it does a fixed amount of arithmetic a resident and week, whatever happens. Then come the candidates,
drawn eight at a time, and the events. A replicate of a shared city begins with a copy of it.

A first run waits for the compiler. Most of that is numba working out types and laying down
intermediate code, in Python, for each of the engine's hundreds of small functions, once each;
optimising them as a whole and turning that into machine code takes about a quarter. It is one unit, so
a second core is no help.
"""

SAMPLE = """\
The weekly pass over residents counts everybody. Means of beliefs, fear, trauma and carrying are of
everybody up to a million residents; above that, of a fixed sample of at least 250,000 rows spread
evenly over the blocks, the same in each week and arm: a standard error of about 0.0004 for a city's
mean legitimacy. Counts are never sampled.

Weeks in which no policy or plug-in has to be asked pass in one compiled call, up to 104 at a time. How
time is cut changes no result (tests/contracts/test_exactness.py).
"""

PLAIN = """\
## Against other simulators

The plain Mesa model (`experiments/plain_mesa.py`) has one Python object per resident and the same
hazards and parameters for stops, everyday offences, calls, quarrels, talk, moves of beliefs, deaths
and grievances. It leaves out gangs' dyads, exposure of ties, investigations, households, births and
arrivals, changes of work and needs, the department's hours and the record, all of which the engine
does in the time it is compared with: the ratio is therefore lower than for a complete Mesa model.
Starsim runs a daily SIS epidemic of 100,000 on a random network, which is another model: its ratio
says what a day of an agent costs there, no more.
"""


def page() -> str:
    """The text of docs/performance.md."""
    lines = ["# How fast, how large", ""]
    found = recorded.all_of("bench")
    if not found:
        lines += [
            "No bench is recorded. `peel bench --full --json > bench.json` and then `peel docs"
            " --record bench.json` lay this page out.",
            "",
        ]
    for data in found:
        lines += figures(data)
    lines += [BOUND]
    lines += ["| event | lines of memory it touches | about |", "|---|---|---|"]
    lines += [f"| {name} | {what} | {n} |" for name, what, n in LINES]
    lines += ["", SAMPLE, PLAIN]
    return "\n".join(lines)


def figures(data: dict[str, Any]) -> list[str]:
    """The tables of one recorded bench."""
    m = data["machine"]
    lines = [
        f"Measured by `peel bench` on {m['processor']}, {m['cores']} cores shared with other work"
        f" (load average {m['load']:.0f} when it began), {m['system']}, Python {m['python']}, numba"
        f" {m['numba']}. CPU time of one core, medians; ratios are of one run.",
        "",
        "| what | figure |",
        "|---|---|",
        _city(data),
    ]
    if "metropolis" in data:
        one = data["metropolis"]
        lines += [
            _city(one),
            f"| the same: memory at most, a year of burn-in, building | {one['peak_rss_mb']:,.0f} MB,"
            f" {one['burn_in_seconds']:.1f} s, {one['build_seconds']:.1f} s |",
            f"| the same: an event with all that follows | {one['ns_per_event']:,.0f} ns,"
            f" {one['events_per_resident_year']:.2f} a resident and year |",
        ]
    for key, what in (("shared_city", "one burnt-in city"), ("own_city", "a city each")):
        if key in data.get("replicates", {}):
            one = data["replicates"][key]
            lines.append(
                f"| {one['count']:,} replicates of {data['replicates']['city']},"
                f" {data['replicates']['years']:g} years, {what} | {one['wall_seconds']:.0f} s;"
                f" CPU {one['run_cpu_seconds']:.0f} s for the runs"
                f" ({one['ns_per_resident_day']:.2f} ns a resident-day),"
                f" {one['burn_in_cpu_seconds']:.0f} s for cities and burn-in |"
            )
    if "policies" in data:
        one = data["policies"]
        lines += [
            f"| `peel run {one['city']} --years {one['years']:g} --out DIR` with all {one['policies']}"
            f" policies at once, its city kept burnt in | {one['all_run_seconds']:.1f} s of CPU,"
            f" {one['policies_ratio']:.2f} times one without any ({one['none_run_seconds']:.1f} s) |",
            f"| the same: its weeks alone | {one['all_ms_per_week']:.1f} ms a week,"
            f" {one['weeks_ratio']:.2f} times ({one['none_ms_per_week']:.1f} ms) |",
        ]
    for key, what in STARTS:
        if key in data.get("starts", {}):
            one = data["starts"]
            command = "--help" if key == "help" else f"run {one['city']} --years {one['years']:g}"
            lines.append(
                f"| `peel {command}`{what} | {one[key]['wall_seconds']:.2f} s"
                f" ({one[key]['cpu_seconds']:.2f} s of CPU) |"
            )
    lines.append(f"| plain Mesa model, per agent-day | {data['mesa_ratio']:,.0f} times as much |")
    if data.get("starsim_ratio"):
        lines.append(f"| Starsim, per agent-day | {data['starsim_ratio']:,.0f} times as much |")
    lines.append("")
    if "growth" in data:
        lines += growth(data)
    return lines


def growth(data: dict[str, Any]) -> list[str]:
    """How cost goes with size, and what caches do to it."""
    found = data["growth"]
    hop = dict(data.get("memory", []))
    lines = ["| residents | ns per resident-day |", "|---|---|"]
    lines += [f"| {n:,} | {ns:.2f} |" for n, ns in found["ns_by_residents"]]
    lines.append("")
    if found["exponent"] is not None:
        each = found["exponents"]
        lines.append(
            f"From 400,000 up, cost is residents to the power {found['exponent']:.3f}: the median of"
            f" {len(each)} rounds, in each of which all cities live some weeks in turn"
            f" ({min(each):.3f} to {max(each):.3f}; a neighbour on the machine can slow one city and"
            " spare the next)."
        )
    if hop:
        told = ", ".join(f"{ns:.0f} ns among {n:,}" for n, ns in hop.items())
        lines.append(
            "Below that the tables fit in the caches and each event is cheaper: one random record"
            f" costs {told}."
        )
    if found["left_out"]:
        sizes = ", ".join(f"{n:,}" for n in found["left_out"])
        lines.append(f"Not measured for want of memory: {sizes} residents.")
    lines.append("")
    return lines


def _city(data: dict[str, Any]) -> str:
    import statistics

    seconds = statistics.median(data["seconds_each"])
    return (
        f"| {data['city']}: {data['residents']:,} residents, {data['days']:,} days, weekly means"
        f" included | {seconds:.2f} s, {data['ns_per_resident_day']:.2f} ns per resident-day |"
    )
