"""What a city's list of victims is once read: `Events`, and `Reading`, the account of its rows.

Person ids are random codes without meaning by the time they get here; nothing but counts of people
leaves this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

EXAMPLES = 3


@dataclass(frozen=True)
class Named:
    """Who is named in which case, as codes without meaning: for overlap of people only."""

    case: Ints
    person: Ints
    suspect: Flags
    day: Ints
    x_m: Floats
    y_m: Floats


@dataclass(frozen=True)
class Events:
    """One row per victim, in order of day. What a source doesn't hold is None."""

    kind: str
    """"homicides": victims who died, by any means; "shootings": people shot."""
    day: Ints
    """Days since 1 January 1970."""
    x_m: Floats
    y_m: Floats
    """Metres; NaN where the place isn't known."""
    fatal: Flags | None = None
    cleared: Floats | None = None
    """1 cleared, 0 open, NaN unknown."""
    wait_days: Floats | None = None
    """Days to the arrest; NaN where there was none."""
    group: Ints | None = None
    """Index into `group_names`; -1 unknown."""
    group_names: tuple[str, ...] = ()
    named: Named | None = None
    lat: Floats | None = None
    lon: Floats | None = None

    def __len__(self) -> int:
        return len(self.day)


@dataclass
class Reading:
    """What became of each row of the file."""

    file: str
    rows: int = 0
    victims: int = 0
    left_out: int = 0
    """Rows that keep and drop, or the role victim, leave out as asked."""
    without_place: int = 0
    rejected: dict[str, list[Any]] = field(default_factory=dict)
    """Reason -> [count, examples]."""
    notes: list[str] = field(default_factory=list)

    def reject(self, reason: str, lines: Ints, values: Sequence[str] | None = None) -> None:
        """Count rows at these lines of the file; `values` are shown unless they may name people."""
        if not len(lines):
            return
        shown = [
            f"line {line}" + (f" ({str(values[i])[:30]!r})" if values is not None else "")
            for i, line in enumerate(lines[:EXAMPLES].tolist())
        ]
        entry = self.rejected.setdefault(reason, [0, []])
        entry[0] += len(lines)
        entry[1] = (entry[1] + shown)[:EXAMPLES]

    @property
    def rejected_rows(self) -> int:
        return sum(int(count) for count, _ in self.rejected.values())

    def said(self) -> list[str]:
        """The account in words, a line per reason."""
        lines = [
            f"{self.file}: {self.rows:,} rows; {self.victims:,} victims read,"
            f" {self.left_out:,} rows left out as asked, {self.rejected_rows:,} rejected"
        ]
        for reason, (count, examples) in self.rejected.items():
            lines.append(f"rejected {count:,}: {reason}; e.g. {', '.join(examples)}")
        if self.without_place:
            lines.append(
                f"{self.without_place:,} victims without a place count in totals, not on maps"
            )
        return [*lines, *self.notes]
