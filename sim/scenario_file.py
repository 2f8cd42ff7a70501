"""Scenario files: strict TOML in, with the file and line of whatever is wrong, and TOML out.

[city] name; [run] start, years, burn_in_years, headlines; [parameters]; [hypotheses]; any number
of [[policy]] and [[incident]]; `name` and `about` at the top. Nothing else is accepted: a key that
is misspelt would otherwise be a policy that silently does not run.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.scenario import CITIES, Incident, Key, PolicyEntry, Scenario, ScenarioError
from sim.words import nearest, shown

_MOST_BYTES = 1_000_000
_LONGEST_LINE = 100  # characters of a line worth repeating in a message
_TABLES = {
    "city": ("name", "digest"),
    "run": ("start", "years", "burn_in_years", "headlines"),
}
_TOP = ("name", "about", "city", "run", "parameters", "hypotheses", "policy", "incident")
_INCIDENT = ("day", "salience", "group", "about")


def load(name_or_path: str | Path) -> Scenario:
    """The scenario of a packaged name, of a TOML file, or of a city with no policy.

    Raises UserError where there is none, or where the file is not a valid scenario.
    """
    asked = str(name_or_path)
    packaged = packaged_scenarios()
    if asked in packaged:
        return _from_file(packaged[asked])
    if asked in CITIES or asked.startswith("synthetic:"):
        return Scenario(city=asked)
    path = Path(asked)
    try:
        found = path.is_file()
    except (OSError, ValueError):  # too long for a name, or with a null character
        found = False
    if not found:
        names = [*packaged, *CITIES]
        raise UserError(
            f"{shown(asked)}: no such file, scenario or city; expected a scenario's TOML file or"
            f" one of: {', '.join(names)}, synthetic:N{_meant(asked, names)}"
        )
    return Scenario(city=str(path)) if _is_city_file(path) else _from_file(path)


def packaged_scenarios() -> dict[str, Path]:
    """The scenarios that ship with Peel, by name; found without importing `experiments`."""
    spec = importlib.util.find_spec("experiments")
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = [file for folder in folders for file in Path(folder, "scenarios").glob("*.toml")]
    return {file.stem: file for file in sorted(files)}


def parse(text: str, where: str, folder: Path | None = None, name: str = "") -> Scenario:
    """A scenario from TOML text. `where` names it in messages; a city's path is from `folder`;
    `name` is taken where the text gives none.

    Raises UserError, with the line where it can be found.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        said = str(problem) or "nested too deeply"
        raise UserError(f"{where}: not valid TOML: {said}{_advice(text, said)}") from None
    try:
        return _built({"name": name, **data}, folder)
    except ScenarioError as problem:
        line = line_of(text, problem.key)
        place = f"{where}, line {line}" if line else where
        raise ScenarioError(problem.key, problem.problem, place) from None


def _advice(text: str, said: str) -> str:
    """The line that a TOML reader stumbled over, and what was probably meant."""
    place, lines = re.search(r"at line (\d+)", said), text.splitlines()
    if place is None or not 1 <= int(place[1]) <= len(lines):
        return ""
    line = lines[int(place[1]) - 1].strip()
    told = f"; the line is: {line}" if 0 < len(line) <= _LONGEST_LINE else ""
    value = line.partition("=")[2].strip()
    if re.match(r"\d+[-/.]\d+[-/.]\d+", value):
        return f"{told}; a date of the calendar is written year-month-day, as in 2025-03-01, without quotes"
    if re.match(r"[A-Za-z]", value):
        return f'{told}; a text stands in quotes, as in name = "district"'
    return told


def _from_file(path: Path) -> Scenario:
    return parse(_read(path), str(path), path.parent, path.stem)


def _read(path: Path) -> str:
    """The text of a file; UserError for what is not a readable text of at most a megabyte."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as problem:
        raise UserError(f"{path}: cannot be read: {problem.strerror or problem}") from None
    if len(raw) > _MOST_BYTES:
        raise UserError(f"{path}: more than {_MOST_BYTES} bytes; a scenario is a few lines of TOML")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UserError(
            f"{path}: not a text in UTF-8 (byte {problem.start}); expected a scenario in TOML"
        ) from None


def _is_city_file(path: Path) -> bool:
    """Whether a file is a city: JSON or gzip if imported, else TOML with residents."""
    try:
        with path.open("rb") as file:
            head = file.read(64).lstrip()
        if head.startswith((b"{", b"\x1f\x8b")):
            return True
        data = tomllib.loads(_read(path))
    except (OSError, UserError, ValueError, RecursionError):
        return False  # the scenario reader will say what is wrong
    return "residents" in data and "city" not in data


def _built(data: Mapping[str, Any], folder: Path | None) -> Scenario:
    _known(data, _TOP, ())
    city, run = _table(data, "city"), _table(data, "run")
    if "name" not in city:
        raise ScenarioError(("city",), "expected [city] with name = one of the cities")
    fields: dict[str, Any] = {"city": _city_path(city["name"], folder)}
    fields.update({key: run[key] for key in _TABLES["run"] if key in run})
    fields.update({key: data[key] for key in ("name", "about") if key in data})
    if "digest" in city:
        fields["city_digest"] = _digest(city["digest"])
    for key in ("parameters", "hypotheses"):
        if key in data:
            fields[key] = _table(data, key)
    fields["policies"] = tuple(_policy(row, n) for n, row in enumerate(_rows(data, "policy")))
    fields["incidents"] = tuple(_incident(row, n) for n, row in enumerate(_rows(data, "incident")))
    return Scenario(**fields)


def _known(table: Mapping[str, Any], valid: tuple[str, ...], key: Key) -> None:
    for name in table:
        if name not in valid:
            raise ScenarioError((*key, name), f"unknown key{nearest(name, valid)}")


def _table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        below = f"the line [{name}], and its keys below it"
        raise ScenarioError((name,), f"{shown(table)}: expected a table: {below}")
    if name in _TABLES:
        _known(table, _TABLES[name], (name,))
    return table


def _rows(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ScenarioError((name,), f"{shown(rows)}: expected entries that each begin [[{name}]]")
    return rows


def _policy(row: dict[str, Any], place: int) -> PolicyEntry:
    if "name" not in row:
        raise ScenarioError(("policy", place), "has no name; `peel policies` lists them")
    return PolicyEntry(row["name"], {key: row[key] for key in row if key != "name"})


def _incident(row: dict[str, Any], place: int) -> Incident:
    _known(row, _INCIDENT, ("incident", place))
    for key in ("day", "salience"):
        if key not in row:
            raise ScenarioError(("incident", place), f"has no {key}")
    return Incident(**row)


def _city_path(name: Any, folder: Path | None) -> Any:
    """A city file's path is taken from the scenario's folder, as links on a page are."""
    if not isinstance(name, str) or name in CITIES or name.startswith("synthetic:"):
        return name
    if folder is not None and "\0" not in name and (folder / name).exists():
        return str(folder / name)
    return name


def _digest(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"file:[0-9a-f]{32}", value):
        raise ScenarioError(("city", "digest"), f"{shown(value)}: expected what Peel wrote")
    return value


def _meant(asked: str, names: list[str]) -> str:
    hint = nearest(asked, names)
    return hint.split(" valid:")[0] if "mean" in hint else ""


def line_of(text: str, key: Key) -> int:
    """The line (from 1) of TOML `text` where `key` stands; of its table if not found; else 0."""
    names = [part for part in key if isinstance(part, str)]
    ordinal = next((part for part in key if isinstance(part, int)), 0)
    table = names[0] if len(names) > 1 or (key and isinstance(key[-1], int)) else ""
    header = re.compile(rf"\s*\[\[?\s*{re.escape(table or names[0] if names else '')}\s*\]\]?")
    entry = re.compile(rf"""\s*["']?{re.escape(names[-1])}["']?\s*=""") if names else None
    found, here, seen = 0, table == "", -1
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            mine = bool(header.match(line)) and bool(names)
            seen += mine
            here = (mine and seen == ordinal) if table else False
            if mine and seen == ordinal:
                found = number
        elif here and entry is not None and len(names) > (1 if table else 0) and entry.match(line):
            return number
    return found


def write(scenario: Scenario) -> str:
    """TOML that reads back to an equal scenario."""
    city: dict[str, Any] = {"name": scenario.city}
    if scenario.city_digest:
        city["digest"] = scenario.city_digest
    run = {
        "start": scenario.start,
        "years": scenario.years,
        "burn_in_years": scenario.burn_in_years,
        "headlines": list(scenario.headlines),
    }
    lines = [f"name = {_value(scenario.name)}"]
    if scenario.about:
        lines.append(f"about = {_value(scenario.about)}")
    lines += _section("[city]", city) + _section("[run]", run)
    if scenario.parameters:
        lines += _section("[parameters]", scenario.parameters)
    lines += _section("[hypotheses]", scenario.hypotheses)
    for policy in scenario.policies:
        lines += _section("[[policy]]", {"name": policy.name, **policy.settings})
    for one in scenario.incidents:
        row = {"day": one.day, "salience": one.salience, "group": one.group, "about": one.about}
        lines += _section("[[incident]]", row)
    return "\n".join(lines) + "\n"


def _section(header: str, table: Mapping[str, Any]) -> list[str]:
    rows = [f"{_key(name)} = {_value(value)}" for name, value in table.items() if value is not None]
    return ["", header, *rows]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    escaped = "".join(_character(c) for c in str(value))
    return f'"{escaped}"'


def _character(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c
