"""Agents' columns as their users see them: today's values, and which may be written by hand.

One `Source` per kind of agent says where its records are. Quantities that decay (trust, fear,
trauma, danger, stress) are read as of today and written back only by `put`. `sim.agents.views`
makes sets of agents of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import AWAY, DEAD, GUN
from sim.errors import UserError
from sim.numerics import exp_array
from sim.words import nearest

if TYPE_CHECKING:
    from sim.engine import State

Rows = NDArray[np.int64]


class Row:
    """One agent of the moment: `unique_id`, `model`, `row`, `pos` and every column as an attribute.

    Once its row is somebody else's (a resident died, an officer left), reading raises LookupError.
    """

    __slots__ = ("_source", "model", "row", "unique_id")

    def __init__(self, source: Source, row: int) -> None:
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "model", source.model)
        object.__setattr__(self, "row", int(row))
        object.__setattr__(self, "unique_id", int(source.keys(np.asarray([row]))[0]))

    @property
    def pos(self) -> tuple[int, int] | None:
        """Column and row of the home block on the city's grid (officers: of their beat)."""
        return self._source.position(self.row)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._check()
        value = self._source.column(name, np.asarray([self.row]))[0]
        return value.item() if hasattr(value, "item") else value

    def __setattr__(self, name: str, value: Any) -> None:
        self._check()
        self._source.write(name, np.asarray([self.row]), value)

    def _check(self) -> None:
        if int(self._source.keys(np.asarray([self.row]))[0]) != self.unique_id:
            raise LookupError(f"{type(self).__name__} {self.unique_id} is no longer in this city")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.unique_id == self.unique_id  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.unique_id))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.unique_id} in row {self.row}>"


class Resident(Row):
    """A resident living in the city now."""

    __slots__ = ()


class Officer(Row):
    """A sworn officer's post, held or vacant (`status` 1)."""

    __slots__ = ()


class Gang(Row):
    """A gang."""

    __slots__ = ()


class Source:
    """Where a kind of agent's columns are; one subclass per kind."""

    kind: type[Row] = Row
    writable: tuple[str, ...] = ()

    def __init__(self, model: Any) -> None:
        self.model = model

    @property
    def state(self) -> State:
        return self.model.state

    @property
    def table(self) -> Any:
        raise NotImplementedError

    def rows(self) -> Rows:
        """Rows in use now."""
        return np.arange(self.table.size)

    def columns(self) -> tuple[str, ...]:
        return tuple(self.table.dtype.names)

    def keys(self, rows: Rows) -> NDArray[np.uint64]:
        return np.asarray(self.table["key"][rows], dtype=np.uint64)

    def block(self, row: int) -> int:
        return -1

    def position(self, row: int) -> tuple[int, int] | None:
        block = self.block(row)
        at = self.state.world.place.blocks
        return None if block < 0 else (int(at["x"][block]), int(at["y"][block]))

    def column(self, name: str, rows: Rows) -> Any:
        """Today's values of a column. Raises AttributeError with the nearest names."""
        if name == "unique_id":
            return self.keys(rows)
        if name == "pos":
            return [self.position(int(row)) for row in rows]
        if name not in self.table.dtype.names:
            known = self.columns()
            raise AttributeError(f"{self.kind.__name__} has no {name!r}{nearest(name, known)}")
        return np.asarray(self.table[name][rows])

    def write(self, name: str, rows: Rows, values: Any) -> None:
        """Set a column by hand. Raises UserError outside an override, or for what others read."""
        if not self.model.overriding:
            raise UserError(
                f"{self.kind.__name__}.{name} can't be set: a run changed by hand is not the run"
                " that its scenario and seed name; if you mean it, do so inside"
                ' `with model.override("why"):`'
            )
        if name not in self.writable:
            raise UserError(
                f"{self.kind.__name__}.{name} can't be set, other records depend on it"
                f"{nearest(name, self.writable)}"
            )
        if not np.all(np.isfinite(np.asarray(values, dtype=np.float64))):
            raise UserError(f"{self.kind.__name__}.{name}: expected finite numbers")
        self.put(name, rows, values)

    def put(self, name: str, rows: Rows, values: Any) -> None:
        self.table[name][rows] = values

    def left(self, since: Any, half_life: Any) -> NDArray[np.float64]:
        """What is left today of quantities written on the days `since`."""
        elapsed = np.maximum(self.state.day - np.asarray(since, dtype=np.float64), 0.0)
        return exp_array(np.ascontiguousarray(-0.6931471805599453 * elapsed / half_life))


class Residents(Source):
    kind = Resident
    writable = ("fairness", "effectiveness", "base_fairness", "base_effectiveness", "fear",
                "trauma", "arms", "propensity", "substance", "mental", "housing",
                "schooling")  # fmt: skip
    _DERIVED = ("age", "legitimacy", "owns_gun", "group_name")
    _BELIEFS = ("fairness", "effectiveness")
    _HALF_LIFE: ClassVar[dict[str, str]] = {
        "fear": "fear_half_life", "trauma": "trauma_half_life", "arms": "arms_half_life",
    }  # fmt: skip

    @property
    def table(self) -> Any:
        return self.state.world.people.residents

    @property
    def lives(self) -> Any:
        return self.state.world.people.lives

    def rows(self) -> Rows:
        status = self.table["status"]
        return np.flatnonzero((status != DEAD) & (status != AWAY))

    def columns(self) -> tuple[str, ...]:
        both = (*self.table.dtype.names, *self.lives.dtype.names, *self._DERIVED)
        return tuple(sorted(set(both) - {"day", "side", "pad", "flags"}))

    def keys(self, rows: Rows) -> NDArray[np.uint64]:
        return np.asarray(self.lives["key"][rows], dtype=np.uint64)

    def block(self, row: int) -> int:
        return int(self.table["home"][row])

    def column(self, name: str, rows: Rows) -> Any:
        t = self.table
        if name in self._BELIEFS:
            return np.clip(self._own(name, rows) + self._shared(name, rows), 0.0, 1.0)
        if name == "legitimacy":
            weight = float(self.state.world.p["fairness_weight"][0])
            fair, able = (self.column(belief, rows) for belief in self._BELIEFS)
            return weight * fair + (1.0 - weight) * able
        if name == "fear":
            return np.clip(self._decayed(name, rows) + self._heard(rows), 0.0, 1.0)
        if name in self._HALF_LIFE:
            return self._decayed(name, rows)
        if name == "age":
            return (self.state.day - t["born"][rows].astype(np.float64)) / 365.0
        if name == "owns_gun":
            return (t["flags"][rows] & GUN) != 0
        if name == "group_name":
            return np.asarray(self.model.geography.group_names)[t["group"][rows]]
        if name in self.lives.dtype.names:
            return np.asarray(self.lives[name][rows])
        return super().column(name, rows)

    def _decayed(self, name: str, rows: Rows) -> NDArray[np.float64]:
        half_life = float(self.state.world.p[self._HALF_LIFE[name]][0])
        return self.table[name][rows] * self.left(self.table["day"][rows], half_life)

    def _heard(self, rows: Rows) -> NDArray[np.float64]:
        """Fear from what one hears of one's area."""
        from sim.recording import area_fear

        return area_fear(self.state)[self.table["area"][rows]]

    def _own(self, name: str, rows: Rows) -> NDArray[np.float64]:
        t, half_life = self.table, float(self.state.world.p["belief_half_life"][0])
        base = t[f"base_{name}"][rows].astype(np.float64)
        return base + (t[name][rows] - base) * self.left(t["day"][rows], half_life)

    def _shared(self, name: str, rows: Rows) -> NDArray[np.float64]:
        """What the residents' area and group share (see sim.processes.beliefs)."""
        world, t = self.state.world, self.table
        at = world.place.field[
            t["area"][rows].astype(np.int64) * int(world.clock["groups"][0]) + t["group"][rows]
        ]
        return at[name] * self.left(at["day"], float(world.p["field_half_life"][0]))

    def put(self, name: str, rows: Rows, values: Any) -> None:
        """Write everything that decays as of today, then the value."""
        if name in self.lives.dtype.names:
            self.lives[name][rows] = values
            return
        t, decays = self.table, (*self._BELIEFS, *self._HALF_LIFE)
        now = {d: (self._own if d in self._BELIEFS else self._decayed)(d, rows) for d in decays}
        if name in now:
            now[name] = np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)
        if name in self._BELIEFS:
            now[name] = now[name] - self._shared(name, rows)
        if name == "fear":
            now[name] = np.maximum(now[name] - self._heard(rows), 0.0)
        for d, value in now.items():
            t[d][rows] = value
        t["day"][rows] = self.state.day
        if name not in now:
            t[name][rows] = values


class Officers(Source):
    kind = Officer
    writable = ("style", "force_proneness", "danger", "stress", "skill")
    _HALF_LIFE: ClassVar[dict[str, str]] = {
        "danger": "danger_half_life", "stress": "stress_half_life",
    }  # fmt: skip

    @property
    def table(self) -> Any:
        return self.state.world.police.officers

    def block(self, row: int) -> int:
        beat = int(self.table["beat"][row])
        found = np.flatnonzero(self.state.world.place.blocks["beat"] == beat)
        return int(found[0]) if found.size else -1

    def column(self, name: str, rows: Rows) -> Any:
        if name not in self._HALF_LIFE:
            return super().column(name, rows)
        t = self.table
        half_life = float(self.state.world.p[self._HALF_LIFE[name]][0])
        if name == "stress" and "stress_recovery" in t.dtype.names:
            half_life = half_life * t["stress_recovery"][rows].astype(np.float64)
        return t[name][rows].astype(np.float64) * self.left(t["day"][rows], half_life)

    def put(self, name: str, rows: Rows, values: Any) -> None:
        now = {d: self.column(d, rows) for d in self._HALF_LIFE}
        now[name] = np.asarray(values, dtype=np.float64)
        for d, value in now.items():
            self.table[d][rows] = value
        self.table["day"][rows] = self.state.day


class Gangs(Source):
    kind = Gang
    writable = ("cohesion", "norm")

    @property
    def table(self) -> Any:
        return self.state.world.groups.gangs

    def block(self, row: int) -> int:
        return int(self.table["home"][row])


class Others(Source):
    """A plug-in's records (see `sim.plugins.agent_type`)."""

    def __init__(self, model: Any, name: str, records: Callable[[State], Any]) -> None:
        super().__init__(model)
        self.kind, self._records = row_type(name), records

    @property
    def table(self) -> Any:
        return self._records(self.state)

    @property
    def writable(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(n for n in self.table.dtype.names if n != "key")

    def keys(self, rows: Rows) -> NDArray[np.uint64]:
        if "key" in self.table.dtype.names:
            return super().keys(rows)
        return rows.astype(np.uint64)

    def block(self, row: int) -> int:
        return int(self.table["block"][row]) if "block" in self.table.dtype.names else -1


@cache
def row_type(name: str) -> type[Row]:
    """The class of a plug-in's agents; the same for the same name."""
    return type(name, (Row,), {"__slots__": (), "__doc__": f"{name}, from a plug-in."})
