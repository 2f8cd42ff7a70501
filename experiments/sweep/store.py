"""Where results lie: immutable Parquet parts, and nothing else that says what is done.

    sweep.json        the design, its digest, the model's version and state of its sources
    design.parquet    points: one row each
    runs/             one folder per thousand chunks; a part per worker and flush: rows of runs
    weekly/ events/   twins of the parts in runs/, if kept, written first
    claims/           who works here now (see `claim`)
    broken/           parts that could not be read, set aside; their runs are done again

A part is written under a temporary name, synced, and renamed; names are unique and nothing is ever
overwritten, so no lock is needed and network file systems serve. A name says how many rows and
failures are inside (`...-n100-f2-...`), so counting needs only a listing. A run may be there twice
(a worker that was thought dead): readers take it once and insist that both are equal. Once
compacted, `runs.parquet` holds the results of all parts in order of run, and `provenance.parquet`
how they came about (host, seconds, ...): equal designs give equal bytes in the first.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.sweep.design import Design
from sim.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST, POINTS = "sweep.json", "design.parquet"
RESULTS, PROVENANCE = "runs.parquet", "provenance.parquet"
SERIES = ("weekly", "events")
ABOUT = ("run", "id", "point", "seed", "status", "error", "event_log_hash")
"""Columns of every row, before `param.` and `out.`."""
TRAILS = ("seconds", "burn_in_seconds", "burn_in_from_disk", "host", "process", "finished")
"""How a row came about: kept apart, and no part of a result."""
OK, FAILED = "ok", "failed"
PER_FOLDER = 1000


@dataclass(frozen=True)
class Part:
    """A part, as its name tells."""

    path: Path
    rows: int
    failed: int


def part_name(prefix: str, sequence: int, rows: int, failed: int) -> str:
    """A unique name; parts of one chunk share their prefix."""
    return f"{prefix}-{sequence:03d}-n{rows}-f{failed}-{uuid.uuid4().hex[:12]}.parquet"


def subfolder(chunk: int) -> str:
    return f"{chunk // PER_FOLDER:04d}"


def write(table: pa.Table, path: Path) -> None:
    """Put a table at `path` whole or not at all; OSError (a full disk) leaves nothing behind."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with open(work, "wb") as file:
            pq.write_table(
                table, file, compression="zstd", write_page_checksum=True, use_dictionary=False
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(work, path)
        _sync(path.parent)
    finally:
        with contextlib.suppress(OSError):
            work.unlink()


def write_text(path: Path, text: str) -> None:
    """The same for text."""
    work = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with open(work, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(work, path)
    finally:
        with contextlib.suppress(OSError):
            work.unlink()


def _sync(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# --- the manifest -----------------------------------------------------------------------------


def identity(design: Design) -> dict[str, Any]:
    """What all runs of a folder must have in common."""
    from sim import plugins
    from sim.kept_cities import code_state
    from sim.version import MODEL_VERSION

    return {
        "digest": design.digest,
        "model_version": MODEL_VERSION,
        "code_state": code_state(),
        "plugins": [list(pair) for pair in plugins.identity()],
    }


def begin(design: Design, folder: Path, resume: bool, join: bool = False) -> None:
    """Claim a new folder for a design, or see that the one there is of this design.

    `join` (shards) takes either as it comes. Raises UserError for a folder that exists (without
    `resume`), is no sweep, or is one of another design, model version or state of the sources.
    """
    manifest = folder / MANIFEST
    if manifest.exists():
        if not (resume or join):
            raise UserError(
                f"{folder}: holds a sweep already; --resume completes it, or give another --out"
            )
        _check_same(design, folder)
        return
    if folder.exists() and any(p for p in folder.iterdir() if not _ours(p)):
        raise UserError(f"{folder}: exists and holds no sweep ({MANIFEST} is missing); give another"
                        " --out")  # fmt: skip
    if resume and not join:
        raise UserError(f"{folder}: no sweep to resume ({MANIFEST} is missing)")
    import pyarrow as pa

    try:
        folder.mkdir(parents=True, exist_ok=True)
        columns: dict[str, Any] = {"sample": design.sample_of}
        for k, factor in enumerate(design.factors):
            columns[factor.name] = design.points[:, k]
        write(pa.table(columns), folder / POINTS)
        write_text(manifest, json.dumps({**design.to_dict(), **identity(design)}, indent=1,
                                        default=str))  # fmt: skip
    except OSError as error:
        raise UserError(f"{folder}: can't be written ({error.strerror or error})") from None


def _ours(path: Path) -> bool:
    """Left by a client that ended, or is at work, before the manifest was there."""
    return path.name in (POINTS, "claims", "sweep.sbatch", "logs") or path.name.startswith(".")


def manifest_of(folder: Path) -> dict[str, Any]:
    """What `sweep.json` says. Raises UserError where there is none, or a broken one."""
    path = Path(folder) / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or "digest" not in data:
            raise ValueError("no digest in it")
    except FileNotFoundError:
        raise UserError(
            f"{folder}: not a sweep: {MANIFEST} is missing (expected a folder written by `peel "
            "sweep --out`)"
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: can't be read ({error}); the folder is damaged") from None
    return data


def design_of(folder: Path) -> Design:
    """The design that a folder was begun with."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = Path(folder)
    data = manifest_of(folder)
    try:
        table = pq.read_table(folder / POINTS)
        names = [f["name"] for f in data["factors"]]
        points = np.empty((table.num_rows, len(names)))
        for k, name in enumerate(names):
            points[:, k] = table.column(name).to_numpy()
        return Design.of(data, points, table.column("sample").to_numpy(), str(folder / MANIFEST))
    except (OSError, KeyError, TypeError, pa.ArrowException) as error:
        raise UserError(f"{folder}: the design in it can't be read ({error})") from None


def _check_same(design: Design, folder: Path) -> None:
    before, now = manifest_of(folder), identity(design)
    if before["digest"] != now["digest"]:
        raise UserError(
            f"{folder}: holds the sweep of another design ({before['digest']}, this is "
            f"{now['digest']}); resume with the design it was begun with, or give another --out"
        )
    check_model(folder, before)


def check_model(folder: Path, before: dict[str, Any]) -> None:
    """Refuse to add runs of one model to those of another. Raises UserError."""
    from sim import plugins
    from sim.kept_cities import code_state
    from sim.version import MODEL_VERSION

    now = {
        "model_version": MODEL_VERSION,
        "code_state": code_state(),
        "plugins": [list(pair) for pair in plugins.identity()],
    }
    words = {"model_version": "version of the model", "code_state": "state of the model's sources",
             "plugins": "set of plug-ins"}  # fmt: skip
    for key, text in words.items():
        if before.get(key) != now[key]:
            raise UserError(
                f"{folder}: its runs are of another {text} ({shown_state(before.get(key))}, this "
                f"is {shown_state(now[key])}); results of two must not mix: give another --out"
            )


def shown_state(value: Any) -> str:
    return "none" if value in ([], None) else str(value)[:60]


# --- what is done -----------------------------------------------------------------------------


def parts(folder: Path, kind: str = "runs") -> Iterator[Part]:
    """Every part of a kind, in order of name."""
    for path in sorted((Path(folder) / kind).glob("*/*.parquet")):
        if (part := _part(path)) is not None:
            yield part


def _part(path: Path) -> Part | None:
    words = path.stem.split("-")
    try:
        return Part(path, int(words[-3][1:]), int(words[-2][1:]))
    except (IndexError, ValueError):
        return None  # nothing of ours


def parts_of_chunk(folder: Path, chunk: int, prefix: str) -> list[Part]:
    """Parts that a worker of this session has written for a chunk before (it was interrupted)."""
    found = (Path(folder) / "runs" / subfolder(chunk)).glob(f"{prefix}-*.parquet")
    return [part for path in sorted(found) if (part := _part(path)) is not None]


def read_part(path: Path, columns: list[str] | None = None) -> pa.Table | None:
    """A part's table, or None where it is cut short or damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=columns, page_checksum_verification=True)
    except (OSError, pa.ArrowException):
        return None


def set_aside(folder: Path, part: Path) -> None:
    """Move a broken part out of the way, with its twins, which may well be whole but are alone."""
    for kind in ("runs", *SERIES):
        path = Path(folder) / kind / part.parent.name / part.name
        if path.exists():
            target = Path(folder) / "broken" / kind
            target.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):
                os.replace(path, target / path.name)


@dataclass
class Done:
    """What a folder holds: `state[run]` is 0 missing, 1 ok, 2 failed."""

    state: NDArray[np.int8]
    broken: int = 0

    @property
    def ok(self) -> int:
        return int((self.state == 1).sum())

    @property
    def failed(self) -> int:
        return int((self.state == 2).sum())

    @property
    def missing(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.state == 0)


def done(folder: Path, runs: int, mend: bool = False) -> Done:
    """Read which runs are there; with `mend`, broken parts are set aside and litter removed."""
    state = np.zeros(runs, dtype=np.int8)
    found = Done(state)
    # to mend, every column is read: a damaged page must not lie in wait
    columns = None if mend else ["run", "status"]
    whole = Path(folder) / RESULTS
    files = [p.path for p in parts(folder)]
    if whole.exists():
        files.insert(0, whole)
    for path in files:
        table = read_part(path, columns)
        if table is None:
            found.broken += 1
            if mend:
                set_aside(folder, path) if path != whole else os.replace(
                    path, path.with_suffix(".broken")
                )
            continue
        numbers = table.column("run").to_numpy()
        fine = np.asarray(table.column("status").to_pandas() == OK)
        state[numbers[~fine & (state[numbers] == 0)]] = 2
        state[numbers[fine]] = 1
    if mend:
        for kind in ("runs", *SERIES):
            for litter in (Path(folder) / kind).glob("*/.*.part"):
                with contextlib.suppress(OSError):
                    litter.unlink()
    return found
