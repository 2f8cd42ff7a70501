"""What a comparison is, as data: arms, baseline, seeds and worlds, checked before anything runs.

An arm is a scenario. A world is a set of hypotheses (and parameter values) laid over every arm
alike, so that a conclusion can be seen to hold or flip under rival theories; the first world is
the scenarios as they stand. A run is (world, arm, seed), and pairs are formed within a world.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.worlds import AS_GIVEN as AS_GIVEN
from experiments.worlds import Layers, worlds
from experiments.worlds import World as World
from sim.errors import UserError
from sim.words import nearest

FORMAT = 1


@dataclass(frozen=True)
class Arm:
    """One of the futures compared. `scenario` is a `sim.scenario.Scenario`."""

    name: str
    scenario: Any


@dataclass(frozen=True)
class Run:
    """One run of the plan, and where it is kept."""

    world: str
    arm: str
    seed: int
    scenario: Any
    hash: str

    @property
    def label(self) -> str:
        where = "" if self.world == AS_GIVEN else f" under {self.world}"
        return f"{self.arm}{where}, seed {self.seed}"


@dataclass(frozen=True)
class Plan:
    """Arms, the name of the baseline, seeds and worlds. Make one with `plan`."""

    arms: tuple[Arm, ...]
    baseline: str
    seeds: tuple[int, ...]
    worlds: tuple[World, ...] = (World(),)
    headlines: tuple[str, ...] = ()
    events: bool = False
    layers: Layers = field(default_factory=Layers)
    """How the worlds were come by."""

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the arms held against the baseline."""
        return tuple(arm.name for arm in self.arms if arm.name != self.baseline)

    def runs(self, seed: int | None = None) -> Iterator[Run]:
        """Every run, or those of one seed; the arms of one world and seed follow each other."""
        for number in self.seeds if seed is None else (seed,):
            for world in self.worlds:
                if world.seeds and number not in world.seeds:
                    continue
                for arm in self.arms:
                    scenario = world.over(arm.scenario)
                    yield Run(world.name, arm.name, number, scenario, scenario.hash(number))

    @property
    def size(self) -> int:
        return sum(len(w.seeds or self.seeds) for w in self.worlds) * len(self.arms)

    def digest(self) -> str:
        """16 hex digits that name this comparison: same arms, seeds and worlds, same digits."""
        text = json.dumps(self.to_dict(), sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "arms": [{"name": a.name, "toml": a.scenario.to_toml()} for a in self.arms],
            "baseline": self.baseline,
            "seeds": list(self.seeds),
            "worlds": [{**dataclasses.asdict(w), "seeds": list(w.seeds)} for w in self.worlds],
            "layers": dataclasses.asdict(self.layers),
            "headlines": list(self.headlines),
            "events": self.events,
        }

    @staticmethod
    def from_dict(data: dict[str, Any], where: str) -> Plan:
        from sim.scenario import Scenario

        if data.get("format") != FORMAT:
            raise UserError(
                f"{where}: written in format {data.get('format')!r}, this version reads {FORMAT}"
            )
        arms = tuple(
            Arm(a["name"], Scenario.from_toml(a["toml"], where=f"{where}, arm {a['name']}"))
            for a in data["arms"]
        )
        return Plan(
            arms,
            data["baseline"],
            tuple(data["seeds"]),
            tuple(World(**{**w, "seeds": tuple(w.get("seeds", ()))}) for w in data["worlds"]),
            tuple(data["headlines"]),
            bool(data["events"]),
            Layers(**data.get("layers", {})),
        )

    def same_question(self, other: Plan) -> str:
        """What differs between two plans apart from the number of seeds; "" if nothing does."""
        mine, theirs = self.to_dict(), other.to_dict()
        for one in (mine, theirs):
            # which seeds a draw is run with follows from how many there are, and which sets are
            # kept from how they are drawn
            layers = one["layers"]
            one["uncertainty"] = Layers(**layers).how
            screened = Layers(**layers).screened
            one["worlds"] = [
                {**w, "seeds": None} for w in one["worlds"] if not (screened and World(**w).drawn)
            ]
        keys = ("arms", "baseline", "worlds", "uncertainty", "events")
        changed = [k for k in keys if mine[k] != theirs[k]]
        return " and ".join(changed)


def plan(
    scenarios: Sequence[Any],
    *,
    baseline: str | None = None,
    replicates: int = 10,
    seed: int = 1,
    seeds: Sequence[int] | None = None,
    years: float | None = None,
    hypotheses: str | None = None,
    layers: Layers | None = None,
    headlines: Sequence[str] = (),
    events: bool = False,
) -> Plan:
    """A checked plan. `scenarios` are `Scenario` objects, paths or city names; the first is the
    baseline. After a bare city, scenarios of the library are laid in that city.

    Raises UserError for fewer than two arms, an arm given twice, a baseline that is not among the
    arms, arms of different cities, starts or spans, replicates or seeds that are not whole
    numbers of at least 1 (seeds: distinct and at least 0), headlines that no run has (an arm's own
    too), and what `worlds` refuses.
    """
    arms = _in_one_city(scenarios, tuple(_arm(s, years) for s in scenarios))
    if len(arms) < 2:
        raise UserError(
            f"compare: got {len(arms)} scenario{'' if len(arms) == 1 else 's'}, expected at least "
            "2: a "
            f"baseline and what to hold against it"
        )
    _check_arms(arms)
    chosen = _baseline(arms, baseline, scenarios)
    numbers = _seeds(replicates, seed, seeds)
    from experiments.outcomes import check

    check(headlines, "--headlines")
    for arm in arms:
        check(getattr(arm.scenario, "headlines", ()), f"scenario {arm.name!r}, run.headlines")
    settled = (layers or Layers()).settled(arms)
    return Plan(
        arms,
        chosen,
        numbers,
        worlds(hypotheses, settled, arms, numbers),
        tuple(headlines) or _headlines(arms),
        events,
        settled,
    )


def _arm(source: Any, years: float | None) -> Arm:
    from sim.scenario import Scenario

    if isinstance(source, str | Path):
        scenario: Any = Scenario.load(str(source))
    else:
        scenario = source
    if years is not None:
        scenario = dataclasses.replace(scenario, years=years)
    return Arm(scenario.name, scenario)


def _in_one_city(sources: Sequence[Any], arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
    """The arms, where the first is a bare city: library scenarios in it, with its start, span
    and burn-in.

    A file of the user's own names its city and is left as it is.
    """
    from sim.scenario_file import packaged_scenarios

    library = packaged_scenarios()
    named = [isinstance(source, str) and source in library for source in sources]
    if not arms or named[0] or not any(named) or not _bare(sources[0], arms[0]):
        return arms
    first = arms[0].scenario
    shared = {f: getattr(first, f) for f in ("city", "start", "years", "burn_in_years")}
    return tuple(
        Arm(arm.name, arm.scenario.with_changes(**shared)) if in_library else arm
        for arm, in_library in zip(arms, named, strict=True)
    )


def _bare(source: Any, arm: Arm) -> bool:
    """A city's name or city file, not a scenario."""
    return isinstance(source, str | Path) and arm.scenario.city == str(source)


def _check_arms(arms: tuple[Arm, ...]) -> None:
    first = arms[0]
    seen: dict[str, Arm] = {}
    for arm in arms:
        if arm.name in seen:
            raise UserError(
                f"compare: two arms are called {arm.name!r}: each arm is given once, under a name "
                "of "
                f"its own (the scenario's `name`)"
            )
        for other in seen.values():
            if arm.scenario.canonical() == other.scenario.canonical():
                raise UserError(
                    f"compare: arms {other.name!r} and {arm.name!r} are the same scenario; leave "
                    "one out"
                )
        seen[arm.name] = arm
        for what in ("city", "start", "years", "burn_in_years"):
            mine, theirs = getattr(arm.scenario, what), getattr(first.scenario, what)
            if mine != theirs:
                raise UserError(
                    f"compare: arms differ in {what}: {first.name!r} has {theirs!r}, {arm.name!r} "
                    "has "
                    f"{mine!r}; arms of one comparison share their city, start, span and burn-in"
                )


def _baseline(arms: tuple[Arm, ...], wanted: str | None, sources: Sequence[Any]) -> str:
    if wanted is None:
        return arms[0].name
    for arm, source in zip(arms, sources, strict=True):
        if wanted in (arm.name, str(source)):
            return arm.name
    names = [arm.name for arm in arms]
    raise UserError(f"compare: baseline {wanted!r} is not among the arms{nearest(wanted, names)}")


def _seeds(replicates: int, seed: int, seeds: Sequence[int] | None) -> tuple[int, ...]:
    if seeds is None:
        if isinstance(replicates, bool) or not isinstance(replicates, int) or replicates < 1:
            raise UserError(
                f"replicates = {replicates!r}: expected a whole number of at least 1 (2 for "
                "intervals)"
            )
        seeds = range(seed, seed + replicates)
    out = tuple(int(s) for s in seeds)
    if not out or len(set(out)) != len(out) or min(out) < 0:
        raise UserError(f"seeds = {list(out)}: expected distinct whole numbers of at least 0")
    return out


def _headlines(arms: tuple[Arm, ...]) -> tuple[str, ...]:
    from experiments.outcomes import HEADLINES

    named = [name for arm in arms for name in getattr(arm.scenario, "headlines", ())]
    return tuple(dict.fromkeys(named)) or HEADLINES
