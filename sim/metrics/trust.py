"""Trust and the record: who reports, and how far apart the groups stand."""

from __future__ import annotations

import pandas as pd

from sim.metrics.base import Result, share


class ReportingShare:
    """Share of violent victimisations that police hear of [L07]."""

    name = "violent_reporting_share"
    unit = "share"

    def measure(self, result: Result) -> float:
        rows = result.recorded
        return share(
            float(rows["violent_reported"].sum()),
            float(rows["violent_victimisations_surveyed"].sum()),
        )


class GunfireCallShare:
    """Share of gunfire that hit nobody which is called in [L10]."""

    name = "gunfire_call_share"
    unit = "share"

    def measure(self, result: Result) -> float:
        return share(
            float(result.recorded["gunfire_reported"].sum()),
            float(result.weekly["gunfire_incidents"].sum()),
        )


class LegitimacyGap:
    """Mean legitimacy of the most minus the least trusting group, over the run [S14]."""

    name = "legitimacy_gap"
    unit = "0 to 1"

    def measure(self, result: Result) -> float:
        level = legitimacy_by_group(result)
        return float(level.max() - level.min()) if len(level) else float("nan")


class LegitimacyByArea:
    """Mean legitimacy and homicides per 100,000 residents and year of each area [M05]."""

    name = "legitimacy_by_area"
    unit = "0 to 1"

    def measure(self, result: Result) -> pd.DataFrame:
        rows = result.areas[result.areas["population"] > 0]
        rows = rows.assign(trust=rows["legitimacy"] * rows["population"])
        total = rows.groupby("area", observed=True)[["trust", "homicides", "population"]].sum()
        years = total["population"] * 7.0 / 365.25
        return pd.DataFrame(
            {
                "legitimacy": total["trust"] / total["population"],
                "homicide_rate": 1e5 * total["homicides"] / years,
            }
        ).reset_index()


def legitimacy_by_group(result: Result) -> pd.Series[float]:
    """Mean over weeks and residents of each group that has residents."""
    rows = result.groups[result.groups["population"] > 0]
    rows = rows.assign(trust=rows["legitimacy"] * rows["population"])
    total = rows.groupby("group", observed=True)[["trust", "population"]].sum()
    return total["trust"] / total["population"]
