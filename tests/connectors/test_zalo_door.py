"""The webhook that Zalo calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from connectors.zalo.door import ZaloDoor
from connectors.zalo.withdraw import ask_deletion
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.settings import Secret, Settings
from helpline.tables import audit, conversation
from tests.fakes.fake_zalo import FakeZalo
from tests.fakes.house import House, count

FOLDER = Path(__file__).parents[1] / "payloads" / "zalo"
URL = "/webhooks/zalo"


def load(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text())["in"])


@pytest.fixture
def house(db: Database, keyring: Keyring, clock: MovableClock, tmp_path: Path) -> House:
    return House(db, keyring, clock, tmp_path)


@pytest.fixture
def platform() -> FakeZalo:
    return FakeZalo()


def browser(house: House, platform: FakeZalo, **more: Any) -> httpx.AsyncClient:
    settings = Settings(zalo_app_id=platform.app_id, zalo_oa_secret=Secret(platform.oa_secret))
    door = ZaloDoor(settings, house.reception, house.metrics, house.clock, **more)
    transport = httpx.ASGITransport(app=Starlette(routes=list(door.routes())))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")


@pytest.fixture
async def zalo(house: House, platform: FakeZalo) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(house, platform) as client:
        yield client


async def test_vector_is_kept_before_200(zalo: httpx.AsyncClient, house: House) -> None:
    mac = "b6d519624499c3aae9c529beb6b420ffb8ba832d8bf2e153791e4ab8a54609a3"
    body = (FOLDER / "vector.body").read_bytes()
    response = await zalo.post(URL, content=body, headers={"X-ZEvent-Signature": f"mac={mac}"})
    assert response.status_code == 200
    (row,) = house.kept()
    assert (row.text, row.channel_message_id, row.channel) == ("Em cần giúp đỡ", "96d3cdf3af150460909", "zalo")


async def test_repeats_change_nothing(zalo: httpx.AsyncClient, house: House, platform: FakeZalo) -> None:
    event = platform.user_text("246845883529197922", "bố đánh con")
    for repeat in range(3):
        assert (await platform.deliver(zalo, URL, event, repeat)).status_code == 200
    assert len(house.kept()) == 1
    assert count(house.metrics.duplicates, "zalo") == 2


@pytest.mark.parametrize("given", [None, "", "mac=", "mac=" + "0" * 64, "mac=\u00e9"])
async def test_wrong_or_missing_signature_is_200_and_counted_and_not_kept(
    zalo: httpx.AsyncClient, house: House, platform: FakeZalo, given: str | None
) -> None:
    body, headers = platform.signed(platform.user_text("246845883529197922", "bố đánh con"))
    del headers["X-ZEvent-Signature"]
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    if given is not None:
        raw.append((b"X-ZEvent-Signature", given.encode("latin-1")))
    response = await zalo.post(URL, content=body, headers=raw)
    assert response.status_code == 200
    assert house.kept() == []
    assert count(house.metrics.bad_signatures, "zalo") == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff"])
async def test_probe_without_json_is_200(zalo: httpx.AsyncClient, house: House, body: bytes) -> None:
    assert (await zalo.post(URL, content=body)).status_code == 200
    assert count(house.metrics.bad_signatures, "zalo") == 1


async def test_body_over_one_megabyte_is_413(zalo: httpx.AsyncClient, house: House, platform: FakeZalo) -> None:
    event = platform.user_text("246845883529197922", "a" * 1024 * 1024)
    assert (await platform.deliver(zalo, URL, event)).status_code == 413
    assert house.kept() == []


@pytest.mark.parametrize(
    "name", [path.stem for path in sorted(FOLDER.glob("*.json")) if json.loads(path.read_text())["out"] is None]
)
async def test_what_holds_no_message_is_200_and_counted(
    zalo: httpx.AsyncClient, house: House, platform: FakeZalo, name: str
) -> None:
    assert (await platform.deliver(zalo, URL, load(name))).status_code == 200
    assert house.kept() == []
    assert count(house.metrics.ignored, "zalo") == 1
    assert count(house.metrics.bad_signatures, "zalo") == 0


async def test_anonymous_sender_gets_a_conversation_with_a_way_back(
    zalo: httpx.AsyncClient, house: House, platform: FakeZalo
) -> None:
    assert (await platform.deliver(zalo, URL, load("anonymous_send_text"))).status_code == 200
    with house.db.read() as tx:
        row = tx.execute(select(conversation)).one()
    assert row.address == "anonymous/7702461234567/c-5f1/2"
    assert row.user_key == house.keyring.pseudonym("zalo", "anonymous/7702461234567")


async def test_500_where_nothing_can_be_kept_and_the_repeat_is(
    zalo: httpx.AsyncClient, house: House, platform: FakeZalo
) -> None:
    event = platform.user_text("246845883529197922", "bố đánh con")
    house.break_database()
    house.break_spool()
    assert (await platform.deliver(zalo, URL, event)).status_code == 500
    house.mend_database()
    assert (await platform.deliver(zalo, URL, event, 1)).status_code == 200
    assert len(house.kept()) == 1


async def test_spooled_is_kept_too(zalo: httpx.AsyncClient, house: House, platform: FakeZalo) -> None:
    house.break_database()
    assert (await platform.deliver(zalo, URL, platform.user_text("1", "bố đánh con"))).status_code == 200
    assert house.spool.count() == 1


async def test_half_a_surrogate_does_not_lose_the_message(
    zalo: httpx.AsyncClient, house: House, platform: FakeZalo
) -> None:
    body = json.dumps(platform.user_text("1", "bố đánh con X")).replace("X", "\\ud83d").encode()
    timestamp = json.loads(body)["timestamp"]
    mac = hashlib.sha256(platform.app_id.encode() + body + timestamp.encode() + platform.oa_secret.encode()).hexdigest()
    response = await zalo.post(URL, content=body, headers={"X-ZEvent-Signature": f"mac={mac}"})
    assert response.status_code == 200
    assert [row.text for row in house.kept()] == ["bố đánh con \ufffd"]


async def test_withdrawal_marks_the_conversation_once(house: House, platform: FakeZalo, clock: MovableClock) -> None:
    withdraw = partial(ask_deletion, house.db, house.keyring, clock)
    async with browser(house, platform, withdraw=withdraw) as zalo:
        await platform.deliver(zalo, URL, platform.user_text("246845883529197922", "em chào cô"))
        await platform.deliver(zalo, URL, platform.user_text("111222333444555666", "chị hỏi chút"))
        first = clock.now()
        for _ in range(2):
            assert (await platform.deliver(zalo, URL, load("user_withdraw"))).status_code == 200
            clock.move(first - first.replace(hour=7))
    with house.db.read() as tx:
        rows = tx.execute(select(conversation.c.delete_asked_at).order_by(conversation.c.id)).scalars().all()
        traces = tx.execute(select(audit.c.id).where(audit.c.action == "conversation.withdraw")).all()
    assert rows == [first, None]
    assert len(traces) == 1


async def test_withdrawal_of_a_stranger_changes_nothing(house: House, clock: MovableClock) -> None:
    assert ask_deletion(house.db, house.keyring, clock, "999") is False


async def test_withdrawal_comes_again_while_the_database_is_down(
    house: House, platform: FakeZalo, clock: MovableClock
) -> None:
    house.break_database()
    async with browser(house, platform, withdraw=partial(ask_deletion, house.db, house.keyring, clock)) as zalo:
        assert (await platform.deliver(zalo, URL, load("user_withdraw"))).status_code == 500


async def test_withdrawal_that_nobody_takes_is_told(
    zalo: httpx.AsyncClient, platform: FakeZalo, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await platform.deliver(zalo, URL, load("user_withdraw"))).status_code == 200
    assert "withdrew" in caplog.text
    assert "246845883529197922" not in caplog.text


async def test_s34_nothing_of_a_message_in_logs(
    zalo: httpx.AsyncClient, house: House, platform: FakeZalo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    event = platform.user_text("246845883529197922", "bố đánh con, con là Na")
    await platform.deliver(zalo, URL, event)
    house.break_database()
    await platform.deliver(zalo, URL, platform.user_text("246845883529197922", "bố đánh con, con là Na"))
    house.break_spool()
    await platform.deliver(zalo, URL, platform.user_text("246845883529197922", "bố đánh con, con là Na"))
    assert "asked to repeat" in caplog.text
    for planted in ("đánh con", "con là Na", "246845883529197922", platform.oa_secret):
        assert planted not in caplog.text
