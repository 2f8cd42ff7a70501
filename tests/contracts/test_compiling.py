"""Kernels are compiled in parts, once: the short way is taken, and gives what numba's own way gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import reduce
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core.caching import NullCache

from sim import compiling
from sim.kernel import Kernel, kernel
from sim.random import words

ROOT = Path(__file__).resolve().parents[2]
compiled = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="compilation is off")


@kernel
def half(x):
    return x / 2


@kernel
def positive(x):
    if x < 0:
        raise ValueError("below zero")
    return half(x) + half(1)


@kernel
def twice_over(x):
    return positive(x) + half(positive(x * 3))


@numba.njit
def times(a, b):
    return a * b


@kernel
def of_arrays(n):
    """What only some kernels have: expressions of arrays, comprehensions, reduce, names in text."""
    squares = np.array([float(k * k) for k in range(n)])
    rows = np.zeros(n, dtype=PAIR)
    for k in range(n):
        rows[k]["left"] = k
        rows["right"][k] = squares[k]
    total = reduce(times, (1, 2, n))
    return (squares * 2.0 - squares / 3.0).sum() + rows["left"].sum() + rows["right"][n - 1] + total


@kernel
def drawn(key, count):
    total = np.uint64(0)
    for k in range(count):
        total ^= words(key, np.uint64(k), 3, 4)[1]
    return total


PAIR = np.dtype([("left", "i4"), ("right", "f8")])
plain_function = numba.njit(lambda x: positive(x) + np.full(3, x).sum())


@kernel
def over_a_plain_function(x):
    return plain_function(x) + np.full(2, x).sum()


def answers() -> list[str]:
    """What the kernels above return, to the last bit."""
    found = [
        twice_over(7), twice_over(0.1), of_arrays(6), drawn(np.uint64(2**63 + 5), 40),
        over_a_plain_function(0.3), plain_function(0.3),
    ]  # fmt: skip
    return [float(x).hex() if isinstance(x, float) else str(int(x)) for x in found]


def test_what_is_compiled_in_parts_is_what_python_says() -> None:
    assert twice_over(7) == twice_over.py_func(7) == 4.0 + 5.5
    squares = np.arange(6.0) ** 2
    assert of_arrays(6) == pytest.approx((squares * 5 / 3).sum() + 15 + 25 + 12)
    assert over_a_plain_function(0.3) == pytest.approx(0.15 + 0.5 + 0.9 + 0.6)


def test_an_error_of_a_part_reaches_python() -> None:
    with pytest.raises(ValueError, match="below zero"):
        twice_over(-1)


@compiled
def test_the_short_way_is_taken() -> None:
    """If this fails after an upgrade of numba: its internals changed, and a first run takes minutes again."""
    assert compiling.IN_PARTS
    fresh = Kernel(twice_over.py_func)
    fresh.outer._cache = NullCache()  # compiled here and now, whatever earlier runs have kept
    assert fresh(np.int32(7)) == twice_over(7)
    (whole,) = fresh.outer.overloads.values()
    part = positive.inner.overloads[(numba.int32,)]
    assert (
        type(whole.library) is compiling.WholeLibrary
        and type(part.library) is compiling.PartLibrary
    )
    defined = whole.library.codegen._engine.is_symbol_defined
    assert defined(whole.fndesc.llvm_cpython_wrapper_name)
    assert whole.type_annotation is None  # numba's own steps make one

    def code(library):
        return sum(not f.is_declaration for f in library._final_module.functions)

    assert code(part.library) == 1, "what a part calls is in its own library only"


@compiled
def test_another_numba_compiles_its_own_way_to_the_same_bits(tmp_path: Path) -> None:
    """A class that the short way builds on is missing: the ordinary way is taken, and agrees."""
    told = _elsewhere(
        "from numba.core import untyped_passes; del untyped_passes.InlineClosureLikes;"
        "from sim import compiling; assert not compiling.IN_PARTS;"
        "from tests.contracts.test_compiling import answers; import json; print(json.dumps(answers()))",
        tmp_path,
    )
    assert told == answers()


@compiled
@pytest.mark.long
def test_a_city_compiled_numbas_own_way_lives_the_same_days(tmp_path: Path) -> None:
    from tests.contracts.test_interpreted import outcome_of_the_tiny_city

    told = _elsewhere(
        "from sim import compiling; compiling.IN_PARTS = False;"
        "from tests.contracts.test_interpreted import outcome_of_the_tiny_city as f;"
        "import json; print(json.dumps(f()))",
        tmp_path,
    )
    assert told == outcome_of_the_tiny_city()


def _elsewhere(text: str, cache: Path) -> object:
    """What a process of its own, with nothing compiled yet, prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@compiled
def test_what_another_copy_of_the_sources_compiled_does_not_count(tmp_path):
    script = """
from pathlib import Path
from sim.engine import run_days
from sim.kernel import cache_folder, is_warm
for folder, ours in ((cache_folder() / "sim_of_another_copy", False), (Path(run_days.outer.stats.cache_path), True)):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.run_days-126.py3.1.nbc").touch()
    assert is_warm() is ours, folder
"""
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], check=True, env=settings, timeout=120)
