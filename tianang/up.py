"""The supervisor: the four processes on one machine, started, watched, started again, stopped cleanly."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from helpline.errors import SettingError
from helpline.settings import Secret, Settings
from tianang.ports import is_free
from tianang.preparation import prepare
from tianang.stock import ROOT, Report, environment, rasa

READY_WITHIN_S = 120
WARM_WITHIN_S = 30
STOP_WITHIN_S = 12
CALM_AFTER_S = 60  # a process that ran this long starts again at once
LONGEST_PAUSE_S = 30


@dataclass
class Part:
    """One process: how it is started, where it says that it is ready, and how often it fell."""

    name: str
    command: list[str]
    ready_url: str
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    next_start: float = 0.0
    ready: bool = field(default=False)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            # a session of its own, so that Ctrl-C reaches only the supervisor, which then stops the parts in order
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.started = time.monotonic()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        try:
            return httpx.get(self.ready_url, timeout=1.0).status_code == 200
        except httpx.HTTPError:
            return False


def parts_of(settings: Settings, model: Path) -> list[Part]:
    """The four processes of the architecture, gateway first: it is what must answer soonest."""
    token = settings.brain_token or Secret(secrets.token_urlsafe(24))
    brain = urlsplit(settings.brain_url)
    logs = settings.var.resolve() / "log"
    ours = {**os.environ, "PYTHONPATH": str(ROOT), "TIANANG_BRAIN_TOKEN": token}
    rasas = {**environment(settings), "OMP_NUM_THREADS": "1", "SANIC_HOST": "127.0.0.1"}
    port = str(brain.port or 5005)
    return [
        Part(
            "gateway",
            [sys.executable, "-m", "connectors"],
            f"http://{settings.gateway_host}:{settings.gateway_port}/healthz",
            ours,
            logs / "gateway.log",
        ),
        Part(
            "desk",
            [sys.executable, "-m", "desk"],
            f"http://{settings.desk_host}:{settings.desk_port}/healthz",
            ours,
            logs / "desk.log",
        ),
        Part(
            "actions",
            rasa("run", "actions", "--port", str(settings.actions_port)),
            f"http://127.0.0.1:{settings.actions_port}/health",
            rasas,
            logs / "actions.log",
        ),
        Part(
            "brain",
            rasa(
                "run", "--enable-api", "--interface", brain.hostname or "127.0.0.1", "--port", port,
                "--auth-token", token, "--model", str(model),
                "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
            ),  # fmt: skip
            f"http://127.0.0.1:{port}/status?token={token}",
            rasas,
            logs / "brain.log",
        ),
    ]


class Supervisor:
    """``warm_up`` is called once all parts answer, and again after one of them was started anew."""

    def __init__(self, parts: list[Part], report: Report, warm_up: Callable[[], None]) -> None:
        self._parts = parts
        self._report = report
        self._warm_up = warm_up
        self._stop = threading.Event()

    def stop(self, *_: object) -> None:
        self._stop.set()

    def start(self) -> bool:
        """Start all and wait until each answers. False when one does not within `READY_WITHIN_S`."""
        for part in self._parts:
            part.start()
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._stop.is_set() and time.monotonic() < deadline:
            for part in self._parts:
                if not part.ready and part.alive() and part.answers():
                    part.ready = True
                if not part.alive():
                    self._report(f"{part.name} ended at its start; its log: {part.log}")
                    return False
            if all(part.ready for part in self._parts):
                self._warm_up()
                return True
            self._stop.wait(0.2)
        return False

    def watch(self) -> None:
        """Until stopped: start again what fell, at once when it ran calmly, else after a growing pause."""
        while not self._stop.wait(1.0):
            now = time.monotonic()
            for part in self._parts:
                if part.alive():
                    if not part.ready and part.answers():
                        part.ready = True
                        self._warm_up()
                    continue
                part.ready = False
                if part.next_start == 0.0:
                    part.falls = 1 if now - part.started > CALM_AFTER_S else part.falls + 1
                    pause = 0 if part.falls == 1 else min(LONGEST_PAUSE_S, 2**part.falls)
                    part.next_start = now + pause
                    self._report(f"{part.name} fell; starting again in {pause} s (log: {part.log})")
                if now >= part.next_start:
                    part.next_start = 0.0
                    part.start()

    def end(self) -> None:
        """Stop all: ask, wait, then end by force."""
        for part in self._parts:
            if part.alive() and part.process:
                part.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        for part in self._parts:
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()


def warm_up(settings: Settings) -> None:
    """Have the brain and the actions answer one question, so that the first person does not wait for what loads late.

    The sender is a name of its own that no person has; a failure is told by the log and by `/readyz`, not here.
    """
    question = {"sender": "warm-up", "message": "số điện thoại bảo vệ trẻ em là số nào"}
    try:
        httpx.post(f"{settings.brain_url}/webhooks/rest/webhook", json=question, timeout=WARM_WITHIN_S)
    except httpx.HTTPError as error:
        print(f"warm-up: {type(error).__name__}", file=sys.stderr)


def check_ports(settings: Settings) -> None:
    """Raises `SettingError` naming the first port that somebody else holds."""
    brain = urlsplit(settings.brain_url)
    wanted = [
        ("TIANANG_GATEWAY_PORT", settings.gateway_host, settings.gateway_port),
        ("TIANANG_DESK_PORT", settings.desk_host, settings.desk_port),
        ("TIANANG_BRAIN_URL", "127.0.0.1", brain.port or 5005),
        ("TIANANG_ACTIONS_PORT", "127.0.0.1", settings.actions_port),
    ]
    for variable, host, port in wanted:
        if not is_free(host, port):
            raise SettingError(f"port {port} is in use; end the program that holds it or set {variable} to another")


def up(settings: Settings, report: Report) -> int:
    """Prepare, start, print the addresses, watch until Ctrl-C. Returns the exit code."""
    began = time.monotonic()
    settings = replace(settings, var=settings.var.resolve(), model_dir=settings.model_dir.resolve())
    check_ports(settings)
    prepared = prepare(settings, report)
    prepared.db.close()
    supervisor = Supervisor(parts_of(settings, prepared.stock.rasa), report, lambda: warm_up(settings))
    signal.signal(signal.SIGINT, supervisor.stop)
    signal.signal(signal.SIGTERM, supervisor.stop)
    report("starting gateway, desk, actions, brain …")
    try:
        if not supervisor.start():
            return 1
        report(f"ready after {time.monotonic() - began:.0f} s")
        report(f"  web chat   http://{settings.gateway_host}:{settings.gateway_port}/")
        report(f"  desk       http://{settings.desk_host}:{settings.desk_port}/")
        if prepared.first_admin:
            login, password = prepared.first_admin
            report(f"  first administrator: {login}   one-time password: {password}")
        report("  stop with Ctrl-C")
        supervisor.watch()
    finally:
        supervisor.end()
    report("stopped")
    return 0
