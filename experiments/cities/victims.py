"""From parsed rows to one row per victim; ids of people and cases become codes whose key is thrown
away (a keyed hash)."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.cities.mapping import EventMap
from experiments.cities.records import Events, Flags, Floats, Ints, Named, Reading
from experiments.estimators.incidents import metres


def victims_of(columns: dict[str, Any], good: Flags, mapping: EventMap, report: Reading) -> Events:
    kept = {name: values[good] for name, values in columns.items()}
    by_incident = mapping.rows == "incidents" or (not mapping.rows and "victims" in kept)
    suspect = kept["suspect"] == 1.0 if "suspect" in kept else None
    is_victim = np.ones(int(good.sum()), dtype=bool)
    if "victim" in kept:
        is_victim = kept["victim"] == 1.0
    elif suspect is not None:
        is_victim = ~suspect
    lat, lon = kept["lat"], kept["lon"]
    x, y = _metres(lat, lon)
    named = _named(kept, x, y, suspect, is_victim)
    report.left_out += int((~is_victim).sum())
    times = np.ones(int(is_victim.sum()), dtype=np.int64)
    if by_incident:
        times = kept["victims"][is_victim] if "victims" in kept else times
        if "deaths" in kept:
            times = np.maximum(times, kept["deaths"][is_victim])
    pick = np.repeat(np.flatnonzero(is_victim), times)
    pick = pick[np.argsort(kept["day"][pick], kind="stable")]
    fatal = _fatal(kept, pick, is_victim, times, by_incident)
    kind = _kind(mapping, fatal, report)
    group, names = _groups(kept["group"][pick]) if "group" in kept else (None, ())
    wait = kept["wait"][pick] if "wait" in kept else None
    cleared = kept["cleared"][pick] if "cleared" in kept else None
    if cleared is None and wait is not None:
        cleared = np.isfinite(wait).astype(np.float64)
    report.victims = len(pick)
    report.without_place = int((~np.isfinite(x[pick])).sum())
    return Events(
        kind,
        kept["day"][pick],
        x[pick],
        y[pick],
        np.ones(len(pick), dtype=bool) if kind == "homicides" else fatal,
        cleared,
        wait,
        group,
        names,
        named,
        lat[pick],
        lon[pick],
    )


def _kind(mapping: EventMap, fatal: Flags | None, report: Reading) -> str:
    if mapping.kind:
        return mapping.kind
    if fatal is None:
        report.notes.append(
            "nothing tells who died: each row is taken as a homicide; --kind shootings says that"
            " they are people shot"
        )
        return "homicides"
    return "shootings"


def _metres(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(lat) & np.isfinite(lon)
    x, y = np.full(len(lat), np.nan), np.full(len(lat), np.nan)
    if known.any():
        x[known], y[known] = metres(lat[known], lon[known])
    return x, y


def _fatal(
    kept: dict[str, Any], pick: Ints, is_victim: Flags, times: Ints, by_incident: bool
) -> Flags | None:
    if by_incident and "deaths" in kept:
        deaths = kept["deaths"][is_victim]
        place = np.concatenate([np.arange(n) for n in times]) if len(times) else np.zeros(0)
        died = place < np.repeat(deaths, times)
        day = np.repeat(kept["day"][is_victim], times)
        return np.asarray(died[np.argsort(day, kind="stable")])
    if "fatal" not in kept:
        return None
    return np.asarray(kept["fatal"][pick] == 1.0)


def _groups(labels: NDArray[Any]) -> tuple[Ints, tuple[str, ...]]:
    """Codes and names; an empty cell or "unknown" is -1."""
    plain = [str(label).strip().casefold() for label in labels]
    names = sorted({name for name in plain if name and name not in ("unknown", "u", "na", "nan")})
    place = {name: k for k, name in enumerate(names)}
    return np.array([place.get(name, -1) for name in plain], dtype=np.int64), tuple(names)


def _named(
    kept: dict[str, Any], x: Floats, y: Floats, suspect: Flags | None, is_victim: Flags
) -> Named | None:
    """Codes of cases and people, drawn by a keyed hash whose key is gone when this returns."""
    if "person" not in kept or "incident" not in kept:
        return None
    salt = secrets.token_bytes(32)
    role = np.zeros(len(x), dtype=bool) if suspect is None else suspect
    known = np.array(
        [bool(p) and bool(c) for p, c in zip(kept["person"], kept["incident"], strict=True)]
    )
    known &= np.isfinite(x) & (is_victim | role)
    person = np.array([_code(salt, b"p", text) for text in kept["person"][known]], dtype=np.int64)
    case = np.array([_code(salt, b"c", text) for text in kept["incident"][known]], dtype=np.int64)
    return Named(case, person, role[known], kept["day"][known], x[known], y[known])


def _code(salt: bytes, kind: bytes, text: str) -> int:
    digest = hashlib.blake2b(text.encode(), key=salt, person=kind, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
