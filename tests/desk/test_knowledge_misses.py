"""What nobody could answer: shown masked, traced, one click from an answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from helpline.errors import StoreUnavailable
from helpline.tables import kb_miss
from tests.desk.conftest import Office, Person
from tests.desk.library import Library, fill, texts
from tests.desk.test_knowledge_writing import value_of

ASKED = ("học bơi mang đồ gì", "hoc boi mang do gi a", "con là Na, gọi 0900000000, học bơi mang đồ gì")


@pytest.fixture
def library(office: Office) -> Library:
    return fill(office)


@pytest.fixture
def mai(office: Office, library: Library) -> Person:
    return office.person("mai", "editor")


def rows(office: Office) -> list[Any]:
    with office.db.read() as tx:
        return list(tx.execute(select(kb_miss).order_by(kb_miss.c.id)).all())


def link(page: str, what: str) -> str:
    found = re.search(rf'href="([^"]*{what}[^"]*miss=[^"]*)"', page)
    assert found, what
    return found[1].replace("&amp;", "&")


def test_groups_with_count_day_and_what_was_shown_instead(office: Office, library: Library, mai: Person) -> None:
    library.miss("thời tiết hôm nay", hours_ago=40)
    library.miss(*ASKED, topic="swim_class", offered=("swim_class.age",))
    page = mai.get("/knowledge/misses").text
    shown = texts(page)
    assert "2 nhóm, 4 lượt hỏi" in shown
    assert shown.index("3 lượt học bơi mang đồ gì") < shown.index("1 lượt thời tiết hôm nay")
    assert "máy hiểu là: lớp bơi" in shown and "Đã đưa ra thay: Mấy tuổi học bơi" in shown
    assert "Hỏi lần cuối 15:00" in shown and "Hỏi lần cuối 21/11 23:00" in shown
    assert "không có mục nào gần" in shown


def test_s34_no_number_and_no_name_is_shown(library: Library, mai: Person) -> None:
    library.miss(*ASKED)
    page = mai.get("/knowledge/misses").text
    assert "0900000000" not in page and "Na," not in page and "con là [tên], gọi [số]" in page
    form = mai.get(link(page, "/knowledge/new")).text
    assert "0900000000" not in form


def test_s36_every_look_leaves_a_trace_before_anything_is_shown(library: Library, mai: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    library.miss(*ASKED)
    page = mai.get("/knowledge/misses").text
    mai.get(link(page, "/knowledge/new"))
    assert [(row[0], row[2]) for row in library.audits("kb.misses")] == [(f"staff:{mai.id}", {"count": 1}), (f"staff:{mai.id}", {"count": 3})]

    def refuse(*_: object, **__: object) -> None:
        raise StoreUnavailable("no trace")

    monkeypatch.setattr("desk.knowledge.asked.audit.record", refuse)
    answer = mai.get("/knowledge/misses")
    assert answer.status_code == 503 and "học bơi" not in answer.text


def test_one_click_makes_a_draft_with_the_questions_in_it(office: Office, library: Library, mai: Person) -> None:
    library.miss(*ASKED, topic="swim_class")
    form = mai.get(link(mai.get("/knowledge/misses").text, "/knowledge/new")).text
    assert value_of(form, "questions").splitlines() == ["học bơi mang đồ gì", "hoc boi mang do gi a"], "none with a mask in it"
    assert value_of(form, "title") == "Học bơi mang đồ gì"
    assert 'value="swim_class" selected' in form
    sent = {name: value_of(form, name) for name in ("miss", "until", "title", "as_of", "review_by")}
    library.miss("thời tiết hôm nay")  # another one comes in meanwhile
    library.miss("học bơi mang đồ gì nhỉ")
    answer = library.save(mai, **sent, questions="học bơi mang đồ gì")
    assert answer.status_code == 200
    assert [(row.handled_as, row.entry_id, row.handled_by) for row in rows(office)[:3]] == [("drafted", "swim_class.hoc_boi_mang_do_gi", f"staff:{mai.id}")] * 3
    assert [row.handled_as for row in rows(office)[3:]] == [None, None], "what was not shown is not dealt with"
    shown = texts(mai.get("/knowledge/misses").text)
    assert "2 nhóm, 2 lượt hỏi" in shown and "Trước đây đã viết: Học bơi mang đồ gì" in shown


def test_nothing_is_dealt_with_while_the_draft_is_refused(office: Office, library: Library, mai: Person) -> None:
    library.miss(*ASKED)
    form = mai.get(link(mai.get("/knowledge/misses").text, "/knowledge/new")).text
    sent = {name: value_of(form, name) for name in ("miss", "until")}
    page = library.save(mai, **sent, short="")
    assert page.status_code == 400 and value_of(page.text, "miss") == sent["miss"]
    assert {row.handled_as for row in rows(office)} == {None}


def test_questions_join_an_entry_that_is_there(library: Library, mai: Person, office: Office) -> None:
    library.miss("bao nhiêu tuổi thì học bơi được", offered=("swim_class.age",))
    page = mai.get("/knowledge/misses").text
    form = mai.get(link(page, "/knowledge/entry/swim_class.age/edit")).text
    assert value_of(form, "questions").splitlines() == ["mấy tuổi học bơi", "may tuoi hoc boi", "bao nhiêu tuổi thì học bơi được"]
    assert value_of(form, "title") == "Mấy tuổi học bơi"
    sent = {name: value_of(form, name) for name in ("miss", "until", "questions")}
    assert library.save(mai, "swim_class.age", **sent).status_code == 200
    assert [row.entry_id for row in rows(office)] == ["swim_class.age"]


def test_dismissed_is_gone_and_the_second_is_told(library: Library, mai: Person, office: Office) -> None:
    library.miss("thời tiết hôm nay", "thoi tiet hom nay")
    page = mai.get("/knowledge/misses").text
    sent = {name: value_of(page, name) for name in ("miss", "until")}
    library.miss("thời tiết hôm nay ạ")
    assert mai.post("/knowledge/misses/dismiss", script=True, **sent).json()["say"] == "Đã bỏ qua 2 lượt hỏi."
    assert mai.post("/knowledge/misses/dismiss", script=True, **sent).status_code == 409
    assert "Đã bỏ qua 2 lượt trước đây" in texts(mai.get("/knowledge/misses").text)
    assert [row.handled_as for row in rows(office)] == ["dismissed", "dismissed", None]
    assert library.audits("kb.dismiss") == [(f"staff:{mai.id}", "1", {"count": 2})]
    assert mai.post("/knowledge/misses/dismiss", script=True, miss="x", until="1").status_code == 404


def test_an_empty_list_is_good_news_and_an_old_link_is_an_empty_form(library: Library, mai: Person) -> None:
    assert "Không còn câu nào" in mai.get("/knowledge/misses?page=7").text
    form = mai.get("/knowledge/new?miss=12&until=13").text
    assert (value_of(form, "questions"), value_of(form, "miss")) == ("", "0")
    assert mai.get("/knowledge/new?miss=x&until=%00").status_code == 200
