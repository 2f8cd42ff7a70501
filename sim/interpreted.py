"""The world as interpreted code sees it: tables whose records hand out Python numbers.

Compiled code reads every number of a table as one of three kinds (`sim.compiled`); with
NUMBA_DISABLE_JIT=1 the same source runs on `plain(world)`, so that both ways round alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import world as worlds


class _PlainRecord:
    """One record whose fields read as Python numbers."""

    __slots__ = ("_row",)

    def __init__(self, row: Any) -> None:
        object.__setattr__(self, "_row", row)

    def __getattr__(self, name: str) -> Any:
        return self._row[name].item()

    def __setattr__(self, name: str, value: Any) -> None:
        self._row[name] = value


class _PlainTable:
    """A table whose elements are Python numbers or plain records."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = np.asarray(array)
        self.size = self._array.size
        self.shape = self._array.shape

    def __getitem__(self, index: Any) -> Any:
        value = self._array[index]
        return _PlainRecord(value) if self._array.dtype.names else value.item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self._array[index] = value


def plain(world: worlds.World) -> Any:
    """The world for interpreted processes (slow; for tests and for stepping through in a debugger)."""

    def wrap(part: Any) -> Any:
        if isinstance(part, np.ndarray):
            return _PlainTable(part)
        return type(part)(*(wrap(x) for x in part))

    return wrap(world)
