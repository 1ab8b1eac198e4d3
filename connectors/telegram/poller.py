"""Telegram without a public address: ask for updates, keep them, confirm them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import select, update
from starlette.concurrency import run_in_threadpool

from connectors.loop import Loop
from connectors.metrics import Metrics
from connectors.reception import Reception
from connectors.telegram.api import Conflict
from connectors.telegram.client import TelegramClient
from connectors.telegram.parse import parse
from helpline.clock import Clock
from helpline.db import Database
from helpline.errors import ChannelMisconfigured, SendError, SendLater, StoreUnavailable
from helpline.messages import Channel, InboundMessage, Kind
from helpline.tables import cursor

log = logging.getLogger(__name__)

NAME = "telegram"
WAIT_S = 25
LONGEST_PAUSE_S = 60.0
MOST_TRIES = 5  # of one update at which our own code fails; then it is left behind, or nobody would be heard again


class TelegramPoller:
    """Asks in a loop of its own. An update is confirmed by the next question, which is asked only after it was kept.

    The place is in table `cursor`, so that a restart does not hear the last messages again; hearing one again
    changes nothing anyhow. Outages and rivals (409) are logged once each and asked again with growing pauses.
    """

    def __init__(
        self,
        client: TelegramClient,
        db: Database,
        reception: Reception,
        clock: Clock,
        metrics: Metrics,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._db = db
        self._reception = reception
        self._clock = clock
        self._metrics = metrics
        self._pause = pause
        self._loop = Loop("telegram poller", self._round, 0.0)
        self._placed = False
        self._offset: int | None = None
        self._trouble = ""
        self._troubles = 0
        self._tries: dict[int, int] = {}

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """End after the message at hand; what is not confirmed comes again at the next start."""
        await self._loop.stop()

    @property
    def alive(self) -> bool:
        return self._loop.alive

    async def _round(self) -> int:
        if not self._placed:
            self._offset = await run_in_threadpool(self._load)
            self._placed = True
        try:
            updates = await self._client.get_updates(self._offset, WAIT_S)
        except SendError as error:
            await self._failed(error)
            return 1
        kept = await self._keep_all(updates)
        if kept:
            self._offset = kept + 1
            await run_in_threadpool(self._save, self._offset)
        elif not updates:
            self._offset = None  # all before is confirmed; numbers may start anew after a quiet week
        return 1

    async def _keep_all(self, updates: list[dict[str, Any]]) -> int | None:
        """Keep updates in their order up to the first that cannot be kept; returns the last that may be confirmed."""
        last: int | None = None
        taps: list[str] = []
        for raw in updates:
            number = raw.get("update_id")
            if not isinstance(number, int):
                continue
            incoming = parse(raw, self._clock.now())
            if not await self._keep(number, incoming):
                break
            last = number
            if incoming and incoming.kind is Kind.BUTTON:
                taps.append(incoming.extra["callback_query_id"])
        else:
            self._works()
        await asyncio.gather(*(self._client.answer_callback(tap) for tap in taps))
        return last

    async def _keep(self, number: int, incoming: InboundMessage | None) -> bool:
        """Whether the update may be confirmed."""
        if incoming is None:
            self._metrics.ignored.labels(Channel.TELEGRAM.value).inc()
            return True
        try:
            await self._reception.receive(incoming)
        except OSError as error:
            await self._back_off(f"not kept: {type(error).__name__}")
            return False
        except Exception as error:  # noqa: BLE001  # one message must not keep the others from being heard
            return await self._failing(number, error)
        self._tries.pop(number, None)
        return True

    async def _failing(self, number: int, error: Exception) -> bool:
        tries = self._tries[number] = self._tries.get(number, 0) + 1
        if tries < MOST_TRIES:
            await self._back_off(f"update {number}: {type(error).__name__}")
            return False
        log.critical("update %d left behind after %d tries: %s", number, tries, type(error).__name__)
        del self._tries[number]
        return True

    async def _failed(self, error: SendError) -> None:
        if isinstance(error, Conflict) and error.webhook:  # left from a time with a public address
            try:
                await self._client.delete_webhook()
            except SendError as second:
                error = second
        least = LONGEST_PAUSE_S if isinstance(error, ChannelMisconfigured) else 0.0
        await self._back_off(error.code, error.seconds if isinstance(error, SendLater) else least)

    async def _back_off(self, code: str, least_s: float = 0.0) -> None:
        if code != self._trouble:
            log.error("Telegram polling: %s; trying on", code)
            self._trouble = code
        self._troubles += 1
        await self._pause(max(least_s, min(LONGEST_PAUSE_S, 2.0 ** min(self._troubles - 1, 10))))

    def _works(self) -> None:
        if self._trouble:
            log.info("Telegram polling works again")
        self._trouble, self._troubles = "", 0

    def _load(self) -> int | None:
        try:
            with self._db.read() as tx:
                value = tx.execute(select(cursor.c.value).where(cursor.c.name == NAME)).scalar()
        except StoreUnavailable as error:  # Telegram knows what it confirmed; messages go to the spool meanwhile
            log.error("place of the poller unknown: %s", error)
            return None
        return int(value) if value else None

    def _save(self, offset: int) -> None:
        values: Mapping[str, str] = {"value": str(offset)}
        try:
            with self._db.write() as tx:
                if not tx.execute(update(cursor).where(cursor.c.name == NAME).values(**values)).rowcount:
                    tx.execute(cursor.insert().values(name=NAME, **values))
        except StoreUnavailable as error:
            log.error("place of the poller not saved: %s", error)
