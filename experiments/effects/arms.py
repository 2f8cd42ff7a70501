"""Which runs a table of side effects is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import hypotheses
from sim.errors import UserError
from sim.words import nearest

if TYPE_CHECKING:
    from sim.scenario import Scenario

DEFAULT = "default"
BASELINE, ADDED, KEPT, ENDED = "baseline", "added", "kept", "ended"
EVENTS = frozenset({"publicised_incident", "ambush_of_officers"})
"""Harms that are one event: there is nothing to end."""


@dataclass(frozen=True)
class Arm:
    """One kind of run: no policy (baseline), a policy added, or a harm kept or ended."""

    policy: str
    mode: str

    @property
    def name(self) -> str:
        return self.policy if self.mode == BASELINE else f"{self.policy}.{self.mode}"

    @property
    def reference(self) -> Arm:
        """What it is held against."""
        return Arm(self.policy, KEPT) if self.mode == ENDED else Arm(BASELINE, BASELINE)


@dataclass(frozen=True)
class Setup:
    """What all runs of a city share."""

    city: str
    years: float
    burn_in_years: float
    plugins: tuple[str, ...] = ()

    def scenario(self, arm: Arm, world: str) -> Scenario:
        """The scenario of an arm under the theories of `world`."""
        from sim.scenario import PolicyEntry, Scenario

        base = Scenario(
            city=self.city, years=self.years, burn_in_years=self.burn_in_years,
            hypotheses=theories(world),
        )  # fmt: skip
        if arm.mode == BASELINE:
            return base
        settings: dict[str, Any] = {}
        if arm.mode in (KEPT, ENDED):  # in force since the burn-in began
            settings["start"] = -int(base.burn_in_days)
        if arm.mode == ENDED:
            settings["end"] = 0
        return base.with_changes(policies=(PolicyEntry(arm.policy, settings),))


def worlds(which: str) -> list[str]:
    """Names of the worlds to run: the default theories, then rivals.

    `which`: "violence" (the three rival theories of violence), "all", "none", or names with commas
    between them. Raises UserError for an unknown one.
    """
    rivals = [_name(combination) for combination in hypotheses.combinations()[1:]]
    violence = [name for name in rivals if name.startswith("violence=")]
    if which in ("violence", "all", "none"):
        chosen = {"violence": violence, "all": rivals, "none": []}[which]
        return [DEFAULT, *chosen]
    names = [name.strip() for name in which.split(",") if name.strip()]
    for name in names:
        if name not in rivals:
            raise UserError(
                f"--rivals {name}: expected violence, all, none or some of"
                f" {', '.join(rivals)}{nearest(name, rivals)}"
            )
    return [DEFAULT, *names]


def theories(world: str) -> dict[str, str]:
    """The hypotheses of a world by question."""
    if world == DEFAULT:
        return {}
    question, _, theory = world.partition("=")
    return {question: theory}


def _name(combination: dict[str, str]) -> str:
    (changed,) = [q for q in combination if combination[q] != hypotheses.DEFAULTS[q]]
    return f"{changed}={combination[changed]}"


def arms_of(names: Sequence[str]) -> list[Arm]:
    """Every arm for these policies (all, if there are none), the baseline first.

    Raises UserError for a policy that does not exist.
    """
    from sim.policies import registry

    known = registry()
    for name in names:
        if name not in known:
            raise UserError(f"no policy {name!r}{nearest(name, known)}")
    chosen = [known[name] for name in (dict.fromkeys(names) or known)]
    chosen.sort(key=lambda kind: (kind.row or 1000, kind.name))
    out = [Arm(BASELINE, BASELINE), *(Arm(kind.name, ADDED) for kind in chosen)]
    for kind in chosen:
        if kind.harm and kind.name not in EVENTS:
            out += [Arm(kind.name, KEPT), Arm(kind.name, ENDED)]
    return out


@cache
def model_digest() -> str:
    """Twelve hexadecimal digits of all sources of the model, parameters and evidence included."""
    import sim

    root = Path(sim.__file__).parent
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".csv", ".json", ".toml")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
