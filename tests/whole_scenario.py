"""A scenario with every kind of entry, and the policy that it names."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import sim.policies

WHOLE = """\
name = "whole"
about = 'every kind of entry, "quoted"\t'

[city]
name = "village"

[run]
start = 2024-03-01
years = 2
burn_in_years = 1
headlines = ["homicides", "stops"]

[parameters]
bad_good_ratio = 7

[hypotheses]
violence = "rivalry"

[[policy]]
name = "mentors"
start = 2024-04-01
end = 2025-01-01
places = 12
share = 1

[[policy]]
name = "mentors"
start = -20
kind = "slow"

[[incident]]
day = 2024-05-01
salience = 0.8
"""


@dataclass(frozen=True)
class Mentors:
    """A policy with a setting of each kind."""

    places: int = 20
    share: float = 0.5
    kind: str = "quick"
    on: bool = True
    areas: tuple[str, ...] = ()
    limit: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is {self.share}; expected 0 to 1")


def with_mentors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `mentors` among the policies of this test."""
    known = {**sim.policies.registry(), "mentors": Mentors}
    monkeypatch.setattr(sim.policies, "registry", lambda: known)
