"""Whatever is thrown at the reader, only a UserError comes back."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import UserError
from sim.scenario import Incident, PolicyEntry, Scenario
from sim.scenario_file import _built, packaged_scenarios

VALID = b"\n".join(path.read_bytes() for path in packaged_scenarios().values())
WORDS = [
    *("name", "about", "city", "run", "parameters", "hypotheses", "policy", "incident"),
    *("start", "end", "years", "burn_in_years", "headlines", "digest", "day", "salience", "group"),
    *("violence", "reporting", "bad_good_ratio", "gang_fellowship", "village", "blend", "district"),
]
keys = st.sampled_from(WORDS) | st.text(max_size=8)
leaves = (
    st.none()  # not TOML's, but Python's callers have it
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=12)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.just(10**400)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)
near_valid = st.fixed_dictionaries(
    {
        "city": st.fixed_dictionaries(
            {"name": st.just("village") | values}, optional={"digest": values}
        )
    },
    optional={
        "run": st.dictionaries(keys, values, max_size=4) | values,
        "parameters": st.dictionaries(keys, values, max_size=3) | values,
        "hypotheses": st.dictionaries(keys, values, max_size=3) | values,
        "policy": st.lists(st.dictionaries(keys, values, max_size=4), max_size=3) | values,
        "incident": st.lists(st.dictionaries(keys, values, max_size=4), max_size=3) | values,
        "name": values,
        "about": values,
    },
)


def fails_kindly(make: Any) -> None:
    try:
        made = make()
    except UserError as problem:
        assert 0 < len(str(problem)) < 2000
    else:
        assert Scenario.from_toml(made.to_toml()) == made
        assert Scenario.from_toml(made.to_toml()).hash(1) == made.hash(1)


@given(st.text())
def test_any_text(text: str) -> None:
    fails_kindly(lambda: Scenario.from_toml(text))


@settings(max_examples=300)
@given(st.dictionaries(keys, values, max_size=5) | near_valid)
def test_any_structure(data: dict[str, Any]) -> None:
    fails_kindly(lambda: _built(data, None))


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, len(VALID)), st.integers(0, 20), st.binary(max_size=6)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(sorted(packaged_scenarios())),
)
def test_any_damage_to_a_valid_file(tmp_path_factory, edits: list[Any], name: str) -> None:
    raw = bytearray(packaged_scenarios()[name].read_bytes())
    for at, gone, new in edits:
        at %= len(raw) + 1
        raw[at : at + gone] = new
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_bytes(raw)
    fails_kindly(lambda: Scenario.load(path))


settings_of_any_kind = st.dictionaries(st.sampled_from(["start", "end"]) | keys, values, max_size=4)


@settings(max_examples=200)
@given(
    years=leaves,
    start=leaves | st.dates(datetime.date(1990, 1, 1), datetime.date(2050, 1, 1)),
    parameters=values,
    policies=st.tuples(
        st.builds(PolicyEntry, st.sampled_from(WORDS) | leaves, settings_of_any_kind)
    )
    | values,
    incidents=st.tuples(st.builds(Incident, leaves, leaves, leaves)) | values,
)
def test_any_arguments_in_python(**arguments: Any) -> None:
    fails_kindly(lambda: Scenario(city="village", **arguments))
