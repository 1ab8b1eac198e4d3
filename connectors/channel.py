"""What the gateway asks of a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from helpline.messages import Channel, OutgoingMessage


class ChannelClient(Protocol):
    """The way out to one platform."""

    channel: Channel

    async def send(self, outgoing: OutgoingMessage) -> str | None:
        """Deliver one message; returns the platform's id of it where it gives one.

        Raises an error of the tree in `helpline.errors` under `SendError`, which decides what the courier does next.
        Never logs text or address.
        """

    async def close(self) -> None:
        """Give back connections."""


class ChannelDoor(Protocol):
    """The way in: routes of the gateway that verify, parse and hand over."""

    def routes(self) -> Sequence[BaseRoute]: ...
