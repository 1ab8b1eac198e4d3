"""Plain Rasa: the bot of `rasa init`, trained once and kept, served over its REST channel from a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import httpx

from benchmarks.load import NoAnswer
from benchmarks.machinery import NotReady, Program, answers, environment, free_port, start

TRAIN_WITHIN_S = 600
READY_WITHIN_S = 120
CREDENTIALS = "plain_channel.PlainRest: {}\n"


def bot(cache: Path, work: Path, report: Callable[[str], None]) -> Path:
    """The folder of a trained bot inside ``work``. Trained at the first time, taken from ``cache`` at the next ones.

    Raises `NotReady` with the last lines of Rasa's output when it gives no model.
    """
    kept = cache / f"plain-rasa-{version('rasa')}"
    folder = work / "plain"
    if not kept.exists():
        report("training the plain Rasa bot (once, one to three minutes) …")
        _make(folder, work / "plain-init.txt")
        fresh = kept.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(folder, fresh)
        fresh.rename(kept)
        return folder
    shutil.copytree(kept, folder)
    return folder


def _make(folder: Path, output: Path) -> None:
    folder.mkdir()
    command = [sys.executable, "-m", "rasa", "init", "--no-prompt", "--init-dir", str(folder)]
    with output.open("wb") as sink:
        done = subprocess.run(
            command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
            timeout=TRAIN_WITHIN_S, check=False,
        )  # fmt: skip
    if done.returncode != 0 or not list((folder / "models").glob("*.tar.gz")):
        last = output.read_text(errors="replace").splitlines()[-8:]
        raise NotReady("`rasa init` gave no model:\n" + "\n".join(last))
    shutil.copy(Path(__file__).with_name("plain_channel.py"), folder)
    (folder / "credentials.yml").write_text(CREDENTIALS)


def serve(folder: Path) -> tuple[Program, str]:
    """The running bot and the address of its REST channel."""
    port = free_port()
    command = [sys.executable, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port)]
    program = start("plain Rasa", command, folder, environment(), folder / "run.txt")
    program.wait(lambda: answers(f"http://127.0.0.1:{port}/"), READY_WITHIN_S)
    return program, f"http://127.0.0.1:{port}/webhooks/rest/webhook"


class PlainSide:
    """Senders of the plain bot; the latency is the whole HTTP round trip."""

    name = "plain"

    def __init__(self, url: str, scripts: Sequence[Sequence[str]], timeout_s: float) -> None:
        self._url = url
        self._scripts = scripts
        self._http = httpx.AsyncClient(timeout=timeout_s, trust_env=False)

    def script(self, number: int) -> Sequence[str]:
        return self._scripts[number % len(self._scripts)]

    async def greet(self, senders: Sequence[int]) -> None:
        """Nothing: a plain bot has no notice at the first turn."""

    async def turn(self, sender: int, text: str) -> float:
        began = time.monotonic()
        try:
            response = await self._http.post(self._url, json={"sender": f"sender-{sender}", "message": text})
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        took = time.monotonic() - began
        if response.status_code != 200 or not response.json():
            raise NoAnswer(f"HTTP {response.status_code}, empty or refused")
        return took * 1000

    async def close(self) -> None:
        await self._http.aclose()
