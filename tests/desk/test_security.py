"""Requests that are not ours, and what the browser is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.routing import Route

from desk.app import routes
from desk.security import HEADERS
from tests.desk.conftest import Office

POSTS = sorted(
    route.path.replace("{case_id}", "1").replace("{staff_id}", "1")
    for route in routes()
    if isinstance(route, Route) and "POST" in (route.methods or ()) and route.path != "/login"
)


def test_there_are_acts_to_test() -> None:
    assert "/case/1/reply" in POSTS and "/take-next" in POSTS and len(POSTS) >= 14


@pytest.mark.parametrize("path", POSTS)
def test_no_act_without_the_token(office: Office, path: str) -> None:
    admin = office.person("admin", "admin")
    case_id = office.open_case()
    assert case_id == 1
    form = {"text": "a", "client_key": "0" * 32, "outcome": "advised", "to": "1", "login": "moi", "name": "Moi", "role": "admin"}
    with_none = admin.client.post(path, data=form, follow_redirects=False)
    with_wrong = admin.client.post(path, data=form, headers={"X-CSRF-Token": "0" * 64}, follow_redirects=False)
    other = office.person("khac", "admin")
    with_other = admin.client.post(path, data={**form, "csrf": other.csrf}, follow_redirects=False)
    assert {with_none.status_code, with_wrong.status_code, with_other.status_code} == {403}
    assert office.case(case_id).state == "waiting"
    assert office.traces("staff.reset_password") == office.traces("staff.deactivate") == office.traces("shift.end") == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_no_act_from_another_site_even_with_the_token(office: Office, headers: dict[str, str]) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    answer = lan.client.post(f"/case/{case_id}/take", data={"csrf": lan.csrf}, headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    login = office.browser().post("/login", data={"login": "lan", "password": "x"}, headers=headers)
    assert login.status_code == 403
    assert office.case(case_id).state == "waiting"


def test_our_own_page_may_act(office: Office) -> None:
    lan = office.person("lan")
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": lan.csrf}
    assert lan.client.post("/shift/end", headers=headers, follow_redirects=False).status_code == 303


def test_no_act_by_get(office: Office) -> None:
    admin = office.person("admin", "admin")
    for path in POSTS:
        if path not in ("/account", "/people", "/imports"):
            assert admin.get(path).status_code == 405, path


def test_every_answer_carries_the_headers(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    for path in ("/", f"/case/{case_id}", f"/case/{case_id}/live", "/nowhere", "/static/desk.css", "/login", "/pulse", "/healthz"):
        answer = lan.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (path, name)
        assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
    policy = HEADERS["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy and "default-src 'none'" in policy


def test_a_broken_page_is_kind_and_guarded_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lan = office.person("lan")

    def breaks(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("desk.queue.load", breaks)
    answer = lan.get("/")
    assert answer.status_code == 500
    assert "broken on purpose" not in answer.text and "18001769" in answer.text
    assert answer.headers["content-security-policy"] and answer.headers["cache-control"] == "no-store"


def test_no_template_holds_a_script_or_a_style() -> None:
    templates = sorted((Path(__file__).parents[2] / "desk" / "templates").glob("*.html"))
    assert len(templates) > 10
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), template.name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe", text), template.name
        assert not re.search(r"(src|href)=\"(https?:)?//", text), template.name


def test_a_form_that_is_too_big(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    assert lan.post(f"/case/{case_id}/close", outcome="advised", note="a" * 70_000).status_code == 413
    assert office.case(case_id).state == "taken"
