"""One part of the engine at a time: a small city in which nothing else can happen.

Everybody is a free man of eighteen to whom nothing happens but what the test lets happen:
parameters are written straight into the world, beyond the ranges a scenario may set, and a few
steps of the day are called by themselves. Each `*_days` lets days pass with one step alone.
"""

from __future__ import annotations

import numpy as np

from sim import world as worlds
from sim.agents.residents import FREE, GUN, INJURED, JAILED
from sim.engine import State, due_today, run_days
from sim.kernel import kernel
from sim.measures import (
    CONVERSATIONS,
    GUNFIRE_INCIDENTS,
    K_PROPERTY,
    K_SHOOTING,
    PART_BACKGROUND,
    RULE_SCHEDULED,
    SERIOUS_ASSAULTS,
)
from sim.processes.attack import attack
from sim.processes.beliefs import (
    arms_now,
    effectiveness_now,
    fairness_now,
    fear_of,
    feel,
    legitimacy_now,
    local_level,
    recovery_of,
    salience_now,
    settle,
    talk,
    trauma_now,
)
from sim.processes.candidates import propose
from sim.processes.investigation import investigate, open_case
from sim.processes.justice import arrest
from sim.processes.life import life_events
from sim.processes.record import Q_GRIEVANCE, give_back, take_due
from sim.processes.reprisals import grievance_due
from sim.processes.routine import carry_chance, restraint, violence_factor
from sim.processes.violence import disputes, gang_attacks
from sim.random import child_key, draws, stream
from sim.run import prepare
from sim.scenario import Scenario
from sim.tables import layout

AGE = 18 * 365  # days; readiness is at its peak from 18 to 24
CALM = {
    "trauma_offending": 0.0,
    "arrest_deterrence": 0.0,
    "patrol_deterrence": 0.0,
    "legitimacy_restraint": 0.0,
    "cynicism_weight": 0.0,
    "hit_share": 0.0,
    "assault_lethality": 0.0,
    "report_serious": 0.0,
    "report_gunfire": 0.0,
    "acquire_victim": 0.0,
    "acquire_tie": 0.0,
    "season_amplitude": 0.0,
    "arrest_effect": 0.0,
    "estrangement": 0.0,
    "gun_use": 1.0,
    "dispute_further": 0.0,  # a co-offender's co-offender may be oneself: then nobody is found
}
_TEST = stream("tests.alone")


def calm_city(residents: int = 400, seed: int = 1, **parameters: float) -> State:
    """A city of free men who turn 18 today, with CALM and then `parameters` in force."""
    state, _ = prepare(Scenario(city=f"synthetic:{residents}", years=1.0, burn_in_years=0.0), seed)
    world = state.world
    r = world.people.residents
    r["status"], r["sex"], r["born"], r["until"] = FREE, 1, -AGE, 0
    r["trauma"], r["fear"], r["arms"], r["side"] = 0.0, 0.0, 0.0, -1
    # skewed, but not so much that one man is half the city's violence
    r["propensity"] = np.exp(3.0 * ((np.arange(r.size) * 0.6180339887) % 1.0)) / 6.0
    set_parameters(world, **{**CALM, **parameters})
    return rebuilt(state)


def set_parameters(world: worlds.World, **values: float) -> None:
    for name, value in values.items():
        world.p[name][0] = value


def rebuilt(state: State, groups: worlds.Groups | None = None, days: int = 20_000) -> State:
    """The state with other gangs, and candidate tables, calendar and scratch made anew."""
    world = state.world
    groups = world.groups if groups is None else groups
    world.clock["gangs"] = groups.gangs.size
    flow = layout(world.people, world.place, groups, days)
    # room for years of many events without a week's end, at which the engine makes room
    log = world.log._replace(events=worlds.records(worlds.EVENT, 16_384))
    return State(world._replace(groups=groups, flow=flow, log=log))


def two_gangs(state: State) -> State:
    """Half the city in one gang, half in another: norms at 1, no standing hatred, no heat."""
    world = state.world
    count = world.people.residents.size
    half = count // 2
    gangs = worlds.records(world.groups.gangs.dtype, 2)
    gangs["first"], gangs["slots"] = [0, half], [half, count - half]
    gangs["members"] = gangs["active"] = gangs["slots"]
    gangs["norm"], gangs["cohesion"], gangs["pressure"] = 1.0, 0.5, 1.0
    gangs["key"] = [101, 103]
    dyads = worlds.records(world.groups.dyads.dtype, 2)
    dyads["attacker"], dyads["target"], dyads["key"] = [0, 1], [1, 0], [105, 107]
    world.people.residents["gang"] = np.arange(count) // half
    world.people.lives["roster_slot"] = np.arange(count) % half
    groups = worlds.Groups(
        gangs, np.arange(count, dtype=np.int32), dyads, np.array([-1, 0, 1, -1], dtype=np.int32)
    )
    return rebuilt(state, groups)


def weights_of(state: State, process: int) -> np.ndarray:
    """Static weight of each row, as the process's alias table has it; 1 where it has none."""
    table = state.world.flow.tables[process]
    first, size = int(table["first"]), int(table["size"])
    if first < 0:
        return np.ones(size)
    slots = state.world.flow.slots[first : first + size]
    keep = slots["keep"].astype(np.float64)
    chance = np.bincount(slots["own"], keep, size) + np.bincount(slots["other"], 1 - keep, size)
    return chance / size * float(table["mass"])


# --- days on which one thing happens ----------------------------------------------------------


@kernel
def candidates_today(w, process, ceiling):
    """How many candidates of `process` there are today below `ceiling` (left in flow.buffer)."""
    return propose(w.flow, w.clock, process, ceiling)


@kernel
def dispute_days(w, out):
    """Only disputes: how many attacks on each day."""
    for d in range(out.size):
        before = attacks_so_far(w)
        disputes(w)
        out[d] = attacks_so_far(w) - before
        w.clock[0].day += 1


@kernel
def attacks_so_far(w):
    total = 0
    for a in range(w.place.areas.size):
        total += w.log.area_counts[a, SERIOUS_ASSAULTS] + w.log.area_counts[a, GUNFIRE_INCIDENTS]
    return total


@kernel
def provoke(w, a, b, number):
    """An attack with a gun that nothing in the city caused; its name."""
    key = child_key(w.clock[0].seed, np.uint64(number), w.clock[0].day, _TEST)
    block = w.people.residents[b].home
    nothing = np.uint64(0)
    attack(w, a, b, block, key, nothing, RULE_SCHEDULED, PART_BACKGROUND, 1.0, 0.0, True)
    heal(w.people.residents[b])
    return key


@kernel
def heal(r):
    if r.status == INJURED:
        r.status = FREE


@kernel
def reprisal_days(w, days):
    """Only grievances come due; who is wounded is well at once."""
    for _ in range(days):
        for k in range(take_due(w.flow, w.clock)):
            row = w.flow.due[k]
            entry = w.flow.queue[row]
            if entry.kind == Q_GRIEVANCE:
                grievance_due(w, entry)
                for i in range(w.people.residents.size):
                    heal(w.people.residents[i])
            give_back(w.flow, w.clock, row)
        w.clock[0].day += 1


@kernel
def heat_days(w, days):
    """Only attacks between gangs."""
    for _ in range(days):
        gang_attacks(w)
        w.clock[0].day += 1


@kernel
def talk_days(w, days):
    """Only talk; how many conversations there were."""
    for _ in range(days):
        talk(w.people, w.flow, w.log, w.clock, w.p[0])
        w.clock[0].day += 1
    total = 0
    for a in range(w.place.areas.size):
        total += w.log.area_counts[a, CONVERSATIONS]
    return total


@kernel
def case_days(w, cleared):
    """Only detectives: how many of all cases are cleared at the end of each day."""
    for d in range(cleared.size):
        investigate(w)
        for row in range(w.clock[0].cases):
            cleared[d] += 1 if w.flow.cases[row].closed >= 0 else 0
        w.clock[0].day += 1


@kernel
def open_cases(w, count, fatal, evidence, witnesses):
    """So many shootings known to police, all alike but for their keyed threshold."""
    for k in range(count):
        key = child_key(w.clock[0].seed, np.uint64(k), 1, _TEST)
        row = open_case(w, K_SHOOTING, -1, k % w.people.residents.size, 0, key, fatal)
        w.flow.cases[row].evidence = evidence
        w.flow.cases[row].witnesses = witnesses


@kernel
def jail_days(w, arrests_a_day, stock, flow):
    """Only arrests for property offences of people met at random, and releases."""
    people, clock = w.people, w.clock
    for d in range(stock.size):
        due_today(w)
        for k in range(arrests_a_day):
            key = child_key(clock[0].seed, np.uint64(k), clock[0].day, _TEST)
            u, _, _, _ = draws(clock[0].seed, key, clock[0].day, _TEST)
            if arrest(w, int(u * people.residents.size), K_PROPERTY, False, key):
                flow[d] += 1
        for i in range(people.residents.size):
            stock[d] += 1 if people.residents[i].status == JAILED else 0
        clock[0].day += 1


@kernel
def life_days(w, days):
    """Only natural deaths, moves, work and needs."""
    for _ in range(days):
        life_events(w)
        w.clock[0].day += 1


# --- reading and pushing beliefs --------------------------------------------------------------


@kernel
def read(w, i, day, out):
    """Everything that can be read of resident i on `day`."""
    people, place, p = w.people, w.place, w.p[0]
    r = people.residents[i]
    f = place.field[r.area * w.clock[0].groups + r.group]
    out[0] = fairness_now(r, f, day, p)
    out[1] = effectiveness_now(r, f, day, p)
    out[2] = legitimacy_now(r, f, day, p)
    out[3] = fear_of(place, r, day, p)
    out[4] = trauma_now(r, day, p)
    out[5] = arms_now(r, day, p)
    out[6] = salience_now(f, day, p)
    out[7] = local_level(place.areas[r.area], day, p)
    out[8] = carry_chance(people, place, i, day, p)
    out[9] = restraint(people, place, i, day, p, w.clock[0].groups)
    out[10] = violence_factor(people, i, day, p)


@kernel
def settle_on(w, i, day):
    """Write the decayed values of resident i, as an event on `day` would."""
    r = w.people.residents[i]
    settle(r, day, w.p[0], recovery_of(w.people, r))


@kernel
def push(w, i, day, fairness, effectiveness):
    feel(w.people, i, day, w.p[0], fairness, effectiveness)


__all__ = [
    "GUN", "calm_city", "candidates_today", "case_days", "dispute_days", "heat_days", "jail_days",
    "life_days", "open_cases", "provoke", "push", "read", "rebuilt", "reprisal_days", "run_days",
    "set_parameters", "settle_on", "talk_days", "two_gangs", "weights_of",
]  # fmt: skip
