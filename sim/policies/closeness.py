"""Compiled passes over who was close to gunfire, for `sim.policies.gunfire`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel import kernel
from sim.policies.lists import Days, Rows

Scores = NDArray[np.float64]


@kernel
def still_here(
    seen: Any, key: NDArray[np.uint64], absent: NDArray[np.bool_], today: int, row: Rows, ago: Rows
) -> int:
    """Fills `row` and `ago` (days) with those of `seen` who still hold their row and are not absent."""
    n = 0
    for k in range(seen.size):
        i = seen[k]["row"]
        if i >= 0 and key[i] == seen[k]["person"] and not absent[i]:
            row[n], ago[n] = i, today - seen[k]["day"]
            n += 1
    return n


@kernel
def add_up(rows: Rows, row: Rows, ago: Rows, left: Scores, room: Rows, score: Scores) -> None:
    """Adds to the `score` of each of `rows` what is `left` after `ago` days, for every `row`."""
    for k in range(rows.size):
        room[rows[k]] = k
    for k in range(row.size):
        score[room[row[k]]] += left[ago[k]]


@kernel
def hurt(
    shots: Any, until: int, kin: bool, lives: Any, members: Any, key: NDArray[np.uint64],
    absent: NDArray[np.bool_], room: Rows, out: Rows,
) -> int:  # fmt: skip
    """Fills `out` with the wounded and (`kin`) the households of the dead, up to day `until`.

    Only those who are not absent; `room` gets the last day of each. Returns how many there are.
    """
    n = 0
    for k in range(shots.size):  # oldest first: the last to be written stays
        i, day = shots[k]["victim"], shots[k]["day"]
        if day > until:
            break
        if not shots[k]["fatal"]:
            if key[i] == shots[k]["person"] and not absent[i]:
                out[n], room[i] = i, day
                n += 1
        elif kin:
            first = np.int64(lives[i]["kin_first"])
            for at in range(first, first + np.int64(lives[i]["kin_size"])):
                j = np.int64(members[at])
                if j != i and not absent[j]:
                    out[n], room[j] = j, day
                    n += 1
    return n


@kernel
def of_these_ages(
    rows: Rows,
    score: Scores,
    born: Days,
    today: int,
    low: float,
    high: float,
    out: Rows,
    kept: Scores,
) -> int:
    """Fills `out` and `kept` with those of `rows` aged `low` to `high`, and their scores."""
    n = 0
    for k in range(rows.size):
        age = (today - born[rows[k]]) / 365.0
        if age >= low and age <= high:
            out[n], kept[n] = rows[k], score[k]
            n += 1
    return n
