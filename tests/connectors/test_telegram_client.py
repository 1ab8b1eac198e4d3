"""The way out to Telegram."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import uvicorn

from connectors.telegram.api import BadRequest, Conflict, error_of
from connectors.telegram.client import TelegramClient
from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendRefused, SendUncertain, Unreachable
from helpline.messages import Answer, Button, Channel, OutgoingMessage
from tests.fakes.fake_telegram import FakeTelegram, Fault
from tests.fakes.said import outgoing


def to(answer: Answer | str, chat: str = "5550001", number: int = 41) -> OutgoingMessage:
    return outgoing(Channel.TELEGRAM, chat, answer, number)


@pytest.fixture
def platform() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture
async def client(platform: FakeTelegram) -> AsyncIterator[TelegramClient]:
    client = TelegramClient(platform.token, "https://api.telegram.test", platform.transport())
    yield client
    await client.close()


def answering(respond: Callable[[httpx.Request], httpx.Response]) -> TelegramClient:
    return TelegramClient("1:x", "https://api.telegram.test", httpx.MockTransport(respond))


async def test_sends_words_sources_and_buttons(client: TelegramClient, platform: FakeTelegram) -> None:
    answer = Answer(
        text="Lớp bơi mở ở phường.",
        buttons=(Button("Lớp bơi ở xã khác"), Button(" "), Button("Gặp tư vấn viên", "gặp người thật")),
        citations=("Báo Quảng Ninh, 6/2025",),
    )
    assert await client.send(to(answer)) == "1"
    (sent,) = platform.sent
    assert sent["chat_id"] == "5550001"
    assert sent["text"] == "Lớp bơi mở ở phường.\n\nNguồn: Báo Quảng Ninh, 6/2025"
    assert sent["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "Lớp bơi ở xã khác", "callback_data": "b:41:0"}],
            [{"text": "Gặp tư vấn viên", "callback_data": "b:41:2"}],
        ]
    }
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in sent


async def test_long_text_goes_in_pieces_with_the_buttons_last(client: TelegramClient, platform: FakeTelegram) -> None:
    text = "Trẻ em có quyền được bảo vệ. " * 400
    assert await client.send(to(Answer(text=text, buttons=(Button("Xem thêm"),)))) == "3"
    assert len(platform.texts("5550001")) == 3
    assert " ".join(platform.texts("5550001")) == text.strip()
    assert ["reply_markup" in sent for sent in platform.sent] == [False, False, True]


async def test_repeat_goes_on_behind_the_pieces_that_left(client: TelegramClient, platform: FakeTelegram) -> None:
    text = "Trẻ em có quyền được bảo vệ. " * 200
    platform.faults = [Fault("sendMessage", 429, "Too Many Requests: retry after 3", 3, after=1)]
    with pytest.raises(SendLater) as caught:
        await client.send(to(text))
    assert caught.value.seconds == 3.0
    assert len(platform.sent) == 1
    assert await client.send(to(text)) == "2"
    assert " ".join(platform.texts("5550001")) == text.strip()


async def test_answer_without_words_sends_nothing(client: TelegramClient, platform: FakeTelegram) -> None:
    assert await client.send(to(Answer(text=" \n"))) is None
    assert platform.calls == []


@pytest.mark.parametrize(
    ("status", "description", "expected", "code"),
    [
        (429, "Too Many Requests: retry after 7", SendLater, "429"),
        (403, "Forbidden: bot was blocked by the user", Unreachable, "403"),
        (403, "Forbidden: user is deactivated", Unreachable, "403"),
        (403, "Forbidden: bot can't initiate conversation with a user", Unreachable, "403"),
        (400, "Bad Request: chat not found", Unreachable, "400 chat not found"),
        (400, "Bad Request: PEER_ID_INVALID", Unreachable, "400 peer_id_invalid"),
        (400, "Bad Request: message is too long", BadRequest, "400 message is too long"),
        (400, "Bad Request: can't parse the child's own words", BadRequest, "400"),
        (401, "Unauthorized", ChannelMisconfigured, "401 token or address"),
        (404, "Not Found", ChannelMisconfigured, "404 token or address"),
        (409, "Conflict: terminated by other getUpdates request", Conflict, "409 another poller"),
        (500, "Internal Server Error", SendLater, "500"),
        (502, "Bad Gateway", SendLater, "502"),
        (418, "?", SendUncertain, "unreadable answer, HTTP 418"),
    ],
)
async def test_error_table(
    client: TelegramClient,
    platform: FakeTelegram,
    status: int,
    description: str,
    expected: type[SendError],
    code: str,
) -> None:
    platform.faults = [Fault("sendMessage", status, description, 7 if status == 429 else None)]
    with pytest.raises(SendError) as caught:
        await client.send(to("Chào bạn"))
    assert type(caught.value) is expected
    assert caught.value.code == code
    if status == 429:
        assert isinstance(caught.value, SendLater) and caught.value.seconds == 7.0
    assert platform.sent == []


def test_rate_limit_without_a_time() -> None:
    error = error_of(429, "", None)
    assert isinstance(error, SendLater) and error.seconds == 5.0


async def test_blocked_person_and_unknown_chat(client: TelegramClient, platform: FakeTelegram) -> None:
    platform.blocked.add("5550001")
    for chat in ("5550001", "nobody"):
        with pytest.raises(SendRefused):
            await client.send(to("Chào bạn", chat))


async def test_wrong_token(platform: FakeTelegram) -> None:
    client = TelegramClient("1:other", "https://api.telegram.test", platform.transport())
    with pytest.raises(ChannelMisconfigured):
        await client.send(to("Chào bạn"))
    await client.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("x"), SendLater),
        (httpx.ConnectTimeout("x"), SendLater),
        (httpx.ReadTimeout("x"), SendUncertain),
        (httpx.ReadError("x"), SendUncertain),
    ],
)
async def test_broken_line(error: httpx.HTTPError, expected: type[SendError]) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise error

    client = answering(respond)
    with pytest.raises(SendError) as caught:
        await client.send(to("Chào bạn"))
    assert type(caught.value) is expected
    await client.close()


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (httpx.Response(200, text="<html>a portal</html>"), SendUncertain),
        (httpx.Response(200, json=[1]), SendUncertain),
        (httpx.Response(200, json={"ok": True, "result": True}), SendUncertain),
        (httpx.Response(200, json={"ok": False, "error_code": 403, "description": "Forbidden"}), Unreachable),
        (httpx.Response(502, text="<html>"), SendLater),
        (httpx.Response(404, text="<html>"), ChannelMisconfigured),
        (httpx.Response(429, json={"ok": False, "parameters": "?"}), SendLater),
    ],
)
async def test_strange_answers(response: httpx.Response, expected: type[SendError]) -> None:
    client = answering(lambda request: response)
    with pytest.raises(SendError) as caught:
        await client.send(to("Chào bạn"))
    assert type(caught.value) is expected
    await client.close()


async def test_words_arrive_even_where_the_buttons_are_refused(client: TelegramClient, platform: FakeTelegram) -> None:
    platform.faults = [Fault("sendMessage", 400, "Bad Request: BUTTON_DATA_INVALID")]
    assert await client.send(to(Answer(text="Bạn gọi 111 nhé.", buttons=(Button("Gặp tư vấn viên"),)))) == "1"
    assert platform.texts("5550001") == ["Bạn gọi 111 nhé."]
    assert "reply_markup" not in platform.sent[0]


async def test_late_tap_is_no_error(client: TelegramClient, platform: FakeTelegram) -> None:
    platform.faults = [Fault("answerCallbackQuery", 400, "Bad Request: query is too old")]
    await client.answer_callback("77")
    await client.answer_callback("78")
    assert [call.params for call in platform.calls] == [{"callback_query_id": "77"}, {"callback_query_id": "78"}]


async def test_webhook_is_set_in_the_end_and_drops_nothing(
    client: TelegramClient, platform: FakeTelegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    platform.faults = [Fault("setWebhook", 502, "Bad Gateway")] * 3
    pauses = short_pauses(monkeypatch)
    await client.set_webhook("https://tianang.test/webhooks/telegram", "secret_1")
    assert platform.webhook is None  # the start does not wait for Telegram
    await until(lambda: platform.webhook is not None)
    assert platform.webhook == {
        "url": "https://tianang.test/webhooks/telegram",
        "secret_token": "secret_1",
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        "drop_pending_updates": False,
    }
    assert pauses == [1.0, 2.0, 4.0]
    assert [record.levelname for record in caplog.records if "not set" in record.message] == ["ERROR"]


async def test_close_ends_what_is_still_trying(platform: FakeTelegram) -> None:
    platform.faults = [Fault("setWebhook", 502, "Bad Gateway")] * 100
    client = TelegramClient(platform.token, "https://api.telegram.test", platform.transport())
    await client.set_webhook("https://tianang.test/webhooks/telegram", "secret_1")
    await asyncio.sleep(0.05)
    await client.close()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "telegram webhook"]


async def test_delete_webhook_keeps_what_waits(client: TelegramClient, platform: FakeTelegram) -> None:
    await client.delete_webhook()
    assert [(call.method, call.params) for call in platform.calls] == [
        ("deleteWebhook", {"drop_pending_updates": False})
    ]


async def test_s34_no_token_and_no_text_in_logs(platform: FakeTelegram, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = uvicorn.Server(uvicorn.Config(platform.app(), port=0, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    client = TelegramClient(platform.token, f"http://127.0.0.1:{port}", None)
    platform.faults = [Fault("sendMessage", 400, "Bad Request: BUTTON_DATA_INVALID: con sợ về nhà")]
    platform.say(5550001, "con sợ về nhà")
    await client.send(to(Answer(text="con sợ về nhà", buttons=(Button("gặp cô Lan"),))))
    await client.get_updates(None, 0)
    await client.answer_callback("77")
    platform.blocked.add("5550001")
    with pytest.raises(SendRefused) as caught:
        await client.send(to("con sợ về nhà"))
    logging.getLogger("test").error("as the courier logs it: %s %r", caught.value.code, to("con sợ về nhà"))
    await client.close()
    server.should_exit = True
    await running
    assert "as the courier logs it" in caplog.text and "buttons" in caplog.text
    for planted in (platform.token, "con sợ về nhà", "cô Lan", "5550001", "Người dùng thử"):
        assert planted not in caplog.text


def short_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let pauses of a second and more pass at once; returns the list that they are written to."""
    pauses: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds >= 1.0:
            pauses.append(seconds)
            seconds = 0.0
        await real(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not come about")
