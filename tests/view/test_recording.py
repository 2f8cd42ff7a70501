"""Recordings: what the view plays is what `peel run` runs; both arms are one until they part."""

from __future__ import annotations

import numpy as np
import pytest

from sim.run import run
from viz.view import chunks
from viz.view.recording import Recording
from viz.view.spec import Choice, PairSpec, SpecError


def test_a_recording_is_the_run_of_the_same_scenario_and_seed(pair: Recording) -> None:
    for scenario, arm in zip(pair.spec.scenarios(), "ab", strict=True):
        result = run(scenario, pair.spec.seed)
        table = pair.tables[arm]
        assert table["about"]["event_log_hash"] == result.event_log_hash
        shot = pair.series(arm)[:, 0]
        assert shot.tolist() == result.weekly["persons_shot"].tolist()


def test_both_arms_are_one_until_the_first_life_differs(pair: Recording) -> None:
    weeks = pair.weeks
    assert weeks == 26 and pair.ended == ""
    parted = pair.parted
    first = weeks if parted is None else parted["day"] // 7
    assert first >= 4, "nothing may differ before the policy starts"
    for week, (a, b) in enumerate(pair.chunks(0, weeks)):
        if week < first:
            assert a is b
    assert np.array_equal(pair.series("a")[:first, :16], pair.series("b")[:first, :16])


def test_a_week_unpacks_to_what_was_packed() -> None:
    rng = np.random.default_rng(1)
    trust = rng.integers(0, 256, (7, 30), dtype=np.uint8)
    parts = [rng.integers(0, 256, n, dtype=np.uint8) for n in (30, 4, 3)]
    marks = rng.integers(0, 2**25, 11, dtype=np.uint32)
    turf = rng.integers(-1, 5, 30).astype(np.int16)
    got = chunks.unpack(chunks.pack(trust, *parts, marks, turf))
    for name, sent in zip(
        ("trust", "calls", "unsolved", "patrol", "marks", "turf"),
        (trust, *parts, marks, turf),
        strict=True,
    ):
        assert np.array_equal(got[name], sent), name


def test_levels_on_the_map_average_to_the_citys_mean(pair: Recording) -> None:
    assert pair.shape is not None
    people = np.frombuffer(pair.shape["people"], "<u2").astype(float)
    last = chunks.unpack(pair.chunks(pair.weeks - 1, 1)[0][0])["trust"][-1] / 255.0
    mean = float((last * people).sum() / people.sum())
    assert mean == pytest.approx(float(pair.tables["a"]["weekly"]["legitimacy"].iloc[-1]), abs=0.02)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seed": "x"}, "seed"), ({"seed": -1}, "seed"), ({"days": 3}, "days"),
        ({"b": [{"name": "no_such"}]}, "b"),
        ({"b": [{"name": "solve_shootings", "settings": {"detectives": 99}}]}, "b"),
        ({"b": [{"name": "solve_shootings", "settings": {"colour": 1}}]}, "b"),
        ({"a": [{"name": "solve_shootings", "start": 5, "end": 5}]}, "a"),
        ({"edits": [["burn", "0x1"]]}, "edits"), ({"edits": ["x"]}, "edits"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_link_names_its_field(changes: dict, field: str) -> None:
    good = {"preset": "synthetic:400", "seed": 1, "days": 28}
    PairSpec.from_json(good)
    with pytest.raises(SpecError) as caught:
        PairSpec.from_json({**good, **changes})
    assert caught.value.field == field


def test_a_pair_survives_its_own_json() -> None:
    spec = PairSpec(
        "district", 7, 364, (), (Choice("solve_shootings", 28, 90, (("dose", 0.5),)),),
        (("solve", 2**63 + 5),),
    )  # fmt: skip
    assert PairSpec.from_json(spec.as_json()) == spec
