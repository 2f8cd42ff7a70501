"""Households: who lives with whom, of what age, sex and group, block by block.

Ages come from the head of the household: children a generation younger, partners of like age,
singles young or old. The tables are our own figures, shaped so that a city comes out with about
22 % below 18, 24 % from 15 to 29, and 13 % from 65. Members of a household share
a group. What is left out: mixed households, institutions, students' halls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.agents.start import Start
from sim.kernel import kernel
from sim.random import words

SIZES = np.cumsum([0.335, 0.30, 0.145, 0.115, 0.06, 0.03, 0.015])
# ages at 13 equally spaced quantiles, by kind of head: alone, couple, family, young sharers
HEADS = np.array(
    [
        [20, 26, 30, 35, 41, 48, 54, 60, 65, 70, 76, 83, 93],
        [21, 28, 33, 39, 46, 52, 57, 61, 65, 69, 73, 78, 88],
        [20, 26, 30, 33, 36, 39, 42, 44, 47, 50, 54, 60, 70],
        [18, 20, 22, 24, 26, 28, 30, 32, 35, 39, 44, 51, 65],
    ],
    dtype=np.float64,
)
ALONE, COUPLE, FAMILY, SHARERS = 0, 1, 2, 3


class Homes(NamedTuple):
    """One row per resident (vacant rows included), sorted by block and household."""

    age_days: NDArray[np.int32]
    sex: NDArray[np.uint8]  # 1 male
    group: NDArray[np.uint8]
    home: NDArray[np.int32]  # block
    kin_first: NDArray[np.int32]
    kin_size: NDArray[np.int16]
    vacant: NDArray[np.uint8]  # 1: nobody lives in this row yet


def settle(
    start: Start,
    area: NDArray[np.int32],
    people: NDArray[np.int32],
    vacant: NDArray[np.int32],
    shares: NDArray[np.float64],
) -> Homes:
    """Fill every block with people and vacant rows; groups follow `shares` area by area."""
    rows = int(people.sum()) + int(vacant.sum())
    homes = Homes(
        np.zeros(rows, np.int32),
        np.zeros(rows, np.uint8),
        np.zeros(rows, np.uint8),
        np.zeros(rows, np.int32),
        np.zeros(rows, np.int32),
        np.zeros(rows, np.int16),
        np.zeros(rows, np.uint8),
    )
    purpose = start.purpose("start household")
    number = int(area.max()) + 1
    quota = np.zeros((number, shares.shape[1]))
    for g in range(shares.shape[1]):
        quota[:, g] = np.bincount(area, weights=people * shares[:, g], minlength=number)
    _settle(start.key, purpose, area, people, vacant, shares, quota, SIZES, HEADS, homes)
    return homes


@kernel
def _settle(key, purpose, area, people, vacant, shares, quota, sizes, heads, homes):
    """The loop over blocks and households. `quota[a, g]` people of group g are due in area a.

    A household's group is drawn from the block's shares, leaning to the groups that the area is
    still short of, so that the area's totals come out within a household or so.
    """
    unit = 1.0 / 4294967296.0
    groups = shares.shape[1]
    due = quota.copy()
    expected = quota.copy()
    weight = np.zeros(groups)
    row = 0
    for b in range(people.size):
        left = people[b]
        spare = vacant[b]
        while left + spare > 0:
            wa, wb, wc, wd = words(key, row, 0, purpose)
            size = 1
            while size < 7 and (wa + 0.5) * unit > sizes[size - 1]:
                size += 1
            if left == 0:
                size = 1
            elif size > left:
                size = left
            kind = ALONE
            u = (wb + 0.5) * unit
            couple = False
            if size == 2:
                kind = COUPLE if u < 0.62 else (FAMILY if u < 0.86 else SHARERS)
                couple = kind == COUPLE
            elif size > 2:
                kind = FAMILY if u < 0.94 else SHARERS
                couple = u < 0.62
            u = (wc + 0.5) * unit * 12.0
            step = int(u)
            head = heads[kind, step] + (u - step) * (heads[kind, step + 1] - heads[kind, step])
            # --- group
            summed = 0.0
            for g in range(groups):
                lean = (due[area[b], g] + 1.0) / (expected[area[b], g] + 1.0)
                weight[g] = shares[b, g] * min(max(lean, 0.05), 20.0)
                summed += weight[g]
            u = (wd + 0.5) * unit * summed
            group = groups - 1
            for g in range(groups):
                u -= weight[g]
                if u < 0.0:
                    group = g
                    break
            if left > 0:
                due[area[b], group] -= size
                for g in range(groups):
                    expected[area[b], g] -= shares[b, g] * size
            # --- members
            first_sex = 0
            for m in range(size):
                wa, wb, wc, wd = words(key, row, m + 1, purpose)
                u = (wa + 0.5) * unit
                sex = 1 if (wb + 0.5) * unit < 0.535 else 0
                age = head
                if m == 0:
                    # more lone parents are women, and more of the old who live alone
                    if (kind == FAMILY and not couple) or (kind == ALONE and head > 65.0):
                        sex = 1 if (wb + 0.5) * unit < 0.25 else 0
                    first_sex = sex
                elif m == 1 and couple:
                    age = head + 10.0 * (u - 0.5)
                    sex = 1 - first_sex if (wb + 0.5) * unit < 0.96 else first_sex
                elif kind == SHARERS:
                    age = head + 8.0 * (u - 0.5)
                elif m >= 4 and m == size - 1 and u < 0.4:
                    age = head + 24.0 + 10.0 * u  # a grandparent
                else:
                    age = head - 17.0 - 21.0 * u * u
                    if age < 0.0 or age > 32.0:
                        age = 17.9 * (wc + 0.5) * unit
                if (m == 0 or (m == 1 and couple) or kind == SHARERS) and age < 18.0:
                    age = 18.0 + 2.0 * u
                homes.age_days[row + m] = int(365.25 * min(age, 99.0) + 365.0 * (wd + 0.5) * unit)
                homes.sex[row + m] = sex
                homes.group[row + m] = group
                homes.home[row + m] = b
                homes.kin_first[row + m] = row
                homes.kin_size[row + m] = size
                homes.vacant[row + m] = 1 if left == 0 else 0
            row += size
            if left > 0:
                left -= size
            else:
                spare -= 1
