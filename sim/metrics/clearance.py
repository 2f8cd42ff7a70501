"""Clearance: how many shootings end in an arrest within a year of it.

Only shootings with a whole year of follow-up count, so a run's last months don't look unsolved.
Censored cases are used too by the Kaplan-Meier estimates of `peel validate`.
"""

from __future__ import annotations

import pandas as pd

from sim.metrics.base import Result, share

FOLLOW_UP_DAYS = 365


def followed(result: Result) -> pd.DataFrame:
    """Shootings (one row per person shot) with a year to come, and `cleared` within it."""
    rows = result.events[result.events["kind"] == "shooting"]
    last = 7 * len(result.weekly["week"].unique()) - 1
    rows = rows[rows["day"] + FOLLOW_UP_DAYS <= last]
    wait = rows["cleared_day"] - rows["day"]
    return rows.assign(cleared=(rows["cleared_day"] >= 0) & (wait <= FOLLOW_UP_DAYS))


class FatalClearance:
    """Share of fatal shootings cleared by arrest within a year [L03]."""

    name = "fatal_clearance"
    unit = "share"

    def measure(self, result: Result) -> float:
        rows = followed(result)
        fatal = rows[rows["fatal"].astype(bool)]
        return share(float(fatal["cleared"].sum()), float(len(fatal)))


class NonfatalClearance:
    """Share of non-fatal shootings cleared by arrest within a year [L03, L06]."""

    name = "nonfatal_clearance"
    unit = "share"

    def measure(self, result: Result) -> float:
        rows = followed(result)
        hurt = rows[~rows["fatal"].astype(bool)]
        return share(float(hurt["cleared"].sum()), float(len(hurt)))


class ClearanceByGroup:
    """Cases and clearance within a year by the victim's group, fatal and not [L02]."""

    name = "clearance_by_group"
    unit = "share"

    def measure(self, result: Result) -> pd.DataFrame:
        rows = followed(result)
        table = rows.groupby(["target_group", "fatal"], observed=True).agg(
            cases=("cleared", "size"), cleared=("cleared", "mean")
        )
        return table.reset_index()
