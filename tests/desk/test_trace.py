"""Every look at a conversation is written down, and who reads that writing changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from desk import shift
from desk import staff as people
from helpline import cases
from helpline.errors import StoreUnavailable
from helpline.tables import audit
from tests.desk.conftest import CHILD_WORDS, Office


def test_s36_every_page_that_shows_a_transcript_leaves_who_when_and_why(office: Office) -> None:
    lan, hoa = office.person("lan"), office.person("hoa", "supervisor")
    case_id = office.open_case()
    assert CHILD_WORDS in lan.get(f"/case/{case_id}").text
    lan.post(f"/case/{case_id}/take")
    office.pass_time(minutes=1)
    assert CHILD_WORDS in lan.get(f"/case/{case_id}", headers={"X-Desk": "1"}).text
    assert CHILD_WORDS in hoa.get(f"/case/{case_id}").text
    traces = [(row.actor, row.object_id, row.details["why"], row.at) for row in office.traces()]
    now = office.clock.now()
    assert [trace[:3] for trace in traces] == [
        (f"staff:{lan.id}", str(case_id), "waiting"),
        (f"staff:{lan.id}", str(case_id), "owner"),
        (f"staff:{hoa.id}", str(case_id), "supervision"),
    ]
    assert traces[-1][3] == now


def test_s36_an_administrator_leaves_a_trace_too(office: Office) -> None:
    lan, admin = office.hire("lan"), office.person("admin", "admin")
    case_id = office.open_case()
    with office.db.write() as tx:
        cases.take(tx, office.clock.now(), case_id, lan)
    assert CHILD_WORDS in admin.get(f"/case/{case_id}").text
    assert [row.actor for row in office.traces()] == [f"staff:{admin.id}"]


def test_s36_a_page_that_stays_open_is_traced_again(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    assert CHILD_WORDS in lan.get(f"/case/{case_id}/live").text
    lan.get(f"/case/{case_id}/live")
    assert len(office.traces()) == 1
    office.pass_time(minutes=15)
    lan.get(f"/case/{case_id}/live")
    assert [row.details.get("following") for row in office.traces()] == [True, True]


def test_s36_nothing_is_read_when_the_trace_cannot_be_written(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lan = office.person("lan")
    case_id = office.open_case()

    def refuse(*_: object, **__: object) -> None:
        raise StoreUnavailable("no room")

    monkeypatch.setattr("desk.trace.audit.record", refuse)
    for path in (f"/case/{case_id}", f"/case/{case_id}/live"):
        answer = lan.get(path)
        assert answer.status_code == 503 and CHILD_WORDS not in answer.text


def test_a_refused_look_shows_nothing(office: Office) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    assert binh.get(f"/case/{case_id}").status_code == 404
    assert office.traces() == []


def test_the_page_of_the_trace_for_supervisors_and_administrators(office: Office) -> None:
    lan, hoa, admin = office.person("lan"), office.person("hoa", "supervisor"), office.person("admin", "admin")
    case_id = office.open_case()
    lan.get(f"/case/{case_id}")
    assert lan.get("/trace").status_code == 404
    for reader in (hoa, admin):
        page = reader.get("/trace").text
        assert "Xem cuộc trò chuyện" in page and f"trường hợp {case_id}" in page and "với tư cách: đang chờ" in page
        assert "Na ở ngõ" not in page


def test_the_page_of_the_trace_is_read_only_and_can_be_narrowed(office: Office) -> None:
    lan, hoa = office.person("lan"), office.person("hoa", "supervisor")
    first, second = office.open_case(user="a"), office.open_case(user="b")
    lan.get(f"/case/{first}")
    hoa.get(f"/case/{second}")
    with office.db.read() as tx:
        before = tx.execute(select(audit.c.id)).all()
    narrow = hoa.get(f"/trace?case={first}&staff={lan.id}&action=case.read").text
    assert narrow.count("<tr><td>") == 1 and "với tư cách" in narrow
    assert hoa.post("/trace").status_code == 405
    with office.db.read() as tx:
        assert tx.execute(select(audit.c.id)).all() == before


def test_the_trace_goes_on_to_older_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.trace.ROWS", 4)
    hoa = office.person("hoa", "supervisor")
    with office.db.write() as tx:
        for number in range(6):
            shift.start(tx, office.clock.now(), office_staff(tx, number))
    page = hoa.get("/trace").text
    assert page.count("<tr><td>") == 4 and "Cũ hơn" in page
    before = page.split("before=")[1].split('"')[0]
    assert f"before={before}" not in hoa.get(f"/trace?before={before}").text


def office_staff(tx: object, number: int) -> int:
    people.add_user(tx, datetime(2026, 11, 23, tzinfo=UTC), f"nguoi{number}", f"Người {number}", "counsellor")  # type: ignore[arg-type]
    return number + 2
