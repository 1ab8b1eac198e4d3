"""Versions side by side, word by word."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.knowledge import differences
from desk.knowledge.differences import Piece, compare
from kb.store import State
from tests.desk.conftest import Office
from tests.desk.library import ENTRIES, changed, fill, texts

SHELTER = ENTRIES[1]


@pytest.mark.parametrize(
    ("first", "second", "pieces"),
    [
        ("", "", []),
        ("mới", "mới", [("same", "mới")]),
        ("", "mới", [("new", "mới")]),
        ("Trẻ từ 6 tuổi.", "Trẻ từ 7 tuổi.", [("same", "Trẻ từ "), ("gone", "6"), ("new", "7"), ("same", " tuổi.")]),
        ("nơi ở yên tâm", "nơi ở an toàn", [("same", "nơi ở "), ("gone", "yên tâm"), ("new", "an toàn")]),
        ("Gọi {child_line}.", "Gọi {police}.", [("same", "Gọi "), ("gone", "{child_line}"), ("new", "{police}"), ("same", ".")]),
    ],
)
def test_words_are_compared_as_wholes(first: str, second: str, pieces: list[tuple[str, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in compare(first, second)] == pieces


@given(st.text(alphabet="ab ă{}.\n_", max_size=40), st.text(alphabet="ab ă{}.\n_", max_size=40))
def test_both_texts_are_in_the_pieces(first: str, second: str) -> None:
    pieces = compare(first, second)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == first
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == second


def test_only_fields_that_differ_are_shown_in_an_editors_words(office: Office) -> None:
    library = fill(office)
    other = changed(SHELTER, review_by="2027-09-01", related=["swim_class.age"], citations=[{"source": "nq-1679-2025"}], audience=["child"])
    found = differences.between(SHELTER, other, library.content.sources, {"swim_class.age": "Mấy tuổi học bơi"})
    assert [one.label for one in found] == ["Dành cho", "Nguồn", "Xem lại trước ngày", "Mục liên quan"]
    assert found[2].pieces == (Piece("gone", "31/3/2027"), Piece("new", "01/9/2027"))
    assert found[3].pieces == (Piece("new", "Mấy tuổi học bơi"),)
    assert differences.between(SHELTER, SHELTER, library.content.sources, {}) == []


def test_the_history_compares_any_two_versions(office: Office) -> None:
    library = fill(office)
    mai, tuan = office.person("mai", "editor"), office.person("tuan", "editor")
    library.save(mai, "shelter.what", short="Tạm lánh là nơi ở vài ngày.", note="Ngắn lại", act="submit")
    library.act(tuan, "shelter.what", "publish")
    library.save(tuan, "shelter.what", short="Tạm lánh là nơi ở vài tuần.")
    page = mai.get("/knowledge/entry/shelter.what/history").text
    shown = texts(page)
    for words in ("Bản 3 Bản nháp Tuan", "Bản 2 Đang dùng Mai", "Ngắn lại", "Bản 1 Đã được thay Tệp nội dung", "Từ bản 2 đến bản 3"):
        assert words in shown, words
    assert "<del>ngày</del><ins>tuần</ins>" in page
    page = mai.get("/knowledge/entry/shelter.what/history?left=1&right=2").text
    assert "<del>an toàn ít</del><ins>vài</ins>" in page and "Quay lại bản 1" in page
    assert "Hai bản giống nhau" in mai.get("/knowledge/entry/shelter.what/history?left=3&right=3").text
    assert mai.get("/knowledge/entry/shelter.what/history?left=99&right=x").status_code == 200
    assert mai.get("/knowledge/entry/nothing.here/history").status_code == 404


def test_what_became_of_each_version(office: Office) -> None:
    library = fill(office)
    library.write(changed(SHELTER, short="a."))
    library.write(changed(SHELTER, short="b."), State.PUBLISHED)
    library.write(changed(SHELTER, short="c."), State.DROPPED)
    library.write(changed(SHELTER, short="d."), State.RETIRED)
    library.write(changed(SHELTER, short="e."), State.REVIEWED)
    page = office.person("mai", "editor").get("/knowledge/entry/shelter.what/history").text
    states = re.findall(r"<b>Bản (\d)</b></td>\s*<td>([^<]*)<", page)
    assert states == [("6", "Chờ duyệt"), ("5", "Ngừng dùng"), ("4", "Đã bỏ"), ("3", "Đang dùng"), ("2", "Nháp, đã có bản mới hơn"), ("1", "Đã được thay")]
