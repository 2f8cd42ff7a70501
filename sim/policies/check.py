"""check_policy: does a policy keep the contract that users rely on?

A small, violent city is burnt in once and shared; each clause then takes a fraction of a second.
Where a clause is broken, ContractBroken says which, and what was seen.

    from sim.policies import check_policy
    check_policy(MyPolicy)
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.policies.base import Policy
from sim.policies.desk import HOURS_TAKEN

if TYPE_CHECKING:
    from sim.engine import State
    from sim.policies.desk import Desk
    from sim.results import RunResult
    from sim.run import Burnt
    from sim.scenario import Scenario

BADGES = ("experiment", "quasi", "descriptive", "advocacy", "none")
SECTIONS = ("Mechanism", "Leaves out", "Knock-out")
RATES = {
    "dispute_rate": 4000.0, "rivalry_rate": 5.0, "hit_share": 0.5, "carry_base": 0.4,
    "carry_propensity": 0.9, "gun_share": 0.6, "force_base": 0.05, "stop_rate": 1.0,
    "publicised_share": 0.05, "officer_exit": 0.25, "hire_days": 60.0,
}  # fmt: skip
WEEKS, START, END = 16, 5, 10


class ContractBroken(AssertionError):
    """A clause of the contract of policies, and how it is broken."""


def need(holds: object, clause: str, problem: str) -> None:
    """Raise ContractBroken unless `holds`."""
    if not holds:
        raise ContractBroken(f"{clause}: {problem}")


@dataclass(frozen=True)
class Trial:
    """A policy under test, with settings at which it bites in a small city."""

    policy: type[Policy]
    settings: dict[str, Any]

    def scenario(self, *entries: dict[str, Any], others: tuple[Any, ...] = ()) -> Scenario:
        """The trial city with one entry of the policy for each of `entries`, and `others`."""
        from sim.scenario import PolicyEntry

        own = tuple(PolicyEntry(self.policy.name, {**self.settings, **e}) for e in entries)
        return baseline().with_changes(policies=own + others)


@cache
def baseline() -> Scenario:
    """Sixteen weeks of 3,000 residents after half a year."""
    from sim.scenario import Scenario

    return Scenario(
        city="synthetic:3000", years=WEEKS * 7 / 365, burn_in_years=0.5, parameters=RATES
    )


def burnt() -> Burnt:
    """The trial city's burn-in, made once for the plug-ins that are loaded."""
    return _burnt(_loaded())


@cache
def _burnt(plugins: str) -> Burnt:
    from sim.run import burn_in

    return burn_in(baseline(), 1)


def _loaded() -> str:
    """What is loaded: plug-ins take part in a run, so another set is another city."""
    from sim import plugins

    return repr(plugins.identity())


def result(scenario: Scenario) -> RunResult:
    from sim.run import run

    return run(scenario, 1, burnt=burnt(), means=False)


def plain() -> RunResult:
    """The trial city without any policy."""
    return _plain(_loaded())


@cache
def _plain(plugins: str) -> RunResult:
    return result(baseline())


def begin(scenario: Scenario) -> State:
    from sim.run import start

    state, _, _ = start(scenario, 1, burnt())
    return state


def go(state: State, weeks: int) -> None:
    from sim.engine import advance

    advance(state, 7 * weeks)


def same(one: RunResult, other: RunResult, weeks: int | None = None) -> bool:
    """Are the tables of two runs equal, all of them or their first `weeks` weeks?"""
    if weeks is None and one.event_log_hash != other.event_log_hash:
        return False
    for name in ("weekly", "recorded", "areas", "groups", "events"):
        a, b = getattr(one, name), getattr(other, name)
        if weeks is not None:
            column = "day" if name == "events" else "week"
            limit = 7 * weeks if name == "events" else weeks
            a = a[a[column] < limit].reset_index(drop=True)
            b = b[b[column] < limit].reset_index(drop=True)
        if name == "events" and weeks is not None:  # what became of a case is known only later
            a, b = a.drop(columns="cleared_day"), b.drop(columns="cleared_day")
        if not a.equals(b):
            return False
    return True


def levers_of(state: State) -> dict[str, Any]:
    """A copy of everything that policies may move; of residents' levers, the number not neutral."""
    from sim.levers import LEVERS, table_of

    out: dict[str, Any] = {}
    for lever in LEVERS.values():
        if lever.table == "parameter":
            out[lever.name] = float(state.world.p[lever.column][0])
        elif lever.table == "resident":
            out[lever.name] = int((state.world.people.side[lever.column] != lever.neutral).sum())
        else:
            out[lever.name] = table_of(state, lever.table)[lever.column].tobytes()
    # a free row of the side table holds zeros
    free = int((state.world.people.side["resident"] < 0).sum())
    for lever in LEVERS.values():
        if lever.table == "resident" and lever.neutral != 0.0:
            zero = state.world.people.side[lever.column][state.world.people.side["resident"] < 0]
            out[lever.name] -= free - int((zero == lever.neutral).sum())
    return out


# --- the clauses ----------------------------------------------------------------------------------


def described(trial: Trial) -> None:
    """Name, row, badge, evidence, levers and a docstring with mechanism, sources and limits."""
    from sim import evidence
    from sim.levers import LEVERS

    kind, clause = trial.policy, "described"
    need(re.fullmatch(r"[a-z][a-z0-9_]{2,60}", kind.name), clause, f"name {kind.name!r}")
    need(0 <= kind.row <= 60, clause, f"row {kind.row}: expected 1 to 60, or 0 for one's own")
    need(kind.badge in BADGES, clause, f"badge {kind.badge!r}: expected one of {BADGES}")
    for label in ("title", "eligible", "capacity", "unit_cost"):
        need(getattr(kind, label).strip(), clause, f"{label} is empty")
    known = evidence.ledger()
    for ident in kind.evidence:
        need(ident in known, clause, f"no evidence row {ident}")
    need(kind.levers, clause, "no lever declared")
    for name, (at, low, high) in kind.levers.items():
        need(name in LEVERS, clause, f"no lever {name}")
        need(low <= at <= high, clause, f"{name}: {at} is outside {low} to {high}")
    module = inspect.getmodule(kind)
    text = " ".join(((module.__doc__ if module else "") or kind.__doc__ or "").split())
    for word in SECTIONS:
        need(word in text, clause, f"the docstring lacks a part {word!r}")
    cites = [i for i in kind.evidence if i not in text]
    need(not cites, clause, f"the docstring does not say what {cites} contribute")
    need("Source" in text or "ssumption" in text, clause, "neither sources nor an assumption named")


def settings_checked(trial: Trial) -> None:
    """Every number has a range, and what is outside it is refused with a clear message."""
    kind, clause = trial.policy, "settings"
    limits = {"dose": (0.0, 2.0), **kind.bounds}
    for lever, setting in kind.moves.items():
        default = getattr(kind(), setting)
        need(default == kind.levers[lever][0], clause, f"{setting} is not {lever}'s default")
    for field in dataclasses.fields(kind):
        value = getattr(kind(), field.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        need(field.name in limits, clause, f"{field.name} has no range")
        low, high = limits[field.name]
        for wrong in (low - 1.0, high + 1.0, math.nan, math.inf):
            try:
                kind(**{field.name: wrong})
            except ValueError as problem:
                said = str(problem)
                need(field.name in said and kind.name in said, clause, f"{said!r} names no setting")
            else:
                need(False, clause, f"{field.name} = {wrong} is accepted")
        for right in (low, high):
            kind(**{field.name: right})


def zero_dose(trial: Trial) -> None:
    """At dose 0 the run is the baseline, byte for byte."""
    need(same(result(trial.scenario({"dose": 0.0})), plain()), "dose 0", "differs from no policy")


def before_start(trial: Trial) -> None:
    """Until it starts nothing differs."""
    late = result(trial.scenario({"start": 7 * START}))
    need(same(late, plain(), START), "before start", "something differs before its first day")


def freeze(state: State, policy: str, *levers: str) -> None:
    """Cut a policy off from the city: what it proposes for `levers` (none named: for any) is noted,
    and nothing is written."""
    state.board.frozen |= {(policy, lever) for lever in levers or ("*",)}


def levers_only(trial: Trial) -> None:
    """With its levers frozen the city is the baseline's: nothing is done but through them."""
    from sim.run import run

    cut = partial(freeze, policy=trial.policy.name)
    frozen = run(trial.scenario({}), 1, burnt=burnt(), means=False, setup=cut)
    for name in ("weekly", "recorded", "areas", "groups", "events"):
        one, other = getattr(frozen, name), getattr(plain(), name)
        if name == "events":  # who joined and left is noted; nothing follows from it
            one = one[~one["kind"].isin(("enrolment", "leave"))].reset_index(drop=True)
        one, other = (t.drop(columns="programme_cost", errors="ignore") for t in (one, other))
        need(one.equals(other), "levers only", f"with its levers frozen {name} still differs")


def delivered(trial: Trial) -> None:
    """It moves only what it declares, within its places, for those eligible; twice the same."""
    from sim.levers import LEVERS
    from sim.policies.programme import Programme

    state = begin(trial.scenario({}))
    before = levers_of(state)
    moved: set[str] = set()
    for _ in range(WEEKS):
        desk = desk_of(state, trial)
        desk.state = state
        policy = desk.policy
        offered, had = None, set(desk.enrolled)
        if isinstance(policy, Programme):
            offered = set(policy.candidates(desk)[0].tolist())
            places = policy.limit(desk)
        go(state, 1)
        desk = desk_of(state, trial)
        moved |= {name for name, by in state.board.proposals.items() if desk.id in by}
        if offered is not None:
            new = set(desk.enrolled) - had
            most = max(places, len(had))
            need(len(desk.enrolled) <= most, "capacity", "more people than places")
            need(desk.reach <= most or desk.unit != "people", "capacity", "reach above places")
            need(new <= offered, "eligible", "somebody enrolled who was not eligible")
        need(desk.cost >= 0.0 and desk.hours >= 0.0, "delivery", "negative cost or hours")
    now = levers_of(state)
    for name in LEVERS:
        need(
            now[name] == before[name] or name in (*trial.policy.levers, HOURS_TAKEN),
            "levers",
            f"{name} has moved without being declared",
        )
    need(moved or trial.policy.speculative, "delivery", "nothing was ever proposed")
    one, other = result(trial.scenario({})), result(trial.scenario({}))
    need(
        same(one, other) and one.policies.equals(other.policies), "deterministic", "two runs differ"
    )


def ends(trial: Trial) -> None:
    """When it ends its levers are as before, at once or (lasting) as those reached lose it."""
    state = begin(trial.scenario({"end": 7 * END}))
    before = levers_of(state)
    go(state, END)
    reached = rows_moved(state, trial)
    go(state, 2)
    desk = desk_of(state, trial)
    need(not desk.enrolled, "end", "people are still enrolled after the end")
    if desk.policy.outlasts:
        for name, rows in rows_moved(state, trial).items():
            need(rows <= reached.get(name, set()), "end", f"{name} moves for new people")
        desk.state = state
        desk.withdraw_all()
        desk.leave_state()
        state.board.resolve(state)
    need(levers_of(state) == before, "end", "a lever is not what it was before")


def composes(trial: Trial) -> None:
    """With other policies, and twice with other settings, any order gives the same."""
    from sim.scenario import PolicyEntry

    others = (PolicyEntry("gang_fellowship", {"ramp_weeks": 0.0}),)
    both = trial.scenario({}, {"dose": 0.5}, others=others)
    turned = both.with_changes(policies=both.policies[::-1])
    one, other = result(both), result(turned)
    need(same(one, other), "composes", "the order of policies matters")
    need(one.policies.equals(other.policies), "composes", "delivery depends on the order")


SECONDS = 30.0
"""Wall clock that a quarter of a year of `village` may take on a busy machine; usually below 1."""


def quick_to_run(trial: Trial) -> None:
    """A quarter of a year of `village` takes seconds."""
    from sim.run import run

    scenario = _village().with_changes(policies=trial.scenario({}).policies)
    took = run(scenario, 1, burnt=_village_burnt(_loaded()), means=False).seconds
    need(took < SECONDS, "quick", f"13 weeks of village take {took:.1f} s")


def _village() -> Scenario:
    return baseline().with_changes(city="village", parameters={}, years=13 * 7 / 365)


@cache
def _village_burnt(plugins: str) -> Burnt:
    from sim.run import burn_in

    return burn_in(_village(), 1)


QUICK: dict[str, Callable[[Trial], None]] = {
    "described": described, "settings": settings_checked, "dose 0": zero_dose,
}  # fmt: skip
FULL: dict[str, Callable[[Trial], None]] = {
    **QUICK, "levers only": levers_only, "before start": before_start, "delivered": delivered,
    "ends": ends, "composes": composes, "quick": quick_to_run,
}  # fmt: skip


def trial_of(policy: type[Policy], settings: dict[str, Any]) -> Trial:
    """The policy with settings at which it reaches somebody among 3,000 residents."""
    chosen: dict[str, Any] = {}
    if "places_per_100k" in policy.bounds and "places_per_100k" not in policy.unread:
        chosen["places_per_100k"] = min(3000.0, policy.bounds["places_per_100k"][1])
    for name in ("ramp_weeks", "ramp_years"):
        if name in policy.bounds and name not in policy.unread:
            chosen[name] = policy.bounds[name][0]
    return Trial(policy, {**chosen, **policy.trial, **settings})


def check(policy: type[Policy], quick: bool = False, **settings: Any) -> None:
    """Check every clause (`quick`: those that need at most one run).

    `settings` replace the trial's own.

    Raises ContractBroken.
    """
    from sim.policies import register, registry

    if registry().get(policy.name) is not policy:
        register(policy)
    trial = trial_of(policy, settings)
    for clause in (QUICK if quick else FULL).values():
        clause(trial)


def desk_of(state: State, trial: Trial) -> Desk:
    """The desk of the policy under test."""
    (desk,) = [d for d in state.deliveries if isinstance(d.policy, trial.policy)]
    return desk  # type: ignore[no-any-return]


def rows_moved(state: State, trial: Trial) -> dict[str, set[int]]:
    """For each lever the rows that the policy proposes to move now (-1: everybody)."""
    ident = desk_of(state, trial).id
    out: dict[str, set[int]] = {}
    for name, by in state.board.proposals.items():
        if ident in by:
            rows = by[ident].rows
            out[name] = {-1} if rows is None else set(np.asarray(rows).tolist())
    return out
