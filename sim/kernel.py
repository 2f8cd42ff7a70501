"""@kernel: numba's njit, cached on disk, compiled once per kind of argument and optimised once.

Three things that numba leaves to its users make a simulator of a hundred small functions slow to
compile, and are mended here; each falls back to numba's own way if its internals ever change.

- numba compiles a function anew for every constant that compiled code calls it with (a literal type
  per value); here a literal counts as its plain type.
- It optimises and emits every callee in full, and again inside each caller; here only the outermost
  function of a compilation is, since that holds all the others (see sim.compiling).
- Its cache looks at the date of one source file and not at those of the functions called; here the
  cache has a folder per state of the sources.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import config, njit
from numba.core import types
from numba.core.types import unliteral
from numba.extending import intrinsic, typeof_impl

from sim.compiling import part_options, whole_options

F = TypeVar("F", bound=Callable[..., Any])


_NOT_COMPILED = frozenset({
    "columns.py", "catalogue.py", "lever_catalogue.py", "interpreted.py",
    "model.py", "views.py", "plugins.py", "explain.py", "undo.py", "run.py", "results.py", "frames.py",
    "kept_cities.py", "surveys.py", "scenario.py", "scenario_checks.py", "scenario_file.py", "words.py",
})  # fmt: skip
"""Files that no compiled function reads anything from: an edit there compiles nothing anew."""


def source_hash() -> str:
    """Hash of every compiled source of the package and of numba's version: names the cache folder."""
    digest = hashlib.blake2s(numba.__version__.encode())
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        if (
            not {"policies", "metrics"} & set(path.relative_to(root).parts)
            and path.name not in _NOT_COMPILED
        ):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code is kept: NUMBA_CACHE_DIR or the user's cache folder, by state of the sources."""
    given = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    base = Path(given) if given else Path.home() / ".cache"
    return base / "peel" / "compiled" / source_hash()


def is_warm() -> bool:
    """Has this copy of the sources been compiled on this machine before?

    numba's cache has a folder per folder of sources: what another copy compiled serves that one alone.
    """
    if config.DISABLE_JIT:
        return True
    folder = njit(cache=True)(source_hash).stats.cache_path  # for any function beside the engine's
    return any(Path(folder).glob("engine.run_days*.nbc"))


config.CACHE_DIR = str(cache_folder())
if "NUMBA_SLP_VECTORIZE" not in os.environ:  # straight code in lanes too, which shortens a day
    config.SLP_VECTORIZE = 1


class Kernel:
    """A compiled function with two faces: one for Python, one that is built into other kernels.

    The face for Python is compiled in full and cached. The other only ever becomes part of a caller,
    so it is neither turned into machine code by itself nor cached.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.py_func = function
        self.outer = njit(cache=True, nogil=True, error_model="numpy", **whole_options())(function)
        self.inner = njit(
            nogil=True, error_model="numpy", no_cpython_wrapper=True, **part_options()
        )(function)
        usual = self.inner.get_call_template

        def template(args: Any, kws: Any) -> Any:
            plain = tuple(unliteral(a) for a in args)
            return usual(plain, {name: unliteral(kind) for name, kind in kws.items()})

        self.inner.get_call_template = template
        compile_all = self.outer.compile

        def compile_calmly(signature: Any) -> Any:
            # compiling makes millions of small objects, among which there is little to collect
            collecting = gc.isenabled()
            gc.disable()
            try:
                return compile_all(signature)
            finally:
                if collecting:
                    gc.enable()

        self.outer.compile = compile_calmly

    def __call__(self, *args: Any) -> Any:
        return self.outer(*args)


@typeof_impl.register(Kernel)
def _typeof_kernel(value: Kernel, c: Any) -> types.Type:
    return types.Dispatcher(value.inner)


def kernel(function: F) -> F:
    """Compile `function` (nopython, releases the GIL), or leave it alone under NUMBA_DISABLE_JIT=1."""
    if config.DISABLE_JIT:
        return function
    return cast(F, Kernel(function))


if config.DISABLE_JIT:

    def one_by_one() -> None:
        """Nothing, when interpreted."""

    def built_in() -> None:
        """Nothing, when interpreted."""

else:

    @intrinsic
    def one_by_one(typingctx: Any) -> Any:
        """Said in a kernel whose steps wait for each other: no two of them are put in lanes side by side.

        LLVM would pack the two products of a Philox round into one register, and what it takes to
        sort the halves out again costs more than it saves. The kernel also stays a function of its
        own, since this would hold for whatever it becomes part of.
        """

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            builder.function.attributes.add("noimplicitfloat")
            builder.function.attributes.add("noinline")
            return context.get_dummy_value()

        return types.none(), build

    @intrinsic
    def built_in(typingctx: Any) -> Any:
        """Said in a kernel that becomes a piece of its callers, whatever its length."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            builder.function.attributes.add("alwaysinline")
            return context.get_dummy_value()

        return types.none(), build
