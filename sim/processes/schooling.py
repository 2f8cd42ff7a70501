"""School, and what the first years of it leave for life.

Schooling grows with age up to what is behind a youth: trauma and an arrest hold it back, support
takes a part of that away. Weeks of good preschool before the sixth birthday (the lever
`resident.preschool` of those enrolled) are kept for life: with all of it (`early_weeks`) a share
`early_schooling` of what holds back is gone, and later readiness to offend and to attack is lower
by `early_self_control`. A child of three is nobody's offender, so nothing shows before it is
about thirteen; in a city where a share s of each cohort takes part from day 0, offending after t
years is lower by `early_self_control` x s x the share of offending, by age, that those younger
than t plus the age at entry commit.

Sources: P33 (arrests of those who went to good preschool 15 to 25 years before; small trials, and
newer cohorts show nothing), S24 (graduation). Both shares are assumptions. Leaves out: quality of
schools, suspension, parents' work, and that effects may fade.
"""

from sim.agents.residents import EARLY, INJURED
from sim.kernel import kernel
from sim.processes.beliefs import trauma_now
from sim.processes.record import age_years
from sim.random import draws, stream

STARTS, ENDS = 3.0, 6.0  # years of age between which preschool counts
_ATTENDS = stream("schooling.attends")


@kernel
def early_share(life, p):
    """How much of a whole preschool somebody has had, 0..1."""
    return min(1.0, life.early / p.early_weeks)


@kernel
def self_control(life, p):
    """Multiplier of readiness to offend and attack of somebody who went to preschool."""
    return 1.0 - p.early_self_control * early_share(life, p)


@kernel
def grow_up(w, i, age):
    """Schooling of somebody between 5 and 19, at a review, as far as what holds back allows."""
    people, p = w.people, w.p[0]
    life, r = people.lives[i], people.residents[i]
    grown = 1.0 if age >= 18.0 else age / 18.0
    held_back = 0.5 * trauma_now(r, w.clock[0].day, p) + (0.3 if life.arrests > 0 else 0.0)
    if r.side >= 0:
        held_back *= 1.0 - people.side[r.side].schooling
    if r.flags & EARLY != 0:
        held_back *= 1.0 - p.early_schooling * early_share(life, p)
    life.schooling = max(life.schooling, grown * (1.0 - held_back))


@kernel
def preschool_week(w):
    """A week of preschool for the enrolled: it counts or not, by how much they attend."""
    people, clock = w.people, w.clock
    day, seed = clock[0].day, clock[0].seed
    for k in range(people.side.size):
        s = people.side[k]
        if s.resident < 0 or s.preschool <= 0.0:
            continue
        r, life = people.residents[s.resident], people.lives[s.resident]
        if r.side != k or r.status > INJURED or age_years(r, day) >= ENDS:
            continue
        u, _, _, _ = draws(seed, life.key, day, _ATTENDS)
        if u < s.preschool and life.early < 255:
            life.early += 1
            r.flags |= EARLY
