"""A Slurm of our own for a test: controller and a few emulated nodes on this machine, no systemd.

Everything lies in one folder and listens on 127.0.0.1; `stop` ends what `start` started, by the
process numbers in its own files. Processes are tracked without cgroups, and nodes may claim more
than the machine has.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "scancel", "sinfo")
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def lacking() -> str:
    """Why no Slurm can be started here; empty if one can."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]
    if missing:
        return f"needs Slurm (slurm-wlm and munge): no {', '.join(missing)}"
    return "" if os.geteuid() == 0 else "needs root, to start slurmd"


class SlurmBox:
    """`with SlurmBox(folder) as box`: `box.env` for commands, `box.run("squeue", "-h")`."""

    def __init__(self, folder: Path, nodes: int = 2, cpus: int = 2) -> None:
        self.folder, self.nodes, self.cpus = folder, nodes, cpus
        self.env = {**os.environ, "PATH": _PATH, "SLURM_CONF": str(folder / "slurm.conf")}
        self._started: list[Path] = []

    def __enter__(self) -> SlurmBox:
        for name in ("run", "log", "state", "munge"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "munge").chmod(0o700)
        key = self.folder / "munge" / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self._configure()
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _configure(self) -> None:
        f, host = self.folder, socket.gethostname().split(".")[0]
        ports = _free_ports(self.nodes + 1)
        lines = [
            "ClusterName=box", f"SlurmctldHost={host}(127.0.0.1)", f"SlurmctldPort={ports[0]}",
            "SlurmUser=root", "SlurmdUser=root", "AuthType=auth/munge",
            f"AuthInfo=socket={f}/run/munge.sock", "CredType=cred/munge",
            f"StateSaveLocation={f}/state", f"SlurmctldPidFile={f}/run/slurmctld.pid",
            f"SlurmctldLogFile={f}/log/slurmctld.log", f"SlurmdPidFile={f}/run/slurmd.%n.pid",
            f"SlurmdSpoolDir={f}/run/spool.%n", f"SlurmdLogFile={f}/log/slurmd.%n.log",
            "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "SwitchType=switch/none",
            "JobAcctGatherType=jobacct_gather/none", "MpiDefault=none",
            "AccountingStorageType=accounting_storage/none", "JobCompType=jobcomp/none",
            "SchedulerType=sched/backfill",
            "SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1",
            "SelectType=select/cons_tres", "SelectTypeParameters=CR_Core_Memory",
            "DefMemPerCPU=500", "KillWait=10", "ReturnToService=2", "MinJobAge=600",
            "SlurmdParameters=config_overrides",
        ]  # fmt: skip
        lines += [
            f"NodeName=n{k} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[k]} "
            f"CPUs={self.cpus} RealMemory=8000 State=UNKNOWN"
            for k in range(1, self.nodes + 1)
        ]
        lines.append(f"PartitionName=debug Nodes=n[1-{self.nodes}] Default=YES MaxTime=INFINITE")
        (f / "slurm.conf").write_text("\n".join(lines) + "\n")
        (f / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")

    def _start(self) -> None:
        f = self.folder
        self._daemon(
            f / "run" / "munged.pid", "munged", "--force", f"--key-file={f}/munge/key",
            f"--socket={f}/run/munge.sock", f"--pid-file={f}/run/munged.pid",
            f"--log-file={f}/log/munged.log", f"--seed-file={f}/munge/seed",
        )  # fmt: skip
        self._daemon(f / "run" / "slurmctld.pid", "slurmctld", "-f", str(f / "slurm.conf"))
        for k in range(1, self.nodes + 1):
            self._daemon(
                f / "run" / f"slurmd.n{k}.pid", "slurmd", "-N", f"n{k}", "-f",
                str(f / "slurm.conf"),
            )  # fmt: skip
        end = time.monotonic() + 60
        while self.run("sinfo", "-h", "-N", "-o", "%T").split().count("idle") < self.nodes:
            if time.monotonic() > end:
                raise RuntimeError(f"nodes not up; see {f}/log: {self.run('sinfo')}")
            time.sleep(0.25)

    def _daemon(self, pid_file: Path, *words: str) -> None:
        subprocess.run(words, env=self.env, check=True, capture_output=True, timeout=60)
        self._started.append(pid_file)

    def run(self, *words: str) -> str:
        """A command's output; empty where it fails."""
        done = subprocess.run(words, env=self.env, capture_output=True, text=True, timeout=60)
        return done.stdout

    def jobs(self, state: str = "R") -> list[str]:
        """Numbers of jobs in a state, oldest first."""
        return sorted(self.run("squeue", "-h", "-t", state, "-o", "%A").split(), key=int)

    def __exit__(self, *_: object) -> None:
        if (self.folder / "run" / "slurmctld.pid") in self._started:
            for job in self.run("squeue", "-h", "-o", "%A").split():
                self.run("scancel", job)
            end = time.monotonic() + 20
            while self.run("squeue", "-h").strip() and time.monotonic() < end:
                time.sleep(0.25)
        for pid_file in reversed(self._started):
            _end(pid_file)


def _end(pid_file: Path) -> None:
    try:
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
    except (OSError, ValueError):
        pass


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
