"""Means over everyone: what residents believe, fear and carry today, by who they are and by area.

One read-only pass over everyone in every week of a run, so its inner loop is written for the
processor: a resident's fairness, effectiveness, fear and trauma lie side by side in memory and go
through the same steps, which LLVM does in four lanes; what is left of them after so many days is half
a line of memory; what an area shares is worked out once; and the sums of an area stay in registers
while residents (who are stored block by block) are of that area. Every sum adds the same numbers in
the same order as it would without (tests/contracts/test_means.py).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.residents import AWAY, DEAD, FREE, GUN, JAILED
from sim.kernel import kernel
from sim.numerics import halved, halved_by_day
from sim.processes.beliefs import local_level
from sim.processes.record import BANDS
from sim.processes.routine import AGE_BITS, OLDEST, age_factor_in, contacts_deter
from sim.world import World, room

if TYPE_CHECKING:
    from sim.engine import State

STATES = (
    "population", "legitimacy", "fairness", "effectiveness", "fear", "trauma", "carrying", "in_jail",
    "adults", "confident",
)  # fmt: skip
(POPULATION, LEGITIMACY, FAIRNESS, EFFECTIVENESS, FEAR, TRAUMA, CARRYING, IN_JAIL, ADULTS,
 CONFIDENT) = range(len(STATES))  # fmt: skip
STATE_COUNT = len(STATES)
# what fairness, effectiveness, fear and trauma fade by, in the order in which a resident holds them
FADING = ("belief_half_life", "belief_half_life", "fear_half_life", "trauma_half_life")
LANES = len(FADING)
OF_AREA = 2  # figures in `scratch` per area, after LANES per area and group
CHUNK = 256  # residents asked, of a sample, before others are
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
CELL_BITS, DAY_BITS, BAND_BITS = 0xFFFFFF, 0xFFFFFF, 7


@kernel
def take_means(w, fades, scratch, by_people, by_area):
    """`sum_states` of everybody, or of a sample where the city has more than EXACT_UP_TO residents."""
    n = w.people.residents.size
    every = 1 if n <= EXACT_UP_TO else max(1, n // SAMPLE)
    sum_states(w, every, fades, scratch, by_people, by_area)


@kernel
def sum_states(w, every, fades, scratch, by_people, by_area):
    """Sum the states of all living residents into flat, empty `by_people` (cells x states) and `by_area`.

    `fades` is as `fades_of` says, and `scratch` as long as `scratch_size` says. Divide the sums by
    POPULATION for means. Who is alive, adult and in jail is counted in full; the other states are
    those of one row in `every`, always the same rows so that weeks and arms compare the same people,
    scaled up by cell and area.
    """
    n, weight = w.people.residents.size, w.p[0].fairness_weight
    cells, areas = by_people.size // STATE_COUNT, w.place.areas.size
    take_shared(w, scratch)
    sums = np.zeros(cells * IN_CELL)
    if every == 1:
        ask(w, 0, n, 1, fades, scratch, sums, by_people, by_area)
        put_cells(by_people, sums)
    else:
        full = LANES * w.place.field.size + OF_AREA * areas
        scratch[full : full + 2 * (cells + areas)] = 0.0
        for first in range(0, n, every * CHUNK):
            last = min(n, first + every * CHUNK)
            count_all(w, first, last, scratch, full, full + 2 * cells)
            ask(w, first, last, every, fades, scratch, sums, by_people, by_area)
        put_cells(by_people, sums)
        scale_up(by_people, scratch, full)
        scale_up(by_area, scratch, full + 2 * cells)
    count_adults(by_people)
    for k in range(0, by_people.size, STATE_COUNT):
        by_people[k + LEGITIMACY] = (
            weight * by_people[k + FAIRNESS] + (1.0 - weight) * by_people[k + EFFECTIVENESS]
        )


@kernel
def ask(w, first, last, every, fades, scratch, sums, by_people, by_area):
    """Add the states of one in `every` of residents `first` to `last` to `sums` (of cells) and `by_area`;
    carrying and jail go to `by_people`."""
    people, clock, p = w.people, w.clock, w.p[0]
    day, groups, weight = clock[0].day, clock[0].groups, p.fairness_weight
    carry_base, carry_skew, carry_local = p.carry_base, p.carry_propensity, p.carry_local
    residents, bands, of_area = people.residents, BANDS.size, LANES * w.place.field.size
    arms = LANES * w.flow.heads.size + LANES  # in `fades`
    # fear and trauma fade to nothing, beliefs to where the person stands; a zero that the compiler
    # does not know of keeps their steps the same, and so in lanes
    nothing = scratch[LANES - 1]
    here, of_here, known, deter = -1, 0, 0.0, 0.0
    alive, legits, traumas = 0.0, 0.0, 0.0  # of area `here`
    for i in range(first, last, every):
        r = residents[i]
        if r.area != here:
            if here >= 0:
                put_area(by_area, here, alive, legits, traumas)
            here = r.area
            at = here * STATE_COUNT
            alive, legits, traumas = (
                by_area[at + POPULATION],
                by_area[at + LEGITIMACY],
                by_area[at + TRAUMA],
            )
            of_here, at = LANES * here * groups, of_area + OF_AREA * here
            known, deter = scratch[at], scratch[at + 1]
        days = day - r.born
        year = (days & AGE_BITS) // 365
        row = (r.group * 2 + r.sex) * bands + (BAND_AT[year] & BAND_BITS)
        if r.status != FREE:
            if r.status == DEAD or r.status == AWAY:
                continue
            if r.status == JAILED:
                by_people[row * STATE_COUNT + IN_JAIL] += 1.0
                by_area[here * STATE_COUNT + IN_JAIL] += 1.0
        gone, own = LANES * ((day - r.day) & DAY_BITS), (of_here + LANES * r.group) & CELL_BITS
        fair, able = r.base_fairness, r.base_effectiveness
        fair = fair + (r.fairness - fair) * fades[gone] + scratch[own]
        able = able + (r.effectiveness - able) * fades[gone + 1] + scratch[own + 1]
        fear = nothing + (r.fear - nothing) * fades[gone + 2] + scratch[own + 2]
        trauma = nothing + (r.trauma - nothing) * fades[gone + 3] + scratch[own + 3]
        fair, able = max(0.0, min(1.0, fair)), max(0.0, min(1.0, able))
        fear, trauma = max(0.0, min(1.0, fear)), max(0.0, min(1.0, trauma))
        legit = weight * fair + (1.0 - weight) * able
        cell = row * IN_CELL
        sums[cell] += fair
        sums[cell + 1] += able
        sums[cell + 2] += fear
        sums[cell + 3] += trauma
        sums[cell + 4] += 1.0 if legit >= CONFIDENT_AT else 0.0
        sums[cell + 5] += 1.0
        alive += 1.0
        legits += legit
        traumas += trauma
        if r.flags & GUN != 0:
            skew = r.propensity / (r.propensity + 20.0)
            chance = (
                carry_base * age_factor_in(min(year, OLDEST), days / 365.0)
                + carry_skew * skew
                + carry_local * skew * known
                + r.arms * fades[arms + ((day - r.day) & DAY_BITS)]
            ) * deter
            if r.side >= 0:
                chance *= people.side[r.side].carrying
            chance = max(0.0, min(0.95, chance))
            # asked last, and not branched on: those below 14 are many and hardly any owns a gun
            by_people[row * STATE_COUNT + CARRYING] += chance if days >= FROM_14 else 0.0
    if here >= 0:
        put_area(by_area, here, alive, legits, traumas)


@kernel
def count_all(w, first, last, scratch, of_cells, of_areas):
    """Add who of residents `first` to `last` is alive, and in jail, by cell and by area, to pairs in `scratch`."""
    day, bands, residents = w.clock[0].day, BANDS.size, w.people.residents
    here, alive = residents[first].area, 0.0  # a run of residents of one area, and how many it has
    for i in range(first, last):
        r = residents[i]
        if r.area != here:
            scratch[of_areas + 2 * here] += alive
            here, alive = r.area, 0.0
        row = (r.group * 2 + r.sex) * bands + (
            BAND_AT[((day - r.born) & AGE_BITS) // 365] & BAND_BITS
        )
        cell = (of_cells + 2 * row) & CELL_BITS
        if r.status != FREE:
            if r.status == DEAD or r.status == AWAY:
                continue
            if r.status == JAILED:
                scratch[cell + 1] += 1.0
                scratch[of_areas + 2 * here + 1] += 1.0
        scratch[cell] += 1.0
        alive += 1.0
    scratch[of_areas + 2 * here] += alive


@kernel
def put_area(by_area, area, alive, legits, traumas):
    """What was summed of an area so far goes back to where it is kept."""
    at = area * STATE_COUNT
    by_area[at + POPULATION] = alive
    by_area[at + LEGITIMACY] = legits
    by_area[at + TRAUMA] = traumas


@kernel
def put_cells(by_people, sums):
    """What was summed of each cell side by side goes to the states it is of."""
    for k in range(by_people.size // STATE_COUNT):
        at, cell = k * STATE_COUNT, k * IN_CELL
        by_people[at + FAIRNESS], by_people[at + EFFECTIVENESS] = sums[cell], sums[cell + 1]
        by_people[at + FEAR], by_people[at + TRAUMA] = sums[cell + 2], sums[cell + 3]
        by_people[at + CONFIDENT] = sums[cell + 4]
        by_people[at + POPULATION] = sums[cell + 5]


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
def scale_up(sums, scratch, full):
    """Sums over the residents asked become sums over all of their cell or area, of whom `scratch` has
    two figures each from `full` on: how many are alive, and how many in jail."""
    for k in range(sums.size // STATE_COUNT):
        at = k * STATE_COUNT
        factor = scratch[full + 2 * k] / max(1.0, sums[at + POPULATION])
        for state in (LEGITIMACY, FAIRNESS, EFFECTIVENESS, FEAR, TRAUMA, CARRYING, CONFIDENT):
            sums[at + state] *= factor
        sums[at + POPULATION], sums[at + IN_JAIL] = scratch[full + 2 * k], scratch[full + 2 * k + 1]


@kernel
def take_shared(w, scratch):
    """What residents have in common today: by area and group what is added to each of the four lanes
    (the field's two values, local fear, nothing), then by area what is known of shootings and how far
    contacts deter carrying."""
    place, clock, p = w.place, w.clock, w.p[0]
    day, groups = clock[0].day, clock[0].groups
    first = LANES * place.field.size
    for a in range(place.areas.size):
        known = local_level(place.areas[a], day, p)
        scratch[first + OF_AREA * a] = known
        scratch[first + OF_AREA * a + 1] = contacts_deter(place.areas[a], p)
        for k in range(a * groups, (a + 1) * groups):
            left = halved(day - place.field[k].day, p.field_half_life)
            scratch[LANES * k] = place.field[k].fairness * left
            scratch[LANES * k + 1] = place.field[k].effectiveness * left
            scratch[LANES * k + 2] = p.fear_local * known
            scratch[LANES * k + 3] = 0.0


def fades_of(state: State) -> np.ndarray:
    """What is left after so many days, 2**(-days / half-life), in one row: FADING for day 0, for day 1
    and so on to the calendar's end, then arms for day 0, for day 1 and so on."""
    w = state.world
    half_lives = tuple(float(w.p[name][0]) for name in (*FADING, "arms_half_life"))
    return _left_after(half_lives, w.flow.heads.size)


@lru_cache(maxsize=4)
def _left_after(half_lives: tuple[float, ...], days: int) -> np.ndarray:
    left = [halved_by_day(half_life, days) for half_life in half_lives]
    out = room(8 * sum(one.size for one in left)).view(np.float64)  # no day's row across two lines
    return np.concatenate([np.stack(left[:LANES], axis=1).reshape(-1), left[LANES]], out=out)


def scratch_size(w: World) -> int:
    """How many numbers `take_means` needs to work with."""
    areas, cells = w.place.areas.size, w.log.people_counts.shape[0]
    return int(LANES * w.place.field.size + OF_AREA * areas + 2 * (cells + areas))


def state_means(state: State) -> tuple[np.ndarray, np.ndarray]:
    """Sums of states over residents today: (cells, states) and (areas, states)."""
    w = state.world
    by_people = np.zeros((w.log.people_counts.shape[0], STATE_COUNT))
    by_area = np.zeros((w.place.areas.size, STATE_COUNT))
    scratch = np.zeros(scratch_size(w))
    take_means(state.handle, fades_of(state), scratch, by_people.reshape(-1), by_area.reshape(-1))
    return by_people, by_area
