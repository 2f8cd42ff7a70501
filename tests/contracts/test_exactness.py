"""The same city twice: what must not matter, and does not, to the last bit."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from sim import engine, metrics, policies
from sim import world as worlds
from sim.engine import State, advance
from sim.errors import RunFailed
from sim.frames import event_frame
from sim.means import STATE_COUNT, STATES, fades_of, scratch_size, state_means, sum_states
from sim.random import words
from sim.recording import Recorder
from sim.run import Burnt, burn_in, run, start
from sim.scenario import PolicyEntry
from tests.contracts.lively import (
    born,
    checkpoint,
    differing,
    live,
    lively,
    unequal,
    weeks,
    whole_days,
)

ROOT = Path(__file__).resolve().parents[2]
SEED = 1


@pytest.fixture(scope="module")
def burnt() -> Burnt:
    return burn_in(lively(), SEED)


def test_the_city_of_these_tests_is_violent_enough_to_prove_anything(burnt: Burnt) -> None:
    result = run(lively(), SEED, burnt=burnt)
    seen = result.events["kind"].value_counts()
    for kind in ("shooting", "gunfire", "death", "force", "gun", "arrest_shooting", "incident"):
        assert seen.get(kind, 0) > 0, f"no {kind} in a year: raise RATES in lively.py"
    for part in ("background", "rivalry", "inertia", "retaliation", "contagion"):
        assert (result.events["part"] == part).any(), f"nothing of part {part}: raise RATES"


# --- policies that do nothing, or nothing yet -------------------------------------------------


@pytest.mark.parametrize("name", policies.registry())
def test_a_policy_of_dose_zero_changes_no_byte(name: str, burnt: Burnt) -> None:
    half = lively(years=weeks(26))
    base = run(half, SEED, burnt=burnt)
    idle = half.with_changes(policies=(PolicyEntry(name, {"dose": 0.0}),))
    other = run(idle, SEED, burnt=burnt)
    assert other.event_log_hash == base.event_log_hash
    assert differing(base.state.world, other.state.world) == []
    for table in ("weekly", "recorded", "areas", "groups", "events"):
        assert getattr(base, table).equals(getattr(other, table)), table


@pytest.mark.parametrize("name", policies.registry())
def test_arms_are_byte_equal_until_a_policy_starts(name: str, burnt: Burnt) -> None:
    scenario, first = lively(years=weeks(26)), 13 * 7
    later = scenario.with_changes(policies=(PolicyEntry(name, {"start": first}),))
    base, arm = (run(s, SEED, burnt=burnt) for s in (scenario, later))
    for table in ("weekly", "recorded", "areas", "groups"):
        one, other = getattr(base, table), getattr(arm, table)
        assert one[one["week"] < 13].equals(other[other["week"] < 13]), table
    one, other = base.events, arm.events
    before = [t[t["day"] < first].drop(columns="cleared_day") for t in (one, other)]
    assert len(before[0]) > 0 and before[0].equals(before[1])
    worlds_then = [_world_on(s, burnt, first) for s in (scenario, later)]
    assert differing(*worlds_then) == []


def _world_on(scenario: object, burnt: Burnt, day: int) -> worlds.World:
    state, _, _ = start(scenario, SEED, burnt)
    advance(state, day)
    return state.world


def test_two_policies_together_do_not_depend_on_their_order(burnt: Burnt) -> None:
    pair = (PolicyEntry("gang_fellowship"), PolicyEntry("procedural_justice_training"))
    one, other = (
        run(lively(years=weeks(26), policies=p), SEED, burnt=burnt) for p in (pair, pair[::-1])
    )
    assert one.event_log_hash == other.event_log_hash
    assert differing(one.state.world, other.state.world) == []


# --- how time is cut, what is looked at, where it runs ----------------------------------------


def test_by_day_by_week_and_in_one_go_are_the_same(burnt: Burnt) -> None:
    whole, weekly, daily = (start(lively(), SEED, burnt)[0] for _ in range(3))
    advance(whole, 364)
    for _ in range(52):
        advance(weekly, 7)
    for _ in range(364):
        advance(daily, 1)
    assert differing(whole.world, weekly.world) == []
    assert differing(whole.world, daily.world) == []


def test_weeks_noted_in_compiled_code_are_those_told_one_by_one(
    burnt: Burnt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many weeks in one call, and a call a week because somebody else wants to be told."""
    lengths: list[int] = []
    live = engine.run_days

    def counted(handle: object, days: int, *pages: object) -> int:
        lengths.append(days)
        return live(handle, days, *pages)

    monkeypatch.setattr(engine, "run_days", counted)
    monkeypatch.setattr(engine, "MOST_WEEKS", 26)
    books = []
    for others in ([], [lambda state: None]):
        lengths.clear()
        state, _, _ = start(lively(), SEED, burnt)
        books.append((state, Recorder(first_day=state.day)))
        state.recorders += [books[-1][1], *others]
        advance(state, 367)
        assert max(lengths) == (7 if others else 7 * engine.MOST_WEEKS)
    (one_state, one), (other_state, other) = books
    assert differing(one_state.world, other_state.world) == []
    assert one.weeks == other.weeks == list(range(52))
    assert one.days == other.days and one.extras == other.extras
    for name in ("area_counts", "people_counts", "by_people", "by_area"):
        a, b = (np.asarray(getattr(book, name)) for book in (one, other))
        assert a.shape == b.shape and a.tobytes() == b.tobytes(), name
    assert unequal(one.all_events(), other.all_events()) == []


def test_means_of_a_sample_are_close_to_those_of_everybody(
    burnt: Burnt,
) -> None:
    """In cities above EXACT_UP_TO: counts in full, beliefs and the like of every k-th resident."""
    state, _, _ = start(lively(), SEED, burnt)
    w = state.world
    sums = []
    for every in (1, 4):
        scratch = np.zeros(scratch_size(w))
        people = np.zeros((w.log.people_counts.shape[0], STATE_COUNT))
        areas = np.zeros((w.place.areas.size, STATE_COUNT))
        sum_states(state.handle, every, fades_of(state), scratch, people.ravel(), areas.ravel())
        sums.append((people.sum(axis=0), areas.sum(axis=0)))
    (people, areas), (some, some_areas) = sums
    for name in ("population", "adults", "in_jail"):
        k = STATES.index(name)
        assert people[k] == some[k], name
    population = people[0]
    for name in STATES[1:7]:
        k = STATES.index(name)
        assert some[k] / population == pytest.approx(people[k] / population, abs=0.03), name
        assert some[k] != people[k]
    assert some_areas[1] / population == pytest.approx(areas[1] / population, abs=0.03)


def test_a_run_starts_from_a_copy_and_leaves_the_burnt_in_city_alone(burnt: Burnt) -> None:
    before = copy.deepcopy(burnt.world)  # shares nothing, not even what runs share
    one = run(lively(), SEED, burnt=burnt)
    assert differing(before, burnt.world) == []
    assert run(lively(), SEED).event_log_hash == one.event_log_hash  # burnt in by itself
    with pytest.raises(ValueError, match="read-only"):
        one.state.world.people.friends[:] = 0


def test_a_copy_takes_the_memory_of_the_last_one_only_when_nothing_of_that_is_left(
    burnt: Burnt,
) -> None:
    one = worlds.copy(burnt.world)
    residents, held = one.people.residents, one.people.residents.view(np.ndarray).copy()
    del one  # but for its residents
    two = worlds.copy(burnt.world)
    two.people.residents["day"] += 1
    assert unequal(residents.view(np.ndarray), held) == []
    at = two.people.residents.ctypes.data
    assert at != residents.ctypes.data
    del two
    three = worlds.copy(burnt.world)
    assert three.people.residents.ctypes.data == at
    assert differing(burnt.world, three) == []


@pytest.mark.parametrize("fellowship", [False, True], ids=["alone", "under a policy"])
def test_a_checkpoint_resumes_where_it_was(burnt: Burnt, fellowship: bool) -> None:
    entries = (PolicyEntry("gang_fellowship", {"ramp_weeks": 0.0}),) if fellowship else ()
    whole, _, _ = start(lively(policies=entries), SEED, burnt)
    part, _, _ = start(lively(policies=entries), SEED, burnt)
    live(whole, 203)
    live(part, 203)
    again = checkpoint(part)
    (_, one), (_, other) = live(whole, 161), live(again, 161)
    assert unequal(one, other) == []
    assert differing(whole.world, again.world) == []


def test_recording_means_does_not_disturb(burnt: Burnt) -> None:
    full = run(lively(), SEED, burnt=burnt)
    bare = run(lively(), SEED, burnt=burnt, means=False)
    assert full.event_log_hash == bare.event_log_hash
    assert differing(full.state.world, bare.state.world) == []
    assert full.weekly["persons_shot"].equals(bare.weekly["persons_shot"])
    last = ("legitimacy", "fear", "trauma", "carrying_share", "in_jail")
    assert all(full.weekly[n].iloc[-1] == bare.weekly[n].iloc[-1] for n in last)


def test_metrics_and_recorders_do_not_disturb(burnt: Burnt) -> None:
    base = run(lively(), SEED, burnt=burnt)

    def looking_on(state: State) -> None:
        state.recorders.append(lambda s: state_means(s) and None)

    watched = run(lively(), SEED, burnt=burnt, setup=looking_on)
    before = copy.deepcopy(watched.state.world)
    for metric in metrics.registry().values():
        metric().measure(watched)
    assert watched.event_log_hash == base.event_log_hash
    assert differing(before, watched.state.world) == []
    assert differing(base.state.world, watched.state.world) == []


def test_one_worker_and_two_give_the_same_runs(tmp_path: Path) -> None:
    from experiments.comparing import compare
    from experiments.kept import load
    from sim.run import warm

    warm()
    arms = [
        lively(name="now", years=weeks(26), burn_in_years=weeks(26)),
        lively(
            name="fellows",
            years=weeks(26),
            burn_in_years=weeks(26),
            policies=(PolicyEntry("gang_fellowship", {"ramp_weeks": 0.0}),),
        ),
    ]
    hashes = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        compare(arms, replicates=2, seed=3, workers=workers, out=out)
        kept = {p.name: load(p).meta["event_log_hash"] for p in (out / "runs").glob("*.zip")}
        assert len(kept) == 4
        hashes.append(kept)
    assert hashes[0] == hashes[1]
    here = run(arms[0], 3).event_log_hash
    assert here in hashes[0].values()


# --- who is who -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_the_numbering_of_residents_does_not_matter(seed: int) -> None:
    scenario = lively(years=1.0, burn_in_years=0.0)
    straight = born(scenario, seed)
    count = straight.world.people.residents.size
    order = np.argsort([words(np.uint64(seed), np.uint64(r), 0, 1)[0] for r in range(count)])
    mixed = born(scenario, seed, order)
    (one_counts, one), (other_counts, other) = live(straight, 728), live(mixed, 728)
    assert len(one) == len(other) and (one["kind"] == 0).sum() > 10
    assert set(unequal(one, other)) <= {"actor", "target"}
    for name in ("target", "actor"):
        officers = np.isin(one["kind"], (5, 10)) if name == "actor" else np.zeros(len(one), bool)
        back = np.where((other[name] >= 0) & ~officers, order[other[name]], other[name])
        assert np.array_equal(back, one[name]), name
    for a, b in zip(one_counts.area_counts, other_counts.area_counts, strict=True):
        assert np.array_equal(a, b)
    for table in ("residents", "lives"):
        a = getattr(straight.world.people, table)[order]
        b = getattr(mixed.world.people, table)
        for column in a.dtype.names or ():
            assert a[column].tobytes() == b[column].tobytes(), f"{table}.{column}"


# --- one thing changed ------------------------------------------------------------------------


@pytest.mark.parametrize("parameter", ["dispute_rate", "retaliation", "rivalry_rate", "contagion"])
def test_raising_one_hazard_takes_nothing_away_until_it_has_changed_something(
    parameter: str, burnt: Burnt
) -> None:
    base, _, _ = start(lively(), SEED, burnt)
    raised, _, _ = start(lively(), SEED, burnt)
    base.world.p[parameter] *= 0.5
    if parameter == "rivalry_rate":  # rare: a little more of it may change nothing in a year
        raised.world.p[parameter] *= 4.0
    for _ in range(364):
        (_, one), (_, other) = live(base, 1), live(raised, 1)
        lost = one[~np.isin(one["key"], other["key"])]
        if lost.size:  # only where something more has happened to one of its people this very day
            a, b = (w.world.people.residents for w in (base, raised))
            touched = np.flatnonzero(a != b)
            # or in its area, where people fear more and call less
            places = np.flatnonzero(base.world.place.areas != raised.world.place.areas)
            there = np.isin(base.world.place.blocks["area"][lost["block"]], places).all()
            near = np.isin(lost["actor"], touched).all() or np.isin(lost["target"], touched).all()
            assert near or there
        if [n for n in differing(base.world, raised.world) if not n.startswith("p.")]:
            return
    pytest.fail(f"{parameter} changed nothing in a year: the test has no force")


def test_an_event_undone_is_gone_and_nothing_before_it_moves(burnt: Burnt) -> None:
    base = run(lively(), SEED, burnt=burnt)
    shots = base.events[base.events["kind"] == "shooting"]
    shots = shots[shots["id"] == shots["incident"]]  # of several victims, the first names the act
    gone = shots.iloc[len(shots) // 2]
    undone = run(lively(), SEED, burnt=burnt, suppressed=[int(gone["id"])])
    assert int(gone["id"]) not in set(undone.events["id"])
    assert not (undone.events["cause"] == gone["id"]).any()
    assert not (undone.events["incident"] == gone["id"]).any()
    before = [
        e[e["day"] < gone["day"]].drop(columns="cleared_day") for e in (base.events, undone.events)
    ]
    assert before[0].equals(before[1])


def test_a_longer_run_may_start_from_a_shorter_ones_burn_in() -> None:
    """The calendar of a burnt-in city reaches as far as any run that may start from it."""
    short, long = lively(years=1.0), lively(years=30.0)
    burnt = burn_in(short, SEED)
    assert burnt.identity == long.burn_in_hash(SEED)
    assert burnt.world.flow.heads.size >= whole_days(long)
    assert differing(burnt.world, burn_in(long, SEED).world) == []


def test_time_past_the_end_of_the_calendar_is_refused(burnt: Burnt) -> None:
    state, _, _ = start(lively(), SEED, burnt)
    with pytest.raises(RunFailed, match="the last this city's calendar holds"):
        advance(state, state.world.flow.heads.size)


def test_settings_that_are_not_part_of_a_run_leave_its_hash_alone() -> None:
    scenario = lively()
    named = dataclasses.replace(scenario, name="another", headlines=("homicides",))
    assert named.hash(1) == scenario.hash(1)
    assert scenario.hash(2) != scenario.hash(1)


def test_events_as_a_table_say_what_the_log_says(burnt: Burnt) -> None:
    result = run(lively(), SEED, burnt=burnt)
    rows = result.recorder.all_events()
    table = event_frame(rows, result, result.recorder.first_day)
    assert table["id"].tolist() == rows["key"].tolist()
    assert table["cause"].tolist() == rows["cause"].tolist()
    assert (table["day"] >= 0).all() and (table["day"] < result.days).all()
    assert table["id"].is_unique
