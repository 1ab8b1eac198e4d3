"""Calls of the Bot API over httpx, and what its errors mean for us.

Not `telegram.Bot`: it logs texts at DEBUG and whole updates when it cannot read one, and a batch with one unreadable
update would never pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from connectors import network, payload
from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendRefused, SendUncertain, Unreachable

TIMEOUT = httpx.Timeout(connect=4.0, read=8.0, write=4.0, pool=4.0)  # seconds; a call ends before the courier's limit
RATE_LIMIT_S = 5.0  # where Telegram does not say how long
UNREACHABLE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "have no rights to send")
OUR_FAULTS = ("message is too long", "message text is empty", "button_data_invalid", "query is too old", "reply markup")


class Conflict(SendLater):
    """Somebody else takes this bot's updates: a webhook that is set (``webhook``), or another poller."""

    def __init__(self, webhook: bool) -> None:
        super().__init__("409 webhook is set" if webhook else "409 another poller", 0.0 if webhook else 10.0)
        self.webhook = webhook


class BadRequest(SendRefused):
    """Telegram does not take this message as it is; the sender may well be reachable."""


class BotApi:
    def __init__(self, token: str, base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        network.keep_quiet()
        self._root = f"{base.rstrip('/')}/bot{token.strip()}"
        self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=transport)

    async def call(self, method: str, params: Mapping[str, Any], *, wait_s: float = 0.0) -> Any:
        """The ``result`` of one call. ``wait_s``: how much longer than usual the answer may take (long polling).

        Raises an error of the tree under `SendError`, `Conflict` and `BadRequest` among them; its code holds nothing
        of the message.
        """
        timeout = httpx.Timeout(connect=4.0, read=8.0 + wait_s, write=4.0, pool=4.0) if wait_s else TIMEOUT
        try:
            response = await self._http.post(f"{self._root}/{method}", json=dict(params), timeout=timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise network.send_error(error) from None
        try:
            body = payload.decode(response.content)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise error_of(response.status_code, "", None)
        if response.status_code == 200 and body.get("ok") is True:
            return body.get("result")
        code = body.get("error_code")
        raise error_of(
            code if isinstance(code, int) else response.status_code,
            str(body.get("description", "")),
            _retry_after(body),
        )

    async def close(self) -> None:
        await self._http.aclose()


def _retry_after(body: Mapping[str, Any]) -> float | None:
    parameters = body.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, (int, float)) else None


def error_of(status: int, description: str, retry_after: float | None) -> SendError:
    """What an answer without a result means. The description decides between known cases and is not kept."""
    words = description.lower()
    if status == 429:
        return SendLater("429", RATE_LIMIT_S if retry_after is None else retry_after)
    if status in (401, 404):
        return ChannelMisconfigured(f"{status} token or address")
    if status == 403:
        return Unreachable("403")
    if status == 409:
        return Conflict("webhook" in words)
    if status == 400:
        for known in UNREACHABLE:
            if known in words:
                return Unreachable(f"400 {known}")
        return BadRequest(next((f"400 {known}" for known in OUR_FAULTS if known in words), "400"))
    if status >= 500:
        return SendLater(str(status))
    return SendUncertain(f"unreadable answer, HTTP {status}")
