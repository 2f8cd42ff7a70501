"""Keyed draws: every random number is a pure function of (seed, stream, day, who).

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") is a
counter-based generator: it has no state, so neither the order of calls, nor the number of workers,
nor a policy that asks for more draws can move a draw that something else makes. Two arms with one
seed therefore live the same days until the policy touches something.

The counter is (who, day, stream); the key is the run's seed. What is born in a run (a shooting, a
case, a newborn) is named by `child_key`, a hash of its parent's key, never by a counter.

All arithmetic stays below 2**64, so the same source runs compiled and as plain Python.
"""

import hashlib

import numpy as np

from sim.kernel import built_in, kernel, one_by_one

_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MUL_A = np.uint64(0xD2511F53)
_MUL_B = np.uint64(0xCD9E8D57)
_WEYL_A = np.uint64(0x9E3779B9)
_WEYL_B = np.uint64(0xBB67AE85)
_UNIT = 1.0 / 4294967296.0


def stream(name: str) -> int:
    """A 24-bit number for a purpose, from its name, so that adding a purpose moves no other."""
    number = int.from_bytes(hashlib.blake2s(name.encode(), digest_size=3).digest(), "big")
    other = _STREAMS.setdefault(number, name)
    if other != name:
        raise ValueError(
            f"random streams {name!r} and {other!r} share a number; rename one of them"
        )
    return number


_STREAMS: dict[int, str] = {}


def run_key(seed: int) -> np.uint64:
    """The 64-bit Philox key of a run, spread from a small integer seed."""
    digest = hashlib.blake2b(f"peel run {int(seed)}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


@kernel
def _rounds(c0, c1, c2, c3, key):
    """The ten rounds, as a piece of whatever calls them: compilers give lanes to a loop over counters
    that holds its work in itself, and not to one that calls for it."""
    built_in()
    k0, k1 = key & _MASK, key >> _SHIFT
    for _ in range(10):
        a, b = _MUL_A * c0, _MUL_B * c2
        c0, c1, c2, c3 = (b >> _SHIFT) ^ c1 ^ k0, b & _MASK, (a >> _SHIFT) ^ c3 ^ k1, a & _MASK
        k0, k1 = (k0 + _WEYL_A) & _MASK, (k1 + _WEYL_B) & _MASK
    return c0, c1, c2, c3


@kernel
def philox(c0, c1, c2, c3, key):
    """Philox4x32-10: four 32-bit words (held in uint64) from a 128-bit counter and a 64-bit key."""
    one_by_one()
    return _rounds(c0, c1, c2, c3, key)


@kernel
def words(key, who, day, purpose):
    """Four 32-bit words for (who, day, purpose); `who` is a uint64, the others small integers."""
    who = np.uint64(who)
    return philox(who & _MASK, who >> _SHIFT, np.uint64(day) & _MASK, np.uint64(purpose), key)


LANES = 8  # counters that `words_block` works through side by side


@kernel
def words_block(key, who, first, day, purpose, out):
    """The words for LANES counters: those of `who | (first + k) << 40`, as `words` gives them.

    Word j of lane k goes to `out[j * LANES + k]`. Processors do the lanes at once, for the price of
    one.
    """
    low, high = who & _MASK, who >> _SHIFT
    day, purpose = np.uint64(day) & _MASK, np.uint64(purpose)
    for k in range(LANES):
        c0, c1, c2, c3 = low, high | (np.uint64(first + k) << np.uint64(8)), day, purpose
        c0, c1, c2, c3 = _rounds(c0, c1, c2, c3, key)
        out[k], out[LANES + k], out[2 * LANES + k], out[3 * LANES + k] = c0, c1, c2, c3


@kernel
def words_of(key, names, day, purpose, out):
    """The first two words for each of LANES `names`: as `words` gives them for (names[k], day, purpose).

    Word j of name k goes to `out[j * LANES + k]`.
    """
    day, purpose = np.uint64(day) & _MASK, np.uint64(purpose)
    for k in range(LANES):
        c0, c1, c2, c3 = names[k] & _MASK, names[k] >> _SHIFT, day, purpose
        c0, c1, c2, c3 = _rounds(c0, c1, c2, c3, key)
        out[k], out[LANES + k] = c0, c1


@kernel
def draws(key, who, day, purpose):
    """Four uniforms in (0, 1) for (who, day, purpose)."""
    a, b, c, d = words(key, who, day, purpose)
    return (a + 0.5) * _UNIT, (b + 0.5) * _UNIT, (c + 0.5) * _UNIT, (d + 0.5) * _UNIT


@kernel
def child_key(key, parent, ordinal, purpose):
    """A 64-bit name for what `parent` gives rise to: never 0, which means "nothing"."""
    a, b, _, _ = words(key, parent, ordinal, purpose)
    return (a << _SHIFT) | b | np.uint64(1)


@kernel
def fill_uniforms(keys, seed, day, purpose, out):
    """`out[k]`: the first of the four uniforms for (keys[k], day, purpose)."""
    day, purpose = np.uint64(day) & _MASK, np.uint64(purpose)
    for k in range(keys.size):
        c0, c1, c2, c3 = keys[k] & _MASK, keys[k] >> _SHIFT, day, purpose
        c0, c1, c2, c3 = _rounds(c0, c1, c2, c3, seed)
        out[k] = (np.float64(np.int64(c0)) + 0.5) * _UNIT


@kernel
def fill_words(keys, seed, day, purpose, out):
    """`out[k]`: the first two words for (keys[k], day, purpose), as one uint64."""
    day, purpose = np.uint64(day) & _MASK, np.uint64(purpose)
    for k in range(keys.size):
        c0, c1, c2, c3 = keys[k] & _MASK, keys[k] >> _SHIFT, day, purpose
        c0, c1, c2, c3 = _rounds(c0, c1, c2, c3, seed)
        out[k] = (c0 << _SHIFT) | c1
