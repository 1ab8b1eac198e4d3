"""The two tokens of the Zalo OA: never lost, never refreshed twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.engine import Row
from starlette.requests import Request
from starlette.responses import Response

from connectors.zalo.tokens import LEASE, LEASE_S, Pair, ZaloTokens
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.errors import ChannelMisconfigured, SendLater, StoreUnavailable
from helpline.settings import Secret, Settings
from helpline.tables import channel_token
from tests.fakes.fake_zalo import FakeZalo


def settings(access: str = "access-0", refresh: str = "refresh-0") -> Settings:
    return Settings(
        zalo_app_id="1234567890123456789",
        zalo_app_secret=Secret("appSecretKeyTEST"),
        zalo_access_token=Secret(access),
        zalo_refresh_token=Secret(refresh),
        zalo_oauth="https://oauth.zalo.test",
    )


class SlowZalo(FakeZalo):
    """Answers the token call only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.let = asyncio.Event()

    async def _refresh(self, request: Request) -> Response:
        self.asked.set()
        await self.let.wait()
        return await super()._refresh(request)


@pytest.fixture
def platform() -> FakeZalo:
    return FakeZalo()


@pytest.fixture
async def build(db: Database, clock: MovableClock) -> AsyncIterator[Callable[..., ZaloTokens]]:
    opened: list[httpx.AsyncClient] = []

    def make(platform: FakeZalo, own: Settings | None = None, on: Database = db) -> ZaloTokens:
        opened.append(httpx.AsyncClient(transport=platform.transport()))
        return ZaloTokens(own or settings(), on, clock, opened[-1])

    yield make
    for http in opened:
        await http.aclose()


def stored(db: Database, name: str = "zalo") -> Row | None:
    with db.read() as tx:
        return tx.execute(select(channel_token).where(channel_token.c.channel == name)).first()


Build = Callable[..., ZaloTokens]


async def test_first_tokens_come_from_the_settings_and_are_kept_encrypted(
    build: Build, platform: FakeZalo, db: Database
) -> None:
    assert await build(platform).current() == "access-0"
    row = stored(db)
    assert row is not None and (row.access_token, row.refresh_token, row.version) == ("access-0", "refresh-0", 1)
    with db.read() as tx:
        raw = tx.exec_driver_sql("SELECT access_token, refresh_token FROM channel_token").all()
    assert "access-0" not in str(raw) and "refresh-0" not in str(raw)


async def test_without_any_token_the_operator_is_needed(build: Build, platform: FakeZalo) -> None:
    tokens = build(platform, settings("", ""))
    with pytest.raises(ChannelMisconfigured):
        await tokens.current()
    with pytest.raises(ChannelMisconfigured):
        await tokens.renew("x")


async def test_with_a_refresh_token_alone_it_begins_by_refreshing(build: Build, platform: FakeZalo) -> None:
    assert await build(platform, settings("")).current() == "access-1"


async def test_refreshed_ahead_after_twenty_hours_without_making_a_message_wait(
    build: Build, platform: FakeZalo, clock: MovableClock, db: Database
) -> None:
    tokens = build(platform)
    await tokens.current()
    clock.move(timedelta(hours=19, minutes=59))
    await tokens.current()
    await tokens.settle()
    assert platform.refreshes == 0
    clock.move(timedelta(minutes=1))
    assert await tokens.current() == "access-0"
    await tokens.settle()
    assert await tokens.current() == "access-1"
    row = stored(db)
    assert row is not None and (row.access_token, row.refresh_token, row.version) == ("access-1", "refresh-1", 2)
    assert row.expires_at == clock.now() + timedelta(hours=20)


@pytest.mark.parametrize(("said", "hours"), [("3600", 0.8), (3600, 0.8), ("90000", 20), ("soon", 20), ("1", 1 / 75)])
async def test_the_life_that_zalo_says_is_obeyed(
    build: Build, platform: FakeZalo, clock: MovableClock, db: Database, said: Any, hours: float
) -> None:
    platform.expires_in = said
    tokens = build(platform)
    await tokens.current()
    await tokens.renew("access-0")
    row = stored(db)
    assert row is not None and row.expires_at == clock.now() + timedelta(hours=hours)


async def test_many_sends_at_once_refresh_once(build: Build, platform: FakeZalo) -> None:
    tokens = build(platform)
    await tokens.current()
    assert await asyncio.gather(*(tokens.renew("access-0") for _ in range(20))) == ["access-1"] * 20
    assert platform.refreshes == 1


async def test_somebody_elses_new_token_is_taken_without_refreshing(
    build: Build, platform: FakeZalo, db: Database
) -> None:
    one, other = build(platform), build(platform)
    await one.current()
    await other.current()
    assert await one.renew("access-0") == "access-1"
    assert await other.renew("access-0") == "access-1"
    assert platform.refreshes == 1
    assert stored(db, LEASE) is None


async def test_two_processes_never_refresh_at_the_same_time(build: Build, clock: MovableClock) -> None:
    platform = SlowZalo()
    one, other = build(platform), build(platform)
    await one.current()
    first = asyncio.create_task(one.renew("access-0"))
    await platform.asked.wait()
    with pytest.raises(SendLater, match="being refreshed"):
        await other.renew("access-0")
    platform.let.set()
    assert await first == "access-1"
    assert await other.renew("access-0") == "access-1"
    assert platform.refreshes == 1


async def test_the_lease_of_a_process_that_died_runs_out(build: Build, clock: MovableClock, db: Database) -> None:
    dead = SlowZalo()
    gone, next_one = build(dead), build(platform := FakeZalo())
    await gone.current()
    left = asyncio.create_task(gone.renew("access-0"))
    await dead.asked.wait()
    clock.move(timedelta(seconds=LEASE_S - 1))
    with pytest.raises(SendLater):
        await next_one.renew("access-0")
    clock.move(timedelta(seconds=1))
    assert await next_one.renew("access-0") == "access-1"
    assert platform.refreshes == 1 and stored(db, LEASE) is None
    dead.let.set()
    await left


async def test_a_send_that_is_given_up_does_not_tear_the_refresh(build: Build, db: Database) -> None:
    platform = SlowZalo()
    tokens = build(platform)
    await tokens.current()
    sending = asyncio.create_task(tokens.renew("access-0"))
    await platform.asked.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    platform.let.set()
    await tokens.settle()
    row = stored(db)
    assert row is not None and row.refresh_token == "refresh-1"


async def test_the_new_pair_is_committed_before_it_is_used(
    build: Build, platform: FakeZalo, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = build(platform)
    order: list[str] = []
    await tokens.current()
    store = tokens._store

    def noted(pair: Pair) -> None:
        store(pair)
        order.append("committed")

    monkeypatch.setattr(tokens, "_store", noted)
    order.append(await tokens.renew("access-0"))
    assert order == ["committed", "access-1"]


async def test_a_refused_refresh_is_told_once_not_looped_and_tried_again_later(
    build: Build, platform: FakeZalo, clock: MovableClock, caplog: pytest.LogCaptureFixture, db: Database
) -> None:
    tokens = build(platform)
    await tokens.current()
    platform.refresh_error = -14014
    for _ in range(5):
        with pytest.raises(ChannelMisconfigured):
            await tokens.renew("access-0")
    assert len([call for call in platform.calls if "access_token" in call.path]) == 1
    assert [record.levelname for record in caplog.records if "consent" in record.message] == ["ERROR"]
    assert stored(db, LEASE) is None
    clock.move(timedelta(minutes=10))
    platform.refresh_error = None
    assert await tokens.renew("access-0") == "access-1"


async def test_new_tokens_in_the_settings_replace_dead_ones_and_old_ones_never_come_back(
    build: Build, platform: FakeZalo, db: Database
) -> None:
    tokens = build(platform)
    await tokens.current()
    await tokens.renew("access-0")
    assert await build(platform).current() == "access-1"  # the settings still hold the first ones
    platform.access_token, platform.refresh_token = "access-new", "refresh-new"
    again = build(platform, settings("access-new", "refresh-new"))
    assert await again.current() == "access-new"
    assert await tokens.renew("access-1") == "access-new"
    row = stored(db)
    assert row is not None and (row.refresh_token, row.version) == ("refresh-new", 3)


@pytest.mark.parametrize("status", [500, 502, 429, 200])
async def test_a_token_service_that_is_down_costs_nothing_yet(
    build: Build, platform: FakeZalo, clock: MovableClock, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = build(platform)
    await tokens.current()
    clock.move(timedelta(hours=20))
    platform.statuses = [status] * 50
    for _ in range(3):
        assert await tokens.current() == "access-0"
        await tokens.settle()
    assert len(platform.calls) == 1  # one try a minute ahead of need
    clock.move(timedelta(minutes=1))
    await tokens.current()
    await tokens.settle()
    assert len(platform.calls) == 2
    assert caplog.text.count("not refreshed") == 1
    with pytest.raises(SendLater):
        await tokens.renew("access-0")
    platform.statuses = []
    assert await tokens.renew("access-0") == "access-1"


async def test_a_broken_line_to_the_token_service_is_for_later(build: Build, db: Database, clock: MovableClock) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("x")

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        tokens = ZaloTokens(settings(), db, clock, http)
        await tokens.current()
        with pytest.raises(SendLater, match="ReadTimeout"):
            await tokens.renew("access-0")
    assert stored(db, LEASE) is None


async def test_wrong_app_secret_is_told_to_the_operator(build: Build, platform: FakeZalo) -> None:
    platform.app_secret = "another"
    tokens = build(platform)
    await tokens.current()
    with pytest.raises(ChannelMisconfigured):
        await tokens.renew("access-0")


async def test_while_the_database_is_down_the_token_seen_last_is_used(
    build: Build, platform: FakeZalo, db: Database
) -> None:
    fresh, known = build(platform), build(platform)
    await known.current()
    await known.renew("access-0")
    await known.current()
    with db.write() as tx:
        tx.exec_driver_sql("ALTER TABLE channel_token RENAME TO away")
    assert await known.current() == "access-1"
    assert await fresh.current() == "access-0"  # of the settings: better than silence
    with pytest.raises(SendLater):
        await known.renew("access-1")
    assert platform.refreshes == 1


async def test_a_new_pair_that_cannot_be_saved_is_used_and_saved_in_the_end(
    build: Build,
    platform: FakeZalo,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("connectors.zalo.tokens.SAVE_EVERY_S", 0.01)
    tokens = build(platform)
    await tokens.current()
    store, refusals = tokens._store, [StoreUnavailable("x")] * 3

    def flaky(pair: Any) -> None:
        if refusals:
            raise refusals.pop()
        store(pair)

    monkeypatch.setattr(tokens, "_store", flaky)
    assert await tokens.renew("access-0") == "access-1"
    assert await tokens.current() == "access-1"
    row = stored(db)
    assert row is not None and row.access_token == "access-0"
    for _ in range(300):
        if "after all" in caplog.text:
            break
        await asyncio.sleep(0.01)
    row = stored(db)
    assert row is not None and (row.access_token, row.refresh_token) == ("access-1", "refresh-1")


async def test_stopping_saves_what_could_not_be_saved(
    build: Build, platform: FakeZalo, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = build(platform)
    await tokens.current()
    store = tokens._store

    def refuse(pair: Any) -> None:
        raise StoreUnavailable("x")

    monkeypatch.setattr(tokens, "_store", refuse)
    await tokens.renew("access-0")
    monkeypatch.setattr(tokens, "_store", store)
    await tokens.settle()
    row = stored(db)
    assert row is not None and row.refresh_token == "refresh-1"


async def test_a_pair_saved_late_does_not_replace_those_of_a_new_consent(
    build: Build, platform: FakeZalo, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = build(platform)
    await tokens.current()
    store = tokens._store

    def refuse(pair: Pair) -> None:
        raise StoreUnavailable("x")

    monkeypatch.setattr(tokens, "_store", refuse)
    await tokens.renew("access-0")
    await build(platform, settings("access-new", "refresh-new")).current()
    monkeypatch.setattr(tokens, "_store", store)
    await tokens.settle()
    row = stored(db)
    assert row is not None and row.refresh_token == "refresh-new"


async def test_a_token_that_fails_while_an_older_one_is_renewed_is_renewed_itself(build: Build) -> None:
    platform = SlowZalo()
    tokens = build(platform)
    await tokens.current()
    first = asyncio.create_task(tokens.renew("access-0"))
    await platform.asked.wait()
    second = asyncio.create_task(tokens.renew("access-1"))
    await asyncio.sleep(0)
    platform.let.set()
    assert await first == "access-1"
    assert await second == "access-2"
    assert platform.refreshes == 2


def test_tokens_do_not_show_themselves(clock: MovableClock) -> None:
    assert "secret" not in repr(Pair("secret-a", "secret-r", clock.now(), 1))
