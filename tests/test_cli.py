"""The command line: fast help, one clear line for a mistake, exit codes, output whole or absent."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import experiments.cli as cli
from experiments import options
from sim.errors import RunFailed, UserError

COMMANDS = [name for names in cli.present().values() for name in names]


def command(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    """`peel` in a process of its own, from another folder, as users run it."""
    root = Path(cli.__file__).resolve().parent.parent
    return subprocess.run(
        [sys.executable, "-m", "experiments.cli", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        **more,  # type: ignore[call-overload]
    )


def test_help_answers_at_once() -> None:
    """In 0.3 s; where others hold the processors, what counts is how long it held one itself."""
    times: list[float] = []
    own: list[float] = []
    while len(times) < 10 and (not times or min(times) >= 0.3):
        begun, used = time.perf_counter(), sum(os.times()[2:4])
        done = command("--help")
        times.append(time.perf_counter() - begun)
        own.append(sum(os.times()[2:4]) - used)
        assert done.returncode == 0 and "Simulate police legitimacy" in done.stdout
    assert min(times) < 0.3 or min(own) < 0.15, (times, own)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['peel', '--help']\n"
        "from experiments.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'numba', 'pandas', 'mesa', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    root = Path(cli.__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_json(peel, name: str) -> None:
    said = peel(name, "--help")
    assert said.code == 0
    assert "--json" in said.out or "VERB" in said.out  # whose verbs have it each


@pytest.mark.parametrize("name", COMMANDS)
def test_help_lists_every_command_with_the_line_it_gives_itself(peel, name: str) -> None:
    listed = peel("--help").out
    line = next(names[name] for names in cli.COMMANDS.values() if name in names)
    assert line in " ".join(listed.split())


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ((), "COMMAND"),
        (("rnu",), "did you mean 'run'"),
        (("run", "--see", "1"), "unrecognized arguments"),
        (("run", "--seed", "one"), "'one' is not a whole number from 0"),
        (("run", "--seed", "-1"), "-1"),
        (("run", "--seed", "1.5"), "'1.5' is not a whole number"),
        (("run", "--seed", "1" * 30), "is not a whole number from 0 of at most 18 digits"),
        (("run", "--seed", "²"), "is not a whole number"),
        (("run", "--years", "0"), "'0' is not a number of years above 0"),
        (("run", "--years", "-1"), "-1"),
        (("run", "--years", "51"), "'51' is not a number of years"),
        (("run", "--years", "nan"), "'nan' is not a number of years"),
        (("run", "--years", "inf"), "'inf' is not a number of years"),
        (("run", "nowhere.toml"), "no such file, scenario or city"),
        (("run", "distrct"), "did you mean 'district'"),
        (("run", "village", "--years", "0.001"), "at least a week"),
        (("run", "village", "--plugin", "no.py"), "no.py"),
        (("run", "village", "--out", "a\0b"), "--out"),
        (("policies", "nope"), "no policy 'nope'"),
        (("evidence", "Z1"), "no evidence 'Z1'"),
        (("parameters", "bad_god_ratio"), "did you mean 'bad_good_ratio'"),
        (("parameters", "budget"), "did you mean one of: programme_budget?"),
        (("policies", "Cure Violence"), "did you mean one of: violence_interruption?"),
        (("policies", "zzzz"), "`peel policies` lists them"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(peel, words: tuple[str, ...], hint: str) -> None:
    said = peel(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("peel: ") and hint in said.err
    assert "Traceback" not in said.err


def test_an_existing_folder_is_refused_before_any_work(peel, tmp_path) -> None:
    said = peel("run", "village", "--out", tmp_path)
    assert said.code == 2
    assert "exists already" in said.err and "name another folder" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused(peel, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    said = peel("run", "village", "--out", tmp_path / "file" / "run")
    assert said.code == 2 and "cannot write" in said.err


def test_a_wrong_scenario_writes_nothing(peel, tmp_path) -> None:
    scenario = tmp_path / "wrong.toml"
    scenario.write_text('[city]\nname = "village"\n[run]\nyears = 0\n')
    said = peel("run", scenario, "--out", tmp_path / "out")
    assert said.code == 2 and "wrong.toml, line 4" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.toml"]


@pytest.mark.parametrize(
    ("problem", "code", "hint"),
    [
        (UserError("mend this"), 2, "mend this"),
        (RunFailed("it broke"), 1, "it broke"),
        (OSError(errno.ENOSPC, "No space left on device", "x/y"), 1, "the disk is full at x/y"),
        (PermissionError(errno.EACCES, "Permission denied", "x/y"), 1, "Permission denied at x/y"),
        (MemoryError(), 1, "not enough memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_exit_codes(peel, monkeypatch, problem: BaseException, code: int, hint: str) -> None:
    def fail(args: object) -> int:
        raise problem

    monkeypatch.setattr("experiments.lookup._evidence", fail)
    said = peel("evidence")
    assert said.code == code
    assert hint in said.err and "Traceback" not in said.err


def test_a_reader_that_leaves_is_no_error_message() -> None:
    root = Path(cli.__file__).resolve().parent.parent
    done = subprocess.run(
        f"{sys.executable} -m experiments.cli evidence --json | head -n 1",
        shell=True,
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[\n" and done.stderr == ""


def test_look_up_in_json(peel) -> None:
    policies = json.loads(peel("policies", "--json").out)
    for key in ("name", "row", "harm", "levers", "badge", "evidence", "speculative"):
        assert all(key in row for row in policies)
    assert len(json.loads(peel("evidence", "--json").out)) == 113
    parameters = json.loads(peel("parameters", "--json").out)
    assert all(row["low"] <= row["default"] <= row["high"] for row in parameters)
    assert json.loads(peel("evidence", "l17", "--json").out)["id"] == "L17"


def test_look_up_in_words(peel) -> None:
    for words in (("policies",), ("evidence",), ("parameters",), ("evidence", "M13")):
        said = peel(*words)
        assert said.code == 0 and len(said.out.splitlines()) > 3
    assert "no causal estimate" in peel("evidence", "M13").out
    assert "disputed" in peel("parameters", "bad_good_ratio").out
    told = " ".join(peel("policies", "gang_fellowship").out.split())  # no meaning is cut short
    assert "with `caseload` they limit places (0: as many as needed)." in told and "..." not in told
    assert "an assumption" in peel("parameters", "fear_victim").out


def test_every_policy_describes_itself(peel) -> None:
    from sim.policies import registry

    for name in registry():
        said = peel("policies", name)
        assert said.code == 0 and name in said.out and "Evidence:" in said.out


# Output that is whole or absent.


def test_a_folder_appears_whole(tmp_path) -> None:
    with options.whole_folder(tmp_path / "new" / "run") as work:
        (work / "a").write_text("x")
        assert not (tmp_path / "new" / "run").exists()
    assert (tmp_path / "new" / "run" / "a").read_text() == "x"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run"]


@pytest.mark.parametrize("problem", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_or_not_at_all(tmp_path, problem: BaseException) -> None:
    with pytest.raises(type(problem)), options.whole_folder(tmp_path / "run") as work:
        (work / "a").write_text("x")
        raise problem
    assert list(tmp_path.iterdir()) == []


def test_json_says_null_for_what_json_cannot_say(capsys) -> None:
    options.print_json({"a": float("nan"), "b": [float("inf"), 1.5]})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5]}


def test_the_interrupt_signal_ends_with_130() -> None:
    root = Path(cli.__file__).resolve().parent.parent
    code = (
        "import os, signal, sys\n"
        "from experiments import cli, lookup\n"
        "def wait(args): os.kill(os.getpid(), signal.SIGINT); import time; time.sleep(5)\n"
        "lookup._evidence = wait\n"
        "sys.exit(cli.main(['evidence']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 130 == 128 + signal.SIGINT
    assert done.stderr.strip() == "peel: interrupted; what was finished is kept"
