"""Contacts with police: how many, what they find, how they end, and for whom."""

from __future__ import annotations

import pandas as pd

from sim.metrics.base import Result, share


class StopRate:
    """Police-initiated stops per resident and year [L16]."""

    name = "stop_rate"
    unit = "per resident a year"

    def measure(self, result: Result) -> float:
        weekly = result.weekly
        person_years = float(weekly["population"].sum()) * 7.0 / 365.25
        return share(float(weekly["stops"].sum()), person_years)


class GunsPerStop:
    """Guns found per stop: falls as the volume of stops rises [S30]."""

    name = "guns_per_stop"
    unit = "guns"

    def measure(self, result: Result) -> float:
        weekly = result.weekly
        return share(float(weekly["guns_found"].sum()), float(weekly["stops"].sum()))


class StopDisparity:
    """Stops per resident, most over least stopped group [S10, L16]."""

    name = "stop_disparity"
    unit = "ratio"

    def measure(self, result: Result) -> float:
        rates = by_group(result)["stops_per_1000_year"]
        return share(float(rates.max()), float(rates.min())) if len(rates) else float("nan")


class ContactsByGroup:
    """Stops, force and arrests per 1,000 residents and year, by group."""

    name = "contacts_by_group"
    unit = "per 1,000 a year"

    def measure(self, result: Result) -> pd.DataFrame:
        return by_group(result).reset_index()


def by_group(result: Result) -> pd.DataFrame:
    """One row per group that has residents."""
    total = result.groups.groupby("group", observed=True)[
        ["stops", "force", "arrests", "population"]
    ].sum()
    total = total[total["population"] > 0]
    years = total["population"] * 7.0 / 365.25
    return pd.DataFrame(
        {
            f"{name}_per_1000_year": 1000.0 * total[name] / years
            for name in ("stops", "force", "arrests")
        }
    )
