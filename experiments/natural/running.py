"""Both arms of each natural experiment on the same seeds, from the same burnt-in city."""

from __future__ import annotations

import math
import pickle
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments import workers as crew
from experiments.facts.view import Missing, View
from experiments.natural.estimands import Cohort
from experiments.natural.table import Natural, Part, catalogue
from sim.errors import RunFailed, UserError
from sim.words import nearest

Floats = NDArray[np.float64]
RESAMPLES = 2000
Lived = tuple[View, Cohort]
"""One arm of one seed."""


@dataclass(frozen=True)
class Outcome:
    """A simulated effect beside the published one."""

    experiment: str
    title: str
    part: str
    unit: str
    evidence: str
    value: float
    low: float
    high: float
    """90 % interval over seeds; NaN with fewer than 3."""
    published: float
    published_low: float | None
    published_high: float | None
    seeds: int
    base: tuple[float, ...] = ()
    treated: tuple[float, ...] = ()
    """Sums over seeds of what was collected in each arm."""
    note: str = ""

    @property
    def verdict(self) -> str:
        """ "agrees" where the intervals overlap (a published value without one is a point), "MISS"
        where they don't, and "wrong sign" where the intervals lie on either side of 0."""
        if not math.isfinite(self.value) or not math.isfinite(self.low):
            return "no data"
        low = self.published if self.published_low is None else self.published_low
        high = self.published if self.published_high is None else self.published_high
        low, high = min(low, self.published), max(high, self.published)
        if self.low <= high and self.high >= low:
            return "agrees"
        opposite = (self.low > 0 > high) or (self.high < 0 < low)
        return "MISS, wrong sign" if opposite else "MISS"

    def as_json(self) -> dict[str, Any]:
        """The keys of `peel validate --json`, and the published figure."""
        word = self.verdict
        return {
            "fact": self.experiment,
            "part": self.part,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "accept": [self.published_low, self.published_high],
            "pass": None if word == "no data" else word == "agrees",
            "published": self.published,
            "unit": self.unit,
            "title": self.title,
            "evidence": [self.evidence],
            "verdict": word,
            "seeds": self.seeds,
            "base": list(self.base),
            "treated": list(self.treated),
            "note": self.note,
        }


@dataclass
class Job:
    """All experiments of one city and one seed (picklable)."""

    seed: int
    names: tuple[str, ...]
    folder: str
    label: str = field(default="")

    def __post_init__(self) -> None:
        self.label = self.label or f"{self.names[0]} and others, seed {self.seed}"

    def __call__(self, done: Callable[[], None] | None = None) -> list[crew.Failure]:
        from sim.run import burn_in

        rows: dict[tuple[str, str], tuple[Floats, Floats]] = {}
        failures: list[crew.Failure] = []
        burnt: dict[str, Any] = {}
        untreated: dict[str, Lived] = {}  # experiments of one city and length share that arm
        for place, name in enumerate(self.names):
            one = catalogue()[name]
            later = [catalogue()[n] for n in self.names[place + 1 :]]
            try:
                arms = []
                for treated in (False, True):
                    scenario = scenario_of(one, treated=treated)
                    past, whole = scenario.burn_in_hash(self.seed), scenario.hash(self.seed)
                    if past not in burnt:
                        burnt[past] = burn_in(scenario, self.seed)
                    lived = untreated.get(whole) or _live(scenario, self.seed, burnt[past])
                    if not treated:
                        untreated[whole] = lived
                    arms.append(_collected(one, lived))
                for part, a, b in zip(one.parts, *arms, strict=True):
                    if a is not None and b is not None:
                        rows[name, part.name] = (a, b)
            except Exception as error:
                text = crew.told(error)
                failures.append(crew.Failure(f"{name}, seed {self.seed}", text))
            # a city's past and its untreated years are large: kept only while another needs them
            pasts = {
                scenario_of(n, treated=t).burn_in_hash(self.seed)
                for n in later
                for t in (False, True)
            }
            wholes = {scenario_of(n, treated=False).hash(self.seed) for n in later}
            burnt = {k: v for k, v in burnt.items() if k in pasts}
            untreated = {k: v for k, v in untreated.items() if k in wholes}
            if done:
                done()
        path = Path(self.folder) / f"{self.names[0]}-{self.seed}.pickle"
        work = path.with_suffix(".part")
        work.write_bytes(pickle.dumps(rows))
        work.rename(path)
        return failures


def _live(scenario: Any, seed: int, burnt: Any) -> Lived:
    from sim.run import run

    cohort = Cohort()
    result = run(scenario, seed=seed, burnt=burnt, setup=cohort.begin)
    return View(result, seed, scenario), cohort


def _collected(one: Natural, lived: Lived) -> list[Floats | None]:
    view, cohort = lived
    out: list[Floats | None] = []
    for part in one.parts:
        try:
            out.append(part.collect(view, cohort))
        except Missing:
            out.append(None)
    return out


def scenario_of(one: Natural, *, treated: bool) -> Any:
    """The city as it is, or with the treatment from its first day; the burn-in is untreated."""
    from sim.scenario import PolicyEntry, Scenario

    base = Scenario(city=one.city, years=one.years)
    if not treated:
        return base
    policies = tuple(PolicyEntry(name, dict(settings)) for name, settings in one.policies)
    values = base.values()
    moved = {name: values[name] * factor for name, factor in one.parameters.items()}
    return base.with_changes(policies=policies, parameters={**base.parameters, **moved})


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The experiments of those names (all if none are given). Raises UserError."""
    known = catalogue()
    for name in names:
        if name not in known:
            raise UserError(
                f"--experiments: no natural experiment {name!r}{nearest(name, known)};"
                f" there are {', '.join(known)}"
            )
    return tuple(names) or tuple(known)


def simulate(
    names: Sequence[str] = (),
    *,
    seeds: Sequence[int],
    workers: int = 1,
    tick: Callable[[int, int], None] | None = None,
) -> tuple[list[Outcome], list[crew.Failure]]:
    """Run the named experiments; also what failed. Raises RunFailed when nothing finished."""
    from sim.run import warm

    wanted = chosen(names)
    by_city: dict[str, list[str]] = {}
    for name in wanted:
        by_city.setdefault(catalogue()[name].city, []).append(name)
    with tempfile.TemporaryDirectory(prefix="peel-natural-") as folder:
        jobs = [Job(seed, tuple(group), folder) for group in by_city.values() for seed in seeds]
        warm()

        def told() -> None:
            if tick:
                tick(len(list(Path(folder).glob("*.pickle"))), len(jobs))

        failures = crew.perform(jobs, workers, told)
        found = [pickle.loads(p.read_bytes()) for p in sorted(Path(folder).glob("*.pickle"))]
    out = [
        outcome(
            catalogue()[name],
            part,
            [rows[name, part.name] for rows in found if (name, part.name) in rows],
        )
        for name in wanted
        for part in catalogue()[name].parts
    ]
    if not any(math.isfinite(row.value) for row in out):
        detail = failures[0].error if failures else "no arm gave what the estimands need"
        raise RunFailed(f"natural experiments: nothing was measured ({detail})")
    return out, failures


def outcome(one: Natural, part: Part, pairs: Sequence[tuple[Floats, Floats]]) -> Outcome:
    """The pooled effect, with an interval by resampling seeds (pairs stay together)."""
    value = low = high = math.nan
    base: Floats = np.zeros(0)
    treated: Floats = np.zeros(0)
    if pairs:
        a = np.array([pair[0] for pair in pairs])
        b = np.array([pair[1] for pair in pairs])
        base, treated = a.sum(axis=0), b.sum(axis=0)
        value = part.effect(base, treated)
        if len(pairs) >= 3:
            picks = np.random.default_rng(1).integers(0, len(pairs), (RESAMPLES, len(pairs)))
            values = np.array([part.effect(a[p].sum(axis=0), b[p].sum(axis=0)) for p in picks])
            values = values[np.isfinite(values)]
            if len(values):
                low, high = (float(q) for q in np.quantile(values, [0.05, 0.95]))
    return Outcome(
        one.name, one.title, part.name, part.unit, one.evidence, float(value), low, high,
        part.published, part.low, part.high, len(pairs),
        tuple(base.tolist()), tuple(treated.tolist()), one.about,
    )  # fmt: skip
