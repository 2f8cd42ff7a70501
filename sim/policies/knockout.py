"""Knock-outs: what carries a policy's effect, and that without it nothing is left.

Each lever is read by one process, which shows in something that the run counts: its intermediate.
Where a policy moves a lever as far as it goes, the intermediate must move, in the direction that
the lever says, against the same policy with that lever frozen (proposed and not written). With the
process cut (parameters at which it does nothing) the lever must make no difference at all. Together
with the clause "levers only" of check_policy, by which a policy with all its levers frozen leaves
the city as it was, an effect that is pasted onto an outcome, or that takes another way than it
says, is found out.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.levers import LEVERS, PRODUCT
from sim.policies.channels import CHANNELS, Channel
from sim.policies.check import RATES, Trial, baseline, freeze, need, trial_of
from sim.policies.desk import HOURS_TAKEN

if TYPE_CHECKING:
    from sim.engine import State
    from sim.policies.base import Policy
    from sim.run import Burnt

CITY, SEED = "synthetic:15000", 3


def strongest(policy: type[Policy], lever: str) -> dict[str, Any]:
    """Settings that move `lever` as far as its range goes and other levers as little."""
    out: dict[str, Any] = {}
    if lever not in policy.moves:  # it follows from other settings: twice the dose
        return {"dose": 2.0}
    for name, setting in policy.moves.items():
        low, high = policy.bounds[setting]
        neutral = LEVERS[name].neutral
        if name == lever:
            down, up = _distance(name, low, neutral), _distance(name, high, neutral)
            out[setting] = high if up > down else low
        else:
            out[setting] = min(max(neutral, low), high)
    return out


def _distance(lever: str, value: float, neutral: float) -> float:
    if LEVERS[lever].combiner == PRODUCT:
        return abs(math.log(max(value, 1e-3) / neutral))
    return abs(value - neutral)


def knocked_out(policy: type[Policy], lever: str) -> None:
    """With the process the intermediate moves as it should; without it, not at all.

    Raises ContractBroken.
    """
    channel = CHANNELS[lever]
    settings = strongest(policy, lever)
    trial = trial_of(policy, settings)
    seeds = range(SEED, SEED + channel.seeds)
    pairs = [_measured(trial, lever, channel, {}, seed) for seed in seeds]
    without, with_lever = (float(sum(values)) for values in zip(*pairs, strict=True))
    moved, clause = with_lever - without, f"knock-out of {lever}"
    at = settings.get(policy.moves.get(lever, ""), policy.levers[lever][0])
    up = np.sign(at - LEVERS[lever].neutral) * channel.sign
    said = f"{channel.intermediate} {without:g} without it, {with_lever:g} with it"
    need(moved != 0.0, clause, f"nothing moves: {said}")
    need(up == 0 or np.sign(moved) == up, clause, f"moves the wrong way: {said}")
    for seed in seeds if channel.cut else ():
        without, with_lever = _measured(trial, lever, channel, channel.cut, seed)
        said = f"{channel.intermediate} {without:g} without it, {with_lever:g} with it"
        need(with_lever == without, clause, f"an effect is left when it is cut: {said}")


def _measured(
    trial: Trial, lever: str, channel: Channel, cut: dict[str, float], seed: int
) -> tuple[float, float]:
    """The intermediate, with the lever frozen and in force; other levers frozen."""
    from sim.run import run
    from sim.scenario import PolicyEntry

    parameters = tuple(sorted({**RATES, **channel.lively}.items()))
    own = PolicyEntry(trial.policy.name, dict(trial.settings))
    beside = tuple(PolicyEntry(name, dict(settings)) for name, settings in channel.beside)
    whole = _scenario(parameters).with_changes(years=channel.weeks * 7 / 365)
    arm = whole.with_changes(policies=(*beside, own))
    others = [name for name in (*trial.policy.levers, HOURS_TAKEN) if name != lever]

    def prepare(state: State, *frozen: str) -> None:
        for name, value in cut.items():  # also below its usual range
            state.world.p[name][0] = value
        for name in frozen:
            freeze(state, own.name, name)

    burnt = _burnt(parameters, seed)
    one = run(arm, seed, burnt=burnt, setup=lambda s: prepare(s, lever, *others))
    other = run(arm, seed, burnt=burnt, setup=lambda s: prepare(s, *others))
    return channel.measure(one, other), channel.measure(other, one)


@cache
def _burnt(parameters: tuple[tuple[str, float], ...], seed: int) -> Burnt:
    from sim.run import burn_in

    return burn_in(_scenario(parameters), seed)


def _scenario(parameters: tuple[tuple[str, float], ...]) -> Any:
    return baseline().with_changes(city=CITY, parameters=dict(parameters))


__all__ = ["CHANNELS", "knocked_out", "strongest"]
