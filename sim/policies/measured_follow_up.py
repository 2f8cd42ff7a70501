"""Dwell, referral and follow-up measured (row 51).

Mechanism. A share `measured` of visits after a call and of referrals to treatment is written
down, and appears in the record, where there was nothing before. Whether officers then visit and
refer more (`follow_up`, `referral`) or stay longer at a call (`dwell`) is not known: no estimate
exists, and all three are neutral by default. A visit takes the hours of a call, a referral one of
the places in treatment, and longer calls slow the next response.

Sources: none. Results are speculative. Leaves out: what is written down and did not happen.

Knock-out: where nobody is visited or referred anyway (`follow_up` and `referral_share` 0) and the
settings are neutral, the record stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class MeasuredFollowUp(Switch):
    """Data fields for what comes after a call."""

    name: ClassVar[str] = "measured_follow_up"
    row: ClassVar[int] = 51
    title: ClassVar[str] = "Dwell, referral and follow-up measured"
    eligible: ClassVar[str] = "officers who answer calls; victims and callers in need"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.measured_share": (0.8, 0.0, 1.0),
        "parameter.follow_up": (0.0, 0.0, 0.5),
        "parameter.referral_share": (0.0, 0.0, 0.5),
        "parameter.hours_per_call": (1.0, 0.8, 1.2),
    }
    moves: ClassVar[dict[str, str]] = {
        "parameter.measured_share": "measured",
        "parameter.follow_up": "follow_up",
        "parameter.referral_share": "referral",
        "parameter.hours_per_call": "dwell",
    }
    capacity: ClassVar[str] = "data fields and somebody who reads them"
    unit_cost: ClassVar[str] = "$0.50 per resident and year for data"
    badge: ClassVar[str] = "none"
    speculative: ClassVar[bool] = True

    measured: float = 0.8
    """Share of visits and referrals that are written down."""
    follow_up: float = 0.0
    """Added chance that a victim who called is visited again (no estimate: neutral)."""
    referral: float = 0.0
    """Added chance that a caller at full need is referred (no estimate: neutral)."""
    dwell: float = 1.0
    """Officer-hours per call, relative (no estimate: neutral)."""
    cost_per_resident: float = 0.5
    """Dollars per resident and year."""
    ramp_weeks: float = 13.0
    """Weeks until it is fully in force."""
