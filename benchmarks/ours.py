"""Our service as `tianang up` starts it, with the fake Telegram as its only platform, and its senders."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.load import NoAnswer
from benchmarks.machinery import NotReady, Program, answers, environment, free_port, start
from helpline import keyring
from helpline.db import Database
from helpline.settings import Settings
from helpline.wording import say
from tests.fakes.fake_telegram import SECRET_HEADER, FakeTelegram
from tianang.preparation import prepare
from tianang.stock import ROOT, Stock

SECRET = "telegram-secret-of-the-measurement"
UP_WITHIN_S = 150
GATEWAY_WITHIN_S = 60
TRAIN_WITHIN_S = 600
QUIET_S = 0.7  # while learning how many messages an answer has
AT_ONCE = 4


@dataclass(frozen=True)
class Platform:
    """The process of the fake Telegram: its Bot API, and the port on which it tells what arrived."""

    program: Program
    api: str
    news_port: int
    token: str


def platform(work: Path) -> Platform:
    http_port, news_port = free_port(), free_port()
    command = [sys.executable, "-m", "benchmarks.platform_process", str(http_port), str(news_port)]
    program = start("fake Telegram", command, ROOT, environment(PYTHONPATH=str(ROOT)), work / "platform.txt")
    token = FakeTelegram.token
    program.wait(lambda: answers(f"http://127.0.0.1:{http_port}/bot{token}/getMe"), 30)
    return Platform(program, f"http://127.0.0.1:{http_port}", news_port, token)


@dataclass(frozen=True)
class House:
    """A var folder with its ports; what runs in it is started anew each time."""

    var: Path
    models: Path
    platform: Platform
    gateway_port: int

    @classmethod
    def at(cls, var: Path, models: Path, platform: Platform) -> House:
        return cls(var, models, platform, free_port())

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    def environ(self) -> dict[str, str]:
        own = {
            "VAR": self.var,
            "MODEL_DIR": self.models,
            "GATEWAY_PORT": self.gateway_port,
            "DESK_PORT": free_port(),
            "BRAIN_URL": f"http://127.0.0.1:{free_port()}",
            "ACTIONS_PORT": free_port(),
            "PUBLIC_URL": "https://example.vn",
            "TELEGRAM_TOKEN": self.platform.token,
            "TELEGRAM_SECRET": SECRET,
            "TELEGRAM_API": self.platform.api,
        }
        return environment(PYTHONPATH=str(ROOT), **{f"TIANANG_{name}": str(value) for name, value in own.items()})

    def prepare(self) -> None:
        """Make the database with its knowledge base, as the first `tianang up` does before it starts the processes."""
        prepare(Settings(var=self.var, model_dir=self.models), lambda line: None).db.close()

    def up(self) -> tuple[Program, float]:
        """`tianang up`, and the seconds until it said that it is ready. Raises `NotReady`."""
        program = start(
            "tianang up", [sys.executable, "-m", "tianang", "up"], ROOT, self.environ(), self.var.with_suffix(".up.txt")
        )
        try:
            took = program.wait(lambda: "stop with Ctrl-C" in program.output.read_text(errors="replace"), UP_WITHIN_S)
        except NotReady:
            program.end()
            raise
        return program, took

    def gateway_alone(self) -> float:
        """Seconds from the start of the gateway's process until its `/healthz` says 200; it is ended then."""
        command = [sys.executable, "-m", "connectors"]
        program = start("gateway", command, ROOT, self.environ(), self.var.with_suffix(".gateway.txt"))
        try:
            return program.wait(lambda: answers(f"{self.gateway}/healthz"), GATEWAY_WITHIN_S, 0.01)
        finally:
            program.end()

    def database(self) -> Database:
        settings = Settings(var=self.var)
        return Database(settings.database, keyring.load(settings))


def train_what_is_missing(models: Path, work: Path) -> bool:
    """`tianang train` where a model does not fit the data; whether it was needed. Raises `NotReady`."""
    stock = Stock.of(Settings(model_dir=models))
    if stock.rasa_fits() and stock.screen_fits():
        return False
    environ = environment(PYTHONPATH=str(ROOT), TIANANG_VAR=str(work / "train"), TIANANG_MODEL_DIR=str(models))
    command = [sys.executable, "-m", "tianang", "train"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=TRAIN_WITHIN_S, check=False)
    if done.returncode != 0:
        raise NotReady(f"`tianang train` failed:\n{done.stderr[-800:]}")
    return True


class OurSide:
    """Senders on Telegram. The latency runs from the sending of the webhook to the arrival of the last `sendMessage`
    of the answer at the platform; how many it has is learnt once, before anything is measured."""

    name = "ours"

    def __init__(self, gateway: str, platform: Platform, texts: Mapping[str, Any], timeout_s: float) -> None:
        self._gateway = gateway
        self._news_port = platform.news_port
        self._texts = texts
        self._scripts: Sequence[Sequence[str]] = texts["questions"]
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(timeout=timeout_s, trust_env=False)
        self._maker = FakeTelegram()  # makes updates, each with a number of its own
        self._arrived: dict[int, asyncio.Queue[tuple[float, str]]] = defaultdict(asyncio.Queue)
        self._calls: dict[str, int] = {}
        self._silence = say("brain_silent")
        self._listening: asyncio.Task[None] | None = None
        self.webhook_ms: list[float] = []

    async def listen(self) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._news_port)
        self._listening = asyncio.create_task(self._listen(reader))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            news = json.loads(line)
            self._arrived[news["chat"]].put_nowait((news["at"], news["text"]))

    def script(self, number: int) -> Sequence[str]:
        return self._scripts[number % len(self._scripts)]

    async def learn(self, names: Sequence[int]) -> None:
        """Go through every conversation once and note how many messages each answer has.

        ``names`` are senders of this purpose, one for each conversation.
        """

        async def through(name: int, script: Sequence[str]) -> None:
            await self._until_quiet(name, self._texts["greeting"])
            for text in script:
                self._calls[text] = await self._until_quiet(name, text)

        for at in range(0, len(self._scripts), AT_ONCE):
            some = list(zip(names, self._scripts, strict=True))[at : at + AT_ONCE]
            await asyncio.gather(*(through(name, script) for name, script in some))

    async def _until_quiet(self, name: int, text: str) -> int:
        await self._post(name, text)
        await self._next(name, self._timeout_s)
        calls = 1
        while True:
            try:
                await self._next(name, QUIET_S)
            except NoAnswer:
                return calls
            calls += 1

    async def greet(self, senders: Sequence[int]) -> None:
        """The first turn of new senders, a few at a time: its notice and its answer."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(name: int) -> None:
            async with gate:
                await self._post(name, self._texts["greeting"])
                for _ in range(2):
                    await self._next(name, self._timeout_s)

        await asyncio.gather(*(one(name) for name in senders))

    async def turn(self, sender: int, text: str) -> float:
        self._forget(sender)
        began = await self._post(sender, text)
        at = began
        for _ in range(self._calls[text]):
            at = await self._next(sender, self._timeout_s)
        return (at - began) * 1000

    async def urgent(self, sender: int, number: int) -> float:
        """Milliseconds until the first response to an urgent text of a new sender. Raises `NoAnswer`."""
        texts = self._texts["urgent"]
        began = await self._post(sender, texts[number % len(texts)])
        return (await self._next(sender, self._timeout_s) - began) * 1000

    async def _post(self, chat: int, text: str) -> float:
        update = self._maker.say(chat, text)
        self._maker.waiting.clear()
        began = time.monotonic()
        try:
            response = await self._http.post(
                f"{self._gateway}/webhooks/telegram", json=update, headers={SECRET_HEADER: SECRET}
            )
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        self.webhook_ms.append((time.monotonic() - began) * 1000)
        if response.status_code != 200:
            raise NoAnswer(f"HTTP {response.status_code}")
        return began

    async def _next(self, chat: int, seconds: float) -> float:
        try:
            at, text = await asyncio.wait_for(self._arrived[chat].get(), seconds)
        except TimeoutError:
            raise NoAnswer("nothing arrived") from None
        if text == self._silence:
            raise NoAnswer("Rasa was silent")
        return at

    def _forget(self, chat: int) -> None:
        """Drop what came late for an earlier message that had failed."""
        while not self._arrived[chat].empty():
            self._arrived[chat].get_nowait()

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            self._writer.close()
        await self._http.aclose()

