"""A sweep's results as tables: tidy for pandas, lazy for large ones, gridded for xarray.

    sweep = experiments.load("out/drivers")
    sweep.runs                # DataFrame: run, point, seed, status, param.*, out.*
    sweep.dataset()           # pyarrow Dataset: filter and select before anything is read
    sweep.to_xarray()         # for gridded designs

DuckDB reads `sweep.files` directly, or `duckdb.from_arrow(sweep.dataset())`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.sweep import store
from experiments.sweep.design import Design
from sim.errors import RunFailed, UserError
from sim.words import nearest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.dataset as ds
    import xarray

_FEW = 8


class Sweep:
    """What a sweep's folder holds so far."""

    def __init__(self, folder: Path | str) -> None:
        """Raises UserError where `folder` holds no sweep."""
        self.folder = Path(folder)
        self.manifest = store.manifest_of(self.folder)

    @functools.cached_property
    def design(self) -> Design:
        return store.design_of(self.folder)

    @property
    def files(self) -> list[Path]:
        """Parquet files of results; a run may be in two of them (see `table`)."""
        whole = self.folder / store.RESULTS
        found = [whole] if whole.exists() else []
        return found + [part.path for part in store.parts(self.folder)]

    def dataset(self) -> ds.Dataset:
        """All files as one pyarrow Dataset, columns of all of them, nothing read yet.

        Where a sweep was interrupted, a run may be there twice until `peel sweep compact`.
        """
        import pyarrow.dataset as ds

        files = self.files
        if not files:
            raise UserError(f"{self.folder}: no run is finished yet")
        return ds.dataset([str(f) for f in files], schema=_schema(files), format="parquet")

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Each run once, as an Arrow table; rows in no order unless compacted.

        Raises RunFailed where two rows of one run differ: the model would not be reproducible.
        """
        import pyarrow as pa

        data = self.dataset()
        names = list(columns) if columns is not None else [
            n for n in data.schema.names if n not in store.TRAILS
        ]  # fmt: skip
        for name in names:
            if name not in data.schema.names:
                raise UserError(f"{self.folder}: no column {name!r}{nearest(name, self.columns)}")
        try:
            found = data.to_table(columns=list(dict.fromkeys([*names, "run", "status"])))
        except pa.ArrowException as error:
            raise UserError(
                f"{self.folder}: a part is damaged ({str(error)[:120]}); --resume sets it aside "
                "and does its runs again"
            ) from None
        return _once(found).select(names)

    @property
    def columns(self) -> list[str]:
        return list(self.dataset().schema.names)

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """Every finished run, failed ones included (`status`), in order of run."""
        frame: pd.DataFrame = _frame(self.table())
        if not frame["run"].is_monotonic_increasing:
            frame = frame.sort_values("run", ignore_index=True)
        return frame

    @property
    def finished(self) -> pd.DataFrame:
        """Runs that did not fail."""
        runs = self.runs
        return runs if (runs["status"] == store.OK).all() else runs[runs["status"] == store.OK]

    @property
    def failures(self) -> pd.DataFrame:
        """Runs that failed: their error, and `peel sweep one DIR RUN` to have it again."""
        runs = self.runs
        bad = runs.loc[runs["status"] != store.OK, ["run", "point", "seed", "status", "error"]]
        again = [f"peel sweep one {self.folder} {r}" for r in bad["run"]]
        told: pd.DataFrame = bad.assign(reproduce=again)
        return told

    @functools.cached_property
    def missing(self) -> np.ndarray:
        """Numbers of runs that are not there."""
        return store.done(self.folder, self.design.runs).missing

    @property
    def complete(self) -> bool:
        return not self.missing.size

    @functools.cached_property
    def provenance(self) -> pd.DataFrame:
        """How each run came about: seconds, host, process, when."""
        import pandas as pd
        import pyarrow.parquet as pq

        columns = ["run", *store.TRAILS]
        found = [pq.read_table(p.path, columns=columns) for p in store.parts(self.folder)]
        kept = self.folder / store.PROVENANCE
        if kept.exists():
            found.insert(0, pq.read_table(kept))
        if not found:
            return pd.DataFrame(columns=columns)
        whole: pd.DataFrame = pd.concat([t.to_pandas() for t in found], ignore_index=True)
        return whole

    def series(self, kind: str, runs: Sequence[int] | None = None) -> pd.DataFrame:
        """The `weekly` or `events` tables that the design kept, of some runs or all."""
        import pyarrow.compute as pc
        import pyarrow.dataset as ds

        if kind not in self.manifest["keep"]:
            kept = ", ".join(self.manifest["keep"]) or "none"
            raise UserError(f"{self.folder}: {kind} was not kept by this design (kept: {kept})")
        files = sorted((self.folder / kind).glob("*.parquet"))
        owners = self._owners()
        files += [p.path for p in store.parts(self.folder, kind) if p.path.name in owners]
        out = []
        seen: set[int] = set()
        for file in files:
            data = ds.dataset(str(file), format="parquet")
            wanted = None if runs is None else pc.field("run").isin(list(runs))
            table = data.to_table(filter=wanted)
            here = set(table.column("run").unique().to_pylist())
            if again := here & seen:
                table = table.filter(~pc.is_in(table.column("run"), _array(sorted(again))))
            seen |= here
            out.append(table)
        import pyarrow as pa

        if not out:
            raise UserError(f"{self.folder}: no run is finished yet")
        frame = _frame(pa.concat_tables(out, promote_options="permissive"))
        keys = [c for c in ("run", "week", "day", "id") if c in frame]
        ordered: pd.DataFrame = frame.sort_values(keys, ignore_index=True, kind="stable")
        return ordered

    @property
    def weekly(self) -> pd.DataFrame:
        return self.series("weekly")

    @property
    def events(self) -> pd.DataFrame:
        return self.series("events")

    def _owners(self) -> set[str]:
        """Names of parts whose rows of runs are there: a twin alone counts for nothing."""
        return {part.path.name for part in store.parts(self.folder)}

    def paired(self, factor: str, outcomes: Sequence[str] | None = None) -> pd.DataFrame:
        """Differences between the two values of a crossed factor, pair by pair.

        One row per sampled point and seed: the other `param.` columns, and for each outcome the
        second value's minus the first's (`out.NAME`), with the first's as `base.NAME`.

        Raises UserError where `factor` is no crossed factor of two values.
        """
        return paired(self, factor, outcomes)

    def to_xarray(self, outcomes: Sequence[str] | None = None) -> xarray.Dataset:
        """Outcomes over the factors and seeds of a gridded design.

        Raises UserError for designs that are no grid, or where xarray is missing.
        """
        try:
            import xarray  # noqa: F401
        except ImportError:
            raise UserError("to_xarray needs xarray: install peel-sim[analysis]") from None
        if self.design.method != "grid":
            raise UserError(f"a {self.design.method} design is no grid; use `runs`")
        frame = self.finished
        dims = [f"param.{f.name}" for f in self.design.factors]
        names = _outcomes(frame, outcomes)
        indexed = frame.set_index([*dims, "seed"])[names].sort_index()
        data = indexed.to_xarray()
        short = {n: n.removeprefix("param.").removeprefix("out.") for n in [*dims, *names]}
        clash = {v for v in short.values() if list(short.values()).count(v) > 1}
        return data.rename({k: v for k, v in short.items() if v not in clash})


def paired(sweep: Sweep, factor: str, outcomes: Sequence[str] | None = None) -> pd.DataFrame:
    """See `Sweep.paired`."""
    import pandas as pd

    known = {f.name: f for f in sweep.design.factors}
    name = factor.removeprefix("param.")
    if name not in known:
        raise UserError(f"no factor {factor!r} in this sweep{nearest(name, known)}")
    if len(known[name].values) != 2:
        raise UserError(f"{name}: pairs need a factor of two values")
    first, second = known[name].values
    frame = sweep.finished
    sample = _sample_of(sweep.design, name)[frame["point"].to_numpy()]
    others = [f"param.{f.name}" for f in sweep.design.factors if f.name != name]
    names = _outcomes(frame, outcomes)
    keyed = frame[[f"param.{name}", "seed", *others, *names]].copy().assign(sample=sample)
    keys = ["sample", "seed", *others]
    a = keyed[keyed[f"param.{name}"] == first].set_index(keys)[names]
    b = keyed[keyed[f"param.{name}"] == second].set_index(keys)[names]
    both = a.index.intersection(b.index)
    if not len(both):
        raise UserError(f"{name}: no pairs in this design; give its factor cross = true")
    difference = (b.loc[both] - a.loc[both]).astype(float)
    base = a.loc[both].rename(columns=lambda c: "base." + c.removeprefix("out."))
    return pd.concat([difference, base], axis=1).reset_index()


def _sample_of(design: Design, name: str) -> np.ndarray:
    """Points that differ in factor `name` alone have one number."""
    names = [f.name for f in design.factors]
    if design.factors[names.index(name)].cross and design.method != "grid":
        crossed = [k for k, f in enumerate(design.factors) if f.cross and f.name != name]
        rest = np.column_stack([design.sample_of, design.points[:, crossed]])
    else:
        rest = np.delete(design.points, names.index(name), axis=1)
    return np.asarray(np.unique(rest, axis=0, return_inverse=True)[1]).reshape(-1)


def _outcomes(frame: pd.DataFrame, names: Sequence[str] | None) -> list[str]:
    have = [c for c in frame.columns if c.startswith("out.")]
    if names is None:
        return have
    out = [n if n.startswith("out.") else f"out.{n}" for n in names]
    for name in out:
        if name not in have:
            short = [c.removeprefix("out.") for c in have]
            raise UserError(f"no outcome {name.removeprefix('out.')!r}"
                            f"{nearest(name.removeprefix('out.'), short)}")  # fmt: skip
    return out


def _schema(files: Sequence[Path]) -> pa.Schema:
    """Columns of all files. Parts of one kind of policy are alike: a few tell, and the rest if not.

    Columns that only some runs have (metrics of a policy) come from files of those runs, so every
    file's footer is read where they are few, and a spread of them where they are many.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    step = max(len(files) // 512, 1)
    seen: dict[tuple[str, ...], pa.Schema] = {}
    for file in [*files[::step], files[-1]]:
        try:
            schema = pq.read_schema(file).remove_metadata()
        except (OSError, pa.ArrowException):
            continue
        seen.setdefault(tuple(schema.names), schema)
    if not seen:
        raise UserError(f"{files[0]}: can't be read; --resume sets it aside")
    return pa.unify_schemas(list(seen.values()), promote_options="permissive")


def _once(table: pa.Table) -> pa.Table:
    """Each run once; what is there twice must be equal, and a good row outranks a failed one."""
    numbers = table.column("run").to_numpy()
    order = np.argsort(numbers, kind="stable")
    ranked = numbers[order]
    double = ranked[1:] == ranked[:-1]
    if not double.any():
        return table
    fine = np.asarray(table.column("status").to_pandas() == store.OK)
    _check_equal(table, order, ranked, fine)
    # good rows before failed ones, and then the first
    order = np.lexsort((np.arange(numbers.size), ~fine, numbers))
    first = np.append(True, np.diff(numbers[order]) != 0)
    return table.take(np.sort(order[first]))


def _check_equal(table: pa.Table, order: np.ndarray, ranked: np.ndarray, fine: np.ndarray) -> None:
    """Good rows of one run, held against each other bit by bit."""
    again = np.isin(ranked, ranked[1:][ranked[1:] == ranked[:-1]])
    rows = order[again & fine[order]]
    part = table.take(rows).drop_columns([n for n in store.TRAILS if n in table.column_names])
    numbers = part.column("run").to_numpy()
    same_run = numbers[1:] == numbers[:-1]
    for name in part.column_names:
        column = part.column(name)
        values = column.to_numpy(zero_copy_only=False)
        if values.dtype.kind == "f":
            values = values.view(np.int64)
        differ = (values[1:] != values[:-1]) & same_run
        if differ.any():
            run = int(numbers[1:][differ][0])
            raise RunFailed(
                f"run {run} is there twice and differs in {name}: the results of this sweep are "
                "not reproducible; two machines or versions disagree"
            )


def _array(values: list[int]) -> Any:
    import pyarrow as pa

    return pa.array(values, type=pa.int64())


def _frame(table: pa.Table) -> pd.DataFrame:
    """To pandas without a second copy in memory: columns are freed as they are converted."""
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame


def load(folder: Path | str) -> Sweep:
    """The sweep kept in a folder."""
    return Sweep(folder)
