"""Every measure by name: importing the modules that define them fills the registry."""

from experiments.facts import beliefs, cases, networks, shocks, space
from experiments.facts.measure import MEASURES

__all__ = ["MEASURES", "beliefs", "cases", "networks", "shocks", "space"]
