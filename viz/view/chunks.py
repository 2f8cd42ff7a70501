"""A week of one arm as bytes: what the browser's player takes apart (see static/js/recording.js).

Layout, little endian, deflated (zlib) as a whole:

    u32 days, blocks, areas, beats, marks, turf (0 or blocks)
    u8  trust[days][blocks]   each day after the first as its difference (mod 256) from the last
    u8  calls[blocks], unsolved[areas], patrol[beats]
    --  padding to a multiple of 4
    u32 marks[marks]          block | kind << 24
    i16 turf[turf]            absent (0) while it is as when the run began
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

HEAD = struct.Struct("<6I")


def pack(
    trust: NDArray[np.uint8],
    calls: NDArray[np.uint8],
    unsolved: NDArray[np.uint8],
    patrol: NDArray[np.uint8],
    marks: NDArray[np.uint32],
    turf: NDArray[np.int16],
) -> bytes:
    """One week; `trust` is (days, blocks)."""
    days, blocks = trust.shape
    delta = trust.copy()
    delta[1:] -= trust[:-1]
    head = HEAD.pack(days, blocks, unsolved.size, patrol.size, marks.size, turf.size)
    body = delta.tobytes() + calls.tobytes() + unsolved.tobytes() + patrol.tobytes()
    pad = b"\0" * (-len(body) % 4)
    whole = head + body + pad + marks.astype("<u4").tobytes() + turf.astype("<i2").tobytes()
    return zlib.compress(whole, 1)


def unpack(chunk: bytes) -> dict[str, NDArray[np.generic]]:
    """The parts of a week by name, `trust` as levels (days, blocks)."""
    whole = zlib.decompress(chunk)
    days, blocks, areas, beats, marks, turf = HEAD.unpack_from(whole)
    at = HEAD.size
    delta = np.frombuffer(whole, np.uint8, days * blocks, at).reshape(days, blocks)
    at += days * blocks
    out: dict[str, NDArray[np.generic]] = {"trust": np.cumsum(delta, axis=0, dtype=np.uint8)}
    for name, size in (("calls", blocks), ("unsolved", areas), ("patrol", beats)):
        out[name] = np.frombuffer(whole, np.uint8, size, at)
        at += size
    at += -(at - HEAD.size) % 4
    out["marks"] = np.frombuffer(whole, "<u4", marks, at)
    out["turf"] = np.frombuffer(whole, "<i2", turf, at + 4 * marks)
    return out
