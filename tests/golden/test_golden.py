"""The golden run gives what it gave."""

from __future__ import annotations

import pytest

from tests.golden.golden import COUNTED, differences, load, outcome, parameters

TELL = (
    "the golden run has changed; if that is meant, say why in CHANGELOG.md and run"
    " `python -m tests.golden.update`:"
)


def test_the_golden_run_is_as_it_was() -> None:
    kept = load()
    values = parameters(kept["parameters"])
    moved = {
        n for n in {*values, *kept["parameters"]} if values.get(n) != kept["parameters"].get(n)
    }
    changed = differences(kept["outcome"], outcome(values))
    if changed:
        about = f"\n  (parameters that came, went or were cut: {sorted(moved)})" if moved else ""
        pytest.fail("\n  ".join([TELL, *changed]) + about, pytrace=False)


def test_the_golden_run_has_some_of_everything() -> None:
    counts = load()["outcome"]["counts"]
    assert sorted(counts) == sorted(COUNTED)
    assert [name for name, count in counts.items() if count == 0] == []


def test_a_difference_is_told_in_words() -> None:
    kept = load()["outcome"]
    other = {**kept, "counts": {**kept["counts"], "stops": 1}, "event_log_hash": "x"}
    told = differences(kept, other)
    assert told[0].startswith("stops: ") and told[0].endswith(" -> 1") and len(told) == 2
