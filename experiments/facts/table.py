"""The table of facts, read from `facts.toml` and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

Range = tuple[float | None, float | None]
"""Accepted values; None leaves a side open."""


@dataclass(frozen=True)
class Part:
    """One number of a fact: how it is measured and what is accepted."""

    fact: str
    name: str
    measure: str
    about: str
    unit: str
    target: float | str
    accept: Range
    pooled: bool
    design: str
    by: Mapping[str, Range] = field(default_factory=dict)
    """"question=theory" -> the range that this theory predicts instead."""

    def accepted(self, hypotheses: Mapping[str, str]) -> Range:
        """The range in force under `hypotheses` (question -> theory).

        >>> part = facts()[17].parts[1]
        >>> part.accepted({}), part.accepted({"violence": "background"})
        ((0.15, 0.25), (0.0, 0.15))
        """
        for question, theory in hypotheses.items():
            if f"{question}={theory}" in self.by:
                return self.by[f"{question}={theory}"]
        return self.accept


@dataclass(frozen=True)
class Fact:
    """A pattern of real cities, in one or more parts that must all hold."""

    rank: int
    name: str
    about: str
    evidence: tuple[str, ...]
    parts: tuple[Part, ...]
    unmet: str = ""
    """Where a miss is known: why it misses, and what that means for who uses the model."""


@cache
def facts() -> tuple[Fact, ...]:
    """All facts in order of rank.

    >>> len(facts())
    28
    """
    text = resources.files(__package__).joinpath("facts.toml").read_text(encoding="utf-8")
    return tuple(_fact(row) for row in tomllib.loads(text)["fact"])


def _fact(row: Mapping[str, Any]) -> Fact:
    design = row.get("design", "plain")
    parts = tuple(
        Part(
            fact=row["name"],
            name=part["part"],
            measure=part["measure"],
            about=part["about"],
            unit=part["unit"],
            target=part["target"],
            accept=_range(part["accept"]),
            pooled=part.get("pool", "pooled") == "pooled",
            design=part.get("design", design),
            by={theory: _range(span) for theory, span in part.get("by", {}).items()},
        )
        for part in row["parts"]
    )
    return Fact(
        row["rank"],
        row["name"],
        row["about"],
        tuple(row["evidence"]),
        parts,
        row.get("unmet", ""),
    )


def _range(span: list[Any]) -> Range:
    low, high = (None if end == "none" else float(end) for end in span)
    return low, high
