"""The evidence ledger: what studies found, how strong they are, and who disputes them.

Parameters and policies name rows by id. A row states what was seen somewhere, once; it is never an
outcome that the model is told to produce.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sim.errors import UserError
from sim.words import nearest

STRENGTHS = ("experiment", "quasi", "descriptive", "advocacy", "none")
"""Strongest first: randomised; natural experiment; observed; published by a campaign; nothing."""
CHECKED = ("verified", "not re-checked")
LABEL = "text: "
"""Begins a value that is no single number."""


@dataclass(frozen=True)
class Evidence:
    """One row of the ledger.

    >>> get("L17").strength
    'descriptive'
    """

    id: str
    topic: str
    quantity: str
    value: float | str
    """A number in `unit`, or words where one number would mislead."""
    low: float | None
    high: float | None
    unit: str
    where_when: str
    source: str
    strength: str
    contested_by: str
    checked: str

    @property
    def contested(self) -> bool:
        """Whether anyone is known to dispute it."""
        return bool(self.contested_by)


@cache
def ledger() -> dict[str, Evidence]:
    """Every row by id, in the file's order."""
    text = resources.files(__name__).joinpath("ledger.csv").read_text(encoding="utf-8")
    rows = [_row(cells) for cells in csv.DictReader(text.splitlines())]
    out = {row.id: row for row in rows}
    if len(out) != len(rows):
        raise ValueError("ledger.csv: an id stands twice")
    return out


def get(row_id: str) -> Evidence:
    """The row with that id; UserError, with the nearest id, where there is none."""
    found = ledger().get(row_id.strip().upper())
    if found is None:
        raise UserError(f"no evidence {row_id!r}{nearest(row_id.upper(), ledger())}")
    return found


def _row(cells: dict[str, str]) -> Evidence:
    value = cells["value"]
    return Evidence(
        id=cells["id"],
        topic=cells["topic"],
        quantity=cells["quantity"],
        value=value.removeprefix(LABEL) if value.startswith(LABEL) else float(value),
        low=float(cells["low"]) if cells["low"] else None,
        high=float(cells["high"]) if cells["high"] else None,
        unit=cells["unit"],
        where_when=cells["where_when"],
        source=cells["source"],
        strength=cells["strength"],
        contested_by=cells["contested_by"],
        checked=cells["checked"],
    )
