"""Residents: one 64-byte record that every event touches, and a second for what few events need.

A resident's decaying quantities (beliefs, fear, trauma, arms) are stored with the day they were last
written; `sim.processes.beliefs.read` tells their value today and never writes back.
"""

import numpy as np

# --- status of a resident -------------------------------------------------------------------
FREE, INJURED, JAILED, DEAD, AWAY = 0, 1, 2, 3, 4
# --- bits of `flags` ------------------------------------------------------------------------
EXPOSED = 1  # lives with the threat of immigration enforcement (own status or a household member's)
GUN = 2  # owns a gun
LISTED = 4  # on the police's gang list (the record; true membership is `gang`)
RECORDED = (
    8  # arrested at least once together with someone: inside the recorded co-offending network
)
ENROLLED = 16  # has a row in the side table of personal levers
EARLY = 64  # went to preschool, as LIFE.early says
IN_CARE = 128  # waits for treatment of substance or mental-health need, or is in it
WATCHED = 32  # has been close to a shooting (victim, shooter, tie): programmes may look for them

RESIDENT = np.dtype(
    [
        ("base_fairness", "f4"),  # where beliefs return to, 0..1
        ("base_effectiveness", "f4"),
        ("fairness", "f4"),  # were we treated justly, 0..1, as written on `day`
        ("effectiveness", "f4"),  # do they protect us, 0..1
        ("fear", "f4"),  # fear of reprisal, 0..1
        ("trauma", "f4"),  # 0..1
        ("arms", "f4"),  # readiness to carry a gun, 0..1, above the baseline of the place
        ("propensity", "f4"),  # offending propensity relative to the city's mean (very skewed)
        ("day", "i4"),  # when the seven above were last written
        ("home", "i4"),  # block
        ("activity", "i4"),  # block of work, school or hangout
        ("born", "i4"),  # day of birth (negative: before the burn-in began)
        ("until", "i4"),  # injured or jailed until this day
        ("side", "i4"),  # row of the side table of personal levers, or -1
        ("area", "i2"),
        ("gang", "i2"),  # -1: none
        ("group", "u1"),
        ("sex", "u1"),  # 0 female, 1 male
        ("status", "u1"),
        ("flags", "u1"),
    ],
    align=True,
)

LIFE = np.dtype(
    [
        (
            "key",
            "u8",
        ),  # the person's name in keyed draws; a newcomer in the same row gets a new one
        ("kin_first", "i4"),  # household: rows `people.members[kin_first : kin_first + kin_size]`
        ("last_shot", "i4"),  # day last shot, or shot at; far past if never
        ("last_bereaved", "i4"),
        ("jail_days", "i4"),  # person-days in jail since the burn-in began
        ("substance", "f4"),  # substance need, 0..1
        ("mental", "f4"),  # mental-health need, 0..1
        ("housing", "f4"),  # housing need, 0..1
        ("schooling", "f4"),  # attainment so far, 0..1 (1 = finished high school)
        ("kin_size", "i2"),
        ("roster_slot", "i2"),  # place in the gang's roster, or -1
        ("stops", "u2"),
        ("searches", "u2"),
        ("force", "u2"),
        ("victimised", "u2"),
        ("arrests", "u2"),
        ("reports", "u2"),
        ("shootings", "u2"),  # shootings committed (the true world)
        ("work", "u1"),  # 1 in work (or school, below 18), 0 not
        ("rank", "u1"),  # gang rank: 0 none, 1 member, 2 shooter, 3 leader
        ("generation", "u1"),  # how many people have held this row before
        ("early", "u1"),  # weeks of good preschool, up to 255
        ("smokes", "u1"),  # 1: smokes tobacco
        ("pad", "u1", (1,)),
    ],
    align=True,
)

SIDE = np.dtype(
    [
        ("resident", "i4"),  # row, or -1 when free
        ("violence", "f4"),  # multiplier of propensity to shoot (product lever)
        ("retaliation", "f4"),  # multiplier of acting on a grievance
        ("mediation", "f4"),  # chance that a dispute of theirs is mediated, 0..1 (bounded sum)
        ("offending", "f4"),  # multiplier of everyday offending
        ("carrying", "f4"),  # multiplier of carrying
        ("outside_option", "f4"),  # added to work/schooling when deciding to join or leave a gang
        ("trauma_recovery", "f4"),  # multiplier of the half-life of trauma (below 1 heals faster)
        ("need", "f4"),  # multiplier of what unmet needs do to offending and calls, 0..1
        ("diversion", "f4"),  # added chance that a minor arrest is diverted
        ("schooling", "f4"),  # share of what holds schooling back that support takes away
        ("preschool", "f4"),  # share of a good preschool's weeks attended
    ],
    align=True,
)
assert RESIDENT.itemsize == 64 and LIFE.itemsize == 64

KIND = np.dtype(
    [
        ("stop_ratio", "f4"),  # police-initiated contacts relative to the least stopped group, >= 1
        ("stop_base", "f4"),  # the same as the city was built: part of the static weights of stops
        ("force_ratio", "f4"),  # force per contact relative to the least affected group, >= 1
        ("media_reach", "f4"),  # how strongly a publicised incident reaches this group, 0..1
        ("enforcement", "f4"),  # threat of immigration enforcement felt by the exposed, 0..1
    ],
    align=True,
)

AGE_BANDS = ("0-13", "14-17", "18-24", "25-34", "35-49", "50+")
AGE_BAND_STARTS = (0, 14, 18, 25, 35, 50)
