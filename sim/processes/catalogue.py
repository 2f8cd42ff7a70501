"""Every process with the tests that hold it: against a closed form, and with it frozen.

`peel docs` makes docs/processes.md of this list, the modules' own descriptions, the steps of the
day and the declared parameters; a test sees to it that every module is here and every test named
exists.
"""

from __future__ import annotations

from typing import NamedTuple

_THEORY, _KNOCK = "tests/theory/", "tests/contracts/"
_CIVIC, _OUT = _THEORY + "test_civic_alone.py::", _KNOCK + "test_knock_outs_civic.py::"
_MOVES = _OUT + "test_with_the_process_frozen_its_effect_is_gone"
_FREEZE = _KNOCK + "test_knock_outs.py::test_cutting_the_process_removes_what_some_levers_do"


class Entry(NamedTuple):
    """One process."""

    title: str
    reads: tuple[str, ...]
    """Names of processes under which its parameters are declared."""
    theory: tuple[str, ...]
    """Tests against what it should come to, as file::test."""
    knock_out: tuple[str, ...]
    """Tests in which it is frozen."""
    policies: tuple[str, ...] = ()
    """Policies that it carries, where it was made for them."""


_SERVICES = _THEORY + "test_services_alone.py::"
_BELIEFS = _THEORY + "test_beliefs_alone.py::"
_INSTITUTIONS = _THEORY + "test_institutions_alone.py::"
_VIOLENCE = _THEORY + "test_violence_alone.py::"
_SEATS = _THEORY + "test_seats.py::"
_CANDIDATES = _THEORY + "test_candidates.py::"

PROCESSES: dict[str, Entry] = {
    "candidates": Entry(
        "What may happen today", (),
        (_CANDIDATES + "test_counts_are_poisson_with_mass_times_ceiling",
         _CANDIDATES + "test_a_higher_ceiling_adds_candidates_and_moves_none"), (),
    ),
    "routine": Entry(
        "Where people are, and when", (),
        (_VIOLENCE + "test_disputes_by_age_follow_the_curve",), (),
    ),
    "department": Entry(
        "The department's week", ("department",),
        (_INSTITUTIONS + "test_more_effort_clears_the_same_cases_sooner_and_some_more",), (),
    ),
    "contacts": Entry(
        "Contacts with police", ("contacts", "officers"), (), (_FREEZE,),
        ("mass_patdowns", "stop_mass_patdowns", "skewed_enforcement"),
    ),
    "reporting": Entry("Reporting and response", ("reporting",), (), (_FREEZE,)),
    "investigation": Entry(
        "Investigation", ("investigation",),
        (_INSTITUTIONS + "test_clearance_is_an_exponential_of_the_cumulative_hazard",
         _INSTITUTIONS + "test_fatal_and_nonfatal_part_after_two_days_only"), (),
        ("solve_shootings",),
    ),
    "justice": Entry(
        "Arrest, court and jail", ("justice",),
        (_INSTITUTIONS + "test_the_stock_in_jail_is_the_flow_times_the_stay",
         _INSTITUTIONS + "test_custody_is_for_the_stated_share_and_never_for_two_at_once"), (),
    ),
    "beliefs": Entry(
        "Beliefs", ("beliefs", "fear", "trauma"),
        (_BELIEFS + "test_talk_keeps_the_mean_and_ends_at_the_average_of_each_circle",
         _BELIEFS + "test_everything_that_fades_halves_on_time"), (),
    ),
    "arms": Entry(
        "Fear, trauma and arms after violence", ("arms",),
        (_BELIEFS + "test_everything_that_fades_halves_on_time",), (_FREEZE,),
    ),
    "violence": Entry(
        "Shootings and serious assaults", ("violence",),
        (_VIOLENCE + "test_disputes_alone_are_poisson_with_the_hazard_integral_as_mean",
         _VIOLENCE + "test_standing_rivalry_alone_is_poisson_by_dyad"), (_FREEZE,),
        ("greening",),
    ),
    "parties": Entry(
        "Who attacks, and whom", (), (_VIOLENCE + "test_who_attacks_follows_propensity",), (),
    ),
    "attack": Entry(
        "The attack and its wounds", (),
        (_VIOLENCE + "test_the_dead_are_avenged_like_the_wounded",), (),
    ),
    "feuds": Entry(
        "The heat of feuds", (),
        (_VIOLENCE + "test_heat_alone_is_self_exciting_with_a_known_branching_ratio",
         _SEATS + "test_heat_is_felt_from_the_next_day_and_is_one_on_average"), (),
    ),
    "aftermath": Entry(
        "What a shooting leaves", (),
        (_VIOLENCE + "test_delays_of_reprisals_are_whole_days_of_an_exponential",), (),
    ),
    "reprisals": Entry(
        "Reprisals and exposure come due", (),
        (_VIOLENCE + "test_reprisals_alone_are_a_branching_process",
         _VIOLENCE + "test_a_grievance_of_a_dampened_side_is_thinned",
         _SEATS + "test_exposure_lapses_with_the_person"), (_FREEZE,),
        ("violence_interruption", "focused_deterrence"),
    ),
    "offences": Entry("Everyday offences and calls", ("offences",), (), (_FREEZE,)),
    "serial": Entry(
        "Series of sexual assaults", ("series",),
        (_CIVIC + "test_a_series_is_geometric_where_nobody_is_stopped",
         _CIVIC + "test_jail_stops_a_series_or_puts_it_off"), (_MOVES,),
        ("test_every_kit", "victim_interviewing"),
    ),
    "kits": Entry(
        "Interviews, kits and the laboratory", ("kits", "sexual cases"),
        (_CIVIC + "test_kits_waiting_are_flow_times_delay_where_the_laboratory_keeps_up",
         _CIVIC + "test_a_laboratory_that_falls_behind_has_a_backlog_that_grows_by_the_difference",
         _CIVIC + "test_matches_are_profiles_times_those_in_the_database"), (_MOVES,),
        ("test_every_kit", "victim_interviewing"),
    ),
    "raids": Entry(
        "Raids on homes", ("raids",),
        (_CIVIC + "test_raids_come_at_their_rate_and_the_neighbourhood_feels_each",), (_MOVES,),
        ("militarise", "demilitarise"),
    ),
    "seizure": Entry(
        "Seizures", ("seizure",),
        (_CIVIC + "test_seizures_are_a_share_of_searches_and_leave_people_robbed",), (_MOVES,),
        ("asset_forfeiture", "end_forfeiture"),
    ),
    "markets": Entry(
        "Drug markets after an arrest", ("markets",),
        (_CIVIC + "test_openings_are_contested_by_the_stated_share_after_an_exponential_delay",),
        (_OUT + "test_without_openings_enforcement_starts_no_fight_over_a_market",),
        ("drug_enforcement", "drug_law_reform"),
    ),
    "contests": Entry(
        "Fights over an opening", (),
        (_CIVIC + "test_openings_are_contested_by_the_stated_share_after_an_exponential_delay",),
        (_OUT + "test_without_openings_enforcement_starts_no_fight_over_a_market",),
    ),
    "immigration": Entry(
        "Fear of deportation", ("immigration",),
        (_CIVIC + "test_the_exposed_are_picked_more_often_by_the_share_in_the_docstring",),
        (_OUT + "test_enforcement_moves_nothing_where_exposure_touches_nothing",),
        ("immigration_enforcement", "sanctuary"),
    ),
    "street": Entry(
        "Tobacco in the street", ("street market",),
        (_CIVIC + "test_the_street_share_and_its_sellers_follow_what_is_wanted",), (_MOVES,),
        ("menthol_ban", "tobacco_enforcement"),
    ),
    "habits": Entry(
        "Smoking", ("habits",),
        (_CIVIC + "test_smoking_is_taken_up_and_given_up_at_its_rates",
         _CIVIC + "test_a_city_starts_where_smoking_has_settled"), (_MOVES,),
        ("drug_education", "menthol_ban"),
    ),
    "schooling": Entry(
        "School and preschool", ("schooling",),
        (_SERVICES + "test_preschool_counts_as_far_as_children_attend",
         _SERVICES + "test_preschool_shows_after_years_and_by_the_share_that_the_young_commit"),
        (_OUT + "test_what_preschool_left_moves_offending_and_nothing_where_it_leaves_nothing",),
        ("preschool", "graduation_support"),
    ),
    "care": Entry(
        "Treatment and its queue", ("care",),
        (_SERVICES + "test_places_taken_are_those_who_come_times_how_long_they_stay",
         _SERVICES + "test_a_queue_is_as_long_as_giving_up_makes_it"), (_MOVES,),
        ("treatment_places", "right_dosage"),
    ),
    "scenes": Entry(
        "Scenes, visits and referrals", ("scenes", "follow-up"),
        (_SERVICES + "test_teams_go_to_no_more_scenes_than_they_can",), (_MOVES,),
        ("co_responders", "measured_follow_up"),
    ),
    "organisations": Entry(
        "Community organisations", ("organisations",),
        (_SERVICES + "test_organisations_settle_more_with_diminishing_returns",),
        (_OUT + "test_where_services_do_nothing_it_does_not_matter_which_are_paid_for",),
        ("right_dosage",),
    ),
    "life": Entry(
        "Life goes on", ("life", "gangs"),
        (_INSTITUTIONS + "test_deaths_and_departures_compete",
         _INSTITUTIONS + "test_mortality_rises_with_age_as_gompertz_says"), (),
    ),
    "seats": Entry(
        "Street seats and street arrests", ("street seats",),
        (_SEATS + "test_who_takes_a_seat_has_its_ties_and_propensity",
         _SEATS + "test_seats_pass_to_local_youths_and_stay_what_they_are",
         _SEATS + "test_arrests_together_bring_people_into_the_record"), (),
    ),
    "ties": Entry(
        "Co-offending ties", (), (_SEATS + "test_who_takes_a_seat_has_its_ties_and_propensity",), (),
    ),
    "record": Entry("The record", ("record",), (), ()),
}  # fmt: skip
"""By module of sim.processes."""
