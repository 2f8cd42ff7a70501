"""What several tests use: the command line in this process, and where outside data lie."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Cities kept on disk would make "twice the same" a comparison of one burn-in with itself; tests of
# the cache switch it on in a folder of their own.
os.environ["PEEL_CACHE_GB"] = "0"

# A shell that starts the tests in the background has them ignore Ctrl-C, and all they start too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, and no time limit: the first call of a kernel compiles it.
settings.register_profile(
    "peel", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("peel")


@dataclass(frozen=True)
class Said:
    """How a command ended: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def peel(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run `peel` with the given words in this process."""
    from experiments.cli import main

    def run(*words: object) -> Said:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def data() -> Path:
    """The outside data that some tests compare with; skips those tests where there are none."""
    folder = Path(os.environ.get("PEEL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no outside data: set PEEL_DATA to their folder")
    return folder
