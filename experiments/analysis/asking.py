"""The same questions of a sweep's folder: which outcome, of which runs, against which factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.analysis import sensitivity
from experiments.analysis.sensitivity import Indices
from experiments.sweep.reading import Sweep
from sim.errors import UserError
from sim.words import nearest

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cases:
    """One row per sampled point: its factors, and one column per seed of the outcome."""

    factors: pd.DataFrame
    """Columns without `param.`; in the design's own units."""
    values: Floats
    """(points, seeds); NaN where a run is missing or failed."""
    outcome: str

    @property
    def missing(self) -> int:
        return int((~np.isfinite(self.values)).sum())

    @property
    def means(self) -> Floats:
        """Raises UserError where any run is missing."""
        means: Floats = sensitivity.whole(self.values, self.outcome).mean(axis=1)
        return means


def cases(sweep: Sweep, outcome: str, effect: str | None = None, relative: bool = False) -> Cases:
    """An outcome over the points of a sweep, or the effect on it of a crossed factor of two values
    (paired by seed; `relative`: as a share of the mean without it over the whole design).

    Raises UserError for unknown names, and for crossed factors that `effect` leaves open.
    """
    design = sweep.design
    crossed = [f for f in design.factors if f.cross]
    name = None if effect is None else effect.removeprefix("param.")
    if name is not None and name not in [f.name for f in crossed if len(f.values) == 2]:
        raise UserError(
            f"--effect {effect}: expected a crossed factor of two values"
            f"{nearest(name, [f.name for f in crossed])}"
        )
    crossed_open = [f.name for f in crossed if f.name != name]
    arms = 1
    for f in crossed:
        arms *= len(f.values)
    column = f"out.{outcome.removeprefix('out.')}"
    _check_outcome(sweep, column)
    runs = sweep.table(["run", "status", column])
    values = np.full(design.runs, np.nan)
    fine = np.asarray(runs.column("status").to_pandas() == "ok")
    numbers = runs.column("run").to_numpy()
    values[numbers[fine]] = runs.column(column).to_numpy()[fine]
    grid = values.reshape(len(design.points), design.replicates)
    factors = _factors(sweep)
    if name is None:
        if design.method in ("saltelli", "morris") and crossed:
            raise UserError(
                f"this design runs each point with all values of {', '.join(crossed_open)}; say "
                "--effect FACTOR"
            )
        return Cases(factors, grid, outcome)
    k = [f.name for f in design.factors].index(name)
    on = design.points[:, k] == 1
    if design.method in ("saltelli", "morris") and crossed_open:
        raise UserError(f"besides {name}, {', '.join(crossed_open)} are crossed; expected one")
    rest = [f.name for f in design.factors if f.name != name]
    difference = grid[on] - grid[~on]  # crossed arms lie in the same order under both values
    if relative:
        base = np.nanmean(grid[~on])
        if not abs(base) > 0:
            raise UserError(f"{outcome}: 0 throughout without {name}; no relative effect")
        difference = difference / abs(base)
    return Cases(factors.loc[on, rest].reset_index(drop=True), difference,
                 f"{outcome}, effect of {name}")  # fmt: skip


def indices(
    sweep: Sweep, outcome: str, effect: str | None = None, relative: bool = False
) -> Indices:
    """Sensitivity indices by the method that the sweep's design was made for.

    Raises UserError where runs are missing or failed.
    """
    found = cases(sweep, outcome, effect, relative)
    if found.missing:
        raise UserError(
            f"{sweep.folder}: {found.missing} of {found.values.size} values of {outcome} are "
            "missing, failed or undefined, and indices of the rest would mislead; complete the sweep with "
            "--resume (--retry-failed), or choose an outcome that every run has"
        )
    names = list(found.factors.columns)
    method = sweep.design.method
    if method == "saltelli":
        return sensitivity.sobol(found.values, names, found.outcome)
    numbers = numeric(found.factors)
    if method == "morris":
        return sensitivity.morris(_unit(sweep, names, effect), found.values, names, found.outcome)
    return sensitivity.given_data(numbers, found.values, names, found.outcome)


def numeric(factors: pd.DataFrame) -> Floats:
    """Factors as numbers: names by their place in the order they sort in."""
    columns = [
        factors[c].to_numpy(dtype=float)
        if factors[c].dtype.kind in "iufb"
        else factors[c].astype("category").cat.codes.to_numpy(dtype=float)
        for c in factors.columns
    ]
    return np.column_stack(columns) if columns else np.zeros((len(factors), 0))


def _check_outcome(sweep: Sweep, column: str) -> None:
    known = [c.removeprefix("out.") for c in sweep.columns if c.startswith("out.")]
    name = column.removeprefix("out.")
    if name not in known:
        raise UserError(f"no outcome {name!r} in {sweep.folder}{nearest(name, known)}")


def _factors(sweep: Sweep) -> pd.DataFrame:
    import pandas as pd

    design = sweep.design
    columns: dict[str, Any] = {}
    for k, f in enumerate(design.factors):
        column = design.points[:, k]
        columns[f.name] = column if f.numeric else [f.values[int(v)] for v in column]
    return pd.DataFrame(columns)


def _unit(sweep: Sweep, names: list[str], effect: str | None) -> Floats:
    """Points of a Morris design in 0..1, as they were drawn."""
    from experiments.sweep import sampling

    design = sweep.design
    own = [f for f in design.factors if not f.cross]
    if [f.name for f in own] != names:
        raise UserError("this design's factors are not those it was drawn for")
    return sampling.unit_points("morris", design.size, len(own), design.design_seed)
