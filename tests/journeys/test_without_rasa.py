"""A child's cry for help reaches counsellor and answer whatever has become of Rasa: absent, silent, raising, empty."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.gateway import Gateway
from helpline import cases, hotlines
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.settings import Secret, Settings
from safety.screen import Screen
from tests.fakes.fake_telegram import SECRET_HEADER, FakeTelegram
from tests.fakes.fake_zalo import FakeZalo
from tests.servers import free_port, serve, wait_until

SECRET = "telegram-secret-of-the-tests"
CRY = "bố cháu say rượu về đánh cháu, cháu sợ lắm"


async def silent(request: Request) -> Response:
    await asyncio.sleep(60)
    return JSONResponse([])


async def raising(request: Request) -> Response:
    return JSONResponse({"error": "boom"}, status_code=500)


async def empty(request: Request) -> Response:
    return JSONResponse([])


async def garbage(request: Request) -> Response:
    return Response(b"\xff\xfe not json", media_type="application/json")


BRAINS = {"absent": None, "silent": silent, "raising": raising, "empty": empty, "garbage": garbage}


@dataclass
class House:
    url: str
    db: Database
    telegram: FakeTelegram
    zalo: FakeZalo
    settings: Settings

    def hear(self, chat: int, text: str) -> None:
        update = self.telegram.say(chat, text)
        response = httpx.post(f"{self.url}/webhooks/telegram", json=update, headers={SECRET_HEADER: SECRET})
        assert response.status_code == 200

    def open_cases(self) -> list[str]:
        with self.db.read() as tx:
            return [row.level for row in cases.queue(tx)]


@contextmanager
def house(folder: Path, brain: str, db: Database, keyring: Keyring) -> Iterator[House]:
    telegram, zalo = FakeTelegram(), FakeZalo()
    with ExitStack() as stack:
        endpoint = BRAINS[brain]
        brain_url = f"http://127.0.0.1:{free_port()}"
        if endpoint is not None:
            rasa = Starlette(routes=[Route("/webhooks/rest/webhook", endpoint, methods=["POST"])])
            brain_url = stack.enter_context(serve(rasa))
        telegram_url = stack.enter_context(serve(telegram.app()))
        zalo_url = stack.enter_context(serve(zalo.app()))
        settings = Settings(
            var=folder / "var",
            brain_url=brain_url,
            brain_timeout_s=0.5,
            public_url="https://example.vn",
            telegram_token=Secret(telegram.token),
            telegram_secret=Secret(SECRET),
            telegram_api=telegram_url,
            zalo_app_id=zalo.app_id,
            zalo_oa_secret=Secret(zalo.oa_secret),
            zalo_app_secret=Secret(zalo.app_secret),
            zalo_access_token=Secret(zalo.access_token),
            zalo_refresh_token=Secret(zalo.refresh_token),
            zalo_api=zalo_url,
            zalo_oauth=zalo_url,
        )
        gateway = Gateway(settings, db, keyring, Screen.load(None))
        url = stack.enter_context(serve(gateway.app()))
        yield House(url, db, telegram, zalo, settings)


@pytest.mark.parametrize("brain", list(BRAINS))
def test_the_disclosure_gets_its_case_and_its_numbers_within_a_second(
    brain: str, tmp_path: Path, db: Database, keyring: Keyring
) -> None:
    with house(tmp_path, brain, db, keyring) as home:
        began = time.monotonic()
        home.hear(7, CRY)
        texts = wait_until(lambda: home.telegram.texts(7), 5, "no first response")
        took = time.monotonic() - began
        assert home.open_cases() == ["urgent"]
        for key in ("police", "child_line", "province_line"):
            assert hotlines.number(key) in texts[0]
        assert took < 1.0
        time.sleep(1.2)  # Rasa's failure has shown itself by now
        assert home.telegram.texts(7) == texts, "a cry for help gets no line about slowness"


@pytest.mark.parametrize("brain", ["absent", "silent"])
def test_s03_a_question_gets_a_kind_line_with_the_numbers(brain: str, tmp_path: Path, db: Database, keyring: Keyring) -> None:
    with house(tmp_path, brain, db, keyring) as home:
        home.hear(7, "Lớp bơi cho bé 8 tuổi ở Cẩm Phả đăng ký sao ạ")
        texts = wait_until(lambda: len(home.telegram.texts(7)) >= 2 and home.telegram.texts(7), 10, "nothing said")
        assert "trợ lý tự động" in texts[0]
        assert hotlines.number("child_line") in texts[1] and hotlines.number("province_line") in texts[1]
        ready = httpx.get(f"{home.url}/readyz")
        assert ready.status_code == 200 and ready.json()["brain"] is False


def test_the_same_on_zalo_with_its_true_signature(tmp_path: Path, db: Database, keyring: Keyring) -> None:
    with house(tmp_path, "absent", db, keyring) as home:
        body, headers = home.zalo.signed(home.zalo.user_text("246845883529197922", CRY))
        assert httpx.post(f"{home.url}/webhooks/zalo", content=body, headers=headers).status_code == 200
        texts = wait_until(lambda: home.zalo.texts("246845883529197922"), 5, "no first response")
        assert hotlines.number("child_line") in texts[0] and home.open_cases() == ["urgent"]


def test_a_forged_webhook_is_not_received(tmp_path: Path, db: Database, keyring: Keyring) -> None:
    with house(tmp_path, "absent", db, keyring) as home:
        update = home.telegram.say(7, CRY)
        forged = httpx.post(f"{home.url}/webhooks/telegram", json=update, headers={SECRET_HEADER: "wrong"})
        assert forged.status_code == 403
        body, headers = home.zalo.signed(home.zalo.user_text("9", CRY))
        signature = {**headers, "X-ZEvent-Signature": "mac=" + "0" * 64}
        assert httpx.post(f"{home.url}/webhooks/zalo", content=body, headers=signature).status_code == 200
        assert home.open_cases() == []
        metrics = httpx.get(f"{home.url}/metrics").text
        assert 'tianang_bad_signatures_total{channel="zalo"} 1.0' in metrics


def test_s19_without_a_database_the_numbers_go_out_and_the_message_comes_in_later(
    tmp_path: Path, db: Database, keyring: Keyring
) -> None:
    with house(tmp_path, "absent", db, keyring) as home:
        with db.write() as tx:
            tx.exec_driver_sql("ALTER TABLE message RENAME TO message_away")
        home.hear(7, CRY)
        texts = wait_until(lambda: home.telegram.texts(7), 5, "no direct answer")
        assert hotlines.number("child_line") in texts[0]
        assert len(list((tmp_path / "var" / "spool").glob("*.msg"))) == 1
        with db.write() as tx:
            tx.exec_driver_sql("ALTER TABLE message_away RENAME TO message")
        wait_until(home.open_cases, 15, "the spool was not drained")
        assert home.open_cases() == ["urgent"]
        time.sleep(0.6)
        assert home.telegram.texts(7) == texts, "the first response was said already"


def test_s34_the_log_of_a_journey_holds_no_word_of_the_child(
    tmp_path: Path, db: Database, keyring: Keyring, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    planted = "bố cháu đánh cháu Nguyễn Planted 0987654321 ở Hà Lầm"
    with house(tmp_path, "raising", db, keyring) as home:
        home.hear(424242, planted)
        wait_until(lambda: home.telegram.texts(424242), 5, "no first response")
        time.sleep(0.7)
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert told, "the journey was logged"
    for word in ("Planted", "0987654321", "Hà Lầm", "đánh", json.dumps("đánh")[1:-1], home.telegram.token):
        assert word not in told
