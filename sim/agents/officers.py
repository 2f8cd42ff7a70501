"""Officers and beats: conduct style and force threshold are skewed, so that some officers are far worse."""

import numpy as np

ON_DUTY, VACANT, OFF_SICK = 0, 1, 2
PATROL, DETECTIVE = 0, 1

OFFICER = np.dtype(
    [
        ("key", "u8"),
        ("beat", "i4"),
        ("day", "i4"),  # when danger and stress were last written
        ("hired", "i4"),
        ("until", "i4"),  # off or vacant until
        ("style", "f4"),  # chance of a respectful contact, before danger, stress and training, 0..1
        ("force_proneness", "f4"),  # multiplier of force (1 = the mean officer)
        ("danger", "f4"),  # sense of danger, 0..1
        ("stress", "f4"),  # 0..1; above `ptsd_threshold` counts as PTSD
        ("style_shift", "f4"),  # lever: added to the logit of `style` by training
        ("force_factor", "f4"),  # lever: product
        ("watched", "f4"),  # lever: chance that misconduct is detected, added to the base
        ("hours_taken", "f4"),  # lever: hours a week taken by training and programmes
        ("skill", "f4"),  # what general training left, 0..1
        ("stress_recovery", "f4"),  # lever: multiplier of the half-life of stress (product)
        ("complaints", "u2"),
        ("force_count", "u2"),
        ("stops_week", "u2"),
        ("group", "u1"),
        ("sex", "u1"),
        ("shift", "u1"),  # 0 day, 1 evening, 2 night
        ("unit", "u1"),
        ("status", "u1"),
        ("camera", "u1"),
        ("generation", "u1"),
        ("pad", "u1", (5,)),
    ],
    align=True,
)

BEAT = np.dtype(
    [
        ("first", "i4"),  # its patrol officers are `officers[first : first + slots]`
        ("slots", "i4"),
        ("area", "i4"),  # the area that holds most of it
        ("day", "i4"),
        ("danger", "f4"),  # guns met and shootings, decaying
        ("calls_week", "f4"),  # calls answered, smoothed over weeks
        ("calls_now", "i4"),  # calls so far this week
        ("load", "f4"),  # share of the hours that calls take
        ("delay_minutes", "f4"),  # median response delay this week
        ("hours", "f4"),  # officer-hours available this week
        ("hours_response", "f4"),
        ("hours_patrol", "f4"),
        ("hours_initiated", "f4"),
        ("hours_vice", "f4"),
        ("initiated_ratio", "f4"),  # self-initiated hours against the reference of the build
        ("patrol_ratio", "f4"),
        ("priority", "f4"),  # lever: multiplier of the hours the deployment rule sends here
        ("base_hours", "f4"),
    ],
    align=True,
)

DEPARTMENT = np.dtype(
    [
        ("officers", "f4"),
        ("vacancy", "f4"),
        ("detectives", "f4"),
        ("scrutiny", "f4"),  # after a publicised incident, decaying
        ("day", "i4"),
        ("open_fatal", "i4"),
        ("open_nonfatal", "i4"),
        ("open_other", "i4"),
        ("effort_fatal", "f4"),  # detective-hours per open case and week, relative to the reference
        ("effort_nonfatal", "f4"),
        ("effort_other", "f4"),
        ("withdrawal", "f4"),  # factor on self-initiated activity this week
        ("peak_initiated", "f4"),  # largest `initiated_ratio` of any beat
        ("peak_vice", "f4"),
        ("overtime", "f4"),  # share of hours added
    ],
    align=True,
)
