"""Choosing between options when nobody knows which world is the true one.

A table holds one outcome: rows are worlds (parameter sets, theories), columns are options, values
usually means over seeds. From it:

- regret (Savage): how much worse an option does in a world than the best option there;
- satisficing (Starr's domain criterion): the share of worlds in which an option is good enough;
- probability of being best: the share of worlds in which it is, ties shared;
- Pareto set, over several outcomes: options that no other beats on all counts.

Worlds count alike: with no probabilities on them, shares are of the worlds looked at and no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from sim.errors import UserError
from sim.words import nearest

if TYPE_CHECKING:
    import pandas as pd

Better = Literal["lower", "higher"]


def outcome_table(
    frame: pd.DataFrame, option: str | Sequence[str], worlds: Sequence[str], outcome: str
) -> pd.DataFrame:
    """Worlds x options of the mean of `outcome`; rows of `frame` are runs.

    Raises UserError for unknown columns, and where an option lacks some world.
    """
    options = [option] if isinstance(option, str) else list(option)
    for name in (*options, *worlds, outcome):
        if name not in frame.columns:
            raise UserError(f"no column {name!r}{nearest(name, frame.columns)}")
    if worlds:
        table = frame.pivot_table(index=list(worlds), columns=options, values=outcome)
    else:
        table = frame.groupby(options)[outcome].mean().to_frame("all").T
    if (missing := int(table.isna().any(axis=1).sum())) > 0:
        raise UserError(
            f"{outcome}: {missing} of {len(table)} worlds lack it for some option; options can only "
            "be held together over the same worlds"
        )
    return table


def regret(table: pd.DataFrame, better: Better) -> pd.DataFrame:
    """How much worse than the world's best option, 0 or more; same shape as `table`.

    >>> import pandas as pd
    >>> regret(pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 3.0]}), "lower").to_numpy().tolist()
    [[0.0, 1.0], [2.0, 0.0]]
    """
    if _check(better) == "lower":
        return table.sub(table.min(axis=1), axis=0)
    return table.rsub(table.max(axis=1), axis=0)


def satisficing(table: pd.DataFrame, threshold: float, better: Better) -> pd.Series:
    """Share of worlds in which each option is at least as good as `threshold`.

    >>> import pandas as pd
    >>> satisficing(pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 3.0]}), 3.0, "lower").tolist()
    [0.5, 1.0]
    """
    good = table <= threshold if _check(better) == "lower" else table >= threshold
    return good.mean(axis=0)


def probability_best(table: pd.DataFrame, better: Better) -> pd.Series:
    """Share of worlds in which each option is the best, ties shared; sums to 1.

    >>> import pandas as pd
    >>> probability_best(pd.DataFrame({"a": [1.0, 3.0], "b": [2.0, 3.0]}), "lower").tolist()
    [0.75, 0.25]
    """
    best = regret(table, better) == 0.0
    return best.div(best.sum(axis=1), axis=0).mean(axis=0)


def pareto(outcomes: pd.DataFrame, better: Mapping[str, Better]) -> pd.Series:
    """Which rows (options) no other row beats: as good on all of `better`'s outcomes, and better on
    one.

    >>> import pandas as pd
    >>> options = pd.DataFrame({"deaths": [5, 3, 4], "cost": [1, 2, 3]})
    >>> pareto(options, {"deaths": "lower", "cost": "lower"}).tolist()
    [True, True, False]
    """
    import pandas as pd

    for name in better:
        if name not in outcomes.columns:
            raise UserError(f"no outcome {name!r}{nearest(name, outcomes.columns)}")
    signs = np.array([1.0 if _check(b) == "lower" else -1.0 for b in better.values()])
    values = outcomes[list(better)].to_numpy(dtype=float) * signs
    no_worse = (values[:, None, :] <= values[None, :, :]).all(axis=2)
    beats = no_worse & (values[:, None, :] < values[None, :, :]).any(axis=2)
    return pd.Series(~beats.any(axis=0), index=outcomes.index, name="pareto")


def summary(table: pd.DataFrame, better: Better, threshold: float | None = None) -> pd.DataFrame:
    """One row per option: mean, worst, regret (largest, mean, 90th percentile), share of worlds in
    which it is best and, with a `threshold`, good enough. Least largest regret first."""
    import pandas as pd

    lost = regret(table, better)
    out = pd.DataFrame({
        "mean": table.mean(axis=0),
        "worst": table.max(axis=0) if better == "lower" else table.min(axis=0),
        "largest_regret": lost.max(axis=0),
        "regret_90th": lost.quantile(0.9, axis=0),
        "mean_regret": lost.mean(axis=0),
        "probability_best": probability_best(table, better),
    })  # fmt: skip
    if threshold is not None:
        out["satisficing"] = satisficing(table, threshold, better)
    return out.sort_values("largest_regret", kind="stable")


def _check(better: str) -> str:
    if better not in ("lower", "higher"):
        raise UserError(f"better = {better!r}: expected lower or higher")
    return better
