"""Factors of a sweep: what varies, over which values, and how a value changes a scenario.

A factor's name says what it is: a parameter (`weight_rivalry`), a question of rival theories
(`violence`, or `hypotheses.violence` where a parameter has the same name), a policy in force or
not (`policy.gang_fellowship`), one of its settings (`policy.gang_fellowship.places_per_100k`), or
`city`. In results its column is the name with `param.` before it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim import hypotheses
from sim.errors import UserError
from sim.scenario import CITIES, PolicyEntry, Scenario, is_number
from sim.words import nearest, shown

Value = float | int | bool | str
KEYS = ("vary", "values", "low", "high", "levels", "scale", "cross", "settings")


@dataclass(frozen=True)
class Factor:
    """One thing that varies: over `values`, or anywhere from `low` to `high`.

    >>> Factor("weight_rivalry", "parameter", low=0.0, high=2.0).at(0.25)
    0.5
    """

    name: str
    kind: str
    """parameter, hypothesis, policy, setting or city."""
    values: tuple[Value, ...] = ()
    low: float = math.nan
    high: float = math.nan
    log: bool = False
    whole: bool = False
    """Rounded to whole numbers (settings that are counts)."""
    cross: bool = False
    """Every point of the design is run with each value, rather than with one sampled."""
    settings: tuple[tuple[str, Any], ...] = ()
    """Of a policy that is switched: what it is set to."""

    @property
    def numeric(self) -> bool:
        """Over a range, rather than over listed values."""
        return not self.values

    @property
    def past(self) -> bool:
        """Does it change the burnt-in city? (Policies do only where they start before day 0.)"""
        return self.kind in ("parameter", "hypothesis", "city")

    def at(self, u: float) -> Value:
        """The value at `u` of 0..1: along the range, or one of the values."""
        if self.values:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        if self.log:
            value = math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + u * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return float(round(value)) if self.whole else value

    def to_dict(self) -> dict[str, Any]:
        data = dataclasses.asdict(self)
        data["settings"] = dict(self.settings)
        return {k: v for k, v in data.items() if not (isinstance(v, float) and math.isnan(v))}


def factor_of(row: Mapping[str, Any], where: str, method: str) -> Factor:
    """A `[[factor]]` table of a design file. Raises UserError naming what is wrong with it."""
    for key in row:
        if key not in KEYS:
            raise UserError(f"{where}: no key {shown(key)}{nearest(str(key), KEYS)}")
    name = row.get("vary")
    if not isinstance(name, str) or not name:
        raise UserError(f"{where}: needs vary = NAME, a parameter, hypothesis, policy.NAME or city")
    where = f"{where} ({name})"
    kind, name = _kind(name, where)
    cross = row.get("cross", False)
    if not isinstance(cross, bool):
        raise UserError(f"{where}: cross = {shown(cross)}: expected true or false")
    if "settings" in row and kind != "policy":
        raise UserError(f"{where}: settings belong to a factor that switches a policy")
    made = Factor(
        name, kind, cross=cross, settings=tuple(sorted(dict(row.get("settings", {})).items()))
    )
    if kind in ("parameter", "setting"):
        return _numeric(made, row, where, method)
    for key in ("low", "high", "levels", "scale"):
        if key in row:
            raise UserError(f"{where}: {key} is for numbers; a {kind} takes values = [...]")
    usual: dict[str, Sequence[Value]] = {"policy": (False, True)}
    if kind == "hypothesis":
        usual["hypothesis"] = tuple(hypotheses.PRESETS[name])
    values = _listed(row.get("values", usual.get(kind)), where)
    for value in values:
        if kind == "policy" and not isinstance(value, bool):
            raise UserError(f"{where}: values are true (in force) and false, got {shown(value)}")
        if kind == "hypothesis" and value not in hypotheses.PRESETS[name]:
            raise UserError(
                f"{where}: no theory {shown(value)}{nearest(str(value), hypotheses.PRESETS[name])}"
            )
        if kind == "city" and not isinstance(value, str):
            raise UserError(f"{where}: cities are names or paths, got {shown(value)}")
    return dataclasses.replace(made, values=values)


def applied(
    base: Scenario, factors: Sequence[Factor], values: Mapping[str, Value]
) -> dict[str, Any]:
    """The fields of the scenario that the values of all factors change."""
    parameters, theories = dict(base.parameters), dict(base.hypotheses)
    entries = {entry.name: dict(entry.settings) for entry in base.policies}
    out: dict[str, Any] = {}
    switched = {f.name.split(".")[1] for f in factors if f.kind == "policy"}
    for factor in sorted(factors, key=lambda f: f.kind == "setting"):  # switches first
        value = values[factor.name]
        if factor.kind == "parameter":
            parameters[factor.name] = float(value)
        elif factor.kind == "hypothesis":
            theories[factor.name] = str(value)
        elif factor.kind == "city":
            out["city"], out["city_digest"] = str(value), ""
        elif factor.kind == "policy":
            name = factor.name.split(".")[1]
            entries.pop(name, None)
            if value:
                entries[name] = dict(factor.settings)
        else:
            _, name, setting = factor.name.split(".")
            if name in entries or name not in switched:  # a policy switched off has no settings
                number = int(value) if factor.whole else value
                entries.setdefault(name, {})[setting] = number
    out["parameters"], out["hypotheses"] = parameters, theories
    out["policies"] = tuple(PolicyEntry(name, settings) for name, settings in entries.items())
    return out


# --- inside -----------------------------------------------------------------------------------


def _kind(name: str, where: str) -> tuple[str, str]:
    """What a factor's name names, and its plain form."""
    from sim.parameters import all_parameters

    if name == "city":
        return "city", name
    if name in all_parameters():
        return "parameter", name
    plain = name.removeprefix("hypotheses.")
    if plain in hypotheses.PRESETS:
        return "hypothesis", plain
    if name.startswith("policy."):
        return _policy_kind(name, where)
    names = [*all_parameters(), *hypotheses.PRESETS, "city"]
    raise UserError(f"{where}: nothing of that name can vary{nearest(name, names)}")


def _policy_kind(name: str, where: str) -> tuple[str, str]:
    from sim.policies import registry

    parts = name.split(".")
    known = registry()
    if parts[1] not in known:
        raise UserError(f"{where}: no policy {shown(parts[1])}{nearest(parts[1], known)}")
    if len(parts) == 2:
        return "policy", name
    unread = known[parts[1]].unread
    if len(parts) == 3 and parts[2] in unread:
        raise UserError(
            f"{where}: {parts[1]} does not use {parts[2]}; decided there by {unread[parts[2]]}"
        )
    settings = [f.name for f in dataclasses.fields(known[parts[1]]) if f.name not in unread]
    if len(parts) != 3 or parts[2] not in (*settings, "start", "end"):
        asked = ".".join(parts[2:])
        raise UserError(
            f"{where}: {parts[1]} has no setting {shown(asked)}{nearest(asked, settings)}"
        )
    return "setting", name


def _range(factor: Factor) -> tuple[float, float, bool]:
    """The usual range of a parameter or setting (NaN where there is none), and if it is whole."""
    from sim.parameters import all_parameters
    from sim.policies import registry

    if factor.kind == "parameter":
        row = all_parameters()[factor.name]
        return row.low, row.high, False
    _, name, setting = factor.name.split(".")
    policy = registry()[name]
    low, high = policy.bounds.get(setting, (math.nan, math.nan))
    kinds = {f.name: str(f.type) for f in dataclasses.fields(policy)}
    return low, high, setting in ("start", "end") or kinds.get(setting) == "int"


def _numeric(made: Factor, row: Mapping[str, Any], where: str, method: str) -> Factor:
    low, high, whole = _range(made)
    if "values" in row:
        if {"low", "high", "levels", "scale"} & set(row):
            raise UserError(f"{where}: give values, or low and high, not both")
        values = _listed(row["values"], where)
        for value in values:
            _within(value, low, high, where, made.kind)
        return dataclasses.replace(made, values=tuple(float(v) for v in values), whole=whole)
    ends = []
    for key, usual in (("low", low), ("high", high)):
        value = row.get(key, usual)
        if not is_number(value):
            raise UserError(f"{where}: {key} = {shown(value)}: expected a number")
        _within(value, low, high, where, made.kind)
        ends.append(float(value))
    if not ends[0] < ends[1]:
        raise UserError(f"{where}: low = {ends[0]:g} is not below high = {ends[1]:g}")
    scale = row.get("scale", "linear")
    if scale not in ("linear", "log"):
        raise UserError(f"{where}: scale = {shown(scale)}: expected linear or log")
    if scale == "log" and ends[0] <= 0.0:
        raise UserError(f"{where}: a log scale needs low above 0, got {ends[0]:g}")
    made = dataclasses.replace(made, low=ends[0], high=ends[1], log=scale == "log", whole=whole)
    if method != "grid" and not made.cross:
        return made
    levels = row.get("levels")
    if isinstance(levels, bool) or not isinstance(levels, int) or not 2 <= levels <= 10_000:
        raise UserError(
            f"{where}: a grid needs values = [...], or levels = N from low to high, N at least 2"
        )
    values = tuple(made.at(k / (levels - 1)) for k in range(levels))
    return dataclasses.replace(made, values=values, low=math.nan, high=math.nan, log=False)


def _within(value: Any, low: float, high: float, where: str, kind: str) -> None:
    if not is_number(value):
        raise UserError(f"{where}: {shown(value)}: expected a number")
    if value < low or value > high:
        raise UserError(f"{where}: {value:g} is outside this {kind}'s {low:g} to {high:g}")


def _listed(values: Any, where: str) -> tuple[Value, ...]:
    if not isinstance(values, list | tuple) or not values:
        hint = f" (cities: {', '.join(CITIES)})" if "(city)" in where else ""
        raise UserError(f"{where}: needs values = [...] with at least one value{hint}")
    if len(set(map(repr, values))) != len(values):
        raise UserError(f"{where}: a value is listed twice")
    return tuple(values)
