"""From a message on Telegram to its answer there, polled and over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import uvicorn

from connectors.courier import Courier
from connectors.telegram.client import TelegramClient
from connectors.telegram.poller import TelegramPoller
from helpline import conversations, outbox
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.messages import Answer, Author, Button, Channel
from tests.fakes.fake_telegram import FakeTelegram
from tests.fakes.house import House


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not come about")


async def test_s2_s10_first_response_and_a_tap_that_asks_for_a_person(
    db: Database, keyring: Keyring, clock: MovableClock, tmp_path: Path
) -> None:
    platform = FakeTelegram(longest_wait_s=0.05)
    server = uvicorn.Server(uvicorn.Config(platform.app(), port=0, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    client = TelegramClient(platform.token, f"http://127.0.0.1:{port}")
    house = House(db, keyring, clock, tmp_path, {Channel.TELEGRAM: client})
    courier = Courier(db, {Channel.TELEGRAM: client}, clock, house.metrics)
    poller = TelegramPoller(client, db, house.reception, clock, house.metrics)
    poller.start()

    platform.say(5550001, "bố đánh con")
    await until(lambda: len(house.kept()) == 1)
    await courier.step()
    await courier.settle()
    (first,) = platform.texts(5550001)
    assert "111" in first and "18001769" in first

    with db.write() as tx:
        row = conversations.find(tx, Channel.TELEGRAM, keyring.pseudonym("telegram", "5550001"))
        assert row is not None
        answer = Answer(text="Bạn cần gì nữa không?", buttons=(Button("Người thật", "gặp người thật"),))
        outbox.put(tx, clock.now(), row.id, "rasa:1", [answer], Author.BOT)
    await courier.step()
    await courier.settle()
    data = platform.sent[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    platform.tap(5550001, data, "Người thật")
    await until(lambda: len(house.kept()) == 2)
    assert [row.text for row in house.kept()] == ["bố đánh con", "gặp người thật"]

    await poller.stop()
    await client.close()
    server.should_exit = True
    await running
