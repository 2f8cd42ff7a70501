"""The natural experiments: what was done, to whom, what was measured, and what was published.

Published figures are the ledger's. Each treatment is a policy at its shipped defaults, apart from
what the evaluation itself fixed (who was treated, for how long), which `about` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.natural import estimands as e

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One estimand: what is collected in each arm, the effect, and the published one."""

    name: str
    unit: str
    collect: Callable[[Any, e.Cohort], Floats]
    effect: Callable[[Floats, Floats], float]
    published: float
    low: float | None = None
    high: float | None = None
    """The published interval; None: none was published."""


@dataclass(frozen=True)
class Natural:
    """A natural experiment and its simulation."""

    name: str
    title: str
    evidence: str
    about: str
    """The design: place, treated, comparison; and what the simulation can't copy."""
    parts: tuple[Part, ...]
    policies: tuple[tuple[str, Mapping[str, float]], ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Multipliers of parameters, where the treatment isn't a policy."""
    city: str = "synthetic:150000"
    years: float = 3.0


def _published(row: str) -> tuple[float, float | None, float | None]:
    from sim.evidence import ledger

    found = ledger()[row]
    value = found.value
    number = float(value) if not isinstance(value, str) else float("nan")
    return number, found.low, found.high


def catalogue() -> dict[str, Natural]:
    """Every natural experiment by name."""
    gryd, richmond = _published("P09"), _published("P01")
    boston, slower, suffolk = _published("P31"), _published("L32"), _published("P22")
    rows = [
        Natural(
            "crisis_response",
            "GRYD incident response, Los Angeles 2014-17",
            "P09",
            "Treated: shootings of gang members to which responders go (here all of them: room and"
            " staff are not the limit). Measured: reprisals that follow, against the same seeds"
            " untreated. The study's counts are a point process' offspring, ours are causes in the"
            " log; its dispatch was not random.",
            (Part("reprisals per shooting attended", "share", e.reprisals, e.relative, *gryd),),
            (("gang_crisis_response", {"incidents_per_week": 100.0, "places_per_100k": 2000.0}),),
        ),
        Natural(
            "fellowship",
            "Operation Peacemaker Fellowship, Richmond (California) 2010-16",
            "P01",
            "Treated: a city of Richmond's size for six years, with the fellowship as shipped."
            " Measured: the whole city, as the synthetic control was. One treated city; non-gun"
            " violence rose there.",
            (
                Part(
                    "firearm violence, city",
                    "share",
                    e.firearm_violence,
                    e.relative,
                    -0.55,
                    *richmond[1:],
                ),
                Part("other violence, city", "share", e.other_violence, e.relative, 0.16),
            ),
            (("gang_fellowship", {}),),
            city="synthetic:104000",
            years=6.0,
        ),
        Natural(
            "homicide_unit",
            "Homicide-unit investment, Boston 2012-14",
            "P31",
            "Treated: detectives' hours up by 36 %, without help for witnesses or more weight on"
            " non-fatal shootings. Measured: homicides cleared within a year. Protocols and peer"
            " review, which came with the staff, are not simulated.",
            (Part("homicide clearance", "points", e.homicides_cleared, e.points, *boston),),
            (
                (
                    "solve_shootings",
                    {"detectives": 1.36, "nonfatal": 0.0, "witnesses": 0.0, "protection": 0.0},
                ),
            ),
        ),
        Natural(
            "slower_response",
            "Response times and clearance, Greater Manchester 2008-14",
            "L32",
            "Treated: calls take 15 % more of officers' hours, burn-in included, so they wait"
            " longer; the effect is scaled to +10 % of measured response time. Measured: arrests"
            " for reported crimes per report. Fewer free hours also mean fewer stops here, which"
            " the study's instrument (distance) avoids.",
            (
                Part(
                    "clearance per +10 % response time",
                    "points",
                    e.crimes_cleared,
                    e.points_per_tenth_slower,
                    *slower,
                ),
            ),
            parameters={"hours_per_call": 1.15},
            years=2.0,
        ),
        Natural(
            "icat",
            "ICAT de-escalation training, Louisville 2019",
            "P17",
            "Treated: every patrol officer, within half a year. Measured: force, and officers hurt,"
            " per contact from then on. Injuries of residents are not told apart in the model.",
            (
                Part("force", "share", e.force, e.relative, -0.281, *_published("P17")[1:]),
                Part("officers hurt", "share", e.officers_hurt, e.relative, -0.360),
            ),
            (("deescalation_training", {}),),
            years=2.0,
        ),
        Natural(
            "non_prosecution",
            "Non-prosecution of minor misdemeanours, Suffolk County 2004-18",
            "P22",
            "Treated: people arrested for the first time, of whom fewer are prosecuted. Measured:"
            " arrested again within two years, per prosecution forgone (Wald), over the untreated"
            " rate. The study's are marginal defendants; ours are all first arrests, and the model"
            " has no criminal record that costs work, only jail.",
            (Part("arrested again in 2 years", "share", e.arrested_again, e.late_share, *suffolk),),
            (("no_court_for_minor_offences", {"citations": 0.0}),),
        ),
    ]
    return {row.name: row for row in rows}
