"""Every policy keeps the contract; together they share hours and money; mechanisms can be cut."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import policies
from sim.agents.officers import DETECTIVE, ON_DUTY
from sim.agents.residents import JAILED
from sim.levers import LEVERS
from sim.policies import check as contract
from sim.policies.base import Policy
from sim.policies.check import ContractBroken, baseline, begin, go, result, same, trial_of
from sim.policies.knockout import CHANNELS, knocked_out
from sim.scenario import PolicyEntry
from tests.contracts.test_conservation import cases_are_whole, the_calendar_is_whole

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(policies.registry())
NO_ESTIMATE = {22, 23, 27, 33, 48, 49, 51, 52}
"""Rows of the catalogue for which the literature has no estimate of the effect."""


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_is_described_checks_its_settings_and_does_nothing_at_dose_zero(name: str) -> None:
    policies.check_policy(policies.registry()[name], quick=True)


@pytest.mark.long
@pytest.mark.parametrize("clause", [c for c in contract.FULL if c not in contract.QUICK])
@pytest.mark.parametrize("name", NAMES)
def test_a_policy_keeps_the_whole_contract(name: str, clause: str) -> None:
    contract.FULL[clause](trial_of(policies.registry()[name], {}))


@pytest.mark.parametrize("name", NAMES[::7])
def test_some_policies_keep_the_whole_contract(name: str) -> None:
    policies.check_policy(policies.registry()[name])


def test_the_catalogue_is_covered_and_says_where_no_estimate_exists() -> None:
    rows = {kind.row for kind in policies.registry().values()}
    assert rows == set(range(1, 61))
    for kind in policies.registry().values():
        if kind.row in NO_ESTIMATE:
            text = " ".join((sys.modules[kind.__module__].__doc__ or "").split())
            assert kind.speculative and "no estimate" in text, kind.name
            assert any(at == LEVERS[name].neutral for name, (at, _, _) in kind.levers.items())
        if kind.badge in ("quasi", "descriptive", "advocacy") and not kind.evidence:
            text = sys.modules[kind.__module__].__doc__ or ""
            assert "assumption" in text or "scenario's choice" in text, kind.name


def test_harms_move_what_baseline_policing_has() -> None:
    for kind in policies.registry().values():
        if kind.harm:
            assert all(name.split(".")[0] != "resident" for name in kind.levers), kind.name


def test_what_reverses_a_harm_has_its_own_name_and_moves_the_same_levers_the_other_way() -> None:
    by_row = {kind.row: kind for kind in policies.registry().values()}
    for harm, back in ((20, 21), (22, 23), (29, 30), (36, 37), (27, 28)):
        one, other = by_row[harm], by_row[back]
        assert one.harm and not other.harm and one.name != other.name
        shared = set(one.levers) & set(other.levers)
        assert shared
        for name in shared:
            neutral = LEVERS[name].neutral
            a, b = one.levers[name][0] - neutral, other.levers[name][0] - neutral
            assert a * b <= 0.0, name


def test_the_listing_has_every_field_for_all_rows(peel: Any) -> None:
    said = peel("policies", "--json")
    rows = json.loads(said.out)
    assert {row["row"] for row in rows} >= set(range(1, 61))
    for row in rows:
        for name in ("name", "title", "eligible", "capacity", "unit_cost", "badge"):
            assert row[name].strip(), f"{row['name']}: {name}"
        assert row["badge"] in contract.BADGES and 1990 <= row["cost_year"] <= 2100
        assert isinstance(row["harm"], bool) and isinstance(row["speculative"], bool)
        assert isinstance(row["evidence"], list) and isinstance(row["contested_by"], str)
        for lever, (at, low, high) in row["levers"].items():
            assert lever in LEVERS and low <= at <= high
    shown = peel("policies", "menthol_ban").out
    for word in ("menthol_ban (row 33, a harm", "advocacy", "speculative", "Disputed", "P30",
                 "eligible", "capacity", "unit cost", "parameter.street_share", "0 to 0.15"):  # fmt: skip
        assert word in shown, word


# --- broken policies are found out ---------------------------------------------------------------


class Outcome(Policy):
    """Mechanism none. Sources: none. Leaves out: all. Knock-out: none."""

    name: ClassVar[str] = "outcome_policy"
    title: ClassVar[str] = "moves an outcome"
    eligible: ClassVar[str] = "x"
    capacity: ClassVar[str] = "x"
    unit_cost: ClassVar[str] = "x"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.homicides": (0.5, 0.0, 1.0)
    }


def test_a_policy_that_moves_an_outcome_is_refused() -> None:
    with pytest.raises(ContractBroken, match="no lever"):
        contract.described(trial_of(Outcome, {}))


@dataclasses.dataclass(frozen=True)
class Sticky(Policy):
    """Keeps its lever after the end."""

    name: ClassVar[str] = "sticky_policy"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.vice_share": (0.1, 0.0, 0.2)
    }

    def week(self, desk: Any) -> None:
        desk.move("parameter.vice_share", None, 0.1)

    def after(self, desk: Any) -> None:
        desk.move("parameter.vice_share", None, 0.1)


@pytest.fixture
def sticky() -> Any:
    yield policies.register(Sticky)
    policies._REGISTERED.pop(Sticky.name)


def test_a_policy_that_does_not_end_is_found_out(sticky: type[Policy]) -> None:
    with pytest.raises(ContractBroken, match="not what it was"):
        contract.ends(trial_of(sticky, {}))


# --- together ------------------------------------------------------------------------------------

CHOICES = st.lists(st.sampled_from(NAMES), min_size=5, max_size=9, unique=True)
DATES = st.lists(st.tuples(st.integers(0, 80), st.integers(7, 60)), min_size=9, max_size=9)


@pytest.mark.long
@given(names=CHOICES, dates=DATES, seed=st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_any_subset_with_any_dates_is_the_same_in_any_order(
    names: list[str], dates: list[tuple[int, int]], seed: Any
) -> None:
    _any_subset(names, dates, seed)


@given(names=CHOICES, dates=DATES, seed=st.randoms(use_true_random=False))
@settings(max_examples=3)
def test_a_few_subsets_are_the_same_in_any_order(
    names: list[str], dates: list[tuple[int, int]], seed: Any
) -> None:
    _any_subset(names, dates, seed)


def _any_subset(names: list[str], dates: list[tuple[int, int]], seed: Any) -> None:
    entries = [
        PolicyEntry(n, {**trial_of(policies.registry()[n], {}).settings, "start": a, "end": a + b})
        for n, (a, b) in zip(names, dates, strict=False)
    ]
    one = result(baseline().with_changes(policies=tuple(entries)))
    seed.shuffle(entries)
    other = result(baseline().with_changes(policies=tuple(entries)))
    assert same(one, other) and one.policies.equals(other.policies)
    conserved(one)


def conserved(run: Any) -> None:
    """People, officers, cases and money are neither made nor lost."""
    world = run.state.world
    people, officers = world.people.residents, world.police.officers
    start = begin(baseline()).world
    t = run.totals
    gone = ("homicides", "police_killings", "natural_deaths", "departures")
    alive = int((people["status"] <= JAILED).sum())
    before = int((start.people.residents["status"] <= JAILED).sum())
    assert alive == before + t["births"] + t["arrivals"] - sum(t[n] for n in gone)
    assert officers.size == start.police.officers.size
    assert np.unique(officers["key"]).size == officers.size, "an officer in two places"
    held = people["side"][people["side"] >= 0]
    assert np.unique(held).size == held.size, "two residents share personal levers"
    cases_are_whole(world)
    the_calendar_is_whole(world)
    table = run.policies
    spent = table.groupby("week")["cost"].sum()
    listed = run.weekly.set_index("week")["programme_cost"]
    assert np.allclose(listed.loc[spent.index], spent)
    so_far = table.groupby("policy")["cost"].cumsum()
    assert np.allclose(so_far, table["cost_so_far"]), "money lost or spent twice"
    assert (officers["hours_taken"] <= 40).all() and (officers["hours_taken"] >= 0).all()
    enrolled = table[table["unit"] == "people"]
    by_group = [c for c in table if c.startswith("reach_group_")]
    by_area = [c for c in table if c.startswith("reach_area_")]
    assert (enrolled[by_group].sum(axis=1) == enrolled["reach"]).all()
    assert (enrolled[by_area].sum(axis=1) == enrolled["reach"]).all()


def _hours(*entries: PolicyEntry, share: float) -> dict[str, float]:
    state = begin(baseline().with_changes(policies=entries))
    state.world.p["programme_hours"] = share
    go(state, 1)
    return {desk.id: desk.hours for desk in state.deliveries}


def test_two_courses_that_need_the_same_hundred_hours_both_fall_short() -> None:
    officers = begin(baseline()).world.police.officers
    on_duty = int((officers["status"] == ON_DUTY).sum())
    patrol = int(((officers["status"] == ON_DUTY) & (officers["unit"] != DETECTIVE)).sum())
    settings = {"hours": 100.0 / patrol, "share_per_week": 1.0}
    first, second = (
        PolicyEntry(name, settings) for name in ("deescalation_training", "general_training")
    )
    there_are = 100.0001 / (40.0 * on_duty)  # of all hours on duty, so that 100 may be taken
    assert _hours(first, share=there_are) == pytest.approx({"deescalation_training": 100.0})
    assert _hours(second, share=there_are) == pytest.approx({"general_training": 100.0})
    both = _hours(first, second, share=there_are)
    assert both == _hours(second, first, share=there_are)
    assert all(0.0 < taken <= 50.0 for taken in both.values()) and sum(both.values()) <= 100.0


def test_two_courses_that_need_the_same_hours_both_fall_short() -> None:
    first = PolicyEntry("deescalation_training", {"hours": 20.0, "share_per_week": 1.0})
    second = PolicyEntry("general_training", {"hours": 20.0, "share_per_week": 1.0})
    alone = _hours(first, share=0.5)["deescalation_training"]
    room = 40.0 * begin(baseline()).world.police.officers.size
    both, turned = _hours(first, second, share=0.5), _hours(second, first, share=0.5)
    assert both == turned
    assert 0 < both["deescalation_training"] < alone
    assert 0 < both["general_training"] < alone
    assert sum(both.values()) <= 0.5 * room
    assert sum(_hours(first, second, share=0.1).values()) <= 0.1 * room


def test_money_is_shared_too() -> None:
    entries = (
        PolicyEntry("gang_fellowship", {"places_per_100k": 500.0, "ramp_weeks": 0.0}),
        PolicyEntry("becoming_a_man", {"ramp_weeks": 0.0}),
    )
    spent = {}
    for budget in (10000.0, 60.0, 0.0):
        state = begin(baseline().with_changes(policies=entries))
        state.world.p["programme_budget"] = budget
        go(state, 8)
        spent[budget] = sum(desk.cost for desk in state.deliveries)
    assert spent[10000.0] > spent[60.0] > spent[0.0] == 0.0
    assert spent[60.0] <= 8 * 60.0 * 3000 / 52.0 * 1.01


def test_everything_at_once_runs() -> None:
    entries = tuple(
        PolicyEntry(n, dict(trial_of(policies.registry()[n], {}).settings)) for n in NAMES
    )
    conserved(result(baseline().with_changes(policies=entries)))


# --- knock-outs: without the lever, or the process that reads it, the effect is gone --------------

TOO_RARE = {"parameter.hit_followed"}
"""Arrests after a match need cases that went cold: it has a pair of runs of its own, with a
laboratory that takes a year, in test_knock_outs_civic."""
LEVERS_OF = [
    (name, lever)
    for name, kind in policies.registry().items()
    for lever in kind.levers
    if lever not in TOO_RARE
]


def test_every_lever_that_a_policy_moves_has_a_known_intermediate() -> None:
    assert {lever for _, lever in LEVERS_OF} | TOO_RARE <= set(CHANNELS)
    assert set(CHANNELS) <= set(LEVERS)


@pytest.mark.long
@pytest.mark.parametrize(("name", "lever"), LEVERS_OF)
def test_cutting_the_process_removes_what_a_lever_does(name: str, lever: str) -> None:
    knocked_out(policies.registry()[name], lever)


@pytest.mark.parametrize(("name", "lever"), LEVERS_OF[::12])
def test_cutting_the_process_removes_what_some_levers_do(name: str, lever: str) -> None:
    knocked_out(policies.registry()[name], lever)


@dataclasses.dataclass(frozen=True)
class Pasted(Policy):
    """Says that it moves a lever, and makes people less violent behind its back."""

    name: ClassVar[str] = "pasted_policy"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.vice_share": (0.1, 0.0, 0.2)
    }

    def week(self, desk: Any) -> None:
        desk.move("parameter.vice_share", None, 0.1)
        desk.residents["propensity"] *= 0.8


@dataclasses.dataclass(frozen=True)
class Idle(Policy):
    """Declares a lever that it does not move."""

    name: ClassVar[str] = "idle_policy"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {
        "parameter.stop_rate": (0.5, 0.0, 1.0)
    }

    def week(self, desk: Any) -> None:
        desk.move("parameter.stop_rate", None, 1.0)


@dataclasses.dataclass(frozen=True)
class Backwards(Idle):
    """Declares that it lowers stops, and raises them."""

    name: ClassVar[str] = "backwards_policy"

    def week(self, desk: Any) -> None:
        desk.move("parameter.stop_rate", None, 1.8)


@pytest.fixture
def broken() -> Any:
    made = [policies.register(kind) for kind in (Pasted, Idle, Backwards)]
    yield made
    for kind in made:
        policies._REGISTERED.pop(kind.name)


def test_an_effect_pasted_past_the_levers_is_found_out(broken: Any) -> None:
    with pytest.raises(ContractBroken, match="levers only"):
        contract.levers_only(trial_of(Pasted, {}))


def test_a_lever_that_does_nothing_or_the_opposite_is_found_out(broken: Any) -> None:
    with pytest.raises(ContractBroken, match="nothing moves"):
        knocked_out(Idle, "parameter.stop_rate")
    with pytest.raises(ContractBroken, match="wrong way"):
        knocked_out(Backwards, "parameter.stop_rate")


def test_a_process_that_is_not_cut_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = dataclasses.replace(CHANNELS["parameter.stop_rate"], cut={"force_base": 0.0})
    monkeypatch.setitem(CHANNELS, "parameter.stop_rate", channel)
    with pytest.raises(ContractBroken, match="an effect is left"):
        knocked_out(policies.registry()["mass_patdowns"], "parameter.stop_rate")


# --- users' own ----------------------------------------------------------------------------------


def test_the_template_keeps_the_contract(peel: Any, tmp_path: Path) -> None:
    file = tmp_path / "night_walks.py"
    said = peel("new", "policy", "night_walks", "--out", file)
    assert said.code == 0 and str(file) in said.out
    spec = importlib.util.spec_from_file_location("night_walks", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["night_walks"] = module
    try:
        spec.loader.exec_module(module)
        policies.check_policy(module.NightWalks)
    finally:
        sys.modules.pop("night_walks")
        policies._REGISTERED.pop("night_walks", None)


@pytest.mark.parametrize("name", ["gang_fellowship", "Night", "a", "night walks", "class"])
def test_names_that_cannot_be_are_refused(peel: Any, tmp_path: Path, name: str) -> None:
    said = peel("new", "policy", name, "--out", tmp_path / "x.py")
    assert said.code == 2 and name in said.err and "Traceback" not in said.err
    assert not (tmp_path / "x.py").exists()


def test_a_file_is_never_overwritten(peel: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("kept")
    said = peel("new", "policy", "night_walks", "--out", file)
    assert said.code == 2 and "exists" in said.err and file.read_text() == "kept"


PACKAGE = '''"""{words}"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.switch import Switch


@dataclass(frozen=True)
class QuietNights(Switch):
    """Fewer stops at night. Mechanism, Sources: assumption. Leaves out. Knock-out."""

    name: ClassVar[str] = "quiet_nights"
    title: ClassVar[str] = "Quiet nights"
    eligible: ClassVar[str] = "everybody"
    capacity: ClassVar[str] = "none"
    unit_cost: ClassVar[str] = "$0"
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {{
        "parameter.stop_rate": (0.7, 0.2, 1.0)
    }}
    moves: ClassVar[dict[str, str]] = {{"parameter.stop_rate": "stops"}}

    stops: float = 0.7
'''
ASK = """
import sys
from sim import policies
policies.check_policy(policies.registry()["quiet_nights"], quick=True)
from experiments.cli import main
run = ["run", sys.argv[1], "--years", "0.1", "--quiet"]
sys.exit(main(["policies", "quiet_nights"]) or main(run))
"""


def test_a_policy_of_an_installed_package_is_found_by_its_entry_point(tmp_path: Path) -> None:
    """A package as pip lays it out: a module, and metadata that name it under `peel.policies`."""
    site = tmp_path / "site"
    info = site / "quiet_nights-1.0.dist-info"
    info.mkdir(parents=True)
    words = "Quiet nights. Mechanism. Sources: assumption. Leaves out: x. Knock-out: x."
    (site / "quiet_nights.py").write_text(PACKAGE.format(words=words))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: quiet-nights\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[peel.policies]\nquiet = quiet_nights:QuietNights\n")
    scenario = tmp_path / "quiet.toml"
    scenario.write_text(
        '[city]\nname = "synthetic:3000"\n[run]\nburn_in_years = 0.1\n[[policy]]\n'
        'name = "quiet_nights"\nstart = 0\n'
    )
    found = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    said = subprocess.run(
        [sys.executable, "-c", ASK, str(scenario)], env=found, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "Quiet nights" in said.stdout


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("quiet_nights:Nothing", "can't be loaded: AttributeError"),
        ("no_such_module:X", "can't be loaded: ModuleNotFoundError"),
        ("quiet_nights:dataclass", "is no policy"),
        ("sim.policies.preschool:Preschool", "the name 'preschool' is taken"),
    ],
)
def test_a_broken_entry_point_is_told_in_words(tmp_path: Path, value: str, said: str) -> None:
    info = tmp_path / "quiet_nights-1.0.dist-info"
    info.mkdir()
    (tmp_path / "quiet_nights.py").write_text("from dataclasses import dataclass\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: quiet-nights\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[peel.policies]\nquiet = {value}\n")
    ask = "import sys; from experiments.cli import main; sys.exit(main(['policies']))"
    done = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert said in done.stderr and "quiet-nights" in done.stderr
