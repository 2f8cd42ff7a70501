"""Births, deaths, moves, work, needs, guns in circulation, gangs' turnover."""

from sim.parameters import Parameter as P

ROWS = [
    P("death_base", 0.00009, 0.00001, 0.001, "per year", "life", "Gompertz level of natural mortality at age 0"),
    P("death_slope", 0.085, 0.06, 0.11, "per year of age", "life", "Gompertz slope"),
    P("death_ceiling", 0.2, 0.1, 1.0, "per year", "life", "mortality never exceeds this"),
    P("move_rate", 0.03, 0.0, 0.2, "per resident and year", "life", "residents who leave the city"),
    P("vacancy_days", 90.0, 10.0, 365.0, "days", "life", "mean time until an empty place is filled"),
    P("birth_share", 0.7, 0.0, 1.0, "probability", "life",
      "an empty place in a household with a possible mother is filled by a birth"),
    P("job_rate", 0.2, 0.0, 2.0, "per resident and year", "life", "changes into or out of work or school"),
    P("need_rate", 0.15, 0.0, 2.0, "per resident and year", "life", "reviews of needs"),
    P("trauma_needs", 0.5, 0.0, 1.0, "per unit", "life", "rise of needs with trauma", ("S26",)),
    P("gun_turnover", 0.2, 0.0, 0.5, "per resident and year", "arms", "reviews of owning a gun"),
    P("gun_keep", 0.85, 0.0, 1.0, "probability", "arms", "an owner keeps the gun at a review"),
    P("gun_share", 0.10, 0.0, 0.6, "probability", "arms", "an adult newcomer, or somebody reviewing, owns a gun"),
    P("gun_young", 0.4, 0.0, 1.0, "probability", "arms",
      "added for men under 30 on a block of disadvantage 1", ("L26",), "a purposive sample"),
    P("gun_young_start", 0.6, 0.0, 1.0, "probability", "start",
      "the same at the build, for men of 16 to 29", ("L26",)),
    P("network_cap", 1000.0, 1.0, 10000.0, "propensity", "start",
      "propensity counts up to this in who is inside the recorded network", ("H09",)),
    P("gun_propensity", 0.6, 0.0, 0.9, "probability", "arms", "added at the highest propensity", ("L26",)),
    P("retire_age", 32.0, 24.0, 45.0, "years", "gangs", "from this age a driver of violence hands over", ("L23",)),
    P("succession_any", 0.2, 0.0, 2.0, "per year", "gangs",
      "attempts to hand over at any age: a driver's career is some years", ("L23",)),
    P("succession_age", 0.35, 0.05, 2.0, "per year", "gangs", "attempts to hand over by those past that age"),
    P("succession_death", 6.0, 0.5, 52.0, "per year", "gangs", "attempts to fill the role of one who died or left"),
    P("succession_jail", 0.3, 0.0, 4.0, "per year", "gangs", "attempts to fill the role of one in jail"),
    P("gang_leave", 0.20, 0.02, 0.6, "per member and year", "gangs", "members who leave (higher above 25)", ("L25",)),
    P("gang_recruit", 8.0, 0.1, 20.0, "per empty place and year", "gangs", "attempts to recruit into an empty place"),
]  # fmt: skip
