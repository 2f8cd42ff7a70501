"""What a Dask worker does besides its chunks; the only module that needs Dask to be imported."""

from __future__ import annotations

import os
from typing import Any

from distributed import WorkerPlugin

from experiments.sweep.chunk import STOP, Runner
from experiments.workers import ONE_THREAD


class Prepared(WorkerPlugin):  # type: ignore[misc]
    """Compiled code is loaded once a worker; when it closes (SIGTERM), finished runs are kept."""

    name = "peel-sweep"

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def setup(self, worker: Any) -> None:
        for name in ONE_THREAD:
            os.environ[name] = "1"
        STOP.clear()
        self.runner.warm()

    def teardown(self, worker: Any) -> None:
        STOP.set()
