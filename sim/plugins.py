"""Plug-ins: a user's own agents, processes, policies and metrics, from one Python file.

`peel run --plugin my_city.py` (or `load` from Python) imports the file as a module. What it
registers takes part in every run of this process:

    @process("street_outreach", every="day")    called with the State before each day or week
    @sim.policies.register                      a policy that scenarios may name
    @sim.metrics.register                       a metric of finished runs
    agent_type("OutreachWorker", rows)          a table of records shown among Model.agents_by_type

A process keeps what it needs in `state.own[NAME]`: NumPy records keyed by person, so that they can
be copied, pickled and compared. It draws only from `sim.random` with keys of its own, and then
results depend neither on the size of steps, nor on workers or pickling. A run's identity includes
every loaded plug-in's name and the digest of its file.

A plug-in is code and may do anything a program may: load only what you would run.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from sim.errors import UserError
from sim.words import nearest

if TYPE_CHECKING:
    from sim.engine import State

F = TypeVar("F", bound=Callable[..., None])
EVERY = ("week", "day")
_PREFIX = "peel_plugin_"


@dataclass(frozen=True)
class Process:
    """A registered process; what a run holds, and what a pickled run names."""

    name: str
    every: str
    file: str
    """The plug-in's file, loaded again where a pickled run is opened; empty: registered by hand."""

    def __call__(self, state: State) -> None:
        if self.name not in _functions and self.file:
            load(self.file)
        if self.name not in _functions:
            raise UserError(
                f"process {self.name!r} is unknown here: load the plug-in that it comes from"
                f" first{nearest(self.name, _functions)}"
            )
        _functions[self.name](state)


@dataclass(frozen=True)
class Plugin:
    """A loaded file, and what it registered."""

    name: str
    file: Path
    digest: str
    module: ModuleType
    added: dict[str, tuple[str, ...]] = field(default_factory=dict)


_plugins: dict[str, Plugin] = {}
_processes: dict[str, Process] = {}
_functions: dict[str, Callable[[State], None]] = {}
_agent_types: dict[str, Callable[[State], Any]] = {}
_loading: list[Path] = []


def process(name: str, every: str = "week") -> Callable[[F], F]:
    """Register f(state), to be called before each week or day of every run, burn-in included.

    Processes run after the week's policies, in the order of their names.

    >>> @process("a census", every="week")
    ... def census(state):
    ...     state.own.setdefault("census", []).append(int(state.world.people.residents.size))
    >>> unregister("a census")

    Raises UserError for a name that is taken, or another rhythm.
    """
    if every not in EVERY:
        raise UserError(f"process {name!r}: every = {every!r}; expected 'week' or 'day'")
    if not isinstance(name, str) or not name.strip():
        raise UserError(f"a process is called {name!r}; expected a name")
    if name in _processes:
        raise UserError(f"process {name!r}: the name is taken; choose another")

    def keep(function: F) -> F:
        _functions[name] = function
        _processes[name] = Process(name, every, str(_loading[-1]) if _loading else "")
        return function

    return keep


def unregister(name: str) -> None:
    """Take a process back: runs that start from now on are without it."""
    _processes.pop(name, None)
    _functions.pop(name, None)


def agent_type(name: str, rows: Callable[[State], Any]) -> None:
    """Show a plug-in's records among `Model.agents_by_type` under `name`.

    `rows(state)` gives a structured array, one record per agent (empty if there are none); a field
    `key` (uint64) names each, else its row does.
    """
    if not name.isidentifier():
        raise UserError(f"agent type {name!r}: expected a name such as OutreachWorker")
    if name in (*_agent_types, "Resident", "Officer", "Gang"):
        raise UserError(f"agent type {name!r}: the name is taken; choose another")
    _agent_types[name] = rows


def agent_types() -> dict[str, Callable[[State], Any]]:
    """Agent types of plug-ins: name -> f(state) that gives their records."""
    return dict(sorted(_agent_types.items()))


def attach(state: State, burning: bool) -> None:
    """Have a run call every registered process; for `sim.run`, after policies are attached."""
    del burning  # they live through the burn-in, as everything else does
    for name in sorted(_processes):
        one = _processes[name]
        calls = state.weekly if one.every == "week" else state.daily
        if one not in calls:
            calls.append(one)


def identity() -> list[list[str]]:
    """Name and digest of every loaded plug-in, in order of names: a part of a run's identity."""
    return [[name, _plugins[name].digest] for name in sorted(_plugins)]


def blame(error: BaseException) -> tuple[str, str]:
    """Where in a user's own code an error arose, as "my_policy.py, line 46, in candidates", and what of
    Peel's that line had called and that raised it, as "sim/levers.py, line 112, in propose".

    The first is empty where no code of a user's took part, the second where the user's own line failed,
    or a library that it had called. The user's own are plug-ins and modules of policies that aren't ours.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = _files_of_users()
    last = max((k for k, frame in enumerate(frames) if frame.filename in own), default=None)
    if last is None:
        return "", ""
    ours = ""
    for frame in frames[last + 1 :]:
        if name := _of_ours(frame.filename):
            ours = f"{name}, line {frame.lineno}, in {frame.name}"
    line = frames[last]
    return f"{Path(line.filename).name}, line {line.lineno}, in {line.name}", ours


def told(error: BaseException) -> str:
    """An error in one line, with the place in the user's own code where it arose."""
    where, ours = blame(error)
    raised = f" (raised by {ours}, which that line called)" if ours else ""
    return f"{where + ': ' if where else ''}{type(error).__name__}: {error}{raised}"


def loaded() -> dict[str, Plugin]:
    """The plug-ins of this process by name."""
    return dict(sorted(_plugins.items()))


def load(path: Path | str) -> Plugin:
    """Import a plug-in file once; a second time gives what is there.

    Raises UserError where the file can't be read, fails (with the line that did), registers a name
    that is taken, or has changed since it was loaded. Nothing of a file that fails stays behind.
    """
    file = Path(path).expanduser()
    data = _read(file)
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    name = file.stem
    file = file.resolve()
    known = _plugins.get(name)
    if known is not None:
        if known.digest == digest:
            return known
        if known.file == file:
            raise UserError(f"plug-in {file}: it has changed since it was loaded; start anew")
        raise UserError(f"plug-in {file}: {known.file} is loaded under this name; rename one")
    if not name.isidentifier():
        raise UserError(
            f"plug-in {file}: a name like {name!r} can't be imported; use letters, digits and _"
        )
    before = _registered()
    _loading.append(file)
    try:
        module = _run(file, name)
    except BaseException:
        _restore(before)
        sys.modules.pop(_PREFIX + name, None)
        raise
    finally:
        _loading.pop()
    now = _registered()
    added = {kind: tuple(sorted(set(now[kind]) - set(before[kind]))) for kind in now}
    _plugins[name] = Plugin(name, file, digest, module, added)
    return _plugins[name]


def unload(name: str) -> None:
    """Forget a plug-in and all that it registered (for tests and notebooks). Unknown: KeyError."""
    plugin = _plugins.pop(name)
    tables = _tables()
    for kind, names in plugin.added.items():
        for one in names:
            tables[kind].pop(one, None)
    for one in plugin.added["processes"]:
        _functions.pop(one, None)
    sys.modules.pop(_PREFIX + name, None)


@contextlib.contextmanager
def using(path: Path | str) -> Iterator[Plugin]:
    """A plug-in for the length of a block."""
    had = set(_plugins)
    plugin = load(path)
    try:
        yield plugin
    finally:
        if plugin.name not in had:
            unload(plugin.name)


# --- inside -----------------------------------------------------------------------------------

_PACKAGES = ("sim", "experiments", "viz")
_COMPILER = ("sim/kernel.py", "sim/compiling.py")
"""Ways into numba: what fails there is whatever it was asked to compile."""


def _files_of_users() -> set[str]:
    from sim.policies import registry

    own = {str(plugin.file) for plugin in _plugins.values()}
    modules = {policy.__module__ for policy in registry().values()} - {"__main__"}
    for name in modules:
        if not name.startswith("sim.") and name in sys.modules:
            own.add(str(getattr(sys.modules[name], "__file__", "")))
    return own


def _of_ours(file: str) -> str:
    """A file of Peel's by its path within Peel; empty for any other."""
    root, path = Path(__file__).parents[1], Path(file)
    if not path.is_relative_to(root):
        return ""
    name = path.relative_to(root).as_posix()
    return name if name.split("/")[0] in _PACKAGES and name not in _COMPILER else ""


def _read(file: Path) -> bytes:
    try:
        if not file.is_file():
            there = sorted(p.name for p in file.parent.glob("*.py")) if file.parent.is_dir() else []
            hint = nearest(file.name, there) if there else ""
            raise UserError(f"--plugin {file}: no such file; expected a Python file{hint}")
        return file.read_bytes()
    except (OSError, ValueError) as problem:
        raise UserError(f"--plugin {file}: can't be read ({problem})") from None


def _run(file: Path, name: str) -> ModuleType:
    """Execute the file as module peel_plugin_NAME, so that pickles and kernels can name it."""
    spec = importlib.util.spec_from_file_location(_PREFIX + name, file)
    if spec is None or spec.loader is None:
        raise UserError(f"plug-in {file}: expected a Python file, named something.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_PREFIX + name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as problem:
        lines = [f.lineno for f in traceback.extract_tb(problem.__traceback__)
                 if f.filename == str(file)]  # fmt: skip
        line = problem.lineno if isinstance(problem, SyntaxError) else (lines or [None])[-1]
        where = f", line {line}" if line else ""
        said = problem.msg if isinstance(problem, SyntaxError) else problem
        kind = "" if isinstance(problem, UserError) else f"{type(problem).__name__}: "
        raise UserError(f"plug-in {file}{where}: {kind}{said}") from problem
    return module


def _tables() -> dict[str, dict[str, Any]]:
    """Every registry that a plug-in may add to."""
    from sim import policies
    from sim.metrics import base as metrics

    return {
        "processes": _processes, "agent_types": _agent_types,
        "policies": policies._REGISTERED, "metrics": metrics._added,
    }  # fmt: skip


def _registered() -> dict[str, dict[str, Any]]:
    return {kind: dict(table) for kind, table in _tables().items()}


def _restore(before: dict[str, dict[str, Any]]) -> None:
    for kind, table in _tables().items():
        table.clear()
        table.update(before[kind])
    for name in set(_functions) - set(_processes):
        del _functions[name]
