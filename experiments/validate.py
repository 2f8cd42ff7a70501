"""The scoreboard: a city, many seeds, every fact of `experiments/facts`, pass or fail.

One job is one seed: the city is burnt in once, each design of that seed runs from there (sharing
what it can, see `experiments.facts.lives`), a few numbers per measure are kept and the run is
dropped. A fact passes when each of its parts lies
inside its accepted range and the 90 % interval overlaps it; what can't be computed is "no data" and
says why.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import runner as usual
from experiments import workers as crew
from experiments.facts import facts
from experiments.facts.designs import DESIGNS, long_years, scenario_of
from experiments.facts.lives import Lives
from experiments.facts.score import Collected, Score, fact_verdicts, keep, score, verdict
from experiments.facts.space import SOURCE_COUNT
from experiments.facts.view import Missing, View
from experiments.runner import Runner
from sim.errors import RunFailed, UserError

if TYPE_CHECKING:
    from sim.run import Life

__all__ = [
    "Collected",
    "Engine",
    "Score",
    "SeedJob",
    "collect",
    "fact_verdicts",
    "keep",
    "score",
    "theories_named",
    "validate",
    "verdict",
]


class Engine(usual.Engine):
    """Runs that also note what some facts ask of each year's start."""

    def run(self, scenario: Any, seed: int, burnt: Any) -> Any:
        life = self.begin(scenario, seed, burnt)
        life.until(scenario.days)
        return life.result(scenario)

    def begin(self, scenario: Any, seed: int, burnt: Any, means: bool = True) -> Life:
        """A run on its first day, to be let on as far as the caller wants."""
        from sim.run import Life
        from sim.surveys import begin_notes

        return Life.begin(scenario, seed, burnt, means=means, setup=begin_notes)


@dataclass
class SeedJob:
    """All designs of one seed (picklable); what it leaves is written to `folder`."""

    seed: int
    designs: tuple[str, ...]
    scenario: Any
    years: float
    folder: str
    runner: Runner
    plugins: tuple[str, ...] = ()
    label: str = ""

    def __post_init__(self) -> None:
        self.label = self.label or f"seed {self.seed}"

    def __call__(self, done: Callable[[], None] | None = None) -> list[crew.Failure]:
        load_plugins(self.plugins)
        views: dict[str, View] = {}
        failures: list[crew.Failure] = []
        lives = Lives(self.runner, self.seed)
        out = Collected(self.seed)
        for place, design in enumerate(self.designs):
            scenario = self._scenario(design, out)
            try:
                result = lives.run(design, scenario, self.designs[place + 1 :])
                views[design] = View(result, self.seed, scenario)
            except UserError:
                raise
            except Exception as error:
                # The facts that need this run have no data from this seed; the rest goes on.
                text = crew.told(error)
                failures.append(crew.Failure(f"{self.label}, {design}", text))
            collect(out, views, self.designs[place + 1 :])
            if done:
                done()
        path = Path(self.folder) / f"{self.seed}.pickle"
        work = path.with_suffix(".part")
        work.write_bytes(pickle.dumps(out))
        work.rename(path)
        return failures

    def _scenario(self, design: str, out: Collected) -> Any:
        years = self.years
        if design == "long":
            years = long_years(out.incidents, out.years or years, SOURCE_COUNT)
        return scenario_of(design, self.scenario, years)


def collect(out: Collected, views: dict[str, View], coming: Sequence[str] = ()) -> None:
    """Add the numbers of every measure whose runs are there, then drop the runs nobody waits for.

    `coming` are the designs still to be run; a run kept for them is cut down to its small tables,
    so that a worker holds one whole run at a time.
    """
    from experiments.facts.catalogue import MEASURES

    if "plain" in views and not out.years:
        out.years = views["plain"].days / 365.0
        with contextlib.suppress(Missing):
            out.incidents = len(views["plain"].incidents.day)
    left: set[str] = set()
    for name in dict.fromkeys(_wanted()):
        measure = MEASURES[name]
        if name in out.rows or name in out.missing:
            continue
        if set(measure.designs) & set(coming):
            left |= set(measure.designs)
            continue
        try:
            # Means of nothing are NaN, which pooling leaves out; they need no warning.
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore", RuntimeWarning)
                out.rows[name] = measure.rows(views)
        except Missing as lack:
            out.missing[name] = str(lack)
        except Exception as error:  # a broken table must not cost the other facts their value
            out.missing[name] = f"{type(error).__name__}: {error}"
    for design in list(views):
        if design in left:
            views[design].slim()
        else:
            del views[design]


def _wanted() -> list[str]:
    return [part.measure for fact in facts() for part in fact.parts]


def validate(
    city: Any = "midsize",
    *,
    seeds: int = 20,
    first_seed: int = 1,
    years: float = 5.0,
    workers: int | None = None,
    hypotheses: Mapping[str, str] | None = None,
    designs: Sequence[str] | None = None,
    runner: Runner | None = None,
    plugins: Sequence[str] = (),
    tick: Callable[[int, int], None] | None = None,
) -> tuple[list[Score], list[crew.Failure]]:
    """Run `city` (a name, a file or a Scenario) over seeds and score it; also returns what failed.

    Raises UserError for a city or hypothesis that doesn't exist, RunFailed when no run finished.
    """
    scenario = _scenario(city, hypotheses)
    chosen = tuple(designs or DESIGNS)
    unknown = sorted(set(chosen) - set(DESIGNS))
    if unknown:
        raise UserError(f"designs: no design {unknown[0]!r}; there are {', '.join(DESIGNS)}")
    engine = runner or Engine()
    with tempfile.TemporaryDirectory(prefix="peel-validate-") as folder:
        jobs = [
            SeedJob(seed, _designs_of(k, chosen), scenario, years, folder, engine, tuple(plugins))
            for k, seed in enumerate(range(first_seed, first_seed + seeds))
        ]
        engine.warm()
        failures = crew.perform(jobs, workers or crew.cores(), _ticker(folder, len(jobs), tick))
        collected = [
            pickle.loads(path.read_bytes()) for path in sorted(Path(folder).glob("*.pickle"))
        ]
    if not any(found.rows for found in collected):
        detail = failures[0].error if failures else "no table had what the facts need"
        raise RunFailed(f"validate: no run of {scenario.name} gave a result ({detail})")
    collected.sort(key=lambda found: found.seed)
    return score(collected, scenario.hypotheses), failures


def _scenario(city: Any, hypotheses: Mapping[str, str] | None) -> Any:
    from sim.scenario import Scenario

    scenario = Scenario.load(os.fspath(city)) if isinstance(city, str | os.PathLike) else city
    if hypotheses:
        scenario = scenario.with_changes(hypotheses={**scenario.hypotheses, **hypotheses})
    return scenario


def _designs_of(place: int, chosen: Sequence[str]) -> tuple[str, ...]:
    """The designs that the seed at this place of the plan runs."""
    return tuple(
        name for name in chosen if DESIGNS[name].seeds is None or place < (DESIGNS[name].seeds or 0)
    )


def _ticker(folder: str, jobs: int, tick: Callable[[int, int], None] | None) -> Callable[[], None]:
    def report() -> None:
        if tick:
            tick(len(list(Path(folder).glob("*.pickle"))), jobs)

    return report


def load_plugins(files: Sequence[str]) -> None:
    if files:
        from experiments.options import load_plugins

        load_plugins([Path(file) for file in files])


def theories_named(text: str | None) -> dict[str, str]:
    """Hypotheses from the command line: "rivalry", "violence=rivalry" or several with commas.

    Raises UserError for a name that no question has.

    >>> theories_named("rivalry,reporting=dpk")
    {'violence': 'rivalry', 'reporting': 'dpk'}
    """
    from sim.hypotheses import PRESETS

    out: dict[str, str] = {}
    for word in filter(None, (text or "").split(",")):
        question, _, theory = word.strip().rpartition("=")
        owners = [q for q, theories in PRESETS.items() if theory in theories]
        if question and theory in PRESETS.get(question, {}):
            out[question] = theory
        elif not question and len(owners) == 1:
            out[owners[0]] = theory
        else:
            known = ", ".join(f"{q}={t}" for q, theories in PRESETS.items() for t in theories)
            raise UserError(f"--hypotheses: no theory {word.strip()!r}; expected one of {known}")
    return out
