"""The way out to Telegram, and the way in for the poller."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
from aiolimiter import AsyncLimiter

from connectors import bubble
from connectors.progress import Progress
from connectors.telegram.api import BadRequest, BotApi
from helpline.errors import SendError, SendUncertain
from helpline.messages import Button, Channel, OutgoingMessage

log = logging.getLogger(__name__)

LONGEST_TEXT = 4096
MESSAGES_PER_S = 28  # Telegram takes about 30 a second of one bot
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
LONGEST_PAUSE_S = 60.0


class TelegramClient:
    channel = Channel.TELEGRAM

    def __init__(self, token: str, api_base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._api = BotApi(token, api_base, transport)
        self._pace = AsyncLimiter(MESSAGES_PER_S, 1.0)
        self._progress = Progress()
        self._webhook: asyncio.Task[None] | None = None

    async def send(self, outgoing: OutgoingMessage) -> str | None:
        """Deliver one message, a long one in pieces, the buttons under the last; returns the last message id.

        A repeat goes on behind the pieces that have left. An answer without words sends nothing and returns None.
        Raises errors under `SendError`.
        """
        pieces = [piece.strip() for piece in bubble.split(bubble.words(outgoing.answer), LONGEST_TEXT)]

        async def send_piece(text: str, last: bool) -> str:
            return await self._send_text(outgoing.address, text, keyboard(outgoing) if last else [])

        return await self._progress.send(outgoing, [piece for piece in pieces if piece], send_piece)

    async def _send_text(self, chat: str, text: str, rows: list[list[dict[str, str]]]) -> str:
        params: dict[str, Any] = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
        if rows:
            try:
                return await self._post({**params, "reply_markup": {"inline_keyboard": rows}})
            except BadRequest as error:
                log.error("Telegram refused a message with buttons (%s); sent without them", error.code)
        return await self._post(params)

    async def _post(self, params: dict[str, Any]) -> str:
        async with self._pace:
            result = await self._api.call("sendMessage", params)
        if not isinstance(result, dict) or "message_id" not in result:
            raise SendUncertain("answer without a message id")
        return str(result["message_id"])

    async def answer_callback(self, callback_query_id: str) -> None:
        """Stop the waiting sign on a tapped button. Late or failing is no harm: logged, not raised."""
        try:
            await self._api.call("answerCallbackQuery", {"callback_query_id": callback_query_id})
        except SendError as error:
            log.info("tap not acknowledged: %s", error.code)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have Telegram call ``url`` with ``secret`` in its header; what waits there is kept.

        Returns at once and goes on trying until Telegram has taken it, so that an outage of Telegram does not stop
        the start. A repeat replaces the former address.
        """
        await self._end_webhook_task()
        self._webhook = asyncio.create_task(self._set_webhook(url, secret), name="telegram webhook")

    async def _set_webhook(self, url: str, secret: str) -> None:
        params = {
            "url": url,
            "secret_token": secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "drop_pending_updates": False,
        }
        pause, told = 1.0, ""
        while True:
            try:
                await self._api.call("setWebhook", params)
            except SendError as error:
                if error.code != told:
                    log.error("Telegram webhook not set (%s); trying on", error.code)
                told = error.code
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                log.info("Telegram webhook set")
                return

    async def delete_webhook(self) -> None:
        """Go back to polling; what waits is kept. Raises errors under `SendError`."""
        await self._api.call("deleteWebhook", {"drop_pending_updates": False})

    async def get_updates(self, offset: int | None, wait_s: int) -> list[dict[str, Any]]:
        """Raw updates from ``offset`` on, waiting up to ``wait_s`` seconds for one; confirms those before ``offset``.

        Raises errors under `SendError`; `Conflict` when a webhook is set or another poller runs.
        """
        params: dict[str, Any] = {"timeout": wait_s, "allowed_updates": list(ALLOWED_UPDATES)}
        if offset is not None:
            params["offset"] = offset
        result = await self._api.call("getUpdates", params, wait_s=wait_s + 1.0)
        if not isinstance(result, list):
            raise SendUncertain("updates are no list")
        return [update for update in result if isinstance(update, dict)]

    async def close(self) -> None:
        await self._end_webhook_task()
        await self._api.close()

    async def _end_webhook_task(self) -> None:
        if self._webhook is not None:
            self._webhook.cancel()
            await asyncio.wait([self._webhook])
            self._webhook = None


def keyboard(outgoing: OutgoingMessage) -> list[list[dict[str, str]]]:
    """One button a row. ``callback_data`` is an id, since Telegram takes 64 bytes only and shows them to no one."""
    buttons: tuple[Button, ...] = outgoing.answer.buttons
    return [
        [{"text": button.title.strip(), "callback_data": f"b:{outgoing.id}:{index}"}]
        for index, button in enumerate(buttons)
        if button.title.strip()
    ]
