"""What a city is called and shaped like: names, grid, group traits, what was assumed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError


@dataclass(frozen=True)
class GroupTrait:
    """How a named group of residents lives and is treated; the city file may change any of it.

    >>> GroupTrait("white", share=0.4).stop_ratio
    1.0
    """

    name: str
    share: float = 0.0
    """Share of residents, synthetic cities only (an import counts them)."""
    burden: float = 0.0
    """Pull towards disadvantaged places in a synthetic city, -1 to 1."""
    confidence: float = 0.5
    """Mean starting belief that police treat people justly, 0..1 [S14]."""
    effectiveness: float = 0.5
    """Mean starting belief that police protect, 0..1."""
    stop_ratio: float = 1.0
    """Police-initiated contacts relative to the least stopped group [L15, S10]."""
    force_ratio: float = 1.0
    """Force per contact relative to the least affected group [L15]."""
    media_reach: float = 0.5
    """How strongly a publicised incident reaches the group, 0..1 [S14]."""
    enforcement: float = 0.0
    """Threat of immigration enforcement felt by the exposed, 0..1 [M03]."""
    exposed: float = 0.0
    """Share of households that live with that threat."""
    officer_share: float = 0.0
    """Share of sworn officers."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise UserError(f"a group's name is {self.name!r}; expected text")
        for trait in fields(self)[1:]:
            value = getattr(self, trait.name)
            low, high = _RANGES.get(trait.name, (0.0, 1.0))
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not low <= value <= high:
                raise UserError(
                    f"group {self.name!r}: {trait.name} is {value!r}; expected {low:g} to {high:g}"
                )


_RANGES = {"burden": (-1.0, 1.0), "stop_ratio": (0.1, 50.0), "force_ratio": (0.1, 50.0)}


@dataclass(frozen=True)
class Geography:
    """The fixed facts of a built city that tables and maps need.

    `polygons[a]` lists the rings of area a, each (k, 2) metres with y up and the origin at the
    south-west corner of the grid; None where the city has no polygons of its own.
    """

    name: str
    area_names: list[str]
    group_names: list[str]
    width: int
    height: int
    block_m: float
    groups: tuple[GroupTrait, ...]
    polygons: list[list[NDArray[np.float64]]] | None = None
    notes: list[str] = field(default_factory=list)
    """Defaults taken, people moved, and other things the reader of a result should know."""
    targets: dict[str, list[float]] = field(default_factory=dict)
    """What an import says of each area, e.g. homicides a year; empty for synthetic cities."""

    @property
    def provenance(self) -> list[str]:
        """The same as `notes`."""
        return self.notes
