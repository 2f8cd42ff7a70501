"""Knock-outs: without the lever, or the process that reads it, a policy's effect is gone."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import pytest

from sim import policies
from sim.levers import LEVERS
from sim.policies import check as contract
from sim.policies.base import Policy
from sim.policies.check import ContractBroken, trial_of
from sim.policies.knockout import CHANNELS, knocked_out

TOO_RARE = {"parameter.hit_followed"}
"""Arrests after a match need cases that went cold: it has a pair of runs of its own, with a
laboratory that takes a year, in test_knock_outs_civic."""
LEVERS_OF = [
    (name, lever)
    for name, kind in policies.registry().items()
    for lever in kind.levers
    if lever not in TOO_RARE
]


def test_every_lever_that_a_policy_moves_has_a_known_intermediate() -> None:
    assert {lever for _, lever in LEVERS_OF} | TOO_RARE <= set(CHANNELS)
    assert set(CHANNELS) <= set(LEVERS)


@pytest.mark.long
@pytest.mark.parametrize(("name", "lever"), LEVERS_OF)
def test_cutting_the_process_removes_what_a_lever_does(name: str, lever: str) -> None:
    knocked_out(policies.registry()[name], lever)


@pytest.mark.parametrize(("name", "lever"), LEVERS_OF[::12])
def test_cutting_the_process_removes_what_some_levers_do(name: str, lever: str) -> None:
    knocked_out(policies.registry()[name], lever)


@dataclasses.dataclass(frozen=True)
class Pasted(Policy):
    """Says that it moves a lever, and makes people less violent behind its back."""

    name: ClassVar[str] = "pasted_policy"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.vice_share": (0.1, 0.0, 0.2)
    }

    def week(self, desk: Any) -> None:
        desk.move("parameter.vice_share", None, 0.1)
        desk.residents["propensity"] *= 0.8


@dataclasses.dataclass(frozen=True)
class Idle(Policy):
    """Declares a lever that it does not move."""

    name: ClassVar[str] = "idle_policy"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.stop_rate": (0.5, 0.0, 1.0)
    }

    def week(self, desk: Any) -> None:
        desk.move("parameter.stop_rate", None, 1.0)


@dataclasses.dataclass(frozen=True)
class Backwards(Idle):
    """Declares that it lowers stops, and raises them."""

    name: ClassVar[str] = "backwards_policy"

    def week(self, desk: Any) -> None:
        desk.move("parameter.stop_rate", None, 1.8)


@pytest.fixture
def broken() -> Any:
    made = [policies.register(kind) for kind in (Pasted, Idle, Backwards)]
    yield made
    for kind in made:
        policies._REGISTERED.pop(kind.name)


def test_an_effect_pasted_past_the_levers_is_found_out(broken: Any) -> None:
    with pytest.raises(ContractBroken, match="levers only"):
        contract.levers_only(trial_of(Pasted, {}))


def test_a_lever_that_does_nothing_or_the_opposite_is_found_out(broken: Any) -> None:
    with pytest.raises(ContractBroken, match="nothing moves"):
        knocked_out(Idle, "parameter.stop_rate")
    with pytest.raises(ContractBroken, match="wrong way"):
        knocked_out(Backwards, "parameter.stop_rate")


def test_a_process_that_is_not_cut_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = dataclasses.replace(CHANNELS["parameter.stop_rate"], cut={"force_base": 0.0})
    monkeypatch.setitem(CHANNELS, "parameter.stop_rate", channel)
    with pytest.raises(ContractBroken, match="an effect is left"):
        knocked_out(policies.registry()["mass_patdowns"], "parameter.stop_rate")
