"""What a scenario must satisfy; each failure is a ScenarioError that names the entry."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from sim import hypotheses
from sim.words import nearest, shown

if TYPE_CHECKING:
    from sim.scenario import Incident, Key, PolicyEntry, Scenario

_SHORTEST_YEARS, _LONGEST_YEARS = 7 / 365, 50.0
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_LONGEST_TEXT = 20_000  # characters
_MOST_ENTRIES = 1000  # policies or incidents
_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "bool": "true or false",
    "None": "nothing",
}


def _called(city: str) -> str:
    """What a city is called: its name, or its file's without folder and ending.

    >>> _called("out/chicago.city.json.gz"), _called("village")
    ('chicago', 'village')
    """
    return re.sub(r"(\.city)?\.json(\.gz)?$", "", re.split(r"[/\\]", city)[-1])


def settled(scenario: Scenario) -> dict[str, Any]:
    """Every field of `scenario`, checked and in its one form (numbers as floats and so on)."""
    from sim.scenario import DAYS_PER_YEAR, burn_in_days

    city = _text(scenario.city, ("city", "name"))
    start = _start(scenario.start)
    span_text = "expected a number of years, at least a week (0.02) and at most 50"
    years = number(
        scenario.years, ("run", "years"), _SHORTEST_YEARS, _LONGEST_YEARS, expected=span_text
    )
    burn_in = number(scenario.burn_in_years, ("run", "burn_in_years"), 0.0, _LONGEST_YEARS, "years")
    span = _Span(start, -burn_in_days(burn_in), round(years * DAYS_PER_YEAR))
    policies = tuple(
        _policy(entry, place, span)
        for place, entry in enumerate(_entries(scenario.policies, "policy"))
    )
    _no_doubles(policies)
    return {
        "start": start,
        "years": years,
        "burn_in_years": burn_in,
        "parameters": _parameters(scenario.parameters),
        "hypotheses": _hypotheses(scenario.hypotheses),
        "policies": policies,
        "incidents": tuple(
            _incident(one, place, span)
            for place, one in enumerate(_entries(scenario.incidents, "incident"))
        ),
        "name": _text(scenario.name, ("name",)) or _called(city),
        "about": _text(scenario.about, ("about",)),
        "headlines": _headlines(scenario.headlines),
        "city_digest": _digest(city, scenario.city_digest),
    }


def resolved_settings(entry: PolicyEntry) -> dict[str, Any]:
    """Every setting of the entry's policy, defaults filled in, as plain JSON values."""
    policy = _made(entry.name, entry.settings)
    whole = {f.name: _plain(getattr(policy, f.name)) for f in _fields(type(policy))}
    whole.update(start=entry.start, end=entry.end)
    return dict(sorted(whole.items()))


@dataclasses.dataclass(frozen=True)
class _Span:
    """The run's first calendar day, and the first and last day that entries may name."""

    start: date
    first: int
    days: int

    def on(self, day: int) -> str:
        """A day as a date, which users write, and as the number that the model counts by."""
        try:
            return f"{self.start + timedelta(days=day)} (day {day})"
        except (OverflowError, ValueError):
            return f"day {shown(day)}"


def fail(key: Key, problem: str) -> NoReturn:
    """Raise the ScenarioError of the entry `key`."""
    from sim.scenario import ScenarioError

    raise ScenarioError(key, problem)


def number(
    value: object, key: Key, low: float, high: float, unit: str = "", expected: str = ""
) -> float:
    """`value` as a float within low..high; else a ScenarioError of `key`."""
    from sim.scenario import is_number

    expected = expected or f"expected a number from {low:.6g} to {high:.6g} {unit}".rstrip()
    if not is_number(value):
        fail(key, f"{shown(value)}: {expected}")
    out = float(value) + 0.0  # type: ignore[arg-type]  # + 0.0 turns -0.0 into 0.0
    if not low <= out <= high:
        fail(key, f"{shown(value)} is out of range: {expected}")
    return out


def _text(value: object, key: Key) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or "\0" in value:
        fail(key, f"{shown(value)}: expected a text")
    return value


def _digest(city: str, given: str) -> str:
    """The city's digest; one that was written down must agree with the file, if that is here."""
    from sim.scenario import ScenarioError, city_digest

    try:
        now = city_digest(city)
    except ScenarioError:
        if given:  # a finished run, looked at where its city file is not
            return given
        raise
    if given and given != now:
        fail(
            ("city", "digest"),
            f"{city} is not the city that was meant; remove the digest to accept",
        )
    return now


def _start(value: object) -> date:
    key = ("run", "start")
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            fail(key, f"{shown(value)}: expected a date like 2025-01-01")
    if not isinstance(value, date) or isinstance(value, datetime):
        fail(key, f"{shown(value)}: expected a date like 2025-01-01")
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        fail(key, f"{value.isoformat()}: expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return value


def _parameters(given: object) -> dict[str, float]:
    from sim.parameters import all_parameters

    known = all_parameters()
    out = {}
    for name, value in _table(given, ("parameters",)).items():
        key = ("parameters", name)
        if name not in known:
            fail(key, f"no such parameter{nearest(name, known)}")
        row = known[name]
        out[name] = number(value, key, row.low, row.high, row.unit)
    return dict(sorted(out.items()))


def _hypotheses(given: object) -> dict[str, str]:
    from sim.scenario import ScenarioError

    table = _table(given, ("hypotheses",))
    try:
        return hypotheses.resolve(table)
    except hypotheses.UnknownTheory as problem:
        raise ScenarioError(("hypotheses", problem.question), problem.text) from None


def _headlines(given: object) -> tuple[str, ...]:
    key = ("run", "headlines")
    if isinstance(given, str) or not isinstance(given, list | tuple):
        fail(key, f"{shown(given)}: expected a list of outcomes' names")
    for name in given:
        if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
            fail(key, f"{shown(name)}: expected an outcome's name, such as 'homicides'")
    return tuple(given)


def _table(given: object, key: Key) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        fail(key, f"{shown(given)}: expected a table of names and values")
    return given


def _entries(given: object, what: str) -> tuple[Any, ...]:
    if not isinstance(given, list | tuple):
        fail((what,), f"{shown(given)}: expected a list of entries, [[{what}]] in a file")
    if len(given) > _MOST_ENTRIES:
        fail((what,), f"{len(given)} entries: expected at most {_MOST_ENTRIES}")
    return tuple(given)


def _policy(entry: object, place: int, span: _Span) -> PolicyEntry:
    from sim.scenario import PolicyEntry

    here: Key = ("policy", place)
    if not isinstance(entry, PolicyEntry):
        fail(here, f"{shown(entry)}: expected a PolicyEntry")
    known = _registry()
    if not isinstance(entry.name, str) or entry.name not in known:
        near = nearest(str(entry.name), known)
        hint = "" if "mean" in near else "; one of your own is loaded with --plugin FILE.py"
        fail((*here, "name"), f"no policy {shown(entry.name)}{near}{hint}")
    given = _table(entry.settings, here)
    fields = {f.name: f for f in _fields(known[entry.name])}
    unread = getattr(known[entry.name], "unread", {})
    own = (name for name in fields if name not in ("start", "end") and name not in unread)
    allowed = ["start", "end", *own]
    settings: dict[str, Any] = {}
    for name, value in given.items():
        key = (*here, name)
        if name in unread:
            fail(key, f"{entry.name} does not use it; decided here by {unread[name]}")
        if name not in allowed:
            lists = f"; `peel policies {entry.name}` lists its settings"
            fail(key, f"{entry.name} has no such setting{nearest(name, allowed)}{lists}")
        if name in ("start", "end"):
            if not (name == "end" and value is None):
                settings[name] = _day(value, key, span)
        else:
            settings[name] = _setting(value, key, str(fields[name].type))
    settings.setdefault("start", 0)
    _in_order(settings, here, span)
    try:
        _made(entry.name, settings)
    except (ValueError, TypeError) as problem:
        fail(here, f"{entry.name}: {str(problem).removeprefix(f'{entry.name}: ')}")
    return PolicyEntry(entry.name, dict(sorted(settings.items())))


def _day(value: object, key: Key, span: _Span) -> int:
    """A date, or a whole number of days from the run's start, as the latter."""
    expected = "expected a date like 2025-01-01 or a whole number of days from the run's start"
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            fail(key, f"{shown(value)}: {expected}")
    if isinstance(value, date) and not isinstance(value, datetime):
        value = (value - span.start).days
    if isinstance(value, bool) or not isinstance(value, int):
        fail(key, f"{shown(value)}: {expected}")
    return value


def _in_order(settings: Mapping[str, Any], here: Key, span: _Span) -> None:
    start, end = settings["start"], settings.get("end")
    if start < span.first:
        fail(
            (*here, "start"),
            f"{span.on(start)} is before the burn-in starts, on {span.on(span.first)}",
        )
    if start >= span.days:
        fail(
            (*here, "start"),
            f"{span.on(start)} is after the run's last day, {span.on(span.days - 1)}: it would never act",
        )
    if end is not None and end <= start:
        fail((*here, "end"), f"{span.on(end)} is not after the start, {span.on(start)}")


def _setting(value: object, key: Key, annotation: str) -> Any:
    """`value` in the form that the policy's field declares; its class checks the range."""
    from sim.scenario import is_number

    kinds = {kind.strip() for kind in annotation.split("|")}
    if isinstance(value, bool):
        fits = "bool" in kinds
    elif isinstance(value, int | float):
        if "float" in kinds and is_number(value):
            return float(value) + 0.0
        fits = "int" in kinds and isinstance(value, int) and is_number(value)
    elif isinstance(value, str):
        fits = any(kind == "str" or kind.startswith("Literal") for kind in kinds)
    elif isinstance(value, list | tuple):
        value = tuple(value)
        fits = any(kind.startswith("tuple") for kind in kinds) and all(
            isinstance(v, str | bool) or is_number(v) for v in value
        )
    else:
        fits = value is None and "None" in kinds
    if not fits:
        expected = " or ".join(_KINDS.get(kind, kind) for kind in sorted(kinds))
        fail(key, f"{shown(value)}: expected {expected}")
    return value


def _no_doubles(entries: tuple[PolicyEntry, ...]) -> None:
    seen: dict[str, int] = {}
    for place, entry in enumerate(entries):
        first = seen.setdefault(f"{entry.name} {sorted(entry.settings.items())}", place)
        if first != place:
            fail(
                ("policy", place),
                f"{entry.name} stands here with the settings of policy {first + 1}; remove one",
            )


def _incident(one: object, place: int, span: _Span) -> Incident:
    from sim.scenario import Incident

    here: Key = ("incident", place)
    if not isinstance(one, Incident):
        fail(here, f"{shown(one)}: expected an Incident")
    day = _day(one.day, (*here, "day"), span)
    if not span.first <= day < span.days:
        fail((*here, "day"), f"day {shown(day)}: expected {span.first} to {span.days - 1}")
    return Incident(
        day=day,
        salience=number(one.salience, (*here, "salience"), 0.0, 1.0),
        group=_text(one.group, (*here, "group")),
        about=_text(one.about, (*here, "about")),
    )


def _registry() -> Mapping[str, type[Any]]:
    from sim.policies import registry

    found: Mapping[str, type[Any]] = registry()
    return found


def _fields(kind: type[Any]) -> list[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(kind) if field.init]


def _made(name: str, settings: Mapping[str, Any]) -> Any:
    """The policy itself, which checks its own settings (ValueError where they don't fit)."""
    kind = _registry()[name]
    own = {field.name for field in _fields(kind)}
    return kind(**{k: v for k, v in settings.items() if k in own})


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
