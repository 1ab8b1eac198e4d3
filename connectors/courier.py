"""From outbox to the platforms: one message a conversation at a time, with retries that depend on the error."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from connectors.channel import ChannelClient
from connectors.metrics import Metrics
from helpline import conversations, outbox
from helpline.clock import Clock
from helpline.db import Database
from helpline.errors import SendError, SendRefused, SendUncertain, StoreUnavailable, Unreachable
from helpline.messages import Channel, OutgoingMessage, OutState
from helpline.retry import decide

log = logging.getLogger(__name__)
What = TypeVar("What")

LONGEST_SEND_S = 15.0  # below the outbox lease, so that no row is sent twice while its first try still runs


class Courier:
    def __init__(
        self,
        db: Database,
        clients: Mapping[Channel, ChannelClient],
        clock: Clock,
        metrics: Metrics,
        most: int = 16,
    ) -> None:
        self._db = db
        self._clients = clients
        self._clock = clock
        self._metrics = metrics
        self._most = most
        self._running: set[asyncio.Task[None]] = set()
        self.done: Callable[[], None] = lambda: None  # called when a delivery was recorded: the next part may leave

    async def step(self) -> int:
        """Start the deliveries that are due; returns how many."""
        free = self._most - len(self._running)
        if free <= 0:
            return 0
        claimed = await run_in_threadpool(self._claim, free)
        for outgoing in claimed:
            task = asyncio.create_task(self._deliver(outgoing))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(claimed)

    async def settle(self) -> None:
        """Wait until the running deliveries have ended."""
        while self._running:
            await asyncio.gather(*self._running)

    def _claim(self, free: int) -> list[OutgoingMessage]:
        with self._db.read() as tx:
            if not outbox.anything_due(tx, self._clock.now()):
                return []
        with self._db.write(durable=False) as tx:
            return outbox.claim(tx, self._clock.now(), free)

    async def _deliver(self, outgoing: OutgoingMessage) -> None:
        try:
            platform_id = await self._send(outgoing)
        except SendError as error:
            await self._mark(self._failed, outgoing, error)
        except Exception as error:  # a fault of ours; the row must not be sent again and again for ever
            log.exception("sending %d on %s failed in our own code", outgoing.id, outgoing.channel.value)
            await self._mark(self._failed, outgoing, SendUncertain(type(error).__name__))
        else:
            self._metrics.sent.labels(outgoing.channel.value).inc()
            await self._mark(self._sent, outgoing, platform_id)

    async def _send(self, outgoing: OutgoingMessage) -> str | None:
        client = self._clients.get(outgoing.channel)
        if client is None:
            raise SendRefused("channel is not set up")
        try:
            return await asyncio.wait_for(client.send(outgoing), LONGEST_SEND_S)
        except TimeoutError as error:
            raise SendUncertain("timeout") from error

    async def _mark(self, how: Callable[[OutgoingMessage, What], None], outgoing: OutgoingMessage, what: What) -> None:
        try:
            await run_in_threadpool(how, outgoing, what)
        except StoreUnavailable as error:  # the lease runs out; the message may then be sent a second time
            log.error("delivery of %d not recorded: %s", outgoing.id, error)
        self.done()

    def _sent(self, outgoing: OutgoingMessage, platform_id: str | None) -> None:
        with self._db.write(durable=False) as tx:
            outbox.mark_sent(tx, self._clock.now(), outgoing, platform_id)

    def _failed(self, outgoing: OutgoingMessage, error: SendError) -> None:
        decision = decide(error, outgoing.attempts, outgoing.uncertain)
        self._metrics.send_failures.labels(outgoing.channel.value, decision.state.value).inc()
        log.warning("message %d on %s: %s (%s)", outgoing.id, outgoing.channel.value, error.code, decision.state.value)
        with self._db.write(durable=False) as tx:
            now = self._clock.now()
            outbox.mark_failed(tx, now, outgoing.id, decision, error.code, uncertain=isinstance(error, SendUncertain))
            if decision.state is OutState.REFUSED and isinstance(error, Unreachable):
                conversations.mark(tx, outgoing.conversation_id, unreachable_at=now)
