"""Many runs: plan, run anywhere, keep, compare, calibrate, validate; and the command line.

    from experiments import compare, load
    result = compare(["district", "fellowship"], replicates=10)

Nothing is imported until it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.comparison import Comparison as Comparison
    from experiments.sweep.reading import Sweep as Sweep


def compare(scenarios: Any, **options: Any) -> Comparison:
    """Arms paired by seed; see `experiments.comparing.compare` for the options."""
    from experiments.comparing import compare as run

    return run(scenarios, **options)


def load(folder: Any) -> Comparison | Sweep:
    """A comparison or a sweep from the folder it was kept in."""
    from pathlib import Path

    from experiments.comparison import Comparison
    from experiments.sweep import reading, store

    if (Path(folder) / store.MANIFEST).exists():
        return reading.Sweep(folder)
    return Comparison.load(folder)
