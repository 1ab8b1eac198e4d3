"""What the platforms post: read up to a limit, and decoded into values that can be kept."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

LARGEST_BODY = 1024 * 1024  # bytes; the platforms' calls are a few kB, media come as links


class TooLarge(Exception):
    """The body is longer than we read."""


async def read(request: Request, most: int = LARGEST_BODY) -> bytes:
    """The raw body. Raises `TooLarge` as soon as more than ``most`` bytes are announced or have come."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise TooLarge
    except ClientDisconnect:
        return b""  # nobody waits for an answer; what came is half of something
    return bytes(body)


def decode(raw: bytes) -> Any:
    """The JSON value in ``raw``.

    Halves of surrogate pairs (``\\ud83d`` alone), which JSON allows and no database can hold, become U+FFFD.
    Raises `ValueError` for anything that is no JSON, too deep for the parser included.
    """
    try:
        value = json.loads(raw)
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if _is_whole(text):
        return value
    return json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
