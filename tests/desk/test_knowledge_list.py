"""The list of entries, one entry, and who may see what of it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from desk.knowledge import words
from helpline.db import Database
from kb.store import State
from kb.validate import DIALOGUE_TOPICS, INFORMATION_TOPICS
from tests.desk.conftest import Office, Person
from tests.desk.library import ENTRIES, changed, fill, texts
from tests.kb.small import entry

HOTLINE, SHELTER, SWIM = ENTRIES


def titles(person: Person, query: str = "") -> list[str]:
    page = person.get(f"/knowledge{query}")
    assert page.status_code == 200
    return re.findall(r'class="entry[^"]*" href="[^"]*">\s*<b>([^<]*)</b>', page.text)


def test_every_topic_and_state_has_its_word() -> None:
    assert set(words.TOPICS) == INFORMATION_TOPICS | DIALOGUE_TOPICS
    assert set(words.STATES) == set(State)


def test_search_with_and_without_accents(office: Office) -> None:
    fill(office)
    mai = office.person("mai", "editor")
    assert titles(mai, "?q=mấy tuổi được học bơi")[0] == titles(mai, "?q=may+tuoi+duoc+hoc+boi")[0] == SWIM.title
    assert titles(mai, "?q=tam+lanh&topic=swim_class") == []
    assert "Không có mục nào như vậy" in mai.get("/knowledge?q=%7B%7D").text


def test_a_draft_is_found_by_its_own_words_by_editors_alone(office: Office) -> None:
    library = fill(office)
    library.write(changed(SHELTER, short="Chỗ trú chân khẩn trương."), base=1)
    mai, lan = office.person("mai", "editor"), office.person("lan")
    assert titles(mai, "?q=chỗ trú chân khẩn trương") == [SHELTER.title]
    assert titles(lan, "?q=chỗ trú chân khẩn trương") == []


def test_filters_by_topic_and_state(office: Office) -> None:
    library = fill(office)
    library.write(changed(SHELTER, short="Nháp."), base=1)
    library.write(changed(SWIM, short="Chờ."), State.REVIEWED, base=1)
    library.write(entry("swim_class.old", title="Lớp cũ"), State.RETIRED)
    library.write(entry("swim_class.never", title="Bỏ rồi"), State.DROPPED)
    mai = office.person("mai", "editor")
    assert titles(mai, "?topic=swim_class") == [SWIM.title, "Lớp cũ"]
    assert titles(mai, "?state=draft") == [SHELTER.title]
    assert titles(mai, "?state=reviewed") == [SWIM.title]
    assert titles(mai, "?state=retired") == ["Lớp cũ"]
    assert set(titles(mai, "?state=published")) == {HOTLINE.title, SHELTER.title, SWIM.title}
    assert titles(mai, "?state=nonsense&topic=nonsense&page=x&order=y") == titles(mai)


def test_what_is_overdue_comes_first_then_what_waits(office: Office) -> None:
    library = fill(
        office,
        entry("shelter.late", title="Quá hạn ít", review_by=date(2026, 11, 22)),
        entry("shelter.later", title="Quá hạn nhiều", review_by=date(2026, 1, 1), as_of=date(2025, 1, 1)),
    )
    office.pass_time(hours=1)
    library.write(changed(SWIM, short="Chờ."), State.REVIEWED, base=1)
    mai = office.person("mai", "editor")
    assert titles(mai)[:3] == ["Quá hạn nhiều", "Quá hạn ít", SWIM.title]
    assert titles(mai, "?state=overdue") == ["Quá hạn nhiều", "Quá hạn ít"]
    assert titles(mai, "?order=new")[0] == SWIM.title
    page = texts(mai.get("/knowledge").text)
    assert "2 mục quá hạn xem lại" in page and "1 bản chờ duyệt" in page and "Quá hạn xem lại từ 22/11/2026" in page


def test_pages(office: Office) -> None:
    fill(office, *(entry(f"shelter.n{number}", title=f"Mục số {number:02d}") for number in range(60)))
    mai = office.person("mai", "editor")
    first, second, third = (titles(mai, f"?order=topic&page={page}") for page in (1, 2, 3))
    assert [len(first), len(second), len(third)] == [25, 25, 13] and len({*first, *second, *third}) == 63
    assert titles(mai, "?order=topic&page=99") == third, "beyond the last page: the last"
    assert "/knowledge?order=topic&amp;page=3" in mai.get("/knowledge?order=topic&page=2").text


def test_a_counsellor_reads_what_is_in_force_and_nothing_else(office: Office) -> None:
    library = fill(office)
    library.write(changed(SHELTER, short="Lời chưa duyệt."), State.REVIEWED, base=1)
    library.write(entry("swim_class.new", title="Chưa đăng"))
    lan = office.person("lan")
    assert set(titles(lan)) == {HOTLINE.title, SHELTER.title, SWIM.title}
    page = lan.get("/knowledge/entry/shelter.what")
    assert SHELTER.short in texts(page.text) and "Lời chưa duyệt" not in page.text and "/edit" not in page.text
    for path in ("/knowledge/entry/swim_class.new", "/knowledge/entry/nothing.here", "/knowledge/entry/shelter.what/history",
                 "/knowledge/entry/shelter.what/edit", "/knowledge/new", "/knowledge/misses"):  # fmt: skip
        assert lan.get(path).status_code == 404, path


POSTS = ("save", "submit", "publish", "send-back", "drop", "retire", "restore", "confirm")


@pytest.mark.parametrize("role", ["counsellor", "supervisor"])
def test_acts_that_a_role_may_not_do(office: Office, role: str) -> None:
    library = fill(office)
    library.write(changed(SHELTER, short="Chờ."), State.REVIEWED, base=1)
    person = office.person("nam", role)
    allowed = {"publish", "send-back"} if role == "supervisor" else set()
    for act in set(POSTS) - allowed:
        answer = library.act(person, "shelter.what", act, version=2, base=2, note="x", months=3)
        assert answer.status_code == 404, act
    for path in ("/knowledge/create", "/knowledge/preview", "/knowledge/misses/dismiss"):
        assert person.post(path, **library.fields()).status_code == 404, path
    assert library.stands("shelter.what").state is State.REVIEWED and library.ids() == {one.id for one in ENTRIES}


def test_a_counsellor_copies_an_answer_with_its_numbers_and_sources(office: Office) -> None:
    fill(office)
    page = office.person("lan").get("/knowledge/entry/hotline.child_line").text
    copies = re.findall(r'data-copy="([^"]*)"', page)
    assert copies == [
        "Gọi 111, miễn phí.\n\nNguồn: 56/2017/NĐ-CP, Điều 25 khoản 1",
        "Em gọi 111 nhé.\n\nNguồn: 56/2017/NĐ-CP, Điều 25 khoản 1",
    ]


def test_an_overdue_entry_warns_who_tells_it(office: Office) -> None:
    fill(office, entry("shelter.late", title="Quá hạn", review_by=date(2026, 11, 22)))
    assert "đã quá ngày xem lại" in office.person("lan").get("/knowledge/entry/shelter.late").text


def test_an_editor_begins_at_the_knowledge(office: Office) -> None:
    fill(office)
    assert office.person("mai", "editor").get("/").headers["location"] == "/knowledge"
    page = office.browser()
    assert page.get("/knowledge", follow_redirects=False).headers["location"] == "/login?next=/knowledge"


def test_the_shelf_is_warm_before_the_first_search_and_minds_no_broken_database(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    library = fill(office)
    shelf, today = office.app.state.shelf, office.clock.now().date()
    shelf.warm(office.db, today)
    versions = [library.stands(one.id).newest for one in sorted(ENTRIES, key=lambda one: one.id)]
    assert shelf.index(versions, today) is shelf.index(versions, today)
    shelf.warm(Database("postgresql+psycopg2://postgres@127.0.0.1:1/none", office.app.state.desk.db.engine.dialect.keyring), today)
    assert "not warm" in caplog.text
