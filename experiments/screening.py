"""Which sets of the declared ranges make a plausible city: history matching by direct simulation.

A range says what somebody would still defend of one number. A hundred numbers drawn from their
ranges at once mostly make a city that nobody would take for the one compared: ten times the
shootings, or none. To learn from such a set what a policy does here is to learn from another place.

So sets are drawn in batches, each a Latin hypercube, and tried in the baseline with one seed. A set
is ruled out where its implausibility exceeds `CUT` (Craig, Goldstein, Seheult & Smith 1997,
"Pressure matching for hydrocarbon reservoirs"; three deviations, after Pukelsheim 1994, The
American Statistician 48(2):88-91):

    I(set) = max over LEVELS of |ln(level under the set / level as given)| / SPREAD

SPREAD, the deviation allowed for, is set so that the cut lies at `FACTOR` times more or less. It is
our assumption, and wide: it has to hold how far the model may be off, how far the city's figures
may be off, and the luck of one run. The first sets that pass, in the order drawn, are kept: draws
from the ranges given that the city is plausible (rejection sampling), with any number of workers.

What it does not do: the reference is the city as given, by its own defaults, and no data. Sets with
other levels than these three, or right for the wrong reason, pass. `peel calibrate` fits a city to
targets; its ensemble is to be preferred (`--ensemble`).
"""

from __future__ import annotations

import dataclasses
import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments import kept
from experiments import workers as crew
from experiments.plan import AS_GIVEN, Plan, Run, World
from experiments.progress import Progress
from experiments.runner import Runner, load_plugins
from experiments.worlds import candidate, drawn, with_theories
from sim.errors import RunFailed, UserError

LEVELS = ("persons_shot", "arrests", "calls")
"""Outcomes of the baseline that make a city this one."""
FACTOR = 2.5
CUT = 3.0
SPREAD = math.log(FACTOR) / CUT
MOST_BATCHES = 24
"""Tried at most, in batches of as many sets as are wanted."""


def implausibility(levels: Mapping[str, float], usual: Mapping[str, float]) -> float:
    """How far levels are from the usual ones, in units of SPREAD; infinite for none at all.

    >>> round(implausibility({"calls": 250.0}, {"calls": 100.0}), 3)
    3.0
    """
    far = 0.0
    for name, level in usual.items():
        here = levels.get(name, math.nan)
        if not level > 0.0 or math.isnan(here):
            continue
        far = max(far, abs(math.log(here / level)) / SPREAD if here > 0.0 else math.inf)
    return far


@dataclass(frozen=True)
class Trial:
    """The baseline under one set with one seed (picklable); one that can't go on leaves nothing."""

    run: Run
    folder: str
    runner: Runner
    plugins: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.run.world}, tried with seed {self.run.seed}"

    def __call__(self, done: Callable[[], None] | None = None) -> list[crew.Failure]:
        load_plugins(self.plugins)
        try:
            burnt = self.runner.burn_in(self.run.scenario, self.run.seed)
            result = self.runner.run(self.run.scenario, self.run.seed, burnt)
            small = kept.reduce(result, identity=identity(self.run), tables=False)
            kept.save(small, path_of_trial(self.folder, self.run))
        except UserError:
            raise
        except OSError as error:
            raise RunFailed(f"{self.folder}: can't keep a run ({error})") from error
        except Exception as error:
            return [crew.Failure(self.label, crew.told(error))]
        finally:
            if done:
                done()
        return []


def identity(run: Run) -> dict[str, Any]:
    """What a kept run says of itself."""
    return {"world": run.world, "arm": run.arm, "seed": run.seed, "hash": run.hash}


def path_of_trial(folder: str | Path, run: Run) -> Path:
    return Path(folder) / "tried" / f"{run.hash}.zip"


def screen(
    asked: Plan, folder: Path, runner: Runner, workers: int, plugins: tuple[str, ...],
    progress: bool,
) -> Plan:  # fmt: skip
    """The plan with the sets that passed, and with how many were tried for them.

    Trials lie in `tried/`, so that an interrupted screening goes on where it was. Raises RunFailed
    where no baseline as given is there to hold sets against.
    """
    usual = _usual(asked, folder)
    wanted = asked.layers.draws
    passed: list[World] = []
    tried = broken = 0
    for batch in range(MOST_BATCHES):
        told = f"{len(passed)} of {wanted} sets that make this city found, {tried} tried"
        worlds = list(_candidates(asked, batch))
        runs = [_trial(asked, world) for world in worlds]
        _perform(runs, folder, runner, workers, plugins, progress, told)
        for world, run in zip(worlds, runs, strict=True):
            if len(passed) == wanted:
                break
            tried += 1
            levels = _levels(path_of_trial(folder, run))
            broken += levels is None
            if levels is not None and implausibility(levels, usual) <= CUT:
                passed.append(world)
                _take(folder, run)
        if len(passed) == wanted:
            break
    layers = dataclasses.replace(
        asked.layers, tried=tried, implausible=tried - broken - len(passed), broken=broken
    )
    sets = with_theories(passed, layers)
    return dataclasses.replace(asked, worlds=(*asked.worlds, *sets), layers=layers)


# --- inside -----------------------------------------------------------------------------------


def _candidates(asked: Plan, batch: int) -> Iterator[World]:
    found = drawn(asked.layers, asked.arms, batch)
    for k, one in enumerate(found, start=batch * asked.layers.draws):
        yield candidate(k, one, asked.seeds)


def _perform(
    runs: list[Run], folder: Path, runner: Runner, workers: int, plugins: tuple[str, ...],
    progress: bool, told: str,
) -> None:  # fmt: skip
    jobs = [
        Trial(run, str(folder), runner, plugins)
        for run in runs
        if not path_of_trial(folder, run).exists()
    ]
    shown = Progress(len(runs), len(runs) - len(jobs), enabled=progress)
    shown.say(told)
    try:
        crew.perform(
            jobs, workers, lambda: shown.at(sum(path_of_trial(folder, r).exists() for r in runs))
        )
    finally:
        shown.close()


def _take(folder: Path, run: Run) -> None:
    """A trial that passed is the first run of its set."""
    from experiments.folder import path_of

    path = path_of(folder, run)
    if not path.exists():
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        shutil.copyfile(path_of_trial(folder, run), temporary)
        os.replace(temporary, path)


def _trial(asked: Plan, world: World) -> Run:
    arm = next(arm for arm in asked.arms if arm.name == asked.baseline)
    scenario = world.over(arm.scenario)
    seed = world.seeds[0]
    return Run(world.name, arm.name, seed, scenario, scenario.hash(seed))


def _usual(asked: Plan, folder: Path) -> dict[str, float]:
    """Means of the baseline as given, over the seeds that are there."""
    from experiments.folder import path_of

    found = [
        kept.load(path_of(folder, run)).meta["outcomes"]
        for run in asked.runs()
        if (run.world, run.arm) == (AS_GIVEN, asked.baseline) and path_of(folder, run).exists()
    ]
    if not found:
        raise RunFailed(f"{folder}: no run of {asked.baseline} finished to hold sets against")
    return {n: sum(o.get(n, math.nan) for o in found) / len(found) for n in LEVELS}


def _levels(path: Path) -> dict[str, float] | None:
    if not path.exists():
        return None
    outcomes = kept.load(path).meta["outcomes"]
    return {name: float(outcomes.get(name, math.nan)) for name in LEVELS}
