"""Documents into drafts: sections with their page, nothing published, nothing lost, nothing twice."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from helpline.clock import MovableClock
from helpline.db import Database
from helpline.tables import audit, kb_entry
from kb import store
from kb.content import Content
from kb.importing import documents, drafts
from kb.importing.batches import Batch, Outcome
from kb.importing.documents import Section
from kb.importing.errors import BatchGone, FileRefused
from kb.schema import Validity
from kb.store import State, load_content
from kb.validate import MORE_MOST, SHORT_MOST
from tests.kb.files import pdf, with_member, word

ACTOR = "staff:1"
SOURCE = "nd-56-2017"
DECREE = (
    "CHÍNH PHỦ",
    "NGHỊ ĐỊNH",
    "Căn cứ Luật Trẻ em;",
    "Chương I",
    "QUY ĐỊNH CHUNG",
    "Điều 1. Phạm vi điều chỉnh",
    "Nghị định này quy định chi tiết một số",
    "Điều 5 của Luật Trẻ em về bảo vệ trẻ em.",
    "Điều 2. Đối tượng áp dụng",
    "Cơ quan, tổ chức, cá nhân.",
    "Chương II",
    "BẢO VỆ TRẺ EM",
    "Mục 1. HỖ TRỢ",
    "Điều 3. Trách nhiệm",
    "1. Ủy ban nhân dân cấp xã lo việc này.",
    "2. Công an phối hợp.",
    "Nơi nhận:",
    "- Như Điều 3;",
    "Phụ lục I. MẪU BÁO CÁO",
    "Tên trẻ, ngày sinh, nơi ở hiện nay.",
)


def parts(*lines: str) -> list[tuple[str, str]]:
    return [(one.path, one.text) for one in documents.sections(documents.read("\n".join(lines).encode()))]


def paths(*lines: str) -> list[str]:
    return [path for path, _ in parts(*lines)]


# sections


def test_a_decree_is_taken_apart_by_its_articles() -> None:
    found = documents.sections(documents.read("\n".join(DECREE).encode()))
    assert [one.path for one in found] == ["Điều 1", "Điều 2", "Điều 3", "Phụ lục I"]
    assert found[0].heading == "Phạm vi điều chỉnh"
    assert "Điều 5 của Luật Trẻ em" in found[0].text
    assert found[2].text == "1. Ủy ban nhân dân cấp xã lo việc này.\n2. Công an phối hợp."
    assert found[3].heading == "MẪU BÁO CÁO" and not any("Như Điều 3" in one.text for one in found)


def test_a_long_article_is_taken_clause_by_clause_with_the_words_before() -> None:
    long = "một việc cần làm cho trẻ em " * 30
    found = parts("Điều 4. Mức phạt", "Phạt tiền với:", f"1. {long}", f"2. {long}", "a) điểm a;", f"2a. {long}", f"4. {long}")
    assert [path for path, _ in found] == ["Điều 4 khoản 1", "Điều 4 khoản 2", "Điều 4 khoản 2a"]
    assert all(text.startswith("Phạt tiền với:\n") for _, text in found)
    assert "a) điểm a;" in found[1][1] and "4. một việc" in found[2][1]  # 4 does not follow 2: it is text


def test_a_letter_is_taken_apart_by_its_numbers() -> None:
    found = paths(
        "I. Mục tiêu", "Nâng cao nhận thức.", "II. Nhiệm vụ", "1. Tuyên truyền", "Làm tại xã.", "2. Hỗ trợ trẻ em", "2.1. Trẻ mồ côi",
        "Chăm sóc ngay.", "2.2. Trẻ khuyết tật", "Chăm sóc ngay.", "2024. là năm", "Phụ lục 03 kèm theo công văn", "Phụ lục 03", "A. Mô hình", "I. Lớp bơi",
        "1. Ở xã", "Dạy bơi cho trẻ.",
    )  # fmt: skip
    assert found == ["mục I", "mục II.1", "mục II.2.1", "mục II.2.2", "Phụ lục 03 A.I.1"]


def test_articles_that_begin_again_are_those_of_what_is_enclosed() -> None:
    found = paths("Điều 1. Ban hành Quy chế", "Điều 2. Hiệu lực", "Nơi nhận:", "QUY CHẾ", "Chương I", "Điều 1. Phạm vi", "Điều 2. Nguyên tắc")
    assert found == ["Điều 1", "Điều 2", "văn bản kèm theo, Điều 1", "văn bản kèm theo, Điều 2"]


def test_a_quoted_article_is_no_section() -> None:
    assert paths("Điều 5. Sửa đổi", "Sửa như sau:", "“Điều 9. Tên mới", "Điều 3. Cũ", "Nội dung.”", "Điều 6. Hiệu lực", "Từ hôm nay.") == ["Điều 5", "Điều 6"]


def test_a_text_without_headings_is_one_section() -> None:
    assert parts("Thông báo về lớp học bơi cho trẻ em toàn phường.") == [
        ("toàn văn", "Thông báo về lớp học bơi cho trẻ em toàn phường.")
    ]


@given(st.lists(st.sampled_from([*DECREE, "", "1. a", "Khoản 2. b", "I. c", "A. d", "Phụ lục 2", "Điều 1a. e", "x" * 300]), max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_line_under_a_heading_is_lost_or_told_twice(lines: list[str]) -> None:
    marked = [f"{line} dấu{number}." if line else line for number, line in enumerate(lines)]
    pieces = [documents.Piece(line) for line in marked if line]
    told = "\n".join(f"{one.heading}\n{one.text}" for one in documents.sections(pieces))
    for number, line in enumerate(marked):
        assert len(re.findall(rf"dấu{number}\b", told)) <= 2, line  # a title may stand in heading and text
    assert all(one.text.strip() and one.path for one in documents.sections(pieces))


# files


def test_a_pdf_tells_its_pages() -> None:
    head, foot = "CÔNG BÁO", "- {} -"
    pages = [
        [head, "Điều 1. Phạm vi điều chỉnh", "Nghị định này quy định về bảo vệ", "trẻ em.", foot.format(1)],
        [head, "Điều 2. Đối tượng áp dụng", "Mọi trẻ em.", foot.format(2)],
        [head, "Điều 3. Nguyên tắc", "Vì lợi ích tốt nhất của", foot.format(3)],
        [head, "trẻ em trước hết.", foot.format(4)],
    ]
    found = documents.sections(documents.read(pdf(*pages)))
    assert [(one.path, one.page) for one in found] == [("Điều 1", 1), ("Điều 2", 2), ("Điều 3", 3)]
    assert found[0].text == "Nghị định này quy định về bảo vệ trẻ em."
    assert found[2].text == "Vì lợi ích tốt nhất của trẻ em trước hết." and not any(head in one.text for one in found)


def test_a_word_file_tells_its_pages_where_it_has_breaks(tmp_path: Any) -> None:
    document = docx.Document()
    document.add_paragraph("Điều 1. Phạm vi điều chỉnh")
    document.add_paragraph("Bảo vệ trẻ em trên địa bàn.")
    document.add_page_break()
    document.add_paragraph("Điều 2. Đối tượng")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Trẻ em", "dưới 16 tuổi"
    document.save(tmp_path / "a.docx")
    found = documents.sections(documents.read((tmp_path / "a.docx").read_bytes()))
    assert [(one.path, one.page) for one in found] == [("Điều 1", 1), ("Điều 2", 2)]
    assert found[1].text == "Trẻ em | dưới 16 tuổi"
    (one, *_) = documents.sections(documents.read(word(*DECREE)))
    assert one.page is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "trống"),
        (pdf([" "]), "bản quét"),
        (b"%PDF-1.4 nonsense", "Không đọc được tệp PDF"),
        (pdf(["Điều 1. Một điều có chữ đọc được"])[:-400], "PDF|bản quét"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 50, "đời cũ"),
        (b"PK\x03\x04 broken", "hỏng"),
        (with_member(word("Điều 1. A"), "word/document.xml", b"<w:document"), "Không mở được"),
        (with_member(word("Điều 1. A"), "word/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]>'), "khai báo lạ"),
        ("§iÒu 1. Ph¹m vi ®iÒu chØnh cña nghÞ ®Þnh nµy\n".encode() * 3, "bảng mã"),
        (b"x" * (5 * 1024 * 1024 + 1), "lớn hơn 5 MB"),
        (b"a b", "không có chữ"),
    ],
)
def test_a_file_that_is_no_document_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        documents.read(data)


# drafts


class Desk:
    def __init__(self, db: Database, clock: MovableClock, content: Content) -> None:
        self.db, self.clock, self.content = db, clock, content

    def check(self, *lines: str, source: str = SOURCE, topic: str | None = None) -> Batch:
        data = "\n".join(lines or DECREE).encode()
        return drafts.check(self.db, self.content, "nghị định.txt", data, source, ACTOR, self.clock.now(), topic)

    def load(self, batch: Batch, only_right: bool = False) -> Outcome:
        with self.db.write() as tx:
            return drafts.load(tx, batch.id, ACTOR, self.clock.now(), only_right=only_right)

    def undo(self, batch: Batch) -> tuple[int, int]:
        with self.db.write() as tx:
            return drafts.undo(tx, batch.id, ACTOR, self.clock.now())

    def versions(self) -> list[Any]:
        with self.db.read() as tx:
            return list(tx.execute(select(kb_entry).where(kb_entry.c.origin == "desk").order_by(kb_entry.c.id)).all())


@pytest.fixture
def desk(db: Database, clock: MovableClock, own: Content) -> Desk:
    return Desk(db, clock, own)


def test_each_section_becomes_a_draft_with_what_it_cites(desk: Desk) -> None:
    outcome = desk.load(desk.check(topic="child_rights"))
    assert outcome.new == 4
    rows = desk.versions()
    assert {row.state for row in rows} == {State.DRAFT.value}
    body = rows[0].body
    assert body["id"] == "child_rights.nd_56_2017_dieu_1" and body["title"] == "56/2017/NĐ-CP, Điều 1: Phạm vi điều chỉnh"
    assert body["citations"] == [{"source": SOURCE, "section": "Điều 1"}] and body["validity"] == Validity.UNCONFIRMED.value
    assert body["review_by"] == "2027-02-21" and body["facts"] == ["Điều 1"]
    assert rows[0].note == "Nhập từ tệp nghị định.txt: Điều 1"


def test_a_draft_tells_its_page(own: Content) -> None:
    (one,) = drafts.made([Section("Điều 9", "", "Nội dung.", 12)], own.sources[SOURCE], "child_rights", date(2026, 11, 23))
    assert one.where == "Điều 9, trang 12" and one.entry.facts == ("Điều 9, trang 12",)
    assert one.entry.citations[0].section == "Điều 9"


def test_nothing_is_published_whatever_stands_there(desk: Desk, own: Content, clock: MovableClock) -> None:
    load_content(desk.db, clock, own)
    with desk.db.read() as tx:
        before, revision = store.published(tx), store.revision(tx)
    desk.load(desk.check())
    with desk.db.read() as tx:
        assert store.published(tx) == before and store.revision(tx) == revision


def test_a_repeat_makes_no_second_draft_even_later(desk: Desk, clock: MovableClock) -> None:
    batch = desk.check()
    desk.load(batch)
    assert desk.load(batch).loaded and len(desk.versions()) == 4
    clock.move(timedelta(days=30))
    again = desk.check()
    assert (again.report.count("same"), again.report.changes) == (4, ())
    assert desk.load(again).new == 0 and len(desk.versions()) == 4


def test_a_changed_section_does_not_go_over_somebodys_draft(desk: Desk, clock: MovableClock) -> None:
    desk.load(desk.check())
    changed = [line.replace("Công an phối hợp", "Công an chủ trì") for line in DECREE]
    batch = desk.check(*changed)
    (fault,) = batch.report.refusals
    assert fault.column == "Điều 3" and "bản nháp khác" in fault.wrong
    assert not desk.load(batch).loaded and len(desk.versions()) == 4
    with desk.db.write() as tx:
        store.drop(tx, desk.versions()[2].entry_id, 1, ACTOR, clock.now())
    assert desk.load(batch).new == 1


def test_undo_drops_the_drafts_that_nobody_has_touched(desk: Desk, clock: MovableClock) -> None:
    batch = desk.check()
    desk.load(batch)
    first = desk.versions()[0]
    with desk.db.write() as tx:
        store.move(tx, first.entry_id, 1, State.REVIEWED, "staff:2", clock.now())
    assert desk.undo(batch) == (3, 1)
    assert [row.state for row in desk.versions()] == ["reviewed", "dropped", "dropped", "dropped"]
    with pytest.raises(BatchGone):
        desk.undo(batch)
    again = desk.check()
    assert again.report.count("new") == 3 and desk.load(again).new == 3


def test_undo_leaves_an_older_draft_of_the_same_id(desk: Desk, clock: MovableClock) -> None:
    first = desk.check()
    desk.load(first)
    second = desk.check()
    desk.load(second)
    assert desk.undo(second) == (0, 0) and {row.state for row in desk.versions()} == {"draft"}


def test_too_many_drafts_are_refused_as_a_whole(desk: Desk) -> None:
    lines = [line for n in range(1, 202) for line in (f"Điều {n}. Tên", "Nội dung của điều này.")]
    with pytest.raises(FileRefused, match="201 bản nháp, tối đa 200"):
        desk.check(*lines)
    assert desk.check(*lines[:-2]).report.count("new") == 200


def test_a_source_that_is_not_listed_is_refused(desk: Desk) -> None:
    with pytest.raises(FileRefused, match="Không có nguồn “nd-0-1900”"):
        desk.check(source="nd-0-1900")
    with pytest.raises(FileRefused, match="Không có chủ đề"):
        desk.check(topic="cooking")


def test_no_number_comes_in_with_a_document(desk: Desk) -> None:
    desk.load(desk.check("Điều 1. Đường dây", "Gọi 1900 1769 hoặc 18001769, hoặc 0203.3812345 trước 01/7/2025 {child_line}."))
    body = desk.versions()[0].body
    assert body["short"] == "Gọi (số in nhầm hoặc đã bỏ) hoặc {province_line}, hoặc (số điện thoại ghi trong văn bản) trước 01/7/2025 (child_line)."


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("aăâb .;\n1"), min_size=1, max_size=9000).filter(lambda text: text.strip()))
def test_a_long_section_becomes_several_drafts_and_no_word_is_lost(own: Content, text: str) -> None:
    made = drafts.made([Section("Điều 1", "", text)], own.sources[SOURCE], "documents", date(2026, 11, 23))
    assert all(len(one.entry.short) <= SHORT_MOST and len(one.entry.more or "") <= MORE_MOST for one in made)
    assert len({one.entry.id for one in made}) == len(made)
    joined = "".join(one.entry.short + (one.entry.more or "") for one in made)
    assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", text)


def test_long_names_still_make_ids_of_their_own(own: Content) -> None:
    sections = [Section(f"Phụ lục {'I' * 90} mục {n}", "", "a b c") for n in (1, 2)]
    made = drafts.made([*sections, sections[0]], own.sources[SOURCE], "child_friendly_commune", date(2026, 11, 23))
    assert len({one.entry.id for one in made}) == 3 and all(len(one.entry.id) <= 96 for one in made)


def test_every_step_leaves_its_trace(desk: Desk) -> None:
    batch = desk.check()
    desk.load(batch)
    desk.undo(batch)
    with desk.db.read() as tx:
        rows = tx.execute(select(audit.c.action, audit.c.object_id).where(audit.c.object_type == "import")).all()
    assert [tuple(row) for row in rows] == [(f"import.{act}", str(batch.id)) for act in ("check", "load", "undo")]
