"""Gangs and the dyads between them: turf, roster, norm of retaliation, standing rivalry and heat."""

import numpy as np

GANG = np.dtype(
    [
        ("key", "u8"),
        ("home", "i4"),  # block at the heart of the turf
        ("first", "i4"),  # roster: `groups.roster[first : first + slots]`, -1 where a slot is empty
        ("slots", "i4"),
        ("area", "i4"),
        ("cohesion", "f4"),  # 0..1
        ("norm", "f4"),  # norm of retaliation, multiplier around 1
        ("radius", "f4"),  # of the turf, blocks
        ("active", "i4"),  # members at liberty, weekly
        ("members", "i4"),
        ("attacks", "i4"),
        ("losses", "i4"),
        ("pressure", "f4"),  # lever: group-level deterrence in force (product)
        ("main", "i4"),  # the group that most members share
    ],
    align=True,
)

DYAD = np.dtype(
    [
        ("key", "u8"),
        (
            "parent",
            "u8",
        ),  # an earlier attack, kept so that it is a draw in proportion to what each left
        ("fresh_parent", "u8"),  # the same, of what today's attacks left
        ("attacker", "i4"),
        ("target", "i4"),
        ("day", "i4"),
        ("standing", "f4"),  # standing rivalry, constant
        ("heat", "f4"),  # sum of what attacks before `day` left, decaying (inertia)
        ("fresh", "f4"),  # what attacks of `day` left: felt from the next day on
    ],
    align=True,
)
