"""Officers and beats on the first day.

Patrol officers stand first, beat by beat (vacant posts after those in service), then detectives.
Conduct is skewed: disrespect is lognormal between officers, so that the worst twentieth draws about
a fifth of complaints, as in Chicago's complaint records.
"""

from __future__ import annotations

import numpy as np

from sim.agents.officers import BEAT, DEPARTMENT, DETECTIVE, OFFICER, PATROL, VACANT
from sim.agents.start import Floats, Start, exponentials, lognormal
from sim.agents.start_ties import Ints
from sim.numerics import exp_array, normal
from sim.world import Police, records

HOURS_A_WEEK = 40.0
SHIFTS = np.array([1, 0, 2, 1, 0, 1, 0, 2], dtype=np.uint8)
"""Who works when, officer by officer of a beat: three evenings and three days to two nights."""


def draw_police(
    start: Start,
    strength: int,
    beat_area: Ints,
    workload: Floats,
    beat_disadvantage: Floats,
    beat_people: Ints,
    group_shares: Floats,
) -> Police:
    """`strength` officers over beats in proportion to `workload`, three or more to a beat."""
    detectives = min(max(1, int(start.value("detective_share") * strength + 0.5)), strength - 1)
    patrol = strength - detectives
    staff = _staff(workload, patrol)
    spare = np.maximum(1, (start.value("vacancy_share") * staff + 0.5).astype(np.int64))
    slots = staff + spare
    first = np.cumsum(slots) - slots
    officers = records(OFFICER, int(slots.sum()) + detectives)
    beats = records(BEAT, staff.size)
    place = np.arange(officers.size)
    officers["beat"] = -1
    for b in range(staff.size):
        mine = slice(int(first[b]), int(first[b] + slots[b]))
        officers["beat"][mine] = b
        officers["shift"][mine] = SHIFTS[np.arange(slots[b]) % SHIFTS.size]
        officers["status"][int(first[b] + staff[b]) : mine.stop] = VACANT
    officers["unit"] = np.where(place < slots.sum(), PATROL, DETECTIVE)
    _draw_people(start, officers, group_shares)
    danger = np.append(0.15 + 0.3 * beat_disadvantage, 0.15)
    officers["danger"] = danger[officers.beat]
    _fill_beats(beats, first, slots, staff, beat_area, beat_disadvantage, beat_people)
    department = records(DEPARTMENT, 1)
    department[0].officers = strength
    department[0].detectives = detectives
    department[0].vacancy = float(spare.sum()) / float(slots.sum())
    department[0].effort_fatal = department[0].effort_nonfatal = department[0].effort_other = 1.0
    department[0].withdrawal = 1.0
    return Police(officers, beats, department)


def _staff(workload: Floats, patrol: int) -> Ints:
    """Patrol officers of each beat: three each where there are enough, the rest by workload."""
    least = min(3, patrol // workload.size)
    rest = patrol - least * workload.size
    cumulative = np.cumsum(workload)
    marks = np.floor(cumulative * (rest / cumulative[-1]) + 0.5).astype(np.int64)
    marks[-1] = rest
    return (least + np.diff(marks, prepend=0)).astype(np.int32)


def _draw_people(start: Start, officers: np.ndarray, group_shares: Floats) -> None:
    n = officers.size
    u = start.uniforms("start officer", n)
    v = start.uniforms("start officer conduct", n)
    officers["key"] = start.names("start officer name", n)
    edges = np.cumsum(group_shares)
    officers["group"] = np.minimum(
        np.searchsorted(edges, u[:, 0] * edges[-1]), group_shares.size - 1
    )
    officers["sex"] = u[:, 1] >= start.value("officer_female_share")
    officers["hired"] = -(u[:, 2] * 25.0 * 365.25).astype(np.int32) - 1
    bad = (1.0 - start.value("officer_style")) * lognormal(
        v[:, 0], start.value("officer_style_sigma")
    )
    officers["style"] = np.clip(1.0 - bad, 0.05, 0.995)
    # force goes with disrespect, by half
    sigma = start.value("officer_force_sigma")
    z = 0.5 * normal(v[:, 0]) + 0.8660254037844386 * normal(v[:, 1])
    officers["force_proneness"] = exp_array(sigma * z - 0.5 * sigma * sigma)
    share = max(start.value("officer_ptsd_share"), 1e-6)
    tail = exponentials(np.array([share]))[0]
    threshold = start.values.get("ptsd_threshold", 0.6)
    officers["stress"] = np.minimum(threshold * exponentials(v[:, 2]) / tail, 1.0)
    officers["force_factor"] = officers["stress_recovery"] = 1.0


def _fill_beats(
    beats: np.ndarray,
    first: np.ndarray,
    slots: np.ndarray,
    staff: np.ndarray,
    area: Ints,
    disadvantage: Floats,
    people: Ints,
) -> None:
    """Starting figures that the engine's first week replaces: hours by activity, calls, delay."""
    hours = staff * HOURS_A_WEEK
    beats["first"], beats["slots"], beats["area"] = first, slots, area
    beats["danger"] = 0.1 * disadvantage
    beats["calls_week"] = 0.008 * people  # about 0.4 a resident and year
    beats["load"] = 0.4
    beats["delay_minutes"] = 8.0
    beats["hours"] = beats["base_hours"] = hours
    for name, share in (("response", 0.4), ("patrol", 0.33), ("initiated", 0.22), ("vice", 0.05)):
        beats[f"hours_{name}"] = share * hours
    beats["initiated_ratio"] = beats["patrol_ratio"] = beats["priority"] = 1.0
