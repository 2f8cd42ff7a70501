"""Dask: Slurm through dask-jobqueue, or any cluster that is there already.

What a job asks for is told by a table, see `cluster_table`; memory that it does not give is estimated
from the city. A job is one worker with one thread. Results are written by the workers themselves, so the
folder must be one that they all see; nothing but a few numbers a chunk travels to the client. Workers that
are lost are replaced by asking again for as many jobs as wanted: the scheduler hands their chunks to
others by itself.
"""

from __future__ import annotations

import math
import queue
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.sweep.chunk import Chunk, Report, Runner, work
from experiments.sweep.cluster_table import DEFAULTS, lines_before, minutes
from sim.errors import RunFailed, UserError

HEAL_SECONDS = 20.0
WAIT_SECONDS = 900.0
"""How long to wait for a first worker of somebody's cluster."""


class Dask:
    """Chunks on the workers of a Dask cluster; see `on_slurm` and `at_address`."""

    def __init__(self, client: Any, cluster: Any, jobs: int, runner: Runner, about: str) -> None:
        self._client, self._cluster, self._jobs = client, cluster, jobs
        self._running: dict[Any, Chunk] = {}
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._healed = time.monotonic()
        self.about = about
        from experiments.sweep.dask_worker import Prepared

        client.register_plugin(Prepared(runner), name="peel-sweep")

    @property
    def slots(self) -> int:
        """Workers there now; before any has come, those asked for."""
        return int(sum(self._client.nthreads().values())) or self._jobs

    @property
    def busy(self) -> int:
        return min(len(self._running), int(sum(self._client.nthreads().values())))

    @property
    def ahead(self) -> int:
        """A few more than can run, so that no worker waits for this client."""
        return 2 * max(self.slots, 1) + 2

    def submit(self, chunk: Chunk) -> None:
        # one key group for all: groups are looped over at each submission
        key = (f"peel-{chunk.session}", chunk.number)
        future = self._client.submit(work, chunk, key=key, pure=False, retries=0)
        self._running[future] = chunk
        future.add_done_callback(self._done.put)

    def collect(self, seconds: float) -> tuple[list[Report], list[Chunk]]:
        """Reports that came in within so many seconds, and chunks to be handed out again."""
        reports: list[Report] = []
        lost: list[Chunk] = []
        try:
            self._settle(self._done.get(timeout=seconds), reports, lost)
            while True:
                self._settle(self._done.get_nowait(), reports, lost)
        except queue.Empty:
            return reports, lost

    def _settle(self, future: Any, reports: list[Report], lost: list[Chunk]) -> None:
        chunk = self._running.pop(future, None)
        if chunk is None:
            return
        if future.status == "finished":
            report = future.result()
            reports.append(report)
            if report.stopped:
                lost.append(chunk)
        elif future.status in ("lost", "cancelled"):
            lost.append(chunk)
        else:
            error = future.exception()
            if type(error).__name__ != "KilledWorker":
                raise RunFailed(f"a worker can't run Peel: {error}")
            lost.append(chunk)
        future.release()

    def heal(self) -> None:
        """Ask again for as many jobs as wanted: lost ones are not replaced by themselves."""
        if self._cluster is None or time.monotonic() - self._healed < HEAL_SECONDS:
            return
        self._healed = time.monotonic()
        self._cluster.scale(jobs=self._jobs)

    def __enter__(self) -> Dask:
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._running:
            future.cancel()
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def at_address(address: str, runner: Runner) -> Dask:
    """The Dask cluster whose scheduler listens there. Raises UserError where none does."""
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(f"--on {address}: no Dask scheduler answers there ({error})") from None
    told = f"Dask at {address}"
    if client.dashboard_link:
        told += f", dashboard {client.dashboard_link}"
    return Dask(client, None, 1, runner, told)


def on_slurm(table: Mapping[str, Any], memory_mb: float, folder: Path, runner: Runner) -> Dask:
    """Workers as Slurm jobs, asked for through dask-jobqueue."""
    distributed = _distributed()
    try:
        from dask_jobqueue import SLURMCluster
    except ImportError:
        raise _extra() from None
    import shutil

    import dask

    if shutil.which("sbatch") is None:
        raise UserError("--on slurm: no sbatch here; run this where jobs can be submitted")
    table = {**DEFAULTS, **table}
    dask.config.set({"distributed.scheduler.allowed-failures": 1000,
                     "distributed.worker.daemon": False})  # fmt: skip
    logs = Path(table.get("log_folder", folder / "logs"))
    logs.mkdir(parents=True, exist_ok=True)
    whole = minutes(table["time"], "[cluster]")
    early = max(min(5.0, whole / 4), 0.5)
    jobs = int(table["jobs"])
    cluster = SLURMCluster(
        queue=table.get("partition"), account=table.get("account"), walltime=table["time"],
        cores=1, processes=1, memory=table.get("memory", f"{math.ceil(memory_mb)}MB"),
        interface=table.get("interface"), python=table.get("python", sys.executable),
        job_script_prologue=lines_before(table), job_extra_directives=table.get("directives", []),
        log_directory=str(logs), death_timeout=120,
        # a worker that sees its time limit coming hands its work back
        worker_extra_args=["--lifetime", f"{whole - early:.2f}m", "--lifetime-stagger",
                           f"{early / 2:.2f}m"],
        scheduler_options={"dashboard_address": ":0" if table["dashboard"] else None,
                           "dashboard": bool(table["dashboard"])},
    )  # fmt: skip
    cluster.scale(jobs=jobs)
    client = distributed.Client(cluster, set_as_default=False)
    told = f"Slurm, {jobs} jobs"
    if table["dashboard"]:
        told += f", dashboard {cluster.dashboard_link}"
    return Dask(client, cluster, jobs, runner, told)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise _extra() from None
    return distributed


def _extra() -> UserError:
    return UserError("this needs Dask: install peel-sim[cluster] (here and where workers run)")
