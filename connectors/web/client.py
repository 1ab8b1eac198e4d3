"""The way out to the web chat: the row marked as sent is the delivery, and the pages that wait for it are woken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from helpline.messages import Channel, OutgoingMessage

MOST_LISTENERS = 4  # of one chat: a page opened again, a duplicated tab; the oldest gives way


class Listener:
    """One page that waits for news of its chat."""

    def __init__(self) -> None:
        self.ended = False
        self._woken = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait for a wake, at most ``seconds``; whether there was one. A wake from before this call counts."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        """Let the page go with what there is."""
        self.ended = True
        self.wake()


class WebClient:
    """Sends by doing nothing: a page reads what the courier marks as sent.

    The courier marks a row after `send` has returned, so a woken page looks again a few times in quick succession.
    Pages that wait in another process of the gateway are not woken; their own looks at the database find the row.
    """

    channel = Channel.WEB

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    async def send(self, outgoing: OutgoingMessage) -> str | None:
        """Wake the pages of this chat. Never fails: the platform is our own database."""
        for listener in self._listeners.get(outgoing.address, ()):
            listener.wake()
        return None

    async def close(self) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end()

    @contextmanager
    def listening(self, address: str) -> Iterator[Listener]:
        """A listener of one chat for as long as the block lasts; more than `MOST_LISTENERS` end the oldest."""
        listener = Listener()
        listeners = self._listeners.setdefault(address, [])
        listeners.append(listener)
        if len(listeners) > MOST_LISTENERS:
            listeners[0].end()
        try:
            yield listener
        finally:
            listeners.remove(listener)
            if not listeners and self._listeners.get(address) is listeners:
                del self._listeners[address]
