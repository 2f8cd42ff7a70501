"""Freeze the process that carries a policy and its effect is gone; leave it and it moves something.

For kits, interviews, school, raids, seizures, the street, care, scenes and organisations. Both
arms of a pair start from one burnt-in city and share every draw, so "gone" is equality and not a
small number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.agents.residents import EARLY
from sim.engine import State
from sim.measures import K_SEXUAL
from sim.policies.check import baseline
from sim.results import RunResult
from sim.run import Burnt, burn_in, run
from sim.scenario import PolicyEntry, Scenario

WEEKS = 26
QUIET = {
    "weight_background": 0.0, "weight_rivalry": 0.0, "weight_inertia": 0.0,
    "weight_retaliation": 0.0, "weight_contagion": 0.0,
}  # fmt: skip
SEXUAL = {"sexual_rate": 2000.0, "report_sexual": 0.46, "serial_repeat": 0.0}
OWN = ["programme_cost"]  # what every programme moves, whatever it does


@dataclass(frozen=True)
class Pair:
    """A policy, a city in which it bites, and the same city with the process frozen."""

    policy: str
    settings: dict[str, Any]
    measure: Callable[[RunResult], float]
    sign: int
    frozen: dict[str, float]
    city: dict[str, float] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    """What must be equal when frozen; empty: every column of both weekly tables."""
    residents: int = 3000
    weeks: int = WEEKS


def weekly(name: str) -> Callable[[RunResult], float]:
    return lambda result: float(result.weekly[name].sum())


def recorded(name: str) -> Callable[[RunResult], float]:
    return lambda result: float(result.recorded[name].sum())


def cases_that_victims_stay_with(result: RunResult) -> float:
    assert result.state is not None
    cases = result.state.world.flow.cases
    mine = (cases["opened"] >= 0) & (cases["kind"] == K_SEXUAL)
    return float(cases["stays"][mine].sum())


def trauma_left(result: RunResult) -> float:
    return float(result.weekly["trauma"].iloc[-1])


FOLLOW_UP_ALONE = {"submitted": 0.0, "shelf_kits": 0.0, "lab": 1.0, "follow_up": 0.7,
                   "ramp_weeks": 0.0}  # fmt: skip
COLD_HITS = {
    **SEXUAL, "kit_share": 1.0, "kits_submitted": 1.0, "kit_profile": 0.9, "lab_kits": 500.0,
    "lab_days": 370.0, "profiled_share": 1.0, "hit_followed": 0.0, "victim_returns": 1.0,
    "stop_rate": 1.2, "vice_share_of_stops": 0.2, "citation_share": 0.0,
}  # fmt: skip
"""Every kit is matched where it can be, after its case went cold, and nobody follows it up."""
TEAMS = {"teams": 10.0, "ramp_weeks": 0.0}
EVERYTHING_BUT_SCENES = (
    "persons_shot", "homicides", "retaliatory_incidents", "serious_assaults", "robberies",
    "property", "calls", "stops", "arrests", "force", "trauma", "legitimacy", "fear",
)  # fmt: skip
NEED = {"substance_offending": 0.0, "needs_service": 0.0}
SERVICE = ("calls", "property", "disorder", "persons_shot")
PAIRS = [
    Pair("test_every_kit", {"follow_up": 0.6}, recorded("kits_tested"), 1, {"kit_share": 0.0},
         SEXUAL, residents=12_000, weeks=78),
    Pair("test_every_kit", {}, recorded("kits_tested"), 1, {"profiled_share": 0.0},
         {**SEXUAL, "kits_submitted": 0.1}, ("persons_shot", "calls", "jailings", "legitimacy"),
         residents=12_000, weeks=78),
    Pair("victim_interviewing", {"hours": 0.0, "dose": 2.0, "share_per_week": 1.0},
         cases_that_victims_stay_with, 1, {"sexual_rate": 50.0, "serial_repeat": 0.9}, SEXUAL,
         residents=12_000, weeks=78),
    Pair("militarise", {"raids": 3.0, "ramp_weeks": 0.0}, weekly("raids"), 1, {"raid_rate": 0.0},
         {"raid_rate": 100.0}),
    Pair("demilitarise", {"raids": 0.0, "ramp_weeks": 0.0}, weekly("raids"), -1,
         {"raid_rate": 0.0}, {"raid_rate": 300.0}),
    Pair("menthol_ban", {"to_street": 0.15}, weekly("sellers_stopped"), 1,
         {"seller_contacts": 0.0}, {"seller_contacts": 30.0, "street_half_life": 14.0},
         ("stops", "vice_arrests", "arrests", "force", "calls", "legitimacy", "persons_shot")),
    Pair("tobacco_enforcement", {"contacts": 8.0}, weekly("sellers_stopped"), 1,
         {"street_share": 0.0}, {"street_share": 0.3}),
    Pair("drug_education", {"starting": 0.5, "ramp_weeks": 0.0}, weekly("smoking_begun"), -1,
         {**NEED, "street_share": 0.0}, {"initiation": 0.2}, SERVICE),
    Pair("test_every_kit", FOLLOW_UP_ALONE, recorded("hit_arrests"), 1, {"profiled_share": 0.0},
         COLD_HITS, residents=12_000, weeks=104),
    Pair("co_responders", {**TEAMS, "relief": 0.5}, trauma_left, -1, QUIET, residents=30_000),
    Pair("co_responders", {**TEAMS, "mediation": 0.6}, weekly("retaliatory_incidents"), -1,
         {"weight_retaliation": 0.0}, {}, EVERYTHING_BUT_SCENES, residents=30_000),
    Pair("co_responders", {**TEAMS, "relief": 0.5, "mediation": 0.6}, weekly("scenes_attended"), 1,
         QUIET, residents=30_000),
    Pair("measured_follow_up", {"ramp_weeks": 0.0}, recorded("follow_ups_recorded"), 1,
         {"follow_up": 0.0, "referral_share": 0.0}),
    Pair("treatment_places", {"places": 2000.0, "ramp_weeks": 0.0}, weekly("care_finished"), 1,
         {"care_effect": 0.0}, {"need_rate": 2.0, "care_days": 14.0, "care_places": 0.0}, SERVICE),
    Pair("treatment_places", {"places": 2000.0, "ramp_weeks": 0.0}, weekly("care_finished"), 1,
         NEED, {"need_rate": 2.0, "care_days": 14.0, "care_places": 0.0}, SERVICE),
    Pair("asset_forfeiture", {"seizures": 0.4, "ramp_weeks": 0.0}, weekly("seizures"), 1,
         {"stop_rate": 0.0, "raid_rate": 0.0, "seller_contacts": 0.0, "patrol_deterrence": 0.0},
         columns=("seizures", "vice_arrests", "stops", "persons_shot")),
    Pair("end_forfeiture", {"seizures": -0.5, "ramp_weeks": 0.0}, weekly("seizures"), -1,
         {"stop_rate": 0.0, "raid_rate": 0.0, "seller_contacts": 0.0, "patrol_deterrence": 0.0},
         {"seizure_share": 0.3}, ("seizures", "vice_arrests", "stops", "persons_shot")),
]  # fmt: skip


def scenario_of(
    parameters: dict[str, float], residents: int = 3000, weeks: int = WEEKS
) -> Scenario:
    whole = {**baseline().parameters, **parameters}
    return baseline().with_changes(
        city=f"synthetic:{residents}", parameters=whole, years=weeks * 7 / 365
    )


@cache
def _burnt(items: tuple[tuple[str, float], ...], residents: int) -> Burnt:
    return burn_in(scenario_of(dict(items), residents), 3)


def arms(
    parameters: dict[str, float], *entries: PolicyEntry, setup: Any = None, residents: int = 3000,
    weeks: int = WEEKS,
) -> list[RunResult]:  # fmt: skip
    """A run for each entry from one burnt-in city, and one without any."""
    burnt = _burnt(tuple(sorted(parameters.items())), residents)
    scenario = scenario_of(parameters, residents, weeks)
    plain = run(scenario, 3, burnt=burnt)
    return [plain] + [
        run(scenario.with_changes(policies=(e,)), 3, burnt=burnt, setup=setup) for e in entries
    ]


def equal(one: RunResult, other: RunResult, columns: tuple[str, ...]) -> bool:
    if columns:
        return bool(one.weekly[list(columns)].equals(other.weekly[list(columns)]))
    return one.weekly.drop(columns=OWN).equals(
        other.weekly.drop(columns=OWN)
    ) and one.recorded.equals(other.recorded)


def both(pair: Pair, city: dict[str, float]) -> list[RunResult]:
    entry = PolicyEntry(pair.policy, pair.settings)
    return arms(city, entry, residents=pair.residents, weeks=pair.weeks)


NAMES = [
    f"{pair.policy} by {', '.join(pair.settings)} without {next(iter(pair.frozen))}"
    for pair in PAIRS
]


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_a_policy_moves_what_it_is_about_through_its_process(pair: Pair) -> None:
    without, with_policy = both(pair, pair.city)
    change = pair.measure(with_policy) - pair.measure(without)
    assert change * pair.sign > 0, f"moved by {change}"


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_with_the_process_frozen_its_effect_is_gone(pair: Pair) -> None:
    without, with_policy = both(pair, {**pair.city, **pair.frozen})
    assert equal(without, with_policy, pair.columns)


# --- those that need another comparison ------------------------------------------------------


def test_teams_that_neither_relieve_nor_mediate_come_and_change_nothing() -> None:
    plain, teams = arms({}, PolicyEntry("co_responders", TEAMS), residents=30_000)
    assert equal(plain, teams, EVERYTHING_BUT_SCENES)
    assert teams.weekly["scenes_attended"].sum() == plain.weekly["persons_shot"].sum() > 100


def test_where_services_do_nothing_it_does_not_matter_which_are_paid_for() -> None:
    settings = {"patrol": 0.7, "budget_per_resident": 1500.0, "ramp_weeks": 0.0}
    entries = [PolicyEntry("right_dosage", {**settings, "share_to_care": s}) for s in (0.0, 1.0)]
    city = {"organisation_half_life": 60.0, "organisation_reach": 0.6, "need_rate": 2.0}
    nothing = {**city, "organisation_reach": 0.0, "care_effect": 0.0}
    _, paid, cared = arms(nothing, *entries)
    assert paid.weekly[list(SERVICE)].equals(cared.weekly[list(SERVICE)])
    plain, paid, cared = arms(city, *entries)
    assert not paid.weekly[list(SERVICE)].equals(cared.weekly[list(SERVICE)])
    for one in (plain, paid, cared):
        assert one.state is not None
    assert (
        stock(paid, "organisations")
        > stock(plain, "organisations")
        == stock(cared, "organisations")
    )


def stock(result: RunResult, name: str) -> float:
    assert result.state is not None
    return float(result.state.world.civic.stock[name][0])


def test_what_preschool_left_moves_offending_and_nothing_where_it_leaves_nothing() -> None:
    def went(state: State) -> None:
        people = state.world.people
        young = state.day - people.residents["born"] < 30 * 365
        people.lives["early"][young] = 250
        people.residents["flags"][young] |= np.uint8(EARLY)

    nobody = PolicyEntry("preschool", {"dose": 0.0})
    plain, after = arms({"early_self_control": 0.4}, nobody, setup=went)
    assert after.weekly["property"].sum() < plain.weekly["property"].sum()
    plain, after = arms({"early_self_control": 0.0, "early_schooling": 0.0}, nobody, setup=went)
    assert equal(plain, after, ())


def test_children_keep_the_weeks_that_they_attended() -> None:
    entry = PolicyEntry("preschool", {"places_per_100k": 20_000.0, "ramp_weeks": 0.0})
    plain, after = arms({}, entry)
    assert plain.state is not None and after.state is not None
    assert plain.state.world.people.lives["early"].sum() == 0
    early = after.state.world.people.lives["early"]
    assert 0 < early.max() <= WEEKS


def test_enforcement_moves_nothing_where_exposure_touches_nothing() -> None:
    entry = PolicyEntry("immigration_enforcement", {"threat": 1.0, "ramp_weeks": 0.0})
    nothing = {"enforcement_reporting": 0.0, "enforcement_targeting": 0.0}
    plain, after = arms(nothing, entry)
    assert equal(plain, after, ())
    plain, after = arms({"enforcement_targeting": 1.0, "enforcement_reporting": 0.0}, entry)
    assert not after.groups["victimised"].equals(plain.groups["victimised"])


def test_without_openings_enforcement_starts_no_fight_over_a_market() -> None:
    entry = PolicyEntry("drug_enforcement", {"dose": 2.0, "ramp_weeks": 0.0})
    city = {"opening_days": 7.0, "vice_share_of_stops": 0.05, "opening_contest": 0.5}
    rise = {}
    for chance in (0.5, 0.0):
        runs = arms({**city, "opening_contest": chance}, entry, residents=8000, weeks=52)
        assaults = [one.weekly["serious_assaults"].sum() for one in runs]
        rise[chance] = assaults[1] - assaults[0]
        shots = [over_openings(one) for one in runs]
        assert shots == [0, 0] if chance == 0.0 else min(shots) > 0
    # hundreds of arrests more, half of which leave an opening
    assert rise[0.5] > 50 and rise[0.0] < 0.5 * rise[0.5]


def over_openings(result: RunResult) -> int:
    """Fights over an opening that the log has: with a gun, hit or not."""
    return int((result.events["rule"] == "market opening").sum())
