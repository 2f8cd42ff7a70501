"""Doing the runs: one job per city, world and seed, one small file per finished run.

The baseline's burn-in is shared by every policy of the same seed and theories; a harm that the city
has had all along is part of the burn-in, so each harm has one of its own, shared by keeping and
ending it. A file is written under a temporary name and renamed; it names the run by the hash of its
scenario, seed and the model's sources, and one of another model is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.effects.arms import ADDED, BASELINE, ENDED, KEPT, Arm, Setup, model_digest
from experiments.workers import Failure
from sim.errors import RunFailed

OUTCOMES = (
    "homicides", "persons_shot", "robberies", "property", "stops", "force", "complaints", "arrests",
    "jailings", "clearance_nonfatal", "violent_reporting", "legitimacy", "trauma",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A finished run."""

    arm: str
    seed: int
    hash: str
    outcomes: dict[str, float]
    treated: dict[str, tuple[float, float]]
    cost: float
    residents: int
    seconds: float
    burn_in_seconds: float


def part_hash(setup: Setup, arm: Arm, world: str, seed: int) -> str:
    """Names a run: its scenario, its seed and the sources of the model."""
    text = f"{setup.scenario(arm, world).hash(seed)} {model_digest()}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def part_path(folder: Path, setup: Setup, world: str, arm: Arm, seed: int) -> Path:
    city = Path(setup.city).stem.replace(":", "-")
    return folder / "parts" / city / world.replace("=", "-") / arm.name / f"{seed}.json"


def read(folder: Path, setup: Setup, world: str, arm: Arm, seed: int) -> Part | None:
    """The finished run, or None where there is none, it is damaged, or is another model's."""
    try:
        kept = json.loads(part_path(folder, setup, world, arm, seed).read_text(encoding="utf-8"))
        part = Part(**kept)
    except (OSError, ValueError, TypeError):
        return None
    return part if part.hash == part_hash(setup, arm, world, seed) else None


@dataclass(frozen=True)
class Job:
    """All arms of one city, world and seed (picklable); finished runs are left alone.

    After `deadline` (on time.monotonic's clock) no further run is begun.
    """

    setup: Setup
    world: str
    seed: int
    arms: tuple[Arm, ...]
    folder: str
    deadline: float | None = None

    @property
    def label(self) -> str:
        return f"{self.setup.city}, {self.world}, seed {self.seed}"

    def missing(self) -> list[Arm]:
        where = Path(self.folder)
        return [a for a in self.arms if read(where, self.setup, self.world, a, self.seed) is None]

    def __call__(self, done: Callable[[], None] | None = None) -> list[Failure]:
        from sim import plugins

        for file in self.setup.plugins:
            plugins.load(file)
        missing, failures = self.missing(), []
        for arms in (self._together(missing), *self._harms(missing)):
            if not arms or self._late():
                continue
            try:
                for arm, part in self._runs(arms):
                    self._write(arm, part)
                    if done:
                        done()
            except OSError as error:  # a full disk stops everything; it won't mend itself
                raise RunFailed(f"{self.folder}: can't keep a run ({error})") from error
            except RunFailed as error:
                failures.append(Failure(f"{self.label}, {arms[0].name}", str(error)))
        return failures

    def _late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _together(self, missing: list[Arm]) -> list[Arm]:
        """The baseline and what is added to it; the baseline always runs, to look up people in."""
        added = [arm for arm in missing if arm.mode == ADDED]
        base = Arm(BASELINE, BASELINE)
        return [base, *added] if added or base in missing else []

    def _harms(self, missing: list[Arm]) -> Iterator[list[Arm]]:
        for name in dict.fromkeys(arm.policy for arm in missing if arm.mode in (KEPT, ENDED)):
            yield [arm for arm in missing if arm.policy == name and arm.mode in (KEPT, ENDED)]

    def _runs(self, arms: list[Arm]) -> Iterator[tuple[Arm, Part]]:
        from sim.run import burn_in, run

        burnt = burn_in(self.setup.scenario(arms[0], self.world), self.seed)
        plain = None
        for arm in arms:
            if self._late():
                return
            started = time.monotonic()
            scenario = self.setup.scenario(arm, self.world)
            result = run(scenario, self.seed, burnt=burnt, means=False)
            plain = result if arm.mode == BASELINE else plain
            yield arm, self._part(arm, result, plain, time.monotonic() - started)

    def _part(self, arm: Arm, result: Any, plain: Any, seconds: float) -> Part:
        from experiments import outcomes
        from experiments.effects import treated

        found = outcomes.of_run(result.weekly, result.recorded)
        cost = float(result.policies["cost"].sum()) if len(result.policies) else 0.0
        reached = {}
        if arm.mode == ADDED and plain is not None:
            reached = treated.of_run(result, plain, arm.policy)
        return Part(
            arm=arm.name, seed=self.seed, hash=part_hash(self.setup, arm, self.world, self.seed),
            outcomes={name: float(found[name]) for name in OUTCOMES}, treated=reached, cost=cost,
            residents=int(result.residents), seconds=seconds,
            burn_in_seconds=float(result.burn_in_seconds),
        )  # fmt: skip

    def _write(self, arm: Arm, part: Part) -> None:
        path = part_path(Path(self.folder), self.setup, self.world, arm, self.seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(json.dumps(vars(part)), encoding="utf-8")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@dataclass(frozen=True)
class Cost:
    """Seconds that runs of a city take on one core, as measured."""

    run: float
    burn_in: float

    def per_seed(self, arms: tuple[Arm, ...], worlds: int) -> float:
        """Seconds for one seed: every arm under every theory."""
        harms = sum(arm.mode == ENDED for arm in arms)
        return worlds * (len(arms) * self.run + (1 + harms) * self.burn_in)


def measured(folder: Path, setup: Setup, arms: tuple[Arm, ...], seed: int) -> Cost:
    """What a run costs, from one that is done (the first policy's, which is needed anyway)."""
    from experiments.effects.arms import DEFAULT

    two = [Arm(BASELINE, BASELINE), *[arm for arm in arms if arm.mode == ADDED][:1]]
    Job(setup, DEFAULT, seed, tuple(two), str(folder))()
    parts = [read(folder, setup, DEFAULT, arm, seed) for arm in two]
    done = [part for part in parts if part is not None]
    if not done:
        raise RunFailed(f"{setup.city}: not even one run could be done")
    return Cost(
        sum(part.seconds for part in done) / len(done), max(part.burn_in_seconds for part in done)
    )


def jobs(
    setup: Setup, arms: tuple[Arm, ...], worlds: list[str], seeds: list[int], folder: Path,
    deadline: float | None,
) -> list[Job]:  # fmt: skip
    """Seeds outermost, so that whatever stops the work leaves all arms with as many pairs."""
    whole = [
        Job(setup, world, seed, arms, str(folder), deadline) for seed in seeds for world in worlds
    ]
    return [job for job in whole if job.missing()]
