"""Which runs the facts need. All designs of a seed start from one burnt-in city, except the volume
of stops.

- plain: the city as it is, with no policy and no incident;
- long: the same for longer, until it has as many shootings as the sources of the map's figures;
- shock: a publicised death in custody of full salience on 20 April of the second year;
- local: an ordinary local incident on that day, as salient as the parameters say such a thing is,
  for the quarter of a year that is asked about it;
- stops, stops_x4: a year at the usual volume of stops and at four times it, after a short burn-in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

SHOCK_DAY = 365 + 109
"""20 April of the run's second year: the day the source's window opens."""
WINDOW_DAYS = 256
"""20 April to the end of the year."""
QUARTER_WEEKS = 13
SHOCK_YEARS = 3.0
LOCAL_YEARS = 7 * (SHOCK_DAY // 7 + 1 + QUARTER_WEEKS) / 365
"""To the end of the last week that is read."""
FORK_DAY = 7 * (SHOCK_DAY // 7)
"""The last week's start before the incident: until here the plain run lives its life too."""
LONGEST_YEARS = 12.0
STOPS_BURN_IN_YEARS = 0.5


@dataclass(frozen=True)
class Design:
    """A kind of run; `seeds`: how many seeds of the plan run it (None: all)."""

    name: str
    seeds: int | None = None
    means: bool = True
    """Whether anything reads means over residents of each week."""


DESIGNS = {
    design.name: design
    for design in (
        Design("plain"),
        Design("long", 4),
        Design("shock", 10),
        Design("local", 5),
        Design("stops", 4, means=False),
        Design("stops_x4", 4, means=False),
    )
}


def shocked(scenario: Any, salience: float, years: float = SHOCK_YEARS) -> Any:
    """The scenario with one more publicised incident, on SHOCK_DAY, and of this length."""
    from sim.scenario import Incident

    incident = Incident(day=SHOCK_DAY, salience=salience, about="a death in custody")
    scenario = lasting(scenario, years)
    return scenario.with_changes(incidents=(*scenario.incidents, incident))


def lasting(scenario: Any, years: float, **changes: Any) -> Any:
    """The scenario for so many years, without what would only begin after them."""
    days = round(365 * years)
    incidents = tuple(one for one in scenario.incidents if one.day < days)
    policies = tuple(entry for entry in scenario.policies if entry.start < days)
    return scenario.with_changes(years=years, incidents=incidents, policies=policies, **changes)


def scenario_of(design: str, scenario: Any, years: float) -> Any:
    """The scenario of a design; `scenario` is the city's own and `years` the plain run's length."""
    if design == "plain":
        return lasting(scenario, max(years, SHOCK_YEARS))
    if design == "long":
        return lasting(scenario, years)
    if design == "shock":
        return shocked(scenario, 1.0)
    if design == "local":
        salience = float(scenario.values().get("local_incident_salience", 0.0))
        return shocked(scenario, salience, LOCAL_YEARS)
    factor = {"stops": 1.0, "stops_x4": 4.0}[design]
    rate = factor * scenario.values()["stop_rate"]
    return lasting(
        scenario,
        1.0,
        burn_in_years=min(scenario.burn_in_years, STOPS_BURN_IN_YEARS),
        parameters={**scenario.parameters, "stop_rate": rate},
    )


def long_years(incidents: int, years: float, wanted: int, at_least: float = 8.0) -> float:
    """Years after which a city with `incidents` in `years` has `wanted`, within bounds.

    >>> long_years(1500, 5.0, 2228)
    8.0
    """
    if incidents <= 0:
        return LONGEST_YEARS
    return float(min(max(math.ceil(1.05 * wanted * years / incidents), at_least), LONGEST_YEARS))
