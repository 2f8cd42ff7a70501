"""What is kept of a run: its row, its tables, and the one form that both have in every part."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

from experiments.sweep import store


def result_row(
    identity: str, result: Any, keep: Iterable[str], run: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What to keep of a finished run: its row, and its tables by name."""
    from experiments import outcomes

    found = outcomes.of_run(result.weekly, result.recorded, result.summary)
    row: dict[str, Any] = {
        "id": identity,
        "status": store.OK,
        "error": "",
        "event_log_hash": str(result.event_log_hash),
    }
    row.update((f"out.{name}", value) for name, value in found.items())
    series = {}
    if "weekly" in keep:
        weekly = result.weekly
        if result.recorded is not None:
            new = [c for c in result.recorded.columns if c not in weekly.columns]
            weekly = weekly.join(result.recorded[new])
        series["weekly"] = weekly.assign(run=run)
    if "events" in keep:
        series["events"] = result.events.assign(run=run)
    return row, series


def failure_row(error: BaseException, status: str = store.FAILED) -> dict[str, Any]:
    """A run that failed: its error, last lines of the trace included."""
    trace = traceback.format_exception(error)
    return {
        "id": "",
        "status": status,
        "error": "".join(trace[-1:]).strip() + "\n" + "".join(trace[-3:-1]),
        "event_log_hash": "",
    }


def rows_table(rows: list[dict[str, Any]]) -> Any:
    """Rows as a table whose columns and types don't depend on which rows are in it."""
    import pyarrow as pa

    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    head = [n for n in (*store.ABOUT, *store.TRAILS) if n in names]
    params = [n for n in names if n.startswith("param.")]
    outs = sorted(n for n in names if n.startswith("out."))
    arrays, fields = [], []
    for name in (*head, *params, *outs):
        kind = _KINDS.get(name) or ("double" if name.startswith("out.") else "")
        values = [row.get(name) for row in rows]
        array = pa.array(values, type=getattr(pa, _ARROW[kind])() if kind else None)
        arrays.append(array)
        fields.append(pa.field(name, array.type))
    return pa.table(arrays, schema=pa.schema(fields))


_ARROW = {"int": "int64", "text": "string", "double": "float64", "flag": "bool_"}


_KINDS = {
    "run": "int", "point": "int", "seed": "int", "process": "int", "id": "text", "status": "text",
    "error": "text", "event_log_hash": "text", "host": "text", "seconds": "double",
    "burn_in_seconds": "double", "finished": "double", "burn_in_from_disk": "flag",
}  # fmt: skip


def series_table(tables: list[Any]) -> Any:
    import pandas as pd
    import pyarrow as pa

    frame = pd.concat(tables, ignore_index=True)
    first = ["run", *(c for c in frame.columns if c != "run")]
    return pa.Table.from_pandas(frame[first], preserve_index=False)
