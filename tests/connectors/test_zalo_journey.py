"""From Zalo's webhook to Zalo's inbox: a disclosure of a sender without a name is answered with the numbers."""

from __future__ import annotations

from pathlib import Path

import httpx
from starlette.applications import Starlette

from connectors.courier import Courier
from connectors.zalo.client import ZaloClient
from connectors.zalo.door import ZaloDoor
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.messages import Channel
from helpline.settings import Secret, Settings
from tests.fakes.fake_zalo import FakeZalo
from tests.fakes.house import House


def settings(platform: FakeZalo) -> Settings:
    return Settings(
        zalo_app_id=platform.app_id,
        zalo_oa_secret=Secret(platform.oa_secret),
        zalo_app_secret=Secret(platform.app_secret),
        zalo_access_token=Secret("access-0"),
        zalo_refresh_token=Secret("refresh-0"),
        zalo_api="https://openapi.zalo.test",
        zalo_oauth="https://oauth.zalo.test",
    )


async def test_s2_first_response_reaches_an_anonymous_sender_though_the_token_ran_out(
    db: Database, keyring: Keyring, clock: MovableClock, tmp_path: Path
) -> None:
    platform = FakeZalo()
    client = ZaloClient(settings(platform), db, clock, platform.transport())
    house = House(db, keyring, clock, tmp_path, {Channel.ZALO: client})
    door = ZaloDoor(settings(platform), house.reception, house.metrics, clock)
    event = platform.user_text("7702461234567", "bố đánh con", event_name="anonymous_send_text")
    event["message"]["conversation_id"] = "c-1"
    platform.expire()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=Starlette(routes=list(door.routes()))), base_url="http://gateway"
    ) as zalo:
        for repeat in range(2):
            await platform.deliver(zalo, "/webhooks/zalo", event, repeat)
    courier = Courier(db, {Channel.ZALO: client}, clock, house.metrics)
    await courier.step()
    await courier.settle()
    await client.close()
    (text,) = platform.texts("7702461234567")
    assert "111" in text and "18001769" in text
    assert platform.refreshes == 1


async def test_s19_the_numbers_are_sent_while_the_database_is_down(
    db: Database, keyring: Keyring, clock: MovableClock, tmp_path: Path
) -> None:
    platform = FakeZalo()
    client = ZaloClient(settings(platform), db, clock, platform.transport())
    house = House(db, keyring, clock, tmp_path, {Channel.ZALO: client})
    door = ZaloDoor(settings(platform), house.reception, house.metrics, clock)
    house.break_database()
    with db.write() as tx:
        tx.exec_driver_sql("ALTER TABLE channel_token RENAME TO channel_token_away")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=Starlette(routes=list(door.routes()))), base_url="http://gateway"
    ) as zalo:
        event = platform.user_text("246845883529197922", "bố đánh con")
        assert (await platform.deliver(zalo, "/webhooks/zalo", event)).status_code == 200
    for task in list(house.reception._direct):
        await task
    await client.close()
    (text,) = platform.texts("246845883529197922")
    assert "111" in text and "18001769" in text
    assert [spooled.first_said for spooled in house.spool.waiting()] == [True]
