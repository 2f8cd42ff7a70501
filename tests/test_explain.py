"""Causes: chains to the root, descendants, and what `peel explain` says to people."""

from __future__ import annotations

import json

import pytest

from experiments import explain_cli
from sim.errors import UserError
from sim.explain import Causes, hexed, load
from sim.run import run
from sim.scenario import Scenario

VIOLENT = Scenario(
    city="synthetic:3000", years=0.7, burn_in_years=0.5, name="violent",
    parameters={"retaliation": 8, "retaliation_nongang": 1, "dispute_rate": 20000, "contagion": 1,
                "hit_share": 0.5, "avenger_gun": 0.9, "rivalry_rate": 3, "inertia_rate": 2,
                "grievance_tail": 0.2, "street_knowledge": 0.95},
)  # fmt: skip
SEED = 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs") / "violent"
    place.mkdir()
    run(VIOLENT, seed=SEED).save(place)
    return place


@pytest.fixture(scope="module")
def causes(folder) -> Causes:
    return Causes.of(load(folder))


def test_a_cascade_is_walked_to_its_root(causes) -> None:
    id = causes.find("deepest")
    chain = causes.chain(id)
    assert len(chain) >= 4, "the test's city is meant to have cascades"
    days = [causes.get(i)["day"] for i in chain if i in causes.row]
    assert days == sorted(days, reverse=True)
    root = chain[-1]
    assert root not in causes.row or causes.get(root)["cause"] == 0
    below = {node.id for node, _ in causes.tree(root).walk()}
    assert set(chain) <= below
    assert set(chain[:-1]) <= set(causes.descendants([root]))


def test_every_cause_is_in_the_log_or_said_not_to_be(causes) -> None:
    for id in list(causes.row)[:400]:
        e = causes.describe(id)
        assert e["logged"] and e["why"] and "{" not in e["why"]
        assert e["why"] != "no rule was noted", (e["kind"], e["rule"])
        if causes.get(id)["kind"] == "death":
            assert causes.get(id)["cause"] in causes.row
    assert not causes.describe(12345)["logged"]


def test_the_burn_in_is_part_of_the_story(causes) -> None:
    before = causes.table[causes.table["day"] < 0]
    assert len(before)
    into = [i for i in causes.own if any(causes.get(c)["day"] < 0 for c in causes.chain(i)
                                         if c in causes.row)]  # fmt: skip
    assert into, "some cascade starts in the burn-in"


def test_worst_has_the_most_people_shot_after_it(causes) -> None:
    def shot(id: int) -> int:
        ids = [id, *causes.descendants([id])]
        return sum(causes.get(i)["kind"] == "shooting" for i in ids)

    worst = causes.find("worst")
    assert shot(worst) == max(shot(i) for i in causes.own)


def test_ids_are_read_as_decimal_and_hexadecimal_and_kinds(causes) -> None:
    id = causes.own[len(causes.own) // 2]
    for text in (str(id), hexed(id), hexed(id)[2:].upper(), f" {id} "):
        assert causes.find(text) == id
    assert causes.find("last") == causes.own[-1]
    assert causes.get(causes.find("shooting"))["kind"] == "shooting"


def test_unknown_events_name_the_nearest(causes) -> None:
    id = causes.own[0]
    with pytest.raises(UserError, match=hexed(id)):
        causes.find(str(id ^ 1))
    with pytest.raises(UserError, match="did you mean 'shooting'"):
        causes.find("shoting")
    with pytest.raises(UserError, match="expected an id"):
        causes.find("-3")


def test_unknown_folders_name_the_nearest(folder, peel, tmp_path) -> None:
    said = peel("explain", folder.parent / "violet", "last")
    assert said.code == 2 and "did you mean" in said.err and "violent" in said.err
    said = peel("explain", tmp_path, "last")
    assert said.code == 2 and "not the folder of a run" in said.err
    assert "Traceback" not in said.err
    assert peel("explain", folder, "nonsense").code == 2


def test_it_prints_the_chain_and_what_followed(folder, causes, peel) -> None:
    said = peel("explain", folder, "deepest")
    chain = causes.chain(causes.find("deepest"))
    assert said.code == 0
    for id in chain:
        assert hexed(id) in said.out
    assert "because" in said.out and "rule" in said.out and "drawn" in said.out
    said = peel("explain", folder, "worst")
    assert "What followed" in said.out and "retaliation" in said.out
    assert max(map(len, said.out.splitlines())) <= 100


def test_an_arrest_names_who_was_arrested_and_for_whom() -> None:
    e = {"kind": "arrest_shooting", "fatal": False, "actor": "resident 1", "target": "resident 2"}
    assert (
        explain_cli._kind(e) + explain_cli._whom(e)
        == "arrest, resident 1 for the attack on resident 2"
    )
    assert explain_cli._whom({**e, "kind": "shooting"}) == ", resident 2"
    assert explain_cli._whom({**e, "kind": "gun", "target": None}) == ", resident 1"


def test_json_is_the_same_story(folder, causes, peel) -> None:
    id = causes.find("worst")
    data = json.loads(peel("explain", folder, "worst", "--json").out)
    assert data["event"]["id"] == hexed(id)
    assert [e["id"] for e in data["chain"]] == [hexed(i) for i in causes.chain(id)]
    assert data["followed_events"] == len(causes.descendants([id]))
    count, stack = 0, list(data["followed"])
    while stack:
        count += 1
        stack += stack.pop()["followed"]
    assert count == data["followed_events"]
