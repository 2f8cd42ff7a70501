"""What is counted as it happens: the columns of the weekly tallies, and the kinds of logged events.

The lists are the single source of the names in the output tables; compiled code uses the numbers.
"""

PLACE_MEASURES = (
    # --- the true world -----------------------------------------------------------------------
    "homicides", "gun_deaths", "nongun_deaths", "persons_shot", "shooting_incidents",
    "multi_victim_incidents", "gunfire_incidents", "retaliatory_incidents", "linked_incidents",
    "gang_incidents", "mediated", "serious_assaults", "robberies", "simple_assaults", "domestic",
    "sexual", "property", "disorder", "sales", "calls", "service_calls", "stops", "searches",
    "guns_found", "citations", "vice_arrests", "raids", "force", "disrespect", "arrests",
    "arrests_shooting", "diverted", "jailings", "officer_injuries", "publicised", "guns_acquired",
    "births", "arrivals", "departures", "natural_deaths", "conversations", "response_minutes",
    "police_killings", "property_serious", "sexual_repeat", "seizures", "seized_dollars",
    "sellers_stopped", "scenes_attended", "follow_ups", "referrals", "care_finished",
    "smoking_begun", "smoking_ended",
    # --- the record ---------------------------------------------------------------------------
    "violent_reported", "property_reported", "gunfire_reported", "homicides_recorded",
    "nonfatal_recorded", "cleared_fatal", "cleared_nonfatal", "cleared_fatal_48h",
    "cleared_nonfatal_48h", "cleared_other", "complaints", "violent_founded", "property_serious_reported",
    "robbery_reported", "sexual_reported", "sexual_prosecuted", "kits_taken", "kits_tested",
    "dna_hits", "kit_links", "hit_arrests", "follow_ups_recorded", "referrals_recorded",
)  # fmt: skip
RECORDED = frozenset(PLACE_MEASURES[PLACE_MEASURES.index("violent_reported") :])

PERSON_MEASURES = (
    "homicides", "persons_shot", "victimised", "victimised_violent", "stops", "force", "arrests",
    "violent_reported", "cleared_fatal", "cleared_nonfatal", "shot_at", "contacts",
)  # fmt: skip

(HOMICIDES, GUN_DEATHS, NONGUN_DEATHS, PERSONS_SHOT, SHOOTING_INCIDENTS, MULTI_VICTIM_INCIDENTS,
 GUNFIRE_INCIDENTS, RETALIATORY_INCIDENTS, LINKED_INCIDENTS, GANG_INCIDENTS, MEDIATED,
 SERIOUS_ASSAULTS, ROBBERIES, SIMPLE_ASSAULTS, DOMESTIC, SEXUAL, PROPERTY, DISORDER, SALES, CALLS,
 SERVICE_CALLS, STOPS, SEARCHES, GUNS_FOUND, CITATIONS, VICE_ARRESTS, RAIDS, FORCE, DISRESPECT,
 ARRESTS, ARRESTS_SHOOTING, DIVERTED, JAILINGS, OFFICER_INJURIES, PUBLICISED, GUNS_ACQUIRED,
 BIRTHS, ARRIVALS, DEPARTURES, NATURAL_DEATHS, CONVERSATIONS, RESPONSE_MINUTES, POLICE_KILLINGS,
 PROPERTY_SERIOUS, SEXUAL_REPEAT, SEIZURES, SEIZED_DOLLARS, SELLERS_STOPPED, SCENES_ATTENDED,
 FOLLOW_UPS, REFERRALS, CARE_FINISHED, SMOKING_BEGUN, SMOKING_ENDED,
 VIOLENT_REPORTED, PROPERTY_REPORTED, GUNFIRE_REPORTED, HOMICIDES_RECORDED, NONFATAL_RECORDED,
 CLEARED_FATAL, CLEARED_NONFATAL, CLEARED_FATAL_48H, CLEARED_NONFATAL_48H, CLEARED_OTHER,
 COMPLAINTS, VIOLENT_FOUNDED, PROPERTY_SERIOUS_REPORTED, ROBBERY_REPORTED, SEXUAL_REPORTED,
 SEXUAL_PROSECUTED, KITS_TAKEN, KITS_TESTED, DNA_HITS, KIT_LINKS, HIT_ARRESTS,
 FOLLOW_UPS_RECORDED, REFERRALS_RECORDED) = range(len(PLACE_MEASURES))  # fmt: skip
(P_HOMICIDES, P_PERSONS_SHOT, P_VICTIMISED, P_VICTIMISED_VIOLENT, P_STOPS, P_FORCE, P_ARRESTS,
 P_VIOLENT_REPORTED, P_CLEARED_FATAL, P_CLEARED_NONFATAL, P_SHOT_AT,
 P_CONTACTS) = range(len(PERSON_MEASURES))  # fmt: skip

# everyday offences, and the kinds of case
(K_PROPERTY, K_DISORDER, K_SALE, K_SIMPLE, K_ROBBERY, K_SERIOUS, K_DOMESTIC, K_SEXUAL,
 K_SHOOTING, K_GUNFIRE, K_SERVICE, K_STOP, K_MAJOR_PROPERTY) = range(13)  # fmt: skip
OFFENCES = ("property", "disorder", "sale", "simple assault", "robbery", "serious assault",
            "domestic", "sexual", "shooting", "gunfire", "service", "stop",
            "major property")  # fmt: skip

EVENT_KINDS = ("shooting", "gunfire", "death", "nongun_death", "arrest_shooting", "force", "incident",
               "enrolment", "leave", "gun", "police_killing", "retaliation_averted", "raid",
               "kit", "dna_hit", "arrest_dna", "scene_support")  # fmt: skip
(E_SHOOTING, E_GUNFIRE, E_DEATH, E_NONGUN_DEATH, E_ARREST, E_FORCE, E_INCIDENT, E_ENROLMENT,
 E_LEAVE, E_GUN, E_POLICE_KILLING, E_AVERTED, E_RAID, E_KIT, E_HIT, E_HIT_ARREST,
 E_SCENE) = range(len(EVENT_KINDS))  # fmt: skip

PARTS = ("none", "background", "market", "rivalry", "inertia", "retaliation", "contagion", "contact",
         "investigation", "fear", "scenario", "programme", "injury")  # fmt: skip
(PART_NONE, PART_BACKGROUND, PART_MARKET, PART_RIVALRY, PART_INERTIA, PART_RETALIATION,
 PART_CONTAGION, PART_CONTACT, PART_INVESTIGATION, PART_FEAR, PART_SCENARIO, PART_PROGRAMME,
 PART_INJURY) = range(len(PARTS))  # fmt: skip

RULES = ("none", "dispute", "gang attack", "grievance", "exposure", "wound", "stop", "response",
         "case", "gun after victimisation", "publicity", "scheduled", "enrol", "lapse",
         "gun after a tie was shot", "raid", "kit", "support at the scene",
         "market opening")  # fmt: skip
(RULE_NONE, RULE_DISPUTE, RULE_GANG, RULE_GRIEVANCE, RULE_EXPOSURE, RULE_WOUND, RULE_STOP,
 RULE_RESPONSE, RULE_CASE, RULE_GUN, RULE_PUBLICITY, RULE_SCHEDULED, RULE_ENROL, RULE_LAPSE,
 RULE_GUN_TIE, RULE_RAID, RULE_KIT, RULE_SCENE,
 RULE_OPENING) = range(len(RULES))  # fmt: skip
