"""Every setting that a scenario may give is read by its policy: none is taken and then ignored."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from experiments.lookup import policy_settings
from sim import policies
from sim.errors import UserError
from sim.policies.base import Policy
from sim.scenario import PolicyEntry, Scenario
from sim.scenario_file import parse

UNREAD = [(name, setting) for name, kind in policies.registry().items() for setting in kind.unread]


def sources(kind: type[Policy]) -> Iterator[str]:
    """What can run of a policy: its module, and the methods it inherits and has not replaced."""
    yield inspect.getsource(inspect.getmodule(kind))  # type: ignore[arg-type]
    for name in (n for n in dir(kind) if not n.startswith("__")):
        for one in kind.__mro__:
            found: Any = vars(one).get(name)
            found = found.fget if isinstance(found, property) else found
            if inspect.isfunction(found):
                text = inspect.getsource(found)
                yield text
                if f"super().{name}" not in text:
                    break


@pytest.mark.parametrize("name", sorted(policies.registry()))
def test_a_setting_is_read_or_declared_unread(name: str) -> None:
    kind = policies.registry()[name]
    read = {word for text in sources(kind) for word in re.findall(r"\b\w+\.(\w+)\b", text)}
    read |= {*kind.moves.values(), "dose"}  # which the desk reads
    own = {f.name for f in dataclasses.fields(kind)}
    assert own - read <= set(kind.unread) <= own


@pytest.mark.parametrize("name, setting", UNREAD)
def test_an_unread_setting_is_refused_and_not_listed(name: str, setting: str) -> None:
    text = f'[city]\nname = "village"\n[[policy]]\nname = "{name}"\n{setting} = 1\n'
    with pytest.raises(
        UserError,
        match=f"my.toml, line 5: policy 1, {setting}: {name} does not use it; decided here by .",
    ):
        parse(text, "my.toml")
    assert setting not in {row["name"] for row in policy_settings(policies.registry()[name])}


def test_there_are_unread_settings_and_the_identity_of_a_run_still_holds_them() -> None:
    """They stay in the hash, so that runs recorded before they were refused keep their names."""
    assert ("violence_interruption", "places_per_100k") in UNREAD
    scenario = Scenario(city="village", policies=(PolicyEntry("violence_interruption", {}),))
    assert "places_per_100k" in str(scenario.canonical())
