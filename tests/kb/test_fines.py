from __future__ import annotations

import pytest

from kb.content import Content
from kb.errors import ContentError
from kb.fines import FineTable


@pytest.fixture(scope="module")
def table(own: Content) -> FineTable:
    return FineTable(own.penalties, own.sources)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("chồng đánh vợ bị phạt bao nhiêu", ["dv-beating"]),
        ("chong danh vo phat bn tien", ["dv-beating"]),
        ("bố dượng lấy gậy đánh con riêng phạt mấy triệu", ["dv-mistreat", "dv-beating"]),
        ("ép con học quá sức có bị phạt không", ["dv-forced-study"]),
        ("giữ lương của vợ thì mức phạt thế nào", ["dv-economic"]),
        ("thầy giáo đánh học sinh thì phạt bao nhiêu", ["child-current"]),
        ("hang xom chui chau toi phat bao nhieu", ["child-current"]),
        ("bạo hành trẻ em phạt mấy triệu", ["child-current"]),
        ("bán thuốc lá cho trẻ em bị phạt bao nhiêu", ["child-banned-sale"]),
        ("cấm vợ đi làm phạt bao nhiêu", ["ge-income"]),
        ("phạt cao nhất là bao nhiêu", ["dv-maximum"]),
    ],
)
def test_the_act_is_found(table: FineTable, text: str, rows: list[str]) -> None:
    assert [row.id for row in table.asked(text)] == rows


@pytest.mark.parametrize(
    "text",
    ["chồng đánh vợ thì gọi ai", "phạt vượt đèn đỏ bao nhiêu", "phát tiền học bổng bao nhiêu", "cô giáo phạt con đứng góc lớp"],
)
def test_no_fine_is_told_that_nobody_asked_for(table: FineTable, text: str) -> None:
    assert table.asked(text) == []


def test_an_amount_comes_with_its_decree_its_day_and_what_else_may_follow(table: FineTable) -> None:
    text = "ép con học quá sức bị phạt bao nhiêu"
    told = table.tell(table.asked(text), text)
    assert told.startswith("Ép con học quá sức: phạt 5-10 triệu đồng với cá nhân (282/2025/NĐ-CP, từ 15/12/2025).")
    assert "buộc xin lỗi công khai" in told and "hình sự" in told and "113" in told and "gấp đôi" not in told


def test_an_organisation_pays_twice_where_the_decree_says_so(table: FineTable) -> None:
    of_family, of_marriage = "công ty kiểm soát thu nhập của vợ thì phạt bao nhiêu", "cơ quan tổ chức tảo hôn phạt bao nhiêu"
    assert "gấp đôi" in table.tell(table.asked(of_family), of_family)
    assert "gấp đôi" not in table.tell(table.asked(of_marriage), of_marriage)


def test_where_no_amount_was_found_none_is_given_and_it_is_said(table: FineTable) -> None:
    told = table.tell(table.asked("cô giáo đánh cháu bé phạt bao nhiêu"))
    assert "chưa tìm thấy" in told and "98/2026/NĐ-CP" in told and "triệu" not in told and "111" in told


def test_what_is_unconfirmed_is_said_to_be(table: FineTable) -> None:
    assert "chưa xác nhận" in table.tell(table.asked("tảo hôn phạt bao nhiêu"))


def test_old_rows_are_never_told(table: FineTable, own: Content) -> None:
    old = {row.id for row in own.penalties if row.validity.value == "superseded"}
    assert len(old) >= 5 and not old & set(table._rows)


def test_a_pattern_that_cannot_be_read_is_named(own: Content) -> None:
    wrong = own.penalties[0].copy(update={"asked": ("(danh",)})
    with pytest.raises(ContentError, match=f"{wrong.id}: asked"):
        FineTable([wrong], own.sources)
