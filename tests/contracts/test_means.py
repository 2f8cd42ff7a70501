"""Weekly means against the plainest way to take them: to the last bit, since nothing may depend on how."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.residents import AWAY, DEAD, GUN, JAILED
from sim.engine import State
from sim.means import CONFIDENT_AT, STATE_COUNT, STATES, fades_of, scratch_size, sum_states
from sim.numerics import halved
from sim.processes.beliefs import local_level
from sim.processes.record import BANDS
from sim.processes.routine import age_factor, contacts_deter
from sim.run import Burnt, burn_in, start
from tests.contracts.lively import live, lively, weeks

AT = {name: k for k, name in enumerate(STATES)}


@pytest.fixture(scope="module")
def burnt() -> Burnt:
    return burn_in(lively(burn_in_years=weeks(26)), 1)


def plainly(state: State, every: int) -> tuple[np.ndarray, np.ndarray]:
    """`sum_states` of one row in `every` in Python's own numbers, one resident after another."""
    w = state.world
    p = {name: float(w.p[name][0]) for name in w.p.dtype.names}
    day, groups = state.day, int(w.clock["groups"][0])
    fields = w.place.field.view(np.ndarray)
    people = np.zeros((w.log.people_counts.shape[0], STATE_COUNT))
    areas = np.zeros((w.place.areas.size, STATE_COUNT))
    asked_people, asked_areas = np.zeros(len(people)), np.zeros(len(areas))
    known = [local_level(a, day, w.p[0]) for a in w.place.areas]
    deter = [contacts_deter(a, w.p[0]) for a in w.place.areas]
    for i, row in enumerate(w.people.residents.view(np.ndarray)):
        r = {name: row[name].item() for name in row.dtype.names}
        if r["status"] in (DEAD, AWAY):
            continue
        age, gone = (day - r["born"]) / 365.0, day - r["day"]
        a, band = r["area"], int(np.searchsorted(BANDS[1:], age, side="right"))
        cell = (r["group"] * 2 + r["sex"]) * len(BANDS) + band
        for sums in (people[cell], areas[a]):
            sums[AT["population"]] += 1
            sums[AT["in_jail"]] += r["status"] == JAILED
        people[cell, AT["adults"]] += band >= 2
        if i % every:
            continue
        asked_people[cell] += 1
        asked_areas[a] += 1
        f = fields[a * groups + r["group"]]
        shared, own = (
            halved(day - int(f["day"]), p["field_half_life"]),
            halved(gone, p["belief_half_life"]),
        )
        held = []
        for name in ("fairness", "effectiveness"):
            base = r[f"base_{name}"]
            now = base + (r[name] - base) * own + f[name].item() * shared
            held.append(max(0.0, min(1.0, now)))
        legit = p["fairness_weight"] * held[0] + (1.0 - p["fairness_weight"]) * held[1]
        trauma = r["trauma"] * halved(gone, p["trauma_half_life"])
        fear = min(1.0, p["fear_local"] * known[a] + r["fear"] * halved(gone, p["fear_half_life"]))
        for name, value in zip(
            ("fairness", "effectiveness", "fear", "trauma"), (*held, fear, trauma), strict=True
        ):
            people[cell, AT[name]] += value
        people[cell, AT["confident"]] += legit >= CONFIDENT_AT and band >= 2
        areas[a, AT["legitimacy"]] += legit
        areas[a, AT["trauma"]] += trauma
        if r["flags"] & GUN and age >= 14.0:
            skew = r["propensity"] / (r["propensity"] + 20.0)
            chance = (
                p["carry_base"] * age_factor(age)
                + p["carry_propensity"] * skew
                + p["carry_local"] * skew * known[a]
                + r["arms"] * halved(gone, p["arms_half_life"])
            ) * deter[a]
            if r["side"] >= 0:
                chance *= w.people.side["carrying"][r["side"]].item()
            people[cell, AT["carrying"]] += max(0.0, min(0.95, chance))
    if every > 1:
        scaled = [AT[name] for name in (*STATES[1:7], "confident")]
        for sums, asked in ((people, asked_people), (areas, asked_areas)):
            factor = sums[:, AT["population"]] / np.maximum(1.0, asked)
            sums[:, scaled] *= factor[:, np.newaxis]
    weight = p["fairness_weight"]
    fair, able = people[:, AT["fairness"]], people[:, AT["effectiveness"]]
    people[:, AT["legitimacy"]] = weight * fair + (1.0 - weight) * able
    return people, areas


def compiled(state: State, every: int) -> tuple[np.ndarray, np.ndarray]:
    w = state.world
    people = np.zeros((w.log.people_counts.shape[0], STATE_COUNT))
    areas = np.zeros((w.place.areas.size, STATE_COUNT))
    scratch = np.full(scratch_size(w), np.nan)  # what is in it must not matter
    sum_states(state.handle, every, fades_of(state), scratch, people.ravel(), areas.ravel())
    return people, areas


@pytest.mark.parametrize("every", [1, 2, 7])
def test_sums_are_those_of_one_resident_after_another(burnt: Burnt, every: int) -> None:
    state, _, _ = start(lively(burn_in_years=weeks(26)), 1, burnt)
    live(state, 7 * 9)
    for ours, theirs in zip(compiled(state, every), plainly(state, every), strict=True):
        assert ours.tobytes() == theirs.tobytes()
    people = plainly(state, 1)[0].sum(axis=0)
    assert all(people[AT[name]] > 0 for name in STATES), "this city proves nothing of a state"


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_sums_hold_for_residents_of_any_kind(burnt: Burnt, seed: int, every: int) -> None:
    """Drawn anew: out of the order of areas, at either end of every scale, of any age and status."""
    state, _, _ = start(lively(burn_in_years=weeks(26)), 1, burnt)
    people, rng = state.world.people, np.random.default_rng(seed)
    r, n = people.residents.view(np.ndarray), people.residents.size
    for name in (
        "base_fairness", "base_effectiveness", "fairness", "effectiveness", "fear", "trauma", "arms",
    ):  # fmt: skip
        r[name] = np.clip(rng.normal(0.5, 0.5, n), 0.0, 1.0)
    r["propensity"] = rng.exponential(10.0, n)
    r["status"] = rng.choice(5, n, p=(0.5, 0.1, 0.2, 0.1, 0.1))
    r["flags"] = rng.integers(0, 256, n)
    r["born"] = state.day - rng.integers(0, 121 * 365, n)
    r["day"] = state.day - rng.integers(0, state.day, n)
    r["area"] = rng.integers(0, state.world.place.areas.size, n)
    r["sex"] = rng.integers(0, 2, n)
    r["side"] = np.where(rng.random(n) < 0.3, rng.integers(0, people.side.size, n), -1)
    people.side["carrying"] = rng.random(people.side.size)
    field = state.world.place.field
    field["fairness"], field["effectiveness"] = rng.normal(0.0, 0.4, (2, field.size))
    state.world.place.areas["contacts"] = rng.uniform(0.0, 3.0, state.world.place.areas.size)
    for ours, theirs in zip(compiled(state, every), plainly(state, every), strict=True):
        assert ours.tobytes() == theirs.tobytes()
