"""Means over everyone: what residents believe, fear and carry today, by who they are and by area.

One read-only pass a week, and a fifth of the work of a run, so its inner loop is written for the
processor: what is left of all that fades after so many days is one line of memory, what an area
shares is worked out once, and the sums of an area stay in registers while residents (who are stored
block by block) are of that area. Every sum adds the same numbers in the same order as it would
without.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.residents import AWAY, DEAD, GUN, JAILED
from sim.kernel import kernel
from sim.numerics import clip, halved, halved_by_day
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
FADING = ("belief_half_life", "trauma_half_life", "fear_half_life", "arms_half_life")
BELIEF, TRAUMA_LEFT, FEAR_LEFT, ARMS_LEFT = range(len(FADING))
FADE_COLUMNS = 4  # of which FADING are used: a day's row is one line of memory
SHARED = 3  # figures in `scratch` per area and group, before OF_AREA per area
OF_AREA = 2
IN_CELL = 8  # sums of a cell while residents are gone through: one line of memory
EXACT_UP_TO, SAMPLE = (
    1_000_000,
    250_000,
)  # residents: above the first, means are of at least the second
CONFIDENT_AT = 0.65  # an answer of 7 or more of 10 is "a great deal or quite a lot" of confidence
FROM_14 = int(BANDS[1]) * 365  # days
BAND_AT = np.searchsorted(BANDS[1:], np.arange(180), side="right")  # by age in whole years
ADULT_BAND = int(np.searchsorted(BANDS, 18))
# said of numbers that are never negative, so that compiled code need not count from the end
AREA_BITS, CELL_BITS, DAY_BITS, AGE_BITS, BAND_BITS = 0x7FFF, 0xFFFFFF, 0xFFFFFF, 0xFFFF, 7


@kernel
def take_means(w, fades, scratch, by_people, by_area):
    """`sum_states` of everybody, or of a sample where the city has more than EXACT_UP_TO residents."""
    n = w.people.residents.size
    every = 1 if n <= EXACT_UP_TO else max(1, n // SAMPLE)
    sum_states(w, every, fades, scratch, by_people, by_area)


@kernel
def sum_states(w, every, fades, scratch, by_people, by_area):
    """Sum the states of all living residents into flat, empty `by_people` (cells x states) and `by_area`.

    `fades[d, k]` is what is left of FADING[k] after d days; `scratch` is as long as `scratch_size` says.
    Divide the sums by POPULATION for means. Who is alive, adult and in jail is counted in full; the
    other states are those of one row in `every`, scaled up by cell and area.
    """
    people, clock, p = w.people, w.clock, w.p[0]
    day, groups, weight = clock[0].day, clock[0].groups, p.fairness_weight
    carry_base, carry_skew, carry_local = p.carry_base, p.carry_propensity, p.carry_local
    areas, cells, bands = w.place.areas.size, by_people.size // STATE_COUNT, BANDS.size
    take_shared(w, fades, scratch)
    of_area = SHARED * w.place.field.size
    seen = of_area + OF_AREA * areas  # how many of a cell, then of an area, were asked
    scratch[seen : seen + cells + areas] = 0.0
    residents, left_after = people.residents, fades.reshape(-1)
    sums = np.zeros(cells * IN_CELL)
    ask, here = 0, 0
    alive, asked_here, legits, traumas = 0.0, 0.0, 0.0, 0.0  # of area `here`
    for i in range(residents.size):
        r = residents[i]
        status = r.status
        if status == DEAD or status == AWAY:
            continue
        a = r.area & AREA_BITS
        if a != here:
            put_area(by_area, scratch, seen + cells, here, alive, asked_here, legits, traumas)
            here, at = a, a * STATE_COUNT
            alive, asked_here = by_area[at + POPULATION], scratch[seen + cells + a]
            legits, traumas = by_area[at + LEGITIMACY], by_area[at + TRAUMA]
        days = day - r.born
        row = (r.group * 2 + r.sex) * bands + (BAND_AT[(days & AGE_BITS) // 365] & BAND_BITS)
        cell = row * IN_CELL
        alive += 1.0
        if status == JAILED:
            by_people[row * STATE_COUNT + IN_JAIL] += 1.0
            by_area[a * STATE_COUNT + IN_JAIL] += 1.0
        if every > 1:
            while ask < i:  # always the same rows, so that weeks and arms compare the same people
                ask += every
            if i != ask:
                by_people[row * STATE_COUNT + POPULATION] += 1.0
                continue
            scratch[seen + row] += 1.0
            asked_here += 1.0
        gone, shared = (
            FADE_COLUMNS * ((day - r.day) & DAY_BITS),
            SHARED * ((a * groups + r.group) & CELL_BITS),
        )
        left = left_after[gone + BELIEF]
        fair = r.base_fairness + (r.fairness - r.base_fairness) * left + scratch[shared]
        able = r.base_effectiveness + (r.effectiveness - r.base_effectiveness) * left
        fair = max(0.0, min(1.0, fair))
        able = max(0.0, min(1.0, able + scratch[shared + 1]))
        legit = weight * fair + (1.0 - weight) * able
        trauma = r.trauma * left_after[gone + TRAUMA_LEFT]
        fear = min(1.0, scratch[shared + 2] + r.fear * left_after[gone + FEAR_LEFT])
        sums[cell] += fair
        sums[cell + 1] += able
        sums[cell + 2] += fear
        sums[cell + 3] += trauma
        sums[cell + 4] += 1.0 if legit >= CONFIDENT_AT else 0.0
        sums[cell + 5] += 1.0
        legits += legit
        traumas += trauma
        if r.flags & GUN != 0 and days >= FROM_14:
            skew = r.propensity / (r.propensity + 20.0)
            chance = (
                carry_base * age_factor(days / 365.0)
                + carry_skew * skew
                + carry_local * skew * scratch[of_area + OF_AREA * a]
                + r.arms * left_after[gone + ARMS_LEFT]
            ) * scratch[of_area + OF_AREA * a + 1]
            if r.side >= 0:
                chance *= people.side[r.side].carrying
            by_people[row * STATE_COUNT + CARRYING] += clip(chance, 0.0, 0.95)
    put_area(by_area, scratch, seen + cells, here, alive, asked_here, legits, traumas)
    put_cells(by_people, sums)
    count_adults(by_people)
    if every > 1:
        scale_up(by_people, scratch, seen)
        scale_up(by_area, scratch, seen + cells)
    for k in range(0, by_people.size, STATE_COUNT):
        by_people[k + LEGITIMACY] = (
            weight * by_people[k + FAIRNESS] + (1.0 - weight) * by_people[k + EFFECTIVENESS]
        )


@kernel
def put_area(by_area, scratch, seen, area, alive, asked, legits, traumas):
    """What was summed of an area so far goes back to where it is kept."""
    at = area * STATE_COUNT
    by_area[at + POPULATION] = alive
    by_area[at + LEGITIMACY] = legits
    by_area[at + TRAUMA] = traumas
    scratch[seen + area] = asked


@kernel
def put_cells(by_people, sums):
    """What was summed of each cell side by side goes to the states it is of."""
    for k in range(by_people.size // STATE_COUNT):
        at, cell = k * STATE_COUNT, k * IN_CELL
        by_people[at + FAIRNESS], by_people[at + EFFECTIVENESS] = sums[cell], sums[cell + 1]
        by_people[at + FEAR], by_people[at + TRAUMA] = sums[cell + 2], sums[cell + 3]
        by_people[at + CONFIDENT] = sums[cell + 4]
        by_people[at + POPULATION] += sums[cell + 5]  # besides those who were not asked


@kernel
def count_adults(by_people):
    """ADULTS by cell; confidence is asked of them only."""
    for k in range(by_people.size // STATE_COUNT):
        at = k * STATE_COUNT
        if k % BANDS.size >= ADULT_BAND:
            by_people[at + ADULTS] = by_people[at + POPULATION]
        else:
            by_people[at + CONFIDENT] = 0.0


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
    """What residents have in common today: by area and group the field's two values and local fear,
    then by area what is known of shootings and how far contacts deter carrying."""
    place, clock, p = w.place, w.clock, w.p[0]
    day, groups = clock[0].day, clock[0].groups
    first = SHARED * place.field.size
    for a in range(place.areas.size):
        known = local_level(place.areas[a], day, p)
        scratch[first + OF_AREA * a] = known
        scratch[first + OF_AREA * a + 1] = contacts_deter(place.areas[a], p)
        for k in range(a * groups, (a + 1) * groups):
            left = halved(day - place.field[k].day, p.field_half_life)
            scratch[SHARED * k] = place.field[k].fairness * left
            scratch[SHARED * k + 1] = place.field[k].effectiveness * left
            scratch[SHARED * k + 2] = p.fear_local * known


def fades_of(state: State) -> np.ndarray:
    """(days, FADING): what is left after so many days, 2**(-days / half-life)."""
    w = state.world
    return _left_after(tuple(float(w.p[name][0]) for name in FADING), w.flow.heads.size)


@lru_cache(maxsize=4)
def _left_after(half_lives: tuple[float, ...], days: int) -> np.ndarray:
    left = np.zeros((days + 1, FADE_COLUMNS))
    for k, half_life in enumerate(half_lives):
        left[:, k] = halved_by_day(half_life, days)
    return left


def scratch_size(w: World) -> int:
    """How many numbers `take_means` needs to work with."""
    areas, cells = w.place.areas.size, w.log.people_counts.shape[0]
    return int(SHARED * w.place.field.size + OF_AREA * areas + cells + areas)


def state_means(state: State) -> tuple[np.ndarray, np.ndarray]:
    """Sums of states over residents today: (cells, states) and (areas, states)."""
    w = state.world
    by_people = np.zeros((w.log.people_counts.shape[0], STATE_COUNT))
    by_area = np.zeros((w.place.areas.size, STATE_COUNT))
    scratch = np.zeros(scratch_size(w))
    take_means(state.handle, fades_of(state), scratch, by_people.reshape(-1), by_area.reshape(-1))
    return by_people, by_area
