"""A small violent city, and worlds compared, copied and permuted: shared by the tests of exactness.

Rates are at the upper end of their ranges, so that a year of a few thousand residents has some of
everything: without events, "nothing changed" would be an empty claim.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim import world as worlds
from sim.compiled import named_tables
from sim.engine import State, advance
from sim.recording import Recorder
from sim.run import burn_days, prepare
from sim.scenario import Scenario
from sim.tables import GANG_ATTACK, alias

RATES = {
    "dispute_rate": 4000.0,
    "rivalry_rate": 5.0,
    "inertia_rate": 1.0,
    "retaliation": 4.0,
    "contagion": 1.5,
    "hit_share": 0.5,
    "carry_base": 0.4,
    "carry_propensity": 0.9,
    "gun_share": 0.6,
    "force_base": 0.05,
    "stop_rate": 1.2,
    "publicised_share": 0.05,
    "local_incident_salience": 0.5,
    "arrest_effect": 0.3,
    "gang_gun": 1.0,
    "lethality": 0.31,
    "early_clearance": 0.4,
}
SCRATCH = (
    "buffer",
    "due",
    "diary",
)  # left over from the last process that used them; nobody reads them


def lively(**changes: Any) -> Scenario:
    """A year of 4,000 residents after a year of burn-in; `parameters` adds to RATES."""
    whole: dict[str, Any] = {"city": "synthetic:4000", "years": 1.0, "burn_in_years": 1.0}
    changes["parameters"] = {**RATES, **changes.get("parameters", {})}
    return Scenario(**{**whole, **changes})


def weeks(number: int) -> float:
    """So many weeks in years, as a scenario wants them."""
    return number * 7 / 365


def fields(world: worlds.World) -> Iterator[tuple[str, np.ndarray]]:
    """Every array of a world by table and field, without padding, scratch and unused log rows."""
    for name, table in named_tables(world).items():
        if name in SCRATCH:
            continue
        if name == "events":
            table = table[: int(world.clock["events"][0])]
        if table.dtype.names is None:
            yield name, np.asarray(table)
        else:
            for column in table.dtype.names:
                yield f"{name}.{column}", np.asarray(table[column])


def differing(one: worlds.World, other: worlds.World) -> list[str]:
    """Names of the fields that are not equal bit by bit."""
    pairs = zip(fields(one), fields(other), strict=True)
    return [name for (name, a), (_, b) in pairs if a.tobytes() != b.tobytes()]


def unequal(one: np.ndarray, other: np.ndarray) -> list[str]:
    """Fields in which two tables of records differ (padding, which holds nothing, left out)."""
    names = one.dtype.names or ()
    return [n for n in names if one[n].tobytes() != other[n].tobytes()]


def checkpoint(state: State) -> State:
    """The state as another process would load it."""
    again = pickle.loads(pickle.dumps(state))
    assert isinstance(again, State)
    return again


def born(scenario: Scenario, seed: int, order: np.ndarray | None = None) -> State:
    """The city on day 0 of its burn-in, its residents in another order if one is given."""
    state, _ = prepare(scenario, seed)
    return state if order is None else State(permuted(state.world, order))


def live(state: State, days: int) -> tuple[Recorder, np.ndarray]:
    """`days` from here: what was recorded, and the events."""
    recorder = Recorder(first_day=state.day, means=False)
    state.recorders.append(recorder)
    advance(state, days)
    recorder.take_events(state.world)
    state.recorders.remove(recorder)
    return recorder, recorder.all_events()


def whole_days(scenario: Scenario) -> int:
    """Burn-in and run together."""
    return burn_days(scenario) + scenario.days


def permuted(world: worlds.World, order: np.ndarray) -> worlds.World:
    """The newborn city with residents in another order: row r of the result was row order[r].

    Lists that mention residents keep their own order (neighbours, rosters, households, slots):
    it is the numbering of people that changes, not the city. Nothing may be scheduled yet.
    """
    assert int(world.clock["entries"][0]) == 0 and int(world.clock["cases"][0]) == 0
    new = np.empty(order.size, dtype=np.int32)
    new[order] = np.arange(order.size, dtype=np.int32)

    def renamed(rows: np.ndarray) -> np.ndarray:
        return np.where(rows >= 0, new[np.maximum(rows, 0)], rows).astype(rows.dtype)

    def ties(start: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        count = np.diff(start)[order]
        out = np.zeros(start.size, dtype=start.dtype)
        np.cumsum(count, out=out[1:])
        pick = np.repeat(start[:-1][order] - out[:-1], count) + np.arange(rows.size)
        return out, renamed(rows[pick])

    world = worlds.copy(world)
    people, flow, groups = world.people, world.flow, world.groups
    friend_start, friends = ties(people.friend_start, people.friends)
    partner_start, partners = ties(people.partner_start, people.partners)
    side = people.side
    side["resident"] = renamed(side["resident"])
    slots, gang = flow.slots.copy(), flow.tables[GANG_ATTACK]
    of_people = np.ones(slots.size, dtype=bool)  # the others are of pairs of gangs
    of_people[gang["first"] : gang["first"] + gang["size"]] = False
    for column in ("own", "other"):
        slots[column] = np.where(of_people, renamed(slots[column] % order.size), slots[column])
    # where all weigh alike a place is the row itself: here it has to be looked up like the rest
    alike = alias(np.ones(order.size))
    alike["own"] = renamed(alike["own"])
    flow.tables["first"] = np.where(flow.tables["first"] < 0, slots.size, flow.tables["first"])
    slots = np.concatenate([slots, alike]).view(np.recarray)
    return world._replace(
        people=people._replace(
            residents=people.residents[order],
            lives=people.lives[order],
            side=side,
            members=renamed(people.members),
            friend_start=friend_start,
            friends=friends,
            partner_start=partner_start,
            partners=partners,
        ),
        groups=groups._replace(roster=renamed(groups.roster)),
        flow=flow._replace(
            slots=slots,
            holder=renamed(flow.holder[order]),
            seat=renamed(flow.seat[order]),
            roles=renamed(flow.roles),
            roster_seat=renamed(flow.roster_seat),
        ),
    )


__all__ = [
    "RATES", "born", "checkpoint", "differing", "fields", "live", "lively", "permuted", "unequal",
    "weeks", "whole_days",
]  # fmt: skip
