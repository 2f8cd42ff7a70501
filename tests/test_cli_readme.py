"""What README.md shows works as shown."""

from __future__ import annotations

import importlib
import re

import pytest

import experiments.cli as cli
from sim import plugins
from sim.scenario import PolicyEntry, Scenario


@pytest.fixture(scope="module")
def blocks(root) -> dict[str, list[str]]:
    """The fenced blocks by language."""
    text = (root / "README.md").read_text(encoding="utf-8")
    out: dict[str, list[str]] = {}
    for language, body in re.findall(r"```(\w+)\n(.*?)```", text, flags=re.DOTALL):
        out.setdefault(language, []).append(body)
    return out


def test_the_scenario_is_valid(blocks) -> None:
    (text,) = blocks["toml"]
    assert Scenario.from_toml(text).policies[0].name == "gang_fellowship"


def test_the_policy_runs_and_halves_stops(blocks, tmp_path, peel) -> None:
    from sim.run import run

    file = tmp_path / "fewer_stops.py"
    file.write_text(blocks["python"][1])
    city = Scenario(city="synthetic:3000", years=0.5, burn_in_years=0)
    usual = run(city, seed=1).weekly["stops"].sum()
    with plugins.using(file):
        fewer = run(city.with_changes(policies=(PolicyEntry("fewer_stops"),)), seed=1)
        assert "half as many street stops" in peel("policies", "fewer_stops").out
    assert fewer.weekly["stops"].sum() < 0.7 * usual
    assert len(blocks["python"][1].strip().splitlines()) <= 14


def test_every_command_and_file_it_names_exists(root) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    known = {name for names in cli.present().values() for name in names}
    named = {
        a or b for a, b in re.findall(r"^    peel ([a-z]+)|`peel ([a-z]+)", text, re.MULTILINE)
    }
    assert named <= known
    for path in re.findall(r"`((?:sim|experiments|docs|viz)/[\w/.]*)`", text):
        assert (root / path).exists(), path
    for dotted in re.findall(r"`(sim(?:\.\w+)+)`", text):
        module, _, name = dotted.rpartition(".")
        assert hasattr(importlib.import_module(module), name), dotted
    targets = (root / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^    |`)make ([a-z-]+)", text, re.MULTILINE):
        assert f"\n{target}:" in targets
