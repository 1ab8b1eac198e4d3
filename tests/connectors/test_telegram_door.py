"""The webhook that Telegram calls."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors.telegram.door import HEADER, TelegramDoor
from helpline import conversations, outbox
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.messages import Answer, Author, Button, Channel
from helpline.settings import Secret, Settings
from tests.fakes.house import House, count

SECRET = "webhook-secret_1"
FOLDER = Path(__file__).parents[1] / "payloads" / "telegram"


def load(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text())["in"])


@pytest.fixture
def house(db: Database, keyring: Keyring, clock: MovableClock, tmp_path: Path) -> House:
    return House(db, keyring, clock, tmp_path)


def browser(house: House, secret: str = SECRET) -> httpx.AsyncClient:
    settings = Settings(telegram_token=Secret("1:x"), telegram_secret=Secret(secret))
    door = TelegramDoor(settings, house.reception, house.metrics, house.clock)
    transport = httpx.ASGITransport(app=Starlette(routes=list(door.routes())))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers={HEADER: SECRET})


@pytest.fixture
async def telegram(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(house) as client:
        yield client


async def test_message_is_kept_before_200(telegram: httpx.AsyncClient, house: House) -> None:
    response = await telegram.post("/webhooks/telegram", json=load("text"))
    assert response.status_code == 200
    assert [row.text for row in house.kept()] == ["Cô ơi, ở gần nhà con có lớp học bơi không ạ?"]


async def test_second_delivery_changes_nothing(telegram: httpx.AsyncClient, house: House) -> None:
    for _ in range(2):
        assert (await telegram.post("/webhooks/telegram", json=load("text"))).status_code == 200
    assert len(house.kept()) == 1
    assert count(house.metrics.duplicates, "telegram") == 1


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: "wrong"}, {HEADER: SECRET + "1"}, {HEADER: b"\xc3\xa9".decode("latin-1")}]
)
async def test_wrong_secret_is_403(house: House, headers: dict[str, str]) -> None:
    async with browser(house) as client:
        client.headers.pop(HEADER)
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        response = await client.post("/webhooks/telegram", json=load("text"), headers=raw)
    assert response.status_code == 403
    assert house.kept() == []
    assert count(house.metrics.bad_signatures, "telegram") == 1


async def test_without_a_secret_of_ours_nobody_is_telegram(house: House) -> None:
    async with browser(house, secret="") as client:
        for headers in ({HEADER: ""}, {HEADER: SECRET}):
            response = await client.post("/webhooks/telegram", json=load("text"), headers=headers)
            assert response.status_code == 403
    assert house.kept() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"null", b"[" * 100_000, b"\xff"])
async def test_broken_json_is_400_with_one_line(telegram: httpx.AsyncClient, house: House, body: bytes) -> None:
    response = await telegram.post("/webhooks/telegram", content=body)
    assert response.status_code == 400
    assert len(response.text.splitlines()) == 1
    assert house.kept() == []


async def test_body_over_one_megabyte_is_413(telegram: httpx.AsyncClient, house: House) -> None:
    update = load("text")
    update["message"]["text"] = "a" * 1024 * 1024
    assert (await telegram.post("/webhooks/telegram", json=update)).status_code == 413
    assert house.kept() == []


@pytest.mark.parametrize("name", ["unknown_update", "blocked", "group_text", "channel_post", "no_update_id"])
async def test_what_holds_no_message_is_200_and_counted(telegram: httpx.AsyncClient, house: House, name: str) -> None:
    assert (await telegram.post("/webhooks/telegram", json=load(name))).status_code == 200
    assert house.kept() == []
    assert count(house.metrics.ignored, "telegram") == 1


async def test_500_where_nothing_can_be_kept_and_the_repeat_is(telegram: httpx.AsyncClient, house: House) -> None:
    house.break_database()
    house.break_spool()
    assert (await telegram.post("/webhooks/telegram", json=load("text"))).status_code == 500
    house.mend_database()
    house.mend_spool()
    assert (await telegram.post("/webhooks/telegram", json=load("text"))).status_code == 200
    assert len(house.kept()) == 1


async def test_spooled_is_kept_too(telegram: httpx.AsyncClient, house: House) -> None:
    house.break_database()
    assert (await telegram.post("/webhooks/telegram", json=load("text"))).status_code == 200
    assert house.spool.count() == 1


async def test_tap_is_acknowledged_in_the_answer_and_read_as_its_button(
    telegram: httpx.AsyncClient, house: House, clock: MovableClock
) -> None:
    with house.db.write() as tx:
        key = house.keyring.pseudonym("telegram", "5550001")
        row = conversations.ensure(tx, clock.now(), Channel.TELEGRAM, key, "5550001")
        answer = Answer(text="Bạn muốn gì tiếp?", buttons=(Button("Lớp bơi"), Button("Người thật", "gặp người thật")))
        (number,) = outbox.put(tx, clock.now(), row.id, "rasa:1", [answer], Author.BOT)
    update = load("tap")
    update["callback_query"]["data"] = f"b:{number}:1"
    response = await telegram.post("/webhooks/telegram", json=update)
    assert response.json() == {"method": "answerCallbackQuery", "callback_query_id": "4382bfdwdsb323b2d9"}
    (row,) = house.kept()
    assert (row.text, row.level) == ("gặp người thật", "concern")


async def test_tap_under_a_forgotten_message_is_read_by_its_title(telegram: httpx.AsyncClient, house: House) -> None:
    await telegram.post("/webhooks/telegram", json=load("tap"))
    assert [row.text for row in house.kept()] == ["Gặp tư vấn viên"]


async def test_half_a_surrogate_does_not_lose_the_message(telegram: httpx.AsyncClient, house: House) -> None:
    body = json.dumps(load("text")).replace("h\\u1ecdc", "h\\ud83dc").encode()
    assert b"\\ud83d" in body
    assert (await telegram.post("/webhooks/telegram", content=body)).status_code == 200
    assert "\ufffd" in house.kept()[0].text


async def test_only_post(telegram: httpx.AsyncClient) -> None:
    assert (await telegram.get("/webhooks/telegram")).status_code == 405
