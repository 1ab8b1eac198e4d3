"""The gateway put together: doors in, loops between, clients out."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.brain import Brain, RestBrain
from connectors.channel import ChannelClient
from connectors.courier import Courier
from connectors.loop import Loop
from connectors.metrics import Metrics
from connectors.pump import Pump
from connectors.reception import Reception
from connectors.telegram.client import TelegramClient
from connectors.telegram.door import TelegramDoor
from connectors.telegram.poller import TelegramPoller
from connectors.web.client import WebClient
from connectors.web.door import WebDoor
from connectors.zalo.client import ZaloClient
from connectors.zalo.door import ZaloDoor
from connectors.zalo.withdraw import ask_deletion
from helpline import cases, escalation, inbox, outbox, retention
from helpline.clock import Clock, SystemClock
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.intake import Intake, Screen
from helpline.keyring import Keyring
from helpline.messages import Channel
from helpline.settings import Settings
from helpline.spool import Spool

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25  # how soon rows of other processes (a counsellor's reply) are seen
TICK_EVERY_S = 5.0
FORGET_EVERY_S = 3600.0
LISTEN_EVERY_S = 20.0


@dataclass
class Gateway:
    """Everything that one gateway process runs. ``transport`` replaces the network of all platforms in tests.

    ``warm`` gives a better screen than ``screen`` once it is ready (with its encoder loaded), or the same one again
    where that failed; it is called behind the open doors until it succeeds.
    """

    settings: Settings
    db: Database
    keyring: Keyring
    screen: Screen
    clock: Clock = field(default_factory=SystemClock)
    brain: Brain | None = None
    transport: httpx.AsyncBaseTransport | None = None
    warm: Callable[[], Screen] | None = None

    def __post_init__(self) -> None:
        s = self.settings
        self.metrics = Metrics()
        self.brain = self.brain or RestBrain(s.brain_url, s.brain_token, s.brain_timeout_s)
        self.web = WebClient()
        self.poller: TelegramPoller | None = None
        self.clients: dict[Channel, ChannelClient] = {Channel.WEB: self.web}
        if s.telegram_token:
            self.clients[Channel.TELEGRAM] = TelegramClient(s.telegram_token, s.telegram_api, self.transport)
        if s.zalo_app_id:
            self.clients[Channel.ZALO] = ZaloClient(s, self.db, self.clock, self.transport)
        self.intake = Intake(self.db, self.keyring, self.screen, self.clock, s.max_text)
        self.spool = Spool(s.spool_dir, self.keyring)
        self.reception = Reception(self.intake, self.spool, self.clients, self.clock, self.metrics, self.wake)
        self.pump = Pump(self.db, self.brain, self.clock, self.metrics)
        self.courier = Courier(self.db, self.clients, self.clock, self.metrics)
        self.loops = {
            "pump": Loop("pump", self._pump, LOOK_EVERY_S),
            "courier": Loop("courier", self._courier, LOOK_EVERY_S),
            "clock": Loop("clock", self._tick, TICK_EVERY_S),
            "spool": Loop("spool", self.reception.drain, TICK_EVERY_S),
            "forget": Loop("forget", self._forget, FORGET_EVERY_S),
            "screen": Loop("screen", self._listen_again, LISTEN_EVERY_S),
        }
        self.pump.done = self.loops["courier"].wake
        self.courier.done = self.loops["courier"].wake

    def wake(self) -> None:
        self.loops["courier"].wake()
        self.loops["pump"].wake()

    def app(self) -> Starlette:
        routes = [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metrics),
            *WebDoor(self.db, self.keyring, self.reception, self.web, self.clock).routes(),
        ]
        if Channel.TELEGRAM in self.clients:
            routes += TelegramDoor(self.settings, self.reception, self.metrics, self.clock).routes()
        if Channel.ZALO in self.clients:
            withdraw = partial(ask_deletion, self.db, self.keyring, self.clock)
            routes += ZaloDoor(self.settings, self.reception, self.metrics, self.clock, withdraw=withdraw).routes()
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        for loop in self.loops.values():
            loop.start()
        self.poller = await self._start_telegram()
        log.info("gateway ready: %s", ", ".join(sorted(channel.value for channel in self.clients)))
        try:
            yield
        finally:
            if self.poller:
                await self.poller.stop()
            for loop in self.loops.values():
                await loop.stop()
            await self.pump.settle()
            await self.courier.settle()
            for client in self.clients.values():
                await client.close()
            assert self.brain is not None
            await self.brain.close()

    async def _start_telegram(self) -> TelegramPoller | None:
        """Webhook where there is a public address, else polling. A platform that is down does not stop the start."""
        client = self.clients.get(Channel.TELEGRAM)
        if not isinstance(client, TelegramClient):
            return None
        if self.settings.public_url:
            await client.set_webhook(f"{self.settings.public_url}/webhooks/telegram", self.settings.telegram_secret)
            return None
        poller = TelegramPoller(client, self.db, self.reception, self.clock, self.metrics)
        poller.start()
        return poller

    async def _pump(self) -> int:
        return await self.pump.step()

    async def _courier(self) -> int:
        return await self.courier.step()

    async def _tick(self) -> int:
        await run_in_threadpool(self._tick_now)
        self.loops["courier"].wake()
        return 0

    def _tick_now(self) -> None:
        with self.db.write() as tx:
            for risen in escalation.tick(tx, self.clock.now()):
                log.warning("case %d unclaimed: alarm stage %d", risen.case_id, risen.stage)
            self.metrics.waiting.labels("cases").set(cases.waiting_count(tx))
            self.metrics.waiting.labels("inbox").set(inbox.waiting_count(tx))
            self.metrics.waiting.labels("outbox").set(outbox.waiting_count(tx))
        self.metrics.waiting.labels("spool").set(self.spool.count())

    async def _listen_again(self) -> int:
        raised = await run_in_threadpool(self._listen_again_now)
        if raised:
            self.wake()
        return 0

    def _listen_again_now(self) -> int:
        """Bring the encoder in, and judge again what came while it was missing or failing."""
        if self.warm is not None:
            better = self.warm()
            if better is not self.screen:
                self.screen = self.intake.screen = better
                self.warm = None
        judged = self.intake.judge_again()
        self.metrics.judged_again.inc(judged)
        return judged

    async def _forget(self) -> int:
        await run_in_threadpool(self._forget_now)
        return 0

    def _forget_now(self) -> None:
        with self.db.write() as tx:
            retention.forget(tx, self.clock.now(), self.settings.retention_days)

    async def _healthz(self, request: Request) -> Response:
        """Whether this process is alive and its loops run."""
        dead = [name for name, loop in self.loops.items() if not loop.alive]
        if self.poller and not self.poller.alive:
            dead.append("telegram poller")
        return JSONResponse({"ok": not dead, "dead": dead}, status_code=500 if dead else 200)

    async def _readyz(self, request: Request) -> Response:
        """What works now. 200 as long as a message would be kept: Rasa's absence is told, not fatal."""
        state: Mapping[str, object] = await run_in_threadpool(self._state)
        ready = getattr(self.brain, "ready", None)
        body = {**state, "brain": bool(await ready()) if ready else None}
        return JSONResponse(body, status_code=200 if state["database"] else 503)

    def _state(self) -> dict[str, object]:
        try:
            with self.db.read() as tx:
                waiting = cases.waiting_count(tx)
            return {"database": True, "cases_waiting": waiting, "spool": self.spool.count()}
        except StoreUnavailable:
            return {"database": False, "cases_waiting": None, "spool": self.spool.count()}

    async def _metrics(self, request: Request) -> Response:
        return PlainTextResponse(self.metrics.page(), media_type="text/plain; version=0.0.4")
