"""Burnt-in cities kept on disk, so that the same one is burnt in once on a machine.

A city is named by `Scenario.burn_in_hash` (city, parameters, hypotheses, policies dated before the
start, seed, version, plug-ins) inside a folder named by the state of the sources, so that edited
code never meets an older city. A file is written under a temporary name and renamed; one that is
cut short, damaged or of another form is thrown away and the city burnt in anew. The folder is
bounded (PEEL_CACHE_GB, 4 unless set; 0 switches it off) and the files that nobody used for longest
go first. It lies in PEEL_CACHE_DIR, else in the user's cache folder; like compiled code, its files
are this user's own and are not to be passed on.

A file: MAGIC, a digest of the rest, the length of a pickle, the pickle (everything but the large
arrays, and where each belongs), then the arrays, compressed one by one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.run import Burnt, burn_in
from sim.scenario import Scenario

MAGIC = b"peel-burnt-city-1\n"
DEFAULT_GB = 4.0
_LARGE = 4096  # bytes from which an array is worth a place of its own
_DIGEST = 16


def settled(
    scenario: Scenario,
    seed: int,
    suppressed: Sequence[int] = (),
    progress: Callable[[float], None] | None = None,
    keep: bool = True,
) -> Burnt:
    """The burnt-in city: from disk where it is there, else burnt in and (with `keep`) put there.

    With events left out (`suppressed`) it is always burnt in, and never kept.
    """
    if suppressed or limit_bytes() <= 0 or scenario.burn_in_days == 0:
        return burn_in(scenario, seed, suppressed, progress)
    path = path_of(scenario, seed)
    found = load(path)
    if found is not None and found.identity == scenario.burn_in_hash(seed):
        return found
    burnt = burn_in(scenario, seed, progress=progress)
    if keep:
        save(burnt, path)
    return burnt


@dataclasses.dataclass(frozen=True)
class _Place:
    """Where an array belongs in the file: its number, and what it is."""

    number: int
    dtype: np.dtype
    shape: tuple[int, ...]
    record: bool


def save(burnt: Burnt, path: Path) -> bool:
    """Keep a city; False where it can't be kept (no room, nothing to write to, an odd plug-in)."""
    import pyarrow as pa

    arrays: list[np.ndarray] = []
    parts = {f.name: getattr(burnt, f.name) for f in dataclasses.fields(burnt)}
    try:
        head = pickle.dumps({n: _without(v, arrays) for n, v in parts.items()}, protocol=5)
    except Exception:  # whatever a plug-in keeps may refuse to be pickled
        return False
    codec = pa.Codec("zstd", compression_level=1)
    packed = [codec.compress(_raw(a), asbytes=True) for a in arrays]
    sizes = np.array([len(p) for p in packed], dtype="<u8").tobytes()
    body = [len(head).to_bytes(8, "little"), head, sizes, *packed]
    if sum(map(len, body)) > limit_bytes() // 2:
        return False
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for part in body:
        digest.update(part)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, work = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines([MAGIC, digest.digest(), *body])
            os.replace(work, path)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(work)
        prune(spare=path)
    except OSError:  # a full or read-only disk costs time, not results
        return False
    return True


def load(path: Path) -> Burnt | None:
    """The city kept at `path`, or None; a file that is not whole is removed."""
    import time

    import pyarrow as pa

    began = time.perf_counter()
    try:
        data = path.read_bytes()
    except OSError:
        return None
    try:
        at = len(MAGIC) + _DIGEST
        if data[: len(MAGIC)] != MAGIC:
            raise ValueError("another form")
        if hashlib.blake2b(data[at:], digest_size=_DIGEST).digest() != data[len(MAGIC) : at]:
            raise ValueError("damaged")
        length = int.from_bytes(data[at : at + 8], "little")
        parts = pickle.loads(data[at + 8 : at + 8 + length])
        burnt = Burnt(**_with(parts, _Reader(data, at + 8 + length, pa.Codec("zstd"))))
    except Exception:  # damaged in a way nobody thought of: burn in anew
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # used just now: goes last
    burnt.seconds, burnt.from_disk = time.perf_counter() - began, True
    return burnt


class _Reader:
    """Arrays of a file by their number."""

    def __init__(self, data: bytes, at: int, codec: Any) -> None:
        self.data, self.at, self.codec = memoryview(data), at, codec
        self.places: list[_Place] = []

    def fill(self, places: list[_Place]) -> list[np.ndarray]:
        sizes = np.frombuffer(self.data, "<u8", len(places), self.at)
        at = self.at + sizes.nbytes
        out = []
        for place, size in zip(places, sizes.tolist(), strict=True):
            raw = self.codec.decompress(
                self.data[at : at + size],
                int(np.prod(place.shape)) * place.dtype.itemsize,
            )
            # a copy, since what is decompressed into can't be written to
            array = np.frombuffer(raw, dtype=place.dtype).reshape(place.shape).copy()
            out.append(array.view(np.recarray) if place.record else array)
            at += size
        return out


def _raw(array: np.ndarray) -> np.ndarray:
    """The array's own bytes, padding of records included (`tobytes` leaves that to chance)."""
    return np.ascontiguousarray(array).view(np.ndarray).reshape(-1).view(np.uint8)


def _is_tree(value: Any) -> bool:
    """A named tuple, of which worlds are made."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _without(value: Any, arrays: list[np.ndarray]) -> Any:
    """`value` with large arrays of named tuples, and itself, taken out and put into `arrays`."""
    if _is_tree(value):
        return type(value)(*(_without(part, arrays) for part in value))
    plain = type(value) in (np.ndarray, np.recarray)
    if not plain or value.nbytes < _LARGE or value.dtype.hasobject:
        return value
    arrays.append(value)
    # a recarray's dtype has `np.record` as its type, which pickles with the array's own
    return _Place(len(arrays) - 1, value.dtype, value.shape, isinstance(value, np.recarray))


def _with(parts: dict[str, Any], reader: _Reader) -> dict[str, Any]:
    places: list[_Place] = []

    def find(value: Any) -> None:
        if isinstance(value, _Place):
            places.append(value)
        elif _is_tree(value):
            for part in value:
                find(part)

    for value in parts.values():
        find(value)
    places.sort(key=lambda place: place.number)
    arrays = reader.fill(places)

    def put(value: Any) -> Any:
        if isinstance(value, _Place):
            return arrays[value.number]
        return type(value)(*(put(part) for part in value)) if _is_tree(value) else value

    return {name: put(value) for name, value in parts.items()}


# --- the folder -------------------------------------------------------------------------------


@cache
def code_state() -> str:
    """16 digits that name the state of the model's sources, data of embedded cities included."""
    root = Path(__file__).parent
    digest = hashlib.blake2b(np.__version__.encode(), digest_size=8)
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "evidence" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def folder() -> Path:
    """Where cities are kept, for all states of the sources."""
    given = os.environ.get("PEEL_CACHE_DIR")
    if given:
        return Path(given) / "cities"
    given = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "peel" / "cities"


def path_of(scenario: Scenario, seed: int) -> Path:
    """The file that this scenario's burnt-in city would be kept in."""
    return folder() / code_state() / f"{scenario.burn_in_hash(seed)}.city"


def limit_bytes() -> int:
    """How much may be kept; 0: nothing. PEEL_CACHE_GB that is no number counts as unset."""
    try:
        gigabytes = float(os.environ.get("PEEL_CACHE_GB", DEFAULT_GB))
    except ValueError:
        gigabytes = DEFAULT_GB
    return int(gigabytes * 1e9) if 0.0 < gigabytes < 1e6 else 0


def files() -> list[tuple[float, int, Path]]:
    """(when last used, bytes, path) of all cities kept, longest unused first."""
    out = []
    for path in folder().glob("*/*.city"):
        with contextlib.suppress(OSError):
            told = path.stat()
            out.append((told.st_mtime, told.st_size, path))
    return sorted(out)


def prune(spare: Path | None = None) -> None:
    """Remove cities until the rest fit, longest unused first, but not `spare`."""
    kept = files()
    over = sum(size for _, size, _ in kept) - limit_bytes()
    for _, size, path in kept:
        if over <= 0:
            return
        if path != spare:
            with contextlib.suppress(OSError):
                path.unlink()
                over -= size


def clear() -> int:
    """Remove everything kept; the number of cities removed."""
    count = len(files())
    shutil.rmtree(folder(), ignore_errors=True)
    return count
