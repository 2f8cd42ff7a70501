"""What each lever works through: the process that reads it, as something that a run counts.

See `sim.policies.knockout`, which moves a lever, looks at its intermediate, and cuts the process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import measures as m

if TYPE_CHECKING:
    from sim.results import RunResult

Measure = Callable[[Any, Any], float]
"""f(run, the same run without the policy) -> a number."""


@dataclass(frozen=True)
class Channel:
    """What a lever works through."""

    intermediate: str
    """In words."""
    sign: int
    """Of the change that more of the lever brings; 0: it only has to differ."""
    measure: Measure
    cut: dict[str, float] = field(default_factory=dict)
    """Parameters at which the process that reads it does nothing; empty: the lever is frozen."""
    lively: dict[str, float] = field(default_factory=dict)
    """Parameters at which the process has much to do."""
    weeks: int = 26
    """Weeks to look at."""
    beside: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Another policy that there has to be for the lever to matter."""
    seeds: int = 1
    """Cities to look at together: more where luck can be larger than what a lever does."""


def _sum(run: RunResult, _: RunResult, names: str, table: str = "weekly") -> float:
    frame = getattr(run, table)
    return float(sum(frame[name].sum() for name in names.split("+")))


def _counted(names: str, table: str = "weekly") -> Measure:
    return partial(_sum, names=names, table=table)


def _state(run: RunResult) -> Any:
    assert run.state is not None
    return run.state


def _beat_hours(run: RunResult, _: RunResult) -> float:
    """Hours of patrol, and those of detectives, in the last week."""
    police = _state(run).world.police
    hours = float(police.beats["hours"].astype(np.float64).sum())
    return hours + 40.0 * float(police.department["detectives"][0])


def _hours_placed(run: RunResult, _: RunResult) -> float:
    """Hours of each beat times its number: another figure wherever hours are moved."""
    hours = _state(run).world.police.beats["hours"].astype(np.float64)
    return float(hours @ (1.0 + np.arange(hours.size)))


def _all_hours(run: RunResult, _: RunResult) -> float:
    """Hours on the beat, and detectives' per case, in the last week."""
    return _beat_hours(run, run) + 1e-3 * sum(
        _effort(run, run, kind) for kind in ("fatal", "nonfatal", "other")
    )


def _patrol_hours(run: RunResult, _: RunResult) -> float:
    return float(_state(run).world.police.beats["hours_patrol"].astype(np.float64).sum())


def _effort(run: RunResult, _: RunResult, kind: str) -> float:
    """Detectives' hours per open case, relative to the reference."""
    return float(_state(run).world.police.department[f"effort_{kind}"][0])


def _cooperation(run: RunResult, _: RunResult) -> float:
    """Mean cooperation of witnesses in cases that are open at the end."""
    cases = _state(run).world.flow.cases
    return float(cases["witnesses"][cases["opened"] >= 0].astype(np.float64).mean())


def _salience(run: RunResult, _: RunResult) -> float:
    """What is still talked of, over areas and groups."""
    state = _state(run)
    shared, half_life = state.world.place.field, float(state.world.p["salience_half_life"][0])
    left = 0.5 ** ((state.day - shared["day"]) / half_life)
    return float((shared["salience"] * left).sum())


def _hired(run: RunResult, _: RunResult) -> float:
    """Officers hired since the run began."""
    state = _state(run)
    return float((state.world.police.officers["hired"] >= state.day - run.days).sum())


def _lives(run: RunResult, _: RunResult, name: str) -> float:
    """Sum over all residents at the end."""
    return float(_state(run).world.people.lives[name].astype(np.float64).sum())


def _load(run: RunResult, _: RunResult) -> float:
    return float(_state(run).world.police.beats["load"].astype(np.float64).sum())


def _stays(run: RunResult, _: RunResult) -> float:
    cases = _state(run).world.flow.cases
    mine = (cases["opened"] >= 0) & (cases["kind"] == m.K_SEXUAL)
    return float(cases["stays"][mine].sum())


def _attacks(run: RunResult, other: RunResult, part: int = -1, place: bool = False) -> float:
    """Shootings and gunfire by people who are ever enrolled in either run, or on treated blocks."""
    events = run.recorder.all_events()  # type: ignore[union-attr]
    events = events[np.isin(events["kind"], (m.E_SHOOTING, m.E_GUNFIRE))]
    if part >= 0:
        events = events[events["part"] == part]
    if place:
        done = [d.memory["done"] for r in (run, other) for d in _state(r).deliveries
                if "done" in d.memory]  # fmt: skip
        return float(np.logical_or.reduce(done)[events["block"]].sum()) if done else 0.0
    whom = [d.ever.person for r in (run, other) for d in _state(r).deliveries]
    return float(np.isin(events["actor_person"], np.concatenate(whom)).sum()) if whom else 0.0


def _share_of_others(run: RunResult, _: RunResult, name: str) -> float:
    """Share of stops or force that does not fall on the group treated best."""
    by_group = run.groups.groupby("group")[name].sum()
    first = run.geography.group_names[0]
    best = int(np.argmin(_state(run).world.people.kinds["stop_base"]))
    first = run.geography.group_names[best]
    return float(1.0 - by_group[first] / max(by_group.sum(), 1.0))


def _found_out(run: RunResult, _: RunResult) -> float:
    """Mean closeness to gunfire of those enrolled, as it was when the run ended."""
    state = _state(run)
    score = state.involvement.scores(state, 730)
    rows = [row for d in state.deliveries for row in d.enrolled]
    return float(np.mean([score.get(row, 0.0) for row in rows])) if rows else 0.0


NO_ATTACKS = {
    "weight_background": 0.0, "weight_rivalry": 0.0, "weight_inertia": 0.0,
    "weight_retaliation": 0.0, "weight_contagion": 0.0,
}  # fmt: skip
NO_REPRISALS = {"weight_retaliation": 0.0}
NO_STOPS = {"stop_rate": 0.0, "seller_contacts": 0.0, "raid_rate": 0.0}
NO_FORCE = {"force_base": 0.0}
NO_NEED = {"needs_service": 0.0, "substance_offending": 0.0}
NO_GANGS = {"gang_recruit": 0.0, "gang_leave": 0.0}
SEXUAL = {"sexual_rate": 2000.0, "report_sexual": 0.46}
MORE_REPRISALS = {"retaliation": 4.0}
CASCADES = 4  # seeds: in one city the luck of who shoots back can be larger than what a lever does
INCIDENTS = {"publicised_share": 0.05, "local_incident_salience": 0.5}

CHANNELS: dict[str, Channel] = {
    "officer.style_shift": Channel("disrespectful contacts", -1, _counted("disrespect")),
    "officer.force_factor": Channel("uses of force", 1, _counted("force"), NO_FORCE),
    "officer.watched": Channel("force that is publicised", 1, _counted("publicised"), NO_FORCE),
    "officer.stress_recovery": Channel("officers' stress", 1, _counted("officer_stress")),
    "officer.hours_taken": Channel(
        "hours on the beat and on cases", -1, _all_hours, weeks=1
    ),
    "resident.violence": Channel("attacks by those enrolled", 1, _attacks, NO_ATTACKS),
    "resident.retaliation": Channel(
        "attacks in reprisal", 1, partial(_attacks, part=m.PART_RETALIATION), NO_REPRISALS,
        MORE_REPRISALS, seeds=CASCADES,
    ),
    "resident.mediation": Channel(
        "reprisals mediated", 1, _counted("mediated"), NO_REPRISALS, MORE_REPRISALS
    ),
    "resident.offending": Channel("everyday offences", 1, _counted("property+robberies+disorder")),
    "resident.carrying": Channel("share carrying", 1, _counted("carrying_share")),
    "resident.outside_option": Channel(
        "gang members", -1, _counted("gang_members"), NO_GANGS,
        {"gang_recruit": 20.0, "gang_leave": 0.6},
    ),
    "resident.trauma_recovery": Channel("trauma", 1, _counted("trauma")),
    "resident.need": Channel(
        "calls for service and offences", 1, _counted("service_calls+property+disorder"),
        NO_NEED, {"needs_service": 8.0, "substance_offending": 3.0, "stop_rate": 1.2},
    ),
    "resident.diversion": Channel("arrests diverted", 1, _counted("diverted")),
    "resident.schooling": Channel("schooling", 1, partial(_lives, name="schooling")),
    "beat.priority": Channel("hours of each beat", 0, _hours_placed),
    "block.lever": Channel(
        "attacks on treated blocks", 1, partial(_attacks, place=True), NO_ATTACKS
    ),
    "kind.stop_ratio": Channel(
        "share of stops that fall on other groups", 1, partial(_share_of_others, name="stops"),
        NO_STOPS,
    ),
    "kind.force_ratio": Channel(
        "share of force that falls on other groups", 1, partial(_share_of_others, name="force"),
        NO_FORCE,
    ),
    "kind.enforcement": Channel(
        "offences reported", -1, _counted("violent_reported+property_reported", "recorded"),
        {"enforcement_reporting": 0.0, "enforcement_targeting": 0.0},
    ),
    "gang.pressure": Channel("attacks by gangs", 1, _counted("gang_incidents"), NO_ATTACKS),
    "parameter.stop_rate": Channel("stops", 1, _counted("stops"), NO_STOPS),
    "parameter.suspicion": Channel("guns found in stops", 1, _counted("guns_found"), NO_STOPS),
    "parameter.patdown_share": Channel("searches", 1, _counted("searches"), NO_STOPS),
    "parameter.initiated_share": Channel("stops", 1, _counted("stops"), NO_STOPS),
    "parameter.vice_share": Channel("hours left for patrol", -1, _patrol_hours),
    "parameter.vice_share_of_stops": Channel(
        "vice arrests", 1, _counted("vice_arrests"), NO_STOPS
    ),
    "parameter.citation_share": Channel("citations", 1, _counted("citations"), NO_STOPS),
    "parameter.overtime": Channel("hours on the beat", 1, _beat_hours),
    "parameter.detective_factor": Channel(
        "detectives' hours per case", 1, partial(_effort, kind="fatal")
    ),
    "parameter.witness_base": Channel("cooperation of witnesses", 1, _cooperation),
    "parameter.witness_fear": Channel("cooperation of witnesses", -1, _cooperation),
    "parameter.priority_nonfatal": Channel(
        "detectives' hours per non-fatal shooting", 1, partial(_effort, kind="nonfatal")
    ),
    "parameter.priority_other": Channel(
        "detectives' hours per other case", 1, partial(_effort, kind="other")
    ),
    "parameter.diversion": Channel("arrests diverted", 1, _counted("diverted")),
    "parameter.diversion_first": Channel("arrests diverted", 1, _counted("diverted")),
    "parameter.publicised_share": Channel(
        "force that is publicised", 1, _counted("publicised"), NO_FORCE,
        {"publicised_share": 0.02},
    ),
    "parameter.scrutiny_half_life": Channel("scrutiny", 1, _counted("scrutiny"), NO_FORCE),
    "parameter.salience_half_life": Channel("salience of incidents", 1, _salience, {}, INCIDENTS),
    "parameter.incident_fairness": Channel(
        "trust", -1, _counted("legitimacy"), NO_FORCE, INCIDENTS
    ),
    "parameter.incident_effectiveness": Channel(
        "trust", -1, _counted("legitimacy"), NO_FORCE, INCIDENTS
    ),
    "parameter.complaint_force": Channel(
        "complaints", 1, _counted("complaints", "recorded"), NO_FORCE
    ),
    "parameter.complaint_disrespect": Channel(
        "complaints", 1, _counted("complaints", "recorded")
    ),
    "parameter.response_minutes": Channel("minutes to respond", 1, _counted("response_minutes")),
    "parameter.report_domestic": Channel(
        "offences reported", 1, _counted("violent_reported", "recorded")
    ),
    "parameter.officer_exit": Channel("officers hired", 1, _hired),
    "parameter.hire_days": Channel(
        "officers hired", -1, _hired, {}, {"hire_days": 360.0}, weeks=52
    ),
    "parameter.targeting_error": Channel(
        "closeness to gunfire of those enrolled", -1, _found_out,
        beside=(("gang_fellowship", {"places_per_100k": 300.0, "ramp_weeks": 0.0, "uptake": 1.0}),),
    ),
    "resident.preschool": Channel("weeks of preschool", 1, partial(_lives, name="early")),
    "parameter.raid_rate": Channel(
        "raids", 1, _counted("raids"), {"raid_rate": 0.0}, {"raid_rate": 100.0}
    ),
    "parameter.militarisation": Channel(
        "trust", -1, _counted("legitimacy"), {"raid_rate": 0.0}, {"raid_rate": 300.0}
    ),
    "parameter.seizure_share": Channel(
        "seizures", 1, _counted("seizures"),
        {"stop_rate": 0.0, "raid_rate": 0.0, "seller_contacts": 0.0, "patrol_deterrence": 0.0},
        {"seizure_share": 0.2},
    ),
    "parameter.scene_teams": Channel("scenes attended", 1, _counted("scenes_attended"), NO_ATTACKS),
    "parameter.scene_relief": Channel(
        "trauma", -1, _counted("trauma"), NO_ATTACKS, {"scene_teams": 10.0}
    ),
    "parameter.scene_mediation": Channel(
        "reprisals", -1, _counted("retaliatory_incidents"), NO_REPRISALS,
        {**MORE_REPRISALS, "scene_teams": 10.0}, seeds=CASCADES,
    ),
    "parameter.initiation": Channel(
        "people who start smoking", 1, _counted("smoking_begun"), {"initiation": 0.0},
        {"initiation": 0.2},
    ),
    "parameter.quit_rate": Channel(
        "smokers who stop", 1, _counted("smoking_ended"), {"quit_rate": 0.0}
    ),
    "parameter.drug_initiation": Channel(
        "substance need", 1, partial(_lives, name="substance"), {"need_rate": 0.0},
        {"need_rate": 2.0},
    ),
    "parameter.hours_per_call": Channel("share of hours that calls take", 1, _load),
    "parameter.victim_stays": Channel(
        "victims who stay with their case", 1, _stays, {"sexual_rate": 0.0}, SEXUAL, weeks=78
    ),
    "parameter.interview_push": Channel(
        "trust", 0, _counted("legitimacy"), {}, SEXUAL
    ),
    "parameter.kits_submitted": Channel(
        "kits tested", 1, _counted("kits_tested", "recorded"), {"kit_share": 0.0},
        {**SEXUAL, "kits_submitted": 0.1}, weeks=78,
    ),
    "parameter.shelf_rate": Channel(
        "kits on the shelf", -1, _counted("kits_shelved"), {},
        {**SEXUAL, "kits_submitted": 0.1}, weeks=78,
    ),
    "parameter.lab_kits": Channel(
        "kits waiting", -1, _counted("kits_waiting"), {},
        {**SEXUAL, "kits_submitted": 0.9, "lab_kits": 5.0}, weeks=52,
    ),
    "parameter.hit_followed": Channel(
        "arrests after a match", 1, _counted("hit_arrests", "recorded"), {},
        {**SEXUAL, "kits_submitted": 0.9, "serial_repeat": 0.9, "profiled_share": 1.0,
         "lab_days": 7.0, "lab_kits": 500.0, "victim_returns": 1.0, "kit_profile": 0.9,
         "stop_rate": 1.2, "vice_share_of_stops": 0.2, "citation_share": 0.0},
        weeks=104,
    ),
    "parameter.street_share": Channel(
        "sellers in the street", 1, _counted("street_sellers"), {}, {"street_half_life": 14.0}
    ),
    "parameter.seller_contacts": Channel(
        "sellers stopped", 1, _counted("sellers_stopped"), {"seller_contacts": 0.0},
        {"street_share": 0.3},
    ),
    "parameter.care_places": Channel(
        "people in care", 1, _counted("in_care"), {},
        {"need_rate": 2.0, "care_days": 14.0, "care_places": 0.0},
    ),
    "parameter.referral_share": Channel("referrals", 1, _counted("referrals")),
    "parameter.follow_up": Channel("visits after a call", 1, _counted("follow_ups")),
    "parameter.measured_share": Channel(
        "visits and referrals on record", 1,
        _counted("follow_ups_recorded+referrals_recorded", "recorded"),
        {}, {"follow_up": 0.3, "referral_share": 0.3},
    ),
    "parameter.organisations": Channel(
        "organisations", 1, _counted("organisations"), {}, {"organisation_half_life": 60.0}
    ),
}  # fmt: skip
"""Lever -> what it works through."""
