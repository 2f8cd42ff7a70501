"""Violence of the true world: level, lethality, substitution of guns, and how much is
retaliation."""

from __future__ import annotations

from sim.metrics.base import Result, share


class HomicideRate:
    """Homicides per 100,000 residents and year [L20]."""

    name = "homicide_rate"
    unit = "per 100,000 a year"

    def measure(self, result: Result) -> float:
        weekly = result.weekly
        person_years = float(weekly["population"].sum()) * 7.0 / 365.25
        return 1e5 * share(float(weekly["homicides"].sum()), person_years)


class Lethality:
    """Share of people shot who die of it [L17]."""

    name = "lethality"
    unit = "share"

    def measure(self, result: Result) -> float:
        weekly = result.weekly
        return share(float(weekly["gun_deaths"].sum()), float(weekly["persons_shot"].sum()))


class NonGunShare:
    """Share of homicides without a gun: shows whether people turn to other weapons."""

    name = "nongun_share_of_homicides"
    unit = "share"

    def measure(self, result: Result) -> float:
        weekly = result.weekly
        return share(float(weekly["nongun_deaths"].sum()), float(weekly["homicides"].sum()))


class RetaliatoryShare:
    """Share of shooting incidents that answer a grievance [S05]."""

    name = "retaliatory_share"
    unit = "share"

    def measure(self, result: Result) -> float:
        weekly = result.weekly
        return share(
            float(weekly["retaliatory_incidents"].sum()), float(weekly["shooting_incidents"].sum())
        )


class VictimsPerIncident:
    """People shot per shooting incident."""

    name = "victims_per_incident"
    unit = "people"

    def measure(self, result: Result) -> float:
        weekly = result.weekly
        return share(float(weekly["persons_shot"].sum()), float(weekly["shooting_incidents"].sum()))


class NearHomeShare:
    """Share of people shot within 250 m of home [H11]."""

    name = "near_home_share"
    unit = "share"

    def measure(self, result: Result) -> float:
        rows = result.events[result.events["kind"] == "shooting"]
        return share(float((rows["home_m"] <= 250.0).sum()), float(len(rows)))
