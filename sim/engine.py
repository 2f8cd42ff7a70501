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
from sim.compiled import handle, touch
from sim.errors import RunFailed
from sim.kernel import kernel
from sim.levers import Board
from sim.measures import E_GUNFIRE, E_SHOOTING
from sim.processes import kits, record
from sim.processes.aftermath import Q_EXPOSURE
from sim.processes.arms import Q_GUN, gun_due
from sim.processes.attack import Q_RECOVER
from sim.processes.beliefs import talk
from sim.processes.candidates import AHEAD
from sim.processes.care import care_week
from sim.processes.contacts import publicity, stops
from sim.processes.contests import contest_due
from sim.processes.department import department_week
from sim.processes.habits import habits
from sim.processes.investigation import investigate
from sim.processes.justice import Q_RELEASE, release_due
from sim.processes.kits import lab_week
from sim.processes.life import (
    Q_VACANCY,
    gang_week,
    life_events,
    officer_week,
    vacancy_due,
)
from sim.processes.markets import Q_OPENING
from sim.processes.offences import everyday, repeat_due, service_calls
from sim.processes.organisations import organisations_week
from sim.processes.raids import raids
from sim.processes.record import Q_GRIEVANCE, give_back, take_due
from sim.processes.reprisals import TOO_MUCH_EXPOSURE, TOO_MUCH_GRIEF, exposure_due, grievance_due
from sim.processes.scenes import Q_FOLLOW, follow_up_due
from sim.processes.schooling import preschool_week
from sim.processes.seats import street_round
from sim.processes.serial import Q_SERIAL
from sim.processes.street import Q_SELLER, seller_due, street_week
from sim.processes.violence import disputes, gang_attacks
from sim.recording import Recorder, book, take_week
from sim.tables import NAMES

Q_INCIDENT = 8


@kernel
def due_today(w):
    """What was scheduled for today: releases, recoveries, newcomers, guns, grievances, exposure, incidents,
    the next assault of a series, visits after a call, confrontations with sellers,
    fights over an opening in a market."""
    flow, clock = w.flow, w.clock
    n = take_due(flow, clock)
    for k in range(n):
        if k + AHEAD < n:
            ask_for(w.people, flow.queue[flow.due[k + AHEAD]])
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
        elif entry.kind == Q_SERIAL:
            repeat_due(w, entry)
        elif entry.kind == Q_FOLLOW:
            follow_up_due(w, entry)
        elif entry.kind == Q_SELLER:
            seller_due(w, entry)
        elif entry.kind == Q_OPENING:
            contest_due(w, entry)
        elif entry.kind == Q_INCIDENT:
            publicity(w, entry.key, entry.parent, -1, max(entry.place, 0), entry.value, entry.other)
        give_back(flow, clock, row)


@kernel
def ask_for(people, entry):
    """Ask memory for whom an entry is about."""
    touch(people.residents, entry.who)
    touch(people.lives, entry.who)


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
def run_days(w, days, fades, scratch, areas, people, by_people, by_area, levels):
    """`days` days, stopping early at trouble, and before a week that the tables have no room for.

    Returns the number of days done. The weeks that end are noted in the rows of `areas` and its like
    (see recording.take_week), while there are any.
    """
    clock = w.clock
    week = 0
    for done in range(days):
        if done == 0 or clock[0].day % 7 == 0:
            look_at_levers(w)
        if clock[0].day % 7 == 0:
            if done > 0:
                if crowded(w.flow, w.civic, w.log, clock):
                    return done
                clock[0].noted = 0
            department_week(w)
            officer_week(w)
            gang_week(w)
            preschool_week(w)
            care_week(w)
            organisations_week(w)
            street_week(w)
            lab_week(w)
        due_today(w)
        stops(w)
        raids(w)
        everyday(w)
        service_calls(w)
        disputes(w)
        gang_attacks(w)
        investigate(w)
        talk_today(w)
        street_round(w)
        life_events(w)
        habits(w)
        if clock[0].trouble != 0:
            return done
        clock[0].day += 1
        if clock[0].day % 7 == 0 and week < areas.shape[0]:
            take_week(w, week, fades, scratch, areas, people, by_people, by_area, levels)
            week += 1
    return days


@kernel
def crowded(flow, civic, log, clock):
    """Is a table that fills up half full? Then Python makes room before the next week."""
    return (
        clock[0].cases * 2 > flow.cases.size
        or clock[0].entries * 2 > flow.queue.size
        or clock[0].events * 2 > log.events.size
        or civic.stock[0].kits * 2 > civic.kits.size
        or civic.stock[0].care * 2 > civic.care.size
    )


STEPS: list[tuple[str, Any, str]] = [
    ("department", department_week, "weekly"),
    ("officers come and go", officer_week, "weekly"),
    ("gangs recruit and lose members", gang_week, "weekly"),
    ("preschool", preschool_week, "weekly"),
    ("treatment and its queue", care_week, "weekly"),
    ("community organisations", organisations_week, "weekly"),
    ("tobacco in the street", street_week, "weekly"),
    ("the laboratory", lab_week, "weekly"),
    ("what is due", due_today, "daily"),
    ("police-initiated contacts", stops, "daily"),
    ("raids", raids, "daily"),
    ("everyday offences, reporting and response", everyday, "daily"),
    ("calls for service", service_calls, "daily"),
    ("disputes and shootings", disputes, "daily"),
    ("gang attacks", gang_attacks, "daily"),
    ("investigation and arrests", investigate, "daily"),
    ("talk about the police", talk_today, "daily"),
    ("street seats pass on, street arrests", street_round, "daily"),
    ("births, deaths, moves, work and needs", life_events, "daily"),
    ("smoking", habits, "daily"),
]

TROUBLE = {
    1: "a hazard rose above the last layer of candidates of '{at}'",
    2: "more candidates in one day than there is room for in '{at}'",
    record.TOO_MANY_EVENTS: "more events in one week than the log has room for",
    record.TOO_MANY_ENTRIES: "more scheduled entries than the calendar has room for",
    record.TOO_MANY_CASES: "more open cases than there is room for",
    kits.TOO_MANY_KITS: "more kits in a week than there is room for",
    TOO_MUCH_GRIEF: "levers raised the reprisals expected of a shooting above four times their most, or 1,024",
    TOO_MUCH_EXPOSURE: "levers raised the attempts expected of exposure above four times their most, or 32",
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
    kept: Any = None
    """What `involvement` reads."""
    untold: list[np.ndarray] = field(default_factory=list)
    """Events that `involvement` has yet to be told of, which waits until somebody asks for it."""
    handle: Any = None
    own: dict[str, Any] = field(default_factory=dict)
    """What plug-ins keep, by a name of their own (see sim.plugins); copied with the burn-in."""

    def __post_init__(self) -> None:
        self.handle = handle(self.world)

    @property
    def involvement(self) -> Any:
        """Who was close to gunfire lately (sim.policies.pools.Involvement), told of all up to now."""
        self.tell()
        return self.kept

    def tell(self) -> None:
        """Tell `kept` of the events that have waited."""
        for rows in self.untold:
            self.kept.take(rows)
        self.untold.clear()

    def __getstate__(self) -> dict[str, Any]:
        self.tell()
        return {**self.__dict__, "handle": None}  # addresses mean nothing elsewhere

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self.handle = handle(self.world)

    @property
    def day(self) -> int:
        return int(self.world.clock.view(np.ndarray)["day"][0])

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
        if state.day % 7 == 0:
            for act in state.weekly:
                act(state)
            make_room(state)
        for act in state.daily:
            act(state)
        left -= live_on(state, left)


MOST_WEEKS = 104  # in one compiled call, so that Ctrl-C is heard and little waits to be noted


def live_on(state: State, most: int) -> int:
    """As many days, up to `most`, as compiled code can live alone; then whoever records is told.

    Alone means: no policy or process of a plug-in to ask before a day or week, and nobody to tell at
    its end but a Recorder, whose weeks compiled code notes itself. How many days that is changes no
    result. Raises RunFailed.
    """
    day = state.day
    to_week_end = 7 - day % 7
    only = state.recorders[0] if len(state.recorders) == 1 else None
    plain = isinstance(only, Recorder)
    alone = not state.weekly and not state.daily and (plain or not state.recorders)
    days = min(most, to_week_end)
    if state.daily:
        days = 1
    elif alone and days == to_week_end:  # and the whole weeks after this one
        days += 7 * min((most - days) // 7, MOST_WEEKS - 1)
    weeks = (day + days) // 7 - day // 7
    pages = book(state, weeks if plain else 0, plain and only.means)
    done = run_days(state.handle, days, *pages)
    if state.world.clock["trouble"][0]:
        raise RunFailed(explain_trouble(state.world))
    weeks = (day + done) // 7 - day // 7
    if weeks:
        take_notes(state, weeks)
    if weeks and plain:
        only.take_events(state.world)
        only.keep(state, pages, [7 * (day // 7 + 1 + k) for k in range(weeks)])
    elif weeks:
        for note in state.recorders:
            note(state)
    return done


def take_notes(state: State, weeks: int) -> None:
    """Hand what a week (or several, which no policy saw) left in log and diary to who keeps it."""
    clock = state.world.clock
    if state.kept is not None and weeks == 1:
        state.involvement.take_week(state)
    elif state.kept is not None:  # the diary holds the last week only
        rows = state.world.log.events.view(np.ndarray)[: int(clock["events"][0])]
        state.untold.append(rows[of_gunfire(rows)])
        state.kept.forget()
    clock["noted"] = 0


def of_gunfire(rows: np.ndarray) -> np.ndarray:
    """Which events somebody may have been close to: all that `involvement` is told of."""
    kind = rows["kind"]
    return (kind == E_SHOOTING) | (kind == E_GUNFIRE)


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
    civic, stock = w.civic, w.civic.stock
    if stock["kits"][0] * 2 > civic.kits.size:
        more = worlds.records(worlds.KIT, civic.kits.size)
        civic = civic._replace(kits=np.concatenate([civic.kits, more]).view(np.recarray))
    if stock["care"][0] * 2 > civic.care.size:
        more = worlds.records(worlds.CARE, civic.care.size)
        civic = civic._replace(care=np.concatenate([civic.care, more]).view(np.recarray))
    if flow is not w.flow or log is not w.log or civic is not w.civic:
        state.world = w._replace(flow=flow, log=log, civic=civic)
        state.handle = handle(state.world)
