"""run(): one scenario, one seed, one result. Also burn_in(), which the arms of a comparison share."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import measures as m
from sim import plugins
from sim import world as worlds
from sim.agents.start_civic import found_civic
from sim.city import build, load_spec
from sim.city.geography import Geography
from sim.engine import MOST_WEEKS, Q_INCIDENT, State, advance, of_gunfire
from sim.errors import UserError
from sim.levers import Board
from sim.parameters import record
from sim.policies.desk import Involvement
from sim.random import child_key, run_key, stream
from sim.recording import Recorder
from sim.results import RunResult
from sim.scenario import DAYS_PER_YEAR, LONGEST_YEARS, Incident, Scenario
from sim.tables import layout

_INCIDENT = stream("run.incident")
LONGEST_DAYS = round(LONGEST_YEARS * DAYS_PER_YEAR) + 8


@dataclass
class Burnt:
    """A city after its burn-in; `world` is copied before anything runs on it."""

    world: worlds.World
    geography: Geography
    identity: str
    seconds: float
    events: np.ndarray
    """Events of the burn-in, which causes may point back to."""
    deliveries: list[Any]
    """Policies dated before the start, as far as they have come."""
    board: Board
    """What those policies propose."""
    own: dict[str, Any]
    """What plug-ins keep, as far as it has come."""
    suppressed: tuple[int, ...] = ()
    """Events left out of it (undo)."""
    from_disk: bool = False
    """It was kept from an earlier run; `seconds` is then what reading it took."""


def burn_days(scenario: Scenario) -> int:
    """Days of burn-in in whole weeks, so that the run starts with a week."""
    return 7 * round(scenario.burn_in_days / 7)


def prepare(scenario: Scenario, seed: int) -> tuple[State, Geography]:
    """The city on day 0 of its burn-in."""
    values = scenario.values()
    geography, people, place, police, groups = build(load_spec(scenario.city), values, seed)
    first = burn_days(scenario)
    # a calendar for the longest run that may start from this burn-in, not for this scenario's own
    flow = layout(people, place, groups, first + LONGEST_DAYS)
    kinds = people.kinds.size
    log = worlds.Log(
        events=worlds.records(worlds.EVENT, people.residents.size // 40 + 2048),
        area_counts=np.zeros((place.areas.size, len(m.PLACE_MEASURES)), dtype=np.int32),
        people_counts=np.zeros((kinds * 2 * 6, len(m.PERSON_MEASURES)), dtype=np.int32),
        suppressed=np.zeros(8, dtype=np.uint64),
        diary=worlds.records(worlds.NOTE, people.residents.size // 8 + 4096),
    )
    clock = worlds.records(worlds.CLOCK, 1)
    began = scenario.date_of(-first)
    clock["seed"], clock["free_case"], clock["free_entry"] = run_key(seed), -1, -1
    clock["groups"], clock["gangs"] = kinds, groups.gangs.size
    clock["block_m"] = geography.block_m
    clock["start_weekday"], clock["start_doy"] = began.weekday(), began.timetuple().tm_yday - 1
    p = record(values)
    civic = found_civic(people, p)
    world = worlds.World(people, place, police, groups, flow, civic, log, p, clock)
    state = State(world, kept=Involvement())
    return state, geography


def burn_in(
    scenario: Scenario,
    seed: int,
    suppressed: Sequence[int] = (),
    progress: Callable[[float], None] | None = None,
) -> Burnt:
    """Let the city live until the run's first day: trust, feuds and caseloads settle.

    `suppressed` names events that are not to happen.
    """
    started = time.perf_counter()
    state, geography = prepare(scenario, seed)
    suppress(state.world, suppressed)
    recorder = Recorder(first_day=0, means=False)
    state.recorders.append(recorder)
    begin_policies(state, scenario, burning=True)
    plugins.attach(state, burning=True)
    schedule_incidents(state, scenario, geography, before=True)
    left = burn_days(scenario)
    while left > 0:
        chunk = min(left, pace(state))
        advance(state, chunk)
        left -= chunk
        if progress is not None:
            progress(1.0 - left / burn_days(scenario))
    recorder.take_events(state.world)
    state.world.log.area_counts[:] = 0
    state.world.log.people_counts[:] = 0
    seconds = time.perf_counter() - started
    return Burnt(
        state.world,
        geography,
        scenario.burn_in_hash(seed),
        seconds,
        recorder.all_events(),
        state.deliveries,
        state.board,
        state.own,
        tuple(int(key) for key in suppressed),
    )


def pace(state: State) -> int:
    """Days between two signs of progress: whole weeks, fewer in a large city. Changes no result."""
    return 7 * max(1, min(MOST_WEEKS, 2_000_000 // state.world.people.residents.size))


def suppress(world: worlds.World, keys: Sequence[int]) -> None:
    """Name the events that are not to happen; room for a few. Raises ValueError beyond that."""
    room = world.log.suppressed
    if len(keys) > room.size:
        raise ValueError(f"{len(keys)} events to leave out: at most {room.size} at once")
    room[:] = 0
    room[: len(keys)] = np.asarray([int(key) for key in keys], dtype=np.uint64)


def begin_policies(state: State, scenario: Scenario, burning: bool) -> None:
    """Hand the state its policies: those dated before the start during burn-in, then all."""
    from sim.policies.delivery import attach

    attach(state, scenario, burn_days(scenario), burning)


def schedule_incidents(
    state: State, scenario: Scenario, geography: Geography, before: bool
) -> None:
    """Publicised incidents from outside the model go on the calendar.

    Raises UserError for an incident about a group that the city does not have.
    """
    from sim.processes.record import schedule_from_outside

    first, seed = burn_days(scenario), np.uint64(state.world.clock["seed"][0])
    for incident in scenario.incidents:
        if incident.group and incident.group not in geography.group_names:
            raise UserError(
                f"incident of day {incident.day}: no group {incident.group!r} in {geography.name};"
                f" expected one of {', '.join(geography.group_names)}, or none"
            )
        if (incident.day < 0) == before and first + incident.day >= state.day:
            group = geography.group_names.index(incident.group) if incident.group else -1
            key = child_key(
                seed, np.uint64(first + incident.day), int(incident.salience * 1e6), _INCIDENT
            )
            schedule_from_outside(
                state.handle, first + incident.day, Q_INCIDENT, np.uint64(key), np.uint64(0),
                -1, group, -1, float(incident.salience),
            )  # fmt: skip


def start(
    scenario: Scenario, seed: int, burnt: Burnt | None = None, suppressed: Sequence[int] = ()
) -> tuple[State, Geography, Burnt]:
    """A state on the first day of the run, sharing nothing that changes with `burnt`."""
    if burnt is None:
        from sim.kept_cities import settled

        burnt = settled(scenario, seed, suppressed)
    elif burnt.identity != scenario.burn_in_hash(seed):
        raise ValueError(
            "this burnt-in city is another one's: city, seed, parameters or earlier policies differ"
        )
    world = worlds.copy(burnt.world)
    suppress(world, sorted({*burnt.suppressed, *(int(key) for key in suppressed)}))
    state = State(world, kept=Involvement())
    state.own = copy.deepcopy(burnt.own)
    state.deliveries = [d.copied() for d in burnt.deliveries]
    state.board = copy.deepcopy(burnt.board)
    events = burnt.events.view(np.ndarray)
    state.untold.append(events[of_gunfire(events) & (events["day"] > state.day - 1100)])
    begin_policies(state, scenario, burning=False)
    plugins.attach(state, burning=False)
    schedule_incidents(state, scenario, burnt.geography, before=False)
    return state, burnt.geography, burnt


def run(
    scenario: Scenario | str,
    seed: int = 1,
    *,
    burnt: Burnt | None = None,
    progress: Callable[[float], None] | None = None,
    suppressed: Sequence[int] = (),
    means: bool = True,
    setup: Callable[[State], None] | None = None,
) -> RunResult:
    """Run one scenario with one seed.

    `burnt` shares a burn-in between arms (without, it is taken from disk where an earlier run kept
    it, see `sim.kept_cities`); `progress` is told the share done, 0..1; `suppressed` names
    events that are not to happen, in the burn-in too unless `burnt` is given (undo); `means=False`
    takes means over residents at the end only;
    `setup` is called with the state on the first day. Processes of plug-ins take part by themselves.

    >>> result = run("village", seed=1)  # doctest: +SKIP
    >>> result.weekly["persons_shot"].sum()  # doctest: +SKIP

    Raises UserError for a scenario that makes no sense, RunFailed when the world can't go on.
    """
    if isinstance(scenario, str):
        scenario = Scenario.load(scenario)
    life = Life.begin(scenario, seed, burnt, suppressed, means, setup)
    life.until(scenario.days, progress)
    return life.result(scenario)


@dataclass
class Life:
    """A run under way, which may stop on any day, be forked there, and go on."""

    seed: int
    state: State
    geography: Geography
    burnt: Burnt
    recorder: Recorder
    seconds: float = 0.0

    @classmethod
    def begin(
        cls, scenario: Scenario, seed: int, burnt: Burnt | None = None,
        suppressed: Sequence[int] = (), means: bool = True,
        setup: Callable[[State], None] | None = None,
    ) -> Life:  # fmt: skip
        """On the run's first day; arguments as of `run`."""
        state, geography, burnt = start(scenario, seed, burnt, suppressed)
        if setup is not None:
            setup(state)
        recorder = Recorder(first_day=state.day, means=means)
        state.recorders.append(recorder)
        return cls(seed, state, geography, burnt, recorder)

    @property
    def day(self) -> int:
        """Days lived since the run began."""
        return self.state.day - self.recorder.first_day

    def until(self, day: int, progress: Callable[[float], None] | None = None) -> None:
        """Live until `day` of the run; raises RunFailed when the world can't go on."""
        started = time.perf_counter()
        left = day - self.day
        while left > 0:
            chunk = min(left, pace(self.state))
            advance(self.state, chunk)
            left -= chunk
            if progress is not None:
                progress(1.0 - left / day)
        self.seconds += time.perf_counter() - started

    def fork(self) -> Life:
        """The same life again, sharing nothing that changes: draws are keyed, so both would go on
        alike, and differ by what one of them is told from here."""
        world = self.state.world
        state, recorder = copy.deepcopy(
            (self.state, self.recorder), {id(world): worlds.copy(world)}
        )
        return Life(self.seed, state, self.geography, self.burnt, recorder, self.seconds)

    def meet(self, scenario: Scenario, incidents: Sequence[Incident]) -> None:
        """More incidents, in a run of `scenario`; those of days gone by are left out."""
        told = dataclasses.replace(scenario, incidents=tuple(incidents))
        schedule_incidents(self.state, told, self.geography, before=False)

    def result(self, scenario: Scenario) -> RunResult:
        """What the run left up to today, as a run of `scenario`, which must end today."""
        if self.day != scenario.days:
            raise ValueError(f"day {self.day} is not the end of {scenario.days} days")
        if self.state.day % 7:
            self.recorder(self.state)
        return RunResult.of(
            scenario, self.seed, self.geography, self.state, self.recorder, self.burnt,
            self.seconds,
        )  # fmt: skip


def warm() -> None:
    """Compile, or load from the cache, everything a run needs (a few days of a tiny city)."""
    from sim.scenario import Scenario as S

    tiny = S(city="synthetic:400", years=14 / 365, burn_in_years=0.0)
    run(tiny, seed=0)
