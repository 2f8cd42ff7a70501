"""The ledger: every row readable, every row that code names present."""

from __future__ import annotations

import csv
import re

import pytest

from sim import evidence
from sim.errors import UserError
from sim.parameters import all_parameters
from sim.policies import registry

ROWS = evidence.ledger()


def test_ids_are_of_the_five_kinds_and_unique() -> None:
    assert len(ROWS) == 113
    assert all(re.fullmatch(r"[SLMHP]\d\d", name) for name in ROWS)


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_row_is_whole(row: evidence.Evidence) -> None:
    assert row.strength in evidence.STRENGTHS
    assert row.checked in evidence.CHECKED
    assert row.topic in ("mechanism", "level", "policy", "shape")
    assert row.quantity and row.unit and row.where_when and row.source
    assert (row.low is None) == (row.high is None)
    if row.low is not None and row.high is not None:
        assert row.low <= row.high
        if isinstance(row.value, float):
            assert row.low <= row.value <= row.high
    else:
        assert isinstance(row.value, str)


def test_values_are_numbers_or_say_that_they_are_text(root) -> None:
    with (root / "sim" / "evidence" / "ledger.csv").open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            assert cells["value"].startswith(evidence.LABEL) or float(cells["value"]) is not None


def test_every_row_a_parameter_names_exists() -> None:
    missing = {
        f"{row.name}: {name}"
        for row in all_parameters().values()
        for name in row.evidence
        if name not in ROWS
    }
    assert not missing


def test_every_row_a_policy_names_exists() -> None:
    missing = {
        f"{policy}: {name}"
        for policy, kind in registry().items()
        for name in kind.evidence
        if name not in ROWS
    }
    assert not missing


def test_ids_named_in_the_code_exist(root) -> None:
    """Docstrings cite rows in brackets; a slip there misleads as much as one in a field."""
    cited = re.compile(r"\[([SLMHP]\d\d(?:, [SLMHP]\d\d)*)\]")
    wrong = {
        f"{path.relative_to(root)}: {name}"
        for folder in ("sim", "experiments")
        for path in (root / folder).rglob("*.py")
        for group in cited.findall(path.read_text(encoding="utf-8"))
        for name in group.split(", ")
        if name not in ROWS
    }
    assert not wrong


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(UserError, match="no evidence 'L177'; did you mean 'L17'"):
        evidence.get("L177")


def test_an_id_may_be_typed_in_small_letters() -> None:
    assert evidence.get("l17") is ROWS["L17"]
