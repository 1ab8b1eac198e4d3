"""A Bot API that behaves as Telegram's does where it matters to us, over ASGI or real HTTP."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Call:
    """One call of a method, with what Telegram would have read of it."""

    method: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """A scripted failure of one call of ``method``, the next or the one behind ``after`` others; it has no effect."""

    method: str
    status: int
    description: str
    retry_after: int | None = None
    after: int = 0


@dataclass
class FakeTelegram:
    """``calls`` holds every call; ``faults`` are used up in order, each by the next call of its method.

    Updates that are put in with `say`, `tap` and `put` wait for `getUpdates`, which confirms those before its offset;
    `deliver` posts one to a webhook instead. ``sent`` are the messages that were taken.
    """

    token: str = "123456:fake-token-of-the-tests"
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    webhook: dict[str, Any] | None = None
    longest_wait_s: float = 1.0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(700001))
    _messages: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/bot{token}/{method}", self._call, methods=["GET", "POST"])])

    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(app=self.app())

    @property
    def sent(self) -> list[Mapping[str, Any]]:
        return [call.params for call in self.calls if call.method == "sendMessage" and "message_id" in call.params]

    def texts(self, chat: str | int) -> list[str]:
        """What one chat was told, in order."""
        return [str(params["text"]) for params in self.sent if str(params["chat_id"]) == str(chat)]

    def say(self, chat: int, text: str, **more: Any) -> dict[str, Any]:
        """A text of a person, waiting for the poller."""
        return self.put({"message": {**self._message(chat), "text": text, **more}})

    def tap(self, chat: int, data: str, title: str = "Nút") -> dict[str, Any]:
        """A tap on a button with ``data`` as its callback data."""
        keyboard = {"inline_keyboard": [[{"text": title, "callback_data": data}]]}
        message = {**self._message(chat), "text": "…", "reply_markup": keyboard}
        number = next(self._messages)
        return self.put(
            {
                "callback_query": {
                    "id": f"90000000000{number}",
                    "from": person(chat),
                    "message": message,
                    "chat_instance": "-77",
                    "data": data,
                }
            }
        )

    def put(self, update: Mapping[str, Any]) -> dict[str, Any]:
        """An update with the next number, waiting for the poller."""
        numbered = {"update_id": next(self._numbers), **update}
        self.waiting.append(numbered)
        return numbered

    async def deliver(
        self, client: httpx.AsyncClient, url: str, update: Mapping[str, Any], secret: str
    ) -> httpx.Response:
        """Post an update to a webhook, as Telegram does; anything but 2xx has it delivered again by the caller."""
        return await client.post(url, json=dict(update), headers={SECRET_HEADER: secret})

    def _message(self, chat: int) -> dict[str, Any]:
        return {
            "message_id": next(self._messages),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "Người dùng thử"},
            "from": person(chat),
        }

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        params = await _params(request)
        self.calls.append(Call(method, params))
        if request.path_params["token"] != self.token:
            return _error(401, "Unauthorized")
        fault = next((fault for fault in self.faults if fault.method == method), None)
        if fault and fault.after:
            self.faults[self.faults.index(fault)] = replace(fault, after=fault.after - 1)
        elif fault:
            self.faults.remove(fault)
            return _error(fault.status, fault.description, fault.retry_after)
        answer = getattr(self, f"_{method}", None)
        return await answer(params) if answer else _error(404, "Not Found")

    async def _getMe(self, params: dict[str, Any]) -> Response:
        return _ok({"id": 123456, "is_bot": True, "first_name": "Tia Nắng", "username": "tianang_thu_bot"})

    async def _sendMessage(self, params: dict[str, Any]) -> Response:
        text, chat = str(params.get("text", "")), str(params.get("chat_id", ""))
        if not text.strip():
            return _error(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return _error(400, "Bad Request: message is too long")
        if not chat.lstrip("-").isdigit():
            return _error(400, "Bad Request: chat not found")
        for button in itertools.chain.from_iterable(params.get("reply_markup", {}).get("inline_keyboard", [])):
            if not button.get("text", "").strip():
                return _error(400, "Bad Request: text buttons are unallowed in the inline keyboard")
            if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                return _error(400, "Bad Request: BUTTON_DATA_INVALID")
        if chat in self.blocked:
            return _error(403, "Forbidden: bot was blocked by the user")
        params["message_id"] = next(self._messages)
        result = {
            "message_id": params["message_id"],
            "date": int(time.time()),
            "chat": {"id": int(chat), "type": "private", "first_name": "Người dùng thử"},
            "text": text,
        }
        return _ok(result)

    async def _answerCallbackQuery(self, params: dict[str, Any]) -> Response:
        return _ok(True)

    async def _setWebhook(self, params: dict[str, Any]) -> Response:
        if not str(params.get("url", "")).startswith("https://"):
            return _error(400, "Bad Request: bad webhook: an HTTPS URL must be provided for webhook")
        self.webhook = params
        return _ok(True)

    async def _deleteWebhook(self, params: dict[str, Any]) -> Response:
        self.webhook = None
        return _ok(True)

    async def _getUpdates(self, params: dict[str, Any]) -> Response:
        if self.webhook:
            return _error(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
        offset = int(params.get("offset", 0))
        if offset:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
        until = time.monotonic() + min(float(params.get("timeout", 0)), self.longest_wait_s)
        while not self.waiting and time.monotonic() < until:
            await asyncio.sleep(0.01)
        return _ok(self.waiting[: int(params.get("limit", 100))])


def person(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "Người dùng thử", "language_code": "vi"}


async def _params(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(await request.json())
    return dict(request.query_params)


def _ok(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


def _error(status: int, description: str, retry_after: int | None = None) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return JSONResponse(body, status_code=status)
