"""Levers: what they are, and that moves combine in any order and leave no trace."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from sim.levers import LEVERS, PRODUCT, SUM, Board
from sim.measures import PERSON_MEASURES, PLACE_MEASURES
from sim.policies.check import baseline, begin, levers_of

OUTCOMES = re.compile(
    r"homicide|murder|shooting|shot|death|lethal|crime|clearance|cleared|victimis|legitimacy"
    r"|cynicism|complaints\b|dispute_rate|rivalry_rate|hit_share|custody|_rate\b.*offence"
)


def test_no_lever_is_an_outcome() -> None:
    for name, lever in LEVERS.items():
        assert not OUTCOMES.search(lever.column), f"{name} is an outcome"
        # delay at the reference load is what the department is built for, not what results
        if name != "parameter.response_minutes":
            assert lever.column not in PLACE_MEASURES + PERSON_MEASURES, f"{name} is counted"


def test_neutral_moves_change_nothing_and_bounds_hold() -> None:
    for lever in LEVERS.values():
        middle = 0.5 * (lever.low + lever.high)
        assert lever.combine(middle, [lever.neutral]) == middle
        assert lever.at_dose(np.float64(middle), 0.0) == lever.neutral
        assert lever.combine(middle, [1e9]) <= lever.high
        assert lever.meaning and lever.unit
        assert lever.combiner in (PRODUCT, SUM)


def test_a_dose_scales_the_distance_from_no_change() -> None:
    assert float(LEVERS["resident.violence"].at_dose(0.6, 0.5)) == pytest.approx(0.8)
    assert float(LEVERS["resident.violence"].at_dose(0.4, 2.0)) == 0.0
    assert float(LEVERS["parameter.stop_rate"].at_dose(3.0, 0.5)) == pytest.approx(2.0)
    assert float(LEVERS["resident.mediation"].at_dose(0.3, 0.5)) == pytest.approx(0.15)


MOVES = {
    "officer.force_factor": (np.array([0, 1]), np.array([0.5, 0.7])),
    "beat.priority": (None, np.float64(1.3)),
    "parameter.vice_share": (None, 0.05),
    "resident.violence": (np.array([5, 9]), np.array([0.5, 0.6])),
    "resident.trauma_recovery": (np.array([5, 9]), np.array([0.5, 0.5])),
}


def test_the_order_of_proposals_does_not_matter_and_withdrawal_is_exact() -> None:
    seen = []
    for order in itertools.permutations(["alpha", "beta", "gamma"]):
        state = begin(baseline())
        before = levers_of(state)
        for who in order:
            for lever, (rows, values) in MOVES.items():
                state.board.propose(lever, who, rows, values)
        state.board.resolve(state)
        seen.append(levers_of(state))
        assert seen[-1] != before
        for who in order:
            state.board.withdraw(who)
        state.board.resolve(state)
        assert levers_of(state) == before
    assert all(one == seen[0] for one in seen)


def test_combined_values_are_those_of_the_declared_rule() -> None:
    state = begin(baseline())
    base = float(state.world.p["vice_share"][0])
    for who, share, factor in (("a", 0.05, 0.5), ("b", -0.02, 0.5)):
        state.board.propose("parameter.vice_share", who, None, share)
        state.board.propose(
            "resident.violence", who, np.array([7]), np.array([factor], dtype=np.float64)
        )
    state.board.resolve(state)
    assert float(state.world.p["vice_share"][0]) == pytest.approx(base + 0.03)
    side = state.world.people.residents["side"][7]
    assert float(state.world.people.side["violence"][side]) == 0.25
    assert int(state.world.people.side["resident"][side]) == 7


def test_more_people_than_the_side_table_has_room_for() -> None:
    state = begin(baseline())
    rows = np.arange(0, 900, 2)
    assert rows.size > state.world.people.side.size
    state.board.propose("resident.need", "many", rows, np.full(rows.size, 0.5))
    state.board.resolve(state)
    people = state.world.people
    assert (people.side["need"][people.residents["side"][rows]] == 0.5).all()
    assert (people.side["resident"][people.residents["side"][rows]] == rows).all()


def test_healing_is_faster_from_the_day_it_starts_and_not_before() -> None:
    state = begin(baseline())
    r = state.world.people.residents
    half_life = float(state.world.p["trauma_half_life"][0])
    r["trauma"][11], r["day"][11] = 0.8, state.day - 70
    state.board.propose("resident.trauma_recovery", "care", np.array([11]), np.array([0.5]))
    state.board.resolve(state)
    assert float(r["trauma"][11]) == pytest.approx(0.8 * 2 ** (-70 / half_life), rel=1e-5)
    state.world.clock["day"] += 7
    state.board.withdraw("care")  # what has passed by then healed at the faster pace
    state.board.resolve(state)
    healed = 0.8 * 2 ** (-70 / half_life) * 2 ** (-7 / (0.5 * half_life))
    assert float(r["trauma"][11]) == pytest.approx(healed, rel=1e-5)


def test_stress_fades_faster_from_the_day_counselling_starts() -> None:
    state = begin(baseline())
    o = state.world.police.officers
    half_life = float(state.world.p["stress_half_life"][0])
    o["stress"][0], o["day"][0] = 0.6, state.day - 50
    state.board.propose("officer.stress_recovery", "care", np.array([0]), np.array([0.5]))
    state.board.resolve(state)
    assert float(o["stress"][0]) == pytest.approx(0.6 * 2 ** (-50 / half_life), rel=1e-5)
    assert float(o["stress_recovery"][0]) == 0.5


def test_what_makes_no_sense_is_refused() -> None:
    board = Board()
    with pytest.raises(KeyError, match="no lever"):
        board.propose("resident.homicides", "x", None, 1.0)
    with pytest.raises(ValueError, match="no number"):
        board.propose("beat.priority", "x", None, float("nan"))
    state = begin(baseline())
    state.board.propose("resident.violence", "x", None, 0.5)
    with pytest.raises(ValueError, match="name the residents"):
        state.board.resolve(state)
