"""A scenario: what a run is, as data.

A city, a period, parameter values, rival theories, policies and publicised incidents. A scenario
holds no code and no state; (scenario, seed, model version) identifies a run, and `hash` names it.
Whatever is wrong with one is the user's to mend, so it is said at once, as a UserError naming the
entry; `sim.scenario_file` reads TOML and adds the file and line.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sim import hypotheses, plugins
from sim.errors import UserError
from sim.version import MODEL_VERSION
from sim.words import nearest, shown

DAYS_PER_YEAR = 365
LONGEST_YEARS = 50.0
CITIES = ("village", "district", "midsize", "metropolis")
"""Embedded synthetic cities; `synthetic:N` makes one of N residents."""

Key = tuple[str | int, ...]


class ScenarioError(UserError):
    """What is wrong with one entry of a scenario; `key` says which, e.g. ("policy", 0, "start")."""

    def __init__(self, key: Key, problem: str, where: str = "scenario") -> None:
        self.key, self.problem = key, problem
        super().__init__(f"{where}: {_dotted(key)}{problem}")


@dataclass(frozen=True)
class PolicyEntry:
    """One policy in force: its name, and its settings where they differ from the defaults.

    Among the settings, `start` (the first day unless given) and `end` (never unless given) may be
    ISO dates or days counted from the start of the run, negative ones in the burn-in; a checked
    scenario holds them as days.

    >>> PolicyEntry("gang_fellowship", {"start": 30}).start
    30
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """First day in force, from the start of the run."""
        return int(self.settings.get("start", 0))

    @property
    def end(self) -> int | None:
        """First day no longer in force, or None."""
        end = self.settings.get("end")
        return None if end is None else int(end)


@dataclass(frozen=True)
class Incident:
    """A publicised incident from outside the model; `salience` in 0..1."""

    day: int
    salience: float
    group: str = ""
    """The group of the city whose trust it touches most; empty: all alike."""
    about: str = ""


@dataclass(frozen=True)
class Scenario:
    """One city's life as data; every argument is checked when it is made.

    >>> two_years = Scenario(city="village", years=2, parameters={})
    >>> two_years.days, len(two_years.hash(seed=1))
    (730, 32)
    """

    city: str = "district"
    years: float = 2.0
    start: date = date(2025, 1, 1)
    burn_in_years: float = 5.0
    parameters: Mapping[str, float] = field(default_factory=dict)
    hypotheses: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[PolicyEntry, ...] = ()
    incidents: tuple[Incident, ...] = ()
    name: str = ""
    """What reports call it; not part of its identity. Empty: the city's name."""
    about: str = ""
    headlines: tuple[str, ...] = ()
    """Outcomes a comparison shows first; not part of the run's identity."""
    city_digest: str = ""
    """Of a city file's bytes, so that an edited file is another run; filled in here."""

    def __post_init__(self) -> None:
        from sim import scenario_checks

        for name, value in scenario_checks.settled(self).items():
            object.__setattr__(self, name, value)

    # What the engine asks.

    @property
    def days(self) -> int:
        """Length of the run in days, burn-in excluded; a year is 365 days."""
        return round(self.years * DAYS_PER_YEAR)

    @property
    def burn_in_days(self) -> int:
        """Length of the burn-in in days: whole weeks, so that the run starts with a week."""
        return burn_in_days(self.burn_in_years)

    def date_of(self, day: int) -> date:
        """The calendar date of a day counted from the start of the run."""
        return self.start + timedelta(days=day)

    def values(self) -> dict[str, float]:
        """Every parameter: its default, then the hypotheses' presets, then this scenario's own."""
        from sim.parameters import all_parameters

        known = all_parameters()
        out = {name: row.default for name, row in known.items()}
        out.update((k, v) for k, v in hypotheses.values(self.hypotheses).items() if k in known)
        out.update(self.parameters)
        return out

    # Identity.

    def canonical(self) -> dict[str, Any]:
        """All that determines the run, every default resolved, in a fixed order.

        Name, description and headline outcomes are left out: they change no event.
        """
        from sim.scenario_checks import resolved_settings

        policies = [
            {"name": entry.name, "settings": resolved_settings(entry)} for entry in self.policies
        ]
        incidents = [
            {"day": one.day, "salience": one.salience, "group": one.group} for one in self.incidents
        ]
        return {
            "city": self.city_digest or self.city,
            "run": {
                "start": self.start.isoformat(),
                "years": self.years,
                "burn_in_years": self.burn_in_years,
            },
            "parameters": dict(sorted(self.values().items())),
            "hypotheses": dict(sorted(self.hypotheses.items())),
            "policies": sorted(policies, key=_text),
            "incidents": sorted(incidents, key=_text),
        }

    def hash(self, seed: int) -> str:
        """32 hexadecimal digits that name the run of this scenario with `seed` on this version."""
        return _digest(self.canonical(), seed)

    def burn_in_hash(self, seed: int) -> str:
        """The same for the burnt-in city, which scenarios that differ only later share."""
        policies = tuple(
            PolicyEntry(p.name, {k: v for k, v in p.settings.items() if k != "end" or v < 0})
            for p in self.policies
            if p.start < 0
        )
        before = self.with_changes(
            policies=policies,
            incidents=tuple(one for one in self.incidents if one.day < 0),
            years=LONGEST_YEARS,
        )
        return _digest({**before.canonical(), "what": "burn-in"}, seed)

    # Files.

    @classmethod
    def load(cls, name_or_path: str | Path) -> Scenario:
        """The scenario of that name, of that TOML file, or of that city with no policy.

        Raises UserError: nothing of the name, or a file that is not a valid scenario.
        """
        from sim.scenario_file import load

        return load(name_or_path)

    @classmethod
    def from_toml(cls, text: str, where: str = "scenario") -> Scenario:
        """A scenario from TOML text; `where` names the text in messages."""
        from sim.scenario_file import parse

        return parse(text, where)

    def to_toml(self) -> str:
        """TOML that `from_toml` reads back to an equal scenario."""
        from sim.scenario_file import write

        return write(self)

    def with_changes(self, **changes: Any) -> Scenario:
        """A copy with some fields replaced, checked anew.

        >>> Scenario(city="village").with_changes(years=1).days
        365
        """
        return dataclasses.replace(self, **changes)


def burn_in_days(years: float) -> int:
    """The whole weeks nearest to `years`, in days."""
    return 7 * round(years * DAYS_PER_YEAR / 7)


def city_digest(city: str) -> str:
    """Empty for an embedded or synthetic city, else a digest of the city file at the path `city`.

    Raises ScenarioError where there is no such city.
    """
    from sim.city.spec import load_spec

    key = ("city", "name")
    if city in CITIES:
        return ""
    if city.startswith("synthetic:"):
        try:
            load_spec(city)
        except UserError as problem:
            raise ScenarioError(key, str(problem)) from None
        return ""
    try:
        if Path(city).is_file():  # and no device or pipe, which may never end
            return f"file:{hashlib.blake2b(Path(city).read_bytes(), digest_size=16).hexdigest()}"
    except (OSError, ValueError):
        pass
    raise ScenarioError(
        key,
        f"no city {shown(city)}: expected an embedded one, synthetic:N with N residents, or"
        f" the path of a city file{nearest(city, CITIES)}",
    )


def check_seed(seed: int) -> int:
    """`seed` itself if it can be one: a whole number from 0 below 2**63. Raises UserError."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise UserError(f"seed {shown(seed)}: expected a whole number, 0 or more")
    return seed


def is_number(value: object) -> bool:
    """Whether `value` is a finite number (and no truth value)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _digest(data: dict[str, Any], seed: int) -> str:
    whole = {"scenario": data, "seed": check_seed(seed), "model": MODEL_VERSION}
    if loaded := plugins.identity():
        whole["plugins"] = loaded
    return hashlib.blake2b(_text(whole).encode(), digest_size=16).hexdigest()


def _text(data: Any) -> str:
    """Canonical JSON: sorted keys, floats by repr, nothing but ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _dotted(key: Key) -> str:
    """("policy", 0, "start") -> "policy 1, start: " (people count from one)."""
    out = ""
    for part in key:
        if isinstance(part, int):
            out += f" {part + 1},"
        else:
            out += f" {part}" if out.endswith(",") else f".{part}"
    return f"{out.strip('.,')}: " if key else ""
