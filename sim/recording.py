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
from sim.processes.routine import carry_chance
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
CONFIDENT_AT = 0.65  # an answer of 7 or more of 10 is "a great deal or quite a lot" of confidence


@kernel
def take_means(
    w, belief_left, trauma_left, fear_left, field_fair, field_able, area_fear, by_people, by_area
):
    """Sum the states of all living residents into flat `by_people` (cells x states) and `by_area`.

    `belief_left[d]` and its like are what is left after d days; `field_fair` and `field_able` are the
    field's values today. Divide the sums by POPULATION for means.
    """
    people, place, clock, p = w.people, w.place, w.clock, w.p[0]
    day, groups, weight = clock[0].day, clock[0].groups, p.fairness_weight
    for i in range(people.residents.size):
        r = people.residents[i]
        if r.status == DEAD or r.status == AWAY:
            continue
        days = day - r.born
        band = 0
        for k in range(1, BANDS.size):
            band += 1 if days >= BANDS[k] * 365 else 0
        cell = ((r.group * 2 + r.sex) * BANDS.size + band) * STATE_COUNT
        shared = r.area * groups + r.group
        left = belief_left[day - r.day]
        fair = r.base_fairness + (r.fairness - r.base_fairness) * left + field_fair[shared]
        able = (
            r.base_effectiveness
            + (r.effectiveness - r.base_effectiveness) * left
            + field_able[shared]
        )
        fair, able = clip(fair, 0.0, 1.0), clip(able, 0.0, 1.0)
        legit = weight * fair + (1.0 - weight) * able
        by_people[cell + POPULATION] += 1.0
        by_people[cell + FAIRNESS] += fair
        by_people[cell + EFFECTIVENESS] += able
        if band >= 2:
            by_people[cell + ADULTS] += 1.0
            by_people[cell + CONFIDENT] += 1.0 if legit >= CONFIDENT_AT else 0.0
        area = r.area * STATE_COUNT
        by_area[area + POPULATION] += 1.0
        by_area[area + LEGITIMACY] += legit
        if r.trauma > 0.0:
            trauma = r.trauma * trauma_left[day - r.day]
            by_people[cell + TRAUMA] += trauma
            by_area[area + TRAUMA] += trauma
        fear = r.fear * fear_left[day - r.day] + area_fear[r.area]
        by_people[cell + FEAR] += fear if fear < 1.0 else 1.0
        if r.flags & GUN != 0:
            by_people[cell + CARRYING] += carry_chance(people, place, i, day, p)
        if r.status == JAILED:
            by_people[cell + IN_JAIL] += 1.0
            by_area[area + IN_JAIL] += 1.0


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


def fade_table(half_life: float, days: int) -> np.ndarray:
    """2**(-d / half_life) for d = 0..days."""
    return exp_array(-0.6931471805599453 * np.arange(days + 1, dtype=np.float64) / half_life)


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


def state_means(state: State) -> tuple[np.ndarray, np.ndarray]:
    """Sums of states over residents today: (cells, states) and (areas, states)."""
    w = state.world
    cells = w.log.people_counts.shape[0]
    by_people = np.zeros((cells, len(STATES)))
    by_area = np.zeros((w.place.areas.size, len(STATES)))
    day, days = state.day, w.flow.heads.size
    names = ("belief_half_life", "trauma_half_life", "fear_half_life", "field_half_life")
    fades = []
    for name in names:
        half_life = float(w.p[name][0])
        if (half_life, days) not in state.fades:
            state.fades[half_life, days] = fade_table(half_life, days)
        fades.append(state.fades[half_life, days])
    belief, trauma, fear, field_left = fades
    left = field_left[day - w.place.field["day"]]
    take_means(
        state.handle,
        belief,
        trauma,
        fear,
        w.place.field["fairness"] * left,
        w.place.field["effectiveness"] * left,
        area_fear(state),
        by_people.reshape(-1),
        by_area.reshape(-1),
    )
    share = float(w.p["fairness_weight"][0])
    by_people[:, LEGITIMACY] = (
        share * by_people[:, FAIRNESS] + (1.0 - share) * by_people[:, EFFECTIVENESS]
    )
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
