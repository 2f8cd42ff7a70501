"""What comparisons compare: every outcome's plain name, unit, direction, and how a run's tables
give it.

A run's weekly tables hold counts (summed over the run) and means at the week's end (averaged over
it). Shares are ratios of sums, so that quiet weeks don't weigh as much as busy ones. The
direction says which way is better for residents; many outcomes have none (fewer calls may mean
less crime or less trust).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Better = Literal["lower", "higher", ""]
Kind = Literal["count", "mean", "share", "money", "time"]


@dataclass(frozen=True)
class Outcome:
    """One number per run.

    >>> describe("homicides").unit
    'deaths'
    """

    name: str
    title: str
    """A noun phrase that can follow "more" or "fewer" for counts, or "higher" for the others."""
    unit: str
    better: Better = ""
    kind: Kind = "count"
    family: str = "Other"
    recorded: bool = False
    """True for what police and surveys see, False for the true world of the simulation."""

    @property
    def count(self) -> bool:
        return self.kind == "count"


def _rows() -> Iterable[Outcome]:
    true: dict[str, list[tuple[str, str, str, Better]]] = {
        "Violence": [
            ("homicides", "homicides", "deaths", "lower"),
            ("gun_deaths", "gun deaths", "deaths", "lower"),
            ("nongun_deaths", "deaths without a gun", "deaths", "lower"),
            ("persons_shot", "people shot", "people", "lower"),
            ("shooting_incidents", "shooting incidents", "incidents", "lower"),
            ("multi_victim_incidents", "shootings with several victims", "incidents", "lower"),
            ("gunfire_incidents", "shots that hit nobody", "incidents", "lower"),
            ("retaliatory_incidents", "retaliatory shootings", "incidents", "lower"),
            ("linked_incidents", "shootings caused by an earlier one", "incidents", "lower"),
            ("gang_incidents", "shootings by gang members", "incidents", "lower"),
            ("serious_assaults", "serious assaults without a gun", "offences", "lower"),
            ("robberies", "robberies", "offences", "lower"),
            ("simple_assaults", "simple assaults", "offences", "lower"),
            ("domestic", "domestic assaults", "offences", "lower"),
            ("sexual", "sexual assaults", "offences", "lower"),
            ("guns_acquired", "guns acquired", "guns", "lower"),
            ("mediated", "disputes mediated", "disputes", ""),
        ],
        "Other offences": [
            ("property", "property offences", "offences", "lower"),
            ("property_serious", "serious property offences", "offences", "lower"),
            ("disorder", "disorder offences", "offences", ""),
            ("sales", "illicit sales", "sales", ""),
        ],
        "Policing": [
            ("calls", "calls to police about crime", "calls", ""),
            ("service_calls", "calls for service", "calls", ""),
            ("stops", "stops", "stops", ""),
            ("searches", "searches", "searches", ""),
            ("guns_found", "guns found by police", "guns", ""),
            ("citations", "citations", "citations", ""),
            ("vice_arrests", "vice arrests", "arrests", ""),
            ("raids", "raids", "raids", ""),
            ("force", "uses of force", "incidents", "lower"),
            ("disrespect", "disrespectful contacts", "contacts", "lower"),
            ("police_killings", "people killed by police", "deaths", "lower"),
            ("arrests", "arrests", "arrests", ""),
            ("arrests_shooting", "arrests for shootings", "arrests", ""),
            ("diverted", "arrests diverted", "people", ""),
            ("jailings", "people jailed", "people", ""),
            ("jail_days", "days spent in jail", "person-days", ""),
            ("officer_injuries", "officers injured", "officers", "lower"),
            ("publicised", "publicised incidents", "incidents", "lower"),
        ],
        "Services": [
            ("sexual_repeat", "sexual assaults by somebody who did it before", "offences", "lower"),
            ("seizures", "seizures", "seizures", ""),
            ("seized_dollars", "value seized", "dollars", ""),
            ("sellers_stopped", "confrontations with street sellers", "contacts", ""),
            ("scenes_attended", "shootings that a support team went to", "shootings", ""),
            ("follow_ups", "visits after a call", "visits", ""),
            ("referrals", "referrals to treatment", "people", ""),
            ("care_finished", "people who finished treatment", "people", ""),
            ("smoking_begun", "people who took up smoking", "people", "lower"),
            ("smoking_ended", "people who stopped smoking", "people", "higher"),
        ],
        "Population": [
            ("births", "births", "people", ""),
            ("arrivals", "arrivals", "people", ""),
            ("departures", "departures", "people", ""),
            ("natural_deaths", "deaths from other causes", "deaths", ""),
            ("conversations", "conversations about police", "conversations", ""),
        ],
    }
    for family, rows in true.items():
        for name, title, unit, better in rows:
            yield Outcome(name, title, unit, better, "count", family)
    means: list[tuple[str, str, str, Better, str, Kind]] = [
        (
            "legitimacy",
            "trust in police (legitimacy)",
            "0 to 1",
            "higher",
            "Trust and fear",
            "mean",
        ),
        ("fairness", "belief that police are fair", "0 to 1", "higher", "Trust and fear", "mean"),
        (
            "effectiveness",
            "belief that police protect",
            "0 to 1",
            "higher",
            "Trust and fear",
            "mean",
        ),
        ("cynicism", "legal cynicism", "0 to 1", "lower", "Trust and fear", "mean"),
        ("fear", "fear of reprisal", "0 to 1", "lower", "Trust and fear", "mean"),
        ("trauma", "trauma", "0 to 1", "lower", "Trust and fear", "mean"),
        ("grievances", "open grievances", "grievances", "lower", "Violence", "mean"),
        ("carrying_share", "residents who carry a gun", "share", "lower", "Violence", "share"),
        ("gang_members", "gang members", "people", "lower", "Violence", "mean"),
        ("officer_stress", "officers' stress", "0 to 1", "lower", "Policing", "mean"),
        ("officer_danger", "officers' sense of danger", "0 to 1", "", "Policing", "mean"),
        ("response_minutes", "response time", "minutes", "lower", "Policing", "time"),
        ("scrutiny", "scrutiny of police", "0 to 1", "", "Policing", "mean"),
        ("open_cases", "open cases", "cases", "", "Policing", "mean"),
        ("in_jail", "people in jail", "people", "", "Policing", "mean"),
        ("population", "residents", "people", "", "Population", "mean"),
        ("kits_waiting", "kits at the laboratory", "kits", "", "Services", "mean"),
        ("kits_shelved", "kits on the shelf", "kits", "lower", "Services", "mean"),
        ("care_waiting", "people who wait for treatment", "people", "lower", "Services", "mean"),
        ("in_care", "people in treatment", "people", "", "Services", "mean"),
        ("smokers", "smokers", "people", "lower", "Services", "mean"),
        (
            "street_sellers",
            "people who sell tobacco in the street",
            "people",
            "",
            "Services",
            "mean",
        ),
        ("organisations", "community organisations", "per 100,000", "", "Services", "mean"),
    ]
    for name, title, unit, better, family, kind in means:
        yield Outcome(name, title, unit, better, kind, family)
    yield Outcome("programme_cost", "programme cost", "dollars", "", "money", "Cost")
    yield Outcome("officer_hours", "hours of patrol officers", "hours", "", "count", "Cost")
    yield Outcome("detective_hours", "hours of detectives", "hours", "", "count", "Cost")
    shares: list[tuple[str, str, Better]] = [
        ("retaliatory_share", "share of shootings that retaliate", "lower"),
        ("linked_share", "share of shootings with an earlier one as their cause", ""),
        ("gang_share", "share of shootings by gang members", ""),
        ("lethality", "share of people shot who die", "lower"),
    ]
    for name, title, better in shares:
        yield Outcome(name, title, "share", better, "share", "Violence")
    recorded: list[tuple[str, str, str, Better, Kind]] = [
        ("violent_reported", "violent offences reported to police", "reports", "", "count"),
        ("violent_founded", "violent offences in police records", "offences", "", "count"),
        ("property_reported", "property offences reported", "reports", "", "count"),
        ("property_serious_reported", "serious property offences reported", "reports", "", "count"),
        ("robbery_reported", "robberies reported", "reports", "", "count"),
        ("gunfire_reported", "gunfire reported", "reports", "", "count"),
        ("homicides_recorded", "homicides recorded", "deaths", "lower", "count"),
        ("nonfatal_recorded", "non-fatal shootings recorded", "people", "lower", "count"),
        ("cleared_fatal", "homicides cleared", "cases", "", "count"),
        ("cleared_nonfatal", "non-fatal shootings cleared", "cases", "", "count"),
        ("cleared_fatal_48h", "homicides cleared within two days", "cases", "", "count"),
        (
            "cleared_nonfatal_48h",
            "non-fatal shootings cleared within two days",
            "cases",
            "",
            "count",
        ),
        ("cleared_other", "other cases cleared", "cases", "", "count"),
        ("complaints", "complaints against police", "complaints", "", "count"),
        ("sexual_reported", "sexual assaults reported", "reports", "", "count"),
        ("sexual_prosecuted", "sexual assaults that led to an arrest", "cases", "", "count"),
        ("kits_taken", "kits taken", "kits", "", "count"),
        ("kits_tested", "kits tested", "kits", "", "count"),
        ("dna_hits", "kits matched", "kits", "", "count"),
        ("kit_links", "kits linked to an earlier one", "kits", "", "count"),
        ("hit_arrests", "arrests after a match in a cold case", "arrests", "", "count"),
        ("follow_ups_recorded", "visits after a call on record", "visits", "", "count"),
        ("referrals_recorded", "referrals on record", "people", "", "count"),
        ("recorded_stops", "stops on record", "stops", "", "count"),
        ("recorded_arrests", "arrests on record", "arrests", "", "count"),
        ("listed_members", "people on the gang list", "people", "", "mean"),
        ("recorded_network", "people in the recorded arrest network", "people", "", "mean"),
        ("clearance_fatal", "share of homicides cleared", "share", "higher", "share"),
        ("clearance_nonfatal", "share of non-fatal shootings cleared", "share", "higher", "share"),
        ("violent_reporting", "share of violent offences reported", "share", "higher", "share"),
    ]
    surveyed = {
        "violent": "violent offences",
        "property": "property offences",
        "robbery": "robberies",
    }
    for name, title in surveyed.items():
        recorded.append(
            (f"{name}_victimisations_surveyed", f"{title} in surveys", "offences", "lower", "count")
        )
    for name, title, unit, better, kind in recorded:
        yield Outcome(name, title, unit, better, kind, "The record", recorded=True)


CATALOGUE: dict[str, Outcome] = {row.name: row for row in _rows()}
HEADLINES = ("homicides", "persons_shot", "legitimacy", "clearance_fatal", "force", "jail_days")
"""Named in advance where a scenario names none."""
STATES = frozenset(
    {row.name for row in CATALOGUE.values() if row.kind not in ("count", "money")}
    | {"area", "group"}
)
"""Columns that are levels, not counts: averaged over weeks, never summed."""
SHARES = {
    "retaliatory_share": ("retaliatory_incidents", "shooting_incidents"),
    "lethality": ("gun_deaths", "persons_shot"),
    "clearance_fatal": ("cleared_fatal", "homicides_recorded"),
    "clearance_nonfatal": ("cleared_nonfatal", "nonfatal_recorded"),
    "violent_reporting": ("violent_reported", "violent_victimisations_surveyed"),
    "linked_share": ("linked_incidents", "shooting_incidents"),
    "gang_share": ("gang_incidents", "shooting_incidents"),
}


_FAMILIAR = (
    "homicides",
    "persons_shot",
    "robberies",
    "stops",
    "force",
    "arrests",
    "legitimacy",
    "fear",
)


def describe(name: str) -> Outcome:
    """The outcome of that name; a plain one, without direction, for a metric that users added."""
    return CATALOGUE.get(name) or Outcome(name, name.replace("_", " "), "", "", "mean", "Other")


def check(names: Iterable[str], where: str) -> None:
    """Raise UserError for a name that no run can have, so that nothing runs for it.

    With metrics of users in force (what they are called in a run is theirs to say) all pass.
    """
    from sim import measures
    from sim.metrics import registry
    from sim.words import nearest

    metrics = registry()
    if any(not kind.__module__.startswith("sim.metrics.") for kind in metrics.values()):
        return
    columns = {n for value in vars(measures).values() if isinstance(value, tuple) for n in value}
    known = [*CATALOGUE, *metrics, *sorted(n for n in columns if isinstance(n, str))]
    for name in names:
        if name not in known:
            near = nearest(name, known)
            some = "" if "mean" in near else f"; among them are {', '.join(_FAMILIAR)}"
            raise UserError(f"{where}: no outcome {name!r}{near}{some} (docs/outcomes.md has all)")


def of_run(
    weekly: pd.DataFrame,
    recorded: pd.DataFrame | None = None,
    summary: Mapping[str, Any] | None = None,
) -> dict[str, float]:
    """Every outcome of one run: sums of counts, means of levels, ratios of sums; NaN where
    undefined.

    `summary` adds numbers that no weekly column gives (metrics of users); it never overrides.
    """
    out: dict[str, float] = {}
    for table in (weekly, recorded):
        if table is None:
            continue
        for name, column in table.items():
            if name in ("week", "day", "days") or name in out or column.dtype.kind not in "iufb":
                continue
            out[str(name)] = _total(column, mean=name in STATES)
    for name, (part, whole) in SHARES.items():
        if part in out and whole in out:
            out[name] = out[part] / out[whole] if out[whole] > 0.0 else math.nan
    for name, value in (summary or {}).items():
        if name in out or name.endswith("_per_100k"):  # comparisons make their own rates
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            out[name] = float(value)
    return out


def _total(column: pd.Series, mean: bool) -> float:
    """The column's mean or sum, as pandas gives it, without its overhead: this is done a hundred
    times a run."""
    values = column.to_numpy()
    total = values.sum()
    if total != total:  # pandas leaves undefined values out
        return float(column.mean() if mean else column.sum())
    if not mean:
        return float(total)
    return float(total / len(values)) if len(values) else math.nan
