"""The recording layer: what a run leaves, week by week. It reads the world and never changes it.

Counts are taken from the tallies that processes keep as things happen; means over everyone are one
read-only pass a week. True and recorded counts go to separate tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.agents.officers import ON_DUTY
from sim.kernel import kernel
from sim.means import STATE_COUNT, fades_of, scratch_size, take_means
from sim.processes.arms import danger_now, stress_now
from sim.processes.beliefs import local_level
from sim.world import World, room

if TYPE_CHECKING:
    from sim.engine import State


def area_fear(state: State) -> np.ndarray:
    """What residents of each area fear from hearing of local shootings (see beliefs.fear_of)."""
    out = np.zeros(state.world.place.areas.size)
    take_area_fear(state.handle, out)
    return out


@kernel
def take_area_fear(w, out):
    """`out[a]`: the local part of fear in area a today."""
    for a in range(out.size):
        out[a] = w.p[0].fear_local * local_level(w.place.areas[a], w.clock[0].day, w.p[0])


@kernel
def take_week(w, k, fades, scratch, areas, people, by_people, by_area, levels):
    """Row k of each table gets this week's counts (set back to 0), means (unless `by_people` has no
    row k) and levels."""
    place, log = w.place, w.log
    for a in range(place.areas.size):
        for m in range(areas.shape[2]):
            areas[k, a, m] = log.area_counts[a, m]
            log.area_counts[a, m] = 0
    for c in range(people.shape[1]):
        for m in range(people.shape[2]):
            people[k, c, m] = log.people_counts[c, m]
            log.people_counts[c, m] = 0
    if k < by_people.shape[0]:
        take_means(w, fades, scratch, by_people[k], by_area[k])
    take_levels(w, levels[k])


@kernel
def take_levels(w, out):
    """City-wide levels that are not means over residents, in the order of LEVELS."""
    place, police, clock = w.place, w.police, w.clock
    cynicism, members, stress, danger, minutes, duty = 0.0, 0, 0.0, 0.0, 0.0, 0
    hours = 0.0
    for a in range(place.areas.size):
        cynicism += place.areas[a].cynicism
    for g in range(w.groups.gangs.size):
        members += w.groups.gangs[g].members
    for o in range(police.officers.size):
        if police.officers[o].status == ON_DUTY:
            duty += 1
            stress += stress_now(police.officers[o], clock[0].day, w.p[0])
            danger += danger_now(police.officers[o], clock[0].day, w.p[0])
    for b in range(police.beats.size):
        minutes += police.beats[b].delay_minutes
        hours += police.beats[b].hours
    d = police.department[0]
    out[0] = cynicism / max(1, place.areas.size)
    out[1] = members
    out[2] = stress / max(1, duty)
    out[3] = danger / max(1, duty)
    out[4] = minutes / max(1, police.beats.size)
    out[5] = d.open_fatal + d.open_nonfatal + d.open_other
    out[6] = d.scrutiny
    out[7] = clock[0].grievances
    s = w.civic.stock[0]
    out[8], out[9] = s.kits_waiting, s.kits_shelved
    out[10], out[11] = s.care_waiting, s.in_care
    out[12], out[13], out[14] = s.smokers, s.sellers, s.organisations
    out[15] = hours
    out[16] = 40.0 * d.detectives  # a week's hours of each on duty


LEVELS = (
    "cynicism", "gang_members", "officer_stress", "officer_danger", "response_minutes", "open_cases",
    "scrutiny", "grievances", "kits_waiting", "kits_shelved", "care_waiting", "in_care", "smokers",
    "street_sellers", "organisations", "officer_hours", "detective_hours",
)  # fmt: skip


def extras(state: State) -> dict[str, float]:
    """City-wide levels today."""
    out = np.zeros(len(LEVELS))
    take_levels(state.handle, out)
    return named(state, out[np.newaxis])[0]


def named(state: State, levels: np.ndarray) -> list[dict[str, float]]:
    """LEVELS by name for each row of `levels`, and what programmes cost this week."""
    cost = float(sum(getattr(d, "cost_this_week", 0.0) for d in state.deliveries))
    return [
        {**dict(zip(LEVELS, row, strict=True)), "programme_cost": cost} for row in levels.tolist()
    ]


class Book(NamedTuple):
    """What compiled code fills in, a row a week; no rows where nobody asks for them."""

    fades: np.ndarray  # see means.fades_of
    scratch: np.ndarray
    areas: np.ndarray  # (weeks, areas, measures)
    people: np.ndarray  # (weeks, cells, measures)
    by_people: np.ndarray  # (weeks, cells * states), no rows where means are not wanted
    by_area: np.ndarray  # (weeks, areas * states)
    levels: np.ndarray  # (weeks, levels)


def book(state: State, weeks: int, means: bool) -> Book:
    """Empty pages for so many weeks; with 0, something that compiled code takes and leaves alone."""
    log = state.world.log
    wanted = weeks if means else 0
    return Book(
        fades_of(state),
        room(8 * scratch_size(state.world)).view(np.float64),
        np.zeros((weeks, *log.area_counts.shape), dtype=np.int32),
        np.zeros((weeks, *log.people_counts.shape), dtype=np.int32),
        np.zeros((wanted, log.people_counts.shape[0] * STATE_COUNT)),
        np.zeros((wanted, log.area_counts.shape[0] * STATE_COUNT)),
        np.zeros((weeks, len(LEVELS))),
    )


@dataclass
class Recorder:
    """Takes a run's counts and means each week; `frames` turns them into tables (see sim.results)."""

    first_day: int
    means: bool = True
    """False: counts only, for the fastest runs; means are then taken once, at the end."""
    weeks: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    area_counts: list[np.ndarray] = field(default_factory=list)
    people_counts: list[np.ndarray] = field(default_factory=list)
    by_people: list[np.ndarray] = field(default_factory=list)
    by_area: list[np.ndarray] = field(default_factory=list)
    extras: list[dict[str, float]] = field(default_factory=list)
    events: list[np.ndarray] = field(default_factory=list)
    last_day: int = -1

    def __call__(self, state: State) -> None:
        """At the end of a week (or of the run): take what there is."""
        self.take_events(state.world)
        if state.day <= (self.last_day if self.last_day >= 0 else self.first_day):
            return
        page = book(state, 1, self.means)
        take_week(state.handle, 0, *page)
        self.keep(state, page, [state.day])

    def keep(self, state: State, pages: Book, ends: list[int]) -> None:
        """Add the pages of weeks that ended on these days; pages after those were not come to."""
        n = len(ends)
        self.area_counts.extend(pages.areas[:n])
        self.people_counts.extend(pages.people[:n])
        if self.means:
            self.by_people.extend(pages.by_people[:n].reshape(n, -1, STATE_COUNT))
            self.by_area.extend(pages.by_area[:n].reshape(n, -1, STATE_COUNT))
        self.extras.extend(named(state, pages.levels[:n]))
        for day in ends:
            self.weeks.append((day - 1 - self.first_day) // 7)
            self.days.append(day - (self.last_day if self.last_day >= 0 else self.first_day))
            self.last_day = day

    def take_events(self, world: World) -> None:
        """Move the log's rows out of the way."""
        n = int(world.clock["events"][0])
        if n:
            self.events.append(world.log.events[:n].copy())
            world.clock["events"] = 0

    def all_events(self) -> np.ndarray:
        """Every event so far, ordered by day and name."""
        from sim.world import EVENT

        if not self.events:
            return np.zeros(0, dtype=EVENT)
        rows = np.concatenate(self.events)
        return rows[np.lexsort((rows["key"], rows["day"]))]
