"""How kernels are compiled: each part once, and only the outermost function in full.

Numba optimises and emits every function that a kernel calls, in full, and again inside each caller:
quadratic work for a simulator of a hundred small functions. Here a part (a function that only ever
becomes part of another) is left as intermediate code, unlinked; the whole (the function that Python
calls) is linked with every part below it, then optimised and emitted once.

This rests on numba's own classes. If another numba has others, `IN_PARTS` is false, both faces of a
kernel are compiled numba's ordinary way and results are the same (tests/contracts/test_compiling.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

try:
    from numba import _dynfunc
    from numba.core.codegen import CPUCodeLibrary, JITCodeLibrary
    from numba.core.compiler import Compiler
    from numba.core.cpu import CPUContext

    _ = CPUCodeLibrary._get_module_for_linking, CPUCodeLibrary._optimize_functions, CPUContext.get_executable
    IN_PARTS = True
except (ImportError, AttributeError):  # another numba
    IN_PARTS = False


def part_options() -> dict[str, Any]:
    """Options of njit for a function that is only built into others."""
    return {"no_cfunc_wrapper": True, "pipeline_class": PartCompiler} if IN_PARTS else {}


def whole_options() -> dict[str, Any]:
    """Options of njit for a function that Python calls."""
    return {"no_cfunc_wrapper": True, "pipeline_class": WholeCompiler} if IN_PARTS else {}


if IN_PARTS:

    class PartLibrary(JITCodeLibrary):
        """The code of one function, to be linked into others; the functions it calls are only noted."""

        _joined = False

        def finalize(self) -> None:
            self._raise_if_finalized()
            self._finalized = True

        def alone(self) -> Any:
            """This function's code without what it calls."""
            return super()._get_module_for_linking()

        def _get_module_for_linking(self) -> Any:
            # asked by a library of numba's own kind, which knows only whole ones
            self._ensure_finalized()
            if not self._joined:
                self._joined, self._shared_module = True, None
                _link(self._final_module, below(self._linking_libraries))
            return super()._get_module_for_linking()

        def _optimize_functions(self, module: Any) -> None:
            _optimise_defined(self, module)

    class WholeLibrary(JITCodeLibrary):
        """The code of a function that Python calls, with all parts below it."""

        def finalize(self) -> None:
            self._raise_if_finalized()
            _link(self._final_module, below(self._linking_libraries))
            self._linking_libraries = []
            super().finalize()

        def _optimize_functions(self, module: Any) -> None:
            _optimise_defined(self, module)

    def below(libraries: Iterable[Any]) -> list[Any]:
        """The libraries and all that the parts among them call, each once, before what it calls itself.

        LLVM leaves out a part that nothing linked so far calls, so callers have to come first.
        """
        seen: set[Any] = set()
        order: list[Any] = []

        def walk(library: Any) -> None:
            if library not in seen:
                seen.add(library)
                if isinstance(library, PartLibrary):
                    for callee in library._linking_libraries:
                        walk(callee)
                order.append(library)

        for library in libraries:
            walk(library)
        return order[::-1]

    def _link(module: Any, libraries: Iterable[Any]) -> None:
        for library in libraries:
            code = library.alone() if isinstance(library, PartLibrary) else library._get_module_for_linking()
            module.link_in(code, preserve=True)

    def _optimise_defined(library: Any, module: Any) -> None:
        """Numba's passes over single functions, for those that `module` holds and not for those it only names."""
        codegen = library._codegen
        module.data_layout = codegen._data_layout
        for function in module.functions:
            if not function.is_declaration:
                passes, builder = codegen._function_pass_manager()
                passes.run(function, builder)

    class PartCompiler(Compiler):
        """Compiles a function to a PartLibrary."""

        def define_pipelines(self) -> Any:
            _into(self.state, PartLibrary)
            self.state.targetctx.get_executable = _placeholder
            return super().define_pipelines()

    class WholeCompiler(Compiler):
        """Compiles a function to a WholeLibrary."""

        def define_pipelines(self) -> Any:
            _into(self.state, WholeLibrary)
            return super().define_pipelines()

    def _into(state: Any, kind: type) -> None:
        if state.library is None:
            state.library = kind(state.targetctx.codegen(), state.func_id.func_qualname)
            state.library.enable_object_caching()

    def _placeholder(library: Any, described: Any, environment: Any) -> Any:
        """What numba's bookkeeping takes for the function of a part, which nobody calls from Python."""
        name = described.qualname.split(".")[-1]
        return _dynfunc.make_function(described.lookup_module(), name, "part", 1, environment, (library,))
