"""Licences of what the facts' targets derive from; facts not named rest on publications.

Only figures were taken, never rows. Figures from NC-SA data say so wherever they are shown.
"""

from __future__ import annotations

POST = ("The Washington Post, homicides in 25 cities", "CC BY-NC-SA 4.0")
TRACE = ("The Trace and BuzzFeed News, shootings in Baltimore", "CC BY 4.0")
PHILADELPHIA = (
    "Philadelphia Controller, shooting victims",
    "MIT and City of Philadelphia open data",
)
NEW_YORK = ("NYC Open Data, shooting incidents", "NYC Open Data terms of use")
INSTITUTE = ("Invisible Institute, Chicago complaints", "treated as CC BY-NC-SA 4.0")
CHICAGO = ("City of Chicago, police sentiment scores", "City of Chicago data terms of use")
NCVS = ("Bureau of Justice Statistics, NCVS", "US government work, public domain")

SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "place_concentration": (TRACE, PHILADELPHIA, NEW_YORK, POST),
    "clearance_gap": (TRACE, PHILADELPHIA),
    "near_repeat": (POST,),
    "branching_ratio": (TRACE, PHILADELPHIA, NEW_YORK, POST),
    "network_cascades": (TRACE,),
    "lethality": (TRACE, PHILADELPHIA, NEW_YORK),
    "clearance_level_and_gap": (POST,),
    "reporting_by_severity": (NCVS,),
    "volatility": (TRACE, PHILADELPHIA, NEW_YORK, POST),
    "workload": (POST,),
    "local_clearance_effect": (POST,),
    "city_shock": (TRACE,),
    "multi_victim": (TRACE, PHILADELPHIA, NEW_YORK),
    "trust_gradient": (CHICAGO, POST),
    "person_overlap": (TRACE,),
    "officer_skew": (INSTITUTE,),
}
"""Fact -> sources whose data its target or accepted range was taken from."""


def note() -> str:
    """One sentence to stand beside anything fitted to the facts."""
    limited = sorted(
        f for f, rows in SOURCES.items() if any("NC" in licence for _, licence in rows)
    )
    return (
        f"Targets of {', '.join(limited)} derive in part from data under CC BY-NC-SA 4.0"
        f" ({POST[0]}; {INSTITUTE[0]}): non-commercial use, share alike, with credit. The others"
        " derive from open data and from published figures; docs/validity.md lists them by fact."
    )
