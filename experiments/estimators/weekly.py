"""Weekly rhythm: dispersion beyond Poisson after year and season, memory from week to week, the
summer peak.

After year effects and two harmonics of the year, incidents of real cities are nearly Poisson by
week (Pearson chi-square over degrees of freedom near 1): a simulated city that boils over isn't one
of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from experiments.estimators import glm

Floats = NDArray[np.float64]


class Rhythm(NamedTuple):
    """Dispersion (1 = Poisson), autocorrelation by lag (shape (lags,)), and the residuals."""

    dispersion: float
    memory: Floats
    residuals: Floats


def weekly_counts(day: ArrayLike, first_day: int, last_day: int) -> Floats:
    """Counts in whole weeks from `first_day`; a last part of a week is left out."""
    weeks = (last_day - first_day + 1) // 7
    week = (np.asarray(day).astype(np.int64) - first_day) // 7
    inside = (week >= 0) & (week < weeks)
    return np.bincount(week[inside], minlength=weeks).astype(np.float64)


def rhythm(counts: ArrayLike, first_date: str | pd.Timestamp, lags: int = 8) -> Rhythm:
    """Poisson fit with year effects and two harmonics of the year; what is left of weekly
    counts."""
    y = np.asarray(counts, dtype=np.float64)
    middle = pd.Timestamp(first_date) + pd.to_timedelta(7 * np.arange(len(y)) + 3, unit="D")
    angle = 2.0 * np.pi * middle.day_of_year.to_numpy() / 365.25
    years = pd.get_dummies(middle.year).to_numpy(dtype=np.float64)
    waves = [f(k * angle) for k in (1, 2) for f in (np.sin, np.cos)]
    design = np.column_stack([years, *waves])
    fit = glm.poisson(design, y)
    residuals = (y - fit.mean) / np.sqrt(np.clip(fit.mean, 1e-9, None))
    free = len(y) - design.shape[1]
    centred = residuals - residuals.mean()
    power = float(np.sum(centred**2))
    memory = [np.sum(centred[k:] * centred[:-k]) / power for k in range(1, lags + 1)]
    return Rhythm(float(np.sum(residuals**2) / free), np.array(memory), residuals)


def summer_winter(dates: pd.DatetimeIndex, window: tuple[str, str]) -> tuple[float, float]:
    """(events per day in June to August, events per day in December to February) within
    `window`."""
    calendar = pd.date_range(*window).month
    months = dates.month
    summer, winter = (6, 7, 8), (12, 1, 2)
    rates = []
    for season in (summer, winter):
        days = int(np.isin(calendar, season).sum())
        rates.append(float(np.isin(months, season).sum()) / days if days else float("nan"))
    return rates[0], rates[1]
