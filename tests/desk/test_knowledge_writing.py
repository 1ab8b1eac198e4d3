"""Writing an entry: what is refused and how it is said, what is never lost, and what readers will see."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path

import pytest

from desk.knowledge import form, words
from desk.knowledge.writing import months_on
from helpline import hotlines
from kb import validate
from kb.schema import Validity
from kb.store import State
from tests.desk.conftest import Office
from tests.desk.library import ENTRIES, changed, fill, texts
from tests.kb.small import entry

HOTLINE, SHELTER, SWIM = ENTRIES
NUMBER = hotlines.number("child_line")


def value_of(page: str, name: str) -> str:
    """What stands in a field of the form."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n(.*?)</textarea>', page, re.S) or re.search(rf'name="{name}"[^>]*? value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


def faults_of(page: str, name: str) -> list[str]:
    """The sentences beside a field."""
    box = re.search(rf'<div class="faults" data-faults="{name}"[^>]*>(.*?)</div>', page, re.S)
    assert box, name
    return [html.unescape(one) for one in re.findall(r"<p[^>]*>(.*?)</p>", box[1])]


def test_a_new_entry_becomes_a_draft_with_an_id_of_its_own(office: Office) -> None:
    library = fill(office)
    mai = office.person("mai", "editor")
    answer = library.save(mai)
    assert answer.json() == {"go": "/knowledge/entry/swim_class.do_boi_can_mang", "say": "Đã lưu bản nháp."}
    stands = library.stands("swim_class.do_boi_can_mang")
    assert (stands.state, stands.newest.author, stands.published) == (State.DRAFT, f"staff:{mai.id}", None)
    assert stands.newest.entry.questions == ("đi học bơi mang gì", "hoc boi mang gi")
    assert [(one.source, one.section) for one in stands.newest.entry.citations] == [("nd-56-2017", "Điều 2")]
    assert library.audits("kb.write") == [(f"staff:{mai.id}", "swim_class.do_boi_can_mang", {"version": 1})]


def test_an_edit_is_a_new_version_and_keeps_what_the_form_does_not_show(office: Office) -> None:
    library = fill(office, entry("shelter.facts", title="Có dấu", facts=["S-1"]))
    mai = office.person("mai", "editor")
    assert library.save(mai, "shelter.facts", short="Lời mới.", note="Sửa câu chữ").status_code == 200
    newest = library.stands("shelter.facts").newest
    assert (newest.version, newest.entry.short, newest.entry.facts, newest.note) == (2, "Lời mới.", ("S-1",), "Sửa câu chữ")


def test_nothing_changed_is_no_version(office: Office) -> None:
    library = fill(office)
    mai = office.person("mai", "editor")
    for act in ("save", "submit"):
        assert "Không có gì thay đổi" in library.save(mai, "shelter.what", act=act).json()["say"]
    assert library.stands("shelter.what").newest.version == 1
    library.save(mai, "shelter.what", short="Mới.")
    assert "Đã gửi duyệt" in library.save(mai, "shelter.what", act="submit").json()["say"]
    stands = library.stands("shelter.what")
    assert (stands.newest.version, stands.state) == (2, State.REVIEWED)


@pytest.mark.parametrize("field", ["title", "short", "child", "more"])
def test_a_raw_number_is_refused_with_the_button_that_writes_it(office: Office, field: str) -> None:
    library = fill(office)
    mai = office.person("mai", "editor")
    page = library.save(mai, "shelter.what", **{field: f"Cứ gọi {NUMBER} nhé."})
    assert page.status_code == 400
    (fault,) = faults_of(page.text, field)
    button = words.name_of(hotlines.load()["child_line"])
    assert f"số {NUMBER}" in fault and f"bấm nút “{button}”" in fault
    assert f'data-insert="{{child_line}}" data-into="f-short" title="{hotlines.load()["child_line"].name}"><b>{NUMBER}</b>' in page.text
    assert button == f"{NUMBER} {hotlines.load()['child_line'].short_name}"
    assert library.stands("shelter.what").newest.version == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"Gọi {hotlines.load()['wrong_province_line'].number}.", "số in nhầm"),
        ("Gọi 0203 3999 888 gặp cô.", "Số 0203 3999 888 không có trong danh bạ"),
        ("Gọi +84 900 000 000.", "không có trong danh bạ"),
        ("Gọi 1800 1769.", "bấm nút “18001769"),
        ("Gọi {mother_line}.", "Không có số nào tên là {mother_line}"),
        ("Gọi {office_line}.", "không dùng nữa"),
        ("Bạn hỏi Phòng Lao động nhé.", "nơi không còn nữa"),
        ("a" * 601, "601/600"),
    ],
)
def test_rules_of_the_content_are_said_in_plain_words(office: Office, text: str, said: str) -> None:
    library = fill(office)
    page = library.save(office.person("mai", "editor"), "shelter.what", short=text)
    assert page.status_code == 400
    (fault,) = faults_of(page.text, "short")
    assert said in fault and value_of(page.text, "short") == text


EMPTY = {
    "title": "Tên mục dài từ 3", "topic": "chọn chủ đề", "questions": "ít nhất một câu hỏi", "short": "Cần có câu trả lời ngắn",
    "as_of": "ghi ngày", "review_by": "ghi ngày",
}  # fmt: skip


def test_every_missing_field_is_said_at_once_and_nothing_typed_is_lost(office: Office) -> None:
    library = fill(office)
    mai = office.person("mai", "editor")
    kept = {"child": "Lời cho <b>trẻ</b> & em.\n\nĐoạn hai.", "more": "Phần kỹ.", "section_1": "Điều 9", "source_1": "", "readings": "một\nhai"}
    page = library.save(mai, script=False, **dict.fromkeys(EMPTY, " "), audience_adult="", **kept, note="nhớ hỏi lại", related_1="Không có mục này")
    assert page.status_code == 400
    for name, said in EMPTY.items():
        assert said in faults_of(page.text, name)[0], name
    assert "ít nhất một nhóm" in faults_of(page.text, "audience")[0]
    assert faults_of(page.text, "citations") == ["Có mục “Điều 9” nhưng chưa chọn văn bản."]
    assert "“Không có mục này”" in faults_of(page.text, "related")[0]
    for name in ("child", "more", "section_1", "readings"):
        assert value_of(page.text, name) == kept[name]
    assert (value_of(page.text, "note"), value_of(page.text, "related_1")) == ("nhớ hỏi lại", "Không có mục này")
    assert "còn 9 chỗ cần sửa" in page.text
    assert library.ids() == {one.id for one in ENTRIES}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"review_by": "2024-01-01"}, "review_by", "phải sau ngày"),
        ({"review_by": "31/02/2027"}, "review_by", "ghi ngày"),
        ({"validity": "superseded"}, "replaced_by", "cái thay là gì"),
        ({"validity": "conflict", "readings": "một cách"}, "readings", "ít nhất hai cách nói"),
        ({"validity": "nonsense"}, "validity", "trong danh sách"),
        ({"title": "Mấy tuổi học bơi"}, "title", "giống tên của mục"),
        ({"title": "MAY TUOI hoc boi"}, "title", "giống tên của mục"),
        ({"title": "x" * 161}, "title", "từ 3 đến 160"),
        ({"questions": "q" * 201}, "questions", "không quá 200"),
        ({"source_1": "999/2099/NĐ-CP"}, "citations", "không có trong danh mục"),
        ({"source_1": "nghị"}, "citations", "chưa chỉ rõ một văn bản. Có phải"),
    ],
)
def test_what_cannot_be_saved(office: Office, changes: dict[str, str], field: str, said: str) -> None:
    library = fill(office)
    library.content.sources["x"] = library.content.sources["nd-56-2017"].copy(update={"id": "x", "cite": "Nghị định 1", "number": "1"})  # type: ignore[index]
    page = library.save(office.person("mai", "editor"), "shelter.what", **changes)
    assert page.status_code == 400
    assert said in faults_of(page.text, field)[0]
    assert library.stands("shelter.what").newest.version == 1


def test_a_question_of_another_entry_is_refused_in_its_topic_and_warned_of_elsewhere(office: Office) -> None:
    library = fill(office, entry("shelter.stay", title="Ở lại bao lâu", questions=["ở lại bao lâu"]))
    mai = office.person("mai", "editor")
    page = library.save(mai, "shelter.what", questions="tạm lánh là gì\nO LAI bao lau a")
    assert page.status_code == 400 and "đã có ở mục “Ở lại bao lâu”" in faults_of(page.text, "questions")[0]
    assert library.save(mai, "shelter.what", questions="tạm lánh là gì\nmấy tuổi học bơi").status_code == 200
    page = mai.get("/knowledge/entry/shelter.what")
    assert "đã có ở mục “Mấy tuổi học bơi”" in texts(page.text), "a warning stands beside the draft"


def test_sources_are_found_by_number_or_title(office: Office) -> None:
    sources = fill(office).content.sources
    for text in ("56/2017/NĐ-CP", "nd-56-2017", "về 56/2017", "Ve 56/2017/nd-cp"):
        assert form.source_id(text, sources) == "nd-56-2017", text
    assert form.source_id("về", sources) is None and form.source_id("Luật 1", sources) is None


def test_entries_are_chosen_by_title_and_days_in_both_ways_of_writing(office: Office) -> None:
    library = fill(office)
    mai = office.person("mai", "editor")
    answer = library.save(
        mai, "shelter.what", related_1="may tuoi hoc boi", validity="superseded", replaced_by="Gọi số nào khi trẻ bị đánh",
        as_of="1/11/2026", review_by="1-5-2027", questions="• tạm lánh là gì\n- nha tam lanh\n\nnha tam lanh",
    )  # fmt: skip
    assert answer.status_code == 200
    kept = library.stands("shelter.what").newest.entry
    assert (kept.related, kept.replaced_by, kept.validity) == (("swim_class.age",), "hotline.child_line", Validity.SUPERSEDED)
    assert (kept.as_of, kept.review_by) == (date(2026, 11, 1), date(2027, 5, 1))
    assert kept.questions == ("tạm lánh là gì", "nha tam lanh")


def test_the_form_of_an_entry_makes_the_same_entry(office: Office) -> None:
    library = fill(office)
    full = changed(
        SHELTER, child="Em ơi.", more="Kỹ hơn.", validity="conflict", readings=["một", "hai"], related=["swim_class.age", "hotline.child_line"],
        replaced_by="chưa rõ", audience=["child", "official"], citations=[{"source": "nd-56-2017"}, {"source": "nq-1679-2025", "section": "Điều 1"}],
    )  # fmt: skip
    titles = {one.id: one.title for one in ENTRIES}
    typed = form.of_entry(full, library.content.sources, titles, 1)
    made = form.make(typed, full, frozenset(), library.content.sources, titles)
    assert made.faults == () and made.entry is not None
    assert {**made.entry.dict(), "audience": set(made.entry.audience)} == {**full.dict(), "audience": set(full.audience)}


def test_every_entry_of_the_product_goes_through_the_form_unchanged_and_free_of_errors() -> None:
    from kb import content

    own = content.read()
    titles = {one.id: one.title for one in own.entries}
    for one in own.entries:
        typed = form.of_entry(one, own.sources, titles, 1)
        made = form.make(typed, one, frozenset(), own.sources, titles)
        assert made.entry is not None, (one.id, made.faults)
        assert made.entry.dict() | {"audience": 0} == one.dict() | {"audience": 0}, one.id
        assert set(made.entry.audience) == set(one.audience)


def test_every_rule_has_its_sentence() -> None:
    sources = Path(validate.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'_Fault\(\s*(?:"\w+"|field), "(\w+)"', sources)) | set(re.findall(r'faults\.append\(\("(\w+)"', sources))
    assert len(codes) >= 14 and codes <= set(words.FAULTS)


def test_ids_are_short_and_never_used_twice() -> None:
    taken = frozenset({"swim_class.do_boi", "swim_class.do_boi_2"})
    assert form.new_id("swim_class", "Đồ bơi!", taken) == "swim_class.do_boi_3"
    assert form.new_id("swim_class", "☀☀☀", taken) == "swim_class.muc"
    long = form.new_id("child_friendly_commune", "rất dài " * 20, frozenset())
    assert len(long) <= form.MOST_ID and re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", long)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [(date(2026, 11, 23), 6, date(2027, 5, 23)), (date(2026, 8, 31), 6, date(2027, 2, 28)), (date(2026, 12, 1), 12, date(2027, 12, 1))],
)
def test_months_on(day: date, months: int, then: date) -> None:
    assert months_on(day, months) == then


# two at once


def test_the_second_to_save_is_told_and_sees_both_texts(office: Office) -> None:
    library = fill(office)
    mai, tuan = office.person("mai", "editor"), office.person("tuan", "editor")
    opened = library.fields("shelter.what")
    assert library.save(mai, "shelter.what", short="Tạm lánh là nơi ở yên tâm ít ngày.").status_code == 200
    page = tuan.post("/knowledge/entry/shelter.what/save", script=True, **(opened | {"short": "Tạm lánh là nơi ở an toàn vài hôm."}))
    assert page.status_code == 409
    assert "Mai vừa lưu bản 2" in texts(page.text) and value_of(page.text, "short") == "Tạm lánh là nơi ở an toàn vài hôm."
    assert "<del>yên tâm ít ngày</del><ins>an toàn vài hôm</ins>" in page.text
    assert library.stands("shelter.what").newest.entry.short == "Tạm lánh là nơi ở yên tâm ít ngày.", "nothing overwritten"
    again = {**opened, "short": "Tạm lánh là nơi ở an toàn, yên tâm vài hôm.", "base": value_of(page.text, "base")}
    assert tuan.post("/knowledge/entry/shelter.what/save", script=True, **again).status_code == 200
    assert [one.entry.short for one in library.versions("shelter.what")] == [
        "Tạm lánh là nơi ở an toàn, yên tâm vài hôm.", "Tạm lánh là nơi ở yên tâm ít ngày.", SHELTER.short,
    ]  # fmt: skip


def test_two_new_entries_of_one_name_are_not_two(office: Office) -> None:
    library = fill(office)
    mai, tuan = office.person("mai", "editor"), office.person("tuan", "editor")
    assert library.save(mai).status_code == 200
    page = library.save(tuan)
    assert page.status_code == 400 and "giống tên của mục" in faults_of(page.text, "title")[0]


# preview


def preview(person: object, fields: dict[str, str]) -> str:
    answer = person.post("/knowledge/preview", script=True, **fields)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return str(answer.text)


def bubbles(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<div class="said">(.*?)</div>', page, re.S)]


def test_the_preview_shows_adult_and_child_what_the_sender_gets(office: Office) -> None:
    library = fill(office)
    page = preview(office.person("mai", "editor"), library.fields("hotline.child_line", short="Gọi {child_line} ngay.\nMiễn phí.\n\nNgày đêm."))
    more = f"Tổng đài nghe cả ngày đêm. Ở Quảng Ninh còn có {hotlines.number('province_line')}."
    assert bubbles(page) == [f"Gọi {NUMBER} ngay. Miễn phí.\n\nNgày đêm.", more, f"Em gọi {NUMBER} nhé.", more]
    assert re.findall(r'class="chip">([^<]*)<', page)[:2] == ["Xem thêm", SHELTER.title]
    assert "56/2017/NĐ-CP, Điều 25 khoản 1" in page
    assert library.stands("hotline.child_line").newest.version == 1, "a preview keeps nothing"


@pytest.mark.parametrize("short", ["", "{", "{}", "{no_such} {child_line}", "{office_line}", "<script>alert(1)</script>", "}{", "{{child_line}}"])
def test_a_preview_never_breaks_while_one_writes(office: Office, short: str) -> None:
    library = fill(office)
    mai = office.person("mai", "editor")
    page = preview(mai, library.fields("shelter.what", short=short, child=short, more=short, title="", review_by="", source_1="?"))
    assert "<script>" not in page
    page = preview(mai, {"topic": "", "short": short})
    assert 'data-fault-of="title"' in page
    assert hotlines.load()["office_line"].number not in page


def test_the_preview_counts_as_the_rules_do(office: Office) -> None:
    library = fill(office)
    page = preview(office.person("mai", "editor"), library.fields("shelter.what", short="Gọi {child_line}.", child="a" * 601))
    assert 'data-length-of="short">8/600<' in page and 'data-length-of="child" class="over">601/600<' in page
    assert 'data-fault-of="child" class="fault bad"' in page


def test_a_form_goes_on_from_what_is_pending_or_from_an_older_version(office: Office) -> None:
    library = fill(office)
    library.write(changed(SHELTER, short="Nháp."), base=1)
    mai = office.person("mai", "editor")
    page = mai.get("/knowledge/entry/shelter.what/edit").text
    assert (value_of(page, "short"), value_of(page, "base")) == ("Nháp.", "2")
    page = mai.get("/knowledge/entry/shelter.what/edit?from=1").text
    assert (value_of(page, "short"), value_of(page, "base")) == (SHELTER.short, "2")
    assert mai.get("/knowledge/entry/shelter.what/edit?from=9").status_code == 404
