"""Arms paired by seed, on all cores, losing nothing that finished.

One job is one seed with all its arms: the city is burnt in once and shared by the arms whose past
is the same, then each arm runs from it, and each finished run is on disk before the next begins.
Killing anything at any moment costs the runs under way and no more; `resume` completes what is
missing.

    from experiments import compare
    result = compare(["district", "fellowship"], replicates=10)
    result.table()          # a DataFrame: one row per arm and outcome, with intervals
    result.report()         # report.html
"""

from __future__ import annotations

import dataclasses
import math
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import outcomes
from experiments import plan as plans
from experiments import workers as crew
from experiments.folder import begin, path_of, write_manifest
from experiments.plan import Plan, Run
from experiments.progress import Progress
from experiments.runner import Engine, Runner, load_plugins
from experiments.screening import identity, screen
from experiments.worlds import Layers
from sim.errors import RunFailed, UserError

if TYPE_CHECKING:
    from experiments.comparison import Comparison


@dataclass(frozen=True)
class SeedJob:
    """All arms of one seed (picklable). Runs that are already on disk are left alone."""

    seed: int
    runs: tuple[Run, ...]
    folder: str
    runner: Runner
    events: bool = False
    plugins: tuple[str, ...] = ()
    world: str = ""
    """The drawn world that all runs belong to: a job of its own, of which no tables are kept."""

    @property
    def label(self) -> str:
        return f"{self.world}, seed {self.seed}" if self.world else f"seed {self.seed}"

    def __call__(self, done: Callable[[], None] | None = None) -> list[crew.Failure]:
        load_plugins(self.plugins)
        failures = []
        for past in _by_past(self.runs):
            missing = [run for run in past if not path_of(self.folder, run).exists()]
            burnt = None
            for run in missing:
                try:
                    if burnt is None:
                        burnt = self.runner.burn_in(run.scenario, self.seed)
                    self._one(run, burnt)
                except UserError:
                    raise
                except OSError as error:  # a full disk stops everything; it won't mend itself
                    raise RunFailed(f"{self.folder}: can't keep a run ({error})") from error
                except Exception as error:
                    failures.append(crew.Failure(run.label, crew.told(error)))
                if done:
                    done()
        return failures

    def _one(self, run: Run, burnt: Any) -> None:
        from experiments import geography, kept

        result = self.runner.run(run.scenario, self.seed, burnt)
        geography.keep(result.geography, burnt, Path(self.folder))
        small = kept.reduce(
            result, identity=identity(run), events=self.events, tables=not self.world
        )
        kept.save(small, path_of(self.folder, run))


def compare(
    scenarios: Sequence[Any],
    *,
    baseline: str | None = None,
    replicates: int = 10,
    seed: int = 1,
    seeds: Sequence[int] | None = None,
    years: float | None = None,
    hypotheses: str | None = None,
    uncertainty: str | None = None,
    draws: int | None = None,
    design_seed: int = 1,
    ensemble: str = "",
    whole_ranges: bool = False,
    headlines: Sequence[str] = (),
    precision: str | None = None,
    most: int = 200,
    workers: int | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    events: bool = False,
    plugins: Sequence[str] = (),
    runner: Runner | None = None,
    progress: bool = False,
) -> Comparison:
    """Run every arm with every seed and hold the arms against the baseline, pair by pair.

    Parameters: `scenarios` (Scenario objects, TOML paths, names of scenarios or cities; the first
    is the baseline unless named); `replicates` seeds counted up from `seed`, or `seeds` in full;
    `years` overrides the scenarios' own; `hypotheses` ("all", or questions) repeats all arms
    under rival theories; `uncertainty` ("parameters", "hypotheses" or "all", see
    `experiments.worlds`) repeats them in `draws` parameter sets, from the table `ensemble` where
    given, else the city's own that ships, else the declared ranges by a design of `design_seed`,
    of which those are kept that make a plausible city (all of them with `whole_ranges`);
    `precision` ("0.1:homicides") adds seeds until the half width of that
    outcome's interval is that share of the baseline's mean for every arm, or there are `most`;
    `workers` processes (all cores; 1: none but this one); `out` the folder to keep it in (none: a
    temporary one); `events` keeps event tables too.

    Raises UserError for what the user can mend (see `experiments.plan.plan`; a folder that exists
    without `resume`, or holds another comparison), RunFailed if no pair was completed,
    KeyboardInterrupt on Ctrl-C, with everything finished kept.

    In a script, call it under `if __name__ == "__main__":`, as workers import the script.
    """
    load_plugins(plugins)
    asked = plans.plan(
        scenarios,
        baseline=baseline,
        replicates=replicates,
        seed=seed,
        seeds=seeds,
        years=years,
        hypotheses=hypotheses,
        layers=layers_of(uncertainty, draws, design_seed, ensemble, whole_ranges),
        headlines=headlines,
        events=events,
    )
    goal = precision_goal(precision) if precision else None
    if goal:
        outcomes.check([goal[1]], "--precision")
    count = crew.checked(workers)
    engine = runner or Engine()
    if out is not None:
        return _run(asked, Path(out), resume, engine, count, plugins, progress, goal, most)
    folder = Path(tempfile.mkdtemp(prefix="peel-compare-"))
    try:
        result = _run(asked, folder, False, engine, count, plugins, progress, goal, most)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result


def _run(
    asked: Plan,
    folder: Path,
    resume: bool,
    runner: Runner,
    workers: int,
    plugins: Sequence[str],
    progress: bool,
    goal: tuple[float, str] | None,
    most: int,
) -> Comparison:
    asked = begin(asked, folder, resume)
    started = time.monotonic()
    failures = _work(asked, folder, runner, workers, tuple(plugins), progress)
    if asked.layers.screened and not asked.layers.tried:
        asked = screen(asked, folder, runner, workers, tuple(plugins), progress)
        write_manifest(folder, asked, "running")
        failures += _work(asked, folder, runner, workers, tuple(plugins), progress)
    while goal and (more := _more(folder, asked, goal, most)):
        asked = dataclasses.replace(asked, seeds=asked.seeds + more)
        write_manifest(folder, asked, "running")
        failures += _work(asked, folder, runner, workers, tuple(plugins), progress)
    return finish(folder, asked, failures, time.monotonic() - started)


def finish(folder: Path, asked: Plan, failures: list[crew.Failure], seconds: float) -> Comparison:
    """Close the folder and load it. Raises RunFailed where no pair is whole."""
    from experiments.comparison import Comparison

    write_manifest(folder, asked, "complete", failures, seconds)
    result = Comparison.load(folder, allow_empty=True)
    if not result.seeds():
        told = "; ".join(f"{f.label}: {f.error}" for f in failures[:3])
        raise RunFailed(f"no seed has all its arms finished ({len(failures)} runs failed: {told})")
    return result


def layers_of(
    uncertainty: str | None,
    draws: int | None,
    design_seed: int,
    ensemble: str,
    whole_ranges: bool = False,
) -> Layers:
    """The layers of uncertainty asked for. Raises UserError as `Layers.parse` does."""
    how: dict[str, Any] = {
        "design_seed": design_seed,
        "ensemble": ensemble,
        "whole_ranges": whole_ranges,
    }
    return Layers.parse(uncertainty, **how, **({} if draws is None else {"draws": draws}))


def precision_goal(text: str) -> tuple[float, str]:
    """ "0.1:homicides" as (0.1, "homicides"). Raises UserError for anything else."""
    width, _, name = text.partition(":")
    try:
        share = float(width)
    except ValueError:
        share = math.nan
    if not (0.0 < share < 100.0) or not name:
        raise UserError(
            f"--precision {text}: expected WIDTH:OUTCOME, e.g. 0.1:homicides for an interval of "
            "plus "
            f"or minus 10 % of the baseline's mean"
        )
    return share, name


# --- inside -----------------------------------------------------------------------------------


def _work(
    asked: Plan,
    folder: Path,
    runner: Runner,
    workers: int,
    plugins: tuple[str, ...],
    progress: bool,
) -> list[crew.Failure]:
    seeds = {seed: tuple(asked.runs(seed)) for seed in asked.seeds}
    wanted = [path_of(folder, run) for runs in seeds.values() for run in runs]
    drawn = {world.name for world in asked.worlds if world.drawn}
    jobs = [
        SeedJob(seed, mine, str(folder), runner, asked.events, plugins, world)
        for seed, runs in seeds.items()
        for world, mine in _parts(runs, drawn).items()
        if not all(path_of(folder, run).exists() for run in mine)
    ]
    if not jobs:
        return []
    shown = Progress(asked.size, sum(p.exists() for p in wanted), enabled=progress)
    shown.say("getting ready (the first run on a machine compiles for a while)")
    runner.warm()
    try:
        return crew.perform(
            jobs, workers, lambda: shown.at(len(os.listdir(folder / "runs")), len(jobs))
        )
    finally:
        shown.close()


def _more(folder: Path, asked: Plan, goal: tuple[float, str], most: int) -> tuple[int, ...]:
    """Seeds to add for the precision asked for: as many as the spread so far calls for, or none."""
    from experiments.comparison import Comparison
    from experiments.statistics import replicates_for

    result = Comparison.load(folder, allow_empty=True)
    share, name = goal
    needed = 2.0
    for row in result.differences(names=[name]):
        width = share * abs(row.result.baseline_mean)
        if not row.result.half_width <= width:
            needed = max(needed, replicates_for(width, row.result.spread), row.result.n + 2.0)
    have = len(asked.seeds)
    aim = int(min(needed, most, 2 * have))  # no more than double at a time: early spreads mislead
    first = max(asked.seeds) + 1
    return tuple(range(first, first + max(aim - have, 0)))


def _parts(runs: Sequence[Run], drawn: set[str]) -> dict[str, tuple[Run, ...]]:
    """A seed's runs by drawn world, "" for all others: a set that breaks takes nothing with it."""
    out: dict[str, tuple[Run, ...]] = {}
    for run in runs:
        key = run.world if run.world in drawn else ""
        out[key] = (*out.get(key, ()), run)
    return out


def _by_past(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs grouped by the burnt-in city they start from."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.scenario.burn_in_hash(run.seed), []).append(run)
    return list(groups.values())
