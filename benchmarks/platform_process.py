"""The fake Telegram as a process of its own; it tells a listener when each message of the service arrived.

`python -m benchmarks.platform_process HTTP_PORT NEWS_PORT` serves the Bot API on the first port and writes one JSON
line for each `sendMessage` to whoever is connected to the second: ``chat``, ``at`` (seconds of the machine's monotonic
clock, taken before the call is answered) and ``text``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from tests.fakes.fake_telegram import FakeTelegram


class TellingTelegram(FakeTelegram):
    """Keeps no calls, so that it stays as quick after thousands of them."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners: set[asyncio.StreamWriter] = set()

    async def _call(self, request: Request) -> Response:
        at = time.monotonic()
        if request.path_params["method"] == "sendMessage":
            params = await request.json()
            line = json.dumps({"chat": int(params["chat_id"]), "at": at, "text": params["text"]}) + "\n"
            for listener in self.listeners:
                listener.write(line.encode())
        answer = await super()._call(request)
        self.calls.clear()
        return answer

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.listeners.add(writer)
        try:
            await reader.read()  # until the listener goes
        finally:
            self.listeners.discard(writer)
            writer.close()


async def serve(http_port: int, news_port: int) -> None:
    telegram = TellingTelegram()
    news = await asyncio.start_server(telegram.listen, "127.0.0.1", news_port)
    config = uvicorn.Config(
        telegram.app(), host="127.0.0.1", port=http_port, log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    async with news:
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
