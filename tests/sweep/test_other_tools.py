"""The lines that docs/sweeps.md gives users of SALib, EMA Workbench and Optuna.

Run as they stand on the page, but for a small city, fewer trials, and a policy that does something
there. EMA Workbench and Optuna are no dependencies of ours: skipped where they are not installed.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from experiments.sweep import design, drive, reading

pytestmark = pytest.mark.long
PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
SMALL = (
    ('"district"', '"synthetic:3000"'),
    ('"years": 1', '"years": 0.25, "burn_in_years": 0.25'),
    ("years=1", "years=0.25, burn_in_years=0.25"),
    ("range(10)", "range(2)"),
    ("range(16)", "range(3)"),
    ('"replicates": 4', '"replicates": 2'),
    ("scenarios=100", "scenarios=3"),
    ("found.means >= 0", "found.means >= found.means.mean()"),
    ('"persons_shot", effect="policy.gang_fellowship"', '"stops", effect="policy.mass_patdowns"'),
)


def snippet(name: str) -> str:
    """The Python block of the page that imports `name`."""
    (block,) = [b for b in re.findall(r"```python\n(.*?)```", PAGE, re.S) if f" {name}" in b]
    for old, new in SMALL:
        block = block.replace(old, new)
    return str(block)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    asked = design.built({
        "base": "synthetic:3000", "method": "saltelli", "points": 8, "replicates": 2,
        "run": {"years": 0.25, "burn_in_years": 0.25},
        "factor": [
            {"vary": "weight_background", "low": 0.5, "high": 2.0},
            {"vary": "weight_rivalry", "low": 0.0, "high": 2.0},
            {"vary": "policy.mass_patdowns", "cross": True},
        ],
    })  # fmt: skip
    folder = tmp_path_factory.mktemp("tools") / "out"
    drive.sweep(asked, folder, on="here")
    return reading.load(folder)


def test_salib(sweep):
    space = {"sweep": sweep}
    exec(snippet("sobol"), space)
    assert len(space["found"].means) == 8 * 4 and space["problem"]["num_vars"] == 2
    assert np.isfinite(space["indices"]["ST"]).all()


@pytest.mark.filterwarnings("ignore")  # of its own use of pandas
def test_ema_workbench_reads_a_sweep(sweep):
    pytest.importorskip("ema_workbench", exc_type=ImportError)
    from experiments.analysis.asking import cases

    found = cases(sweep, "stops", effect="policy.mass_patdowns")
    space = {"found": found}
    exec(snippet("prim"), space)
    assert space["box"].coverage is not None


@pytest.mark.filterwarnings("ignore")  # of its own use of pandas
def test_ema_workbench_drives_the_model():
    pytest.importorskip("ema_workbench", exc_type=ImportError)
    space: dict = {}
    exec(snippet("Model, RealParameter"), space)
    assert len(space["experiments"]) == 3 and len(space["outcomes"]["persons_shot"]) == 3


def test_optuna(tmp_path, monkeypatch):
    pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    space: dict = {}
    exec(snippet("optuna"), space)
    assert len(space["study"].trials) == 6
    assert all(t.value is not None and t.value >= 0 for t in space["study"].trials)
