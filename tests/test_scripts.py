"""Scripts that users write around `compare`: with and without the line that spawned workers need."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

BARE = """
from sim import Scenario
from sim.scenario import PolicyEntry
from experiments import compare

base = Scenario(city="synthetic:1000", years=0.05, burn_in_years=0, name="base")
other = base.with_changes(name="other", policies=(PolicyEntry("gang_fellowship"),))
print("table", len(compare([base, other], replicates=2, workers=2, progress=False).table()) > 20)
"""
OWN = '''
from dataclasses import dataclass
from sim.policies import Policy, register

@register
@dataclass(frozen=True)
class Idle(Policy):
    """Nothing."""
    name = "idle"

    def week(self, desk):
        pass
'''


def test_a_bare_script_compares_once_in_several_processes(tmp_path, root) -> None:
    said = _run(tmp_path, root, BARE)
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("table True") == 1 and "Traceback" not in said.stderr


def test_a_bare_script_with_a_policy_of_its_own_is_told_what_to_do(tmp_path, root) -> None:
    said = _run(tmp_path, root, OWN + BARE.replace("gang_fellowship", "idle"))
    assert said.returncode == 1 and said.stdout == ""
    assert "script.py: workers can't know idle" in said.stderr and "__main__" in said.stderr


def test_a_script_that_minds_its_name_may_hold_its_policy(tmp_path, root) -> None:
    below = textwrap.indent(BARE.replace("gang_fellowship", "idle"), "    ")
    said = _run(tmp_path, root, f'{OWN}\nif __name__ == "__main__":\n{below}')
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("table True") == 1


def _run(folder: Path, root: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(folder / "script.py")],
        capture_output=True, text=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
