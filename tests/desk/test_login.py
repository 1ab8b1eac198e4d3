"""Coming in: passwords, locks, sessions, the first password."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import argon2
import pytest

from desk import password as passwords
from desk import staff as people
from desk.account import inner
from desk.session import COOKIE
from tests.desk.conftest import PASSWORD, Office, token_of


def attempt(office: Office, login: str, password: str) -> Any:
    return office.browser().post("/login", data={"login": login, "password": password}, follow_redirects=False)


def test_passwords_are_kept_as_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.password.PasswordHasher", argon2.PasswordHasher)  # not the quick one of the other tests
    hashed = passwords.keep(PASSWORD)
    memory = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=\d,p=\d\$.+", hashed)
    assert memory and int(memory[1]) >= 65536


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(office: Office) -> None:
    office.hire("lan")
    cookie = attempt(office, "lan", PASSWORD).headers["set-cookie"]
    assert cookie.startswith(COOKIE) and "HttpOnly" in cookie and "SameSite=strict" in cookie
    secure = office.browser().post("https://testserver/login", data={"login": "lan", "password": PASSWORD}, follow_redirects=False)
    assert "Secure" in secure.headers["set-cookie"]


def test_a_forged_cookie_is_nobody(office: Office) -> None:
    lan = office.person("lan")
    good = lan.client.cookies[COOKIE]
    for bad in (good[:-1] + ("A" if good[-1] != "A" else "B"), "x", "", "WzEsMSwxLDFd.x"):
        client = office.browser()
        client.cookies.set(COOKIE, bad)
        assert client.get("/", follow_redirects=False).status_code == 303


def test_wrong_unknown_and_ended_look_the_same(office: Office) -> None:
    office.hire("lan")
    ended = office.hire("cuong")
    with office.db.write() as tx:
        people.deactivate(tx, office.clock.now(), ended)
    answers = [attempt(office, login, "sai sai sai sai") for login in ("lan", "nobody", "cuong")] + [attempt(office, "cuong", PASSWORD)]
    assert {answer.status_code for answer in answers} == {401}
    assert office.traces("staff.login") == []
    assert len({answer.text.replace(f'value="{login}"', "") for answer, login in zip(answers, ("lan", "nobody", "cuong", "cuong"), strict=True)}) == 1


def test_five_wrong_passwords_lock_even_the_right_one_out(office: Office) -> None:
    office.hire("lan")
    for _ in range(people.LOCK_AFTER):
        assert attempt(office, "lan", "sai").status_code == 401
    assert attempt(office, "lan", PASSWORD).status_code == 401
    assert len(office.traces("staff.locked")) == 1
    office.pass_time(minutes=5, seconds=1)
    assert attempt(office, "lan", PASSWORD).status_code == 303


def test_four_wrong_ones_are_forgiven(office: Office) -> None:
    office.hire("lan")
    for _ in range(2):
        for _ in range(people.LOCK_AFTER - 1):
            attempt(office, "lan", "sai")
        assert attempt(office, "lan", PASSWORD).status_code == 303


def test_a_lock_that_is_over_counts_anew(office: Office) -> None:
    office.hire("lan")
    for _ in range(people.LOCK_AFTER):
        attempt(office, "lan", "sai")
    office.pass_time(minutes=6)
    attempt(office, "lan", "sai")
    assert attempt(office, "lan", PASSWORD).status_code == 303


def test_the_first_password_must_be_changed(office: Office) -> None:
    with office.db.write() as tx:
        password = people.add_user(tx, office.clock.now(), "Lan", "Lan", "counsellor")
    case_id = office.open_case()
    client = office.browser()
    assert client.post("/login", data={"login": "lan", "password": password}, follow_redirects=False).status_code == 303
    for path in ("/", "/queue", f"/case/{case_id}", "/pulse"):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    token = token_of(client.get("/account").text)

    def change(new: str, again: str | None = None, old: str = password) -> int:
        form = {"csrf": token, "old": old, "new": new, "again": again or new}
        return int(client.post("/account", data=form, follow_redirects=False).status_code)

    assert change("ngắn") == 400
    assert change(password) == 400
    assert change("tên lan trong đó") == 400
    assert change("một câu đủ dài", "một câu khác hẳn") == 400
    assert change("một câu đủ dài", old="sai") == 400
    assert client.get("/", follow_redirects=False).headers["location"] == "/account"
    assert change("một câu đủ dài") == 303
    assert client.get("/").status_code == 200
    assert attempt(office, "lan", password).status_code == 401
    assert attempt(office, "lan", "một câu đủ dài").status_code == 303


def test_a_password_typed_with_split_accents_is_the_same(office: Office) -> None:
    office.hire("lan")
    assert attempt(office, "lan", unicodedata.normalize("NFD", PASSWORD)).status_code == 303


def test_a_session_ends_after_twelve_hours(office: Office) -> None:
    lan = office.person("lan")
    office.pass_time(hours=11, minutes=59)
    assert lan.get("/").status_code == 200
    office.pass_time(minutes=1)
    assert lan.get("/").status_code == 303
    assert lan.get("/queue", headers={"X-Desk": "1"}).status_code == 401


def test_a_new_password_ends_the_other_sessions(office: Office) -> None:
    here, there = office.person("lan"), office.sign_in("lan")
    form = {"old": PASSWORD, "new": "câu mới dài hơn trước", "again": "câu mới dài hơn trước"}
    assert here.post("/account", **form).status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303


def test_the_end_of_an_account_ends_its_session_at_once(office: Office) -> None:
    lan = office.person("lan")
    with office.db.write() as tx:
        people.deactivate(tx, office.clock.now(), lan.id)
    assert lan.get("/").status_code == 303


def test_logout_ends_the_shift_and_the_session(office: Office) -> None:
    lan = office.person("lan")
    answer = lan.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert lan.get("/").status_code == 303
    assert len(office.traces("shift.end")) == 1


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/a\nb"])
def test_the_login_sends_nobody_elsewhere(path: str) -> None:
    assert inner(path) == "/"


def test_the_login_leads_back(office: Office) -> None:
    office.hire("lan")
    form = {"login": " LAN ", "password": PASSWORD, "next": "/case/7"}
    assert office.browser().post("/login", data=form, follow_redirects=False).headers["location"] == "/case/7"


def test_first_admin_once(office: Office) -> None:
    with office.db.write() as tx:
        first = people.ensure_first_admin(tx, office.clock.now())
        assert people.ensure_first_admin(tx, office.clock.now()) is None
    assert first is not None and first[0] == "quantri"
    assert attempt(office, *first).status_code == 303
