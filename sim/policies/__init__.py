"""Policies: programmes, reforms and harms, each a short module that moves levers."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from sim.errors import UserError
from sim.policies.base import Policy

_NOT_POLICIES = frozenset(
    {
        "base",
        "channels",
        "check",
        "closeness",
        "course",
        "delivery",
        "desk",
        "fading",
        "hiring",
        "knockout",
        "lists",
        "pools",
        "programme",
        "ranking",
        "rolls",
        "sight",
        "switch",
    }
)
_REGISTERED: dict[str, type[Policy]] = {}


def register(policy: type[Policy]) -> type[Policy]:
    """Make a policy known by its name (for plug-ins; usable as a decorator).

    Raises ValueError where the name is taken by another class, or a lever doesn't exist.
    """
    _levers_exist(policy)
    taken = _built_in().get(policy.name) or _REGISTERED.get(policy.name)
    if taken is not None and taken.__qualname__ != policy.__qualname__:
        raise ValueError(
            f"policy name {policy.name!r} is taken by {taken.__qualname__}; choose another"
        )
    _REGISTERED[policy.name] = policy
    return policy


def _levers_exist(policy: type[Policy]) -> None:
    """Raises ValueError for a lever that doesn't exist or has no default, low and high."""
    from sim.levers import LEVERS
    from sim.words import nearest

    for lever, move in policy.levers.items():
        if lever not in LEVERS:
            raise ValueError(f"{policy.name}: no lever {lever!r}{nearest(lever, LEVERS)}")
        if len(move) != 3:
            raise ValueError(
                f"{policy.name}: levers[{lever!r}] = {move}: expected (default, low, high)"
            )


@cache
def _built_in() -> dict[str, type[Policy]]:
    found: dict[str, type[Policy]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        if module in _NOT_POLICIES:
            continue
        for value in vars(importlib.import_module(f"{__name__}.{module}")).values():
            if (
                isinstance(value, type)
                and issubclass(value, Policy)
                and value.name
                and value.__module__ == f"{__name__}.{module}"
            ):
                found[value.name] = value
    return found


@cache
def _installed() -> dict[str, type[Policy]]:
    found: dict[str, type[Policy]] = {}
    for entry in entry_points(group="peel.policies"):
        package = entry.dist.name if entry.dist is not None else "an installed package"
        where = f"the policy {entry.name} of {package} ({entry.value})"
        mend = f"mend the package or uninstall it: pip uninstall {package}"
        try:
            policy = entry.load()
        except Exception as problem:
            said = f"{type(problem).__name__}: {problem}"
            raise UserError(f"{where} can't be loaded: {said}; {mend}") from problem
        if not (isinstance(policy, type) and issubclass(policy, Policy) and policy.name):
            raise UserError(f"{where} is no policy: expected a class of Policy with a name; {mend}")
        if policy.name in _built_in() or policy.name in found:
            raise UserError(f"{where}: the name {policy.name!r} is taken; {mend}")
        found[policy.name] = policy
    return found


def registry() -> dict[str, type[Policy]]:
    """Every policy by name: built in, installed (entry points `peel.policies`), registered."""
    return dict(sorted({**_installed(), **_built_in(), **_REGISTERED}.items()))


def check_policy(
    policy: type[Policy], quick: bool = False, knock_outs: bool = False, **settings: Any
) -> None:
    """Check that a policy keeps the contract of all policies (see `sim.policies.check`).

    `quick`: only what needs at most one run. `knock_outs`: also that each lever it declares moves
    what that lever works through, and nothing once the process is cut (`sim.policies.knockout`).

    Raises ContractBroken, which names the clause.
    """
    from sim.policies.check import check

    check(policy, quick, **settings)
    if knock_outs:
        from sim.policies.knockout import knocked_out

        for lever in policy.levers:
            knocked_out(policy, lever)


__all__ = ["Policy", "check_policy", "register", "registry"]
