"""Looking ahead: what asks memory early lets through all to whom something may happen, and changes nothing.

Residents and levers are drawn over all they may be, and the formulas written down a second time here,
with no bound before them.
"""

from __future__ import annotations

import copy

import numpy as np
import pytest

from sim.agents.residents import EARLY, GUN
from sim.engine import State, look_at_levers
from sim.kernel import kernel
from sim.measures import K_DISORDER, K_SALE
from sim.parameters import all_parameters
from sim.processes.contacts import worth_a_look
from sim.processes.offences import (
    ask_ahead,
    in_street,
    kind_of,
    of_an_age,
    offending_now,
    victim_of,
)
from sim.processes.routine import age_factor, carry_chance, present, resident_of
from sim.random import draws, stream
from tests.contracts.lively import differing
from tests.theory.alone import calm_city, set_parameters

MANY = 4000  # candidates at a time: they fit in the buffer of a small city
_KIND, _WHERE = stream("offences.kind"), stream("offences.where")
_STOP, _CALL = stream("contacts.kind"), stream("reporting.call")


def anybody(seed: int, end: str) -> State:
    """A city of all sorts of residents and levers, with parameters at this end of their ranges."""
    state, rng = calm_city(), np.random.default_rng(seed)
    world, people = state.world, state.world.people
    bounds = {name: getattr(row, end) for name, row in all_parameters().items()}
    set_parameters(world, **bounds)
    today = 20 * 365
    world.clock["day"] = today
    r, life, side = people.residents, people.lives, people.side
    n = r.size
    r["born"] = today - np.where(  # many within a day of a birthday
        rng.random(n) < 0.5, rng.integers(0, 125 * 365, n), 365 * rng.integers(0, 125, n) - 1
    ).clip(0)
    r["status"] = np.where(rng.random(n) < 0.5, 0, rng.integers(0, 5, n))
    r["trauma"], r["arms"] = rng.choice([0.0, 0.3, 1.0], (2, n))
    r["day"] = today - rng.choice([0, 100], n)
    r["flags"] = rng.choice([0, GUN, EARLY, GUN | EARLY], n)
    r["group"] = rng.integers(0, people.kinds.size, n)
    life["substance"] = rng.choice([0.0, 0.5, 1.0], n)
    life["work"], life["early"] = rng.integers(0, 2, n), rng.choice([0, 20, 255], n)
    enrolled = rng.permutation(n)[: side.size // 2]
    r["side"] = -1
    r["side"][enrolled] = np.arange(enrolled.size)
    side["resident"][: enrolled.size] = enrolled
    for lever, ends in (
        ("offending", [0.0, 0.7, 1.0, 5.0]),
        ("need", [0.0, 0.5, 1.0]),
        ("carrying", [0.0, 5.0]),
    ):
        side[lever][: enrolled.size] = rng.choice(ends, enrolled.size)
    worst = enrolled[: enrolled.size // 2]  # at whom bounds are reached: all is at its most but age
    for table, name, most in (
        (r, "status", 0), (r, "trauma", 1.0), (r, "day", today), (r, "flags", GUN), (life, "substance", 1.0),
        (life, "work", 0), (side, "offending", 5.0), (side, "need", 1.0), (side, "carrying", 5.0),
    ):  # fmt: skip
        table[name][r["side"][worst] if table is side else worst] = most
    r["born"][worst] = today - rng.integers(17 * 365, 26 * 365, worst.size)
    people.kinds["stop_ratio"] = rng.choice([0.1, 1.0, 5.0], people.kinds.size)
    beats = world.police.beats
    beats["initiated_ratio"] = rng.choice([0.0, 0.3, 1.0, 7.7], beats.size)
    world.police.department["peak_initiated"] = beats["initiated_ratio"].max()
    look_at_levers(state.handle)
    return state


def candidates(state: State, seed: int, ceiling: float) -> np.ndarray:
    """MANY candidates of any height below `ceiling`, put into the buffer of the state."""
    rng = np.random.default_rng(seed)
    buffer = state.world.flow.buffer
    buffer["who"][:MANY] = rng.integers(0, state.world.people.residents.size, MANY)
    buffer["height"][:MANY] = ceiling * rng.random(MANY) ** 3  # more of the low ones, which happen
    buffer["key"][:MANY] = rng.integers(1, 2**63, MANY)
    return buffer[:MANY].copy()


def lowered(state: State, below: np.ndarray, ceiling: float) -> np.ndarray:
    """The candidates of the buffer, every other one just low enough to happen by what `below` says."""
    height = state.world.flow.buffer["height"][:MANY]
    height[::2] = np.where(below[::2] > 0.0, below[::2] * (1.0 - 1e-9), height[::2])
    assert (height < ceiling).all()
    return state.world.flow.buffer[:MANY].copy()


def stretches(size: int) -> list[tuple[int, int]]:
    return [(first, min(first + size, MANY)) for first in range(0, MANY, size)]


@kernel
def offending(w, common, who, out):
    for k in range(who.size):
        out[k] = offending_now(w.people, who[k], common, w.clock[0].day, w.p[0])


@kernel
def by_age(years, out):
    for k in range(years.size):
        out[k] = age_factor(years[k])


def offending_by_hand(state: State, common: float, who: np.ndarray) -> np.ndarray:
    """Hazard of offending of these residents: once more, over arrays."""
    people, p, day = state.world.people, state.world.p[0], int(state.world.clock["day"][0])
    r, life = people.residents[who], people.lives[who]
    level = np.zeros(who.size)
    by_age((day - r["born"]) / 365.0, level)
    side = people.side[np.maximum(r["side"], 0)]
    has = r["side"] >= 0
    trauma = r["trauma"] * 0.5 ** ((day - r["day"]) / p.trauma_half_life)
    need = life["substance"] * np.where(has, side["need"], 1.0)
    level *= common * (1.0 + p.trauma_offending * trauma + p.substance_offending * need)
    level *= np.where(has, side["offending"], 1.0)
    school = p.early_self_control * np.minimum(1.0, life["early"] / p.early_weeks)
    level *= np.where(r["flags"] & EARLY != 0, 1.0 - school, 1.0)
    return np.where(r["status"] == 0, level * (1.0 - p.work_offending * life["work"]), 0.0)


def assert_all_kept_that_happen(before: np.ndarray, kept: np.ndarray, below: np.ndarray) -> None:
    """In their order; and of the others some fall, or there was nothing to show."""
    assert_order_kept(before, kept)
    happens = before["height"] < below
    assert happens.sum() > 100 and kept.size < MANY
    assert np.isin(before["key"][happens], kept["key"]).all()


def test_whom_no_bound_stops_may_offend_and_nobody_else(ends: State) -> None:
    state, p, common = ends, ends.world.p[0], 1e-4
    most = float(state.world.clock["most_offending"][0])
    assert most == 5.0
    ceiling = common * (1.0 + p.trauma_offending + p.substance_offending) * most
    for size in (1, 7, 128, MANY):
        who = candidates(state, size, ceiling)["who"].astype(np.int64)
        level = np.zeros(MANY)
        offending(state.handle, common, who, level)
        assert np.allclose(level, offending_by_hand(state, common, who), rtol=1e-6, atol=0.0)
        assert level.max() > 0.999 * ceiling
        before = lowered(state, level, ceiling)
        kept = sift(state, size, lambda *at: of_an_age(state.handle, *at, MANY, common, most))
        assert_all_kept_that_happen(before, kept, level)


@kernel
def stopped_below(w, base, keen, out):
    """The height below which each candidate is stopped today, in the block and as armed as it is."""
    people, place, day, p = w.people, w.place, w.clock[0].day, w.p[0]
    for k in range(out.size):
        i, key = w.flow.buffer[k].who, w.flow.buffer[k].key
        r = people.residents[i]
        age = (day - r.born) / 365.0
        out[k] = 0.0
        if not present(r) or age < 12.0:
            continue
        kind = people.kinds[r.group]
        u1, u2, _, _ = draws(w.clock[0].seed, key, day, _STOP)
        beat = place.blocks[r.home if u1 < 0.5 else r.activity].beat
        level = base * (0.2 + 0.8 * age_factor(age)) * kind.stop_ratio / kind.stop_base
        level *= w.police.beats[beat].initiated_ratio
        carries = u2 < carry_chance(people, place, i, day, p)
        out[k] = level * (1.0 + (keen if carries else 0.0))


@pytest.mark.parametrize("keen", [0.0, 400.0])
def test_whom_no_bound_stops_may_be_stopped_and_nobody_else(ends: State, keen: float) -> None:
    state, base = ends, 1e-3
    kinds, peak = (
        state.world.people.kinds,
        float(state.world.police.department["peak_initiated"][0]),
    )
    ceiling = base * peak * float((kinds["stop_ratio"] / kinds["stop_base"]).max()) * (1.0 + keen)
    for size in (1, 7, 128, MANY):
        candidates(state, size, ceiling)
        below = np.zeros(MANY)
        stopped_below(state.handle, base, keen, below)
        before = lowered(state, below, ceiling)
        kept = sift(state, size, lambda *at: worth_a_look(state.handle, *at, MANY, base, keen))
        assert_all_kept_that_happen(before, kept, below)


@kernel
def met(w, n, common, total, out):
    """Whom each candidate's offence would meet who is no friend; -1: nobody, or no offence, -2: a friend."""
    people, place, day, seed, p = w.people, w.place, w.clock[0].day, w.clock[0].seed, w.p[0]
    for k in range(n):
        cand = w.flow.buffer[k]
        a, key = cand.who, cand.key
        out[k] = -1
        if cand.height >= offending_now(people, a, common, day, p):
            continue
        u1, u2, u3, _ = draws(seed, key, day, _KIND)
        v1, v2, v3, _ = draws(seed, key, day, _WHERE)
        kind = kind_of(u1 * total, p)
        if kind in (K_DISORDER, K_SALE):
            _, u, _, _ = draws(seed, key, day, _CALL)
            out[k] = resident_of(people, place, in_street(w, kind, a, u2, u3, v1, v2, v3), u)
        else:
            out[k] = victim_of(people, place, a, kind, u2, u3)
            first, last = people.friend_start[a], people.friend_start[a + 1]
            for f in range(first, last):
                if people.friends[f] == out[k]:
                    out[k] = -2


def test_memory_is_asked_for_whom_offences_meet_and_only_marks_are_written(ends: State) -> None:
    state, p, common = ends, ends.world.p[0], 1e-4
    total = float(
        p.property_rate + p.disorder_rate + p.sales_rate + p.simple_rate + p.robbery_rate
        + p.domestic_rate + p.sexual_rate
    )  # fmt: skip
    before, world = candidates(state, 3, common), copy.deepcopy(state.world)
    for first, last in stretches(128):
        ask_ahead(state.handle, first, last, common, total)
    after = state.world.flow.buffer[:MANY]
    assert differing(world, state.world) == []
    for name in ("key", "height", "who"):
        assert after[name].tobytes() == before[name].tobytes()
    who = np.zeros(MANY, dtype=np.int64)
    met(state.handle, MANY, common, total, who)
    asked = np.where(after["mark"] >= 0, state.world.people.members[after["mark"]], -1)
    assert (who >= 0).sum() > 200 and (who == -1).sum() > 200
    assert np.array_equal(asked[who != -2], who[who != -2])


@pytest.fixture(params=["low", "default", "high"])
def ends(request: pytest.FixtureRequest) -> State:
    return anybody(11, request.param)


def sift(state: State, size: int, take) -> np.ndarray:  # type: ignore[no-untyped-def]
    """What `take` leaves at the front of each stretch, one after another."""
    buffer = state.world.flow.buffer
    parts = [buffer[first : take(first, last)].copy() for first, last in stretches(size)]
    return np.concatenate(parts)


def assert_order_kept(before: np.ndarray, kept: np.ndarray) -> None:
    """Those kept are some of those before, unaltered and in their order."""
    at = np.flatnonzero(np.isin(before["key"], kept["key"]))
    for name in ("key", "height", "who"):
        assert before[name][at].tobytes() == kept[name].tobytes()
