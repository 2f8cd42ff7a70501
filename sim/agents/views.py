"""Residents, officers, gangs and plug-ins' agents as Mesa's users know them: sets of agents.

A `View` behaves as Mesa's AgentSet does (len, iteration, select, get, agg, groupby, do, map,
shuffle_do, sort, to_list) but holds row numbers, not objects: columns come as arrays, and an agent
is made only when somebody asks for one. Quantities that decay are given as of today; reading writes
nothing. Writing is refused unless a user says so (`with model.override("why"):`), since a run
changed by hand is no longer the run that its scenario and seed name.

Knows nothing of Mesa: `sim.model` hands these views out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.columns import (
    Gang,
    Gangs,
    Officer,
    Officers,
    Others,
    Resident,
    Residents,
    Row,
    Rows,
    Source,
)  # fmt: skip
from sim.random import fill_words, stream

_ORDER = stream("views.order")


class View:
    """Agents of one kind, in the manner of Mesa's AgentSet; holds row numbers only."""

    def __init__(self, source: Source, rows: Rows | None = None) -> None:
        self._source = source
        self._rows = source.rows() if rows is None else np.asarray(rows, dtype=np.int64)

    @property
    def model(self) -> Any:
        return self._source.model

    @property
    def rows(self) -> Rows:
        """Row numbers in the city's records."""
        return self._rows

    @property
    def columns(self) -> tuple[str, ...]:
        """What `get` knows."""
        return self._source.columns()

    def __len__(self) -> int:
        return int(self._rows.size)

    def __iter__(self) -> Iterator[Row]:
        return (self._source.kind(self._source, row) for row in self._rows.tolist())

    def __contains__(self, agent: object) -> bool:
        return (
            isinstance(agent, self._source.kind)
            and agent.row in self._rows
            and int(self._source.keys(np.asarray([agent.row]))[0]) == agent.unique_id
        )

    def __getitem__(self, item: int | slice) -> Any:
        if isinstance(item, slice):
            return [self._source.kind(self._source, r) for r in self._rows[item].tolist()]
        return self._source.kind(self._source, int(self._rows[item]))

    def __repr__(self) -> str:
        return f"<{len(self):,} of {self._source.kind.__name__}>"

    def to_list(self) -> list[Row]:
        return list(self)

    def get(
        self,
        attr_names: str | Sequence[str],
        handle_missing: str = "error",
        default_value: Any = None,
    ) -> Any:
        """A column as an array; several columns as a list of values per agent.

        Raises AttributeError for one that there isn't, unless `handle_missing` is "default".
        """
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing = {handle_missing!r}; expected 'error' or 'default'")
        if not isinstance(attr_names, str):
            columns = [self.get(name, handle_missing, default_value) for name in attr_names]
            return [list(values) for values in zip(*columns, strict=True)]
        try:
            return self._source.column(attr_names, self._rows)
        except AttributeError:
            if handle_missing == "error":
                raise
            return np.asarray([default_value] * len(self))

    def set(self, attr_name: str, value: Any) -> View:
        """Write a column (one value, or one per agent); only inside `model.override(...)`."""
        self._source.write(attr_name, self._rows, value)
        return self

    def agg(
        self, attribute: str, func: Callable[[Any], Any] | Iterable[Callable[[Any], Any]]
    ) -> Any:
        """A function of a column, or a list of several functions' results."""
        values = self.get(attribute)
        return func(values) if callable(func) else [f(values) for f in func]

    def select(
        self,
        filter_func: Any = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type[Row] | None = None,
        n: int | None = None,
    ) -> View:
        """Those for whom `filter_func` (a function of an agent, or an array of truth values) holds.

        `at_most` (or `n`) keeps the first so many; a float up to 1.0 means that share.
        """
        rows = self._rows
        if agent_type is not None and not issubclass(self._source.kind, agent_type):
            rows = rows[:0]
        if filter_func is not None:
            if callable(filter_func):
                keep = np.fromiter((bool(filter_func(agent)) for agent in self), bool, len(self))
            else:
                keep = np.asarray(filter_func)
                if keep.dtype != bool or keep.shape != self._rows.shape:
                    raise ValueError(
                        f"select: got an array of {keep.dtype}, shape {keep.shape}; expected a"
                        f" function, or {len(self)} truth values"
                    )
            rows = self._rows[keep] if rows is self._rows else rows
        if n is not None:
            at_most = n
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(self) * at_most)
        if at_most < rows.size:
            rows = rows[: int(at_most)]
        return self._with(rows, inplace)

    def shuffle(self, inplace: bool = False) -> View:
        """In a keyed random order: by seed, day and person, so the same for everyone who asks."""
        return self._with(self._rows[self._order()], inplace)

    def sort(self, key: Any, ascending: bool = False, inplace: bool = False) -> View:
        """By a column or a function of an agent; largest first unless `ascending`."""
        values = self.get(key) if isinstance(key, str) else np.asarray([key(a) for a in self])
        order = np.argsort(values, kind="stable")
        return self._with(self._rows[order if ascending else order[::-1]], inplace)

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> View:
        """Call a function (or a method by name) on each agent: Python's pace, for small sets."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> View:
        """`do` in keyed random order (see `shuffle`)."""
        self.shuffle().map(method, *args, **kwargs)
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """What a function (or a method by name) gives for each agent."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    def groupby(self, by: str | Callable[[Row], Any], result_type: str = "agentset") -> Groups:
        """Views by the value of a column or of a function, in the order of the values."""
        values = self.get(by) if isinstance(by, str) else np.asarray([by(agent) for agent in self])
        names, which = np.unique(np.asarray(values), return_inverse=True)
        parts = {
            name.item(): View(self._source, self._rows[which == k]) for k, name in enumerate(names)
        }
        return Groups(
            {k: v.to_list() for k, v in parts.items()} if result_type == "list" else parts
        )

    def _order(self) -> NDArray[np.intp]:
        keys = self._source.keys(self._rows)
        state, drawn = self._source.state, np.empty(keys.shape, dtype=np.uint64)
        fill_words(keys, np.uint64(state.world.clock["seed"][0]), state.day, int(_ORDER), drawn)
        return np.lexsort((keys, drawn))

    def _with(self, rows: Rows, inplace: bool) -> View:
        if not inplace:
            return View(self._source, rows)
        self._rows = rows
        return self

    def add(self, agent: object) -> None:
        """Refused: people are born, arrive, leave and die by the city's own processes."""
        raise TypeError("agents of a city are records: none can be added to or taken from a view")

    remove = discard = add


class Groups:
    """What `groupby` gives: views (or lists) by value, in the manner of Mesa's GroupBy."""

    def __init__(self, groups: dict[Any, Any]) -> None:
        self.groups = groups

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> dict[Any, Any]:
        """A function's (or method's) result for each group."""
        if isinstance(method, str):
            return {k: getattr(v, method)(*args, **kwargs) for k, v in self.groups.items()}
        return {k: method(v, *args, **kwargs) for k, v in self.groups.items()}

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Groups:
        """The same for its side effects."""
        self.map(method, *args, **kwargs)
        return self

    def count(self) -> dict[Any, int]:
        return {k: len(v) for k, v in self.groups.items()}

    def agg(self, attr_name: str, func: Callable[[Any], Any]) -> dict[Any, Any]:
        """A function of a column of each group."""
        return {
            k: func(v.get(attr_name) if isinstance(v, View) else [getattr(a, attr_name) for a in v])
            for k, v in self.groups.items()
        }

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self.groups.items())

    def __len__(self) -> int:
        return len(self.groups)


__all__ = [
    "Gang", "Gangs", "Groups", "Officer", "Officers", "Others", "Resident", "Residents",
    "Row", "View",
]  # fmt: skip
