"""What a job on a cluster asks for, checked before anything runs.

The `[cluster]` table (of the design, or of a file given with --profile) says what a job asks for:

    partition = "short"        account = "violence"       time = "01:00:00"
    jobs = 20                  memory = "2GB"             interface = "ib0"
    modules = ["python/3.11"]  setup = ["source ~/peel/bin/activate"]
    directives = ["--qos=preemptible", "--requeue"]
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.workers import ONE_THREAD
from sim.errors import UserError
from sim.words import nearest, shown

_TEXTS = ("partition", "account", "time", "memory", "interface", "python", "log_folder", "scratch")
_LISTS = ("modules", "setup", "directives")
KEYS = (*_TEXTS, *_LISTS, "jobs", "dashboard")
DEFAULTS: dict[str, Any] = {"time": "01:00:00", "jobs": 4, "dashboard": False}


def checked(table: Any, where: str) -> dict[str, Any]:
    """A `[cluster]` table that makes sense. Raises UserError naming the entry that doesn't."""
    if not isinstance(table, Mapping):
        raise UserError(f"{where}: expected a table of {', '.join(KEYS)}")
    for key, value in table.items():
        if key not in KEYS:
            raise UserError(f"{where}: no key {shown(key)}{nearest(str(key), KEYS)}")
        if key in _TEXTS and not isinstance(value, str):
            raise UserError(f"{where}: {key} = {shown(value)}: expected text")
        if key in _LISTS and not (
            isinstance(value, list) and all(isinstance(line, str) for line in value)
        ):
            raise UserError(f"{where}: {key} = {shown(value)}: expected a list of lines")
        if key == "jobs" and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise UserError(f"{where}: jobs = {shown(value)}: expected a whole number from 1")
        if key == "dashboard" and not isinstance(value, bool):
            raise UserError(f"{where}: dashboard = {shown(value)}: expected true or false")
    minutes(str(table.get("time", DEFAULTS["time"])), where)
    return dict(table)


def profile(path: Path) -> dict[str, Any]:
    """The `[cluster]` table of a profile file."""
    import tomllib

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"--profile {path}: can't be read ({error})") from None
    if set(data) != {"cluster"}:
        raise UserError(f"--profile {path}: expected one table, [cluster]")
    return checked(data["cluster"], f"{path}: [cluster]")


def minutes(text: str, where: str) -> float:
    """Slurm's forms of a time (minutes, M:S, H:M:S, D-H, D-H:M, D-H:M:S) in minutes."""
    days, dash, rest = text.rpartition("-")
    try:
        fields = [float(f) for f in rest.split(":")]
        whole = float(days) if dash else 0.0
    except ValueError:
        fields, whole = [], 0.0
    if not 1 <= len(fields) <= 3 or not all(math.isfinite(f) and f >= 0 for f in fields):
        raise UserError(f"{where}: time = {text!r}: expected e.g. 30, 02:00:00 or 1-00:00:00")
    if dash:
        fields += [0.0] * (3 - len(fields))
    elif len(fields) == 1:
        fields = [0.0, fields[0], 0.0]
    elif len(fields) == 2:
        fields = [0.0, *fields]
    hours, mins, seconds = fields
    return whole * 1440 + hours * 60 + mins + seconds / 60


def lines_before(table: Mapping[str, Any], memory: str = "") -> list[str]:
    """What a job's script does before Peel: modules, the environment, one thread."""
    source = str(Path(__file__).resolve().parents[2])
    out = [f"module load {name}" for name in table.get("modules", [])]
    out += list(table.get("setup", []))
    out += [f"export {name}=1" for name in ONE_THREAD]
    out.append(f'export PYTHONPATH={shlex.quote(source)}"${{PYTHONPATH:+:$PYTHONPATH}}"')
    if scratch := table.get("scratch"):
        out.append(f"export NUMBA_CACHE_DIR={scratch}")
    return out
