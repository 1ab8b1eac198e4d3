"""What every response of the web chat says to the browser."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}
NEVER = "no-store"
FOREVER = "public, max-age=31536000, immutable"  # for addresses that change with their content
ASK = "no-cache"


class SecureHeaders:
    """Puts `HEADERS` on every response. Only files asked for by their version (``?v=``) may be kept by the browser."""

    def __init__(self, app: ASGIApp, files: bool = False) -> None:
        self._app = app
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        keep = NEVER
        if self._files:
            keep = FOREVER if scope["query_string"].startswith(b"v=") else ASK

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = keep if message["status"] < 400 else NEVER
            await send(message)

        await self._app(scope, receive, send_with_headers)
