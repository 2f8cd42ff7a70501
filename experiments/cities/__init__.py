"""Real cities: their own event files, the figures these hold, a fit to them, and a held-out test.

`events` reads a file of victims or incidents, `figures` measures them (by the same functions that
measure a simulated city), `targets` keeps the figures beside the city file, `points` makes areas
where there are no polygons, `fitting` moves a few parameters, `forecast` holds the fit against the
last year and against naive forecasts.
"""
