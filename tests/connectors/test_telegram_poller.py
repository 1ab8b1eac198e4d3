"""Telegram without a public address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.telegram.client import TelegramClient
from connectors.telegram.poller import MOST_TRIES, TelegramPoller
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.messages import InboundMessage
from helpline.tables import cursor
from tests.fakes.fake_telegram import FakeTelegram, Fault
from tests.fakes.house import House, count


@pytest.fixture
def platform() -> FakeTelegram:
    return FakeTelegram(longest_wait_s=0.02)


@pytest.fixture
async def client(platform: FakeTelegram) -> AsyncIterator[TelegramClient]:
    client = TelegramClient(platform.token, "https://api.telegram.test", platform.transport())
    yield client
    await client.close()


@pytest.fixture
def house(db: Database, keyring: Keyring, clock: MovableClock, tmp_path: Path) -> House:
    return House(db, keyring, clock, tmp_path)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
async def poller(client: TelegramClient, house: House, pauses: list[float]) -> AsyncIterator[TelegramPoller]:
    poller = build(client, house, pauses)
    yield poller
    await poller.stop()


def build(client: TelegramClient, house: House, pauses: list[float]) -> TelegramPoller:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0.001)

    return TelegramPoller(client, house.db, house.reception, house.clock, house.metrics, pause)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not come about")


def offsets(platform: FakeTelegram) -> list[int | None]:
    return [call.params.get("offset") for call in platform.calls if call.method == "getUpdates"]


def place(house: House) -> str | None:
    with house.db.read() as tx:
        return tx.execute(select(cursor.c.value).where(cursor.c.name == "telegram")).scalar()


async def test_keeps_in_order_confirms_and_remembers_the_place(
    poller: TelegramPoller, platform: FakeTelegram, house: House
) -> None:
    for text in ("cô ơi", "con chào cô", "cho con hỏi"):
        platform.say(5550001, text)
    poller.start()
    await until(lambda: platform.waiting == [])
    assert [row.text for row in house.kept()] == ["cô ơi", "con chào cô", "cho con hỏi"]
    assert place(house) == "700004"
    assert offsets(platform)[:2] == [None, 700004]
    params = next(call.params for call in platform.calls if call.method == "getUpdates")
    assert params["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert params["timeout"] == 25


async def test_after_a_quiet_answer_no_offset_hides_numbers_that_start_anew(
    poller: TelegramPoller, platform: FakeTelegram, house: House
) -> None:
    platform.say(5550001, "cô ơi")
    poller.start()
    await until(lambda: len(offsets(platform)) >= 4)
    assert offsets(platform)[:4] == [None, 700002, None, None]
    platform.waiting.append({**platform.say(5550001, "lâu rồi mới nhắn"), "update_id": 17})
    platform.waiting.pop(0)
    await until(lambda: len(house.kept()) == 2)


async def test_next_start_goes_on_from_the_kept_place(
    client: TelegramClient, platform: FakeTelegram, house: House, pauses: list[float]
) -> None:
    first, second = build(client, house, pauses), build(client, house, pauses)
    platform.say(5550001, "cô ơi")
    first.start()
    await until(lambda: place(house) is not None)
    await first.stop()
    assert not first.alive
    platform.calls.clear()
    platform.say(5550001, "con đây")
    second.start()
    await until(lambda: len(house.kept()) == 2)
    await second.stop()
    assert offsets(platform)[0] == 700002
    assert count(house.metrics.duplicates, "telegram") == 0


async def test_nothing_is_confirmed_before_it_is_kept(
    poller: TelegramPoller, platform: FakeTelegram, house: House, pauses: list[float]
) -> None:
    platform.put({"my_chat_member": {}})
    platform.say(5550001, "bố đánh con")
    platform.say(5550002, "cô ơi")
    house.break_database()
    house.break_spool()
    poller.start()
    await until(lambda: len(pauses) >= 3)
    assert [update["update_id"] for update in platform.waiting][-2:] == [700002, 700003]
    house.mend_database()
    await until(lambda: platform.waiting == [])
    assert [row.text for row in house.kept()] == ["bố đánh con", "cô ơi"]


async def test_messages_go_to_the_spool_while_the_database_is_down(
    poller: TelegramPoller, platform: FakeTelegram, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with house.db.write() as tx:
        tx.exec_driver_sql("ALTER TABLE cursor RENAME TO cursor_away")
    house.break_database()
    platform.say(5550001, "bố đánh con")
    poller.start()
    await until(lambda: platform.waiting == [])
    assert house.spool.count() == 1
    assert "place of the poller not saved" in caplog.text and "telegram poller: " not in caplog.text


async def test_what_holds_no_message_is_confirmed_and_counted(
    poller: TelegramPoller, platform: FakeTelegram, house: House
) -> None:
    platform.put({"something_of_next_year": {}})
    poller.start()
    await until(lambda: platform.waiting == [])
    assert count(house.metrics.ignored, "telegram") == 1
    assert house.kept() == []


async def test_tap_is_acknowledged(poller: TelegramPoller, platform: FakeTelegram, house: House) -> None:
    tap = platform.tap(5550001, "b:1:0", "Lớp bơi")
    poller.start()
    await until(lambda: any(call.method == "answerCallbackQuery" for call in platform.calls))
    assert [row.text for row in house.kept()] == ["Lớp bơi"]
    (call,) = [call for call in platform.calls if call.method == "answerCallbackQuery"]
    assert call.params == {"callback_query_id": tap["callback_query"]["id"]}


async def test_webhook_left_behind_is_taken_back(poller: TelegramPoller, platform: FakeTelegram, house: House) -> None:
    platform.webhook = {"url": "https://old.test"}
    platform.say(5550001, "cô ơi")
    poller.start()
    await until(lambda: len(house.kept()) == 1)
    assert platform.webhook is None


async def test_another_poller_is_told_once_and_waited_out(
    poller: TelegramPoller, platform: FakeTelegram, house: House, pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    platform.faults = [Fault("getUpdates", 409, "Conflict: terminated by other getUpdates request")] * 3
    platform.say(5550001, "cô ơi")
    poller.start()
    await until(lambda: len(house.kept()) == 1)
    assert pauses == [10.0, 10.0, 10.0]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "Telegram polling: 409 another poller; trying on"
    ]
    assert not [call for call in platform.calls if call.method == "deleteWebhook"]


async def test_outage_is_told_once_with_growing_pauses(
    poller: TelegramPoller, platform: FakeTelegram, pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    platform.faults = [Fault("getUpdates", 502, "Bad Gateway")] * 9
    poller.start()
    await until(lambda: "works again" in caplog.text)
    assert pauses == [2.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert caplog.text.count("502") == 1
    platform.faults = [Fault("getUpdates", 502, "Bad Gateway")]
    await until(lambda: len(pauses) == 10)
    assert pauses[-1] == 2.0


async def test_wrong_token_is_asked_again_slowly(
    platform: FakeTelegram, house: House, pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    client = TelegramClient("1:wrong", "https://api.telegram.test", platform.transport())
    poller = build(client, house, pauses)
    poller.start()
    await until(lambda: len(pauses) >= 2)
    await poller.stop()
    await client.close()
    assert set(pauses) == {60.0}
    assert caplog.text.count("401") == 1


async def test_one_message_that_breaks_our_code_does_not_silence_the_others(
    poller: TelegramPoller,
    platform: FakeTelegram,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    receive, tries = house.reception.receive, []

    async def breaks(incoming: InboundMessage) -> object:
        if incoming.text == "vỡ":
            tries.append(1)
            raise ZeroDivisionError("vỡ")
        return await receive(incoming)

    monkeypatch.setattr(house.reception, "receive", breaks)
    platform.say(5550001, "vỡ")
    platform.say(5550002, "cô ơi")
    poller.start()
    await until(lambda: len(house.kept()) == 1)
    assert len(tries) == MOST_TRIES
    assert [record.message for record in caplog.records if record.levelname == "CRITICAL"] == [
        "update 700001 left behind after 5 tries: ZeroDivisionError"
    ]
    assert "vỡ" not in caplog.text


async def test_second_hearing_changes_nothing(
    client: TelegramClient, platform: FakeTelegram, house: House, pauses: list[float]
) -> None:
    update = platform.say(5550001, "cô ơi")
    for _ in range(2):
        poller = build(client, house, pauses)
        platform.waiting = [update]
        with house.db.write() as tx:
            tx.execute(cursor.delete())
        poller.start()
        await until(lambda: platform.waiting == [])
        await poller.stop()
    assert len(house.kept()) == 1
