"""Where people are, when things happen, and what season and weekday do to it.

Place follows routine: near home about half the time [H11], else the activity block or a place of
gathering. Season and weekday are multipliers with mean 1 over the year and week.
"""

import numpy as np

from sim.agents.residents import AWAY, DEAD, EARLY, FREE, GUN, JAILED
from sim.kernel import kernel
from sim.numerics import clip
from sim.processes.beliefs import arms_now, legitimacy_now, local_level, trauma_now
from sim.processes.record import age_years
from sim.processes.schooling import self_control

# rounded, so that no platform's cosine shows in a result
SEASON = np.round(np.cos(2.0 * np.pi * (np.arange(366) - 200) / 365.0), 6)
# share of disputes by weekday relative to the mean, Monday first: weekends are busier
WEEKDAY = np.array([0.92, 0.90, 0.90, 0.93, 1.02, 1.19, 1.14])
# offending by age relative to the peak (knots, in whole years, joined by straight lines)
AGE_KNOTS = np.array([0.0, 11.0, 15.0, 18.0, 24.0, 30.0, 40.0, 50.0, 65.0, 120.0])
AGE_LEVELS = np.array([0.0, 0.0, 0.55, 1.0, 1.0, 0.75, 0.38, 0.18, 0.05, 0.01])
OLDEST = 120
# rounded, so that no platform's fused arithmetic shows in a result
AT_AGE = np.round(np.interp(np.arange(OLDEST + 1), AGE_KNOTS, AGE_LEVELS), 12)
BY_AGE = np.append(np.diff(AT_AGE), 0.0)  # change over the year that begins at each age
AT_AGE[OLDEST] = 0.0
# never less than `age_factor` at any age of a year
MOST_IN_YEAR = np.maximum(AT_AGE, np.append(AT_AGE[1:], 0.0)) * (1.0 + 1e-12)
AGE_BITS = 0xFFFF  # of an age in days, which is never negative and need not be counted from the end


@kernel
def season_factor(clock, amplitude):
    """1 + amplitude x a yearly wave that peaks in July."""
    doy = (clock[0].day + clock[0].start_doy) % 365
    return 1.0 + amplitude * SEASON[doy]


@kernel
def weekday_factor(clock):
    return WEEKDAY[(clock[0].day + clock[0].start_weekday) % 7]


@kernel
def age_factor(age):
    """Offending at this age relative to the peak, 0..1 (0 from OLDEST on)."""
    return age_factor_in(min(int(age), OLDEST), age)


@kernel
def age_factor_in(year, age):
    """`age_factor` where the whole years are known already; at most OLDEST."""
    return AT_AGE[year] + (age - year) * BY_AGE[year]


@kernel
def present(r):
    """Alive, living here, and not in jail: can be met in the street."""
    return r.status != DEAD and r.status != AWAY and r.status != JAILED


@kernel
def at_large(r):
    """Can act: alive, here, not in jail and not wounded."""
    return r.status == FREE


@kernel
def violence_factor(people, i, day, p):
    """How ready resident i is to attack, relative to the peak age and no trauma; 0..1 + trauma_offending."""
    r = people.residents[i]
    if not at_large(r):
        return 0.0
    level = age_factor(age_years(r, day)) * (1.0 + p.trauma_offending * trauma_now(r, day, p))
    if r.side >= 0:
        level *= people.side[r.side].violence
    if r.flags & EARLY != 0:
        level *= self_control(people.lives[i], p)
    return level


@kernel
def carry_chance(people, place, i, day, p):
    """Chance that resident i carries a gun today; 0 for those who own none."""
    r = people.residents[i]
    if r.flags & GUN == 0:
        return 0.0
    area = place.areas[r.area]
    age = age_years(r, day)
    if age < 14.0:
        return 0.0
    skew = r.propensity / (r.propensity + 20.0)
    chance = (
        p.carry_base * age_factor(age)
        + p.carry_propensity * skew
        + p.carry_local * skew * local_level(area, day, p)
        + arms_now(r, day, p)
    )
    chance *= contacts_deter(area, p)
    if r.side >= 0:
        chance *= people.side[r.side].carrying
    return clip(chance, 0.0, 0.95)


@kernel
def contacts_deter(area, p):
    """Multiplier of carrying where police-initiated contacts are above their usual level."""
    return 1.0 / (1.0 + p.carry_deterrence * clip(area.contacts - 1.0, 0.0, 10.0))


@kernel
def restraint(people, place, i, day, p, groups):
    """Multiplier of private settlement: below 1 where police are seen as legitimate, above where not."""
    r = people.residents[i]
    legit = legitimacy_now(r, place.field[r.area * groups + r.group], day, p)
    cynic = place.areas[r.area].cynicism
    return clip(
        1.0 + p.legitimacy_restraint * (p.trust_centre - legit) + p.cynicism_weight * cynic,
        0.25,
        2.0,
    )


@kernel
def step_aside(flow, place, block, u, v):
    """The block itself or one of the eight around it (a neighbour only if it exists)."""
    b = place.blocks[block]
    x = b.x + int(u * 3.0) - 1
    y = b.y + int(v * 3.0) - 1
    if x < 0 or y < 0 or y >= flow.grid.shape[0] or x >= flow.grid.shape[1]:
        return block
    other = flow.grid[y, x]
    return other if other >= 0 else block


@kernel
def meeting_block(flow, people, place, a, b, u, v, w, p):
    """Where a meets b: near b's home, or a's, or where either spends the day."""
    ra, rb = people.residents[a], people.residents[b]
    near = p.near_home
    if u < near:
        return step_aside(flow, place, rb.home, v, w)
    u = (u - near) / (1.0 - near)
    if u < 0.35:
        return step_aside(flow, place, rb.activity, v, w)
    if u < 0.7:
        return step_aside(flow, place, ra.activity, v, w)
    return step_aside(flow, place, ra.home, v, w)


@kernel
def resident_of(people, place, block, u):
    """A resident whose home is this block, or -1 when nobody lives there."""
    at = place_in_block(place, block, u)
    return people.members[at] if at >= 0 else -1


@kernel
def place_in_block(place, block, u):
    """Where in `members` a resident of this block stands, or -1 when nobody lives there."""
    b = place.blocks[block]
    return b.first + int(u * b.count) if b.count > 0 else -1
