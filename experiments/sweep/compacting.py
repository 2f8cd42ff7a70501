"""`peel sweep compact`: many small parts into few large files, in order of run.

`runs.parquet` holds results alone, so that equal designs give equal files, byte for byte, wherever
and however often interrupted they ran; `provenance.parquet` holds how runs came about. Weekly and
event tables are gathered into files of some hundred MB. Parts are removed only once everything is in
place; an interruption leaves rows that are there twice, which readers see through.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np

from experiments.sweep import store
from experiments.sweep.claim import Claim
from experiments.sweep.reading import Sweep
from sim.errors import UserError

SERIES_ROWS = 20_000_000


def compact(folder: Path | str) -> dict[str, Any]:
    """Compact a folder; returns counts. Raises UserError where a client is at work in it."""
    folder = Path(folder)
    sweep = Sweep(folder)
    with Claim(folder):
        parts = list(store.parts(folder))
        if not parts:
            if (folder / store.RESULTS).exists():
                return {"parts": 0, "files": 1}
            raise UserError(f"{folder}: no run is finished yet")
        table = sweep.table()
        order = np.argsort(table.column("run").to_numpy(), kind="stable")
        provenance = sweep.provenance.sort_values(["run", "finished"], kind="stable")
        files = 2
        for kind in sweep.manifest["keep"]:
            files += _series(sweep, kind)
        import pyarrow as pa

        store.write(pa.Table.from_pandas(provenance, preserve_index=False),
                    folder / store.PROVENANCE)  # fmt: skip
        store.write(_sorted(table).take(order), folder / store.RESULTS)
        for kind in ("runs", *sweep.manifest["keep"]):
            _remove(folder, kind, {p.path.name for p in parts})
    return {"parts": len(parts), "files": files}


def _sorted(table: Any) -> Any:
    """Columns in one order, whatever order parts came in."""
    head = [n for n in store.ABOUT if n in table.column_names]
    params = [n for n in table.column_names if n.startswith("param.")]
    outs = sorted(n for n in table.column_names if n.startswith("out."))
    return table.select([*head, *params, *outs]).combine_chunks()


def _series(sweep: Sweep, kind: str) -> int:
    """Gather the tables of a kind, some million rows a file, runs in order."""
    import pyarrow as pa

    folder = sweep.folder
    rows = np.sort(sweep.table(["run", "status"]).column("run").to_numpy())
    old = sorted((folder / kind).glob("*.parquet"))
    per_run = max(_rows(folder, kind) // max(rows.size, 1), 1)
    step = max(SERIES_ROWS // per_run, 1)
    count = 0
    made = []
    for at in range(0, rows.size, step):
        chosen = rows[at : at + step].tolist()
        whole = step >= rows.size
        frame = sweep.series(kind, None if whole else chosen)
        if whole:
            frame = frame[frame["run"].isin(chosen)]
        path = folder / kind / f"all-{count:05d}.parquet.new"
        store.write(pa.Table.from_pandas(frame, preserve_index=False), path)
        made.append(path)
        count += 1
    for path in made:
        path.replace(path.with_suffix(""))
    for path in old:
        if path not in {p.with_suffix("") for p in made}:
            path.unlink()
    return count


def _rows(folder: Path, kind: str) -> int:
    import pyarrow.parquet as pq

    files = [p.path for p in store.parts(folder, kind)] + list((folder / kind).glob("*.parquet"))
    return sum(pq.ParquetFile(f).metadata.num_rows for f in files)


def _remove(folder: Path, kind: str, names: set[str]) -> None:
    for part in store.parts(folder, kind):
        if part.path.name in names:
            part.path.unlink(missing_ok=True)
    for sub in (folder / kind).iterdir():
        if sub.is_dir():
            with contextlib.suppress(OSError):
                sub.rmdir()
