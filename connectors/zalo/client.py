"""The way out to Zalo: consultation messages ("tin tư vấn") of the OA."""

from __future__ import annotations

import unicodedata
from typing import Any

import httpx

from connectors import bubble, network, payload
from connectors.progress import Progress
from connectors.zalo import codes
from connectors.zalo.address import is_anonymous, recipient
from connectors.zalo.menu import menu
from connectors.zalo.tokens import ZaloTokens
from helpline.clock import Clock
from helpline.db import Database
from helpline.messages import Channel, OutgoingMessage
from helpline.settings import Settings

LONGEST_TEXT = 2000
TIMEOUT = httpx.Timeout(connect=4.0, read=8.0, write=4.0, pool=4.0)  # seconds; a call ends before the courier's limit
TO_USER = "/v3.0/oa/message/cs"
TO_ANONYMOUS = "/v2.0/oa/message"


class ZaloClient:
    channel = Channel.ZALO

    def __init__(
        self, settings: Settings, db: Database, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        network.keep_quiet()
        self._base = settings.zalo_api.rstrip("/")
        self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=transport)
        self._tokens = ZaloTokens(settings, db, clock, self._http)
        self._progress = Progress()

    async def send(self, outgoing: OutgoingMessage) -> str | None:
        """Deliver one message, a long one in pieces, its buttons as a numbered menu; returns the last message id.

        A repeat goes on behind the pieces that have left. An answer without words sends nothing and returns None.
        Raises errors under `SendError`. A token that ran out is renewed on the way, once.
        """
        to = recipient(outgoing.address)
        path = TO_ANONYMOUS if is_anonymous(outgoing.address) else TO_USER
        pieces = [piece.strip() for piece in bubble.split(text_of(outgoing), LONGEST_TEXT)]

        async def send_piece(text: str, last: bool) -> str:
            return await self._send(path, {"recipient": to, "message": {"text": text}})

        return await self._progress.send(outgoing, [piece for piece in pieces if piece], send_piece)

    async def _send(self, path: str, body: dict[str, Any]) -> str:
        token = await self._tokens.current()
        answer = await self._call(path, token, body)
        if answer.get("error") in codes.TOKEN:
            answer = await self._call(path, await self._tokens.renew(token), body)
        if answer["error"] != 0:
            raise codes.error_of(answer["error"])
        data = answer.get("data")
        return str(data.get("message_id", "")) if isinstance(data, dict) else ""

    async def _call(self, path: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        """Zalo's answer, whose ``error`` is a whole number. Raises errors under `SendError` where there is none."""
        try:
            response = await self._http.post(self._base + path, headers={"access_token": token}, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise network.send_error(error) from None
        try:
            answer = payload.decode(response.content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not isinstance(answer.get("error"), int):
            raise codes.error_of_status(response.status_code)
        return answer

    async def close(self) -> None:
        """Give back connections, after a refresh of the tokens that may be running."""
        await self._tokens.settle()
        await self._http.aclose()


def text_of(outgoing: OutgoingMessage) -> str:
    """The bubble with its menu below, NFC."""
    parts = [bubble.words(outgoing.answer), unicodedata.normalize("NFC", menu(outgoing.answer.buttons))]
    return "\n\n".join(part for part in parts if part)
