"""The department's week: hours by beat and activity, response delay, detectives' effort, withdrawal.

Calls come first; what they leave is shared among patrol, self-initiated work and vice. Delay grows as
1 / (1 - load), as in a simple queue. After a publicised incident self-initiated work falls by up to
`withdrawal_strength` [M07]. Detectives are shared between fatal, non-fatal and other open cases by
priority; more cases per detective, less effort for each [L34].
"""

from sim.agents.officers import DETECTIVE, ON_DUTY
from sim.kernel import kernel
from sim.measures import K_SHOOTING
from sim.numerics import clip, halved

HOURS = 40.0  # a week's hours of an officer
ACTIVE = 180  # days for which a case takes detectives' hours


@kernel
def department_week(w):
    """Run once a week, before the days of the week."""
    police, p = w.police, w.p[0]
    d = police.department[0]
    d.scrutiny = d.scrutiny * halved(7, p.scrutiny_half_life)
    d.withdrawal = 1.0 - p.withdrawal_strength * d.scrutiny
    detectives = 0.0
    for k in range(police.officers.size):
        o = police.officers[k]
        if o.unit == DETECTIVE and o.status == ON_DUTY:
            detectives += HOURS - o.hours_taken
    d.detectives = detectives / HOURS
    deploy(w)
    share_cases(w, detectives)
    for k in range(w.place.areas.size):
        area = w.place.areas[k]
        area.contacts = area.contacts * (1.0 - p.contact_memory)
        treated = clip(0.5 * area.unsolved + 0.02 * area.contacts, 0.0, 1.0)
        area.cynicism += p.cynicism_speed * (treated - area.cynicism)


@kernel
def deploy(w):
    """Hours by activity for each beat, from its officers, calls and priorities."""
    police, p = w.police, w.p[0]
    d = police.department[0]
    ref_free = 1.0 - p.reference_load
    d.peak_initiated, d.peak_vice = 0.0, 0.0
    for k in range(police.beats.size):
        b = police.beats[k]
        hours = 0.0
        for j in range(b.first, b.first + b.slots):
            o = police.officers[j]
            if o.status == ON_DUTY:
                hours += HOURS - o.hours_taken
        hours *= (1.0 + p.overtime) * b.priority
        b.hours = hours
        b.calls_week = 0.7 * b.calls_week + 0.3 * b.calls_now
        b.calls_now = 0
        b.load = clip(b.calls_week * p.hours_per_call / max(hours, 1.0), 0.0, 0.95)
        b.delay_minutes = p.response_minutes * min(6.0, ref_free / (1.0 - b.load))
        free = hours * (1.0 - b.load)
        b.hours_response = hours - free
        b.hours_initiated = free * p.initiated_share * d.withdrawal
        b.hours_vice = free * p.vice_share
        b.hours_patrol = free - b.hours_initiated - b.hours_vice
        base = max(b.base_hours, 1.0) * ref_free
        b.initiated_ratio = b.hours_initiated / (base * p.initiated_reference)
        b.patrol_ratio = b.hours_patrol / (base * (1.0 - p.initiated_reference - p.vice_reference))
        b.danger = b.danger * halved(7, p.danger_half_life)
        d.peak_initiated = max(d.peak_initiated, b.initiated_ratio)
        d.peak_vice = max(d.peak_vice, b.hours_vice)


@kernel
def share_cases(w, hours):
    """Detectives' effort per class of case, against the reference of the build."""
    police, flow, clock, p = w.police, w.flow, w.clock, w.p[0]
    d = police.department[0]
    fatal, nonfatal, other = 0, 0, 0
    for row in range(clock[0].cases):
        c = flow.cases[row]
        if c.opened < 0 or c.closed >= 0 or clock[0].day - c.opened > ACTIVE:
            continue
        if c.fatal:
            fatal += 1
        elif c.kind == K_SHOOTING:
            nonfatal += 1
        else:
            other += 1
    d.open_fatal, d.open_nonfatal, d.open_other = fatal, nonfatal, other
    weight = p.priority_fatal * fatal + p.priority_nonfatal * nonfatal + p.priority_other * other
    per_weight = hours * d.withdrawal * p.detective_factor / max(weight, 1.0)
    d.effort_fatal = effort(p.priority_fatal * per_weight / p.reference_hours)
    d.effort_nonfatal = effort(p.priority_nonfatal * per_weight / p.reference_hours)
    d.effort_other = effort(
        p.priority_other * per_weight / (p.reference_hours * p.other_case_hours)
    )


@kernel
def effort(x):
    """Diminishing returns: 1 at the reference, never above 2."""
    return 2.0 * x / (1.0 + x)
