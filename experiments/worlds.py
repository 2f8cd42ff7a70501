"""Worlds: what is laid over every arm alike, so that a conclusion is seen to hold or to flip.

Three kinds of doubt, each a layer of its own. Run to run: seeds, in every world. Hypotheses: each
named rival theory with the rest as given. Parameters: sets drawn from an ensemble or from the
declared ranges (`experiments.ensemble`), levers of the policies included; what a theory decides,
and what a scenario sets itself, is left alone. Of the ranges only sets that make a plausible city
are kept, which takes trial runs (`experiments.screening`). "Together" draws theories too. Every arm
meets the same sets with the same seeds, so that differences stay paired.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim import hypotheses as theories
from sim.errors import UserError
from sim.words import nearest

if TYPE_CHECKING:
    from experiments.ensemble import Draw
    from experiments.plan import Arm

AS_GIVEN = "as given"
LAYERS = ("run", "parameters", "hypotheses")
DRAWS = 32
FEWEST_DRAWS, MOST_DRAWS = 4, 4096
SEEDS_PER_DRAW = 2
"""Two runs of one set tell what the set does from the luck of the run."""


@dataclass(frozen=True)
class World:
    """What is laid over every arm: theories by question, and parameter values."""

    name: str = AS_GIVEN
    layer: str = "given"
    """"given", "hypothesis", "parameters" or "together" (both drawn): the uncertainty it shows."""
    hypotheses: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)
    settings: dict[str, float] = field(default_factory=dict)
    """Levers of policies, as `policy.setting`; where a scenario sets one itself, that stands."""
    seeds: tuple[int, ...] = ()
    """The seeds run in it; empty: all of the plan's."""

    @property
    def drawn(self) -> bool:
        """Whether it is one draw of many, of no interest by itself."""
        return self.layer in ("parameters", "together")

    def over(self, scenario: Any) -> Any:
        """The scenario as it stands in this world."""
        if not (self.hypotheses or self.parameters or self.settings):
            return scenario
        return dataclasses.replace(
            scenario,
            hypotheses={**scenario.hypotheses, **self.hypotheses},
            parameters={**scenario.parameters, **self.parameters},
            policies=tuple(self._entry(entry) for entry in scenario.policies),
        )

    def _entry(self, entry: Any) -> Any:
        mine = {
            setting: value
            for name, value in self.settings.items()
            for policy, _, setting in [name.partition(".")]
            if policy == entry.name and setting not in entry.settings
        }
        return dataclasses.replace(entry, settings={**entry.settings, **mine}) if mine else entry


@dataclass(frozen=True)
class Layers:
    """Which layers were asked for, and how the sets of the parameter layer were drawn."""

    asked: tuple[str, ...] = ("run",)
    """Of `LAYERS`; all three give "together" too."""
    draws: int = DRAWS
    design_seed: int = 1
    ensemble: str = ""
    """File or name; empty: the city's own that ships with Peel, else the declared ranges."""
    origin: str = ""
    """Filled in by `settled`: where the sets came from, in words."""
    left_out: tuple[str, ...] = ()
    """Filled in by `settled`: parameters that scenarios set, and so are not drawn."""
    whole_ranges: bool = False
    """Keep sets that make quite another city too (they are set aside afterwards)."""
    tried: int = 0
    """Filled in by `experiments.screening`: candidates run in the baseline, up to the last kept."""
    implausible: int = 0
    """Of those tried: another city."""
    broken: int = 0
    """Of those tried: the model could not go on under them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", tuple(self.asked))
        object.__setattr__(self, "left_out", tuple(self.left_out))

    @staticmethod
    def parse(text: str | None, **how: Any) -> Layers:
        """From "run", "parameters", "hypotheses", several with commas, or "all".

        Raises UserError for any other word, or a number of draws out of range.
        """
        words = [w.strip() for w in (text or "run").split(",")]
        if words == ["all"]:
            words = list(LAYERS)
        for word in words:
            if word not in LAYERS:
                raise UserError(
                    f"--uncertainty {text}: expected run, parameters, hypotheses or all; "
                    f"{word!r} is none{nearest(word, (*LAYERS, 'all'))}"
                )
        out = Layers(tuple(dict.fromkeys(("run", *words))), **how)
        if not FEWEST_DRAWS <= out.draws <= MOST_DRAWS:
            raise UserError(
                f"--draws {out.draws}: expected {FEWEST_DRAWS} to {MOST_DRAWS} parameter sets"
            )
        if out.ensemble and "parameters" not in out.asked:
            raise UserError("--ensemble: goes with --uncertainty parameters or all")
        if out.whole_ranges and (out.ensemble or "parameters" not in out.asked):
            raise UserError(
                "--whole-ranges: goes with --uncertainty parameters or all, without --ensemble"
            )
        return out

    @property
    def parameters(self) -> bool:
        return "parameters" in self.asked

    @property
    def screened(self) -> bool:
        """Whether sets are drawn from the ranges and held against the city before they are used."""
        return self.parameters and not self.ensemble and not self.whole_ranges

    @property
    def how(self) -> tuple[Any, ...]:
        """What decides which sets there are."""
        return self.asked, self.draws, self.design_seed, self.ensemble, self.whole_ranges

    @property
    def together(self) -> bool:
        return self.parameters and "hypotheses" in self.asked

    def settled(self, arms: Sequence[Arm]) -> Layers:
        """The same with the ensemble chosen and what is left out named."""
        if not self.parameters:
            return self
        from experiments.ensemble import shipped

        city = str(arms[0].scenario.city)
        own = city if city in shipped() and not self.whole_ranges else ""
        chosen = self.ensemble or own
        set_by_arms = sorted({name for arm in arms for name in arm.scenario.parameters})
        origin = f"the ensemble {chosen}" if chosen else "the declared ranges"
        return dataclasses.replace(
            self, ensemble=chosen, origin=origin, left_out=tuple(set_by_arms)
        )


def worlds(
    wanted: str | None, layers: Layers, arms: Sequence[Arm], seeds: Sequence[int]
) -> tuple[World, ...]:
    """The scenarios as given, then every world that `wanted` (questions) and `layers` ask for."""
    if wanted in (None, "", "none") and "hypotheses" in layers.asked:
        wanted = "all"
    return (World(), *rivals(wanted, arms), *sets(layers, arms, seeds))


def rivals(wanted: str | None, arms: Sequence[Arm]) -> list[World]:
    """`all`, or questions separated by commas (violence, reporting, withdrawal).

    A theory that every arm already assumes is the first world itself, and is not run twice.
    """
    if wanted in (None, "", "none"):
        return []
    questions = list(theories.PRESETS) if wanted == "all" else str(wanted).split(",")
    out = []
    for question in questions:
        if question not in theories.PRESETS:
            raise UserError(
                f"--hypotheses {wanted}: expected `all` or questions separated by commas; "
                f"{question!r} is none{nearest(question, theories.PRESETS)}"
            )
        for theory in theories.PRESETS[question]:
            assumed = {theories.resolve(arm.scenario.hypotheses)[question] for arm in arms}
            if assumed != {theory}:
                out.append(World(f"{question} = {theory}", "hypothesis", {question: theory}))
    return out


def sets(layers: Layers, arms: Sequence[Arm], seeds: Sequence[int]) -> list[World]:
    """The drawn worlds; none yet where they have to be screened first."""
    if not layers.parameters or layers.screened:
        return []
    draws = drawn(layers, arms)
    return with_theories([candidate(k, one, seeds) for k, one in enumerate(draws)], layers)


def candidate(k: int, draw: Draw, seeds: Sequence[int]) -> World:
    """Set `k` (from 0), run with the k-th seeds in turn."""
    each = min(SEEDS_PER_DRAW, len(seeds))
    mine = tuple(sorted({seeds[(each * k + j) % len(seeds)] for j in range(each)}))
    return World(f"set {k + 1}", "parameters", {}, draw.parameters, draw.settings, mine)


def with_theories(found: list[World], layers: Layers) -> list[World]:
    """The sets, and each again with theories drawn too where all is wanted together."""
    if not layers.together:
        return found
    combinations = theory_draws(len(found), layers.design_seed + 1)
    return found + [
        dataclasses.replace(
            world, name=f"{world.name}, {', '.join(chosen.values())}", layer="together",
            hypotheses=chosen,
        )
        for world, chosen in zip(found, combinations, strict=True)
    ]  # fmt: skip


def drawn(layers: Layers, arms: Sequence[Arm], batch: int = 0) -> list[Draw]:
    """The parameter sets, without what scenarios or theories decide; `batch`: further ones of the
    ranges, `layers.draws` at a time."""
    from experiments import ensemble

    policies = sorted({entry.name for arm in arms for entry in arm.scenario.policies})
    fixed = {*layers.left_out, *by_theories()}
    rows = ensemble.ranges(policies, fixed)
    if not layers.ensemble:
        seed = (layers.design_seed, batch) if batch else layers.design_seed
        return ensemble.from_ranges(rows, layers.draws, seed)
    read = ensemble.read(layers.ensemble, policies)
    found = ensemble.picked(read, layers.draws, layers.design_seed)
    # an ensemble that was fitted without the policies says nothing of their levers
    told = set(found[0].settings)
    levers = [row for row in rows if "." in row.name and row.name not in told]
    drawn_levers = ensemble.from_ranges(levers, layers.draws, layers.design_seed)
    return [
        ensemble.Draw(
            {k: v for k, v in one.parameters.items() if k not in layers.left_out},
            {**one.settings, **lever.settings},
        )
        for one, lever in zip(found, drawn_levers, strict=True)
    ]


def by_theories() -> set[str]:
    """Parameters that some named theory sets: the hypothesis layer's, not the parameter layer's."""
    return {
        name for question in theories.PRESETS.values() for theory in question.values()
        for name in theory
    }  # fmt: skip


def theory_draws(count: int, seed: int) -> list[dict[str, str]]:
    """`count` combinations of theories, each theory of a question as likely as the others.

    All combinations in a shuffled order, again and again, so that each comes up as often as can be.
    """
    import numpy as np

    from experiments.ensemble import uniforms

    every = [
        dict(zip(theories.PRESETS, one, strict=True))
        for one in itertools.product(*theories.PRESETS.values())
    ]
    order = np.argsort(uniforms(1, len(every), seed)[:, 0])
    return [every[order[k % len(every)]] for k in range(count)]
