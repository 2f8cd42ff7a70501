"""What policies may move: every lever, the bounds of its value and the way in which moves combine.

No lever is an outcome (shootings, homicides, crime counts). `sim.levers.Board` combines what is
proposed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

PRODUCT, SUM, MAXIMUM, OVERRIDE = COMBINERS = ("product", "sum", "maximum", "override")


@dataclass(frozen=True)
class Lever:
    """One thing that policies may move.

    >>> LEVERS["officer.style_shift"].combiner
    'sum'
    """

    name: str
    combiner: str
    neutral: float
    """The proposal that changes nothing."""
    low: float
    high: float
    """Bounds of the combined value (for a parameter: its declared range)."""
    unit: str
    meaning: str

    @cached_property
    def table(self) -> str:
        """What is moved: parameter, officer, resident, beat, block, kind or gang."""
        return self.name.partition(".")[0]

    @cached_property
    def column(self) -> str:
        return self.name.partition(".")[2]

    def moved(self, value: Any, proposal: Any) -> Any:
        """`value` moved by one proposal, not yet held within the bounds."""
        if self.combiner == PRODUCT:
            return value * proposal
        if self.combiner == SUM:
            return value + proposal
        return np.maximum(value, proposal) if self.combiner == MAXIMUM else proposal

    def combine(self, base: Any, proposals: Iterable[Any]) -> Any:
        """The value in force: `base` moved by each proposal in turn, then held within the bounds.

        >>> float(LEVERS["parameter.vice_share"].combine(0.08, [0.05, -0.1]))
        0.03
        """
        value = base
        for proposal in proposals:
            value = self.moved(value, proposal)
        return np.clip(value, self.low, self.high)

    def at_dose(self, at_full: Any, dose: Any) -> Any:
        """What to propose at a dose (0: no change) for a move of `at_full` at dose 1.

        >>> float(LEVERS["resident.violence"].at_dose(0.6, 0.5))
        0.8
        """
        if self.combiner == PRODUCT:
            return np.maximum(1.0 + dose * (at_full - 1.0), 0.0)
        return dose * at_full


def _product(name: str, low: float, high: float, meaning: str) -> Lever:
    return Lever(name, PRODUCT, 1.0, low, high, "factor", meaning)


def _sum(name: str, low: float, high: float, unit: str, meaning: str) -> Lever:
    return Lever(name, SUM, 0.0, low, high, unit, meaning)


def _levers() -> dict[str, Lever]:
    rows = [
        _sum("officer.style_shift", -4.0, 4.0, "log odds", "odds of a respectful contact"),
        _product("officer.force_factor", 0.0, 10.0, "force in a contact"),
        _sum("officer.watched", 0.0, 20.0, "factor", "added chance that misconduct comes to light"),
        _product("officer.stress_recovery", 0.1, 3.0, "half-life of stress"),
        _sum("officer.hours_taken", 0.0, 40.0, "hours a week", "time taken from the beat"),
        _product("resident.violence", 0.0, 5.0, "readiness to attack"),
        _product("resident.retaliation", 0.0, 5.0, "readiness to settle a grievance"),
        _sum("resident.mediation", 0.0, 0.95, "probability", "a dispute of theirs is mediated"),
        _product("resident.offending", 0.0, 5.0, "everyday offending"),
        _product("resident.carrying", 0.0, 5.0, "carrying a gun"),
        _sum("resident.outside_option", 0.0, 1.0, "level", "something better than a gang"),
        _product("resident.trauma_recovery", 0.1, 3.0, "half-life of trauma"),
        _product("resident.need", 0.0, 1.0, "what unmet needs do to offending and calls"),
        _sum("resident.diversion", 0.0, 1.0, "probability", "a minor arrest of theirs is diverted"),
        _sum("resident.schooling", 0.0, 1.0, "share", "of what holds schooling back, taken away"),
        _sum("resident.preschool", 0.0, 1.0, "share", "of a good preschool's weeks attended"),
        _product("beat.priority", 0.1, 5.0, "hours that deployment sends to a beat"),
        _product("block.lever", 0.0, 1.0, "disputes at a block"),
        _product("kind.stop_ratio", 0.1, 5.0, "stops of a group, relative"),
        _product("kind.force_ratio", 0.1, 5.0, "force against a group, relative"),
        _sum("kind.enforcement", 0.0, 1.0, "level", "felt threat of immigration enforcement"),
        _product("gang.pressure", 0.1, 5.0, "readiness of a gang's members, deterred as a group"),
    ]  # fmt: skip
    # city-wide parameters that are levers: capacities, shares and rates of what agents and the
    # department do, never of what results
    from sim.parameters import all_parameters

    products = (
        "stop_rate", "suspicion", "detective_factor", "officer_exit", "hire_days",
        "response_minutes", "publicised_share", "scrutiny_half_life", "complaint_force",
        "complaint_disrespect",
        "incident_fairness", "incident_effectiveness", "salience_half_life", "targeting_error",
        "raid_rate", "lab_kits", "seller_contacts", "initiation", "drug_initiation", "quit_rate",
        "hours_per_call",
    )  # fmt: skip
    sums = (
        "patdown_share", "initiated_share", "vice_share", "overtime", "diversion",
        "diversion_first",
        "witness_base", "witness_fear", "citation_share", "priority_nonfatal",
        "priority_other", "vice_share_of_stops", "report_domestic", "militarisation", "victim_stays",
        "interview_push", "kits_submitted", "shelf_rate", "hit_followed", "street_share",
        "seizure_share", "care_places", "referral_share", "follow_up", "measured_share",
        "scene_teams", "scene_relief", "scene_mediation", "organisations",
    )  # fmt: skip
    known = all_parameters()
    for names, combiner, neutral in ((products, PRODUCT, 1.0), (sums, SUM, 0.0)):
        for name in names:
            row = known[name]
            rows.append(
                Lever(
                    f"parameter.{name}", combiner, neutral, row.low, row.high, row.unit, row.meaning
                )
            )
    return {row.name: row for row in rows}


LEVERS: dict[str, Lever] = _levers()
RENEWED = frozenset(name for name, row in LEVERS.items() if row.table in ("officer", "gang"))
"""Levers of tables whose rows the city itself sets back (recruits): written every week."""
