"""advance(): the only way time passes. Read this file first.

A day is the list STEPS, top to bottom; a week begins with the department, the officers and the gangs.
Many days run in one compiled call; between weeks Python runs policies and the recording layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim import world as worlds
from sim.agents.residents import FREE, INJURED
from sim.compiled import handle
from sim.errors import RunFailed
from sim.kernel import kernel
from sim.levers import Board
from sim.processes import record, violence
from sim.processes.arms import Q_GUN, gun_due
from sim.processes.beliefs import talk
from sim.processes.contacts import publicity, stops
from sim.processes.department import department_week
from sim.processes.investigation import investigate
from sim.processes.justice import Q_RELEASE, release_due
from sim.processes.life import (
    Q_VACANCY,
    gang_week,
    life_events,
    officer_week,
    succession,
    vacancy_due,
)
from sim.processes.offences import everyday, service_calls
from sim.processes.record import give_back, take_due
from sim.processes.violence import (
    Q_EXPOSURE,
    Q_GRIEVANCE,
    Q_RECOVER,
    disputes,
    exposure_due,
    gang_attacks,
    grievance_due,
)  # fmt: skip
from sim.tables import NAMES

Q_INCIDENT = 8


@kernel
def due_today(w):
    """What was scheduled for today: releases, recoveries, newcomers, guns, grievances, exposure, incidents."""
    flow, clock = w.flow, w.clock
    for k in range(take_due(flow, clock)):
        row = flow.due[k]
        entry = flow.queue[row]
        if entry.kind == Q_RELEASE:
            release_due(w, entry)
        elif entry.kind == Q_RECOVER:
            r = w.people.residents[entry.who]
            if r.status == INJURED and r.until <= clock[0].day:
                r.status = FREE
        elif entry.kind == Q_GRIEVANCE:
            grievance_due(w, entry)
        elif entry.kind == Q_EXPOSURE:
            exposure_due(w, entry)
        elif entry.kind == Q_VACANCY:
            vacancy_due(w, entry)
        elif entry.kind == Q_GUN:
            gun_due(w, entry)
        elif entry.kind == Q_INCIDENT:
            publicity(w, entry.key, entry.parent, -1, max(entry.place, 0), entry.value, entry.other)
        give_back(flow, clock, row)


@kernel
def talk_today(w):
    """Friends talk about the police and move toward each other."""
    talk(w.people, w.flow, w.log, w.clock, w.p[0])


@kernel
def look_at_levers(w):
    """The largest personal levers in force, which ceilings need; policies move them between weeks."""
    side, clock = w.people.side, w.clock[0]
    violence, offending = 1.0, 1.0
    for k in range(side.size):
        if side[k].resident >= 0:
            violence = max(violence, side[k].violence)
            offending = max(offending, side[k].offending)
    clock.most_violence, clock.most_offending = violence, offending


@kernel
def run_days(w, days):
    """`days` days, stopping early at trouble; the number of days done."""
    clock = w.clock
    for done in range(days):
        if done == 0 or clock[0].day % 7 == 0:
            look_at_levers(w)
        if clock[0].day % 7 == 0:
            department_week(w)
            officer_week(w)
            gang_week(w)
            succession(w)
        due_today(w)
        stops(w)
        everyday(w)
        service_calls(w)
        disputes(w)
        gang_attacks(w)
        investigate(w)
        talk_today(w)
        life_events(w)
        if clock[0].trouble != 0:
            return done
        clock[0].day += 1
    return days


STEPS: list[tuple[str, Any, str]] = [
    ("department", department_week, "weekly"),
    ("officers come and go", officer_week, "weekly"),
    ("gangs recruit and lose members", gang_week, "weekly"),
    ("street roles pass on", succession, "weekly"),
    ("what is due", due_today, "daily"),
    ("police-initiated contacts", stops, "daily"),
    ("everyday offences, reporting and response", everyday, "daily"),
    ("calls for service", service_calls, "daily"),
    ("disputes and shootings", disputes, "daily"),
    ("gang attacks", gang_attacks, "daily"),
    ("investigation and arrests", investigate, "daily"),
    ("talk about the police", talk_today, "daily"),
    ("births, deaths, moves, work and needs", life_events, "daily"),
]

TROUBLE = {
    1: "a hazard rose above the last layer of candidates of '{at}'",
    2: "more candidates in one day than there is room for in '{at}'",
    record.TOO_MANY_EVENTS: "more events in one week than the log has room for",
    record.TOO_MANY_ENTRIES: "more scheduled entries than the calendar has room for",
    record.TOO_MANY_CASES: "more open cases than there is room for",
    violence.TOO_MUCH_GRIEF: "levers raised the expected reprisals per shooting above four times their most, or above 1,024",
}


@dataclass
class State:
    """A run under way: the world, and who is told at the start of each week.

    `weekly` are called as f(state) before the first day of each week (policies, then processes of
    plug-ins); `daily` before each day; `recorders` after the last day of each week, and must not
    change the world.
    """

    world: worlds.World
    weekly: list[Callable[[State], None]] = field(default_factory=list)
    daily: list[Callable[[State], None]] = field(default_factory=list)
    recorders: list[Callable[[State], None]] = field(default_factory=list)
    deliveries: list[Any] = field(default_factory=list)
    """Policies under way (see sim.policies.delivery)."""
    board: Board = field(default_factory=Board)
    involvement: Any = None
    """Who was close to gunfire lately (sim.policies.desk.Involvement), kept while policies run."""
    handle: Any = None
    fades: dict[Any, Any] = field(default_factory=dict)
    """What is left after so many days of all that fades (see recording.fades_of)."""
    own: dict[str, Any] = field(default_factory=dict)
    """What plug-ins keep, by a name of their own (see sim.plugins); copied with the burn-in."""

    def __post_init__(self) -> None:
        self.handle = handle(self.world)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "handle": None}  # addresses mean nothing elsewhere

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self.handle = handle(self.world)

    @property
    def day(self) -> int:
        return int(self.world.clock["day"][0])

    def grow_side(self) -> None:
        """Twice the room for personal levers."""
        people = self.world.people
        more = worlds.records(people.side.dtype, people.side.size)
        more["resident"] = -1
        people = people._replace(side=np.concatenate([people.side, more]).view(np.recarray))
        self.world = self.world._replace(people=people)
        self.handle = handle(self.world)


def advance(state: State, days: int) -> None:
    """Let `days` days pass.

    Raises RunFailed when the world can't go on (see TROUBLE); the state is then not to be used.
    """
    left = int(days)
    last = state.world.flow.heads.size - 2
    if state.day + left > last:  # compiled code would read past the calendar's end
        raise RunFailed(
            f"{left} days from day {state.day} go beyond day {last}, the last this city's calendar"
            " holds (50 years after the burn-in)"
        )
    while left > 0:
        day = state.day
        if day % 7 == 0:
            for act in state.weekly:
                act(state)
            make_room(state)
        for act in state.daily:
            act(state)
        chunk = 1 if state.daily else min(left, 7 - day % 7)
        done = run_days(state.handle, chunk)
        if done < chunk or state.world.clock["trouble"][0]:
            raise RunFailed(explain_trouble(state.world))
        left -= chunk
        if (day + chunk) % 7 == 0:
            if state.involvement is not None:
                state.involvement.take_week(state)
            state.world.clock["noted"] = 0
            for note in state.recorders:
                note(state)


def explain_trouble(world: worlds.World) -> str:
    """What stopped the run, where and when, in words."""
    clock = world.clock[0]
    code, at = int(clock.trouble), int(clock.trouble_at)
    what = TROUBLE.get(code, f"trouble {code}").format(at=NAMES[at] if at < len(NAMES) else at)
    return (
        f"the run stopped on day {int(clock.day)}: {what}; check the parameters that were changed"
    )


def make_room(state: State) -> None:
    """Before a week starts: let what fills up grow, long before it is full."""
    w, clock = state.world, state.world.clock
    flow, log = w.flow, w.log
    if clock["cases"][0] * 2 > flow.cases.size:
        more = worlds.records(worlds.CASE, flow.cases.size)
        more["opened"] = -1
        flow = flow._replace(cases=np.concatenate([flow.cases, more]).view(np.recarray))
    if clock["entries"][0] * 2 > flow.queue.size:
        more = worlds.records(worlds.ENTRY, flow.queue.size)
        flow = flow._replace(queue=np.concatenate([flow.queue, more]).view(np.recarray))
    if clock["events"][0] * 2 > log.events.size:
        more = worlds.records(worlds.EVENT, log.events.size)
        log = log._replace(events=np.concatenate([log.events, more]).view(np.recarray))
    if flow is not w.flow or log is not w.log:
        state.world = w._replace(flow=flow, log=log)
        state.handle = handle(state.world)
