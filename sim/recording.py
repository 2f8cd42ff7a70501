"""The recording layer: what a run leaves, week by week. It reads the world and never changes it.

Counts are taken from the tallies that processes keep as things happen; means over everyone are one
read-only pass a week. True and recorded counts go to separate tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.agents.officers import ON_DUTY
from sim.agents.residents import AWAY, DEAD, GUN, JAILED
from sim.kernel import kernel
from sim.numerics import clip, halved_array
from sim.processes.arms import danger_now, stress_now
from sim.processes.beliefs import local_level
from sim.processes.record import BANDS
from sim.processes.routine import age_factor, contacts_deter
from sim.world import World

if TYPE_CHECKING:
    from sim.engine import State

STATES = (
    "population", "legitimacy", "fairness", "effectiveness", "fear", "trauma", "carrying", "in_jail",
    "adults", "confident",
)  # fmt: skip
(POPULATION, LEGITIMACY, FAIRNESS, EFFECTIVENESS, FEAR, TRAUMA, CARRYING, IN_JAIL, ADULTS,
 CONFIDENT) = range(len(STATES))  # fmt: skip
STATE_COUNT = len(STATES)
FADING = ("belief_half_life", "trauma_half_life", "fear_half_life", "arms_half_life", "field_half_life")
BELIEF, TRAUMA_LEFT, FEAR_LEFT, ARMS_LEFT, FIELD_LEFT = range(len(FADING))
AREA_SHARED = 3  # figures per area in `scratch`, before two per area and group
EXACT_UP_TO, SAMPLE = 1_000_000, 250_000  # residents: above the first, means are of at least the second
CONFIDENT_AT = 0.65  # an answer of 7 or more of 10 is "a great deal or quite a lot" of confidence


@kernel
def take_means(w, fades, scratch, by_people, by_area):
    """`sum_states` of everybody, or of a sample where the city has more than EXACT_UP_TO residents."""
    n = w.people.residents.size
    every = 1 if n <= EXACT_UP_TO else max(1, n // SAMPLE)
    sum_states(w, every, fades, scratch, by_people, by_area)


@kernel
def sum_states(w, every, fades, scratch, by_people, by_area):
    """Sum the states of all living residents into flat `by_people` (cells x states) and `by_area`.

    `fades[k, d]` is what is left of FADING[k] after d days; `scratch` is as long as `scratch_size` says.
    Divide the sums by POPULATION for means. Who is alive, adult and in jail is counted in full; the
    other states are those of one row in `every`, scaled up by cell and area.
    """
    people, clock, p = w.people, w.clock, w.p[0]
    day, groups, weight = clock[0].day, clock[0].groups, p.fairness_weight
    carry_base, carry_skew, carry_local = p.carry_base, p.carry_propensity, p.carry_local
    areas, cells = w.place.areas.size, by_people.size // STATE_COUNT
    take_shared(w, fades, scratch)
    first = AREA_SHARED * areas
    seen = first + 2 * w.place.field.size  # how many of a cell, then of an area, were asked
    scratch[seen : seen + cells + areas] = 0.0
    wait = 0
    for i in range(people.residents.size):
        r = people.residents[i]
        asked = wait == 0  # always the same rows, so that weeks and arms compare the same people
        wait = every - 1 if asked else wait - 1
        if r.status == DEAD or r.status == AWAY:
            continue
        days, a = day - r.born, r.area
        band = 0
        for k in range(1, BANDS.size):
            band += 1 if days >= BANDS[k] * 365 else 0
        row = (r.group * 2 + r.sex) * BANDS.size + band
        cell = row * STATE_COUNT
        adult = 1.0 * (band >= 2)
        by_people[cell + POPULATION] += 1.0
        by_people[cell + ADULTS] += adult
        by_area[a * STATE_COUNT + POPULATION] += 1.0
        if r.status == JAILED:
            by_people[cell + IN_JAIL] += 1.0
            by_area[a * STATE_COUNT + IN_JAIL] += 1.0
        if not asked:
            continue
        if every > 1:
            scratch[seen + row] += 1.0
            scratch[seen + cells + a] += 1.0
        gone, field = day - r.day, first + 2 * (a * groups + r.group)
        left = fades[BELIEF, gone]
        fair = r.base_fairness + (r.fairness - r.base_fairness) * left + scratch[field]
        able = r.base_effectiveness + (r.effectiveness - r.base_effectiveness) * left
        fair = max(0.0, min(1.0, fair))
        able = max(0.0, min(1.0, able + scratch[field + 1]))
        legit = weight * fair + (1.0 - weight) * able
        trauma = r.trauma * fades[TRAUMA_LEFT, gone]
        fear = min(1.0, scratch[AREA_SHARED * a] + r.fear * fades[FEAR_LEFT, gone])
        by_people[cell + FAIRNESS] += fair
        by_people[cell + EFFECTIVENESS] += able
        by_people[cell + CONFIDENT] += adult * (legit >= CONFIDENT_AT)
        by_people[cell + TRAUMA] += trauma
        by_people[cell + FEAR] += fear
        by_area[a * STATE_COUNT + LEGITIMACY] += legit
        by_area[a * STATE_COUNT + TRAUMA] += trauma
        if r.flags & GUN != 0 and days >= 14 * 365:
            skew = r.propensity / (r.propensity + 20.0)
            chance = (
                carry_base * age_factor(days / 365.0)
                + carry_skew * skew
                + carry_local * skew * scratch[AREA_SHARED * a + 1]
                + r.arms * fades[ARMS_LEFT, gone]
            ) * scratch[AREA_SHARED * a + 2]
            if r.side >= 0:
                chance *= people.side[r.side].carrying
            by_people[cell + CARRYING] += clip(chance, 0.0, 0.95)
    if every > 1:
        scale_up(by_people, scratch, seen)
        scale_up(by_area, scratch, seen + cells)
    for k in range(0, by_people.size, STATE_COUNT):
        by_people[k + LEGITIMACY] = (
            weight * by_people[k + FAIRNESS] + (1.0 - weight) * by_people[k + EFFECTIVENESS]
        )


@kernel
def scale_up(sums, scratch, seen):
    """Sums over the residents asked become sums over all of their cell or area."""
    for k in range(sums.size // STATE_COUNT):
        at = k * STATE_COUNT
        factor = sums[at + POPULATION] / max(1.0, scratch[seen + k])
        for state in (LEGITIMACY, FAIRNESS, EFFECTIVENESS, FEAR, TRAUMA, CARRYING, CONFIDENT):
            sums[at + state] *= factor


@kernel
def take_shared(w, fades, scratch):
    """What residents of an area have in common today (local fear, what they know of shootings, how far
    contacts deter carrying), then the field's two values by area and group, one after another."""
    place, clock, p = w.place, w.clock, w.p[0]
    day = clock[0].day
    for a in range(place.areas.size):
        known = local_level(place.areas[a], day, p)
        scratch[AREA_SHARED * a] = p.fear_local * known
        scratch[AREA_SHARED * a + 1] = known
        scratch[AREA_SHARED * a + 2] = contacts_deter(place.areas[a], p)
    first = AREA_SHARED * place.areas.size
    for k in range(place.field.size):
        left = fades[FIELD_LEFT, day - place.field[k].day]
        scratch[first + 2 * k] = place.field[k].fairness * left
        scratch[first + 2 * k + 1] = place.field[k].effectiveness * left


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


def fades_of(state: State) -> np.ndarray:
    """(FADING, days): what is left after so many days, 2**(-days / half-life)."""
    w, kept = state.world, state.fades
    days = w.flow.heads.size
    half_lives = tuple(float(w.p[name][0]) for name in FADING)
    if kept.get("of") != (half_lives, days):
        gone = np.arange(days + 1)
        kept["of"] = (half_lives, days)
        kept["left"] = np.stack([halved_array(gone, h) for h in half_lives])
    return kept["left"]  # type: ignore[no-any-return]


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
    return named(state, out)


def named(state: State, levels: np.ndarray) -> dict[str, float]:
    """LEVELS by name, and what programmes cost this week."""
    cost = float(sum(getattr(d, "cost_this_week", 0.0) for d in state.deliveries))
    return {**dict(zip(LEVELS, levels.tolist(), strict=True)), "programme_cost": cost}


class Book(NamedTuple):
    """What compiled code fills in, a row a week; no rows where nobody asks for them."""

    fades: np.ndarray  # (FADING, days)
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
        np.zeros(scratch_size(state.world)),
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
        """Add the pages of weeks that ended on these days."""
        for k, day in enumerate(ends):
            self.weeks.append((day - 1 - self.first_day) // 7)
            self.days.append(day - (self.last_day if self.last_day >= 0 else self.first_day))
            self.last_day = day
            self.area_counts.append(pages.areas[k])
            self.people_counts.append(pages.people[k])
            if self.means:
                self.by_people.append(pages.by_people[k].reshape(-1, STATE_COUNT))
                self.by_area.append(pages.by_area[k].reshape(-1, STATE_COUNT))
            self.extras.append(named(state, pages.levels[k]))

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


def scratch_size(w: World) -> int:
    """How many numbers `take_means` needs to work with."""
    areas, cells = w.place.areas.size, w.log.people_counts.shape[0]
    return int(AREA_SHARED * areas + 2 * w.place.field.size + cells + areas)


def state_means(state: State) -> tuple[np.ndarray, np.ndarray]:
    """Sums of states over residents today: (cells, states) and (areas, states)."""
    w = state.world
    by_people = np.zeros((w.log.people_counts.shape[0], STATE_COUNT))
    by_area = np.zeros((w.place.areas.size, STATE_COUNT))
    scratch = np.zeros(scratch_size(w))
    take_means(state.handle, fades_of(state), scratch, by_people.reshape(-1), by_area.reshape(-1))
    return by_people, by_area
