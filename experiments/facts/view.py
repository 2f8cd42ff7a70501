"""What a measure may look at: the tables of one seed's finished runs, and what is missing, by
name."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cached_property
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.estimators.incidents import Incidents, collapse

T = TypeVar("T")
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Missing(Exception):
    """A table, a column or a run that a measure needs isn't there; the text says which."""


class View:
    """One finished run (a `sim.run.RunResult`) of one design, read only.

    Tables that a run doesn't have raise Missing, so a measure without its data is "no data" and
    never a made-up number.
    """

    def __init__(self, result: Any, seed: int, scenario: Any) -> None:
        self.result, self.seed, self.scenario = result, seed, scenario
        self._made: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made when first asked for: several parts read one costly fit."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]  # type: ignore[no-any-return]

    def slim(self) -> None:
        """Keep only the small tables that comparisons with a later run read (weeks and groups)."""
        small = ("weekly", "recorded", "areas", "groups", "geography")
        kept = {name: getattr(self.result, name, None) for name in small}
        self.result = SimpleNamespace(**kept)
        self._made.clear()
        for name in ("shootings", "homicides", "incidents", "homicide_incidents"):
            self.__dict__.pop(name, None)

    def rng(self, purpose: str) -> np.random.Generator:
        """A generator for the estimators' own permutations, the same whenever it is asked for."""
        return np.random.default_rng([self.seed, zlib.crc32(purpose.encode())])

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """The table called `name`, which must hold `columns`; raises Missing."""
        found = getattr(self.result, name, None)
        if not isinstance(found, pd.DataFrame):
            raise Missing(f"the run has no table {name}")
        lacking = [column for column in columns if column not in found.columns]
        if lacking:
            raise Missing(f"table {name} has no column {', '.join(lacking)}")
        return found

    @property
    def days(self) -> int:
        return int(self.scenario.days)

    @property
    def group_names(self) -> list[str]:
        return list(self.result.geography.group_names)

    def groups_of(self, labels: pd.Series) -> Ints:
        """Group indices from a column of names or of indices (-1: none)."""
        if pd.api.types.is_numeric_dtype(labels):
            return labels.to_numpy().astype(np.int64)
        place = {name: k for k, name in enumerate(self.group_names)}
        return np.array([place.get(str(label), -1) for label in labels], dtype=np.int64)

    @cached_property
    def shootings(self) -> pd.DataFrame:
        """One row per person shot, in order of day, within the run."""
        events = self.table("events", "kind", "day", "x_m", "y_m", "fatal")
        rows = events[(events.kind == "shooting") & (events.day >= 0) & (events.day < self.days)]
        return rows.sort_values("day", kind="stable").reset_index(drop=True)

    @cached_property
    def homicides(self) -> pd.DataFrame:
        """One row per person killed: fatal shootings and other killings (`nongun_death`)."""
        events = self.table("events", "kind", "day")
        other = events[(events.kind == "nongun_death") & (events.day >= 0)]
        fatal = self.shootings[self.shootings.fatal.astype(bool)]
        rows = pd.concat([fatal, other[other.day < self.days]]) if len(other) else fatal
        return rows.sort_values("day", kind="stable").reset_index(drop=True)

    @cached_property
    def incidents(self) -> Incidents:
        """Shooting incidents as the police file would give them: victims of one day within 50 m."""
        rows = self.shootings
        return collapse(rows.x_m, rows.y_m, rows.day)

    @cached_property
    def homicide_incidents(self) -> Incidents:
        rows = self.homicides
        return collapse(rows.x_m, rows.y_m, rows.day)

    def people(self, rows: pd.DataFrame, role: str) -> NDArray[Any]:
        """Names of the people in `role` ("actor" or "target"); a row number where there is no
        name."""
        column = f"{role}_person" if f"{role}_person" in rows.columns else role
        if column not in rows.columns:
            raise Missing(f"table events has no column {role}")
        return np.asarray(rows[column].to_numpy())

    @cached_property
    def ties(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The two ends of each recorded co-offending tie."""
        found = getattr(self.result, "ties", None)
        if isinstance(found, pd.DataFrame):
            found = self.table("ties", "a", "b")
            return found["a"].to_numpy(), found["b"].to_numpy()
        if isinstance(found, np.ndarray) and found.ndim == 2 and found.shape[1] == 2:
            return found[:, 0], found[:, 1]
        raise Missing("the run has no table ties")

    def weekly_sum(self, table: str, column: str, weeks: slice = slice(None)) -> float:
        """Sum of a weekly count over some of the weeks."""
        rows = self.table(table, "week", column)
        return float(rows.sort_values("week")[column].to_numpy()[weeks].sum())


Views = Mapping[str, View]
"""Design -> the run of this seed under it."""
