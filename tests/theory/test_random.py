"""Philox against its published vectors and an independent implementation; draws are uniform."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.kernel import kernel
from sim.random import (
    LANES,
    child_key,
    draws,
    philox,
    run_key,
    stream,
    words,
    words_block,
    words_of,
)

ONES = 0xFFFFFFFF
VECTORS = [  # Random123's known-answer tests, philox 4x32, 10 rounds: counter, key, result
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
# multipliers and Weyl increments of the paper, by width of a word
CONSTANTS = {
    32: ((0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85)),
    64: ((0xD2E7470EE14C6C93, 0xCA5A826395121157), (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)),
}


def plain_philox(counter: tuple[int, ...], key: tuple[int, int], bits: int) -> tuple[int, ...]:
    """Philox4 of either width, in Python's own integers."""
    (m0, m1), (w0, w1) = CONSTANTS[bits]
    mask = (1 << bits) - 1
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        one, two = m0 * c0, m1 * c2
        c0, c1, c2, c3 = (two >> bits) ^ c1 ^ k0, two & mask, (one >> bits) ^ c3 ^ k1, one & mask
        k0, k1 = (k0 + w0) & mask, (k1 + w1) & mask
    return c0, c1, c2, c3


def ours(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    words32 = [np.uint64(c) for c in counter]
    return tuple(int(x) for x in philox(*words32, np.uint64(key[1] << 32 | key[0])))


@pytest.mark.parametrize(("counter", "key", "result"), VECTORS, ids=["zeros", "ones", "pi"])
def test_philox_gives_the_published_vectors(
    counter: tuple[int, ...], key: tuple[int, int], result: tuple[int, ...]
) -> None:
    assert ours(counter, key) == result
    assert plain_philox(counter, key, 32) == result


def test_philox_agrees_with_the_plain_one_and_that_with_numpys() -> None:
    chance = np.random.Generator(np.random.PCG64(7))
    for _ in range(50):
        c = tuple(int(x) for x in chance.integers(0, 2**32, 4))
        k = tuple(int(x) for x in chance.integers(0, 2**32, 2))
        assert ours(c, k) == plain_philox(c, k, 32)
        # NumPy has the 64-bit kind of the same rounds, and counts up before its first block
        big_c = tuple(int(x) for x in chance.integers(1, 2**63, 4))
        big_k = tuple(int(x) for x in chance.integers(0, 2**63, 2))
        theirs = np.random.Philox(
            counter=np.array([big_c[0] - 1, *big_c[1:]], dtype=np.uint64),
            key=np.array(big_k, dtype=np.uint64),
        ).random_raw(4)
        assert tuple(int(x) for x in theirs) == plain_philox(big_c, big_k, 64)


def test_the_counter_is_who_day_and_purpose() -> None:
    key, who, day, purpose = run_key(3), 2**40 + 17, 1234, stream("violence.who")
    key32 = (int(key) & ONES, int(key) >> 32)
    want = plain_philox((who & ONES, who >> 32, day, purpose), key32, 32)
    assert tuple(int(x) for x in words(key, np.uint64(who), day, purpose)) == want


def test_lanes_drawn_side_by_side_are_those_drawn_one_by_one() -> None:
    key, who, day, purpose = run_key(3), np.uint64(2**37 + 17), 1234, stream("violence.who")
    out = np.zeros(4 * LANES, dtype=np.uint64)
    for first in (0, 8, 40):
        words_block(key, who, first, day, purpose, out)
        for lane in range(LANES):
            name = who | np.uint64((first + lane) << 40)
            want = tuple(int(x) for x in words(key, name, day, purpose))
            assert tuple(int(x) for x in out[lane::LANES]) == want


def test_names_drawn_side_by_side_are_those_drawn_one_by_one() -> None:
    key, day, purpose = run_key(3), 1234, stream("violence.who")
    names = np.arange(LANES, dtype=np.uint64) * np.uint64(2**59 + 12345)
    out = np.zeros(2 * LANES, dtype=np.uint64)
    words_of(key, names, day, purpose, out)
    for lane in range(LANES):
        want = tuple(int(x) for x in words(key, names[lane], day, purpose))[:2]
        assert tuple(int(x) for x in out[lane::LANES]) == want


@kernel
def _many(key, count, who_step, day_step, purpose_step, out):
    for i in range(count):
        a, b, c, d = draws(key, i * who_step + 5, i * day_step + 3, i * purpose_step + 11)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = a, b, c, d


@pytest.mark.parametrize("walk", [(1, 0, 0), (0, 1, 0), (0, 0, 1)], ids=["who", "day", "purpose"])
def test_neighbouring_draws_are_uniform_and_independent(walk: tuple[int, int, int]) -> None:
    count = 40_000
    out = np.empty((count, 4))
    _many(run_key(1), count, *walk, out)
    assert out.min() > 0.0 and out.max() < 1.0
    for lane in range(4):
        assert stats.kstest(out[:, lane], "uniform").pvalue > 1e-3
        ranks = out[:, lane] - 0.5
        assert abs(np.corrcoef(ranks[1:], ranks[:-1])[0, 1]) < 4.5 / np.sqrt(count)
    between = np.corrcoef(out.T) - np.eye(4)
    assert np.abs(between).max() < 4.5 / np.sqrt(count)


def test_seeds_streams_and_children_do_not_meet() -> None:
    assert len({int(run_key(s)) for s in range(5000)}) == 5000
    key = run_key(1)
    children = {int(child_key(key, np.uint64(p), o, 9)) for p in range(200) for o in range(50)}
    assert len(children) == 10_000 and 0 not in children
    assert stream("a purpose") == stream("a purpose") != stream("another purpose")
