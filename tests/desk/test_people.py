"""Accounts: made, reset and ended by an administrator."""

from __future__ import annotations

import html
import re

import pytest

from desk import staff as people
from desk.errors import StaffRefused
from tests.desk.conftest import Office


def shown_password(page: str) -> str:
    found = re.search(r'class="password"><code>([^<]+)</code>', page)
    assert found, page
    return html.unescape(found[1])


def test_a_new_person_signs_in_with_the_password_shown_once(office: Office) -> None:
    admin = office.person("admin", "admin")
    page = admin.post("/people", login="Mai.Vu", name="  Vũ   Mai ", role="supervisor").text
    password = shown_password(page)
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password)
    assert password not in admin.get("/people").text
    mai = office.sign_in("mai.vu", password)
    assert mai.get("/").headers["location"] == "/account"
    assert "Vũ Mai" in admin.get("/people").text


@pytest.mark.parametrize(
    ("login", "name", "role"),
    [("admin", "A", "admin"), ("ab", "A", "admin"), ("có dấu", "A", "admin"), ("moi", " ", "admin"), ("moi", "A", "king")],
)
def test_an_account_that_cannot_be(office: Office, login: str, name: str, role: str) -> None:
    office.hire("admin", "admin")
    with office.db.write() as tx, pytest.raises(StaffRefused):
        people.add_user(tx, office.clock.now(), login, name, role)


def test_only_administrators_have_the_page(office: Office) -> None:
    for person in (office.person("lan"), office.person("hoa", "supervisor"), office.person("bien", "editor")):
        assert person.get("/people").status_code == 404
        assert person.post("/people", login="moi", name="Moi", role="admin").status_code == 404
    assert len(office.traces("staff.add")) == 3


def test_ending_an_account_gives_its_cases_back(office: Office) -> None:
    admin, lan = office.person("admin", "admin"), office.person("lan")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    page = admin.post(f"/people/{lan.id}/end").text
    assert "1 trường hợp về lại hàng chờ" in page
    assert (office.case(case_id).state, office.talk(case_id).voice) == ("waiting", "bot")
    assert lan.get("/").status_code == 303
    assert admin.post(f"/people/{lan.id}/end").status_code == 409


def test_the_last_administrator_stays(office: Office) -> None:
    admin = office.person("admin", "admin")
    assert admin.post(f"/people/{admin.id}/end").status_code == 409
    with office.db.write() as tx, pytest.raises(StaffRefused):
        people.deactivate(tx, office.clock.now(), admin.id)
    second = office.hire("hai", "admin")
    assert admin.post(f"/people/{second}/end").status_code == 200


def test_a_reset_unlocks_and_ends_sessions(office: Office) -> None:
    admin, lan = office.person("admin", "admin"), office.person("lan")
    for _ in range(people.LOCK_AFTER):
        office.browser().post("/login", data={"login": "lan", "password": "sai"})
    password = shown_password(admin.post(f"/people/{lan.id}/password").text)
    assert lan.get("/").status_code == 303
    assert office.sign_in("lan", password).get("/").headers["location"] == "/account"


def test_no_audit_row_holds_a_password_or_a_login(office: Office) -> None:
    admin = office.person("admin", "admin")
    password = shown_password(admin.post("/people", login="mai-vu", name="Mai", role="counsellor").text)
    office.browser().post("/login", data={"login": "mai-vu", "password": "mật khẩu sai"})
    rows = [str(row) for action in ("staff.add", "staff.login_failed") for row in office.traces(action)]
    assert len(rows) == 3
    assert not any(secret in row for row in rows for secret in (password, "mật khẩu sai", "mai-vu"))
