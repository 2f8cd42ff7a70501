"""Every policy keeps the contract, users' own too; what breaks it is found out."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sim import policies
from sim.levers import LEVERS
from sim.policies import check as contract
from sim.policies.base import Policy
from sim.policies.check import ContractBroken, trial_of

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
