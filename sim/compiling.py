"""How kernels are compiled: each part once, and only the outermost function in full.

Numba optimises and emits every function that a kernel calls, in full, and again inside each caller:
quadratic work for a simulator of a hundred small functions. Here a part (a function that only ever
becomes part of another) is left as intermediate code, unlinked; the whole (the function that Python
calls) is linked with every part below it, then optimised and emitted once.

Steps that do nothing for most kernels are run only for those that have something for them to do, and
what numba works out again and again (which `+` fits two floats, how many bytes a type has) is kept.

This rests on numba's own classes. If another numba has others, `IN_PARTS` is false, both faces of a
kernel are compiled numba's ordinary way and results are the same (tests/contracts/test_compiling.py).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any


def _names_set_by(kind: type) -> set[str]:
    """Attributes that the constructors of a class and its bases mention."""
    makers = [vars(base)["__init__"] for base in kind.__mro__ if "__init__" in vars(base)]
    return {
        name for maker in makers if hasattr(maker, "__code__") for name in maker.__code__.co_names
    }


try:
    from numba import _dynfunc, types
    from numba.core import errors, ir
    from numba.core.codegen import CPUCodeLibrary, JITCodeLibrary
    from numba.core.compiler import Compiler
    from numba.core.compiler_machinery import PassManager, _pass_registry, register_pass
    from numba.core.targetconfig import ConfigStack
    from numba.core.typed_passes import AnnotateTypes, NopythonRewrites
    from numba.core.untyped_passes import InlineClosureLikes
    from numba.stencils.stencil import StencilFunc

    _used = {
        JITCodeLibrary: "_optimize_functions _get_module_for_linking _raise_if_finalized _ensure_finalized _finalized",
        PassManager: "run finalize dependency_analysis _patch_error",
        Compiler: "define_pipelines _compile_core",
        ConfigStack: "top_or_none",
        types.Function: "get_call_type",
    }
    _set = {
        CPUCodeLibrary: "_codegen _linking_libraries _final_module _shared_module _reload_init",
        PassManager: "passes pipeline_name _analysis",
    }
    _written = {kind: _names_set_by(kind) for kind in _set}
    IN_PARTS = all(
        hasattr(kind, name) for kind, names in _used.items() for name in names.split()
    ) and all(name in _written[kind] for kind, names in _set.items() for name in names.split())
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
                _link(self)
            return super()._get_module_for_linking()

        def _optimize_functions(self, module: Any) -> None:
            _optimise_defined(self, module)

    class WholeLibrary(JITCodeLibrary):
        """The code of a function that Python calls, with all parts below it."""

        def finalize(self) -> None:
            self._raise_if_finalized()
            _link(self)
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

    def _link(library: Any) -> None:
        """Join to a library's code the code of all that it calls."""
        for other in below(library._linking_libraries):
            library._reload_init.update(other._reload_init)
            part = isinstance(other, PartLibrary)
            code = other.alone() if part else other._get_module_for_linking()
            library._final_module.link_in(code, preserve=True)

    def _optimise_defined(library: Any, module: Any) -> None:
        """Numba's passes over single functions, for those that `module` holds and not for those it only names."""
        codegen = library._codegen
        module.data_layout = codegen._data_layout
        for function in module.functions:
            if not function.is_declaration:
                passes, builder = codegen._function_pass_manager()
                passes.run(function, builder)

    class _Compiler(Compiler):
        """Numba's compiler without what it does in vain for most kernels."""

        library_class: type

        def _compile_core(self) -> Any:
            others = len(_under_way)
            try:
                return super()._compile_core()
            finally:
                del _under_way[others:]

        def define_pipelines(self) -> Any:
            _under_way.append(ConfigStack.top_or_none())
            state = self.state
            if state.library is None:
                state.library = self.library_class(
                    state.targetctx.codegen(), state.func_id.func_qualname
                )
                state.library.enable_object_caching()
            state.typingctx = _Remembering(state.typingctx)
            state.targetctx.get_abi_sizeof = functools.partial(_sizeof, state.targetctx)
            return [_Passes.of(super().define_pipelines()[0])]

    class PartCompiler(_Compiler):
        """Compiles a function to a PartLibrary."""

        library_class = PartLibrary

        def define_pipelines(self) -> Any:
            self.state.targetctx.get_executable = _placeholder
            return super().define_pipelines()

    class WholeCompiler(_Compiler):
        """Compiles a function to a WholeLibrary."""

        library_class = WholeLibrary

    def _placeholder(library: Any, described: Any, environment: Any) -> Any:
        """What numba's bookkeeping takes for the function of a part, which nobody calls from Python."""
        name = described.qualname.split(".")[-1]
        return _dynfunc.make_function(
            described.lookup_module(), name, "part", 1, environment, (library,)
        )

    _sizes: dict[Any, int] = {}

    def _sizeof(context: Any, kind: Any) -> int:
        """Bytes of an LLVM type, which numba finds out by writing and parsing a module of its own each time."""
        if kind not in _sizes:
            _sizes[kind] = kind.get_abi_size(context.target_data)
        return _sizes[kind]

    _under_way: list[Any] = []  # numba's options of the kernels being compiled, the innermost last
    _known: dict[tuple[Any, ...], Any] = {}
    _resolve = types.Function.get_call_type

    def _resolve_once(self: Any, context: Any, given: Any, named: Any) -> Any:
        """Function.get_call_type: lowering a kernel asks again for all that typing it has found."""
        if named or not _under_way or ConfigStack.top_or_none() is not _under_way[-1]:
            return _resolve(self, context, given, named)
        key = self, tuple(given)
        if key not in _known:
            _known[key] = _resolve(self, context, given, named)
        return _known[key]

    types.Function.get_call_type = _resolve_once

    class _Remembering:
        """A typing context that remembers which signature of a built-in function fits which arguments."""

        def __init__(self, context: Any) -> None:
            self._context = context

        def __getattr__(self, name: str) -> Any:
            return getattr(self._context, name)

        def resolve_function_type(self, function: Any, given: Any, named: Any) -> Any:
            if named or not isinstance(function, types.Function):
                return self._context.resolve_function_type(function, given, named)
            key = function, tuple(given)
            found = _known.get(key)
            if found is None:
                found = self._context.resolve_function_type(function, given, named)
                if found is not None:
                    _known[key] = found
            return found

    class _Passes(PassManager):
        """The steps of a compilation one after another, without timing and announcing each."""

        @classmethod
        def of(cls, usual: Any) -> Any:
            leaner = {InlineClosureLikes: _InlineClosures, NopythonRewrites: _RewriteArrays}
            own = cls(usual.pipeline_name)
            own.passes = [
                (leaner.get(step, step), what)
                for step, what in usual.passes
                if step is not AnnotateTypes
            ]
            own.finalize()
            return own

        def run(self, state: Any) -> None:
            for kind, what in self.passes:
                step = _pass_registry.get(kind).pass_inst
                step.analysis = self._analysis
                try:
                    step.run_pass(state)
                except errors.NumbaError as error:
                    where = f"Failed in {self.pipeline_name} mode pipeline (step: {what})"
                    raise self._patch_error(where, error) from None

    @register_pass(mutates_CFG=True, analysis_only=False)
    class _InlineClosures(InlineClosureLikes):
        """Numba's step for functions within functions, comprehensions, reduce and stencils, where there are any."""

        _name = "inline_closures_if_any"

        def run_pass(self, state: Any) -> bool:
            values = [
                statement.value
                for block in state.func_ir.blocks.values()
                for statement in block.body
                if isinstance(statement, ir.Assign)
            ]
            return bool(any(map(_may_hold_closure, values)) and super().run_pass(state))

    def _may_hold_closure(value: Any) -> bool:
        if isinstance(value, ir.Expr):
            return value.op in ("make_function", "build_list") or (
                value.op == "getattr" and value.attr == "reduce"
            )
        if isinstance(value, (ir.Global, ir.FreeVar)):
            return value.value is functools.reduce or isinstance(value.value, StencilFunc)
        return False

    @register_pass(mutates_CFG=True, analysis_only=False)
    class _RewriteArrays(NopythonRewrites):
        """Numba's step for expressions of arrays, arrays of lists and names in text, where there are any."""

        _name = "rewrite_arrays_if_any"

        def run_pass(self, state: Any) -> bool:
            rewritten = (types.Buffer, types.List, types.StringLiteral)
            return bool(
                any(isinstance(kind, rewritten) for kind in state.typemap.values())
                and super().run_pass(state)
            )
