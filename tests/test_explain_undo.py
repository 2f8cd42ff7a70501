"""Undo: without the root nothing of its cascade happens, and nothing before it changes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import UserError
from sim.explain import Causes, hexed, load
from sim.run import run
from sim.scenario import Incident
from sim.undo import act_behind, undo
from tests.test_explain import SEED, VIOLENT


@pytest.fixture(scope="module")
def quiet_incident():
    """The violent city with an incident that nobody takes notice of."""
    return VIOLENT.with_changes(incidents=(Incident(day=20, salience=0.0),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, quiet_incident) -> Path:
    place = tmp_path_factory.mktemp("runs") / "violent"
    place.mkdir()
    run(quiet_incident, seed=SEED).save(place)
    return place


@pytest.fixture(scope="module")
def causes(folder) -> Causes:
    return Causes.of(load(folder))


def bytes_of(causes: Causes, until: int) -> bytes:
    table = causes.table[causes.table["day"] < until].sort_values(["day", "id"])
    names = [n for n in table.columns if n != "cleared_day"]  # what comes later is written there
    return b"".join(np.ascontiguousarray(table[n].astype(str)).astype("U").tobytes() for n in names)


def born_of(causes: Causes, top: list[int]) -> set[int]:
    """Descendants that can't be without their cause: their keys are made from its.

    A gang's attack is drawn by itself and only names the attack that kept the feud hot, so it and
    what is born of it may happen all the same.
    """
    out: set[int] = set()
    stack = list(top)
    while stack:
        for child in causes.children.get(stack.pop(), []):
            if causes.get(child)["part"] != "inertia":
                out.add(child)
                stack.append(child)
    return out


@pytest.mark.parametrize("where", ["run", "burn-in"])
def test_without_the_root_its_cascade_does_not_happen(folder, causes, where) -> None:
    roots = [i for i in causes.row if causes.get(i)["cause"] == 0
             and causes.get(i)["kind"] == "shooting"
             and (causes.get(i)["day"] < 0) == (where == "burn-in")]  # fmt: skip
    root = max(roots, key=lambda i: len(causes.descendants([i])))
    undone = undo(load(folder), root)
    assert born_of(causes, undone.act.head), "the test needs a cascade"
    after = set(undone.after.row)
    assert not set(undone.act.head) & after
    assert not born_of(causes, undone.act.head) & after
    # one of those shot in it may be the cause of another: the act itself is told apart
    assert set(undone.followed) >= born_of(causes, undone.act.head) - set(undone.act.head)
    assert bytes_of(causes, undone.day) == bytes_of(undone.after, undone.day)
    assert undone.first_day is not None and undone.first_day >= undone.day
    for name in ("shooting", "gunfire"):
        run_count, without = undone.counts[name]
        assert run_count == (causes.table["kind"] == name).sum()
        assert without == (undone.after.table["kind"] == name).sum()


def test_an_event_without_consequence_changes_nothing_else(folder, causes) -> None:
    (id,) = [i for i in causes.own if causes.get(i)["kind"] == "incident"
             and causes.get(i)["severity"] == 0.0]  # fmt: skip
    undone = undo(load(folder), id)
    assert undone.vanished == undone.new == undone.changed == []
    assert undone.first_day is None
    run_events = load(folder).events
    rest = run_events[run_events["id"] != id].reset_index(drop=True)
    again = undone.replay.events.reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, again, check_dtype=False)
    assert undone.first_counts in ([], ["publicised"])


@pytest.mark.parametrize("kind", ["death", "arrest_shooting", "force", "gun", "gunfire"])
def test_each_kind_can_be_left_out(folder, causes, kind) -> None:
    ids = [i for i in causes.own if causes.get(i)["kind"] == kind]
    if not ids:
        pytest.skip(f"no {kind} in this run")
    undone = undo(load(folder), ids[0])
    assert ids[0] not in undone.after.row
    assert undone.act.key not in undone.after.row
    if kind == "death":
        assert "follows its shooting" in undone.act.said


def test_a_second_victim_goes_with_the_incident(folder, causes) -> None:
    table = causes.table[causes.table["kind"] == "shooting"]
    others = table[table["id"] != table["incident"]]
    assert len(others), "the test's city is meant to have shootings with several victims"
    id = int(others["id"].iloc[0])
    act = act_behind(causes, id)
    assert act.key == int(others["incident"].iloc[0]) and id in act.head and act.said


def test_what_can_not_be_undone_is_said(causes) -> None:
    twin = Causes(causes.table.assign(kind="enrolment", rule="enrol"), causes.table[:0],
                  causes.area_names, causes.group_names)  # fmt: skip
    with pytest.raises(UserError, match="leave the policy out"):
        act_behind(twin, causes.own[0])


def test_a_run_of_another_version_is_not_replayed(folder, causes) -> None:
    result = load(folder)
    about = result.loaded["run"]
    result.loaded["run"] = {**about, "hash": "0" * 32, "model_version": "0.0.1"}
    with pytest.raises(UserError, match=r"0\.0\.1"):
        undo(result, causes.own[0])
    result.loaded["run"] = {**about, "hash": "0" * 32, "plugins": [["mine", "abc"]]}
    with pytest.raises(UserError, match="--plugin: mine"):
        undo(result, causes.own[0])


def test_the_command_tells_it(folder, causes, peel) -> None:
    said = peel("explain", folder, "worst", "--undo", "--quiet")
    assert said.code == 0 and "one possible world" in said.out
    assert "Did not happen, and had followed from it" in said.out
    data = json.loads(peel("explain", folder, "worst", "--undo", "--json", "--quiet").out)
    undone = data["undo"]
    assert undone["suppressed"] == hexed(act_behind(causes, causes.find("worst")).key)
    assert undone["vanished"] and undone["first_difference"]["event_day"] is not None
    run_count, without = undone["events"]["shooting"].values()
    assert run_count == (causes.table["kind"] == "shooting").sum() and without >= 0
