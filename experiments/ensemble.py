"""Sets of parameter values: read from an ensemble's table, or drawn from the declared ranges.

An ensemble is a CSV or Parquet table, one row per set: a column per parameter, or per setting of a
policy written `policy.setting`, and perhaps `weight`. `peel calibrate` writes such tables; those
that ship with Peel are called by their name (`experiments/ensembles/NAME.csv` or `.parquet`). Any
other column is refused, unless it starts with `fit.` or is one of `IGNORED`.

Without a table, values come from the declared ranges by a Latin hypercube (McKay, Beckman &
Conover 1979, Technometrics 21(2):239-245) whose seed is kept: as even in each number as can be, and
otherwise independent. (With a few dozen sets of hundreds of numbers a Sobol sequence moves whole
groups of them together, so that what drives a result could not be told from its companions.)
A range is not a distribution; ours is the least that respects it: half of the mass on either side
of the default, falling linearly to nothing at the range's ends, on a log scale where the ends
differ tenfold or more. So the default is the median, and the ends are the last values that anybody
would defend.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UserError
from sim.words import nearest

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
IGNORED = frozenset({"weight", "draw", "set", "rank", "seed", "distance", "accepted"})
FACTS = frozenset({"city"})
"""Processes whose parameters are facts of a place, which its file gives: never drawn."""
CHOICES = frozenset({"programme_hours", "programme_budget"})
"""What a council decides is not uncertain."""
_TENFOLD = 10.0


@dataclass(frozen=True)
class Range:
    """A number that may vary: a parameter, or `policy.setting`.

    >>> Range("retaliation", 5.0, 0.0, 8.0).at(0.5)
    5.0
    """

    name: str
    default: float
    low: float
    high: float

    def at(self, u: float) -> float:
        """The quantile `u`, 0 < u < 1; the default at 0.5."""
        if u < 0.5:
            return self._between(self.low, math.sqrt(2.0 * u))
        return self._between(self.high, math.sqrt(2.0 * (1.0 - u)))

    def place(self, value: float) -> float:
        """The quantile of `value`: the inverse of `at`.

        >>> Range("retaliation", 5.0, 0.0, 8.0).place(5.0)
        0.5
        """
        below = value <= self.default
        end = self.low if below else self.high
        if end == self.default:
            return 0.5
        if self._logged:
            inward = math.log(value / end) / math.log(self.default / end)
        else:
            inward = (value - end) / (self.default - end)
        mass = 0.5 * min(max(inward, 0.0), 1.0) ** 2
        return mass if below else 1.0 - mass

    def share(self, value: float) -> float:
        """How far through the range `value` is, 0 to 1, on the range's own scale."""
        if self._logged:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    @property
    def _logged(self) -> bool:
        return self.low > 0.0 and self.high >= _TENFOLD * self.low

    def _between(self, end: float, inward: float) -> float:
        """`inward` 0 at the range's end, 1 at the default."""
        if self._logged:
            value = math.exp(math.log(end) + inward * math.log(self.default / end))
        else:
            value = end + inward * (self.default - end)
        return min(max(value, self.low), self.high)  # rounding may step over an end


@dataclass(frozen=True)
class Draw:
    """One set of values: parameters by name, settings by `policy.setting`."""

    parameters: dict[str, float] = field(default_factory=dict)
    settings: dict[str, float] = field(default_factory=dict)
    weight: float = 1.0


def ranges(policies: Iterable[str] = (), fixed: Iterable[str] = ()) -> list[Range]:
    """Every parameter and lever that may vary, those named in `fixed` left out.

    Left out too: facts of the place, what a council chooses, and reference levels, which only fix
    the unit that another parameter is counted in. A policy's levers come under its settings' names.
    """
    from sim.parameters import all_parameters
    from sim.policies import registry

    left_out = set(fixed) | CHOICES
    out = [
        Range(row.name, row.default, row.low, row.high)
        for row in all_parameters().values()
        if row.low < row.high
        and row.process not in FACTS
        and row.name not in left_out
        and "reference" not in row.name.split("_")
    ]
    for policy in dict.fromkeys(policies):
        kind = registry()[policy]
        for lever, setting in kind.moves.items():
            default, low, high = kind.levers[lever]
            name = f"{policy}.{setting}"
            if low < high and name not in left_out:
                out.append(Range(name, default, low, high))
    return out


def from_ranges(rows: list[Range], count: int, seed: int | tuple[int, int]) -> list[Draw]:
    """`count` sets by a Latin hypercube in as many dimensions as there are rows."""
    points = uniforms(len(rows), count, seed)
    return [
        _draw({row.name: row.at(u) for row, u in zip(rows, point, strict=True)}) for point in points
    ]


def uniforms(dimensions: int, count: int, seed: int | tuple[int, int]) -> Floats:
    """A Latin hypercube, shape (count, dimensions), strictly between 0 and 1."""
    from scipy.stats import qmc

    if dimensions == 0:
        return np.zeros((count, 0))
    rng = np.random.Generator(np.random.PCG64(seed))
    points = qmc.LatinHypercube(dimensions, rng=rng).random(count)
    return np.asarray(np.clip(points, 1e-9, 1.0 - 1e-9), dtype=np.float64)


def read(source: str | Path, policies: Iterable[str] = ()) -> list[Draw]:
    """The sets of an ensemble's table: a path, or the name of one that ships with Peel.

    Raises UserError: no such table, an unknown column, a value that is missing or outside its
    range, weights that are negative or all zero, no rows.
    """
    path = find(source)
    table = _table(path)
    known = {row.name: row for row in _everything(tuple(policies))}
    columns = [c for c in table.columns if c not in IGNORED and not str(c).startswith("fit.")]
    if not columns or not len(table):
        raise UserError(f"{path}: no sets in it: expected a column per parameter, a row per set")
    for column in columns:
        if column not in known:
            raise UserError(
                f"{path}: column {column!r} is no parameter{nearest(str(column), list(known))}; "
                "columns that describe the fit start with `fit.`"
            )
        _check_column(path, table[column], known[column])
    weights = _weights(path, table)
    return [
        _draw({c: float(table[c].iloc[i]) for c in columns}, float(weights[i]))
        for i in range(len(table))
        if weights[i] > 0.0
    ]


def find(source: str | Path) -> Path:
    """Where the table is. Raises UserError where there is none."""
    path = Path(source)
    if path.is_file():
        return path
    names = shipped()
    if str(source) in names:
        return names[str(source)]
    raise UserError(
        f"ensemble {str(source)!r}: no such file, and none of that name ships with Peel "
        f"({', '.join(names) or 'none does'}){nearest(str(source), list(names))}"
    )


def folder() -> Path:
    """Where the tables are that ship with Peel."""
    return Path(str(resources.files("experiments"))) / "ensembles"


def shipped() -> dict[str, Path]:
    """Name -> path of the tables that ship with Peel; a city's own bears the city's name."""
    if not folder().is_dir():
        return {}
    found = (p for p in sorted(folder().iterdir()) if p.suffix in (".csv", ".parquet"))
    return {path.stem: path for path in found}


def picked(draws: list[Draw], count: int, seed: int) -> list[Draw]:
    """`count` of the sets in proportion to their weights: systematic sampling, one keyed start.

    Each is then as good as any other, so their weights are 1.
    """
    total = np.cumsum([draw.weight for draw in draws])
    start = float(uniforms(1, 1, seed)[0, 0])
    places = np.searchsorted(total, (np.arange(count) + start) / count * total[-1], side="right")
    return [
        Draw(draws[i].parameters, draws[i].settings)
        for i in np.minimum(places, len(draws) - 1).tolist()
    ]


# --- inside -----------------------------------------------------------------------------------


def _draw(values: Mapping[str, float], weight: float = 1.0) -> Draw:
    return Draw(
        {k: v for k, v in values.items() if "." not in k},
        {k: v for k, v in values.items() if "." in k},
        weight,
    )


@cache
def _everything(policies: tuple[str, ...]) -> list[Range]:
    from sim.parameters import all_parameters

    rows = [Range(p.name, p.default, p.low, p.high) for p in all_parameters().values()]
    return rows + [r for r in ranges(policies) if "." in r.name]


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, comment="#")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: can't be read as a table ({error})") from None


def _check_column(path: Path, column: Any, row: Range) -> None:
    if column.dtype.kind not in "iuf":
        raise UserError(f"{path}: column {row.name!r} holds something other than numbers")
    values = column.to_numpy(dtype=np.float64)
    bad = ~((values >= row.low) & (values <= row.high))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise UserError(
            f"{path}: row {first + 1}: {row.name} = {values[first]:g}: expected {row.low:g} to "
            f"{row.high:g}"
        )


def _weights(path: Path, table: pd.DataFrame) -> Floats:
    if "weight" not in table.columns:
        return np.ones(len(table))
    if table["weight"].dtype.kind not in "iuf":
        raise UserError(f"{path}: column 'weight' holds something other than numbers")
    weights = table["weight"].to_numpy(dtype=np.float64)
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0.0:
        raise UserError(f"{path}: weights must be 0 or more, and not all 0")
    return weights
