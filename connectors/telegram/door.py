"""The webhook that Telegram calls."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from connectors import payload
from connectors.metrics import Metrics
from connectors.reception import Reception
from connectors.telegram.parse import parse
from helpline.clock import Clock
from helpline.messages import Channel, Kind
from helpline.settings import Settings

log = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"


class TelegramDoor:
    """200 means kept, or nothing to keep; any other answer has Telegram deliver the update again."""

    def __init__(self, settings: Settings, reception: Reception, metrics: Metrics, clock: Clock) -> None:
        self._secret = settings.telegram_secret.encode()
        self._reception = reception
        self._metrics = metrics
        self._clock = clock

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/webhooks/telegram", self._webhook, methods=["POST"])]

    async def _webhook(self, request: Request) -> Response:
        if not self._is_telegram(request):
            self._metrics.bad_signatures.labels(Channel.TELEGRAM.value).inc()
            return PlainTextResponse("wrong or missing secret", 403)
        try:
            update = payload.decode(await payload.read(request))
        except payload.TooLarge:
            return PlainTextResponse("body too large", 413)
        except ValueError:
            return PlainTextResponse("body is no JSON", 400)
        if not isinstance(update, dict):
            return PlainTextResponse("body is no JSON object", 400)
        incoming = parse(update, self._clock.now())
        if incoming is None:
            self._metrics.ignored.labels(Channel.TELEGRAM.value).inc()
            return PlainTextResponse("ok")
        try:
            await self._reception.receive(incoming)
        except OSError as error:
            log.error("message not kept, Telegram is asked to repeat it: %s", type(error).__name__)
            return PlainTextResponse("not kept", 500)
        if incoming.kind is Kind.BUTTON:  # a call of the Bot API may ride on the answer: the waiting sign stops
            tap = incoming.extra["callback_query_id"]
            return JSONResponse({"method": "answerCallbackQuery", "callback_query_id": tap})
        return PlainTextResponse("ok")

    def _is_telegram(self, request: Request) -> bool:
        """Whether the call carries our secret; never where no secret is set."""
        given = request.headers.get(HEADER, "").encode("latin-1")
        return bool(self._secret) and hmac.compare_digest(given, self._secret)
