"""When things are broken the desk stays kind and names the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk.app import build
from helpline import hotlines
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.keyring import Keyring
from helpline.settings import Settings
from tests.desk.conftest import Office

NUMBERS = ("111", "113", "114", "115", "18001769")


@contextmanager
def _away(*_: Any) -> Iterator[None]:
    raise StoreUnavailable("OperationalError")
    yield


@pytest.mark.parametrize("path", ["/", "/queue", "/case/1", "/pulse", "/healthz"])
def test_the_database_is_down(office: Office, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    lan = office.person("lan")
    monkeypatch.setattr(office.db, "read", _away)
    answer = lan.get(path)
    assert answer.status_code == 503
    assert "Cơ sở dữ liệu đang không trả lời" in answer.text
    assert all(number in answer.text for number in NUMBERS)


def test_login_while_the_database_is_down(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.db, "read", _away)
    answer = office.browser().post("/login", data={"login": "lan", "password": "x"})
    assert answer.status_code == 503 and "111" in answer.text


def test_a_database_that_was_never_there(tmp_path: Any, clock: MovableClock, keyring: Keyring) -> None:
    gone = Database(f"sqlite:///{tmp_path}/a/b.db", keyring)
    (tmp_path / "a").rmdir()
    client = TestClient(build(gone, keyring, clock, Settings()))
    assert client.get("/healthz").status_code == 503


def test_the_script_gets_one_sentence(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lan = office.person("lan")
    assert lan.post("/case/9/take", script=True).json()["say"] == "Không có trang này, hoặc nó không dành cho bạn."
    monkeypatch.setattr(office.db, "read", _away)
    answer = lan.get("/queue", headers={"X-Desk": "1"})
    assert answer.status_code == 503 and answer.headers["content-type"] == "application/json"


def test_no_page_is_in_english_and_none_names_the_wrong_number(office: Office) -> None:
    lan = office.person("lan")
    wrong = hotlines.load()["wrong_province_line"].number
    for path in ("/nowhere", "/case/99", "/login", "/", "/account"):
        page = lan.get(path).text
        assert "Not Found" not in page and "Method" not in page and wrong not in page
    assert "không nhận cách gửi" in lan.get("/take-next").text


def test_the_numbers_stand_on_every_page_of_a_case(office: Office) -> None:
    lan = office.person("lan")
    page = lan.get(f"/case/{office.open_case()}").text
    for number in NUMBERS:
        assert f'href="tel:{number}"' in page
