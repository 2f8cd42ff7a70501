"""Attaching policies to a run: dates, ids, and the weekly order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.officers import ON_DUTY
from sim.policies import registry
from sim.policies.desk import Desk

HOURS = 40.0  # a week's hours of an officer

if TYPE_CHECKING:
    from sim.engine import State
    from sim.scenario import Scenario


def attach(state: State, scenario: Scenario, first_day: int, burning: bool) -> None:
    """Give the state a desk for each policy dated before the start (`burning`), or for the rest.

    Ids are the policy's name, and name#2 ... for the same policy again, numbered by their settings,
    so that an id does not depend on the order in a file.
    """
    for entry, ident in identified(scenario):
        early = entry.start < 0
        if early != burning:
            continue
        cls = registry()[entry.name]
        settings: dict[str, Any] = {
            k: v for k, v in entry.settings.items() if k not in ("start", "end")
        }
        end = None if entry.end is None else first_day + entry.end
        state.deliveries.append(
            Desk(cls(**settings), ident, first_day + entry.start, end, first_day, state=state)
        )
    if not burning:  # the end of an earlier policy belongs to the arm, not to the shared burn-in
        ends = {ident: entry.end for entry, ident in identified(scenario)}
        for desk in state.deliveries:
            end = ends.get(desk.id)
            desk.end = None if end is None else first_day + end
    state.deliveries.sort(key=lambda d: d.id)
    if state.deliveries and week not in state.weekly:  # without any, weeks pass in compiled code
        state.weekly.append(week)


def identified(scenario: Scenario) -> list[tuple[Any, str]]:
    """Each policy entry with its id."""
    out, seen = [], {}  # type: ignore[var-annotated]
    for entry in sorted(
        scenario.policies, key=lambda e: (e.name, repr(sorted(e.settings.items())))
    ):
        seen[entry.name] = seen.get(entry.name, 0) + 1
        n = seen[entry.name]
        out.append((entry, entry.name if n == 1 else f"{entry.name}#{n}"))
    return out


def week(state: State) -> None:
    """Every policy's week, in the order of ids, then the levers that changed."""
    share_out(state)
    state.involvement.week_begins(state)
    for desk in state.deliveries:
        desk.begin_week(state)
    state.involvement.week_is_done(state)
    state.board.resolve(state)
    for desk in state.deliveries:
        desk.leave_state()


def share_out(state: State) -> None:
    """Officers' hours and money are shared: where plans exceed them, all fall short in proportion.

    Plans are asked for before any is carried out, so that no order matters.
    """
    plans: list[tuple[Desk, float, float]] = []
    today = state.day
    for desk in state.deliveries:
        desk.state, desk.share = state, 1.0
        if desk.in_force_on(today):
            plans.append((desk, *desk.policy.plan(desk)))
    hours, dollars = sum(p[1] for p in plans), sum(p[2] for p in plans)
    if hours <= 0.0 and dollars <= 0.0:
        return
    view = state.involvement.view(state)
    hours_share, budget = (float(view.p[n][0]) for n in ("programme_hours", "programme_budget"))
    on_duty = float(np.count_nonzero(view.officers["status"] == ON_DUTY))
    people = state.involvement.population(state)
    for_hours = min(1.0, hours_share * HOURS * on_duty / max(hours, 1e-9))
    for_money = min(1.0, budget * people / 52.0 / max(dollars, 1e-9))
    for desk, wants_hours, wants_money in plans:
        desk.share = min(
            for_hours if wants_hours > 0.0 else 1.0, for_money if wants_money > 0.0 else 1.0
        )
