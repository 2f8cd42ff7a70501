"""DESIGN.toml: what a sweep runs, read and checked whole before anything runs.

    name = "drivers"
    base = "district"          # a scenario's name, file, or a city; a path is relative to this file
    method = "sobol"           # grid, list, latin, sobol, saltelli, morris
    points = 256               # base number of the sampled methods
    design_seed = 1            # of the sample; kept with the design
    replicates = 4             # seeds of each point, from `seed`; the same for all points
    seed = 1
    keep = ["weekly"]          # besides the summary: weekly, events
    timeout_minutes = 30

    [run]                      # laid over the base
    years = 1
    burn_in_years = 1

    [[factor]]
    vary = "weight_rivalry"    # low and high are the parameter's own unless given

    [[factor]]
    vary = "policy.gang_fellowship"
    cross = true               # each point runs without and with it

A run is (point, replicate); its number is point * replicates + replicate. Points hold the crossed
arms side by side, so arms of one sampled point have consecutive numbers. `method = "list"` takes
`[[point]]` tables instead, each naming every factor that is not crossed.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.sweep import sampling
from experiments.sweep.cluster_table import checked
from experiments.sweep.factors import Factor, Value, applied, factor_of
from experiments.sweep.points import listed, sampled
from sim.errors import UserError
from sim.scenario import Scenario, check_seed, is_number
from sim.words import nearest, shown

FORMAT = 1
MOST_RUNS = 100_000_000
KEPT = ("weekly", "events")
_KEYS = (
    "name", "about", "base", "method", "points", "design_seed", "replicates", "seed",
    "common_seeds", "keep", "timeout_minutes", "run", "factor", "point", "cluster",
)  # fmt: skip
_RUN = ("years", "burn_in_years", "start")


@dataclass(frozen=True, eq=False)
class Design:
    """A sweep as data. `points` holds one column per factor: numbers, or indices into `values`."""

    name: str
    base: Scenario
    factors: tuple[Factor, ...]
    method: str
    points: NDArray[np.float64]
    """(points, factors): a number, or the position in the factor's `values`."""
    sample_of: NDArray[np.int64]
    """(points,): which sampled point each came from; crossed arms share one."""
    replicates: int = 1
    seed: int = 1
    common_seeds: bool = True
    """Every point has the same seeds; else each sampled point has its own."""
    keep: tuple[str, ...] = ()
    design_seed: int = 1
    size: int = 0
    """The base number N of the method, as asked for."""
    timeout_minutes: float = 0.0
    """0: as long as it takes, but see `experiments.sweep.estimate.timeout_seconds`."""
    cluster: Mapping[str, Any] = field(default_factory=dict)
    """Where it runs, which is no part of what it is."""

    @property
    def runs(self) -> int:
        return len(self.points) * self.replicates

    def values(self, point: int) -> dict[str, Value]:
        """Factor -> value at a point."""
        row = self.points[point]
        return {
            f.name: float(row[k]) if f.numeric else f.values[int(row[k])]
            for k, f in enumerate(self.factors)
        }

    def scenario(self, point: int) -> Scenario:
        """The scenario of a point. Raises UserError where its values make no sense together."""
        return dataclasses.replace(
            self.base, **applied(self.base, self.factors, self.values(point)), name=self.name
        )

    def point_of(self, run: int) -> int:
        return run // self.replicates

    def seed_of(self, run: int) -> int:
        point, replicate = divmod(run, self.replicates)
        if self.common_seeds:
            return self.seed + replicate
        return self.seed + int(self.sample_of[point]) * self.replicates + replicate

    @functools.cached_property
    def past_of(self) -> NDArray[np.int64]:
        """(points,): points with one number start from the same burnt-in city (seed apart)."""
        early = [p.name for p in self.base.policies if p.start < 0]
        starts = [f.name.split(".")[1] for f in self.factors if f.name.endswith(".start")]
        early += [
            f.name.split(".")[1]
            for f in self.factors
            if f.kind == "policy" and _number(dict(f.settings).get("start", 0)) < 0
        ]
        columns = [
            k
            for k, f in enumerate(self.factors)
            if f.past or ("." in f.name and f.name.split(".")[1] in {*early, *starts})
        ]
        if not columns:
            return np.zeros(len(self.points), dtype=np.int64)
        _, first, inverse = np.unique(
            self.points[:, columns], axis=0, return_index=True, return_inverse=True
        )
        # numbered as they first appear: the part of a sample that is done is then a sample too
        place = np.empty(first.size, dtype=np.int64)
        place[np.argsort(first)] = np.arange(first.size)
        return place[np.asarray(inverse).reshape(-1)]

    def to_dict(self) -> dict[str, Any]:
        """Everything that decides what is run, but the points themselves."""
        return {
            "format": FORMAT,
            "name": self.name,
            "base": self.base.to_toml(),
            "factors": [f.to_dict() for f in self.factors],
            "method": self.method,
            "size": self.size,
            "design_seed": self.design_seed,
            "replicates": self.replicates,
            "seed": self.seed,
            "common_seeds": self.common_seeds,
            "keep": list(self.keep),
            "timeout_minutes": self.timeout_minutes,
        }

    @functools.cached_property
    def digest(self) -> str:
        """16 digits that name the design, points included (not where or how long it may run)."""
        data = {k: v for k, v in self.to_dict().items() if k != "timeout_minutes"}
        # settings may hold dates, which have one text form
        text = json.dumps(data, sort_keys=True, default=str)
        whole = text.encode() + np.ascontiguousarray(self.points).tobytes()
        return hashlib.blake2b(whole, digest_size=8).hexdigest()

    @staticmethod
    def of(data: Mapping[str, Any], points: Any, sample_of: Any, where: str) -> Design:
        """The design that a sweep's folder was begun with."""
        if data.get("format") != FORMAT:
            raise UserError(
                f"{where}: written in format {data.get('format')!r}, this version reads {FORMAT}"
            )
        factors = tuple(
            Factor(
                **{
                    **f,
                    "values": tuple(f.get("values", ())),
                    "settings": tuple(sorted(f["settings"].items())),
                }
            )
            for f in data["factors"]
        )
        kept = {k: data[k] for k in ("method", "replicates", "seed", "common_seeds", "size",
                                     "design_seed", "timeout_minutes", "name")}  # fmt: skip
        return Design(
            base=Scenario.from_toml(data["base"], where=where),
            factors=factors,
            points=np.asarray(points, dtype=np.float64),
            sample_of=np.asarray(sample_of, dtype=np.int64),
            keep=tuple(data["keep"]),
            **kept,
        )


def read(path: Path | str) -> Design:
    """The design in a file. Raises UserError, with file and entry, for whatever is wrong."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; a sweep needs a DESIGN.toml") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: can't be read ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not valid TOML ({error})") from None
    return built(data, str(path), path.parent)


def built(data: Mapping[str, Any], where: str = "design", folder: Path | None = None) -> Design:
    """The design that a file's tables describe; for designs made in Python too."""
    for key in data:
        if key not in _KEYS:
            raise UserError(f"{where}: no key {shown(key)}{nearest(str(key), _KEYS)}")
    method = data.get("method", "grid")
    if method not in sampling.METHODS:
        raise UserError(f"{where}: method {shown(method)}{nearest(str(method), sampling.METHODS)}")
    base = _base(data, where, folder)
    rows = _tables(data, "factor", where)
    factors = tuple(
        factor_of(row, f"{where}: factor {k}", method) for k, row in enumerate(rows, start=1)
    )
    _check_factors(factors, where)
    factors = tuple(_beside(f, folder) for f in factors)
    whole = functools.partial(_whole, data, where)
    size = whole("points", 0, 0) if method in ("grid", "list") else whole("points", None, 1)
    seed = whole("design_seed", 1, 0)
    if method == "list":
        points, sample_of = listed(factors, _tables(data, "point", where), where)
    else:
        points, sample_of = sampled(method, factors, size, seed)
    keep = data.get("keep", [])
    if not isinstance(keep, list) or any(name not in KEPT for name in keep):
        raise UserError(
            f"{where}: keep = {shown(keep)}: the summary is always kept; also: {', '.join(KEPT)}"
        )
    timeout = data.get("timeout_minutes", 0)
    if not is_number(timeout) or timeout < 0:
        raise UserError(f"{where}: timeout_minutes = {shown(timeout)}: expected minutes from 0")
    common = data.get("common_seeds", True)
    if not isinstance(common, bool):
        raise UserError(f"{where}: common_seeds = {shown(common)}: expected true or false")
    made = Design(
        name=str(data.get("name") or base.name),
        base=base, factors=factors, method=method, points=points, sample_of=sample_of,
        replicates=whole("replicates", 1, 1), seed=check_seed(whole("seed", 1, 0)),
        common_seeds=common, keep=tuple(dict.fromkeys(keep)), design_seed=seed, size=size,
        timeout_minutes=float(timeout),
        cluster=checked(data.get("cluster", {}), f"{where}: [cluster]"),
    )  # fmt: skip
    if made.runs > MOST_RUNS:
        raise UserError(f"{where}: {made.runs:,} runs; at most {MOST_RUNS:,} in one sweep")
    _check_points(made, where)
    return made


# --- inside -----------------------------------------------------------------------------------


def _base(data: Mapping[str, Any], where: str, folder: Path | None) -> Scenario:
    given = data.get("base")
    if not isinstance(given, str) or not given:
        raise UserError(f"{where}: needs base = SCENARIO, a scenario's name or file, or a city")
    if folder is not None and given.endswith(".toml") and (folder / given).is_file():
        given = str(folder / given)
    base = Scenario.load(given)
    over = data.get("run", {})
    if not isinstance(over, Mapping):
        raise UserError(f"{where}: [run] is a table of {', '.join(_RUN)}")
    for key in over:
        if key not in _RUN:
            raise UserError(f"{where}: run has no {shown(key)}{nearest(str(key), _RUN)}")
    return base.with_changes(**over) if over else base


def _tables(data: Mapping[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{where}: write {name} as tables: [[{name}]]")
    return rows


def _whole(data: Mapping[str, Any], where: str, key: str, usual: int | None, least: int) -> int:
    value = data.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**53:
        got = f" = {shown(value)}" if key in data else ""
        raise UserError(f"{where}: {key}{got}: expected a whole number, {least} or more")
    return value


def _beside(factor: Factor, folder: Path | None) -> Factor:
    """City files are named relative to the design's own folder, as scenarios name theirs."""
    if factor.kind != "city" or folder is None:
        return factor
    beside = [folder / str(value) for value in factor.values]
    values = tuple(
        str(path.resolve()) if path.is_file() else value
        for path, value in zip(beside, factor.values, strict=True)
    )
    return dataclasses.replace(factor, values=values)


def _check_factors(factors: Sequence[Factor], where: str) -> None:
    names = [f.name for f in factors]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{where}: two factors vary {name}")


def _number(value: Any) -> float:
    return float(value) if is_number(value) else 0.0


MOST_CHECKED = 256
"""Points whose scenarios are made to see that they make sense (beyond: those at the edges)."""


def _check_points(design: Design, where: str) -> None:
    """Make the scenarios at the edges of every factor, or all of them where they are few."""
    count = len(design.points)
    if count <= MOST_CHECKED:
        chosen = range(count)
    else:
        edges: set[int] = {0, count - 1}
        for k, f in enumerate(design.factors):
            column = design.points[:, k]
            if f.numeric:
                edges |= {int(column.argmin()), int(column.argmax())}
            else:
                edges |= {int(np.argmax(column == v)) for v in range(min(len(f.values), 64))}
        chosen = sorted(edges)  # type: ignore[assignment]
    for point in chosen:
        try:
            design.scenario(point).hash(design.seed)
        except UserError as error:
            told = ", ".join(f"{k} = {v}" for k, v in itertools.islice(
                design.values(point).items(), 12))  # fmt: skip
            raise UserError(f"{where}: point {point} ({told}): {error}") from None
