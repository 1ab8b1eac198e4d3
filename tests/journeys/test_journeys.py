"""The three journeys of docs/architecture.md over real HTTP, with the real model."""

from __future__ import annotations

import os
import signal
import time

import httpx
import pytest

from helpline import hotlines
from tests.journeys.conftest import System
from tests.servers import children, wait_until

pytestmark = pytest.mark.model


def test_a_parent_on_zalo_asks_for_the_swim_class(system: System) -> None:
    system.zalo_says("5001", "Lớp bơi cho bé 8 tuổi ở Cẩm Phả đăng ký sao ạ")
    texts = wait_until(lambda: "Cẩm Phả" in "".join(system.zalo.texts("5001")) and system.zalo.texts("5001"), 20, "no answer")
    assert "trợ lý tự động" in texts[0]
    answer = "\n".join(texts[1:])
    assert "Nguồn" in answer and "2024" in answer
    assert "UBND" in answer and "đăng ký được" not in answer, "the letter gives no timetable"


def test_a_child_on_telegram_tells_of_beatings(system: System) -> None:
    began = time.monotonic()
    system.telegram_says(6001, "bố đánh con, con sợ lắm")
    texts = wait_until(lambda: system.telegram.texts(6001), 10, "no first response")
    assert time.monotonic() - began < 2.0
    for key in ("police", "child_line", "province_line"):
        assert hotlines.number(key) in texts[0]
    texts = wait_until(lambda: len(system.telegram.texts(6001)) >= 2 and system.telegram.texts(6001), 15, "Rasa went not on")
    assert "an toàn" in texts[1] and "nguồn" not in texts[1].lower()


def test_a_question_without_accents_on_the_web_gets_the_numbers_with_their_source(system: System) -> None:
    with httpx.Client(base_url=system.web, timeout=40) as page:
        session = page.post("/chat/session").json()
        headers = {"Authorization": f"Bearer {session['token']}"}
        sent = page.post(
            "/chat/messages", headers=headers, json={"id": "11111111-1111-4111-8111-111111111111", "text": "so dien thoai bao ve tre em quang ninh la bao nhieu"}
        )
        assert sent.status_code == 202
        news = page.get("/chat/updates", params={"after": 0}, headers=headers).json()["messages"]
    text = "\n".join(message["text"] for message in news)
    assert hotlines.number("child_line") in text and hotlines.number("province_line") in text
    assert any(message["citations"] for message in news)


def test_everything_says_that_it_is_well(system: System) -> None:
    assert httpx.get(f"{system.web}/healthz").json()["ok"] is True
    ready = httpx.get(f"{system.web}/readyz").json()
    assert ready["database"] is True and ready["brain"] is True
    assert httpx.get(f"{system.desk}/healthz").status_code == 200


def test_a_process_that_dies_is_started_again(system: System) -> None:
    """Only the action server: the others carry the tests beside this one."""
    mine = system.process.pid
    actions = next(pid for pid, command in children(mine).items() if " actions " in command)
    os.kill(actions, signal.SIGKILL)
    wait_until(
        lambda: any(" actions " in command and pid != actions for pid, command in children(mine).items()),
        20,
        "the action server was not started again",
    )
    system.telegram_says(6002, "xin chào")
    wait_until(lambda: len(system.telegram.texts(6002)) >= 3, 60, "no answer after the restart")
