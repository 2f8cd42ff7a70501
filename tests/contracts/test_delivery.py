"""Delivery, each part against a sum that can be done by hand."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from sim import policies
from sim.engine import State
from sim.policies.check import baseline, begin, go, result
from sim.policies.programme import Programme
from sim.results import RunResult
from sim.scenario import PolicyEntry

WEEKS = 16


@dataclasses.dataclass(frozen=True)
class Hundred(Programme):
    """Offered to the same hundred people, the higher the row the more urgent."""

    name: ClassVar[str] = "hundred_people"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {"resident.need": (0.5, 0.0, 1.0)}
    moves: ClassVar[dict[str, str]] = {"resident.need": "need"}

    need: float = 0.5
    places_per_100k: float = 1000.0  # 30 places among 3,000
    uptake: float = 1.0
    dropout_per_year: float = 0.0
    targeting_noise: float = 0.0
    ramp_weeks: float = 0.0
    months: float = 120.0

    def candidates(self, desk: Any) -> Any:
        rows = desk.memory.setdefault("hundred", desk.of_age(20, 60)[:100])
        return rows, rows.astype(np.float64)

    def places(self, desk: Any) -> int:
        return int(self.places_per_100k * 0.03 * desk.ramp(self.ramp_weeks) + 1e-9)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    policies.register(Hundred)
    yield
    policies._REGISTERED.pop(Hundred.name)


def weekly(weeks: int = WEEKS, **settings: Any) -> list[dict[str, Any]]:
    """What it delivered in each of the first weeks."""
    _, desk = after(weeks, **settings)
    return [row for row, _ in desk.weeks]


def after(weeks: int, **settings: Any) -> tuple[State, Any]:
    scenario = baseline().with_changes(policies=(PolicyEntry("hundred_people", settings),))
    state = begin(scenario)
    go(state, weeks)
    (desk,) = state.deliveries
    return state, desk


def lever_of(state: State, row: int, name: str = "need") -> float:
    side = int(state.world.people.residents["side"][row])
    return float(state.world.people.side[name][side])


def test_the_waiting_list_is_arrivals_less_places() -> None:
    (first, *_) = weekly(1)
    assert first["reach"] == first["joined"] == 30 and first["waiting"] == 100 - 30
    assert weekly(1, places_per_100k=5000.0)[0]["waiting"] == 0
    assert weekly(1, places_per_100k=0.0)[0]["waiting"] == 100


def test_places_ramp_up() -> None:
    reach = [row["reach"] for row in weekly(12, ramp_weeks=10.0)]
    assert reach == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 30, 30]


def test_uptake_is_the_share_of_those_asked_who_join() -> None:
    joined = [weekly(1, uptake=u, places_per_100k=3400.0)[0]["joined"] for u in (0.0, 0.3, 0.7, 1)]
    assert joined[0] == 0 and joined[3] == 100
    assert abs(joined[1] - 30) <= 3 * np.sqrt(100 * 0.3 * 0.7)
    assert abs(joined[2] - 70) <= 3 * np.sqrt(100 * 0.3 * 0.7)
    assert joined == sorted(joined)  # whoever joins at a lower uptake joins at a higher one


def test_dropping_out_at_a_hazard_and_leaving_when_the_time_is_over() -> None:
    rows = weekly(WEEKS, dropout_per_year=2.6, places_per_100k=3400.0, again_days=3650.0)
    left = sum(row["dropouts"] for row in rows)
    expected = 100 * (1.0 - (1.0 - 2.6 / 52) ** (WEEKS - 1))
    assert abs(left - expected) <= 3 * np.sqrt(100 * 0.54 * 0.46)
    assert 100 - left - 3 <= rows[-1]["reach"] <= 100 - left  # one or two may die or move
    stay = weekly(WEEKS, months=1.0, again_days=3650.0)
    # 30.4 days: the fifth weekly visit is the first on which it is over; another 30 then come
    assert [row["reach"] for row in stay[:5]] == [30] * 5
    assert [row["joined"] for row in stay[:6]] == [30, 0, 0, 0, 0, 30]
    assert [stay[k]["ever_reached"] for k in (4, 9, 14, 15)] == [30, 60, 90, 100]
    assert sum(row["dropouts"] for row in stay) == 0


def test_targeting_errs_by_as_much_as_it_is_said_to() -> None:
    def found(error: float) -> float:
        state, desk = after(1, targeting_noise=error)
        desk.state = state  # as in a week
        top = set(desk.policy.candidates(desk)[0][-30:].tolist())
        return len(top & set(desk.enrolled)) / 30

    assert found(0.0) == 1.0
    assert 0.3 <= found(5.0) <= 1.0
    # the error is `targeting_noise` times the city's own: with that 0, staff know it all
    scenario = baseline().with_changes(
        policies=(PolicyEntry("hundred_people", {"targeting_noise": 5.0}),),
    )
    state = begin(scenario)
    state.world.p["targeting_error"] = 0.0
    go(state, 1)
    (desk,) = state.deliveries
    desk.state = state
    assert set(desk.enrolled) == set(desk.policy.candidates(desk)[0][-30:].tolist())


def test_a_caseload_says_how_many_workers_and_workers_how_many_places() -> None:
    assert weekly(1, caseload=8.0)[0]["staff"] == np.ceil(30 / 8)
    (row,) = weekly(1, caseload=8.0, staff_per_100k=70.0)  # two workers
    assert row["reach"] == 16 and row["staff"] == 2


def test_officers_hours_come_off_the_beat() -> None:
    state, desk = after(2, officer_hours=0.5)
    officers = state.world.police.officers
    taken = float(officers["hours_taken"].astype(np.float64).sum())
    assert desk.hours == pytest.approx(15.0) and taken == pytest.approx(15.0, rel=1e-5)
    spared, _ = after(2)
    assert float(spared.world.police.officers["hours_taken"].sum()) == 0.0
    state.world.p["programme_hours"] = 5.0 / (40.0 * officers.size)  # not as many as it needs
    go(state, 1)
    assert 0.0 < desk.hours <= 5.0 and len(desk.enrolled) == 2 * desk.hours  # the last to join go


def test_a_programme_that_starts_later_shares_the_money_too() -> None:
    first = PolicyEntry("hundred_people", {"cost_per_year": 5200.0, "places_per_100k": 3000.0})
    second = PolicyEntry("gang_fellowship", {"start": 28, "places_per_100k": 1000.0,
                                             "ramp_weeks": 0.0})  # fmt: skip
    state = begin(baseline().with_changes(policies=(first, second)))
    state.world.p["programme_budget"] = 200.0
    per_week = 200.0 * 3000 / 52
    for week in range(10):
        go(state, 1)
        assert sum(desk.cost for desk in state.deliveries) <= 1.01 * per_week
        enrolled = {desk.id: len(desk.enrolled) for desk in state.deliveries}
        if week == 3:
            assert enrolled["hundred_people"] == 90
    assert 0 < enrolled["hundred_people"] < 90 and enrolled["gang_fellowship"] > 0


def test_cost_is_by_place_and_adds_up() -> None:
    rows = weekly(10, cost_per_year=5200.0)
    assert [row["cost"] for row in rows] == pytest.approx([row["reach"] * 100.0 for row in rows])
    assert rows[-1]["cost_so_far"] == pytest.approx(sum(row["cost"] for row in rows))


def test_dose_scales_the_move_and_is_told() -> None:
    state, desk = after(1, dose=0.5)
    assert lever_of(state, next(iter(desk.enrolled))) == pytest.approx(0.75)
    assert desk.weeks[0][0]["dose"] == 0.5


def test_by_default_nothing_lasts_after_leaving() -> None:
    state, desk = after(7, months=1.0, again_days=3650.0)
    gone = [row for row in desk.ever if row not in desk.enrolled]
    assert len(gone) == 30 and all(lever_of(state, row) == 1.0 for row in gone)


def test_what_lasts_halves_in_its_half_life_in_proportion_to_the_stay() -> None:
    settings = {"months": 2.0, "lasts_days": 35.0, "end": 7 * 5, "places_per_100k": 300.0}
    state, desk = after(6, **settings)  # all leave at the end, after 35 of 60.8 days
    assert not desk.enrolled and len(desk.left) == 9
    row, stay = int(desk.left.rows[0]), 35 / 60.8
    assert lever_of(state, row) == pytest.approx(1.0 - 0.5 * stay, rel=1e-5)
    go(state, 5)
    assert lever_of(state, row) == pytest.approx(1.0 - 0.5 * stay / 2, rel=1e-5)
    go(state, 5 * 6)  # below a hundredth nothing is left, and nobody is remembered
    assert lever_of(state, row) == 1.0 and len(desk.left) == 0
    assert desk.weeks[-1][0]["reach"] == 0 and desk.weeks[-1][0]["cost"] == 0.0


REFRESHED = {
    "months": 1.0, "lasts_days": 70.0, "again_days": 3650.0, "refresher_days": 35.0,
    "refresher_cost": 50.0, "cost_per_year": 0.0,
}  # fmt: skip


def test_a_refresher_gives_back_what_somebody_left_with_until_the_programme_ends() -> None:
    def strength(weeks: int, **more: Any) -> float:
        state, desk = after(weeks, **{**REFRESHED, **more})
        return 2.0 * (1.0 - lever_of(state, int(desk.ever.rows[desk.ever.since == desk.start][0])))

    faded = {days: 0.5 ** (days / 70) for days in (28, 35)}
    assert strength(10) == pytest.approx(faded[28], rel=1e-5)  # all leave on day 35
    assert strength(11) == pytest.approx(1.0, rel=1e-5)
    assert strength(15) == pytest.approx(faded[28], rel=1e-5)
    assert strength(16) == pytest.approx(1.0, rel=1e-5)
    assert strength(11, refresher_days=0.0) == pytest.approx(faded[35], rel=1e-5)
    assert strength(11, end=70) == pytest.approx(faded[35], rel=1e-5)


def test_refreshers_are_paid_for_and_wait_where_money_is_short() -> None:
    assert [row["cost"] for row in weekly(12, **REFRESHED)][9:] == [0.0, 30 * 50.0, 0.0]
    assert weekly(12, **{**REFRESHED, "uptake": 0.0})[10]["cost"] == 0.0
    scenario = baseline().with_changes(policies=(PolicyEntry("hundred_people", REFRESHED),))
    state = begin(scenario)
    state.world.p["programme_budget"] = 52.0 * 500.0 / 3000  # ten a week
    cost = []
    for _ in range(14):
        go(state, 1)
        cost.append(state.deliveries[0].cost)
    assert cost[9] == 0.0 and all(450.0 <= paid <= 500.0 for paid in cost[10:13])


def test_a_course_fades_and_a_refresher_renews_it() -> None:
    settings = {"share_per_week": 1.0, "half_life_days": 70.0, "refresher_days": 70.0}
    scenario = baseline().with_changes(policies=(PolicyEntry("deescalation_training", settings),))
    state = begin(scenario)
    state.world.p["programme_hours"] = 1.0
    officers = state.world.police.officers
    dose, hours = [], []
    for _ in range(12):
        go(state, 1)
        dose.append(state.deliveries[0].strength)
        hours.append(state.deliveries[0].hours)
    assert dose[0] == 1.0 and dose[9] == pytest.approx(0.5 ** (63 / 70), abs=0.12)
    assert dose[10] > dose[9] and hours[10] > 0.0 and sum(hours[1:10]) < hours[0]
    trained = np.flatnonzero(officers["force_factor"] < 1.0)
    assert trained.size >= officers.size - 3


@pytest.fixture(scope="module")
def several() -> RunResult:
    names = ("gang_fellowship", "greening", "focused_deterrence", "mass_patdowns",
             "procedural_justice_training")  # fmt: skip
    entries = [PolicyEntry(n, {"end": 70}) for n in names]
    entries[0] = PolicyEntry(names[0], {"end": 70, "places_per_100k": 1000.0, "ramp_weeks": 0.0})
    entries[1] = PolicyEntry(names[1], {"end": 70, "lots_per_year": 20000.0})
    return result(baseline().with_changes(policies=tuple(entries)))


def test_the_table_says_who_was_reached_by_group_and_area(
    several: RunResult, tmp_path: Any
) -> None:
    table = several.policies
    assert {"reach", "dose", "waiting", "dropouts", "cost", "cost_so_far", "cost_per_unit",
            "joined", "staff", "hours", "ever_reached", "unit"} <= set(table)  # fmt: skip
    by_area = table[[c for c in table if c.startswith("reach_area_")]]
    by_group = table[[c for c in table if c.startswith("reach_group_")]]
    assert (by_area.sum(axis=1) == by_group.sum(axis=1)).all()
    units = dict(zip(table["policy"], table["unit"], strict=True))
    assert units == {
        "gang_fellowship": "people", "greening": "blocks", "focused_deterrence": "gangs",
        "mass_patdowns": "residents", "procedural_justice_training": "officers",
    }  # fmt: skip
    during = table[(table["week"] == 9)].set_index("policy")
    everybody = by_area.loc[table.index[(table["week"] == 9) & (table["unit"] == "residents")]]
    assert int(everybody.to_numpy().sum()) == during.loc["mass_patdowns", "reach"] > 2900
    assert during.loc["gang_fellowship", "cost_per_unit"] == pytest.approx(25000 / 52)
    afterwards = table[(table["week"] >= 10) & (table["unit"] != "officers")]
    assert (afterwards["reach"] == 0).all() and (afterwards["dose"] == 0).all()
    folder = tmp_path / "run"
    folder.mkdir()
    several.save(folder)
    again = RunResult.load(folder).policies
    assert again.equals(table)


def test_between_weeks_a_desk_says_that_it_sees_nothing() -> None:
    _, desk = after(1)
    assert len(desk.rows()) > 0  # what it holds itself can still be read
    with pytest.raises(RuntimeError, match=f"desk of {desk.id} sees the city only in"):
        desk.today  # noqa: B018


def test_a_run_with_a_policy_leaves_no_circle_behind() -> None:
    """Else a city with all its people stays in memory until the collector finds it, and a comparison
    of a large city holds one for every run."""
    was = gc.isenabled()
    gc.disable()
    try:
        state, _ = after(2)
        gone = weakref.ref(state)
        del state
        assert gone() is None
    finally:
        if was:
            gc.enable()
