"""The way in from the web chat: the pages, and the few calls that they make."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from connectors.payload import TooLarge
from connectors.reception import Reception
from connectors.web import sentences
from connectors.web.body import Leaving, Sent, read
from connectors.web.client import WebClient
from connectors.web.headers import SecureHeaders
from connectors.web.limits import LONGEST_PAUSE_S, Limits, network_of
from connectors.web.pages import STATIC, Pages
from connectors.web.session import Sessions
from helpline import audit, cases, conversations, outbox
from helpline.clock import Clock
from helpline.db import Database
from helpline.errors import RefusedMessage, StoreUnavailable
from helpline.keyring import Keyring
from helpline.messages import Channel, InboundMessage, Kind, Voice
from helpline.outbox import Said
from helpline.wording import say

log = logging.getLogger(__name__)

HOLD_S = 25.0  # how long a page's question for news stays open; below the limits of common proxies
LOOK_EVERY_S = 0.5  # the database is the truth: rows of other processes are seen at the next look
LOOK_AGAIN_S = 0.02  # after a wake, doubled each time: the courier marks a row just after it wakes us
RETRY_AFTER_S = 3

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class News:
    """What a page does not know yet; ``counsellor``: a person speaks in this chat now."""

    said: Sequence[Said]
    counsellor: bool

    def to_dict(self) -> dict[str, Any]:
        return {"messages": [_shown(said) for said in self.said], "counsellor": self.counsellor}


class WebDoor:
    """``hold_s`` and ``look_every_s`` are seconds on the wall; ``pause`` is what waits when a reply is slowed."""

    def __init__(
        self,
        db: Database,
        keyring: Keyring,
        reception: Reception,
        web: WebClient,
        clock: Clock,
        *,
        limits: Limits | None = None,
        hold_s: float = HOLD_S,
        look_every_s: float = LOOK_EVERY_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._keyring = keyring
        self._reception = reception
        self._web = web
        self._clock = clock
        self._limits = limits or Limits()
        self._hold_s = hold_s
        self._look_every_s = look_every_s
        self._pause = pause
        self._sessions = Sessions(keyring)
        self._pages = Pages()

    def routes(self) -> Sequence[BaseRoute]:
        safe = [Middleware(SecureHeaders)]
        page = [*safe, Middleware(GZipMiddleware)]
        files = [Middleware(SecureHeaders, files=True), Middleware(GZipMiddleware)]
        return [
            Route("/", self._chat_page, middleware=page),
            Route("/tro-giup", self._help_page, middleware=page),
            Mount("/static", StaticFiles(directory=STATIC), middleware=files),
            Route("/chat/session", self._session, methods=["POST"], middleware=safe),
            Route("/chat/messages", self._message, methods=["POST"], middleware=safe),
            Route("/chat/updates", self._updates, middleware=safe),
            Route("/chat/leave", self._leave, methods=["POST"], middleware=safe),
        ]

    async def _chat_page(self, request: Request) -> Response:
        return HTMLResponse(self._pages.chat)

    async def _help_page(self, request: Request) -> Response:
        return HTMLResponse(self._pages.help)

    async def _session(self, request: Request) -> Response:
        """A new session. Nothing is stored for it; a conversation begins with its first message."""
        address = _address(request)
        with self._limits.sessions_at_once.enter(address) as free:
            if not free:
                return _too_fast()
            await self._slow(self._limits.sessions.spend(address))
            return JSONResponse({"token": self._sessions.new_token(), "notice": say("notice.web")})

    async def _message(self, request: Request) -> Response:
        """Keep one message. The same id from the same page again keeps nothing twice and is answered alike."""
        session = self._sessions.of(request)
        if session is None:
            return _refusal(401, sentences.UNKNOWN_PAGE)
        with self._limits.sends_at_once.enter(session) as free:
            if not free:
                return _too_fast()
            try:
                sent = await read(request, Sent)
            except TooLarge:
                return _refusal(413, sentences.TOO_LARGE)
            except RefusedMessage as error:
                log.info("message of a page refused: %s", error)
                return _refusal(400, sentences.UNREADABLE)
            response = await self._receive(session, sent)
            ahead = max(self._limits.page.spend(session), self._limits.address.spend(_address(request)))
            await self._slow(ahead)
            return response

    async def _receive(self, session: str, sent: Sent) -> Response:
        now = self._clock.now()
        incoming = InboundMessage(
            channel=Channel.WEB,
            channel_message_id=f"{session}:{sent.id}",  # one page's ids never meet another's
            user=session,
            text=sent.text,
            kind=Kind.BUTTON if sent.button else Kind.TEXT,
            sent_at=now,
            received_at=now,
            reply_to=session,
            payload=f"b:{sent.button.message}:{sent.button.index}" if sent.button else "",
        )
        try:
            receipt = await self._reception.receive(incoming)
        except OSError as error:
            log.critical("neither database nor spool takes a message: %s", type(error).__name__)
            return await self._emergency(incoming, sent.id, 503)  # the page keeps it and sends it again
        if receipt is None:
            return await self._emergency(incoming, sent.id, 202)  # it is in the spool
        return JSONResponse({"id": sent.id, "kept": True}, status_code=202)

    async def _emergency(self, incoming: InboundMessage, sent_id: str, status: int) -> Response:
        answer = await run_in_threadpool(self._reception.emergency_answer, incoming)
        body = {"id": sent_id, "kept": False, "answer": answer.text}
        return JSONResponse(body, status_code=status, headers=_retry_after() if status == 503 else None)

    async def _updates(self, request: Request) -> Response:
        """What was delivered after ``after`` (a seq), as soon as there is something, else after `HOLD_S` seconds."""
        session = self._sessions.of(request)
        if session is None:
            return _refusal(401, sentences.UNKNOWN_PAGE)
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 10):
            return _refusal(400, sentences.UNREADABLE)
        await self._slow(self._limits.looks.spend(session))
        try:
            news = await self._wait_for_news(request, session, int(after))
        except StoreUnavailable as error:
            log.error("a page cannot be told its news: %s", error)
            return JSONResponse({"answer": say("store_down")}, status_code=503, headers=_retry_after())
        return JSONResponse(news.to_dict())

    async def _wait_for_news(self, request: Request, session: str, after: int) -> News:
        user_key = self._keyring.pseudonym(Channel.WEB.value, session)
        until = time.monotonic() + self._hold_s
        with self._web.listening(session) as listener:
            first = news = await run_in_threadpool(self._look, user_key, after)
            pause = self._look_every_s
            while not news.said and news.counsellor == first.counsellor and not listener.ended:
                left = until - time.monotonic()
                if left <= 0 or await request.is_disconnected():
                    break
                woken = await listener.wait(min(pause, left))
                pause = LOOK_AGAIN_S if woken else min(pause * 2, self._look_every_s)
                news = await run_in_threadpool(self._look, user_key, after)
            return news

    def _look(self, user_key: str, after: int) -> News:
        """What is there now. Seqs begin again once a conversation was deleted at its sender's wish: the page then
        holds a seq that no row has, and is given what there is."""
        with self._db.read() as tx:
            row = conversations.find(tx, Channel.WEB, user_key)
            if row is None:
                return News((), counsellor=False)
            said = outbox.delivered(tx, row.id, max(after - 1, 0))
            if after and not said:
                said = outbox.delivered(tx, row.id, 0)
            elif said and said[0].sent_seq == after:
                said = said[1:]
            return News(said, counsellor=row.voice == Voice.COUNSELLOR.value)

    async def _leave(self, request: Request) -> Response:
        """The quick exit. What the page had not yet seen arrive is received first. A repeat changes nothing."""
        try:
            leaving = await read(request, Leaving)
        except (TooLarge, RefusedMessage) as error:
            log.info("a quick exit is unreadable: %s", type(error).__name__)
            return _refusal(400, sentences.UNREADABLE)
        session = self._sessions.read(leaving.token)
        if session is None:
            return _refusal(401, sentences.UNKNOWN_PAGE)
        with self._limits.sends_at_once.enter(session) as free:
            if not free:
                return _too_fast()
            for sent in leaving.unsent:
                await self._receive(session, sent)
            try:
                await run_in_threadpool(self._mark_left, self._keyring.pseudonym(Channel.WEB.value, session))
            except StoreUnavailable as error:
                log.error("a quick exit is not recorded: %s", error)
                return Response(status_code=503, headers=_retry_after())
            await self._slow(max([self._limits.page.spend(session) for _ in leaving.unsent], default=0.0))
            return Response(status_code=204)

    def _mark_left(self, user_key: str) -> None:
        """For the counsellor to see; the case stays as it is, the need for help has not gone."""
        now = self._clock.now()
        with self._db.write() as tx:
            row = conversations.find(tx, Channel.WEB, user_key)
            if row is None or row.left_at is not None:
                return
            conversations.lock(tx, row.id)
            conversations.mark(tx, row.id, left_at=now)
            case = cases.open_of(tx, row.id)
            audit.record(
                tx, now, "gateway", "conversation.leave", "conversation", row.id, case=case.id if case else None
            )

    async def _slow(self, ahead_s: float) -> None:
        if ahead_s > 0:
            await self._pause(min(ahead_s, LONGEST_PAUSE_S))


def _shown(said: Said) -> dict[str, Any]:
    return {
        "seq": said.sent_seq,
        "id": said.id,
        "author": said.author.value,
        "text": said.answer.text,
        "buttons": [button.title for button in said.answer.buttons],
        "citations": list(said.answer.citations),
        "at": said.sent_at.isoformat() if said.sent_at else None,
    }


def _address(request: Request) -> str:
    return network_of(request.client.host) if request.client else ""


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"answer": sentences.say(sentence)}, status_code=status)


def _too_fast() -> Response:
    body = {"kept": False, "answer": sentences.say(sentences.TOO_FAST)}
    return JSONResponse(body, status_code=429, headers=_retry_after())


def _retry_after() -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_S)}
