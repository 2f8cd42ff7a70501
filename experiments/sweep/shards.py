"""Slurm without a scheduler of ours: a job array, one shard of the design a task.

`peel sweep DESIGN.toml --out DIR --shards N` writes `sweep.sbatch`; each task of the array then
runs the same command with `--shard I`, and needs no connection to anything but the folder. A task
that is killed loses what it had not flushed; one that is preempted or runs out of time keeps it and
queues again. Submitting the script again completes whatever is missing, and so does any other way
of running the sweep.
"""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.sweep import store
from experiments.sweep.cluster_table import DEFAULTS, lines_before
from sim.errors import UserError

SCRIPT = "sweep.sbatch"


def check(shards: int | None, shard: int | None, on: str) -> None:
    """Raise UserError where --shards and --shard make no sense."""
    if shard is not None and shards is None:
        raise UserError(f"--shard {shard}: say of how many, with --shards N")
    if shards is None:
        return
    if on not in ("local", "here"):
        raise UserError(
            f"--shards with --on {on}: a shard runs where it is started; leave --on out"
        )
    if shard is not None and shard >= shards:
        raise UserError(f"--shard {shard}: shards are numbered from 0 to {shards - 1}")


def write_script(
    design: Path,
    folder: Path,
    shards: int,
    table: Mapping[str, Any],
    memory_mb: float,
    plugins: Sequence[Path] = (),
) -> Path:
    """Write the array's script into the folder; returns its path."""
    table = {**DEFAULTS, **table}
    folder = folder.resolve()
    logs = Path(table.get("log_folder", folder / "logs"))
    logs.mkdir(parents=True, exist_ok=True)
    memory = table.get("memory", f"{math.ceil(memory_mb)}MB").removesuffix("B")
    asks = [
        "--job-name=peel-sweep", f"--array=0-{shards - 1}", "--ntasks=1", "--cpus-per-task=1",
        f"--mem={memory}", f"--time={table['time']}", f"--output={logs}/%A_%a.log", "--requeue",
        "--open-mode=append",
        # two minutes before the time limit, so that what is finished is kept
        "--signal=B:USR1@120",
    ]  # fmt: skip
    asks += [f"--{k}={table[k]}" for k in ("partition", "account") if k in table]
    asks += list(table.get("directives", []))
    words = [table.get("python", sys.executable), "-m", "experiments.cli", "sweep",
             str(design.resolve()), "--out", str(folder), "--workers", "1", "--shards", str(shards),
             "--quiet"]  # fmt: skip
    for file in plugins:
        words += ["--plugin", str(file.resolve())]
    command = " ".join(shlex.quote(word) for word in words)
    text = "\n".join([
        "#!/bin/bash",
        *(f"#SBATCH {line}" for line in asks),
        "# Written by `peel sweep --shards`. Submit it again to complete what is missing.",
        *lines_before(table),
        f'{command} --shard "$SLURM_ARRAY_TASK_ID" &',
        "child=$!",
        "# The time limit is near: keep what is finished, and queue again.",
        'trap \'again=1; kill -TERM "$child"\' USR1',
        "# Cancelled, or preempted (Slurm itself queues it again then): keep what is finished.",
        'trap \'kill -TERM "$child"\' TERM',
        "# bash answers a signal only between commands, hence the wait",
        'wait "$child"; code=$?',
        'while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done',
        'if [ -n "$again" ] && [ "$code" -eq 143 ]; then',
        '    scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"',
        "fi",
        'exit "$code"',
        "",
    ])  # fmt: skip
    path = folder / SCRIPT
    store.write_text(path, text)
    return path
