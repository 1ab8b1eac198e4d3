"""Zalo's OA interface and token service as far as we use them, over ASGI or real HTTP; and the signer of webhooks."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass(frozen=True)
class Call:
    path: str
    body: Mapping[str, Any]


@dataclass
class FakeZalo:
    """``calls`` holds every call; ``errors`` are codes that the next send calls answer (HTTP 200, as Zalo does; 0 is
    success).

    A refresh token works once and is replaced with the access token; the old access token dies with it.
    ``refresh_error`` is answered by the token service instead, until it is None again. ``statuses`` are HTTP codes
    that the next calls of either service answer without a JSON body. The numbers of the token service's errors are
    made up; only the lack of a token tells a failure.
    """

    app_id: str = "1234567890123456789"
    oa_secret: str = "oaSecretKeyTEST"
    app_secret: str = "appSecretKeyTEST"
    oa_id: str = "388613280878808645"
    access_token: str = "access-0"
    refresh_token: str = "refresh-0"
    expires_in: str = "90000"
    calls: list[Call] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    refresh_error: int | None = None
    used_up: set[str] = field(default_factory=set)
    refreshes: int = 0
    sent: list[Mapping[str, Any]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v3.0/oa/message/cs", self._message, methods=["POST"]),
                Route("/v2.0/oa/message", self._message, methods=["POST"]),
                Route("/v4/oa/access_token", self._refresh, methods=["POST"]),
            ]
        )

    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(app=self.app())

    def texts(self, user: str) -> list[str]:
        """What one user, or anonymous id, was told, in order."""
        return [
            str(body["message"]["text"])
            for body in self.sent
            if user in (body["recipient"].get("user_id"), body["recipient"].get("anonymous_id"))
        ]

    def expire(self) -> None:
        """The access token runs out."""
        self.access_token = f"nobody-has-this-{next(self._numbers)}"

    def user_text(self, user: str, text: str, **more: Any) -> dict[str, Any]:
        """A `user_send_text` event."""
        number = next(self._numbers)
        return {
            "app_id": self.app_id,
            "sender": {"id": user},
            "user_id_by_app": f"5521772{number:011d}",
            "recipient": {"id": self.oa_id},
            "event_name": "user_send_text",
            "message": {"text": text, "msg_id": f"96d3cdf3af{number:09d}"},
            "timestamp": str(int(time.time() * 1000)),
            **more,
        }

    def signed(self, event: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a webhook call with this event."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        seed = self.app_id.encode() + body + str(event.get("timestamp", "")).encode() + self.oa_secret.encode()
        return body, {
            "X-ZEvent-Signature": f"mac={hashlib.sha256(seed).hexdigest()}",
            "Content-Type": "application/json",
        }

    async def deliver(
        self, client: httpx.AsyncClient, url: str, event: Mapping[str, Any], repeat: int = 0
    ) -> httpx.Response:
        """Post a signed event to a webhook; ``repeat`` is Zalo's count of further tries."""
        body, headers = self.signed(event)
        if repeat:
            headers["num_retry"] = str(repeat)
        return await client.post(url, content=body, headers=headers)

    async def _message(self, request: Request) -> Response:
        body = await request.json()
        self.calls.append(Call(request.url.path, body))
        if self.statuses:
            return Response("<html>", status_code=self.statuses.pop(0))
        if request.headers.get("access_token") != self.access_token:
            return _error(-216, "Access token is invalid")
        if self.errors and (code := self.errors.pop(0)):
            return _error(code, "scripted")
        text = body.get("message", {}).get("text", "")
        if not isinstance(text, str) or not text:
            return _error(-201, "text is invalid")
        if len(text) > 2000:
            return _error(-210, "Parameter over limit")
        expected = {"user_id"} if request.url.path.startswith("/v3.0/") else {"anonymous_id", "conversation_id"}
        if set(body.get("recipient", {})) != expected or not all(body["recipient"].values()):
            return _error(-201, "recipient is invalid")
        self.sent.append(body)
        return JSONResponse(
            {"error": 0, "message": "Success", "data": {"message_id": f"oa-{next(self._numbers)}", "quota": {}}}
        )

    async def _refresh(self, request: Request) -> Response:
        form = dict(await request.form())
        self.calls.append(Call(request.url.path, form))
        if self.statuses:
            return Response("<html>", status_code=self.statuses.pop(0))
        if request.headers.get("secret_key") != self.app_secret or form.get("app_id") != self.app_id:
            return JSONResponse(
                {"error": -14004, "error_name": "Invalid secret key", "error_reason": "", "ref_doc": ""}
            )
        if self.refresh_error is not None:
            return JSONResponse(
                {"error": self.refresh_error, "error_name": "scripted", "error_reason": "", "ref_doc": ""}
            )
        given = str(form.get("refresh_token", ""))
        if form.get("grant_type") != "refresh_token" or given != self.refresh_token or given in self.used_up:
            return JSONResponse(
                {"error": -14014, "error_name": "Invalid refresh token", "error_reason": "", "ref_doc": ""}
            )
        self.used_up.add(given)
        self.refreshes += 1
        self.access_token = f"access-{self.refreshes}"
        self.refresh_token = f"refresh-{self.refreshes}"
        return JSONResponse(
            {"access_token": self.access_token, "refresh_token": self.refresh_token, "expires_in": self.expires_in}
        )


def _error(code: int, message: str) -> Response:
    return JSONResponse({"error": code, "message": message})
