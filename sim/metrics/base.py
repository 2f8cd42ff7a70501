"""What a metric is, which there are, and how to prove that one keeps the contract.

A metric turns a finished run into one number, or into a table. It reads the run's tables and
changes nothing, so that adding one can't move a result. To add one: copy the shortest file beside
this, change what it measures, and run `check_metric` on it; it is found by being there. An
installed package offers its own through the entry point group `peel.metrics`, a file named by
--plugin through `register`.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from importlib.metadata import entry_points
from typing import ClassVar, Protocol, cast, runtime_checkable

import numpy as np
import pandas as pd

from sim.errors import UserError

Value = float | pd.DataFrame


class Result(Protocol):
    """The tables of a finished run that metrics may read (see `sim.run.RunResult`)."""

    weekly: pd.DataFrame
    recorded: pd.DataFrame
    areas: pd.DataFrame
    groups: pd.DataFrame
    events: pd.DataFrame


@runtime_checkable
class Metric(Protocol):
    """Something measured on a finished run. Classes have these and need no base class.

    >>> class Homicides:
    ...     "Homicides in the run."
    ...     name, unit = "total_homicides", "deaths"
    ...     def measure(self, result):
    ...         return float(result.weekly.homicides.sum())
    >>> check_metric(Homicides)
    """

    name: ClassVar[str]
    """How it is called in tables: a lower-case word, words joined by _."""
    unit: ClassVar[str]
    """What one of it is, e.g. "share", "days", "per 100,000"; "" for a pure number."""

    def measure(self, result: Result) -> Value:
        """The number (NaN where the run has nothing to measure), or a long table."""
        ...


_added: dict[str, type[Metric]] = {}


def register(metric: type[Metric]) -> type[Metric]:
    """Add a metric for this process; usable as a decorator. Raises UserError for a name that is
    taken."""
    taken = registry().get(metric.name)
    if taken is not None and taken is not metric:
        raise UserError(f"metric {metric.name!r}: the name is taken by {taken.__module__}")
    _added[metric.name] = metric
    return metric


def registry() -> dict[str, type[Metric]]:
    """Every metric by name: those beside this file, of installed packages, and registered ones.

    Raises UserError where two share a name or a package's metric can't be loaded.
    """
    found: dict[str, type[Metric]] = {}
    for metric in (*_own(), *_installed(), *_added.values()):
        other = found.setdefault(metric.name, metric)
        if other is not metric:
            raise UserError(
                f"metric {metric.name!r} is defined by both {other.__module__} and "
                f"{metric.__module__}; rename one"
            )
    return dict(sorted(found.items()))


def _own() -> list[type[Metric]]:
    package = importlib.import_module("sim.metrics")
    out: list[type[Metric]] = []
    for info in pkgutil.iter_modules(package.__path__):
        if info.name in ("base", "sample"):
            continue
        module = importlib.import_module(f"sim.metrics.{info.name}")
        for _, thing in inspect.getmembers(module, inspect.isclass):
            if thing.__module__ == module.__name__ and hasattr(thing, "measure"):
                out.append(cast("type[Metric]", thing))
    return out


def _installed() -> list[type[Metric]]:
    out = []
    for entry in entry_points(group="peel.metrics"):
        try:
            metric = entry.load()
        except Exception as error:
            raise UserError(
                f"metric {entry.name!r} of {entry.value} can't be loaded: {error}"
            ) from error
        check_metric(metric)
        out.append(metric)
    return out


def check_metric(metric: type[Metric]) -> None:
    """Hold a metric to the contract on a small run, an empty one and a repeated one.

    It must have a name, a unit and a docstring, be made without arguments, give a float or a
    DataFrame, give the same again, survive a run in which nothing happened, and change no table it
    reads. Raises UserError that says what is wrong.
    """
    from sim.metrics.sample import empty, sample

    label = getattr(metric, "__name__", repr(metric))
    if not isinstance(metric, type) or not callable(getattr(metric, "measure", None)):
        raise UserError(f"metric {label}: expected a class with a method measure(self, result)")
    name, unit = getattr(metric, "name", None), getattr(metric, "unit", None)
    if not isinstance(name, str) or not name.isidentifier() or name != name.lower():
        raise UserError(f"metric {label}: name is {name!r}; expected a lower-case word like a_rate")
    if not isinstance(unit, str):
        raise UserError(f'metric {name}: unit is {unit!r}; expected a text ("" for a pure number)')
    if not (metric.__doc__ or "").strip():
        raise UserError(f"metric {name}: it has no docstring; say what it measures and its source")
    for kind, run in (("a small run", sample()), ("a run in which nothing happened", empty())):
        before = {table: frame.copy() for table, frame in vars(run).items()}
        try:
            first, again = metric().measure(run), metric().measure(run)
        except Exception as error:
            raise UserError(f"metric {name}: fails on {kind}: {error!r}") from error
        _check_value(name, kind, first)
        if not _same(first, again):
            raise UserError(f"metric {name}: gives another value the second time on {kind}")
        for table, frame in vars(run).items():
            if not frame.equals(before[table]) or list(frame) != list(before[table]):
                raise UserError(f"metric {name}: changes the table {table}; copy before writing")


def _check_value(name: str, kind: str, value: object) -> None:
    number = isinstance(value, float | int | np.floating) and not isinstance(value, bool)
    if number and math.isinf(float(value)):  # type: ignore[arg-type]
        raise UserError(f"metric {name}: is infinite on {kind}; give NaN where there is no value")
    if not number and not isinstance(value, pd.DataFrame):
        raise UserError(f"metric {name}: gives {type(value).__name__}; expected float or DataFrame")


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, pd.DataFrame) and isinstance(b, pd.DataFrame):
        return a.equals(b)
    if isinstance(a, pd.DataFrame) or isinstance(b, pd.DataFrame):
        return False
    return a == b or (math.isnan(a) and math.isnan(b))


def share(part: float, whole: float) -> float:
    """part / whole, NaN of nothing."""
    return float(part) / float(whole) if whole > 0 else float("nan")
