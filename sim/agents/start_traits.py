"""What residents are like on the first day: beliefs, needs, arms, school, work.

Beliefs start from the group's confidence [S14], less where the place is more disadvantaged than the
group's mean place (so that the group's own mean stays what surveys say), plus what the place has been
through with its police, plus individual noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import EXPOSED, GUN
from sim.agents.start import Floats, Start, exponentials
from sim.numerics import normal
from sim.world import Array

FAR_PAST = -100_000


def draw_beliefs(
    start: Start,
    residents: Array,
    disadvantage: Floats,
    confidence: Floats,
    effectiveness: Floats,
    past: Floats,
) -> None:
    """Write beliefs, fear, trauma and readiness to carry; `disadvantage` is per resident, 0..1.

    `past` (N,) is how well police and public have got on in the resident's area, in SD.
    """
    n = residents.size
    group = residents.group
    size = np.maximum(np.bincount(group, minlength=confidence.size), 1)
    lean = start.value("trust_disadvantage") * disadvantage - start.value("trust_place") * past
    lean -= (np.bincount(group, weights=lean, minlength=confidence.size) / size)[group]
    noise = start.value("trust_noise")
    u = start.uniforms("start belief", n)
    common = normal(u[:, 0])
    for name, base, column in (("fairness", confidence, 1), ("effectiveness", effectiveness, 2)):
        # the two beliefs share half of their individual variance
        own = 0.7071067811865476 * (common + normal(u[:, column]))
        value = np.clip(base[group] - lean + noise * own, 0.02, 0.98)
        residents[f"base_{name}"] = value
        residents[name] = value
    residents["fear"] = np.clip(start.value("start_fear") * disadvantage * 2.0 * u[:, 3], 0.0, 1.0)
    u = start.uniforms("start condition", n)
    residents["trauma"] = np.minimum(
        start.value("start_trauma") * disadvantage * exponentials(u[:, 0]), 1.0
    )
    residents["arms"] = np.minimum(
        start.value("start_arms") * disadvantage * exponentials(u[:, 1]), 1.0
    )


def draw_needs(
    start: Start, residents: Array, lives: Array, disadvantage: Floats, age: Floats
) -> None:
    """Write needs, schooling and work; `age` in years."""
    n = residents.size
    u = start.uniforms("start need", n)
    level = start.uniforms("start need level", n)
    adult = age >= 18.0
    lean = 0.5 + 1.1 * disadvantage  # about 1 at the city's mean
    for i, name in enumerate(("substance", "mental", "housing")):
        share = start.value(f"{name}_need_share") * lean
        eligible = age >= 12.0 if name == "mental" else adult
        lives[name] = np.where(
            eligible & (u[:, i] < share), 0.4 + 0.6 * level[:, i], 0.15 * level[:, i]
        )
    lives["housing"][~adult] = 0.0
    lives["substance"][age < 14.0] = 0.0
    v = start.uniforms("start school", n)
    leaves = v[:, 0] < start.value("dropout_share") * (0.3 + 1.6 * disadvantage)
    progress = np.clip((age - 5.0) / 13.0, 0.0, 1.0)
    stopped = 0.62 + 0.3 * v[:, 1]  # drop-outs leave after the 8th to the 11th grade
    lives["schooling"] = np.where(leaves, np.minimum(progress, stopped), progress)
    share = start.value("employment_share") * (1.22 - 0.5 * disadvantage)
    share = share * np.where(lives.schooling < 1.0, 0.75, 1.0)
    share = np.where(age < 22.0, 0.8 * share, share)
    share = np.where(age >= 65.0, 0.25 * share, np.where(age >= 60.0, 0.75 * share, share))
    in_school = (age >= 5.0) & ~(leaves & (progress >= stopped))
    lives["work"] = np.where(adult, v[:, 2] < share, in_school)


def draw_exposure(start: Start, residents: Array, lives: Array, exposed: Floats) -> None:
    """Mark households that live with the threat of immigration enforcement."""
    u = start.uniforms("start exposed", lives.kin_first)[:, 0]
    residents["flags"] |= np.where(u < exposed[residents.group], EXPOSED, 0).astype(np.uint8)


def arm(
    start: Start,
    residents: Array,
    lives: Array,
    age: Floats,
    drivers: NDArray[np.bool_],
    disadvantage: Floats,
) -> None:
    """Guns: the first adult of a quarter of households; most gang members and drivers; and young men
    of poor blocks, who mostly say they carry for protection [L26]."""
    n = residents.size
    u = start.uniforms("start gun", n)
    head = (lives.kin_first == np.arange(n)) & (age >= 18.0)
    owns = head & (u[:, 0] < start.value("household_gun_share"))
    young = (residents.sex == 1) & (age >= 16.0) & (age < 30.0)
    owns |= young & (u[:, 2] < start.value("gun_young_start") * disadvantage)
    owns |= drivers & (age >= 14.0) & (u[:, 1] < start.value("gang_gun_share"))
    residents["flags"] |= np.where(owns, GUN, 0).astype(np.uint8)


def draw_activity(
    start: Start,
    homes: NDArray[np.int32],
    age: Floats,
    work: NDArray[np.uint8],
    near: NDArray[np.int32],
    attraction: Floats,
    schools: NDArray[np.int32],
    school_first: NDArray[np.int64],
    area: NDArray[np.int32],
) -> NDArray[np.int32]:
    """(N,) block of school, work or hangout.

    Children go to one of the schools of their area (block numbers sorted by area, `school_first`
    (A + 1,)); most workers go where jobs are (`attraction` per block), others stay `near` home.
    """
    u = start.uniforms("start activity", homes.size)
    chance = np.cumsum(attraction)
    jobs = np.searchsorted(chance, u[:, 0] * chance[-1]).astype(np.int32)
    jobs = np.minimum(jobs, attraction.size - 1).astype(np.int32)
    adult = age >= 18.0
    out = np.where(adult & (work == 1) & (u[:, 1] < 0.6), jobs, near)
    mine = area[homes]
    count = school_first[mine + 1] - school_first[mine]
    pick = school_first[mine] + (u[:, 2] * count).astype(np.int64)
    pupil = (age >= 5.0) & ~adult & (work == 1) & (count > 0)
    if schools.size:
        out = np.where(pupil, schools[np.minimum(pick, schools.size - 1)], out)
    return np.where(age < 5.0, homes, out).astype(np.int32)
