"""The runs of one seed. Those that share a past share it: what an incident or more years add is run
from a copy of the ordinary run, which keyed draws make the same, bit for bit, as a run from the
start.

    plain   |----------+------------------+--|
    shock              +----------|       :       an incident ahead
    local              +--|               :       the same, until the last week that is read
    long                                  +--------|

Kinds of runs with no past in common with the ordinary one (another volume of stops) start from a
city of their own. Work is saved only; no figure depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from experiments.facts.designs import DESIGNS, FORK_DAY

if TYPE_CHECKING:
    from experiments.runner import Runner
    from sim.run import Life

FORKED = ("shock", "local")
"""Plain but for one more incident, the last of the scenario's."""


@runtime_checkable
class Branching(Protocol):
    """A runner whose runs can stop on the way and be forked."""

    def burn_in(self, scenario: Any, seed: int) -> Any: ...

    def begin(self, scenario: Any, seed: int, burnt: Any, means: bool) -> Life: ...


class Lives:
    """Runs the designs of one seed in turn, the plain one before those that may share its past."""

    def __init__(self, runner: Runner, seed: int) -> None:
        self.runner, self.seed = runner, seed
        self._burnt: dict[str, Any] = {}
        self._young: Life | None = None
        """The ordinary run shortly before an incident would happen."""
        self._old: Life | None = None
        """The ordinary run at its last week's start."""
        self._plain: Any = None
        """The scenario of the ordinary run."""

    def run(self, design: str, scenario: Any, coming: Sequence[str] = ()) -> Any:
        """The finished run of `design`; `coming` are the designs to be run after it."""
        past = scenario.burn_in_hash(self.seed)
        if past not in self._burnt:
            self._burnt = {past: self.runner.burn_in(scenario, self.seed)}
        burnt = self._burnt[past]
        if not isinstance(self.runner, Branching):  # one that only knows whole runs
            return self.runner.run(scenario, self.seed, burnt)
        if design == "plain":
            life = self._ordinary(self.runner, scenario, burnt, coming)
        elif design in FORKED and self._young is not None:
            more = any(name in coming for name in FORKED)
            life, self._young = self._young, self._young.fork() if more else None
            life.meet(scenario, scenario.incidents[-1:])
        elif design == "long" and self._old is not None and self._goes_on(self._old, scenario):
            life, self._old = self._old, None
        else:
            life = self.runner.begin(scenario, self.seed, burnt, DESIGNS[design].means)
        life.until(scenario.days)
        return life.result(scenario)

    def _goes_on(self, life: Life, scenario: Any) -> bool:
        """Is the ordinary run the past of this one? It has not been told of what begins later."""
        known = (self._plain.incidents, self._plain.policies)
        return life.day <= scenario.days and (scenario.incidents, scenario.policies) == known

    def _ordinary(
        self, runner: Branching, scenario: Any, burnt: Any, coming: Sequence[str]
    ) -> Life:
        """The plain run on its way, with copies left where others branch off."""
        self._plain = scenario
        life = runner.begin(scenario, self.seed, burnt, DESIGNS["plain"].means)
        if any(name in coming for name in FORKED) and scenario.days >= FORK_DAY:
            life.until(FORK_DAY)
            self._young = life.fork()
        if "long" in coming:
            life.until(scenario.days - scenario.days % 7)
            self._old = life.fork()
        return life
