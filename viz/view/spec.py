"""PairSpec: what a pair of runs is, as it stands in a link.

A base scenario (a preset, or a run that was opened), a seed, a length, the policies of each arm
with their dates and settings, and edits of B: events solved or undone. `from_json` checks
everything and names the field at fault; `scenarios` gives both arms; `identity` names the pair of
lives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sim.errors import UserError
from sim.scenario import PolicyEntry, Scenario, check_seed
from viz.view.presets import base_scenario

VERBS = {
    "solve": "the case is cleared on the next day",
    "unsolve": "the case is never cleared",
    "undo": "it does not happen",
}
ARM_CHOICES = 12  # policies in one arm
EDITS = 6


class SpecError(UserError):
    """What is wrong with one field of a pair; shown beside that field."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(problem)


@dataclass(frozen=True)
class Choice:
    """One policy from `start` to `end` (exclusive; None: to the end) with its changed settings."""

    name: str
    start: int = 0
    end: int | None = None
    settings: tuple[tuple[str, float | bool | str], ...] = ()

    def entry(self) -> PolicyEntry:
        dates: dict[str, Any] = {} if self.start == 0 else {"start": self.start}
        if self.end is not None:
            dates["end"] = self.end
        return PolicyEntry(self.name, {**dict(self.settings), **dates})

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "start": self.start, "end": self.end,
            "settings": dict(self.settings),
        }  # fmt: skip

    @classmethod
    def of(cls, entry: PolicyEntry) -> Choice:
        plain = {k: v for k, v in entry.settings.items() if k not in ("start", "end")}
        return cls(entry.name, entry.start, entry.end, tuple(sorted(plain.items())))


@dataclass(frozen=True)
class PairSpec:
    """Both arms of one seed."""

    preset: str
    seed: int
    days: int
    a: tuple[Choice, ...] = ()
    b: tuple[Choice, ...] = ()
    edits: tuple[tuple[str, int], ...] = ()
    """(verb, id of an event), of B alone."""

    def scenarios(self) -> tuple[Scenario, Scenario]:
        """Arms A and B. Raises SpecError naming what is wrong."""
        base = base_scenario(self.preset)
        years = self.days / 365
        out = []
        for arm, choices in (("a", self.a), ("b", self.b)):
            try:
                policies = tuple(c.entry() for c in choices)
                out.append(base.with_changes(policies=policies, years=years))
            except (UserError, ValueError, TypeError) as problem:
                raise SpecError(arm, str(problem).removeprefix("scenario: ")) from None
        return out[0], out[1]

    def identity(self) -> str:
        """32 hexadecimal digits; equal for equal pairs of lives on one model version."""
        a, b = self.scenarios()
        whole = [a.hash(self.seed), b.hash(self.seed), list(self.edits)]
        return hashlib.blake2b(json.dumps(whole).encode(), digest_size=16).hexdigest()

    def with_seed(self, seed: int) -> PairSpec:
        return replace(self, seed=seed)

    def as_json(self) -> dict[str, Any]:
        return {
            "preset": self.preset, "seed": self.seed, "days": self.days,
            "a": [c.as_json() for c in self.a], "b": [c.as_json() for c in self.b],
            "edits": [[verb, f"0x{key:016x}"] for verb, key in self.edits],
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any], most_days: int = 3650) -> PairSpec:
        """A checked pair. Raises SpecError; nothing is guessed."""
        preset = str(data.get("preset", ""))
        base_scenario(preset)
        seed = _whole(data.get("seed", 1), "seed", 0, 2**31)
        check_seed(seed)
        days = _whole(data.get("days", 364), "days", 28, most_days)
        arms = []
        for arm in ("a", "b"):
            given = data.get(arm) or []
            if not isinstance(given, list) or len(given) > ARM_CHOICES:
                raise SpecError(arm, f"at most {ARM_CHOICES} policies in one arm")
            arms.append(tuple(_choice(one, arm, days) for one in given))
        edits = data.get("edits") or []
        if not isinstance(edits, list) or len(edits) > EDITS:
            raise SpecError("edits", f"at most {EDITS} events changed at once")
        return cls(preset, seed, days, arms[0], arms[1], tuple(_edit(e) for e in edits))


def _choice(data: Any, arm: str, days: int) -> Choice:
    from sim.policies import registry
    from sim.words import nearest

    if not isinstance(data, Mapping):
        raise SpecError(arm, f"a policy is {str(data)[:40]!r}; expected a name with settings")
    name, known = str(data.get("name", "")), registry()
    if name not in known:
        raise SpecError(arm, f"no policy {name[:40]!r}{nearest(name, known)}")
    start = _whole(data.get("start", 0), arm, -3650, days)
    end = data.get("end")
    last = None if end is None else _whole(end, arm, start + 1, 36500)
    settings = data.get("settings") or {}
    if not isinstance(settings, Mapping):
        raise SpecError(arm, f"{name}: settings must be names with values")
    try:
        known[name](**settings)
    except TypeError:
        raise SpecError(arm, f"{name}: a setting is unknown, of {', '.join(settings)}") from None
    except ValueError as problem:
        raise SpecError(arm, str(problem)) from None
    return Choice(name, start, last, tuple(sorted(settings.items())))


def _edit(data: Any) -> tuple[str, int]:
    try:
        verb, key = data
        number = int(str(key), 16) if str(key).lower().startswith("0x") else int(key)
    except (TypeError, ValueError):
        raise SpecError("edits", f"a change of an event is {str(data)[:40]!r}") from None
    if verb not in VERBS or not 0 < number < 2**64:
        raise SpecError(
            "edits", f"{str(verb)[:20]!r}: expected one of {', '.join(VERBS)}, and an id"
        )
    return str(verb), number


def _whole(value: Any, field: str, low: int, high: int) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if number != number or number != int(number) or not low <= number <= high:
        raise SpecError(
            field, f"{field}: got {str(value)[:20]!r}, expected a whole number from {low} to {high}"
        )
    return int(number)
