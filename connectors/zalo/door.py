"""The webhook that Zalo calls."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from connectors import payload
from connectors.metrics import Metrics
from connectors.reception import Reception
from connectors.zalo import verify
from connectors.zalo.parse import parse, withdrawn
from helpline.clock import Clock
from helpline.errors import StoreUnavailable
from helpline.messages import Channel
from helpline.settings import Settings

log = logging.getLogger(__name__)


class ZaloDoor:
    """Keeps what Zalo signed, and answers 200 to the rest too: Zalo's own probes must get it, and a webhook that
    answers otherwise for long is switched off. 500 only where a message could be kept nowhere.

    The answer waits for the message to be kept, since 200 is a promise. Zalo wants it within 2 seconds; where the
    database makes it later than that, Zalo delivers again and the repeat changes nothing.

    ``withdraw`` is told the user who takes back consent.
    """

    def __init__(
        self,
        settings: Settings,
        reception: Reception,
        metrics: Metrics,
        clock: Clock,
        withdraw: Callable[[str], object] | None = None,
    ) -> None:
        self._app_id = settings.zalo_app_id
        self._secret = settings.zalo_oa_secret
        self._reception = reception
        self._metrics = metrics
        self._clock = clock
        self._withdraw = withdraw

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/webhooks/zalo", self._webhook, methods=["POST"])]

    async def _webhook(self, request: Request) -> Response:
        try:
            raw = await payload.read(request)
        except payload.TooLarge:
            return PlainTextResponse("body too large", 413)
        event = self._event(raw, request.headers.get(verify.HEADER, ""))
        if event is None:
            self._metrics.bad_signatures.labels(Channel.ZALO.value).inc()
            return PlainTextResponse("ok")
        try:
            await self._take(event, raw)
        except (OSError, StoreUnavailable) as error:
            log.error("event not kept, Zalo is asked to repeat it: %s", type(error).__name__)
            return PlainTextResponse("not kept", 500)
        return PlainTextResponse("ok")

    def _event(self, raw: bytes, given: str) -> dict[str, object] | None:
        """The event in the body, None where Zalo did not sign it."""
        try:
            event = payload.decode(raw)
        except ValueError:
            return None
        return event if verify.is_genuine(self._app_id, self._secret, raw, given, event) else None

    async def _take(self, event: dict[str, object], raw: bytes) -> None:
        incoming = parse(event, raw, self._clock.now())
        if incoming is not None:
            await self._reception.receive(incoming)
            return
        self._metrics.ignored.labels(Channel.ZALO.value).inc()
        user = withdrawn(event)
        if user is None:
            return
        if self._withdraw is None:
            log.error("a Zalo user withdrew consent, and nobody is told to delete what was kept")
            return
        await run_in_threadpool(self._withdraw, user)
