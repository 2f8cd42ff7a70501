"""The table behind the levers page: stored runs over five doses, made by a command.

`python -m viz.view.levers` runs the design below and writes `texts/levers.csv` (differences from
the same seed's city without policies) and `texts/levers.json` (what the table is). The page fits a
quadratic in the doses, without a constant so that no policy means no difference (of the cost: what
each programme costs to run at all, and what its dose adds), and shows the stored runs' own spread
around it: an estimate, which "check it" replaces with real pairs.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kept_cities import settled
from sim.run import run
from sim.scenario import PolicyEntry, Scenario

TEXTS = Path(__file__).parent / "texts"
POLICIES = (
    "solve_shootings", "gang_fellowship", "violence_interruption", "procedural_justice_training",
    "hot_spot_saturation",
)  # fmt: skip
MOST_DOSE = 1.5
OUTCOMES = ("persons_shot", "homicides", "legitimacy", "stops", "programme_cost")
LEVELS = ("legitimacy",)
CITY, YEARS, SEEDS, POINTS = "district", 2.0, (1, 2, 3, 4), 64
ABSENT = 0.35  # share of points without a given policy: what it is to have none is in the table too


def design() -> NDArray[np.float64]:
    """Doses to run, (POINTS, policies): a scrambled Sobol sequence, each 0 or up to MOST_DOSE."""
    from scipy.stats import qmc

    k = len(POLICIES)
    points = qmc.Sobol(2 * k, seed=20250101).random(POINTS)
    there = points[:, k:] >= ABSENT
    doses: NDArray[np.float64] = np.round(points[:, :k] * MOST_DOSE, 3) * there
    return doses


def outcomes(result: Any) -> NDArray[np.float64]:
    """OUTCOMES of a run: sums over it, and levels at its end."""
    table = result.weekly
    return np.asarray(
        [table[n].iloc[-1] if n in LEVELS else table[n].sum() for n in OUTCOMES], dtype=float
    )


def build(points: NDArray[np.float64], seeds: tuple[int, ...] = SEEDS) -> NDArray[np.float64]:
    """Run every point with every seed: rows of seed, doses, differences from that seed's A."""
    base = Scenario(city=CITY, years=YEARS)
    rows = []
    for seed in seeds:
        burnt = settled(base, seed)
        without = outcomes(run(base, seed, burnt=burnt))
        for doses in points:
            policies = tuple(
                PolicyEntry(name, {"dose": float(dose)})
                for name, dose in zip(POLICIES, doses, strict=True)
                if dose > 0
            )
            arm = run(base.with_changes(policies=policies), seed, burnt=burnt)
            rows.append([seed, *doses, *(outcomes(arm) - without)])
            del arm
            gc.collect()  # a finished world holds itself, and is large
        print(f"seed {seed}: {len(rows)} runs", file=sys.stderr, flush=True)
    return np.asarray(rows)


def about(rows: int) -> dict[str, Any]:
    """What the table is, for the page and for those who check it."""
    from sim.version import MODEL_VERSION

    return {
        "city": CITY, "years": YEARS, "seeds": list(SEEDS), "points": POINTS, "rows": rows,
        "policies": list(POLICIES), "most_dose": MOST_DOSE, "outcomes": list(OUTCOMES),
        "model_version": MODEL_VERSION,
    }  # fmt: skip


def write(rows: NDArray[np.float64], folder: Path = TEXTS) -> None:
    """Both files."""
    head = ",".join(["seed", *POLICIES, *OUTCOMES])
    lines = [",".join(f"{v:.5g}" for v in row) for row in rows]
    (folder / "levers.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    text = json.dumps(about(len(rows)), indent=1)
    (folder / "levers.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(build(design()))
