"""Programmes: what they share, whoever runs them."""

from sim.parameters import Parameter as P

ROWS = [
    P("programme_hours", 0.1, 0.0, 0.5, "share", "programmes",
      "officers' hours that all programmes and courses together may take in a week"),
    P("programme_budget", 10000.0, 0.0, 10000.0, "dollars per resident and year", "programmes",
      "what all programmes together may plan to spend (the default is no limit)"),
    P("targeting_error", 1.0, 0.0, 4.0, "factor", "programmes",
      "multiplier of the error with which every programme ranks people and places"),
]  # fmt: skip
