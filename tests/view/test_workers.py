"""The pool of workers: recordings by a process of their own, queues, stops, edits of one case."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.view.conftest import recorded
from viz.view.jobs import Job, Pool, RoomFull
from viz.view.limits import Limits
from viz.view.recording import Recording
from viz.view.spec import PairSpec
from viz.view.store import Store


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(Limits(jobs=1, waiting=2))
    yield made
    made.close()


def wait(job: Job, seconds: float = 240.0) -> None:
    assert job.over.wait(seconds), "the worker did not end"


@pytest.mark.long
def test_a_worker_records_shares_stops_and_queues(pool: Pool, pair: Recording) -> None:
    store = Store(pool.limits, pool)
    held = store.open(pair.spec, "one")
    assert store.open(pair.spec, "two").recording is held.recording, "two watch one run"
    wait(held.job)
    got = held.recording
    assert got.ended == "" and got.weeks == pair.weeks
    for arm in "ab":
        about = got.tables[arm]["about"]
        assert about["event_log_hash"] == pair.tables[arm]["about"]["event_log_hash"]
    assert got.chunks(0, 99) == pair.chunks(0, 99), "the same pair, other bytes"

    long = store.open(PairSpec("district", 5, 3640), "one")
    until = time.monotonic() + 120
    while long.recording.weeks < 2 and time.monotonic() < until:
        time.sleep(0.05)
    queued = [pool.submit(Job("nothing", {}, lambda what, data: None)) for _ in range(2)]
    assert pool.place(queued[1])[0] == 2
    with pytest.raises(RoomFull):
        pool.submit(Job("nothing", {}, lambda what, data: None))
    began = time.monotonic()
    store.stop(long.recording.identity)
    assert time.monotonic() - began < 0.2
    wait(long.job, 10.0)
    assert long.recording.ended == "stopped" and 2 <= long.recording.weeks < 520
    for job in queued:
        wait(job, 60.0)
    store.leave(pair.spec.identity(), "one")
    store.leave(pair.spec.identity(), "two")
    assert store.counts()["watchers"] == 1


@pytest.mark.long
def test_a_run_that_nobody_watches_stops(pool: Pool) -> None:
    store = Store(pool.limits, pool)
    held = store.open(PairSpec("district", 6, 3640), "only")
    store.leave(held.recording.identity, "only")
    wait(held.job, 60.0)
    assert store.counts()["recordings"] == 0


def test_solved_and_undone_change_that_case_first(violent: str) -> None:
    base = PairSpec(violent, 1, 182)
    events = recorded(base).tables["a"]["events"]
    shot = events[(events["kind"] == "shooting") & events["day"].between(0, 119)]
    open_, closed = shot[shot["cleared_day"] < 0], shot[shot["cleared_day"] >= 0]
    assert len(open_) >= 3 and len(closed) >= 1, "the violent city is not violent"
    key, day = int(open_["id"].iloc[0]), int(open_["day"].iloc[0])

    solved = recorded(PairSpec(violent, 1, 182, edits=(("solve", key),)))
    assert solved.parted is not None and solved.parted["day"] >= day
    after = solved.tables["b"]["events"].set_index("id")["cleared_day"]
    assert int(after[key]) == day + 1
    before = solved.tables["a"]["events"].set_index("id")["cleared_day"]
    assert int(before[key]) < 0, "the other arm is left alone"

    undone = recorded(PairSpec(violent, 1, 182, edits=(("undo", key),)))
    assert key not in set(undone.tables["b"]["events"]["id"])
    assert key in set(undone.tables["a"]["events"]["id"])
    assert undone.parted is not None and undone.parted["day"] >= day

    case = int(closed["id"].iloc[0])
    kept = recorded(PairSpec(violent, 1, 182, edits=(("unsolve", case),)))
    was, now = (
        kept.tables[arm]["events"].set_index("id")["cleared_day"][case] for arm in ("a", "b")
    )
    assert was >= 0 and now < 0, "a case that may never be solved was solved"
    assert kept.parted is not None and kept.parted["day"] >= int(closed["cleared_day"].iloc[0]) - 1
