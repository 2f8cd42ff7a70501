"""One arm being recorded: a state, and what is kept of each week."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.engine import advance
from sim.kept_cities import settled
from sim.recording import Recorder
from sim.results import RunResult
from sim.run import Burnt, start
from sim.scenario import Scenario
from viz.view import blocks, chunks

COUNTS = (
    "persons_shot", "homicides", "shooting_incidents", "retaliatory_incidents", "robberies",
    "serious_assaults", "calls", "violent_reported", "stops", "force", "arrests",
    "arrests_shooting", "cleared_fatal", "cleared_nonfatal", "mediated", "complaints",
)  # fmt: skip
LEVELS = ("legitimacy", "fear", "trauma", "in_jail", "gang_members", "response_minutes",
          "programme_cost", "population")  # fmt: skip
SERIES = COUNTS + LEVELS
_COLUMNS = [m.PLACE_MEASURES.index(name) for name in COUNTS]
MARK = np.dtype(
    [
        ("key", "<u8"), ("cause", "<u8"), ("day", "<i4"), ("block", "<i4"), ("actor", "<i4"),
        ("target", "<i4"), ("x_m", "<f4"), ("y_m", "<f4"), ("kind", "<i2"), ("fatal", "<i2"),
        ("rule", "<i2"), ("part", "<i2"),
    ]
)  # fmt: skip
"""A logged event as the browser gets it, 48 bytes; days count from the run's start."""
BIG = 250_000  # residents above which trust is looked at once a week


class Arm:
    """A run under way whose weeks are packed as they pass."""

    def __init__(
        self, scenario: Scenario, seed: int, burnt: Burnt, edits: tuple[tuple[str, int], ...] = ()
    ) -> None:
        from viz.view.edits import hold_open, never_solved

        self.scenario, self.seed, self.burnt = scenario, seed, burnt
        undone = [key for verb, key in edits if verb == "undo"]
        undone += [never_solved(burnt, seed, key) for verb, key in edits if verb == "unsolve"]
        self.state, self.geography, _ = start(scenario, seed, burnt, undone)
        solved = [key for verb, key in edits if verb == "solve"]
        if solved:
            self.state.daily.append(hold_open(solved))
        self.first = self.state.day
        self.recorder = Recorder(first_day=self.first)
        self.state.recorders.append(self.recorder)
        self.seconds = 0.0
        self._days: list[NDArray[np.uint8]] = []
        self.turf = blocks.turf(self.state).copy()
        self._events = 0

    @property
    def day(self) -> int:
        return self.state.day - self.first

    def step(self) -> None:
        """One day, and what the map shows of it."""
        if self.state.world.people.residents.size <= BIG or not self._days:
            self._days.append(blocks.trust(self.state))
        else:
            self._days.append(self._days[-1])
        advance(self.state, 1)

    def week(self, most: float) -> tuple[bytes, NDArray[np.float32], bytes]:
        """The week's map, series (SERIES,) and events, and begin the next."""
        state = self.state
        turf = blocks.turf(state)
        moved = not np.array_equal(turf, self.turf)  # than when the run began: shape has that
        chunk = chunks.pack(
            np.stack(self._days), blocks.calls(state), blocks.unsolved(state),
            blocks.patrol(state, most), blocks.marks(state), turf if moved else turf[:0],
        )  # fmt: skip
        self._days = []
        return chunk, self._series(), self._new_events()

    def _series(self) -> NDArray[np.float32]:
        from sim.means import STATES

        r = self.recorder
        counts = r.area_counts[-1].sum(axis=0, dtype=np.int64)
        last = r.by_people[-1].sum(axis=0)
        people = max(float(last[0]), 1.0)
        more = r.extras[-1]
        levels = {name: float(last[k]) / people for k, name in enumerate(STATES)}
        levels |= {k: more[k] for k in ("gang_members", "response_minutes", "programme_cost")}
        levels |= {"population": people, "in_jail": float(last[STATES.index("in_jail")])}
        out = [float(counts[c]) for c in _COLUMNS] + [levels[name] for name in LEVELS]
        return np.asarray(out, dtype=np.float32)

    def _new_events(self) -> bytes:
        new = self.recorder.events[self._events :]
        self._events = len(self.recorder.events)
        if not new:
            return b""
        rows = np.concatenate(new)
        rows = rows[np.lexsort((rows["key"], rows["day"]))]
        return as_marks(rows, self.first)

    def result(self) -> RunResult:
        """The run's tables, as `peel run` makes them."""
        return RunResult.of(
            self.scenario, self.seed, self.geography, self.state, self.recorder, self.burnt,
            self.seconds,
        )  # fmt: skip


def as_marks(rows: Any, first: int) -> bytes:
    """Rows of the event log as MARK records."""
    out = np.zeros(rows.size, dtype=MARK)
    for name in ("key", "cause", "block", "actor", "target", "x_m", "y_m", "kind", "rule", "part"):
        out[name] = rows[name]
    out["day"] = rows["day"] - first
    out["fatal"] = rows["flags"] & 1
    return out.tobytes()


def burnt_city(scenario: Scenario, seed: int) -> Burnt:
    """The city after its burn-in, from the cache where this installation keeps one."""
    return settled(scenario, seed)
