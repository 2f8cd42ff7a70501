"""The command `peel`: what each command is called and where it lives; errors become exit codes.

Only the module of the command asked for is imported, so that `peel --help` answers at once. Such a
module has `add_parsers(subparsers)`, which adds its commands and, with `set_defaults(call=...)`,
names the function from the parsed arguments to an exit code (None means 0).

Exit codes: 0 done, 1 ran and failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from sim.errors import RunFailed, UserError

COMMANDS: dict[str, dict[str, str]] = {
    "experiments.run_cli": {"run": "simulate one city's life and summarise it"},
    "experiments.compare_cli": {
        "compare": "run scenarios paired by seed and write a report of their differences",
        "report": "rebuild the report of a comparison or a run",
    },
    "experiments.sweep_cli": {
        "sweep": "run a design of many scenarios and seeds, here or on a cluster"
    },
    "experiments.analysis_cli": {
        "sensitivity": "what drives an outcome of a sweep: Sobol or Morris indices",
        "discover": "under which conditions something happens: PRIM boxes, CART leaves",
        "decide": "which option is robust: regret, satisficing, Pareto set",
        "surface": "an emulator of an outcome over the factors, with its own error",
    },
    "experiments.explain_cli": {"explain": "show the chain of causes behind an event of a run"},
    "experiments.effects_cli": {
        "effects": "what each policy does to a dozen outcomes, under rival theories"
    },
    "experiments.validate_cli": {"validate": "score a city against the facts of real cities"},
    "experiments.calibrate_cli": {
        "calibrate": "fit a city to its own figures, or parameters to the facts"
    },
    "experiments.lookup": {
        "policies": "list the policies, reforms and harms, or describe one",
        "evidence": "list the evidence ledger, or show one row",
        "parameters": "list the parameters, or describe one",
    },
    "experiments.city_cli": {"city": "build, import or describe a city"},
    "experiments.cache_cli": {"cache": "show or clear the burnt-in cities kept on this machine"},
    "viz.view.cli": {"view": "watch a city in the browser, with and without a policy"},
    "experiments.new_cli": {"new": "write a policy of your own to start from"},
    "experiments.bench_cli": {"bench": "measure the speed on this machine"},
    "experiments.docs": {"docs": "write the documents that are generated from the code"},
}
"""Module -> its commands and, for each, the line that `peel --help` shows."""

INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """argparse's parser, speaking as the rest of Peel does; options are never abbreviated."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Say what was wrong with the arguments and exit with code 2."""
        self.exit(2, f"peel: {message}\nSee `{self.prog} --help`.\n")


def present() -> dict[str, dict[str, str]]:
    """`COMMANDS` without the modules that this installation does not have."""
    return {m: names for m, names in COMMANDS.items() if importlib.util.find_spec(m) is not None}


def parser(command: str | None) -> argparse.ArgumentParser:
    """The parser of `peel`, with all options of `command` and the names of the other commands."""
    from sim.version import MODEL_VERSION

    top = Parser(
        prog="peel",
        description="Simulate police legitimacy and cycles of violence; compare policies.",
        epilog="`peel COMMAND --help` tells more. A scenario is a TOML file, the name of one that"
        " ships with Peel, or a city: village, district, midsize, metropolis, synthetic:N.",
    )
    top.add_argument("--version", action="version", version=f"peel {MODEL_VERSION}")
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Parser
    )
    for module, names in present().items():
        if command in names:
            importlib.import_module(module).add_parsers(commands)
            continue
        for name, line in names.items():
            commands.add_parser(name, help=line)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (bad arguments exit with 2 by themselves)."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = next((word for word in words if not word.startswith("-")), None)
    try:
        _check_command(command)
        arguments = parser(command).parse_args(words)
        code = arguments.call(arguments)
        sys.stdout.flush()
        return int(code or 0)
    except UserError as problem:
        return _said(str(problem), 2)
    except RunFailed as problem:
        return _said(str(problem), 1)
    except KeyboardInterrupt:
        return _said("interrupted; what was finished is kept", INTERRUPTED)
    except BrokenPipeError:
        # The reader (head, less) has left. Point stdout elsewhere, or Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        return _said("not enough memory; try a smaller city or fewer --workers", 1)
    except OSError as problem:
        return _said(_storage(problem), 1)
    except Exception as problem:
        text = _of_own_code(problem)
        if not text or os.environ.get(
            "PEEL_TRACEBACK"
        ):  # ours to mend: the traceback is what we need
            raise
        return _said(text, 1)


def _of_own_code(problem: Exception) -> str:
    """An error of a user's policy, process or metric, and where it arose; empty if it isn't one."""
    plugins = sys.modules.get("sim.plugins")  # not there: nothing of a user's is
    if plugins is None:
        return ""
    where, ours = plugins.blame(problem)
    if not where:
        return ""
    hint = "mend it there (check_policy tries a policy in seconds)"
    if ours:
        hint += "; PEEL_TRACEBACK=1 shows the whole way, should the mistake be Peel's"
    return f"{plugins.told(problem)}; {hint}"


def _check_command(command: str | None) -> None:
    names = [name for names in present().values() for name in names]
    if command is not None and command not in names:
        from sim.words import nearest

        raise UserError(f"no command {command[:40]!r}{nearest(command, names)}")


def _storage(problem: OSError) -> str:
    """What an operating system's error means to whoever asked for the run."""
    at = f" at {problem.filename}" if problem.filename else ""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full{at}; nothing half-written is kept"
    return f"{problem.strerror or problem}{at}"


def _said(message: str, code: int) -> int:
    print(f"peel: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
