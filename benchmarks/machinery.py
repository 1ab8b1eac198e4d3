"""Processes of the measurement: started on loopback, watched, weighed, and ended by their ids."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.servers import free_port

__all__ = ["Program", "descendants", "environment", "free_port", "machine", "pss_mb", "start", "wait_for"]

STOP_WITHIN_S = 25
NOT_INHERITED = ("TIANANG_", "RASA_", "SANIC_", "PYTHONPATH", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


class NotReady(RuntimeError):
    """A program ended or stayed silent instead of becoming ready; the message ends with its last lines."""


@dataclass
class Program:
    """One started program with all that it starts in turn. Its output goes to ``output``."""

    name: str
    process: subprocess.Popen[bytes]
    output: Path
    began: float
    known: set[int] = field(default_factory=set)

    @property
    def pids(self) -> list[int]:
        return [self.process.pid, *descendants(self.process.pid)]

    def pss_mb(self) -> float:
        """What all its processes take, pages shared with others counted in shares, in MB of 2**20 bytes."""
        return sum(pss_mb(pid) for pid in self.pids)

    def tail(self) -> str:
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-8:])

    def wait(self, ready: Callable[[], bool], seconds: float, every_s: float = 0.02) -> float:
        """Seconds from the start of the program until ``ready``. Raises `NotReady`."""

        def look() -> bool:
            if self.process.poll() is not None:
                raise NotReady(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
            return ready()

        if not wait_for(look, seconds, every_s):
            raise NotReady(f"{self.name} was not ready after {seconds:.0f} s:\n{self.tail()}")
        self.known.update(self.pids)
        return time.monotonic() - self.began

    def end(self) -> None:
        """Ask it to stop, wait, then end by force what is left of it. A repeat does nothing."""
        started = {*self.known, *self.pids}
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        for pid in started - {self.process.pid}:
            _kill(pid)  # one whose parent did not end it
        self.known.clear()


def start(name: str, command: Sequence[str], folder: Path, environ: dict[str, str], output: Path) -> Program:
    output.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with output.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    return Program(name, process, output, began)


def environment(**own: str) -> dict[str, str]:
    """The environment without settings of ours, of Rasa or of a proxy, and with ``own`` added."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return {**kept, "PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false", **own}


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(true: Callable[[], bool], seconds: float, every_s: float = 0.02) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def descendants(pid: int) -> list[int]:
    """The processes that ``pid`` started, and those that they started."""
    found: list[int] = []
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it has ended
        return found
    for task in tasks:
        try:
            children = [int(child) for child in (task / "children").read_text().split()]
        except OSError:  # that thread has ended
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def pss_mb(pid: int) -> float:
    """Proportional set size of one process in MB; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def machine() -> str:
    """Cores, memory, processor and Python, for the report."""
    import platform

    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    memory = int(next(line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")))
    return f"{os.cpu_count()} cores, {memory / 2**20:.0f} GB, {cpu}, Python {platform.python_version()}"


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
