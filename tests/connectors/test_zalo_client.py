"""The way out to Zalo."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import uvicorn

from connectors.zalo import codes
from connectors.zalo.client import ZaloClient
from connectors.zalo.menu import INVITATION
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendRefused, SendUncertain, Unreachable
from helpline.messages import Answer, Button, Channel, OutgoingMessage
from helpline.settings import Secret, Settings
from tests.fakes.fake_zalo import FakeZalo
from tests.fakes.said import outgoing

USER = "246845883529197922"


def to(answer: Answer | str, address: str = USER, number: int = 41) -> OutgoingMessage:
    return outgoing(Channel.ZALO, address, answer, number)


def settings(platform: FakeZalo, **more: Any) -> Settings:
    values = {
        "zalo_app_id": platform.app_id,
        "zalo_oa_secret": Secret(platform.oa_secret),
        "zalo_app_secret": Secret(platform.app_secret),
        "zalo_access_token": Secret(platform.access_token),
        "zalo_refresh_token": Secret(platform.refresh_token),
        "zalo_api": "https://openapi.zalo.test",
        "zalo_oauth": "https://oauth.zalo.test",
    }
    return Settings(**{**values, **more})


@pytest.fixture
def platform() -> FakeZalo:
    return FakeZalo()


@pytest.fixture
async def client(platform: FakeZalo, db: Database, clock: MovableClock) -> AsyncIterator[ZaloClient]:
    client = ZaloClient(settings(platform), db, clock, platform.transport())
    yield client
    await client.close()


async def test_sends_words_sources_and_a_numbered_menu(client: ZaloClient, platform: FakeZalo) -> None:
    answer = Answer(
        text="Lớp bơi mở ở phường.",
        buttons=(Button("Lớp bơi ở xã khác"), Button("Gặp tư vấn viên")),
        citations=("Báo Quảng Ninh, 6/2025",),
    )
    assert await client.send(to(answer)) == "oa-1"
    (call,) = platform.calls
    assert call.path == "/v3.0/oa/message/cs"
    assert call.body == {
        "recipient": {"user_id": USER},
        "message": {
            "text": "Lớp bơi mở ở phường.\n\nNguồn: Báo Quảng Ninh, 6/2025\n\n"
            f"{INVITATION}\n1. Lớp bơi ở xã khác\n2. Gặp tư vấn viên"
        },
    }


async def test_anonymous_sender_is_answered_on_the_other_address(client: ZaloClient, platform: FakeZalo) -> None:
    await client.send(to("Mình đây", "anonymous/770/c-5f1/2"))
    (call,) = platform.calls
    assert call.path == "/v2.0/oa/message"
    assert call.body["recipient"] == {"anonymous_id": "770", "conversation_id": "c-5f1/2"}
    assert platform.texts("770") == ["Mình đây"]


async def test_anonymous_sender_without_a_conversation_is_refused(client: ZaloClient, platform: FakeZalo) -> None:
    with pytest.raises(SendRefused):
        await client.send(to("Mình đây", "anonymous/770/"))
    assert platform.calls == []


async def test_decomposed_text_is_composed_before_it_is_counted(client: ZaloClient, platform: FakeZalo) -> None:
    text = ("ệ" * 1999) + "."
    assert len(unicodedata.normalize("NFD", text)) > 2000
    await client.send(to(unicodedata.normalize("NFD", text)))
    assert platform.texts(USER) == [text]


@pytest.mark.parametrize(("length", "pieces"), [(2000, 1), (2001, 2)])
async def test_two_thousand_letters_are_the_limit(
    client: ZaloClient, platform: FakeZalo, length: int, pieces: int
) -> None:
    await client.send(to("ữ" * length))
    assert len(platform.texts(USER)) == pieces


async def test_long_text_goes_in_pieces_and_a_repeat_goes_on(client: ZaloClient, platform: FakeZalo) -> None:
    text = ("Trẻ em có quyền được bảo vệ. " * 250).strip()
    fail_after(platform, 2, -32)
    with pytest.raises(SendLater):
        await client.send(to(text))
    assert len(platform.texts(USER)) == 2
    assert await client.send(to(text)) is not None
    assert " ".join(platform.texts(USER)) == text


def fail_after(platform: FakeZalo, taken: int, code: int) -> None:
    """Zalo takes ``taken`` messages and answers ``code`` once."""
    platform.errors = [0] * taken + [code]


async def test_answer_without_words_sends_nothing(client: ZaloClient, platform: FakeZalo) -> None:
    assert await client.send(to(Answer(text=" "))) is None
    assert platform.calls == []


TABLE = [
    *((code, SendRefused) for code in (-100, -201, -210, -211, -218, -233, -234)),
    *((code, Unreachable) for code in (-213, -217, -227, -230, -232, -244)),
    *((code, SendRefused) for code in (-235, -240, -248, -249, -320, -321)),
    *((code, ChannelMisconfigured) for code in (-204, -205, -209, -212, -219, -221, -223, -224, -242)),
    (-32, SendLater),
    (-200, SendUncertain),
    (-99999, SendUncertain),
    (7, SendUncertain),
]


@pytest.mark.parametrize(("code", "expected"), TABLE)
async def test_error_table(client: ZaloClient, platform: FakeZalo, code: int, expected: type[SendError]) -> None:
    platform.errors = [code]
    with pytest.raises(SendError) as caught:
        await client.send(to("Chào bạn"))
    assert type(caught.value) is expected
    assert caught.value.code == str(code)
    assert platform.sent == [] and platform.refreshes == 0


def test_every_code_stands_in_one_group() -> None:
    groups = [codes.TOKEN, frozenset(codes.LATER), codes.REFUSED, codes.MISCONFIGURED]
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert {code for code, _ in TABLE} >= frozenset().union(*groups) - codes.TOKEN


@pytest.mark.parametrize("code", [-216, -220])
async def test_token_that_ran_out_is_renewed_once_and_the_message_leaves(
    client: ZaloClient, platform: FakeZalo, code: int
) -> None:
    platform.errors = [code]
    assert await client.send(to("Chào bạn")) is not None
    assert platform.refreshes == 1
    assert platform.texts(USER) == ["Chào bạn"]


async def test_token_refused_twice_is_for_the_operator(client: ZaloClient, platform: FakeZalo) -> None:
    platform.errors = [-216, -216]
    with pytest.raises(ChannelMisconfigured):
        await client.send(to("Chào bạn"))
    assert platform.refreshes == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, SendLater),
        (502, SendLater),
        (429, SendLater),
        (401, ChannelMisconfigured),
        (404, ChannelMisconfigured),
        (200, SendUncertain),
    ],
)
async def test_answers_that_are_not_zalos(
    client: ZaloClient, platform: FakeZalo, status: int, expected: type[SendError]
) -> None:
    platform.statuses = [status]
    with pytest.raises(SendError) as caught:
        await client.send(to("Chào bạn"))
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("error", "expected"), [(httpx.ConnectError("x"), SendLater), (httpx.ReadTimeout("x"), SendUncertain)]
)
async def test_broken_line(
    platform: FakeZalo, db: Database, clock: MovableClock, error: httpx.HTTPError, expected: type[SendError]
) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise error

    client = ZaloClient(settings(platform), db, clock, httpx.MockTransport(respond))
    with pytest.raises(SendError) as caught:
        await client.send(to("Chào bạn"))
    assert type(caught.value) is expected
    await client.close()


@pytest.mark.parametrize("body", [{"error": "x"}, {}, [0], {"error": None}])
async def test_unreadable_success_may_have_arrived(
    platform: FakeZalo, db: Database, clock: MovableClock, body: object
) -> None:
    client = ZaloClient(
        settings(platform), db, clock, httpx.MockTransport(lambda request: httpx.Response(200, json=body))
    )
    with pytest.raises(SendUncertain):
        await client.send(to("Chào bạn"))
    await client.close()


async def test_s34_no_token_and_no_text_in_logs(
    platform: FakeZalo, db: Database, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = uvicorn.Server(uvicorn.Config(platform.app(), port=0, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    client = ZaloClient(settings(platform, zalo_api=address, zalo_oauth=address), db, clock)
    await client.send(to("con sợ về nhà"))
    platform.errors = [-216]
    await client.send(to("con sợ về nhà"))
    platform.refresh_error = -14014
    platform.expire()
    with pytest.raises(ChannelMisconfigured):
        await client.send(to("con sợ về nhà"))
    await client.close()
    server.should_exit = True
    await running
    assert "refused the refresh token" in caplog.text
    for planted in ("con sợ", USER, "access-0", "access-1", "refresh-0", "refresh-1", platform.app_secret):
        assert planted not in caplog.text


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not come about")
