"""A finished run as one small file: what a comparison needs of it, whole or absent.

One zip (stored, not deflated: the Parquet inside is compressed) holds `run.json` and the tables
`weekly`, `recorded`, `areas`, `groups`, `policies`, and `events` on request. Areas and groups are
summed over weeks into years, so that hundreds of runs stay small. Files appear under a temporary
name and are renamed, so a killed worker leaves nothing that looks finished.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

WEEKS_PER_YEAR = 52
AREA_KEYS = ["year", "area"]
GROUP_KEYS = ["year", "group", "sex", "age_band"]
_LEVELS = frozenset(
    {"population", "in_jail", "adults", "confident", "legitimacy", "fairness", "effectiveness"}
    | {"fear", "trauma", "cynicism"}
)
"""Averaged over weeks; all other numbers are counts, and summed."""


@dataclass(frozen=True)
class Kept:
    """One run of one arm: `meta` (identity, timings, outcomes) and its tables by name."""

    meta: dict[str, Any]
    tables: dict[str, pd.DataFrame]


def reduce(
    result: Any, *, identity: dict[str, Any], events: bool = False, tables: bool = True
) -> Kept:
    """What to keep of a `RunResult`; `identity` says which arm, seed and hash it is.

    Without `tables` only its outcomes.
    """
    from experiments import outcomes

    meta = {
        **identity,
        "event_log_hash": str(result.event_log_hash),
        "residents": int(result.residents),
        "days": int(result.days),
        "seconds": float(result.seconds),
        "burn_in_seconds": float(result.burn_in_seconds),
        "outcomes": outcomes.of_run(result.weekly, result.recorded, result.summary),
    }
    if not tables:
        return Kept(meta, {})
    parts = {
        "weekly": result.weekly,
        "recorded": result.recorded,
        "areas": by_year(result.areas, AREA_KEYS),
        "groups": by_year(result.groups, GROUP_KEYS),
        "policies": result.policies,
    }
    if events:
        parts["events"] = result.events
    return Kept(meta, {name: table for name, table in parts.items() if table is not None})


def by_year(table: pd.DataFrame | None, keys: list[str]) -> pd.DataFrame | None:
    """Counts summed and levels averaged over the weeks of each year (week // 52)."""
    if table is None or table.empty:
        return table
    # the days after the 52nd week belong to the last full year, not to a stub of their own
    last = max(int(table["week"].max() + 1) // WEEKS_PER_YEAR - 1, 0)
    out = table.assign(year=(table["week"] // WEEKS_PER_YEAR).clip(upper=last))
    rules = {
        name: "mean" if name in _LEVELS else "sum"
        for name in out.columns
        if name not in {*keys, "week", "day", "days"} and out[name].dtype.kind in "iufb"
    }
    return out.groupby(keys, as_index=False, observed=True).agg(rules)


def save(kept: Kept, path: Path) -> None:
    """Write to `path` by temporary name and rename; OSError (a full disk) leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as box:
                box.writestr("run.json", json.dumps(kept.meta, indent=1))
                for name, table in kept.tables.items():
                    buffer = io.BytesIO()
                    table.to_parquet(buffer, index=False, compression="zstd")
                    box.writestr(f"{name}.parquet", buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path, names: Iterable[str] = ()) -> Kept:
    """Read `run.json` and the named tables (those that exist). Raises UserError for a broken
    file."""
    import pandas as pd

    try:
        with zipfile.ZipFile(path) as box:
            meta = json.loads(box.read("run.json"))
            present = set(box.namelist())
            tables = {
                name: pd.read_parquet(io.BytesIO(box.read(f"{name}.parquet")))
                for name in names
                if f"{name}.parquet" in present
            }
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path}: not a finished run ({error}); delete this file and complete the comparison "
            f"with --resume"
        ) from None
    return Kept(meta, tables)
