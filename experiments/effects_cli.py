"""`peel effects`: the table of side effects, resumable, within a budget of time."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import options

if TYPE_CHECKING:
    from experiments.effects.arms import Arm, Setup
    from experiments.effects.findings import Finding

BURN_IN_YEARS = 5.0


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "effects",
        help="what each policy does to a dozen outcomes, under rival theories",
        description="Run every policy alone against the same city without it, harms also the other"
        " way round (ended), under the default theories and under rival ones; what is measurable in"
        " the first city is run again in the second. Stop it whenever you like: finished runs are"
        " kept in --out and used again, as long as the model and the settings are the same.",
    )
    parser.add_argument("policy", nargs="*", metavar="POLICY", help="policies (default: all)")
    parser.add_argument("--city", default="district", help="city to screen in (default: district)")
    parser.add_argument(
        "--confirm", default="midsize", metavar="CITY",
        help="larger city for what the first shows (default: midsize; none: no second stage)",
    )  # fmt: skip
    parser.add_argument(
        "--confirm-all", action="store_true", help="take every policy to the second stage"
    )
    options.add(parser, "seed", "years", "replicates", "workers", "plugin", "json", "quiet")
    parser.add_argument(
        "--confirm-replicates", type=options.several, metavar="N",
        help="seeds in the second city (default: half as many)",
    )  # fmt: skip
    parser.add_argument(
        "--burn-in-years", type=options.years, default=BURN_IN_YEARS, metavar="Y",
        help=f"years before the run begins (default {BURN_IN_YEARS:g})",
    )  # fmt: skip
    parser.add_argument(
        "--rivals", default="violence", metavar="NAMES",
        help="violence (three rival theories; default), all, none, or names such as withdrawal=off",
    )  # fmt: skip
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="stop beginning runs after so many minutes"
    )
    parser.add_argument(
        "--estimate", action="store_true", help="say how long it would take, and run no more"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("out/effects"), metavar="DIR",
        help="folder of the finished runs; may exist (default: out/effects)",
    )  # fmt: skip
    parser.add_argument(
        "--docs", type=Path, metavar="FILE", help="document to write (default: DIR/effects.md)"
    )
    parser.set_defaults(call=effects_command)


def effects_command(args: argparse.Namespace) -> int:
    """Run what is missing, then write the document; raises UserError for what makes no sense."""
    from experiments.effects import arms, page
    from experiments.workers import checked
    from sim.errors import UserError

    if args.minutes is not None and not 0.0 < args.minutes < 1e5:
        raise UserError(f"--minutes {args.minutes:g}: expected a number above 0")
    options.load_plugins(args.plugin)
    stage = _Stages(args, checked(args.workers))
    chosen = tuple(arms.arms_of(args.policy))
    screen = stage.setup(args.city)
    second = stage.setup(args.confirm) if args.confirm != "none" else None
    stage.prepare(chosen)
    share = 0.5 if second is not None else 1.0
    found = [stage.run(screen, chosen, stage.replicates[0], share)]
    if args.estimate:
        return 0
    if second is not None:
        names = args.policy if args.confirm_all else page.measurable(found[0])
        if names or args.confirm_all:
            further = tuple(arms.arms_of(names))
            found.append(stage.run(second, further, stage.replicates[1], 1.0))
    where = args.docs or args.out / "effects.md"
    page.write(where, page.page(found, stage.worlds, stage.command(found)))
    if args.json:
        options.print_json(_as_json(found, where, stage.failures))
    else:
        print(f"Written: {where}")
    return 0


class _Stages:
    """What the stages share: worlds, seeds, the deadline."""

    def __init__(self, args: argparse.Namespace, workers: int) -> None:
        from experiments.effects import arms

        self.args, self.workers = args, workers
        self.worlds = arms.worlds(args.rivals)
        first = args.replicates or 8
        self.replicates = first, args.confirm_replicates or max(2, first // 2)
        self.begun = time.monotonic()
        self.failures: list[Any] = []

    def setup(self, city: str) -> Setup:
        """A city's runs; raises UserError for one that does not exist, before anything is run."""
        from experiments.effects.arms import BASELINE, DEFAULT, Arm, Setup

        args = self.args
        made = Setup(city, args.years or 2.0, args.burn_in_years, tuple(map(str, args.plugin)))
        made.scenario(Arm(BASELINE, BASELINE), DEFAULT).hash(args.seed)
        return made

    def prepare(self, chosen: tuple[Arm, ...]) -> None:
        """Compile before workers start and before anything is timed; make the folder.

        The budget of time begins when that is done.
        """
        from sim.run import run, warm
        from sim.scenario import PolicyEntry, Scenario

        self.args.out.mkdir(parents=True, exist_ok=True)
        self.say("getting ready (the first run on a machine compiles for a while)")
        warm()
        names = sorted({arm.policy for arm in chosen if arm.mode != "baseline"})
        entries = tuple(PolicyEntry(name, {}) for name in names)
        tiny = Scenario(city="synthetic:400", years=70 / 365, burn_in_years=0.0, policies=entries)
        run(tiny, seed=0)
        self.begun = time.monotonic()

    def say(self, text: str) -> None:
        if not self.args.quiet:
            print(f"peel: {text}", file=sys.stderr)

    def left(self, share: float) -> float | None:
        """Seconds of the budget that this stage may use."""
        if self.args.minutes is None:
            return None
        whole: float = self.args.minutes * 60.0
        return max(whole - (time.monotonic() - self.begun), 0.0) * share

    def run(
        self, setup: Setup, chosen: tuple[Arm, ...], replicates: int, share: float
    ) -> list[Finding]:
        """Estimate, run, read."""
        from experiments.effects import work
        from experiments.effects.arms import ADDED, ENDED
        from experiments.effects.findings import finding
        from experiments.progress import Progress
        from experiments.workers import perform

        budget, out, first = self.left(share), self.args.out, self.args.seed
        deadline = None if budget is None else time.monotonic() + budget
        cost = work.measured(out, setup, chosen, first)
        each = cost.per_seed(chosen, len(self.worlds)) / self.workers
        fits = replicates if budget is None else min(replicates, max(2, int(budget / each)))
        self.say(
            f"{setup.city}: {cost.run:.1f} s a run, {cost.burn_in:.1f} s a burn-in;"
            f" {len(chosen)} kinds of runs under {len(self.worlds)} theories take about"
            f" {each / 60:.1f} minutes a seed on {self.workers} processes,"
            f" {each * replicates / 60:.0f} minutes for {replicates} seeds"
            + ("" if budget is None else f"; {budget / 60:.1f} minutes allow {fits} seeds")
        )
        seeds = list(range(first, first + fits))
        if not self.args.estimate:
            todo = work.jobs(setup, chosen, self.worlds, seeds, out, deadline)
            total = len(chosen) * len(self.worlds) * len(seeds)
            missing = sum(len(job.missing()) for job in todo)
            shown = Progress(total, total - missing, enabled=not self.args.quiet)
            try:
                self.failures += perform(
                    todo, self.workers, lambda: shown.at(_finished(out, setup, chosen, seeds))
                )
            finally:
                shown.close()
            for failure in self.failures:
                self.say(f"{failure.label} failed: {failure.error}")
        every = range(first, first + max(replicates, fits))
        return [
            finding(out, setup, arm, self.worlds, every)
            for arm in chosen
            if arm.mode in (ADDED, ENDED)
        ]

    def command(self, found: Sequence[Sequence[Finding]]) -> str:
        """The command that gives the same table on any machine: with as many seeds as there are pairs,
        where a budget of time left out some, and without that budget."""
        a = self.args
        pairs = [
            max((n for one in stage for n in one.pairs.values()), default=0) for stage in found
        ]
        first, second = (
            (pairs[k] if k < len(pairs) else 0) or asked for k, asked in enumerate(self.replicates)
        )
        words = ["peel", "effects", *a.policy, "--city", a.city, "--confirm", a.confirm]
        words += ["--seed", a.seed, "--years", f"{a.years or 2.0:g}", "--replicates", first]
        words += ["--confirm-replicates", second] if a.confirm != "none" else []
        words += ["--burn-in-years", f"{a.burn_in_years:g}", "--rivals", a.rivals]
        words += [word for file in a.plugin for word in ("--plugin", file)]
        return shlex.join(map(str, words + ["--confirm-all"] * a.confirm_all))


def _finished(out: Path, setup: Setup, chosen: tuple[Arm, ...], seeds: list[int]) -> int:
    """Files of finished runs; cheap enough to be asked a few times a second."""
    names = {arm.name for arm in chosen}
    city = out / "parts" / Path(setup.city).stem.replace(":", "-")
    wanted = {f"{seed}.json" for seed in seeds}
    return sum(
        sum(file.name in wanted for file in folder.iterdir())
        for world in (city.iterdir() if city.is_dir() else ())
        for folder in world.iterdir()
        if folder.name in names
    )


def _as_json(stages: list[list[Finding]], where: Path, failures: list[Any]) -> dict[str, Any]:
    from experiments.effects.arms import model_digest

    rows = [
        {
            "policy": found.arm.policy, "mode": found.arm.mode, "city": found.setup.city,
            "theories": world, "outcome": name, "measurable": cell.measurable,
            "flips": found.flips(name), **cell.result.as_dict(),
        }
        for stage in stages for found in stage for (name, world), cell in found.cells.items()
    ]  # fmt: skip
    return {
        "document": str(where), "sources": model_digest(), "effects": rows,
        "failures": [f"{f.label}: {f.error}" for f in failures],
    }  # fmt: skip
