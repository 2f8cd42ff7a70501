"""A comparison's folder: claimed, taken up again, and told from anything else.

`compare.json` holds the plan and how it went; `runs/` one file per finished run. What is not
there was not finished.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.plan import Plan, Run
from experiments.workers import Failure
from sim.errors import UserError

MANIFEST = "compare.json"


def path_of(folder: str | Path, run: Run) -> Path:
    """Where a run is kept."""
    return Path(folder) / "runs" / f"{run.hash}.zip"


def begin(asked: Plan, folder: Path, resume: bool) -> Plan:
    """Claim `folder` for the plan, or take up the one there; returns the plan with all its seeds.

    Raises UserError for a folder that exists (without `resume`) or holds another comparison.
    """
    manifest = folder / MANIFEST
    if folder.exists() and any(folder.iterdir()):
        if not resume:
            raise UserError(
                f"{folder}: exists already; give another --out, or --resume to complete what is "
                "there"
            )
        if not manifest.exists():
            raise UserError(f"{folder}: holds no comparison to resume ({MANIFEST} is missing)")
        before = read_plan(folder)
        if changed := before.same_question(asked):
            raise UserError(
                f"{folder}: holds another comparison ({changed} differ); resume with the same "
                f"scenarios and options, or give another --out"
            )
        _same_model(folder, asked)
        asked = dataclasses.replace(
            asked,
            seeds=tuple(dict.fromkeys((*before.seeds, *asked.seeds))),
            headlines=before.headlines,
            worlds=before.worlds,
            layers=before.layers,
        )
        for litter in (folder / "runs").glob(".*.zip.*"):
            litter.unlink(missing_ok=True)
    try:
        (folder / "runs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: can't be made ({error.strerror})") from None
    write_manifest(folder, asked, "running")
    return asked


def read_manifest(folder: Path) -> dict[str, Any]:
    """What `compare.json` says. Raises UserError where there is none, or a broken one."""
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or "plan" not in data:
            raise ValueError("no plan in it")
    except FileNotFoundError:
        raise UserError(
            f"{folder}: not a comparison: {MANIFEST} is missing (expected a folder written by "
            f"`peel compare --out`)"
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: can't be read ({error}); the folder is damaged") from None
    return data


def read_plan(folder: Path) -> Plan:
    """The plan that a folder was begun with."""
    try:
        return Plan.from_dict(read_manifest(folder)["plan"], str(folder / MANIFEST))
    except (KeyError, TypeError) as error:
        raise UserError(
            f"{folder / MANIFEST}: half-written or damaged (at {error}); start the comparison anew"
        ) from None


def kept_runs(folder: Path) -> dict[tuple[str, str, int], Path]:
    """(world, arm, seed) -> file of each run that finished, by what the folder itself says.

    Not by today's hashes: a report must be rebuilt from runs of an older model too.
    """
    listed = read_manifest(folder).get("runs", [])
    paths = {
        (r["world"], r["arm"], r["seed"]): folder / "runs" / f"{r['hash']}.zip" for r in listed
    }
    return {key: path for key, path in paths.items() if path.exists()}


def _same_model(folder: Path, asked: Plan) -> None:
    """Refuse to add runs of one model, or one city file, to those of another."""
    before = {(r["world"], r["arm"], r["seed"]): r["hash"] for r in read_manifest(folder)["runs"]}
    for run in asked.runs():
        if before.get((run.world, run.arm, run.seed), run.hash) != run.hash:
            raise UserError(
                f"{folder}: its runs are of another version of the model or of the city's file; "
                f"`peel report` still reads them, but new runs need another --out"
            )


def write_manifest(
    folder: Path,
    asked: Plan,
    status: str,
    failures: Sequence[Failure] = (),
    seconds: float | None = None,
) -> None:
    from sim.version import MODEL_VERSION

    path = folder / MANIFEST
    before = json.loads(path.read_text()) if path.exists() and status == "complete" else {}
    data = {
        "model_version": MODEL_VERSION,
        "status": status,
        "plan": asked.to_dict(),
        "runs": [
            {"world": run.world, "arm": run.arm, "seed": run.seed, "hash": run.hash}
            for run in asked.runs()
        ],
        "failures": [dataclasses.asdict(f) for f in failures],
        "seconds": round(before.get("seconds") or 0.0, 1) + round(seconds or 0.0, 1),
    }
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(data, indent=1), encoding="utf-8")
    os.replace(temporary, path)
