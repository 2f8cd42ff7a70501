"""What an arm is, in words: its policies with their dates and doses, and the parameters it sets."""

from __future__ import annotations

from datetime import date
from typing import Any

from sim.parameters import all_parameters
from viz.report.words import joined

_MOST_IN_WORDS = 4  # parameters of a scenario told with meaning and value; of more, their names


def described(scenario: object) -> str:
    """What an arm is: its own words, else its policies."""
    about = str(getattr(scenario, "about", "")).strip()
    if about:
        return about
    names = [_entered(scenario, entry) for entry in getattr(scenario, "policies", ())]
    given = getattr(scenario, "parameters", {})
    if len(given) > _MOST_IN_WORDS:
        changed = [joined(list(given))]
    else:
        changed = [_moved(name, value) for name, value in given.items()]
    text = f"With {joined(names)}." if names else "No policy."
    return text + (f" Parameters changed: {'; '.join(changed)}." if changed else "")


def _entered(scenario: Any, entry: Any) -> str:
    """A policy of a scenario in words: its name, its dates in the run, its dose."""
    known = []
    if entry.start != 0:
        known.append(f"from {_day(scenario.date_of(entry.start))}")
    if entry.end is not None and entry.end < scenario.days:
        known.append(f"until {_day(scenario.date_of(entry.end))}")
    if entry.settings.get("dose", 1.0) != 1.0:
        known.append(f"dose {entry.settings['dose']:g}")
    name = str(entry.name).replace("_", " ")
    return f"{name} ({', '.join(known)})" if known else name


def _day(when: date) -> str:
    return f"{when.day} {when:%b %Y}"


def _moved(name: str, value: float) -> str:
    """A parameter that a scenario sets, in words: what it is, its value, its unit."""
    row = all_parameters().get(name)
    if row is None:
        return f"{name} {value:g}"
    return f"{row.meaning}: {value:g} {row.unit}, by default {row.default:g} ({name})"
