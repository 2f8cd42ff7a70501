"""Who works in a folder now: a small file with a beating heart, and no locks.

A client writes `claims/NAME.json` every few seconds: who it is, a counter that goes up, and how far
it is (which is what `peel sweep status` shows). Another client that finds one watches whether the
counter moves; clocks of two machines are never compared. A claim that doesn't move is of a client
that died, and is taken over; on the client's own machine the process itself is looked for, which is
quicker. Should two ever run at once all the same, nothing is lost: parts have unique names, and
what is there twice must be equal.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from experiments.sweep import store
from sim.errors import RunFailed, UserError

BEAT_SECONDS = 3.0
WATCHED_BEATS = 4
WHOLE = "all"


def shard_name(shards: int, shard: int) -> str:
    return f"shard-{shard}-of-{shards}"


class Claim:
    """A claim on a folder, beating in a thread until it is left.

    `told` is what the file says besides who wrote it; change it at will. `lost` is set when
    somebody else took the folder over.
    """

    def __init__(self, folder: Path, name: str = WHOLE) -> None:
        self.folder, self.name = Path(folder), name
        self.path = self.folder / "claims" / f"{name}.json"
        self.told: dict[str, Any] = {}
        self.lost = threading.Event()
        self._id = uuid.uuid4().hex
        self._beats = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Claim:
        """Raises UserError where somebody else is at work here."""
        for other in claims(self.folder):
            if _conflict(self.name, other["name"]) and _alive(self.folder, other):
                raise UserError(
                    f"{self.folder}: another client is at work here ({other['name']}, process "
                    f"{other['process']} on {other['host']}); wait for it, or end it first"
                )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._write()
        except OSError as error:
            raise UserError(f"{self.folder}: can't be written ({error.strerror})") from None
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        with contextlib.suppress(OSError):
            if self._mine():
                self.path.unlink()

    def check(self) -> None:
        """Raise RunFailed where the folder was taken over."""
        if self.lost.is_set():
            raise RunFailed(f"{self.folder}: another client took this sweep over; stopping here")

    def _live(self) -> None:
        while not self._end.wait(BEAT_SECONDS):
            try:
                if not self._mine():
                    self.lost.set()
                    return
                self._write()
            except OSError:
                continue  # a full disk is for the work itself to report

    def _write(self) -> None:
        self._beats += 1
        told = {
            "id": self._id, "name": self.name, "host": socket.gethostname(),
            "process": os.getpid(), "beat": self._beats, "time": time.time(), **self.told,
        }  # fmt: skip
        store.write_text(self.path, json.dumps(told))

    def _mine(self) -> bool:
        found = _read(self.path)
        return found is None or found["id"] == self._id


def claims(folder: Path) -> list[dict[str, Any]]:
    """What the claims of a folder say, live or not."""
    found = [_read(path) for path in sorted((Path(folder) / "claims").glob("*.json"))]
    return [one for one in found if one is not None]


def _read(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and {"id", "name", "beat"} <= set(data) else None


def _conflict(mine: str, other: str) -> bool:
    """Shards of one division work side by side; anything else does not."""
    if WHOLE in (mine, other) or mine == other:
        return True
    return mine.split("-of-")[-1] != other.split("-of-")[-1]


def _alive(folder: Path, claim: dict[str, Any]) -> bool:
    """Does its heart beat? Watched, unless it is of this machine, where it can be asked."""
    here = claim.get("host") == socket.gethostname()
    if here and sys.platform != "win32":  # there, signal 0 is no question
        try:
            os.kill(int(claim["process"]), 0)
        except ProcessLookupError:
            return False
        except (PermissionError, OSError, ValueError, KeyError):
            pass
    path = Path(folder) / "claims" / f"{claim['name']}.json"
    for _ in range(round(BEAT_SECONDS * WATCHED_BEATS)):
        time.sleep(1.0)
        now = _read(path)
        if now is None:
            return False
        if (now["id"], now["beat"]) != (claim["id"], claim["beat"]):
            return True
    return False


def fresh(claim: dict[str, Any]) -> bool:
    """Was it written lately, by this machine's clock? For display only."""
    return time.time() - float(claim.get("time", 0.0)) < BEAT_SECONDS * WATCHED_BEATS
