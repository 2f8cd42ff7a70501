"""Estimators of the patterns that a credible city shows: pure functions of arrays and tables.

The same function is applied to a real city's event list and to a simulated one, so a difference
between the two is a difference between the cities and never between two ways of counting.
Coordinates are metres, days are whole days, and whatever is random takes a NumPy generator from the
caller.
"""
