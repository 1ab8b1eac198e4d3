"""How far the pieces of long messages have got, so that a further try goes on where the last one failed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from helpline.messages import OutgoingMessage

MOST_REMEMBERED = 1000


class Progress:
    """In memory only: after a restart a half-sent message is sent again from its first piece."""

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[str, int], list[str]] = OrderedDict()

    async def send(
        self, outgoing: OutgoingMessage, pieces: Sequence[str], send_piece: Callable[[str, bool], Awaitable[str]]
    ) -> str | None:
        """Send the pieces that have not left yet, in order; returns the platform's id of the last one.

        ``send_piece`` gets a piece and whether it is the last. What it raises goes through; the pieces before it are
        remembered, and the next call for the same message does not repeat them.
        """
        key = (outgoing.turn_key, outgoing.part)
        sent = self._sent.setdefault(key, [])
        self._sent.move_to_end(key)
        while len(self._sent) > MOST_REMEMBERED:
            self._sent.popitem(last=False)
        for number in range(len(sent), len(pieces)):
            sent.append(await send_piece(pieces[number], number == len(pieces) - 1))
        self._sent.pop(key, None)
        return sent[-1] if sent else None
