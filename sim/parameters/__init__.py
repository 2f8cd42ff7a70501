"""Every parameter once: unit, default, plausible range, the process that reads it, and its evidence.

Families live in files beside this one (`violence.py`, `policing.py`, ...), each a list called ROWS.
The ranges double as priors for sensitivity analysis and calibration. A default that no study backs
has no evidence id and says what assumption it makes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np


@dataclass(frozen=True)
class Parameter:
    """One number that a scenario may set.

    >>> Parameter("fear_half_life", 90.0, 30.0, 365.0, "days", "fear", "how long fear lasts").default
    90.0
    """

    name: str
    default: float
    low: float
    high: float
    unit: str
    process: str
    meaning: str
    evidence: tuple[str, ...] = ()
    """Ids of rows of the evidence ledger; empty: an assumption."""
    contested: str = ""
    """Who disputes it, in a few words; empty: nobody we know of."""

    def __post_init__(self) -> None:
        if not (self.low <= self.default <= self.high):
            raise ValueError(
                f"parameter {self.name}: default {self.default} is outside {self.low}..{self.high}"
            )

    @property
    def strength(self) -> str:
        """ "assumption" where no evidence is named, else "evidence"."""
        return "evidence" if self.evidence else "assumption"


@cache
def all_parameters() -> dict[str, Parameter]:
    """Every declared parameter by name, families in alphabetical order."""
    found: dict[str, Parameter] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        for row in importlib.import_module(f"{__name__}.{module}").ROWS:
            if row.name in found:
                raise ValueError(f"parameter {row.name} is declared twice")
            found[row.name] = row
    return found


@cache
def dtype() -> np.dtype:
    """The record that compiled code reads: one float64 per parameter."""
    return np.dtype([(name, "f8") for name in all_parameters()], align=True)


def record(values: Mapping[str, float] | None = None) -> np.ndarray:
    """One record (shape (1,)) with every default, overridden by `values`.

    Raises KeyError for a name that is not a parameter.
    """
    out = np.zeros(1, dtype=dtype()).view(np.recarray)
    for name, row in all_parameters().items():
        out[name][0] = row.default
    for name, value in (values or {}).items():
        if name not in all_parameters():
            raise KeyError(name)
        out[name][0] = value
    return out
