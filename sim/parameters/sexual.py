"""Sexual violence: series of one offender, interviews, kits, the laboratory and what a match leads to."""

from sim.parameters import Parameter as P

ROWS = [
    P("serial_repeat", 0.45, 0.0, 0.9, "probability", "series",
      "an offender at large commits another sexual assault after one", ("S17",),
      "how common series are is disputed; the ledger has suspects in one city's kits only"),
    P("serial_days", 240.0, 30.0, 1000.0, "days", "series", "mean time until then"),
    P("serial_resume", 0.5, 0.0, 1.0, "probability", "series",
      "an offender who was in jail when the next was due goes on after release"),
    P("victim_stays", 0.45, 0.05, 0.95, "probability", "sexual cases",
      "a victim who reported stays with the case until an arrest", ("S16",), "one agency's before and after"),
    P("stays_ease", 1.7, 1.0, 3.0, "factor", "sexual cases", "evidence where the victim stays, relative"),
    P("withdrawn_ease", 0.35, 0.0, 1.0, "factor", "sexual cases", "evidence where not, relative"),
    P("interview_push", 0.05, 0.0, 0.4, "share of distance", "sexual cases",
      "push of an interview on the victim's beliefs: up for those who stay, down for those who don't"),
    P("days_sexual", 700.0, 30.0, 4000.0, "days", "justice", "mean time in custody for sexual assault"),
    P("kit_share", 0.6, 0.0, 1.0, "probability", "kits", "a kit is taken after a founded report"),
    P("kits_submitted", 0.55, 0.0, 1.0, "probability", "kits", "a kit is sent to the laboratory, not shelved", ("S17",)),
    P("shelf_rate", 0.0, 0.0, 400.0, "kits per 100,000 and year", "kits", "shelved kits sent in, oldest first"),
    P("lab_kits", 25.0, 0.0, 500.0, "kits per 100,000 and year", "kits", "what the laboratory can test"),
    P("lab_days", 90.0, 7.0, 1000.0, "days", "kits", "from taking to result where nothing waits"),
    P("kit_profile", 0.5, 0.1, 0.9, "probability", "kits", "a kit tested gives a usable profile", ("S17",)),
    P("profiled_share", 0.6, 0.0, 1.0, "probability", "kits",
      "somebody who was ever arrested is in the database", ("P32",)),
    P("hit_followed", 0.3, 0.0, 1.0, "probability", "kits", "detectives follow a match up", ("S17",)),
    P("hit_evidence", 4.0, 1.0, 20.0, "factor", "kits", "evidence in an open case after a match"),
    P("victim_returns", 0.4, 0.0, 1.0, "probability", "kits", "a victim asked again after a match takes part"),
]  # fmt: skip
