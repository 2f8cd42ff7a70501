"""The recording layer: what a run leaves, week by week. It reads the world and never changes it.

Counts are taken from the tallies that processes keep as things happen; means over everyone are one
read-only pass a week. True and recorded counts go to separate tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.residents import AWAY, DEAD, GUN, JAILED
from sim.kernel import kernel
from sim.numerics import clip, exp_array
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
    """Sum the states of all living residents into flat `by_people` (cells x states) and `by_area`.

    `fades[k, d]` is what is left of FADING[k] after d days; `scratch` is as long as `scratch_size` says.
    Divide the sums by POPULATION for means. Who is alive, adult and in jail is counted in full; in a
    city of more than EXACT_UP_TO the other states are those of every k-th resident, scaled up.
    """
    people, clock, p = w.people, w.clock, w.p[0]
    day, groups, weight = clock[0].day, clock[0].groups, p.fairness_weight
    carry_base, carry_skew, carry_local = p.carry_base, p.carry_propensity, p.carry_local
    areas, cells = w.place.areas.size, by_people.size // STATE_COUNT
    take_shared(w, fades, scratch)
    first = AREA_SHARED * areas
    seen = first + 2 * w.place.field.size  # how many of a cell, then of an area, were asked
    scratch[seen : seen + cells + areas] = 0.0
    every = sampled_every(people.residents.size)
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
def sampled_every(residents):
    """One in how many residents is asked for beliefs, fear, trauma and carrying: 1, but for big cities."""
    return 1 if residents <= EXACT_UP_TO else max(1, residents // SAMPLE)


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
        gone = np.arange(days + 1, dtype=np.float64)
        kept["of"] = (half_lives, days)
        kept["left"] = np.stack([exp_array(-0.6931471805599453 * gone / h) for h in half_lives])
    return kept["left"]  # type: ignore[no-any-return]


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
        world, day = state.world, state.day
        self.take_events(world)
        done = day - (self.last_day if self.last_day >= 0 else self.first_day)
        if done <= 0:
            return
        self.last_day = day
        self.weeks.append((day - 1 - self.first_day) // 7)
        self.days.append(done)
        self.area_counts.append(world.log.area_counts.copy())
        self.people_counts.append(world.log.people_counts.copy())
        world.log.area_counts[:] = 0
        world.log.people_counts[:] = 0
        people, areas = state_means(state) if self.means else (None, None)
        if people is not None and areas is not None:
            self.by_people.append(people)
            self.by_area.append(areas)
        self.extras.append(extras(state))

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


def extras(state: State) -> dict[str, float]:
    """City-wide levels that are not means over residents."""
    w = state.world
    officers = w.police.officers
    on_duty = officers["status"] == 0
    beats = w.police.beats
    clock = w.clock[0]
    return {
        "cynicism": float(w.place.areas["cynicism"].astype(np.float64).mean()),
        "gang_members": float((w.people.residents["gang"] >= 0).sum()) if w.groups.gangs.size == 0
        else float(w.groups.gangs["members"].sum()),
        "officer_stress": float(officers["stress"][on_duty].astype(np.float64).mean()) if on_duty.any() else 0.0,
        "officer_danger": float(officers["danger"][on_duty].astype(np.float64).mean()) if on_duty.any() else 0.0,
        "response_minutes": float(beats["delay_minutes"].astype(np.float64).mean()) if beats.size else 0.0,
        "open_cases": float(w.police.department["open_fatal"][0] + w.police.department["open_nonfatal"][0]
                            + w.police.department["open_other"][0]),
        "scrutiny": float(w.police.department["scrutiny"][0]),
        "grievances": float((w.flow.queue["kind"][: int(clock["entries"])] == 2).sum()),
        "programme_cost": float(sum(getattr(d, "cost_this_week", 0.0) for d in state.deliveries)),
    }  # fmt: skip
