"""Bodies of webhook calls."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from connectors import payload

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def request(chunks: list[bytes], headers: dict[str, str] | None = None, breaks: bool = False) -> Request:
    async def stream() -> AsyncIterator[dict[str, Any]]:
        for chunk in chunks:
            yield {"type": "http.request", "body": chunk, "more_body": True}
        yield {"type": "http.disconnect"} if breaks else {"type": "http.request", "body": b"", "more_body": False}

    messages = stream()
    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive=messages.__anext__)


async def test_reads_up_to_the_limit() -> None:
    assert await payload.read(request([b"ab", b"cd"]), most=4) == b"abcd"


async def test_stops_beyond_the_limit_announced_or_not() -> None:
    with pytest.raises(payload.TooLarge):
        await payload.read(request([], {"content-length": "5"}), most=4)
    with pytest.raises(payload.TooLarge):
        await payload.read(request([b"abc", b"de"]), most=4)


async def test_a_caller_who_hangs_up_has_sent_nothing() -> None:
    assert await payload.read(request([b"ab"], breaks=True), most=4) == b""


@given(JSON)
def test_decodes_what_json_holds(value: Any) -> None:
    assert payload.decode(json.dumps(value).encode()) == value


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b'{"a":' * 200_000, b"nope"])
def test_anything_else_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError):
        payload.decode(raw)


def test_half_a_pair_of_surrogates_can_be_kept() -> None:
    decoded = payload.decode(b'{"text": "b\\ud83d \\ude22 \\ud83d\\ude22", "\\udc00": 1}')
    assert decoded == {"text": "b\ufffd \ufffd 😢", "\ufffd": 1}
    json.dumps(decoded, ensure_ascii=False).encode()
