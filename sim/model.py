"""Model: a city as a Mesa model. The only file in sim/ that touches Mesa.

    from sim import Model
    model = Model(scenario="village", seed=1, step_days=7)
    while model.running:
        model.step()
    model.datacollector.get_model_vars_dataframe()

Time passes through `sim.engine.advance`, as everywhere: the same scenario and seed give the same
event log here, in `sim.run` and on the command line. Residents, officers and gangs stay records;
`agents` and `agents_by_type` are views of them (see `sim.agents.views`), so a city of millions
makes no Mesa agents. Users may still add mesa.Agent objects of their own (`companions`).
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.agent import Agent

from sim import measures as m
from sim import plugins
from sim.agents import views
from sim.agents.views import View
from sim.engine import advance
from sim.errors import UserError
from sim.means import STATES, state_means
from sim.recording import Recorder, extras
from sim.results import RunResult
from sim.run import Burnt, start
from sim.scenario import Scenario, check_seed
from sim.words import shown

COUNTS = tuple(name for name in m.PLACE_MEASURES if name != "response_minutes")
MEANS = ("legitimacy", "fairness", "effectiveness", "fear", "trauma", "carrying_share")
LEVELS = ("population", "in_jail", *MEANS)
EXTRAS = ("cynicism", "gang_members", "officer_stress", "officer_danger", "response_minutes",
          "open_cases", "scrutiny", "grievances", "programme_cost")  # fmt: skip
REPORTED = (
    "seed", "day", "population", "homicides", "persons_shot", "shooting_incidents",
    "retaliatory_incidents", "robberies", "serious_assaults", "stops", "force", "arrests", "calls",
    "violent_reported", "cleared_fatal", "homicides_recorded", "legitimacy", "fear", "trauma",
    "carrying_share", "in_jail", "gang_members", "officer_stress", "response_minutes",
)  # fmt: skip
"""What the data collector keeps unless it is replaced; every measure is an attribute anyway."""


class Model(mesa.Model):
    """A city that Mesa's tools can run.

    `scenario` is a Scenario, the name of one or of a city, or a TOML file (default: the village);
    further keywords override parameters by name. `seed` is a whole number (the text "7" counts as
    7); without one Mesa draws it, and `model.seed` tells. `step_days` pass in a step; `burn_in` is
    False for none (the city starts unsettled), or a `sim.run.Burnt` to share between models.

    Counts (`model.homicides`, `model.stops`, ...) are of the last step, so a collected column adds
    up to the run's total; levels (`model.legitimacy`, ...) are today's. With `step_days=7` they are
    the rows of `RunResult.weekly`.

    >>> from sim import Model
    >>> model = Model(scenario="synthetic:400", seed=1, burn_in=False, step_days=7)
    >>> model.step()
    >>> model.steps, model.day, len(model.agents) > 300
    (1, 7, True)

    Raises UserError for a scenario, parameter, seed or step that makes no sense.
    """

    def __init__(
        self,
        *,
        scenario: Scenario | str | Path | None = None,
        seed: Any = None,
        step_days: int = 1,
        burn_in: bool | Burnt = True,
        **overrides: float,
    ) -> None:
        given = None if seed is None else whole_seed(seed)
        super().__init__(seed=given)
        if given is None:  # keep what Mesa drew, or the run could not be had again
            given = self.random.getrandbits(31)
            self.reset_randomizer(given)
            self.reset_rng(given)
        self.seed = given
        self.step_days = _step_days(step_days)
        self.scenario = _scenario(scenario, burn_in, overrides)
        burnt = burn_in if isinstance(burn_in, Burnt) else None
        self.state, self.geography, self._burnt = start(self.scenario, given, burnt)
        self.first_day = self.state.day
        self.recorder = Recorder(first_day=self.first_day)
        self.state.recorders.append(self.recorder)
        self.overrides: list[tuple[int, str]] = []
        """Changes by hand: day and reason."""
        self.overriding = False
        self._now: tuple[int, dict[str, float]] = (-1, {})
        self._summed, self._total = 0, self._zero()
        self._before = self._zero()
        self._counts = self._zero()
        self.datacollector = mesa.DataCollector(model_reporters={n: n for n in REPORTED})
        self.datacollector.collect(self)

    # --- time -----------------------------------------------------------------------------------

    @property
    def day(self) -> int:
        """Days since the run's start."""
        return self.state.day - self.first_day

    @property
    def date(self) -> Any:
        """Today's date."""
        return self.scenario.date_of(self.day)

    def step(self) -> None:
        """Let `step_days` pass, or what is left of the scenario; `running` is then False.

        A step after the end changes nothing, and is not counted.
        """
        days = min(self.step_days, self.scenario.days - self.day)
        if days <= 0:
            self.steps -= 1
            self.running = False
            return
        advance(self.state, days)
        if self.day >= self.scenario.days:
            self.running = False
            if self.state.day % 7:
                self.recorder(self.state)
        total = self._totals()
        self._counts, self._before = total - self._before, total
        self.datacollector.collect(self)

    # --- agents ---------------------------------------------------------------------------------

    @property
    def agents(self) -> View:
        """The residents who live here now (others: `agents_by_type`)."""
        return View(views.Residents(self))

    @agents.setter
    def agents(self, agents: Any) -> None:
        raise AttributeError("model.agents shows the city's residents and can't be set")

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """Residents, officers, gangs, plug-ins' agents, and Mesa agents that users added."""
        sources = [views.Residents(self), views.Officers(self), views.Gangs(self)]
        sources += [views.Others(self, name, f) for name, f in plugins.agent_types().items()]
        return {source.kind: View(source) for source in sources} | dict(self._agents_by_type)

    @property
    def agent_types(self) -> list[type]:
        return list(self.agents_by_type)

    @property
    def officers(self) -> View:
        return View(views.Officers(self))

    @property
    def gangs(self) -> View:
        return View(views.Gangs(self))

    @property
    def companions(self) -> Any:
        """Users' own mesa.Agent objects, as Mesa's AgentSet."""
        return self._all_agents

    def remove_companions(self) -> None:
        """Remove users' Mesa agents and what Mesa keeps of them, so that the model can be freed."""
        self.remove_all_agents()
        Agent._ids.pop(self, None)

    @contextlib.contextmanager
    def override(self, why: str) -> Iterator[Model]:
        """Allow writing through views inside a `with` block; noted in `overrides`.

        Raises UserError without a reason.
        """
        if not isinstance(why, str) or not why.strip():
            raise UserError("override: say why, so that it can be told what happened to this run")
        self.overrides.append((self.day, why))
        self.overriding = True
        try:
            yield self
        finally:
            self.overriding = False
            self._now = (-1, {})

    # --- results --------------------------------------------------------------------------------

    def result(self) -> RunResult:
        """The run so far: events up to today, tables up to the last full week."""
        recorder = copy.copy(self.recorder)
        for name, value in vars(recorder).items():
            if isinstance(value, list):
                setattr(recorder, name, list(value))
        log = self.state.world.log.events[: int(self.state.world.clock["events"][0])]
        if log.size:
            recorder.events.append(log.copy())
        result = RunResult.of(
            self.scenario,
            self.seed,
            self.geography,
            self.state,
            recorder,
            self._burnt,
            float("nan"),
        )
        result.days = self.day
        return result

    @property
    def event_log_hash(self) -> str:
        """Of every event so far; after the last step, that of `sim.run`."""
        return self.result().event_log_hash

    def _zero(self) -> np.ndarray:
        return np.zeros(len(m.PLACE_MEASURES), dtype=np.int64)

    def _totals(self) -> np.ndarray:
        """Counts since the run's start: weeks that the recorder took, and the week under way."""
        taken = self.recorder.area_counts
        for counts in taken[self._summed :]:
            self._total = self._total + counts.sum(axis=0, dtype=np.int64)
        self._summed = len(taken)
        return self._total + self.state.world.log.area_counts.sum(axis=0, dtype=np.int64)

    def _count(self, name: str) -> int:
        return int(self._counts[m.PLACE_MEASURES.index(name)])

    def _level(self, name: str) -> float:
        """A level today; read once a day, and only when asked for."""
        if self._now[0] != self.state.day:
            self._now = (self.state.day, self._levels())
        return self._now[1][name]

    def _levels(self) -> dict[str, float]:
        total = dict(zip(STATES, state_means(self.state)[0].sum(axis=0).tolist(), strict=True))
        total["carrying_share"] = total["carrying"]
        people = max(total["population"], 1.0)
        levels = {name: total[name] / people for name in MEANS}
        levels |= {name: total[name] for name in ("population", "in_jail")}
        return {**extras(self.state), **levels}


def _property(name: str, read: Any, text: str) -> property:
    return property(lambda self: read(self, name), doc=text)


for _name in COUNTS:
    setattr(Model, _name, _property(_name, Model._count, f"{_name}, in the last step."))
for _name in (*LEVELS, *EXTRAS):
    setattr(Model, _name, _property(_name, Model._level, f"{_name}, today."))


def whole_seed(seed: Any) -> int:
    """A seed as a whole number from 0; text and floats that are one count. Raises UserError."""
    if isinstance(seed, str):
        text = seed.strip()
        if text.isascii() and text.isdigit() and len(text) <= 18:
            return int(text)
    elif isinstance(seed, int | float | np.integer | np.floating) and not isinstance(seed, bool):
        if np.isfinite(seed) and seed == int(seed):
            return check_seed(int(seed))
    raise UserError(f"seed {shown(seed)}: expected a whole number, 0 or more")


def _step_days(days: Any) -> int:
    if isinstance(days, bool) or not isinstance(days, int | np.integer) or not 1 <= days <= 366:
        raise UserError(f"step_days {shown(days)}: expected a whole number of days, 1 to 366")
    return int(days)


def _scenario(
    given: Scenario | str | Path | None, burn_in: bool | Burnt, overrides: dict[str, float]
) -> Scenario:
    scenario = given if isinstance(given, Scenario) else Scenario.load(given or "village")
    changes: dict[str, Any] = {}
    if overrides:
        changes["parameters"] = {**scenario.parameters, **overrides}
    if burn_in is False:
        changes["burn_in_years"] = 0.0
    return scenario.with_changes(**changes) if changes else scenario
