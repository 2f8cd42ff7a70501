"""How a city is laid out: markets, gangs' turf, beats, and how violence leans to disadvantage."""

from sim.parameters import Parameter as P

ROWS: list[P] = [
    P("violence_gradient", 4.5, 0.0, 8.0, "log per unit", "city",
      "log of an area's violence per unit of its disadvantage (0..1); an import's own record, if "
      "there is one, corrects it", ("L18", "L21", "H08"),
      "how much is place and how much is who lives there is disputed"),
    P("violence_by_people", 0.5, 0.0, 1.0, "share", "city",
      "share of an area's (log) excess of violence carried by its residents' propensity; the rest "
      "is the place's own weight"),
    P("violence_pseudo_events", 10.0, 0.0, 100.0, "events", "city",
      "weight of the prediction from disadvantage against an area's recorded events (shrinkage)"),
    P("market_block_share", 0.035, 0.0, 0.3, "share of blocks", "city",
      "blocks with an illicit market, mostly in poor areas", ("H08",)),
    P("market_sigma", 1.0, 0.0, 2.0, "log sd", "city", "spread of market activity between blocks"),
    P("vacant_lots", 4.0, 0.0, 20.0, "lots per block", "city",
      "vacant lots on a block of disadvantage 1 (few below 0.3)", ("P26",)),
    P("turf_blocks_per_member", 0.25, 0.02, 2.0, "blocks", "city",
      "size of a gang's turf per member: 28 members hold about 7 blocks", ("L24",)),
    P("people_per_beat", 9500.0, 2000.0, 40000.0, "residents", "city",
      "residents of a police beat, where there are officers enough to staff it", ("L34",)),
    P("officers_per_1000", 2.5, 0.5, 8.0, "per 1,000 residents", "city",
      "sworn officers; a city file's own figure holds while this is at its default", ("L34",)),
    P("detective_share", 0.06, 0.0, 0.4, "share", "city",
      "detectives among sworn officers", ("L34",)),
    P("vacancy_share", 0.05, 0.0, 0.5, "share", "city",
      "vacant patrol posts on top of the officers in service"),
]
