"""From inbox to Rasa and back to the outbox. Rasa's silence costs the sender a kind line, never the message."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from connectors.brain import Brain, BrainSilent
from connectors.metrics import Metrics
from helpline import inbox
from helpline.clock import Clock
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.inbox import Turn
from helpline.messages import Answer

log = logging.getLogger(__name__)


class Pump:
    """Claims kept messages and has Rasa answer them, conversations side by side, one turn of each at a time."""

    def __init__(self, db: Database, brain: Brain, clock: Clock, metrics: Metrics, most: int = 8) -> None:
        self._db = db
        self._brain = brain
        self._clock = clock
        self._metrics = metrics
        self._most = most
        self._running: set[asyncio.Task[None]] = set()
        self.done: Callable[[], None] = lambda: None  # called when a turn was stored

    async def step(self) -> int:
        """Start the turns that are due; returns how many. They end on their own and wake the loop again."""
        free = self._most - len(self._running)
        if free <= 0:
            return 0
        turns = await run_in_threadpool(self._claim, free)
        for turn in turns:
            task = asyncio.create_task(self._turn(turn))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(turns)

    async def settle(self) -> None:
        """Wait until the running turns have ended."""
        while self._running:
            await asyncio.gather(*self._running)

    def _claim(self, free: int) -> list[Turn]:
        with self._db.read() as tx:
            if not inbox.anything_due(tx, self._clock.now()):
                return []
        with self._db.write(durable=False) as tx:
            return inbox.claim(tx, self._clock.now(), free)

    async def _turn(self, turn: Turn) -> None:
        began = time.perf_counter()
        try:
            answers = await self._brain.respond(turn)
        except BrainSilent as silence:
            self._metrics.brain_silent.inc()
            log.error("Rasa silent on message %d, attempt %d: %s", turn.message_id, turn.attempts, silence)
            await self._write(turn, None)
            return
        self._metrics.brain_seconds.observe(time.perf_counter() - began)
        await self._write(turn, answers)

    async def _write(self, turn: Turn, answers: list[Answer] | None) -> None:
        try:
            await run_in_threadpool(self._store, turn, answers)
        except StoreUnavailable as error:  # the lease runs out and the turn is done again
            log.error("answer to message %d not stored: %s", turn.message_id, error)
        self.done()

    def _store(self, turn: Turn, answers: list[Answer] | None) -> None:
        with self._db.write(durable=False) as tx:
            if answers is None:
                inbox.silent(tx, self._clock.now(), turn)
            else:
                inbox.answer(tx, self._clock.now(), turn, answers)
