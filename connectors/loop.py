"""Loops that act at once when woken, look again on their own, and outlive what goes wrong in a round."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from helpline.errors import StoreUnavailable

log = logging.getLogger(__name__)


class Loop:
    """Runs ``step`` again and again: while it finds work, when `wake` is called, and every ``every_s`` seconds.

    The database is the truth; waking only saves the wait. A failing round is logged and the next one comes after a
    pause, so that one bad row or a database restart never ends the loop.
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[int]], every_s: float) -> None:
        self._name = name
        self._step = step
        self._every_s = every_s
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        self._woken.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            log.debug("loop %s ended", self._name)

    @property
    def alive(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                found = await self._step()
            except StoreUnavailable as error:
                log.error("%s: database unavailable (%s)", self._name, error)
                found = 0
                await asyncio.sleep(1.0)
            except Exception:  # a loop of the line between child and counsellor must not die
                log.exception("%s: a round failed", self._name)
                found = 0
                await asyncio.sleep(1.0)
            if found:
                continue
            try:
                await asyncio.wait_for(self._woken.wait(), self._every_s)
            except TimeoutError:
                continue
